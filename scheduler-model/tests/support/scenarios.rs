//! Scenarios of every kind, many and odd.

use proptest::prelude::*;
use scheduler_model::scenario::{
    Arrival, Distribution, Fault, FaultKind, Fork, Load, OnFull, QueueBound, Ranged, Scenario,
    Server,
};
use scheduler_model::{Model, RequestId, RouteId, SimTime, Span};

fn models() -> impl Strategy<Value = Model> {
    prop::sample::select(Model::ALL.to_vec())
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let kind = prop_oneof![
        (1_u64..40).prop_map(|id| FaultKind::ClientGone(RequestId(id))),
        (0_u64..30).prop_map(|ms| FaultKind::Drain { deadline: Span::from_millis(ms) }),
        (0_u16..2).prop_map(|route| FaultKind::Panic(RouteId(route))),
        (1_u64..6).prop_map(|workers| FaultKind::Resize(Ranged::clamped(workers))),
        (1_u64..4).prop_map(|count| FaultKind::SpawnFails(Ranged::clamped(count))),
    ];
    prop::collection::vec((0_u64..40, kind), 0..5).prop_map(|faults| {
        let fault = |(ms, kind)| Fault { at: SimTime::ZERO + Span::from_millis(ms), kind };
        faults.into_iter().map(fault).collect()
    })
}

prop_compose! {
    fn servers()(
        model in models(),
        workers in 1_u64..5,
        queue in prop::option::of(0_u64..6),
        on_full in prop::sample::select(vec![OnFull::Reject, OnFull::Wait, OnFull::DropOldest]),
        threads in 1_u64..8,
        backlog in 0_u64..8,
    ) -> Server {
        Server {
            workers: Ranged::clamped(workers),
            queue: queue.map_or(QueueBound::Unbounded, |max| QueueBound::Bounded(Ranged::clamped(max))),
            on_full,
            threads_max: Ranged::clamped(threads),
            accept_backlog: Ranged::clamped(backlog),
            ..Server::new(model)
        }
    }
}

prop_compose! {
    pub(crate) fn scenarios()(
        server in servers(),
        seed in 0_u64..1000,
        arrivals in prop::collection::vec((0_u64..40_000, 0_u16..2, 1_u64..4), 1..20),
        faults in faults(),
        cores in 1_u64..4,
        quantum_us in prop::sample::select(vec![0_u64, 100, 3000]),
        costs in prop::sample::select(vec![0_u64, 2, 700]),
        cpu_us in prop::sample::select(vec![0_u64, 150, 4000]),
        sleep_ms in prop::sample::select(vec![0_u64, 1, 9]),
        patience_ms in prop::option::of(1_u64..20),
        open in any::<bool>(),
        fork in prop::option::of((0_u64..5, prop::sample::select(vec![0_u64, 70, 900]))),
    ) -> Scenario {
        let mut scenario = Scenario::new("property", server);
        scenario.seed = seed;
        scenario.machine.cores = Ranged::clamped(cores);
        scenario.machine.quantum = Span::from_micros(quantum_us);
        scenario.machine.context_switch = Span::from_micros(costs);
        scenario.machine.spawn = Span::from_micros(costs);
        scenario.machine.dispatch = Span::from_micros(costs);
        scenario.requests[0].cpu = Distribution::Exponential(Span::from_micros(cpu_us));
        scenario.requests[1].cpu = Distribution::Constant(Span::from_micros(cpu_us));
        scenario.requests[1].sleep = Distribution::Constant(Span::from_millis(sleep_ms));
        scenario.requests[0].fork = fork.map(|(depth, leaf_us)| Fork {
            depth: Ranged::clamped(depth),
            leaf_cpu: Span::from_micros(leaf_us),
        });
        scenario.patience = patience_ms.map(Span::from_millis);
        scenario.faults = faults;
        scenario.load = if open {
            let mix = vec![(RouteId(0), 0.5), (RouteId(1), 0.5)];
            Load::Open { rate_per_s: 800.0, requests: 40, mix }
        } else {
            Load::Listed(arrivals.into_iter().map(|(us, route, count)| Arrival {
                at: SimTime::ZERO + Span::from_micros(us),
                route: RouteId(route),
                count: Ranged::clamped(count),
            }).collect())
        };
        scenario
    }
}
