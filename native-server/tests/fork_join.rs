//! `fork-join` on real sockets: who runs the parts of a request, and what becomes of those that fail,
//! hang, or are waited for.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use native_server::http::{Request, Response, Status};
use native_server::options::Options;
use native_server::site::{Answer, BookSite, Site, Tree};
use scheduler_model::scenario::Ranged;
use scheduler_model::{
    Decision, EventKind, Machine, Model, NodeId, RequestId, RouteId, Trace, WorkerId, replay,
};
use support::served::Server;
use support::{Client, counted, options, place, read_trace, wait_until};

/// Paths that are trees, as a test makes them; any other path answers at once.
struct Trees<F>(F);

impl<F: Fn(&str) -> Option<Tree> + Send + Sync + 'static> Site for Trees<F> {
    fn route(&self, _path: &str) -> Option<RouteId> {
        None
    }

    fn answer(&self, request: &Request<'_>) -> Answer {
        let answer = Answer::from(Response::new(Status::OK));
        match (self.0)(&request.path()) {
            Some(tree) => answer.with_tree(tree),
            None => answer,
        }
    }
}

/// A server with so many workers, and where its recording is.
fn serving(
    name: &str,
    workers: u64,
    trees: impl Fn(&str) -> Option<Tree> + Send + Sync + 'static,
) -> (Server, PathBuf) {
    let path = place(&format!("fork-join-{name}"));
    let options = Options {
        record: Some(path.clone()),
        observe: true,
        drain: Duration::from_secs(5),
        ..options(Model::ForkJoin, workers)
    };
    (Server::start(options, Arc::new(Trees(trees))).unwrap(), path)
}

/// The recording of a server that has stopped; the model accepts it.
fn recording((server, path): (Server, PathBuf)) -> Trace {
    server.handle().drain();
    server.wait().unwrap();
    let trace = read_trace(&path);
    let verdict = replay(&trace);
    assert!(verdict.conforms, "{:?}", verdict.first_difference);
    trace
}

fn machine_events(trace: &Trace) -> impl Iterator<Item = Machine> {
    trace.events.iter().filter_map(|event| match event.kind {
        EventKind::Machine(machine) => Some(machine),
        _ => None,
    })
}

/// The workers that ran something of a request.
fn workers_of(trace: &Trace, wanted: RequestId) -> BTreeSet<WorkerId> {
    let ran = trace.events.iter().filter_map(|event| match event.kind {
        EventKind::Decision(Decision::Assign { request, worker })
        | EventKind::Machine(Machine::Stolen { request, worker, .. })
            if request == wanted =>
        {
            Some(worker)
        }
        _ => None,
    });
    ran.collect()
}

/// As many leaves as workers, none of which ends before all of them run.
fn meeting(depth: u64) -> Tree {
    let barrier = Barrier::new(1 << depth);
    Tree::new(Ranged::clamped(depth), move |_| _ = barrier.wait())
}

/// Leaves that say that they run, and then wait to be let go.
fn holding() -> (impl Fn(u32) + Send + Sync + Clone + 'static, Receiver<u32>, SyncSender<()>) {
    let (running, seen) = sync_channel(64);
    let (permits, waiting) = sync_channel(64);
    let waiting = Arc::new(Mutex::new(waiting));
    let hold = move |leaf| {
        running.send(leaf).unwrap();
        let permit = waiting.lock().unwrap().recv_timeout(Duration::from_secs(20));
        permit.expect("the test lets it go");
    };
    (hold, seen, permits)
}

fn asking(server: &Server, path: &str) -> Client {
    let mut client = Client::new(server.address());
    client.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes());
    client
}

fn get(server: &Server, path: &str) -> u16 {
    Client::new(server.address()).get(path).unwrap().status
}

#[test]
fn idle_workers_run_the_parts_of_a_request_all_at_once() {
    let server = serving("meeting", 4, |path| (path == "/meet").then(|| meeting(2)));
    for _ in 0..20 {
        assert_eq!(get(&server.0, "/meet"), 200);
    }
    let trace = recording(server);
    assert_eq!(workers_of(&trace, RequestId(1)).len(), 4, "four leaves ran on four threads");
}

#[test]
fn a_tree_that_costs_cpu_time_is_shared_out_and_counted() {
    let path = place("fork-join-book");
    let options =
        Options { record: Some(path.clone()), observe: true, ..options(Model::ForkJoin, 4) };
    let site = BookSite::new(&options.scenario);
    let server = Server::start(options, Arc::new(site)).unwrap();
    let probe = server.probe();
    let steals = || counted(&probe.metrics().unwrap(), "native_server_steals_total");
    // A tree of 26 ms, one after the other: a computer that lets no idle thread run for as long as
    // that is asked again.
    let mut client = Client::new(server.address());
    let n_asked = (1..=20).find(|_| {
        assert_eq!(client.get("/fork?depth=8").unwrap().status, 200);
        steals() > 0
    });
    let (n_asked, counted) = (n_asked.expect("idle workers help"), steals());
    let trace = recording((server, path));
    let seen = |wanted: fn(&Machine) -> bool| machine_events(&trace).filter(wanted).count();
    assert_eq!(seen(|one| matches!(one, Machine::Pushed { .. })), n_asked * 255);
    assert_eq!(seen(|one| matches!(one, Machine::Stolen { .. })) as u64, counted);
    let last = workers_of(&trace, scheduler_model::RequestId(n_asked as u64));
    assert!(last.len() > 1, "more than one thread ran it");
}

#[test]
fn one_worker_runs_its_tree_alone() {
    let server = serving("alone", 1, |_| Some(Tree::new(Ranged::clamped(5), |_| {})));
    assert_eq!(get(&server.0, "/"), 200);
    let trace = recording(server);
    assert!(machine_events(&trace).all(|one| !matches!(one, Machine::Stolen { .. })));
    assert_eq!(machine_events(&trace).count(), 2 * 31, "each part pushed, each part popped");
}

/// Waits until so many workers wait for a thief.
fn wait_until_joining(server: &Server, n: u64) {
    let probe = server.probe();
    let joining = "native_server_workers{state=\"joining\"}";
    wait_until(|| counted(&probe.metrics().unwrap(), joining) == n);
}

/// Two leaves that run at once; the left one ends, the right one is held.
fn right_half_held(hold: impl Fn(u32) + Send + Sync + 'static) -> Tree {
    let barrier = Barrier::new(2);
    Tree::new(Ranged::of::<1>(), move |leaf| {
        barrier.wait();
        if leaf == 1 {
            hold(leaf);
        }
    })
}

#[test]
fn whoever_waits_for_a_thief_does_not_sleep_in_another_request() {
    let (hold_first, first_holds, let_first_go) = holding();
    let (hold_second, second_holds, let_second_go) = holding();
    let server = serving("own", 3, move |path| match path {
        "/first" => Some(right_half_held(hold_first.clone())),
        "/second" => Some(Tree::new(Ranged::of::<1>(), hold_second.clone())),
        _ => None,
    });
    let mut first = asking(&server.0, "/first");
    first_holds.recv_timeout(Duration::from_secs(20)).unwrap();
    wait_until_joining(&server.0, 1);
    // The third worker has the second request, whose right half lies in its deque.
    let mut second = asking(&server.0, "/second");
    second_holds.recv_timeout(Duration::from_secs(20)).unwrap();
    let_first_go.send(()).unwrap();
    assert_eq!(first.answer().unwrap().status, 200, "while the second one is held");
    // The first one's workers are free, and one of them takes that part now.
    second_holds.recv_timeout(Duration::from_secs(20)).unwrap();
    let_second_go.send(()).unwrap();
    let_second_go.send(()).unwrap();
    assert_eq!(second.answer().unwrap().status, 200);
    drop((first, second));
    let trace = recording(server);
    let joins = machine_events(&trace).filter(|one| matches!(one, Machine::JoinBegun { .. }));
    assert!(joins.count() >= 1);
}

#[test]
fn a_part_that_panics_fails_its_request_and_costs_no_worker() {
    silence_panics();
    let server = serving("panics", 4, |path| match path {
        "/meet" => Some(meeting(2)),
        path => {
            let panics: u32 = path.strip_prefix("/panic/")?.parse().ok()?;
            Some(Tree::new(Ranged::of::<4>(), move |leaf| {
                assert!(leaf != panics, "a leaf of the test panics");
            }))
        }
    });
    for leaf in 0..16 {
        assert_eq!(get(&server.0, &format!("/panic/{leaf}")), 500, "leaf {leaf}");
    }
    assert_eq!(get(&server.0, "/panic/16"), 200, "no such leaf");
    assert_eq!(get(&server.0, "/meet"), 200, "all four are there");
    recording(server);
}

#[test]
fn once_a_part_has_panicked_what_is_left_is_not_run() {
    silence_panics();
    let (ran, seen) = sync_channel(1024);
    let server = serving("left", 1, move |_| {
        let ran = ran.clone();
        Some(Tree::new(Ranged::of::<8>(), move |leaf| {
            ran.send(leaf).unwrap();
            assert!(leaf != 3, "a leaf of the test panics");
        }))
    });
    assert_eq!(get(&server.0, "/"), 500);
    recording(server);
    assert_eq!(seen.try_iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
}

#[test]
fn a_drain_waits_for_parts_that_others_run() {
    let (hold, holds, let_go) = holding();
    let server = serving("drain", 2, move |_| Some(right_half_held(hold.clone())));
    let mut client = asking(&server.0, "/");
    holds.recv_timeout(Duration::from_secs(20)).unwrap();
    wait_until_joining(&server.0, 1);
    server.0.handle().drain();
    let_go.send(()).unwrap();
    let answer = client.answer().unwrap();
    assert_eq!(answer.status, 200);
    recording(server);
}

#[test]
fn a_drain_ends_by_its_deadline_though_a_part_never_returns() {
    let (hold, holds, let_go) = holding();
    let path = place("fork-join-deadline");
    let options = Options {
        record: Some(path.clone()),
        drain: Duration::from_millis(100),
        ..options(Model::ForkJoin, 2)
    };
    let site = Trees(move |_: &str| Some(right_half_held(hold.clone())));
    let server = Server::start(options, Arc::new(site)).unwrap();
    let server = server.with_answers_unread("nobody can be answered in the middle of a tree");
    let client = asking(&server, "/");
    holds.recv_timeout(Duration::from_secs(20)).unwrap();
    recording((server, path));
    let_go.send(()).unwrap(); // the program would have ended
    drop(client);
}

#[test]
fn a_client_that_leaves_while_its_parts_run_costs_nothing_else() {
    let (hold, holds, let_go) = holding();
    let server = serving("gone", 4, move |path| match path {
        "/held" => Some(right_half_held(hold.clone())),
        _ => Some(meeting(2)),
    });
    let server = (server.0.with_answers_unread("clients leave"), server.1);
    for _ in 0..5 {
        let client = asking(&server.0, "/held");
        holds.recv_timeout(Duration::from_secs(20)).unwrap();
        let stream = client.stream();
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
        drop((client, stream));
        let_go.send(()).unwrap();
        assert_eq!(get(&server.0, "/meet"), 200);
    }
    recording(server);
}

#[test]
fn a_handler_that_sleeps_after_its_tree_holds_one_worker_only() {
    let path = place("fork-join-sleep");
    let options = Options { record: Some(path.clone()), ..options(Model::ForkJoin, 4) };
    let site = Sleepy(Arc::new(|| meeting(2)));
    let server = Server::start(options, Arc::new(site)).unwrap();
    assert_eq!(get(&server, "/"), 200);
    let trace = recording((server, path));
    let blocked = trace.events.iter().filter(|event| {
        matches!(event.kind, EventKind::Stimulus(scheduler_model::Stimulus::TaskBlocked { .. }))
    });
    assert_eq!(blocked.count(), 1);
}

/// Sleeps after a tree.
struct Sleepy(Arc<dyn Fn() -> Tree + Send + Sync>);

impl Site for Sleepy {
    fn route(&self, _path: &str) -> Option<RouteId> {
        None
    }

    fn answer(&self, _request: &Request<'_>) -> Answer {
        let tree = (self.0)();
        Answer::after(Duration::from_millis(1), Response::new(Status::OK)).with_tree(tree)
    }
}

#[test]
fn an_event_of_a_deque_that_is_left_out_or_altered_is_found() {
    let server = serving("tampered", 4, |_| Some(meeting(2)));
    for _ in 0..3 {
        assert_eq!(get(&server.0, "/"), 200);
    }
    let trace = recording(server);
    let mut n_tried = 0;
    for index in 0..trace.events.len() {
        let EventKind::Machine(machine) = trace.events[index].kind else { continue };
        let mut removed = trace.clone();
        removed.events.remove(index);
        let mut repeated = trace.clone();
        repeated.events.insert(index, trace.events[index]);
        let mut altered = trace.clone();
        altered.events[index].kind = EventKind::Machine(of_another_part(machine));
        for (how, tampered) in [("without", removed), ("twice", repeated), ("altered", altered)] {
            let verdict = replay(&tampered);
            assert!(!verdict.conforms, "{how}: {machine:?} at {index}");
            n_tried += 1;
        }
    }
    assert!(n_tried > 3 * 9, "three parts are stolen of each tree");
}

/// The same event of the part beside.
fn of_another_part(machine: Machine) -> Machine {
    let other = |node: NodeId| NodeId(node.0 ^ 2);
    match machine {
        Machine::Pushed { request, worker, node } => {
            Machine::Pushed { request, worker, node: other(node) }
        }
        Machine::Popped { request, worker, node } => {
            Machine::Popped { request, worker, node: other(node) }
        }
        Machine::Stolen { request, worker, victim, node } => {
            Machine::Stolen { request, worker, victim, node: other(node) }
        }
        Machine::JoinBegun { request, worker, node } => {
            Machine::JoinBegun { request, worker, node: other(node) }
        }
        Machine::JoinEnded { request, worker, node } => {
            Machine::JoinEnded { request, worker, node: other(node) }
        }
        other => panic!("no event of a deque: {other:?}"),
    }
}

/// Panics without a word, on threads of the server.
fn silence_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !thread::current().name().is_some_and(|name| name.starts_with("worker")) {
            usual(info);
        }
    }));
}
