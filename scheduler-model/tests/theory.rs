//! Formulas against printed tables and against solutions of the chain's equations; predictions
//! against runs of the simulation, with seeds that were fixed before the first one.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::num::NonZeroU32;
use std::path::Path;

use proptest::prelude::*;
use scheduler_model::scenario::{
    Arrival, Distribution, Fault, FaultKind, Fork, Load, OnFull, QueueBound, Ranged, Scenario,
    Server,
};
use scheduler_model::theory::{
    self, Expected, FiniteQueue, Mmc, Reason, async_loop_sojourn_time, erlang_b, erlang_c,
    mg1_mean_waiting_time,
};
use scheduler_model::{Model, RouteId, RunReport, SimTime, Simulation, Span, Times};

/// The scenarios that come with the project and that theory has values for.
const PREDICTED: [&str; 9] = [
    "mm4",
    "ten-sleeps",
    "validation/async-loop",
    "validation/erlang-b",
    "validation/machine-repair",
    "validation/mg1-mixed",
    "validation/mm1",
    "validation/mm2-bounded",
    "validation/processor-sharing",
];

#[test]
fn erlang_c_is_the_table() {
    const LOADS: [f64; 5] = [0.5, 0.7, 0.8, 0.9, 0.95];
    let table = [
        (1, [0.5, 0.7, 0.8, 0.9, 0.95], [1.0, 2.333_333, 4.0, 9.0, 19.0]),
        (
            2,
            [0.333_333, 0.576_471, 0.711_111, 0.852_632, 0.925_641],
            [0.333_333, 0.960_784, 1.777_778, 4.263_158, 9.256_410],
        ),
        (
            4,
            [0.173_913, 0.428_654, 0.596_432, 0.787_753, 0.891_419],
            [0.086_957, 0.357_212, 0.745_541, 1.969_383, 4.457_095],
        ),
        (
            8,
            [0.059_044, 0.270_603, 0.457_645, 0.701_533, 0.844_169],
            [0.014_761, 0.112_751, 0.286_028, 0.876_916, 2.110_422],
        ),
    ];
    for (c, waits, times) in table {
        for ((load, wait), time) in LOADS.into_iter().zip(waits).zip(times) {
            let station = Mmc::new(load * f64::from(c), 1.0, workers(c)).unwrap();
            assert_printed(station.wait_probability(), wait);
            assert_printed(station.mean_waiting_time(), time);
        }
    }
    let station = Mmc::new(3.6, 1.0, workers(4)).unwrap();
    assert!((station.waiting_time_quantile(0.99).unwrap() - 10.9165).abs() < 5e-5);
}

#[test]
fn erlang_b_is_the_table() {
    let table = [
        (1.0, 1, 0.5),
        (2.0, 2, 0.4),
        (2.0, 4, 0.095_238),
        (10.0, 10, 0.214_582),
        (10.0, 15, 0.036_497),
        (100.0, 100, 0.075_700),
    ];
    for (load, c, lost) in table {
        assert_printed(erlang_b(load, workers(c)).unwrap(), lost);
        let station = FiniteQueue::open(load, 1.0, workers(c), c.into()).unwrap();
        assert_printed(station.loss(), lost);
    }
}

#[test]
fn finite_queues_are_the_table() {
    let critical = FiniteQueue::open(1.0, 1.0, workers(1), 10).unwrap();
    assert_printed(critical.mean_in_system(), 5.0);
    let overloaded = FiniteQueue::open(50.0, 10.0, workers(4), 6).unwrap();
    assert_printed(overloaded.loss(), 0.293_543);
    let two = FiniteQueue::open(3.0, 2.0, workers(2), 5).unwrap();
    assert_printed(two.probability(0), 0.179_335);
    assert_printed(two.loss(), 0.085_114);
    assert_printed(two.mean_waiting_time(), 0.230_858);
}

#[test]
fn closed_systems_are_the_table() {
    let table =
        [(1, 0.1, 1.0), (4, 0.4, 1.0), (8, 0.799_940, 1.000_753), (16, 1.596_630, 1.021_105)];
    for (clients, throughput, response) in table {
        let station = FiniteQueue::closed(workers(clients), 9.0, 1.0, workers(4)).unwrap();
        assert_printed(station.throughput(), throughput);
        assert_printed(station.mean_sojourn_time(), response);
        assert!(station.loss() <= 0.0);
    }
}

#[test]
fn one_server_is_the_table() {
    for (variation, waits) in [(1.0, 4.0), (0.0, 2.0), (4.0, 10.0)] {
        assert_printed(mg1_mean_waiting_time(0.8, 1.0, variation).unwrap(), waits);
    }
    let (rate, cpu, delay) = (70.0, 0.01, 0.5);
    let response = async_loop_sojourn_time(rate, cpu, 1.0, delay).unwrap();
    assert_printed(response, cpu / (1.0 - rate * cpu) + delay);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn finite_queues_solve_the_equations_of_their_chain(
        load in 0.05_f64..12.0,
        workers in 1_u32..12,
        places in 0_u32..12,
        clients in prop::option::of(1_u32..20),
        think in 0.1_f64..20.0,
    ) {
        let capacity = workers + places;
        let (station, size, births): (_, _, Box<dyn Fn(u32) -> f64>) = match clients {
            Some(clients) => (
                FiniteQueue::closed(self::workers(clients), think, 1.0, self::workers(workers)),
                clients,
                Box::new(move |n| f64::from(clients - n) / think),
            ),
            None => (
                FiniteQueue::open(load, 1.0, self::workers(workers), capacity.into()),
                capacity,
                Box::new(move |_| load),
            ),
        };
        let station = station.unwrap();
        let shares = stationary(size, births, |n| f64::from(n.min(workers)));
        for (n, &share) in (0_u64..).zip(&shares) {
            prop_assert!((station.probability(n) - share).abs() < 1e-10, "{n}: {share}");
        }
        let mean: f64 = (0_u32..).zip(&shares).map(|(n, share)| f64::from(n) * share).sum();
        prop_assert!((station.mean_in_system() - mean).abs() < 1e-9);
        let served: f64 =
            (0_u32..).zip(&shares).map(|(n, share)| f64::from(n.min(workers)) * share).sum();
        prop_assert!((station.throughput() - served).abs() < 1e-9);
        prop_assert!((station.utilisation() * f64::from(workers.min(size)) - served).abs() < 1e-9);
    }

    #[test]
    fn erlang_c_is_the_sum_over_the_states_of_a_long_queue(load in 0.05_f64..0.6, c in 1_u32..12) {
        let offered = load * f64::from(c);
        let shares = stationary(c + 60, |_| offered, |n| f64::from(n.min(c)));
        let waits: f64 = shares[c as usize..].iter().sum();
        prop_assert!((erlang_c(offered, workers(c)).unwrap() - waits).abs() < 1e-9);
    }

    #[test]
    fn listed_arrivals_are_served_as_pencil_and_paper_say(scenario in listed()) {
        let Ok(prediction) = theory::of(&scenario) else { return Ok(()) };
        let (report, expected) = (run(&scenario), prediction.expected);
        for (ours, theirs) in [
            (report.arrived, expected.arrived),
            (report.answered, expected.answered),
            (report.rejected, expected.rejected),
            (report.dropped, expected.dropped),
        ] {
            prop_assert_eq!(theirs, Some(f64::from(u32::try_from(ours).unwrap())));
        }
        prop_assert!(same(report.waited, expected.waited), "{report:?} {expected:?}");
        prop_assert!(same(report.utilisation, expected.utilisation), "{report:?} {expected:?}");
        for (ours, theirs) in pairs(&report, &expected) {
            prop_assert!(same(ours, theirs), "{report:?} {expected:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn quantiles_of_a_finite_queue_are_integrals_of_its_tail(
        load in 0.2_f64..2.0,
        c in 1_u32..6,
        places in 0_u64..12,
    ) {
        let station =
            FiniteQueue::open(load * f64::from(c), 1.0, workers(c), u64::from(c) + places).unwrap();
        // E[T] is the integral of the quantile function; the steps are coarse near 1.
        let mean = |quantile: &dyn Fn(f64) -> f64| -> f64 {
            (0..100).map(|step| quantile((f64::from(step) + 0.5) / 100.0)).sum::<f64>() / 100.0
        };
        let waiting = mean(&|q| station.waiting_time_quantile(q).unwrap());
        prop_assert!((waiting - station.mean_waiting_time()).abs() < 0.03 * station.mean_sojourn_time());
        let sojourn = mean(&|q| station.sojourn_time_quantile(q).unwrap());
        prop_assert!((sojourn - station.mean_sojourn_time()).abs() < 0.03 * station.mean_sojourn_time());
    }
}

prop_compose! {
    /// Listed arrivals with fixed demands, of models that theory can count.
    fn listed()(
        model in prop::sample::select(Model::ALL.to_vec()),
        workers in 1_u64..5,
        queue in prop::option::of(0_u64..6),
        on_full in prop::sample::select(vec![OnFull::Reject, OnFull::Wait, OnFull::DropOldest]),
        backlog in 0_u64..6,
        cores in 1_u64..6,
        cpu_ms in prop::sample::select(vec![0_u64, 0, 3, 7]),
        sleep_ms in 0_u64..12,
        warmup in 0_u64..3,
        arrivals in prop::collection::vec((0_u64..60, 0_u16..2, 1_u64..4), 1..20),
    ) -> Scenario {
        let mut scenario = Scenario::new("listed", Server {
            workers: Ranged::clamped(workers),
            queue: queue.map_or(QueueBound::Unbounded, |max| QueueBound::Bounded(Ranged::clamped(max))),
            on_full,
            accept_backlog: Ranged::clamped(backlog),
            ..Server::new(model)
        });
        scenario.warmup_requests = warmup;
        scenario.machine.cores = Ranged::clamped(cores);
        without_overheads(&mut scenario);
        scenario.requests[0].cpu = Distribution::Constant(Span::from_millis(cpu_ms));
        scenario.requests[1].cpu = Distribution::Constant(Span::ZERO);
        scenario.requests[1].sleep = Distribution::Constant(Span::from_millis(sleep_ms));
        let arrival = |(ms, route, count)| Arrival {
            at: SimTime::ZERO + Span::from_millis(ms),
            route: RouteId(route),
            count: Ranged::clamped(count),
        };
        scenario.load = Load::Listed(arrivals.into_iter().map(arrival).collect());
        scenario
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_there_is_a_number_or_a_reason(scenario in loaded()) {
        let Ok(prediction) = theory::of(&scenario) else { return Ok(()) };
        let Expected { answered, waited, waiting_time, sojourn_time, utilisation, .. } =
            prediction.expected;
        let shares = [waited, utilisation];
        prop_assert!(shares.iter().flatten().all(|share| (-1e-9..1.0 + 1e-9).contains(share)));
        let times = [waiting_time, sojourn_time].map(|times| [times.mean, times.p50, times.p95, times.p99]);
        let legal = |time: &f64| time.is_finite() && *time >= -1e-12;
        prop_assert!(answered.iter().chain(times.iter().flatten().flatten()).all(legal), "{prediction:?}");
        for [_, p50, p95, p99] in times {
            prop_assert!(p50 <= p95 && p95 <= p99, "{prediction:?}");
        }
        prop_assert!(waiting_time.mean <= sojourn_time.mean || sojourn_time.mean.is_none());
    }
}

fn distributions() -> impl Strategy<Value = Distribution> {
    let span = || prop::sample::select(vec![0, 1, 1_000, 1_000_000, 10_000_000, 5_000_000_000]);
    prop_oneof![
        span().prop_map(|ns| Distribution::Constant(Span::from_nanos(ns))),
        span().prop_map(|ns| Distribution::Exponential(Span::from_nanos(ns))),
        (span(), span()).prop_map(|(a, b)| {
            Distribution::Uniform(Span::from_nanos(a.min(b)), Span::from_nanos(a.max(b)))
        }),
        (span(), span(), 0.0_f64..1.0).prop_map(|(a, b, weight)| {
            let phases = [(a, weight), (b, 1.0 - weight)];
            Distribution::Hyperexponential(
                phases.map(|(ns, weight)| (Span::from_nanos(ns), weight)).to_vec(),
            )
        }),
    ]
}

prop_compose! {
    /// Random loads of every model, far beyond what a server could do as well.
    fn loaded()(
        model in prop::sample::select(Model::ALL.to_vec()),
        workers in prop::sample::select(vec![1_u64, 2, 4, 100, 1024]),
        queue in prop::option::of(prop::sample::select(vec![0_u64, 1, 64, 10_000])),
        on_full in prop::sample::select(vec![OnFull::Reject, OnFull::Wait, OnFull::DropOldest]),
        backlog in prop::sample::select(vec![0_u64, 5, 4096]),
        threads in prop::sample::select(vec![1_u64, 7, 1000, 100_000]),
        cores in prop::sample::select(vec![1_u64, 2, 256]),
        quantum_us in prop::sample::select(vec![0_u64, 3000]),
        kinds in prop::collection::vec((distributions(), distributions()), 1..3),
        weight in 0.0_f64..1.0,
        closed in prop::option::of((prop::sample::select(vec![1_u64, 3, 50, 10_000]), distributions())),
        rate_per_s in prop::sample::select(vec![1e-6, 0.1, 20.0, 300.0, 1e4, 1e9]),
        requests in prop::sample::select(vec![1_u64, 10_000, 10_000_000]),
    ) -> Scenario {
        let mut scenario = Scenario::new("loaded", Server {
            workers: Ranged::clamped(workers),
            queue: queue.map_or(QueueBound::Unbounded, |max| QueueBound::Bounded(Ranged::clamped(max))),
            on_full,
            accept_backlog: Ranged::clamped(backlog),
            threads_max: Ranged::clamped(threads),
            ..Server::new(model)
        });
        without_overheads(&mut scenario);
        scenario.machine.cores = Ranged::clamped(cores);
        scenario.machine.quantum = Span::from_micros(quantum_us);
        scenario.requests.truncate(kinds.len());
        for (kind, (cpu, sleep)) in scenario.requests.iter_mut().zip(kinds) {
            (kind.cpu, kind.sleep) = (cpu, sleep);
        }
        let mut mix = vec![(RouteId(0), 1.0)];
        if scenario.requests.len() > 1 {
            mix = vec![(RouteId(0), weight), (RouteId(1), 1.0 - weight)];
        }
        scenario.load = match closed {
            Some((clients, think)) => {
                Load::Closed { clients: Ranged::clamped(clients), think, requests, mix }
            }
            None => Load::Open { rate_per_s, requests, mix },
        };
        scenario
    }
}

#[test]
fn the_named_scenarios_have_values_and_their_runs_agree() {
    let mut misses = Vec::new();
    for name in PREDICTED {
        let mut scenario = shipped(name);
        if let Load::Open { requests, .. } | Load::Closed { requests, .. } = &mut scenario.load {
            *requests = 20_000;
            scenario.warmup_requests = 2_000;
        }
        let prediction = theory::of(&scenario).unwrap_or_else(|reason| panic!("{name}: {reason}"));
        let (report, expected) = (run(&scenario), prediction.expected);
        for (ours, theirs) in [
            (report.waiting_time, expected.waiting_time),
            (report.sojourn_time, expected.sojourn_time),
        ] {
            let (Some(mean), Some(theory)) = (ours.mean, theirs.mean) else {
                assert!(theirs.mean.is_none(), "{name}: {report:?}");
                continue;
            };
            let off = (mean - theory).abs();
            // Of means that a run hits exactly there is no interval.
            let half_width = ours.half_width_99.unwrap_or(0.0);
            assert!(off <= half_width * 4.0 / 2.576 + 1e-9, "{name}: {mean} is not {theory}");
            if off > half_width + 1e-9 {
                misses.push((name, mean, theory));
            }
        }
        // The sojourn time is the waiting time and more: they miss together.
        misses.dedup_by_key(|&mut (name, ..)| name);
        let answered = expected.answered.unwrap();
        assert!((answered - f64::from(u32::try_from(report.answered).unwrap())).abs() <= 250.0);
        let utilisation = report.utilisation.unwrap() - expected.utilisation.unwrap();
        assert!(utilisation.abs() < 0.02, "{name}: {report:?} {expected:?}");
    }
    assert!(misses.len() <= 1, "of nine 99 % intervals one may miss: {misses:?}");
}

#[test]
fn a_pool_of_fewer_cores_waits_as_the_chain_says() {
    let mut scenario = open(Model::Pool, 3.0 * 0.7 * 100.0, 60_000);
    scenario.server.workers = Ranged::of::<5>();
    scenario.server.queue = QueueBound::Unbounded;
    scenario.machine.cores = Ranged::of::<3>();
    scenario.machine.quantum = Span::ZERO;
    scenario.requests[0].cpu = Distribution::Exponential(Span::from_millis(10));
    scenario.requests[0].sleep = Distribution::Constant(Span::ZERO);
    scenario.warmup_requests = 2_000;
    let endless = theory::of(&scenario).unwrap().expected;
    agrees(&run(&scenario), &endless);
    scenario.server.queue = QueueBound::Bounded(Ranged::of::<1000>());
    let bounded = theory::of(&scenario).unwrap().expected;
    for (one, other) in [
        (endless.waited, bounded.waited),
        (endless.utilisation, bounded.utilisation),
        (endless.waiting_time.mean, bounded.waiting_time.mean),
        (endless.waiting_time.p99, bounded.waiting_time.p99),
        (endless.sojourn_time.mean, bounded.sojourn_time.mean),
    ] {
        assert!(same(one, other), "{endless:?} {bounded:?}");
    }
    // With turns a request waits for a core as well, and that time is not known.
    scenario.machine.quantum = Span::from_millis(1);
    let turns = theory::of(&scenario).unwrap().expected;
    assert!(same(turns.sojourn_time.mean, bounded.sojourn_time.mean));
    assert_eq!(turns.waiting_time, Times::default());
}

#[test]
fn threads_that_run_and_sleep_within_a_bound_are_lost_as_the_network_says() {
    let mut scenario = open(Model::Spawn, 160.0, 30_000);
    scenario.machine.cores = Ranged::of::<2>();
    scenario.machine.quantum = Span::ZERO;
    scenario.server.threads_max = Ranged::of::<8>();
    scenario.requests[0].cpu = Distribution::Uniform(Span::ZERO, Span::from_millis(20));
    scenario.requests[0].sleep = Distribution::Exponential(Span::from_millis(20));
    scenario.warmup_requests = 2_000;
    let expected = theory::of(&scenario).unwrap().expected;
    let report = run(&scenario);
    agrees(&report, &expected);
    assert!(expected.rejected > Some(1_000.0));
    let rejected = f64::from(u32::try_from(report.rejected).unwrap());
    assert!((rejected / expected.rejected.unwrap() - 1.0).abs() < 0.1, "{report:?} {expected:?}");
}

#[test]
fn a_closed_load_on_shared_cores_answers_as_the_network_says() {
    let mut scenario = open(Model::Spawn, 1.0, 60_000);
    scenario.machine.cores = Ranged::of::<2>();
    scenario.machine.quantum = Span::ZERO;
    scenario.requests[0].cpu = Distribution::Constant(Span::from_millis(5));
    scenario.requests[0].sleep = Distribution::Uniform(Span::ZERO, Span::from_millis(20));
    scenario.load = Load::Closed {
        clients: Ranged::of::<12>(),
        think: Distribution::Constant(Span::from_millis(15)),
        requests: 30_000,
        mix: vec![(RouteId(0), 1.0)],
    };
    scenario.warmup_requests = 2_000;
    agrees(&run(&scenario), &theory::of(&scenario).unwrap().expected);
}

#[test]
fn loops_answer_as_mean_values_say() {
    let mut scenario = open(Model::Sharded, 210.0, 25_000);
    scenario.server.workers = Ranged::of::<3>();
    scenario.machine.cores = Ranged::of::<3>();
    scenario.requests[0].cpu = Distribution::Exponential(Span::from_millis(10));
    scenario.warmup_requests = 2_000;
    agrees(&run(&scenario), &theory::of(&scenario).unwrap().expected);
    scenario.load = Load::Closed {
        clients: Ranged::of::<9>(),
        think: Distribution::Constant(Span::from_millis(15)),
        requests: 25_000,
        mix: vec![(RouteId(0), 1.0)],
    };
    for model in [Model::Async, Model::Sharded] {
        let scenario = scenario.with_model(model);
        agrees(&run(&scenario), &theory::of(&scenario).unwrap().expected);
    }
}

#[test]
fn one_tree_takes_as_many_rounds_as_it_must() {
    let mut scenario = open(Model::ForkJoin, 1.0, 1);
    scenario.machine.cores = Ranged::of::<16>();
    scenario.requests[0].sleep = Distribution::Constant(Span::from_millis(2));
    scenario.requests[0].cpu = Distribution::Constant(Span::from_millis(1));
    scenario.requests[0].fork =
        Some(Fork { depth: Ranged::of::<3>(), leaf_cpu: Span::from_micros(500) });
    let one = Arrival { at: SimTime::ZERO, route: RouteId(0), count: Ranged::MIN };
    scenario.load = Load::Listed(vec![one]);
    for (workers, tree_ms) in [(1, 4.0), (2, 2.0), (4, 1.0), (8, 0.5), (11, 0.5)] {
        scenario.server.workers = Ranged::clamped(workers);
        let expected = theory::of(&scenario).unwrap().expected.sojourn_time.mean;
        assert!(same(expected, Some((3.0 + tree_ms) / 1e3)), "{expected:?}");
        assert!(same(run(&scenario).sojourn_time.mean, expected));
    }
    scenario.server.workers = Ranged::of::<3>();
    assert_eq!(theory::of(&scenario), Err(Reason::Forks { workers: 3 }));
    scenario.server.workers = Ranged::of::<4>();
    scenario.horizon = Some(SimTime::from_nanos(3_999_999));
    assert_eq!(theory::of(&scenario), Err(Reason::Horizon));
}

#[test]
fn a_scenario_without_a_law_says_why() {
    let mut cases: Vec<(Scenario, &str)> = Vec::new();
    let sleepy = open(Model::Pool, 10.0, 1000);
    let mut case = |expected: &'static str, change: &dyn Fn(&mut Scenario)| {
        let mut scenario = sleepy.clone();
        change(&mut scenario);
        cases.push((scenario, expected));
    };
    case("nobody asks", &|scenario| scenario.load = Load::None);
    case("the sleep holds the worker", &|scenario| {
        scenario.requests[0].cpu = Distribution::Exponential(Span::from_millis(1));
        scenario.machine.cores = Ranged::MIN;
    });
    case("M/G/4 has no exact formula", &|scenario| {
        scenario.requests[0].sleep = Distribution::Constant(Span::from_millis(10));
    });
    case("the queue grows for ever: 2.500", &|scenario| {
        scenario.server.queue = QueueBound::Unbounded;
        scenario.load =
            Load::Open { rate_per_s: 1000.0, requests: 1000, mix: vec![(RouteId(0), 1.0)] };
    });
    case("before or soon after its 68 places are full", &|scenario| {
        scenario.load =
            Load::Open { rate_per_s: 1000.0, requests: 1000, mix: vec![(RouteId(0), 1.0)] };
    });
    case("`machine.dispatch_us` is not 0", &|scenario| {
        scenario.machine.dispatch = Span::from_micros(2);
    });
    case("clients give up", &|scenario| scenario.patience = Some(Span::from_millis(1)));
    case("threads take turns", &|scenario| {
        scenario.server.model = Model::Spawn;
        scenario.requests[0].cpu = Distribution::Constant(Span::from_millis(1));
    });
    case("listed arrivals with random demands", &|scenario| {
        let one = Arrival { at: SimTime::ZERO, route: RouteId(0), count: Ranged::MIN };
        scenario.load = Load::Listed(vec![one]);
    });
    case("a thread cannot be had for each", &|scenario| {
        scenario.server.model = Model::Spawn;
        scenario.server.threads_max = Ranged::of::<2>();
        scenario.load = clients(3);
    });
    case("there is room for no request", &|scenario| {
        scenario.server.model = Model::Spawn;
        scenario.machine.stack_kib = Ranged::of::<2048>();
        scenario.machine.memory_mib = Ranged::MIN;
    });
    case("clients wait for each other's service", &|scenario| {
        scenario.requests[0].sleep = Distribution::Constant(Span::from_millis(10));
        scenario.load = clients(9);
    });
    case("5 workers share 2 cores", &|scenario| {
        scenario.server.workers = Ranged::of::<5>();
        scenario.requests[0].sleep = Distribution::Constant(Span::ZERO);
        scenario.requests[0].cpu = Distribution::Constant(Span::from_millis(10));
    });
    case("4 workers share 2 cores", &|scenario| {
        scenario.server.model = Model::Sharded;
        scenario.requests[0].cpu = Distribution::Constant(Span::from_millis(10));
    });
    case("4 workers steal from each other", &|scenario| {
        scenario.server.model = Model::ForkJoin;
        scenario.requests[0].fork =
            Some(Fork { depth: Ranged::of::<3>(), leaf_cpu: Span::from_micros(500) });
    });
    case("clients wait for each other's service", &|scenario| {
        scenario.server.model = Model::Async;
        scenario.requests[0].cpu = Distribution::Constant(Span::from_millis(10));
        scenario.load = clients(9);
    });
    case("`machine.spawn_us` is not 0", &|scenario| {
        scenario.server.model = Model::Spawn;
        scenario.machine.spawn = Span::from_micros(15);
    });
    case("things go wrong in it", &|scenario| {
        let kind = FaultKind::Panic(RouteId(0));
        scenario.faults = vec![Fault { at: SimTime::ZERO, kind }];
    });
    for (scenario, expected) in cases {
        let reason = theory::of(&scenario).expect_err(expected).to_string();
        assert!(reason.contains(expected), "{reason}");
    }
}

#[test]
fn listed_arrivals_that_cannot_be_counted_say_why() {
    let mut plain = open(Model::Pool, 1.0, 1);
    plain.requests[0].sleep = Distribution::Constant(Span::from_millis(10));
    let listed = |count: u64| {
        let count = Ranged::clamped(count);
        Load::Listed(vec![Arrival { at: SimTime::ZERO, route: RouteId(0), count }])
    };
    plain.load = listed(9);
    let reason = |change: &dyn Fn(&mut Scenario)| {
        let mut scenario = plain.clone();
        change(&mut scenario);
        theory::of(&scenario).unwrap_err()
    };
    let too_many = reason(&|scenario| scenario.load = listed(100_001));
    assert_eq!(too_many, Reason::ManyListed { requests: 100_001, max: 100_000 });
    assert_eq!(reason(&|scenario| scenario.load = Load::Listed(Vec::new())), Reason::NoLoad);
    let cut = reason(&|scenario| scenario.horizon = Some(SimTime::from_nanos(1)));
    assert_eq!(cut, Reason::Horizon);
    let dropping = reason(&|scenario| {
        scenario.server.on_full = OnFull::DropOldest;
        scenario.server.queue = QueueBound::Bounded(Ranged::of::<1>());
    });
    assert_eq!(dropping, Reason::DropsOldest);
    let threads = reason(&|scenario| {
        scenario.server.model = Model::Spawn;
        scenario.server.threads_max = Ranged::of::<8>();
    });
    assert_eq!(threads, Reason::ThreadsRunOut { threads: 8 });
    let loops = reason(&|scenario| scenario.server.model = Model::Sharded);
    assert_eq!(loops, Reason::RandomLoop { loops: 4 });
    let computes = |scenario: &mut Scenario| {
        scenario.requests[0].cpu = Distribution::Constant(Span::from_millis(1));
    };
    assert_eq!(reason(&computes), Reason::CoresShared { workers: 4, cores: 2 });
    let turns = reason(&|scenario| {
        computes(scenario);
        scenario.server.model = Model::Spawn;
    });
    assert_eq!(turns, Reason::Turns);
    let drawn = reason(&|scenario| {
        let (low, high) = (Span::from_millis(1), Span::from_millis(2));
        scenario.requests[0].sleep = Distribution::Uniform(low, high);
    });
    assert_eq!(drawn, Reason::RandomDemand);
    let switches = reason(&|scenario| {
        computes(scenario);
        scenario.server.model = Model::Single;
        scenario.machine.context_switch = Span::from_micros(3);
    });
    assert_eq!(switches, Reason::Overhead { key: "machine.context_switch_us" });
    plain.requests[0].sleep = Distribution::Uniform(Span::from_millis(2), Span::from_millis(2));
    plain.requests[0].cpu = Distribution::Exponential(Span::ZERO);
    assert!(theory::of(&plain).is_ok(), "drawn, and always the same");
}

#[test]
fn a_prediction_says_what_it_stands_on() {
    let basis = |change: &dyn Fn(&mut Scenario)| {
        let mut scenario = open(Model::Pool, 10.0, 1000);
        change(&mut scenario);
        theory::of(&scenario).unwrap().basis.to_string()
    };
    assert_eq!(basis(&|_| ()), "M/M/4/68");
    let unbounded = |scenario: &mut Scenario| scenario.server.queue = QueueBound::Unbounded;
    assert_eq!(basis(&unbounded), "M/M/4 (Erlang C)");
    let lossy = |scenario: &mut Scenario| {
        scenario.server.queue = QueueBound::Bounded(Ranged::MIN);
    };
    assert_eq!(basis(&lossy), "M/G/4/4 (Erlang B)");
    let general = |scenario: &mut Scenario| {
        scenario.server.model = Model::Single;
        scenario.requests[0].sleep = Distribution::Constant(Span::from_millis(10));
    };
    assert_eq!(basis(&general), "M/G/1 (Pollaczek–Khinchine)");
    let asks = |n: u64| move |scenario: &mut Scenario| scenario.load = clients(n);
    assert_eq!(basis(&asks(9)), "closed system of 9 clients and 4 workers (machine repairman)");
    assert_eq!(basis(&asks(3)), "closed network of 3 clients, 2 shared cores and delays (BCMP)");
    let modelled = |model: Model, load: Load| {
        basis(&move |scenario| {
            scenario.server.model = model;
            scenario.machine.cores = Ranged::of::<8>();
            scenario.requests[0].cpu = Distribution::Exponential(Span::from_millis(1));
            scenario.load = load.clone();
        })
    };
    let poisson = open(Model::Pool, 10.0, 1000).load;
    assert!(modelled(Model::Async, poisson.clone()).starts_with("M/G/1 for the loop's"));
    assert!(modelled(Model::Sharded, poisson.clone()).starts_with("4 times M/G/1"));
    assert!(modelled(Model::Spawn, poisson).starts_with("processor sharing on 8 cores"));
    let closed = modelled(Model::Sharded, clients(9));
    assert!(closed.starts_with("closed network of 9 clients, 4 loops"), "{closed}");
    let listed = shipped("ten-sleeps");
    let counted = theory::of(&listed).unwrap().basis.to_string();
    assert_eq!(counted, "listed arrivals with fixed demands, counted job by job");
}

#[test]
fn what_is_expected_has_the_keys_of_a_report() {
    let scenario = open(Model::Pool, 10.0, 1000);
    let keys = |value: serde_json::Value| -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    let expected = theory::of(&scenario).unwrap().expected;
    assert_eq!(
        keys(serde_json::to_value(expected).unwrap()),
        keys(serde_json::to_value(run(&scenario)).unwrap())
    );
}

#[test]
fn a_full_queue_that_drops_its_oldest_has_counts_and_no_times() {
    let mut scenario = open(Model::Pool, 500.0, 10_000);
    scenario.server.queue = QueueBound::Bounded(Ranged::of::<2>());
    let rejecting = theory::of(&scenario).unwrap().expected;
    scenario.server.on_full = OnFull::DropOldest;
    let dropping = theory::of(&scenario).unwrap().expected;
    assert_eq!(rejecting.rejected, dropping.rejected);
    assert!(rejecting.waiting_time.mean.is_some() && dropping.waiting_time.mean.is_none());
    let rejected = f64::from(u32::try_from(run(&scenario).rejected).unwrap());
    assert!((rejected / dropping.rejected.unwrap() - 1.0).abs() < 0.1);
}

#[test]
fn a_bounded_backlog_counts_only_where_it_fills() {
    let mut scenario = open(Model::Single, 80.0, 1000);
    scenario.requests[0].sleep = Distribution::Constant(Span::from_millis(10));
    assert!(theory::of(&scenario).is_ok());
    scenario.server.accept_backlog = Ranged::of::<10>();
    assert_eq!(theory::of(&scenario), Err(Reason::BoundedRoom { capacity: 11 }));
}

/// A random load of one kind of request, which sleeps 10 ms on average, without overheads.
fn open(model: Model, rate_per_s: f64, requests: u64) -> Scenario {
    let mut scenario = Scenario::new("open", Server::new(model));
    without_overheads(&mut scenario);
    scenario.requests.truncate(1);
    scenario.requests[0].cpu = Distribution::Constant(Span::ZERO);
    scenario.requests[0].sleep = Distribution::Exponential(Span::from_millis(10));
    scenario.load = Load::Open { rate_per_s, requests, mix: vec![(RouteId(0), 1.0)] };
    scenario
}

/// Clients that think for 10 ms on average and ask for the first route.
fn clients(n: u64) -> Load {
    Load::Closed {
        clients: Ranged::clamped(n),
        think: Distribution::Exponential(Span::from_millis(10)),
        requests: 1000,
        mix: vec![(RouteId(0), 1.0)],
    }
}

fn without_overheads(scenario: &mut Scenario) {
    let machine = &mut scenario.machine;
    (machine.context_switch, machine.spawn, machine.dispatch) =
        (Span::ZERO, Span::ZERO, Span::ZERO);
}

/// The means lie within the 99 % interval of the run, the shares near by.
fn agrees(report: &RunReport, expected: &Expected) {
    for (ours, theirs) in
        [(report.waiting_time, expected.waiting_time), (report.sojourn_time, expected.sojourn_time)]
    {
        let off = (ours.mean.unwrap() - theirs.mean.unwrap()).abs();
        assert!(off <= ours.half_width_99.unwrap() + 1e-9, "{ours:?} {theirs:?}");
    }
    for (ours, theirs) in
        [(report.waited, expected.waited), (report.utilisation, expected.utilisation)]
    {
        assert!((ours.unwrap() - theirs.unwrap()).abs() < 0.02, "{report:?} {expected:?}");
    }
}

/// What both know of times.
fn pairs(report: &RunReport, expected: &Expected) -> Vec<(Option<f64>, Option<f64>)> {
    let of = |ours: Times, theirs: Times| {
        [
            (ours.mean, theirs.mean),
            (ours.p50, theirs.p50),
            (ours.p95, theirs.p95),
            (ours.p99, theirs.p99),
            (ours.max, theirs.max),
        ]
    };
    let waiting = of(report.waiting_time, expected.waiting_time);
    let sojourn = of(report.sojourn_time, expected.sojourn_time);
    waiting.into_iter().chain(sojourn).collect()
}

/// Equal to the nanoseconds by which sharing rounds.
fn same(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() < 1e-7,
        (one, other) => one == other,
    }
}

/// Equal to the six decimals that are printed.
fn assert_printed(ours: f64, printed: f64) {
    assert!((ours - printed).abs() <= 5.1e-7, "{ours} is not {printed}");
}

/// The shares of a chain of births and deaths, by elimination in its balance equations: slow, and
/// independent of detailed balance.
fn stationary(size: u32, birth: impl Fn(u32) -> f64, death: impl Fn(u32) -> f64) -> Vec<f64> {
    let n = size as usize + 1;
    // The state-reduction of Grassmann, Taksar and Heyman (1985), which subtracts nothing.
    let mut rate = vec![vec![0.0; n]; n];
    for state in 0..size {
        let index = state as usize;
        rate[index][index + 1] = birth(state);
        rate[index + 1][index] = death(state + 1);
    }
    for last in (1..n).rev() {
        let out: f64 = rate[last][..last].iter().sum();
        for from in 0..last {
            rate[from][last] /= out;
            for to in 0..last {
                rate[from][to] += rate[from][last] * rate[last][to];
            }
        }
    }
    let mut shares = vec![1.0];
    while shares.len() < n {
        let into = shares.len();
        shares.push(shares.iter().zip(&rate).map(|(share, row)| share * row[into]).sum());
    }
    let total: f64 = shares.iter().sum();
    shares.into_iter().map(|share| share / total).collect()
}

fn workers(c: u32) -> NonZeroU32 {
    NonZeroU32::new(c).unwrap()
}

fn shipped(name: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../scenarios/{name}.toml"));
    Scenario::from_toml(name, &fs::read_to_string(path).unwrap()).unwrap().0
}

fn run(scenario: &Scenario) -> RunReport {
    let mut simulation = Simulation::new(scenario);
    simulation.run();
    simulation.report()
}
