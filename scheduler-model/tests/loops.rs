//! One thread that never blocks, and several: exact to the nanosecond.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![cfg(not(target_arch = "wasm32"))]

use scheduler_model::scenario::{
    Arrival, Distribution, Load, MachineConfig, Ranged, RequestKind, Scenario, Server,
};
use scheduler_model::{
    EventKind, Model, Outcome, RouteId, ShardId, SimTime, Simulation, Span, Trace, World, replay,
    simulate,
};

const ROOT: RouteId = RouteId(0);
const SLEEP: RouteId = RouteId(1);
const SPIN: RouteId = RouteId(2);

/// `/` costs nothing, `/sleep` sleeps 5 s, `/spin` holds its core for 1 s; no overheads.
fn scenario(model: Model, workers: u64, asked: &[(u64, RouteId)]) -> Scenario {
    let server = Server { workers: Ranged::clamped(workers), ..Server::new(model) };
    let mut scenario = Scenario::new("loop", server);
    scenario.machine = MachineConfig {
        cores: Ranged::clamped(workers),
        context_switch: Span::ZERO,
        dispatch: Span::ZERO,
        ..MachineConfig::default()
    };
    for kind in &mut scenario.requests {
        kind.cpu = Distribution::Constant(Span::ZERO);
    }
    scenario.requests.push(RequestKind {
        path: "/spin".to_owned(),
        cpu: Distribution::Constant(Span::from_millis(1000)),
        sleep: Distribution::Constant(Span::ZERO),
        fork: None,
    });
    let arrival = |&(ms, route)| Arrival {
        at: SimTime::ZERO + Span::from_millis(ms),
        route,
        count: Ranged::MIN,
    };
    scenario.load = Load::Listed(asked.iter().map(arrival).collect());
    scenario
}

/// When each request started and when it was answered, in ms.
fn times(trace: &Trace) -> Vec<(u64, u64)> {
    let mut world = World::new(&trace.header);
    let mut times = Vec::new();
    for event in &trace.events {
        if let Some(departure) = world.apply(event).unwrap() {
            assert_eq!(departure.outcome, Outcome::Answered);
            let ms = |at: SimTime| at.as_nanos() / 1_000_000;
            let started = departure.request.started.unwrap();
            times.push((departure.request.id, (ms(started), ms(departure.at))));
        }
    }
    times.sort_unstable();
    times.into_iter().map(|(_, times)| times).collect()
}

#[test]
fn ten_sleeps_end_together_on_one_thread() {
    let mut simulation = Simulation::new(&scenario(Model::Async, 1, &[(0, SLEEP); 10])).recording();
    simulation.run();
    let report = simulation.report();
    assert_eq!((report.threads_peak, report.waited, report.utilisation), (1, Some(0.0), Some(0.0)));
    assert_eq!(times(&simulation.into_trace()), [(0, 5000); 10]);
}

#[test]
fn a_handler_that_keeps_its_core_holds_up_everybody_else() {
    let asked = [(0, SLEEP), (100, SPIN), (200, ROOT), (4500, SPIN)];
    let trace = simulate(&scenario(Model::Async, 1, &asked));
    // The sleep ends while `/spin` has the loop: nothing is left to do for it, which needs no turn.
    assert_eq!(times(&trace), [(0, 5000), (100, 1100), (1100, 1100), (4500, 5500)]);
}

#[test]
fn the_loop_s_utilisation_is_its_cpu_and_a_sleep_is_none() {
    let mut simulation = Simulation::new(&scenario(Model::Async, 1, &[(0, SPIN), (0, SLEEP)]));
    simulation.run();
    assert_eq!(simulation.report().utilisation, Some(1.0 / 6.0), "1 s of 6");
    assert_eq!(simulation.report().waited, Some(0.5));
}

#[test]
fn a_loop_runs_what_its_own_connections_ask_and_nothing_else() {
    let asked: Vec<_> = (0..40).map(|at| (at * 10, SPIN)).collect();
    let trace = simulate(&scenario(Model::Sharded, 4, &asked));
    assert!(replay(&trace).conforms);
    let mut world = World::new(&trace.header);
    let mut of_shard = [0; 4];
    let mut idle_beside_a_queue = false;
    for event in &trace.events {
        world.apply(event).unwrap();
        if let EventKind::Decision(scheduler_model::Decision::Assign { request, worker }) =
            event.kind
        {
            let connection = world.request(request).unwrap().connection.unwrap();
            assert_eq!(world.shard_of(connection), event.shard);
            assert_eq!(worker, event.shard.worker());
            of_shard[usize::from(event.shard.0)] += 1;
        }
        let queued = world.n_queued() > 0;
        idle_beside_a_queue |= queued && world.counts().idle > 0;
    }
    assert_eq!(of_shard.iter().sum::<u32>(), 40);
    assert!(of_shard.iter().all(|&n| n > 0), "{of_shard:?}");
    assert!(idle_beside_a_queue, "nobody helps another loop");
}

#[test]
fn one_shard_is_one_loop() {
    let asked = [(0, SPIN), (10, SLEEP), (20, ROOT)];
    let (one, alone) = (
        simulate(&scenario(Model::Sharded, 1, &asked)),
        simulate(&scenario(Model::Async, 1, &asked)),
    );
    assert_eq!(one.events, alone.events);
}

#[test]
fn a_sharded_trace_says_whose_each_event_is_and_is_read_back() {
    let trace =
        simulate(&scenario(Model::Sharded, 3, &[(0, SPIN), (1, SPIN), (2, SPIN), (3, ROOT)]));
    let mut text = Vec::new();
    trace.write(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(Trace::read_str("run.jsonl", &text).unwrap(), trace);
    assert!(trace.events.iter().any(|event| event.shard != ShardId(0)));
    let refuse = |from: &str, to: &str| {
        Trace::read_str("run.jsonl", &text.replacen(from, to, 1)).unwrap_err().to_string()
    };
    let other = refuse("\"shard\":", "\"shard\":3, \"seq\":");
    assert!(other.contains("run.jsonl:2"), "{other}");
    let line = text.lines().nth(1).unwrap();
    let shard = &line[line.find("\"shard\":").unwrap()..line.find(",\"stimulus\"").unwrap()];
    assert_eq!(refuse(shard, "\"shard\":3"), "run.jsonl:2: shard: 3 given, allowed is 0..=2");
    let without = refuse(&format!("{shard},"), "");
    assert!(without.ends_with("no shard given, allowed is 0..=2"), "{without}");
}
