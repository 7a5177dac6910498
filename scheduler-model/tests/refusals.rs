//! The world refuses every event that cannot follow, at its place, and says why.
#![cfg(not(target_arch = "wasm32"))]

use std::fmt::Write as _;

use scheduler_model::scenario::{QueueBound, Ranged, Scenario, Server};
use scheduler_model::trace::write_header;
use scheduler_model::{
    EventKind, Model, RouteId, SimTime, Stats, Stimulus, Trace, TraceHeader, Violation, World,
};

/// A server and events, the last of which cannot follow; `S`, `D` and `M` are a stimulus, a decision
/// and a machine event.
type Case = (Model, &'static [&'static str]);

#[test]
fn a_recording_is_refused_at_its_first_event_that_cannot_follow() {
    insta::assert_snapshot!(refusals(RECORDED, TraceHeader::recorded));
}

#[test]
fn a_simulated_run_is_refused_at_its_first_event_that_cannot_follow() {
    insta::assert_snapshot!(refusals(SIMULATED, TraceHeader::simulated));
}

#[test]
fn a_recording_of_deques_and_loops_is_refused_at_its_first_event_that_cannot_follow() {
    insta::assert_snapshot!(refusals(OF_DEQUES, TraceHeader::recorded));
}

#[test]
fn in_a_simulation_a_thief_takes_the_oldest_part_and_who_waits_is_off_its_core() {
    insta::assert_snapshot!(refusals(SIMULATED_DEQUES, TraceHeader::simulated));
}

/// What a reader of files has ruled out already, a driver may still get wrong.
#[test]
fn what_no_file_can_say_is_refused_as_well() {
    let trace = trace(&header(Model::Pool, TraceHeader::recorded), &[r#"S "accept_failed""#]);
    let refused = |at: u64, kind: Stimulus| {
        let mut world = World::new(&trace.header);
        let mut event = trace.events[0];
        event.at = SimTime::from_nanos(5);
        world.apply(&event).expect("it can follow");
        (event.at, event.kind) = (SimTime::from_nanos(at), EventKind::Stimulus(kind));
        world.apply(&event).expect_err("it cannot follow").to_string()
    };
    assert_eq!(
        refused(4, Stimulus::AcceptFailed),
        "0.000000004 s given, but the last event was at 0.000000005 s"
    );
    assert_eq!(
        refused(5, Stimulus::Resize { workers: 0 }),
        "resize to 0 is out of range, allowed is 1..=1024"
    );
    assert!(refused(5, Stimulus::Resize { workers: 1025 }).contains("1..=1024"));
    let arrived = Stimulus::RequestArrived {
        request: scheduler_model::RequestId(1),
        connection: None,
        route: Some(RouteId(9)),
        seen_by: None,
    };
    assert_eq!(refused(5, arrived), "there is no route 9");
}

/// Each case's last event, and why it is refused.
fn refusals(cases: &[Case], source: fn(Scenario) -> TraceHeader) -> String {
    let mut report = String::new();
    for &(model, events) in cases {
        let trace = trace(&header(model, source), events);
        let (seq, violation): (u64, Violation) =
            Stats::of(&trace).expect_err(&format!("{} {events:?}", model.name()));
        assert_eq!(seq, events.len() as u64, "{} {events:?}: {violation}", model.name());
        let (before, last) = events.split_at(events.len() - 1);
        for event in before {
            writeln!(report, "{} {}", model.name(), bare(event)).expect("a string takes it");
        }
        writeln!(report, "{} {}\n=> {violation}\n", model.name(), bare(last[0]))
            .expect("a string takes it");
    }
    report
}

/// Two workers, one place in the queue, one in the accept backlog.
fn header(model: Model, source: fn(Scenario) -> TraceHeader) -> TraceHeader {
    source(Scenario::new(
        "refusals",
        Server {
            workers: Ranged::clamped(2),
            queue: QueueBound::Bounded(Ranged::clamped(1)),
            accept_backlog: Ranged::clamped(1),
            ..Server::new(model)
        },
    ))
}

fn trace(header: &TraceHeader, events: &[&str]) -> Trace {
    let mut text = Vec::new();
    write_header(&mut text, header).expect("a vector takes it");
    let mut text = String::from_utf8(text).expect("JSON is UTF-8");
    for (seq, event) in (1..).zip(events) {
        let (kind, json) = event.split_once(' ').expect("a kind and an event");
        let kind = match kind {
            "S" => "stimulus",
            "D" => "decision",
            "M" => "machine",
            other => panic!("no kind: {other}"),
        };
        let json = if json.contains(':') { format!("{{{json}}}") } else { json.to_owned() };
        writeln!(text, r#"{{"seq":{seq},"at_ns":0,"{kind}":{json}}}"#).expect("it takes it");
    }
    Trace::read_str("refusals.jsonl", &text).unwrap_or_else(|error| panic!("{error}"))
}

/// JSON without what makes it hard to read.
fn bare(json: &str) -> String {
    json.replace(['{', '}', '"'], "").replace(':', " ").replace(',', ", ")
}

/// A number is never above the count of events: a reader of files sees to that.
const NOTHING: &str = r#"S "accept_failed""#;
const OPENED: &str = r#"S "connection_opened":{"connection":1}"#;
const ARRIVED: &str = r#"S "request_arrived":{"request":1,"connection":1}"#;
const JOB: &str = r#"S "request_arrived":{"request":1}"#;
const JOB_2: &str = r#"S "request_arrived":{"request":2}"#;
const JOB_3: &str = r#"S "request_arrived":{"request":3}"#;
const JOB_4: &str = r#"S "request_arrived":{"request":4}"#;
const ASSIGN: &str = r#"D "assign":{"request":1,"worker":1}"#;
const ASSIGN_2: &str = r#"D "assign":{"request":2,"worker":2}"#;
const DRAIN: &str = r#"S "drain":{"deadline_ns":5}"#;

const RECORDED: &[Case] = &[
    // Numbers have an order, and things have to be there.
    (Model::Pool, &[NOTHING, r#"S "connection_opened":{"connection":2}"#]),
    (Model::Pool, &[r#"S "connection_opened":{"connection":1}"#, OPENED]),
    (Model::Pool, &[JOB, ASSIGN, JOB_3]),
    (Model::Pool, &[r#"S "request_arrived":{"request":1,"connection":1}"#]),
    (Model::Pool, &[r#"S "request_arrived":{"request":1,"seen_by":9}"#]),
    (Model::Pool, &[r#"S "peer_closed":{"connection":1}"#]),
    (Model::Pool, &[r#"S "connection_expired":{"connection":1}"#]),
    (Model::Pool, &[r#"S "worker_started":{"worker":9}"#]),
    (Model::Pool, &[r#"S "worker_died":{"worker":9}"#]),
    (Model::Pool, &[r#"S "spawn_failed":{"worker":9}"#]),
    (Model::Pool, &[r#"S "task_finished":{"request":1,"worker":9,"ending":"close"}"#]),
    (Model::Pool, &[r#"D "assign":{"request":1,"worker":1}"#]),
    (Model::Pool, &[JOB, r#"D "assign":{"request":1,"worker":9}"#]),
    (Model::Pool, &[r#"D "queue":{"request":1}"#]),
    (Model::Pool, &[r#"D "reject":{"request":1,"reason":"queue-full"}"#]),
    (Model::Pool, &[r#"D "run_on_caller":{"request":1}"#]),
    (Model::Pool, &[r#"D "park":{"worker":9}"#]),
    (Model::Pool, &[r#"D "close":{"connection":1}"#]),
    (Model::Pool, &[r#"D "spawn":{"worker":4}"#]),
    // A connection carries one request at a time.
    (
        Model::Pool,
        &[OPENED, ARRIVED, ASSIGN, r#"S "request_arrived":{"request":2,"connection":1}"#],
    ),
    (Model::Pool, &[OPENED, ARRIVED, ASSIGN, r#"S "connection_expired":{"connection":1}"#]),
    (Model::Pool, &[OPENED, ARRIVED, ASSIGN, r#"D "close":{"connection":1}"#]),
    // Only the worker that holds a request goes on with it.
    (Model::Pool, &[r#"S "task_finished":{"request":1,"worker":1,"ending":"close"}"#]),
    (Model::Pool, &[JOB, ASSIGN, r#"S "task_panicked":{"request":2,"worker":1,"ending":"close"}"#]),
    (Model::Pool, &[JOB, ASSIGN, r#"S "task_blocked":{"request":1,"worker":2}"#]),
    (Model::Pool, &[JOB, ASSIGN, r#"S "task_woke":{"request":1,"worker":1}"#]),
    (
        Model::Pool,
        &[
            JOB,
            ASSIGN,
            r#"S "task_blocked":{"request":1,"worker":1}"#,
            r#"S "task_finished":{"request":1,"worker":1,"ending":"close"}"#,
        ],
    ),
    // Only an idle worker is given something, parked or retired.
    (Model::Pool, &[JOB, ASSIGN, JOB_2, r#"D "assign":{"request":2,"worker":1}"#]),
    (Model::Pool, &[JOB, ASSIGN, r#"D "park":{"worker":1}"#]),
    (Model::Pool, &[JOB, ASSIGN, r#"D "retire":{"worker":1}"#]),
    (Model::Pool, &[r#"S "worker_started":{"worker":1}"#]),
    (Model::Pool, &[r#"S "spawn_failed":{"worker":2}"#]),
    // Only a request that waits is given to a worker, and only an arrival is decided on.
    (Model::Pool, &[JOB, ASSIGN, r#"D "assign":{"request":1,"worker":2}"#]),
    (Model::Pool, &[JOB, ASSIGN, r#"D "queue":{"request":1}"#]),
    (Model::Pool, &[JOB, ASSIGN, r#"D "run_on_caller":{"request":1}"#]),
    (Model::Spawn, &[JOB, r#"D "spawn":{"worker":1,"request":2}"#]),
    (
        Model::Spawn,
        &[JOB, r#"D "spawn":{"worker":1,"request":1}"#, r#"D "spawn":{"worker":2,"request":1}"#],
    ),
    (
        Model::Spawn,
        &[
            JOB,
            r#"D "spawn":{"worker":1,"request":1}"#,
            JOB_2,
            r#"D "spawn":{"worker":2,"request":2}"#,
            r#"S "worker_started":{"worker":2}"#,
            r#"D "assign":{"request":1,"worker":2}"#,
        ],
    ),
    // Bounds.
    (
        Model::Pool,
        &[
            JOB,
            ASSIGN,
            JOB_2,
            ASSIGN_2,
            JOB_3,
            r#"D "queue":{"request":3}"#,
            JOB_4,
            r#"D "queue":{"request":4}"#,
        ],
    ),
    (Model::Spawn, &[JOB, r#"D "queue":{"request":1}"#]),
    (Model::Single, &[JOB, r#"D "queue":{"request":1}"#]),
    // What must hold when all decisions on a stimulus are out.
    (Model::Pool, &[JOB, r#"D "queue":{"request":1}"#, r#"S "accept_failed""#]),
    (Model::Pool, &[JOB, r#"S "accept_failed""#]),
    // The server as a whole.
    (Model::Pool, &[r#"D "resume_accepting""#]),
    (Model::Pool, &[r#"D "stop_accepting""#, r#"D "stop_accepting""#]),
    (Model::Pool, &[DRAIN, DRAIN]),
    (Model::Pool, &[r#"D "drained""#]),
    (Model::Pool, &[DRAIN, r#"D "drained""#, r#"D "drained""#]),
    (Model::Pool, &[r#"S "timer_due":{"timer":"spawn_retry"}"#]),
    (
        Model::Pool,
        &[
            r#"D "arm_timer":{"timer":"spawn_retry","due_ns":1}"#,
            r#"S "timer_due":{"timer":"spawn_retry"}"#,
        ],
    ),
    (Model::Pool, &[r#"M "backlogged":{"request":1,"route":0}"#]),
];

const PUSHED: &str = r#"M "pushed":{"request":1,"worker":1,"node":3}"#;
const FINISHED: &str = r#"S "task_finished":{"request":1,"worker":1,"ending":"close"}"#;
const PUSHED_5: &str = r#"M "pushed":{"request":1,"worker":1,"node":5}"#;
const POPPED: &str = r#"M "popped":{"request":1,"worker":1,"node":3}"#;
const JOIN_BEGUN: &str = r#"M "join_begun":{"request":1,"worker":1,"node":3}"#;
const JOIN_ENDED: &str = r#"M "join_ended":{"request":1,"worker":1,"node":3}"#;
const FORKED: &str = r#"S "task_forked":{"request":1,"worker":1}"#;
const STEAL: &str = r#"D "steal":{"worker":2}"#;
const STOLEN: &str = r#"M "stolen":{"request":1,"worker":2,"victim":1,"node":3}"#;

const SIMULATED_DEQUES: &[Case] = &[
    (
        Model::ForkJoin,
        &[
            JOB,
            ASSIGN,
            PUSHED,
            FORKED,
            PUSHED_5,
            STEAL,
            r#"M "stolen":{"request":1,"worker":2,"victim":1,"node":5}"#,
        ],
    ),
    (
        Model::ForkJoin,
        &[
            JOB,
            ASSIGN,
            r#"M "core_given":{"worker":1,"core":0}"#,
            r#"M "join_begun":{"request":1,"worker":1,"node":3}"#,
        ],
    ),
];

const OF_DEQUES: &[Case] = &[
    (Model::ForkJoin, &[PUSHED]),
    (Model::ForkJoin, &[JOB, ASSIGN, PUSHED, PUSHED]),
    (Model::ForkJoin, &[JOB, ASSIGN, r#"S "task_forked":{"request":1,"worker":2}"#]),
    // The owner takes its newest part, and nobody a part that is not there.
    (Model::ForkJoin, &[JOB, ASSIGN, POPPED]),
    (Model::ForkJoin, &[JOB, ASSIGN, PUSHED, FORKED, PUSHED_5, FORKED, POPPED]),
    (Model::ForkJoin, &[JOB, ASSIGN, STEAL, STOLEN]),
    // Only who was sent to steal does so, and from another one.
    (Model::ForkJoin, &[JOB, ASSIGN, PUSHED, STOLEN]),
    (Model::ForkJoin, &[JOB, ASSIGN, r#"D "steal":{"worker":1}"#]),
    (Model::ForkJoin, &[r#"S "steal_failed":{"worker":1}"#]),
    (
        Model::ForkJoin,
        &[JOB, ASSIGN, PUSHED, r#"M "stolen":{"request":1,"worker":1,"victim":1,"node":3}"#],
    ),
    (
        Model::ForkJoin,
        &[JOB, ASSIGN, PUSHED, r#"M "stolen":{"request":1,"worker":1,"victim":2,"node":3}"#],
    ),
    // A thief has a part, and not the request.
    (Model::ForkJoin, &[JOB, ASSIGN, r#"S "task_joined":{"request":1,"worker":1}"#]),
    (
        Model::ForkJoin,
        &[
            JOB,
            ASSIGN,
            PUSHED,
            STEAL,
            STOLEN,
            r#"S "task_finished":{"request":1,"worker":2,"ending":"close"}"#,
        ],
    ),
    // A worker splits what it has come to, and tells it once.
    (Model::ForkJoin, &[JOB, ASSIGN, PUSHED_5]),
    (Model::ForkJoin, &[JOB, ASSIGN, FORKED]),
    (Model::ForkJoin, &[JOB, ASSIGN, PUSHED, FORKED, FORKED]),
    (Model::ForkJoin, &[JOB, ASSIGN, PUSHED, POPPED]),
    // Thieves take the oldest: what was older than a stolen part is not its owner's any more.
    (
        Model::ForkJoin,
        &[
            JOB,
            ASSIGN,
            PUSHED,
            FORKED,
            PUSHED_5,
            FORKED,
            STEAL,
            r#"M "stolen":{"request":1,"worker":2,"victim":1,"node":5}"#,
            POPPED,
        ],
    ),
    // Nobody is through as long as something lies in its deque.
    (Model::ForkJoin, &[JOB, ASSIGN, PUSHED, FORKED, FINISHED]),
    (
        Model::ForkJoin,
        &[
            JOB,
            ASSIGN,
            PUSHED,
            FORKED,
            STEAL,
            STOLEN,
            r#"M "pushed":{"request":1,"worker":2,"node":7}"#,
            r#"S "task_forked":{"request":1,"worker":2}"#,
            r#"S "task_joined":{"request":1,"worker":2}"#,
        ],
    ),
    // Who waits for a thief waits for a part of his own, and goes on when that is done.
    (Model::ForkJoin, &[JOB, ASSIGN, r#"M "join_begun":{"request":1,"worker":1,"node":9}"#]),
    (Model::ForkJoin, &[JOB, ASSIGN, r#"M "join_begun":{"request":1,"worker":1,"node":2}"#]),
    (Model::ForkJoin, &[JOB, ASSIGN, PUSHED, FORKED, PUSHED_5, FORKED, JOIN_BEGUN]),
    (Model::ForkJoin, &[JOB, ASSIGN, PUSHED, FORKED, JOIN_BEGUN, POPPED]),
    (Model::ForkJoin, &[JOB, ASSIGN, PUSHED, FORKED, JOIN_BEGUN, FINISHED]),
    (Model::ForkJoin, &[JOB, ASSIGN, PUSHED, FORKED, JOIN_BEGUN, JOIN_ENDED]),
    (Model::ForkJoin, &[JOB, ASSIGN, JOIN_ENDED]),
    (
        Model::ForkJoin,
        &[
            JOB,
            ASSIGN,
            PUSHED,
            FORKED,
            JOIN_BEGUN,
            STEAL,
            STOLEN,
            r#"M "join_ended":{"request":1,"worker":1,"node":5}"#,
        ],
    ),
    // He helps with a part of that, and with nothing else.
    (
        Model::ForkJoin,
        &[
            JOB,
            ASSIGN,
            PUSHED,
            FORKED,
            PUSHED_5,
            FORKED,
            STEAL,
            STOLEN,
            r#"M "pushed":{"request":1,"worker":2,"node":7}"#,
            r#"S "task_forked":{"request":1,"worker":2}"#,
            r#"M "join_begun":{"request":1,"worker":1,"node":5}"#,
            r#"M "stolen":{"request":1,"worker":1,"victim":2,"node":7}"#,
        ],
    ),
    // Under a loop a sleep is a timer.
    (Model::Async, &[JOB, ASSIGN, r#"S "task_woke":{"request":1,"worker":1}"#]),
    (Model::Async, &[NOTHING, r#"S "task_woke":{"request":1,"worker":1}"#]),
    (
        Model::Async,
        &[
            JOB,
            ASSIGN,
            r#"S "task_blocked":{"request":1,"worker":1}"#,
            r#"S "task_woke":{"request":1,"worker":2}"#,
        ],
    ),
];

const BACKLOGGED: &str = r#"M "backlogged":{"request":1,"route":0}"#;
const GIVEN: &str = r#"M "core_given":{"worker":1,"core":0}"#;

const SIMULATED: &[Case] = &[
    // The kernel's backlog.
    (Model::Single, &[BACKLOGGED, r#"M "backlogged":{"request":2,"route":0}"#]),
    (Model::Single, &[NOTHING, r#"M "backlogged":{"request":2,"route":0}"#]),
    (Model::Single, &[r#"M "abandoned":{"request":1}"#]),
    (Model::Single, &[NOTHING, r#"M "dropped":{"request":2,"route":0}"#]),
    (Model::Pool, &[JOB, ASSIGN, r#"M "dropped":{"request":1,"route":0}"#]),
    (Model::Pool, &[JOB, ASSIGN, JOB]),
    // Cores run one thread each, and a thread on a core is not through.
    (Model::Pool, &[r#"M "switched":{"worker":9,"core":0}"#]),
    (Model::Pool, &[r#"M "core_given":{"worker":9,"core":0}"#]),
    (Model::Pool, &[GIVEN, r#"M "core_given":{"worker":2,"core":0}"#]),
    (Model::Pool, &[GIVEN, r#"M "switched":{"worker":2,"core":0}"#]),
    (
        Model::Pool,
        &[r#"M "switched":{"worker":1,"core":0}"#, r#"M "core_given":{"worker":2,"core":0}"#],
    ),
    (Model::Pool, &[GIVEN, r#"M "core_released":{"worker":2,"core":0}"#]),
    (Model::Pool, &[r#"M "core_released":{"worker":1,"core":1}"#]),
    (Model::Pool, &[r#"M "preempted":{"worker":1,"core":1}"#]),
    (
        Model::Pool,
        &[JOB, ASSIGN, GIVEN, r#"S "task_finished":{"request":1,"worker":1,"ending":"close"}"#],
    ),
    // Shares.
    (Model::Pool, &[r#"M "sharing_begun":{"worker":9}"#]),
    (Model::Pool, &[r#"M "sharing_ended":{"worker":9}"#]),
    (Model::Pool, &[r#"M "sharing_ended":{"worker":1}"#]),
];
