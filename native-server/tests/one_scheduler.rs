//! The law of one scheduler: what runs is what `Scheduler` decided, and a recording proves it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::thread;

use native_server::serve::Server;
use scheduler_model::scenario::{OnFull, QueueBound, Ranged};
use scheduler_model::{EventKind, Model, Mutant, RejectReason, Scheduler, Stimulus, replay};
use support::{Client, Gate, options, place, read_trace};

/// One worker is held; then `/a`, `/b` and `/c` are asked for, one after the other is queued. The
/// paths in the order in which they were answered.
fn order_of_answers(
    scheduler: impl FnOnce(&scheduler_model::scenario::Server) -> Scheduler,
    name: &str,
) -> String {
    let mut options = options(Model::Pool, 1);
    let path = place(name);
    options.record = Some(path.clone());
    let scheduler = scheduler(&options.scenario.server);
    let (site, keeper) = Gate::new();
    let server = Server::start_with(options, site, vec![scheduler]).unwrap();
    let address = server.address();
    let mut holding = Client::new(address);
    holding.send(b"GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
    keeper.wait_until_one_holds();
    let (answered, answers) = std::sync::mpsc::channel();
    let mut clients = Vec::new();
    for (n, asked) in ["/a", "/b", "/c"].into_iter().enumerate() {
        let mut client = Client::new(address);
        client.send(
            format!("GET {asked} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").as_bytes(),
        );
        server.wait_until_queued(n + 1);
        let answered = answered.clone();
        clients.push(thread::spawn(move || {
            let answer = client.answer().unwrap();
            answered.send(()).unwrap();
            answer
        }));
    }
    keeper.let_one_go();
    for client in clients {
        client.join().unwrap();
    }
    drop((answers, holding));
    server.handle().drain();
    server.wait().unwrap();
    let trace = read_trace(&path);
    // The order of answers is the order in which tasks finished.
    let mut queued = Vec::new();
    let mut order: Vec<&str> = Vec::new();
    for event in &trace.events {
        match event.kind {
            EventKind::Decision(scheduler_model::Decision::Queue { request }) => {
                queued.push(request);
            }
            EventKind::Stimulus(Stimulus::TaskFinished { request, .. }) => {
                let place = queued.iter().position(|&id| id == request);
                // What is queued after these three is a connection that closes.
                order.extend(place.and_then(|n| ["a", "b", "c"].get(n)));
            }
            _ => {}
        }
    }
    let verdict = replay(&trace);
    order.concat() + if verdict.conforms { " conforms" } else { " differs" }
}

#[test]
fn a_reversed_queue_inside_the_scheduler_reverses_the_answers_and_its_recording_is_refused() {
    assert_eq!(order_of_answers(Scheduler::new, "fifo"), "abc conforms");
    let reversed = |server: &_| Scheduler::mutant(server, Mutant::ReversedQueue);
    assert_eq!(order_of_answers(reversed, "reversed"), "cba differs");
}

/// 64 kept connections, rejections, a panic and a drain, under each model.
fn real_traffic(model: Model) {
    let mut options = options(model, 4);
    options.scenario.server.queue = QueueBound::Bounded(Ranged::of::<8>());
    options.scenario.server.threads_max = Ranged::of::<40>();
    options.scenario.server.on_full = OnFull::Reject;
    let path = place(&format!("traffic-{}", model.name()));
    options.record = Some(path.clone());
    let (site, keeper) = Gate::new();
    let server = Server::start(options, site).unwrap();
    let address = server.address();
    assert_eq!(Client::new(address).get("/panic").unwrap().status, 500);
    let n_clients = if model == Model::Single { 8 } else { 64 };
    let clients: Vec<_> = (0..n_clients)
        .map(|_| {
            thread::spawn(move || {
                let mut tally = [0_u64; 3];
                let mut client: Option<Client> = None;
                for _ in 0..20 {
                    let asked = client.get_or_insert_with(|| Client::new(address));
                    let answer = asked.get("/x").expect("every request has its answer");
                    match answer.status {
                        200 => tally[0] += 1,
                        503 => tally[2] += 1,
                        other => panic!("{other}"),
                    }
                    if answer.head.contains("Connection: close") {
                        client = None;
                    }
                }
                tally
            })
        })
        .collect();
    let mut tally = [0, 1, 0];
    for client in clients {
        let got = client.join().unwrap();
        for (count, seen) in tally.iter_mut().zip(got) {
            *count += seen;
        }
    }
    drop(keeper);
    server.handle().drain();
    server.wait().unwrap();
    let trace = read_trace(&path);
    let verdict = replay(&trace);
    assert!(verdict.conforms, "{:?}", verdict.first_difference);
    let report = scheduler_model::Stats::of(&trace).unwrap();
    assert_eq!(
        [report.answered, report.failed, report.rejected],
        tally,
        "the clients saw the same"
    );
    if model != Model::Single {
        let decided =
            |event: &&scheduler_model::Event| matches!(event.kind, EventKind::Decision(_));
        let n_decisions = trace.events.iter().filter(decided).count() as u64;
        assert_eq!(verdict.decisions, n_decisions);
    }
}

#[test]
fn real_traffic_on_a_pool_conforms_and_is_counted_as_its_clients_count() {
    real_traffic(Model::Pool);
}

#[test]
fn real_traffic_on_workers_that_steal_conforms() {
    real_traffic(Model::ForkJoin);
}

#[test]
fn real_traffic_on_a_thread_for_each_connection_conforms() {
    real_traffic(Model::Spawn);
}

#[test]
fn real_traffic_on_a_loop_conforms() {
    real_traffic(Model::Async);
}

#[test]
fn real_traffic_on_several_loops_conforms() {
    real_traffic(Model::Sharded);
}

#[test]
fn real_traffic_on_a_single_thread_conforms() {
    real_traffic(Model::Single);
}

#[test]
fn any_decision_removed_or_changed_is_found_at_its_place() {
    let mut options = options(Model::Pool, 2);
    options.scenario.server.queue = QueueBound::Bounded(Ranged::of::<1>());
    let path = place("tampered");
    options.record = Some(path.clone());
    let (site, keeper) = Gate::new();
    let server = Server::start(options, site).unwrap();
    let mut held: Vec<_> = (0..2).map(|_| Client::new(server.address())).collect();
    for client in &mut held {
        client.send(b"GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
        keeper.wait_until_one_holds();
    }
    let mut queued = Client::new(server.address());
    queued.send(b"GET /q HTTP/1.1\r\nHost: test\r\n\r\n");
    server.wait_until_queued(1);
    assert_eq!(Client::new(server.address()).get("/r").unwrap().status, 503);
    keeper.let_one_go();
    keeper.let_one_go();
    for client in &mut held {
        assert_eq!(client.answer().unwrap().status, 200);
    }
    assert_eq!(queued.answer().unwrap().status, 200);
    server.handle().drain();
    server.wait().unwrap();
    let trace = read_trace(&path);
    let rejected = |event: &scheduler_model::Event| {
        matches!(
            event.kind,
            EventKind::Decision(scheduler_model::Decision::Reject {
                reason: RejectReason::QueueFull,
                ..
            })
        )
    };
    assert!(trace.events.iter().any(rejected));
    assert!(replay(&trace).conforms);
    for index in 0..trace.events.len() {
        let EventKind::Decision(decision) = trace.events[index].kind else { continue };
        let mut removed = trace.clone();
        removed.events.remove(index);
        let mut changed = trace.clone();
        let other = scheduler_model::Decision::ResumeAccepting;
        assert_ne!(decision, other);
        changed.events[index].kind = EventKind::Decision(other);
        for tampered in [removed, changed] {
            let verdict = replay(&tampered);
            let seq = verdict.first_difference.map(|difference| difference.seq);
            assert_eq!(seq, Some(index as u64 + 1), "{decision:?}");
        }
    }
}
