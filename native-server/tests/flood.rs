//! More work than a server can do. A thread for each connection takes it all until the system
//! refuses; a pool with a bounded queue turns the rest away at once and stays as quick as it was.
//! In virtual time from `scenarios/flood.toml`, then on real sockets with small bounds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use native_server::commands::read_scenario;
use native_server::options::Options;
use scheduler_model::scenario::{QueueBound, Ranged, Scenario};
use scheduler_model::{
    Decision, EventKind, Model, RejectReason, RequestId, RunReport, Simulation, Stats, Trace,
    World, replay,
};
use support::served::Server;
use support::{Client, Gate, options, place, read_trace};

fn flood(model: Model) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/flood.toml");
    read_scenario(&path).unwrap().with_model(model)
}

fn simulated(scenario: &Scenario) -> (RunReport, Trace) {
    let mut simulation = Simulation::new(scenario).recording();
    simulation.run();
    (simulation.report(), simulation.into_trace())
}

/// Memory of all stacks in KiB, after each event.
fn stacks(trace: &Trace) -> Vec<u64> {
    let mut world = World::new(&trace.header);
    let after = |event| {
        world.apply(event).unwrap();
        world.stack_kib()
    };
    trace.events.iter().map(after).collect()
}

#[test]
fn threads_and_their_memory_pile_up_until_the_system_has_none_to_give() {
    let scenario = flood(Model::Spawn);
    let (report, trace) = simulated(&scenario);
    let memory_kib = 1024 * u64::from(scenario.machine.memory_mib.get());
    let threads_max = memory_kib / u64::from(scenario.machine.stack_kib.get());
    assert_eq!(report.threads_peak, threads_max);
    assert!(report.threads_peak < scenario.server.threads_max.get().into(), "memory comes first");
    assert!(report.rejected > 0, "{report:?}");
    // A thread was to be had for whoever came before the memory was full, and for nobody after.
    let refused = rejected(&trace);
    let stacks = stacks(&trace);
    for (event, &kib) in trace.events.iter().zip(&stacks) {
        if let EventKind::Decision(Decision::Spawn { request, .. }) = event.kind {
            assert_eq!(refused.contains(&request.unwrap()), kib > memory_kib, "{kib} KiB");
        }
    }
    // Until then every tenth of the way is fuller than the one before.
    let full = stacks.iter().position(|&kib| kib > memory_kib).unwrap();
    let tenths: Vec<_> = (1..=10).map(|n| stacks[full * n / 10]).collect();
    assert!(tenths.is_sorted_by(|one, next| one < next), "{tenths:?}");
}

#[test]
fn a_pool_with_a_bounded_queue_sheds_at_once_and_answers_the_rest_within_a_tenth() {
    let scenario = flood(Model::Pool);
    let (spawn, _) = simulated(&flood(Model::Spawn));
    let (pool, trace) = simulated(&scenario);
    let workers = u64::from(scenario.server.workers.get());
    assert!(pool.rejected > 0, "{pool:?}");
    assert_eq!(pool.threads_peak, workers, "threads stay");
    assert_eq!(Some(pool.run_queue_peak), scenario.server.queue.max().map(u64::from));
    let kib = workers * u64::from(scenario.machine.stack_kib.get());
    assert!(stacks(&trace).iter().all(|&now| now == kib), "memory stays");
    let p99 = |report: &RunReport| report.sojourn_time.p99.unwrap();
    assert!(p99(&pool) < p99(&spawn) / 5.0, "{} and {}", p99(&pool), p99(&spawn));
    // The cores are as busy as before: what is turned away costs little of what can be done.
    assert!(pool.utilisation > Some(0.95) && spawn.utilisation > Some(0.95), "{pool:?} {spawn:?}");
    let reasons = reasons(&trace);
    assert!(reasons.iter().all(|&reason| reason == RejectReason::QueueFull), "{reasons:?}");
}

/// Why requests were turned away, in order.
fn reasons(trace: &Trace) -> Vec<RejectReason> {
    rejections(trace).map(|(_, reason)| reason).collect()
}

/// Who was turned away.
fn rejected(trace: &Trace) -> BTreeSet<RequestId> {
    rejections(trace).map(|(request, _)| request).collect()
}

fn rejections(trace: &Trace) -> impl Iterator<Item = (RequestId, RejectReason)> {
    trace.events.iter().filter_map(|event| match event.kind {
        EventKind::Decision(Decision::Reject { request, reason }) => Some((request, reason)),
        _ => None,
    })
}

/// As many requests as the server takes hold, or wait behind those that do; `beyond` more are
/// turned away; then all that were taken are answered. The run's figures, and its trace.
fn real_flood(
    options: Options,
    name: &str,
    (n_running, n_queued, beyond): (usize, usize, usize),
) -> (RunReport, Trace) {
    let path = place(&format!("flood-{name}"));
    let (site, keeper) = Gate::new();
    let server = Server::start(Options { record: Some(path.clone()), ..options }, site).unwrap();
    let mut taken = Vec::new();
    for n in 1..=n_running + n_queued {
        let mut client = Client::new(server.address());
        client.send(b"GET /hold HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        if n <= n_running {
            keeper.wait_until_one_holds();
        } else {
            server.wait_until_queued(n - n_running);
        }
        taken.push(client);
    }
    for _ in 0..beyond {
        let answer = Client::new(server.address()).get("/hold").unwrap();
        assert_eq!(answer.status, 503, "{}", answer.head);
        assert!(answer.head.contains("Retry-After: "), "{}", answer.head);
    }
    for _ in &taken {
        keeper.let_one_go();
    }
    for client in &mut taken {
        assert_eq!(client.answer().unwrap().status, 200);
    }
    server.handle().drain();
    server.wait().unwrap();
    let trace = read_trace(&path);
    assert!(replay(&trace).conforms);
    let report = Stats::of(&trace).unwrap();
    let n_taken = (n_running + n_queued) as u64;
    assert_eq!((report.answered, report.rejected), (n_taken, beyond as u64), "{report:?}");
    assert_eq!((report.failed, report.lost, report.in_system), (0, 0, 0), "nothing panics");
    (report, trace)
}

#[test]
fn the_connection_after_the_last_thread_is_answered_503() {
    let mut options = options(Model::Spawn, 1);
    options.scenario.server.threads_max = Ranged::of::<16>();
    let (report, trace) = real_flood(options, "spawn", (16, 0, 8));
    assert_eq!(report.threads_peak, 16);
    assert_eq!(reasons(&trace), [RejectReason::SpawnFailed; 8]);
}

#[test]
fn a_pool_of_four_with_eight_waiting_answers_the_thirteenth_503_and_stays_at_its_size() {
    let mut options = options(Model::Pool, 4);
    options.scenario.server.queue = QueueBound::Bounded(Ranged::of::<8>());
    let (report, trace) = real_flood(options, "pool", (4, 8, 12));
    assert_eq!((report.threads_peak, report.run_queue_peak), (4, 8));
    assert_eq!(reasons(&trace), [RejectReason::QueueFull; 12]);
    let started = |event: &scheduler_model::Event| {
        matches!(event.kind, EventKind::Decision(Decision::Spawn { .. }))
    };
    assert!(!trace.events.iter().any(started), "no thread beyond the four");
}
