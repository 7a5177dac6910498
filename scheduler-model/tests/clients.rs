//! The clients without the simulated server ask what they ask in a simulation; and a recording in
//! which they tell when they sent is a run like any other.

use scheduler_model::scenario::{Arrival, Distribution, Load, Ranged, Scenario, Server};
use scheduler_model::trace::{Arrivals, TraceHeader};
use scheduler_model::{
    Clients, ConnectionId, Decision, Ending, Event, EventKind, Machine, Model, RequestId, RouteId,
    ShardId, SimTime, Simulation, Span, Stats, Stimulus, Trace, WorkerId, replay, simulate,
};

fn at(ms: u64) -> SimTime {
    SimTime::ZERO + Span::from_millis(ms)
}

fn mixed() -> Scenario {
    let mut scenario = Scenario::new("mixed", Server::new(Model::Spawn));
    scenario.requests[0].cpu = Distribution::Exponential(Span::from_micros(300));
    scenario.requests[1].sleep = Distribution::Uniform(Span::ZERO, Span::from_millis(4));
    scenario.load = Load::Open {
        rate_per_s: 1000.0,
        requests: 200,
        mix: vec![(RouteId(0), 0.5), (RouteId(1), 0.5)],
    };
    scenario
}

/// When each request of a simulation arrived, and what it asked for.
fn arrivals(trace: &Trace) -> Vec<(RequestId, SimTime, RouteId)> {
    let arrival = |event: &Event| match event.kind {
        EventKind::Stimulus(Stimulus::RequestArrived { request, route, .. }) => {
            Some((request, event.at, route?))
        }
        _ => None,
    };
    trace.events.iter().filter_map(arrival).collect()
}

#[test]
fn clients_ask_what_they_ask_in_a_simulation_and_at_the_same_times() {
    let mut listed = mixed();
    let late = Arrival { at: at(9), route: RouteId(0), count: Ranged::of::<2>() };
    listed.load = Load::Listed(vec![late, Arrival { at: at(3), route: RouteId(1), ..late }]);
    for scenario in [mixed(), listed] {
        let mut clients = Clients::new(&scenario);
        let asked: Vec<_> = std::iter::from_fn(|| clients.ask()).collect();
        assert!(clients.are_done());
        let seen = asked.iter().map(|question| (question.number, question.at, question.route));
        assert_eq!(seen.collect::<Vec<_>>(), arrivals(&simulate(&scenario)));
    }
}

#[test]
fn what_a_request_costs_does_not_depend_on_the_model() {
    let costs = |model| {
        let mut clients = Clients::new(&mixed().with_model(model));
        let cost = std::iter::from_fn(|| clients.ask()).map(|question| question.demand);
        cost.map(|demand| (demand.cpu, demand.sleep)).collect::<Vec<_>>()
    };
    let costs = Model::ALL.map(costs);
    assert!(costs.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(costs[0].windows(2).any(|pair| pair[0] != pair[1]), "they are drawn");
}

#[test]
fn a_client_of_a_closed_load_asks_again_when_it_has_its_answer() {
    let mut scenario = mixed();
    let think = Distribution::Constant(Span::from_millis(2));
    let mix = vec![(RouteId(0), 1.0)];
    scenario.load = Load::Closed { clients: Ranged::of::<2>(), think, requests: 3, mix };
    let mut clients = Clients::new(&scenario);
    assert_eq!(clients.due(), Some(at(2)));
    let (first, second) = (clients.ask().unwrap(), clients.ask().unwrap());
    assert_eq!((first.client, second.client), (Some(0), Some(1)));
    assert_eq!(clients.due(), None, "both wait");
    clients.answered(1, at(10));
    assert_eq!(clients.due(), Some(at(12)));
    assert_eq!(clients.ask().unwrap().client, Some(1));
    clients.answered(0, at(13));
    assert!(clients.due().is_none() && clients.are_done(), "three were to be asked");
}

#[test]
fn a_simulation_may_be_told_which_loop_gets_which_connection() {
    let mut scenario = mixed().with_model(Model::Sharded);
    scenario.server.workers = Ranged::of::<2>();
    let shards = vec![Some(ShardId(1)); 200];
    let mut simulation = Simulation::new(&scenario).with_shards(shards).recording();
    simulation.run();
    let trace = simulation.into_trace();
    assert!(trace.events.iter().all(|event| event.shard == ShardId(1)));
}

/// Two requests of a pool of one, which overtake each other between client and server, as a
/// recording has them once the clients' times are merged in.
fn overtaking() -> Trace {
    let workers = Ranged::of::<1>();
    let mut scenario = Scenario::new("two", Server { workers, ..Server::new(Model::Pool) });
    scenario.load = Load::None;
    let header = TraceHeader { arrivals: Arrivals::Client, ..TraceHeader::recorded(scenario) };
    let worker = WorkerId::from_index(0);
    let route = RouteId(0);
    let (one, two) = (RequestId(1), RequestId(2));
    let (first, second) = (ConnectionId::from_index(0), ConnectionId::from_index(1));
    let sent = |request| EventKind::Machine(Machine::Backlogged { request, route });
    let opened = |connection| EventKind::Stimulus(Stimulus::ConnectionOpened { connection });
    let arrived = |request, connection| {
        let connection = Some(connection);
        let seen = Stimulus::RequestArrived { request, connection, route: None, seen_by: None };
        EventKind::Stimulus(seen)
    };
    let finished = |request| {
        let route = Some(route);
        let ending = Ending::Close;
        EventKind::Stimulus(Stimulus::TaskFinished { request, worker, route, ending })
    };
    let decided = EventKind::Decision;
    let kinds = [
        (0, sent(one)),
        (1, sent(two)),
        (3, opened(first)),
        (3, arrived(two, first)),
        (3, decided(Decision::Assign { request: two, worker })),
        (4, opened(second)),
        (4, arrived(one, second)),
        (4, decided(Decision::Queue { request: one })),
        (9, finished(two)),
        (9, decided(Decision::Assign { request: one, worker })),
        (12, finished(one)),
        (12, decided(Decision::Park { worker })),
    ];
    Trace::new(header, kinds.map(|(ms, kind)| Event::new(at(ms), kind)).to_vec())
}

#[test]
fn a_recording_with_the_clients_times_conforms_and_counts_from_them() {
    let trace = overtaking();
    let verdict = replay(&trace);
    assert!(verdict.conforms, "{:?}", verdict.first_difference);
    let report = Stats::of(&trace).unwrap();
    assert_eq!((report.answered, report.waited), (2, Some(0.5)));
    assert_eq!(report.sojourn_time.max, Some(0.012), "from when its client sent it");
    assert_eq!(report.waiting_time.max, Some(0.009));
}

#[test]
fn a_recording_without_the_clients_times_knows_nothing_of_the_kernel() {
    let mut trace = overtaking();
    trace.header.arrivals = Arrivals::Server;
    let difference = replay(&trace).first_difference.unwrap();
    assert_eq!(difference.seq, 1);
}
