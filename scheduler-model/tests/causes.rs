//! Why a request waits, and why that does: the chain to its root.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![cfg(not(target_arch = "wasm32"))]

use scheduler_model::{
    Cause, Event, Model, RequestId, Scenario, Span, Trace, World, chain, explain, simulate,
    waiting, waiting_from,
};

/// `/sleep` sleeps a second, `/spin` computes for one; at these ms; no overheads.
fn run(model: Model, workers: u32, cores: u32, asked: &[(u32, &str)]) -> Trace {
    let arrivals: Vec<_> = asked
        .iter()
        .map(|(at_ms, path)| format!("[[arrive]]\nat_ms = {at_ms}\npath = '{path}'\n"))
        .collect();
    let text = format!(
        "[server]\nmodel = '{}'\nworkers = {workers}\n\
         [machine]\ncores = {cores}\ncontext_switch_us = 0\ndispatch_us = 0\nspawn_us = 0\n\
         [[request]]\npath = '/sleep'\nsleep_ms = 1000\n\
         [[request]]\npath = '/spin'\ncpu_us = 1000000\n{}",
        model.name(),
        arrivals.concat()
    );
    simulate(&Scenario::from_toml("causes.toml", &text).unwrap().0)
}

/// For each stretch: its length in ms, and the requests of its chain.
fn chains(trace: &Trace, request: u64) -> Vec<(u64, Vec<u64>)> {
    let episodes = waiting(trace, RequestId(request)).unwrap();
    let ms = |span: Span| span.as_nanos() / 1_000_000;
    let ids = |chain: &[scheduler_model::Explanation]| {
        chain
            .iter()
            .map(|link| {
                let RequestId(id) = link.request.id;
                id
            })
            .collect()
    };
    episodes.iter().map(|episode| (ms(episode.length()), ids(&episode.chain))).collect()
}

#[test]
fn a_request_behind_a_sleeper_waits_because_that_one_sleeps() {
    let trace = run(Model::Pool, 1, 1, &[(0, "/sleep"), (100, "/sleep")]);
    assert_eq!(chains(&trace, 2), [(900, vec![2, 1])]);
    let episode = &waiting(&trace, RequestId(2)).unwrap()[0];
    assert!(matches!(episode.chain[0].cause, Cause::WaitsForWorker { ahead: 0, .. }));
    assert!(matches!(episode.chain[1].cause, Cause::Asleep { .. }));
    assert_eq!(chains(&trace, 1), []);
}

#[test]
fn who_waits_for_a_worker_that_waits_for_a_core_waits_for_what_has_the_core() {
    // Two workers on one core take turns; the third request waits for either.
    let trace = run(Model::Pool, 2, 1, &[(0, "/spin"), (0, "/spin"), (1, "/sleep")]);
    let episodes = waiting(&trace, RequestId(3)).unwrap();
    let is_root = |cause: &Cause| matches!(cause, Cause::Running { .. });
    assert!(episodes.iter().all(|episode| is_root(&episode.chain.last().unwrap().cause)));
    let deepest = episodes.iter().map(|episode| episode.chain.len()).max().unwrap();
    assert_eq!(deepest, 3, "3 waits for 1, which waits for its turn, which 2 has");
    let whole: u64 = episodes.iter().map(|episode| episode.length().as_nanos()).sum();
    let gaps = episodes.windows(2).any(|pair| pair[0].to != pair[1].from);
    assert!(!gaps && whole > 1_900_000_000);
}

#[test]
fn the_chain_changes_when_who_is_in_the_way_changes() {
    let trace = run(Model::Single, 1, 1, &[(0, "/sleep"), (10, "/spin"), (20, "/sleep")]);
    assert_eq!(chains(&trace, 3), [(980, vec![3, 1]), (1000, vec![3, 2])]);
    let trace = run(Model::Async, 1, 1, &[(0, "/spin"), (10, "/sleep")]);
    assert_eq!(chains(&trace, 2), [(990, vec![2, 1])]);
    let trace = run(Model::Spawn, 1, 1, &[(0, "/spin"), (10, "/spin")]);
    let first = waiting(&trace, RequestId(2)).unwrap().remove(0);
    assert!(matches!(first.chain[0].cause, Cause::WaitsForCore { .. }));
    assert_eq!(first.chain.len(), 2);
}

#[test]
fn a_later_state_to_start_from_changes_nothing() {
    let trace = run(Model::Pool, 2, 1, &[(0, "/spin"), (0, "/spin"), (1, "/sleep")]);
    let (before, rest) = trace.events.split_at(4);
    let mut world = World::new(&trace.header);
    for event in before {
        world.apply(event).unwrap();
    }
    assert!(world.request(RequestId(3)).is_none());
    let whole = waiting(&trace, RequestId(3)).unwrap();
    assert_eq!(waiting_from(world, rest, RequestId(3)).unwrap(), whole);
}

#[test]
fn who_is_not_in_the_system_waits_for_nothing() {
    let trace = run(Model::Pool, 1, 1, &[(0, "/sleep")]);
    assert_eq!(waiting(&trace, RequestId(7)).unwrap(), []);
    let world = World::new(&trace.header);
    assert_eq!(chain(&world, RequestId(1)), []);
}

/// What is said of a request after each event, as names; and whether it was waiting then.
fn told(trace: &Trace, request: u64) -> Vec<(&'static str, bool)> {
    let mut world = World::new(&trace.header);
    let mut told = Vec::new();
    let told_after = |event: &Event| {
        world.apply(event).unwrap();
        let explanation = explain(&world, RequestId(request))?;
        let name = match explanation.cause {
            Cause::Asleep { .. } => "asleep",
            Cause::Dispatched { .. } => "dispatched",
            Cause::Joining { .. } => "joining",
            Cause::NotAccepting { .. } => "not accepting",
            Cause::OnTimer { .. } => "on timer",
            Cause::Running { .. } => "running",
            Cause::ThreadStarting { .. } => "thread starting",
            Cause::WaitsForCore { .. } => "waits for core",
            Cause::WaitsForWorker { .. } => "waits for worker",
        };
        Some((name, explanation.waits()))
    };
    told.extend(trace.events.iter().filter_map(told_after));
    told.dedup();
    told
}

#[test]
fn each_moment_of_a_request_has_its_cause() {
    let pool = run(Model::Pool, 1, 1, &[(0, "/spin"), (1, "/sleep")]);
    assert_eq!(told(&pool, 1)[1..], [("dispatched", true), ("running", false)]);
    assert_eq!(
        told(&pool, 2)[..3],
        [("waits for worker", true), ("dispatched", true), ("asleep", false)]
    );
    let spawn = run(Model::Spawn, 1, 1, &[(0, "/spin"), (1, "/spin")]);
    let told_of_spawn = told(&spawn, 2);
    assert!(told_of_spawn.contains(&("thread starting", true)));
    assert!(told_of_spawn.contains(&("waits for core", false)));
    let shards = run(Model::Sharded, 2, 2, &[(0, "/sleep"), (1, "/sleep"), (2, "/spin")]);
    assert!(told(&shards, 1).contains(&("on timer", false)));
    assert!(!World::new(&shards.header).waits_in_kernel());
    let tree = "[server]\nmodel = 'fork-join'\nworkers = 2\n[[request]]\npath = '/'\n\
                fork = { depth = 2, leaf_cpu_us = 500 }\n[[arrive]]\npath = '/'\n";
    let tree = simulate(&Scenario::from_toml("tree.toml", tree).unwrap().0);
    assert!(told(&tree, 1).contains(&("joining", false)));
    let single = run(Model::Single, 1, 1, &[(0, "/sleep"), (1, "/sleep")]);
    assert_eq!(told(&single, 2)[0], ("not accepting", true));
    assert!(World::new(&single.header).waits_in_kernel());
}
