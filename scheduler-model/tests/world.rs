//! What can be seen of a run while it goes on, read from the world alone.
#![cfg(not(target_arch = "wasm32"))]

use scheduler_model::scenario::Scenario;
use scheduler_model::{
    CoreId, Decision, Departure, Digest, Event, EventKind, Machine, Model, NodeId, Outcome, Place,
    Property, RejectReason, RequestId, ShardId, SimTime, Simulation, Stimulus, Timer, Trace,
    TraceHeader, WorkerId, WorkerState, World, simulate,
};

/// Applies events until one of this kind has happened.
fn until<'a>(
    world: &mut World,
    events: &mut impl Iterator<Item = &'a scheduler_model::Event>,
    is_wanted: impl Fn(&EventKind) -> bool,
) -> Option<Departure> {
    loop {
        let event = events.next().expect("it happens");
        let departure = world.apply(event).expect("the run is a run");
        if is_wanted(&event.kind) {
            return departure;
        }
    }
}

fn trace(text: &str) -> Trace {
    simulate(&Scenario::from_toml("world.toml", text).expect("a legal scenario").0)
}

#[test]
fn a_pool_is_seen_at_every_step_of_a_request() {
    let trace = trace(
        "[server]\nmodel = 'pool'\nworkers = 1\n[machine]\ncores = 1\n[[arrive]]\npath = '/'\n\
         count = 2\n[[fault]]\nat_ms = 100\nkind = 'drain'\ndeadline_ms = 50\n",
    );
    let mut world = World::new(&trace.header);
    let mut events = trace.events.iter();
    assert!(world.is_simulated() && world.is_accepting() && !world.is_drained());
    assert_eq!((world.server().model, world.machine().cores.get()), (Model::Pool, 1));
    assert_eq!((world.next_request(), world.n_connections()), (RequestId(1), 0));
    assert_eq!(world.stack_kib(), 64);

    until(&mut world, &mut events, |kind| {
        matches!(kind, EventKind::Decision(Decision::Queue { .. }))
    });
    assert_eq!(world.run_queue(), &[RequestId(2)]);
    assert_eq!((world.n_queued(), world.n_connections(), world.n_workers()), (1, 2, 1));
    let waiting = world.request(RequestId(2)).expect("it waits");
    assert_eq!((waiting.place, waiting.waited), (Place::RunQueue, Some(true)));
    let connection = world.connection(waiting.connection.expect("it has one")).expect("open");
    assert_eq!((connection.request, connection.opened), (Some(RequestId(2)), SimTime::ZERO));
    assert_eq!(world.connections().count(), 2);
    assert_eq!(world.requests().count(), 2);

    until(&mut world, &mut events, |kind| {
        matches!(kind, EventKind::Machine(Machine::CoreGiven { .. }))
    });
    let worker = world.workers().next().expect("there is one");
    assert_eq!((worker.state, worker.core), (WorkerState::Busy, Some(CoreId(0))));
    assert_eq!((worker.request, worker.since), (Some(RequestId(1)), world.now()));

    let departure = until(&mut world, &mut events, |kind| {
        matches!(kind, EventKind::Stimulus(Stimulus::TaskFinished { .. }))
    });
    assert_eq!(
        departure.map(|gone| (gone.request.id, gone.outcome)),
        Some((RequestId(1), Outcome::Answered))
    );

    let deadline = until(&mut world, &mut events, |kind| {
        matches!(kind, EventKind::Decision(Decision::ArmTimer { .. }))
    });
    assert_eq!(deadline, None);
    let deadline = SimTime::from_nanos(150_000_000);
    assert_eq!(world.drain_deadline(), Some(deadline));
    let shard = &world.shards()[0];
    assert_eq!(shard.timer(Timer::DrainDeadline), Some(deadline));
    assert_eq!((shard.timer(Timer::SpawnRetry), shard.drain_deadline()), (None, Some(deadline)));
    assert!(!shard.is_accepting() && shard.run_queue().is_empty());
    for event in events {
        world.apply(event).expect("the run is a run");
    }
    assert!(world.is_drained() && world.shards()[0].is_drained() && !world.is_accepting());
}

#[test]
fn a_part_is_seen_in_its_deque_and_whoever_waits_for_it() {
    let trace = trace(
        "[server]\nmodel = 'fork-join'\nworkers = 2\n[[request]]\npath = '/'\n\
         fork = { depth = 2, leaf_cpu_us = 500 }\n[[arrive]]\npath = '/'\n",
    );
    let mut world = World::new(&trace.header);
    let (mut has_part, mut waits) = (false, false);
    for event in &trace.events {
        world.apply(event).expect("the run is a run");
        for worker in world.workers() {
            has_part |= world.deque(worker.id).any(|(request, _)| request == RequestId(1));
        }
        waits |= world.workers().any(|one| one.state == WorkerState::Joining && !one.helps);
    }
    assert!(has_part && waits && world.counts().steals > 0);
}

#[test]
fn a_simulation_shows_its_world_and_its_header() {
    let (scenario, _) =
        Scenario::from_toml("one.toml", "[server]\nmodel = 'single'\n[[arrive]]\npath = '/'\n")
            .expect("a legal scenario");
    let mut simulation = Simulation::new(&scenario);
    assert_eq!(simulation.header().scenario, scenario);
    simulation.run();
    assert_eq!(simulation.world().counts().answered, 1);
    assert_eq!(simulation.report().answered, 1);
}

#[test]
fn names_are_those_of_the_file_format() {
    let reasons = [
        (RejectReason::QueueFull, "queue-full"),
        (RejectReason::DroppedOldest, "dropped-oldest"),
        (RejectReason::SpawnFailed, "spawn-failed"),
        (RejectReason::Draining, "draining"),
        (RejectReason::DrainDeadline, "drain-deadline"),
    ];
    for (reason, name) in reasons {
        assert_eq!(reason.to_string(), name);
        let json = serde_json::to_string(&reason).expect("it is data");
        assert_eq!(json, format!("\"{name}\""));
    }
    let outcomes =
        [Outcome::Answered, Outcome::Failed, Outcome::Rejected, Outcome::Dropped, Outcome::Lost];
    let names = outcomes.map(Outcome::name);
    assert_eq!(names, ["answered", "failed", "rejected", "dropped", "lost"]);
}

#[test]
fn the_digest_of_nothing_is_that_of_xxh64() {
    let digest = Digest::default();
    assert_eq!(digest.finish(), 0xef46_db37_51d8_e999);
    assert_eq!(format!("{digest:?}"), "Digest(ef46db3751d8e999)");
    let json = serde_json::to_string(&digest).expect("it is data");
    assert_eq!(json, "\"ef46db3751d8e999\"");
}

#[test]
fn where_nobody_asks_nothing_happens() {
    assert_eq!(trace("[server]\nmodel = 'pool'\n").events, []);
}

/// A world in which these events have happened, all at once.
fn after(header: &TraceHeader, events: &[EventKind]) -> World {
    let mut world = World::new(header);
    for &kind in events {
        world.apply(&Event::new(SimTime::ZERO, kind)).expect("it can follow");
    }
    world
}

fn header(model: Model, source: fn(Scenario) -> TraceHeader) -> TraceHeader {
    let text = format!("[server]\nmodel = '{}'\nworkers = 2\n", model.name());
    source(Scenario::from_toml("world.toml", &text).expect("a legal scenario").0)
}

fn job(request: RequestId) -> EventKind {
    let (connection, route, seen_by) = (None, None, None);
    EventKind::Stimulus(Stimulus::RequestArrived { request, connection, route, seen_by })
}

#[test]
fn a_worker_that_dies_leaves_its_core_and_fails_what_it_held() {
    let (request, worker, core) = (RequestId(1), WorkerId::from_index(0), CoreId(0));
    let world = after(
        &header(Model::Pool, TraceHeader::simulated),
        &[
            job(request),
            EventKind::Decision(Decision::Assign { request, worker }),
            EventKind::Machine(Machine::CoreGiven { worker, core }),
            EventKind::Stimulus(Stimulus::WorkerDied { worker }),
        ],
    );
    assert_eq!((world.counts().failed, world.counts().cores_busy), (1, 0));
    assert!(world.worker(worker).is_none());
}

#[test]
fn a_thief_that_dies_fails_nobodys_request() {
    let request = RequestId(1);
    let (owner, thief) = (WorkerId::from_index(0), WorkerId::from_index(1));
    let node = NodeId(3);
    let world = after(
        &header(Model::ForkJoin, TraceHeader::recorded),
        &[
            job(request),
            EventKind::Decision(Decision::Assign { request, worker: owner }),
            EventKind::Machine(Machine::Pushed { request, worker: owner, node }),
            EventKind::Stimulus(Stimulus::TaskForked { request, worker: owner }),
            EventKind::Decision(Decision::Steal { worker: thief }),
            EventKind::Machine(Machine::Stolen { request, worker: thief, victim: owner, node }),
            EventKind::Stimulus(Stimulus::WorkerDied { worker: thief }),
        ],
    );
    assert_eq!((world.counts().failed, world.counts().in_system), (0, 1));
}

#[test]
fn whoever_runs_a_job_on_the_callers_thread_has_turned_it_away() {
    let run = EventKind::Decision(Decision::RunOnCaller { request: RequestId(1) });
    let world = after(&header(Model::Pool, TraceHeader::recorded), &[job(RequestId(1)), run]);
    assert_eq!((world.counts().rejected, world.counts().in_system), (1, 0));
}

#[test]
fn an_event_of_a_shard_that_is_not_there_is_refused() {
    let mut event = Event::new(SimTime::ZERO, EventKind::Stimulus(Stimulus::AcceptFailed));
    event.shard = ShardId(1);
    let refused = World::new(&header(Model::Pool, TraceHeader::recorded)).apply(&event);
    assert_eq!(refused.expect_err("there is one").to_string(), "there is no shard 1");
}

#[test]
fn every_property_has_a_name_of_its_own() {
    let mut names = Property::ALL.map(Property::name).to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Property::ALL.len());
    assert!(names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
}
