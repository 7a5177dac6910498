//! Trace files and digests: what is written is read again, what is damaged is refused.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, BufReader, Read};

use proptest::prelude::*;
use scheduler_model::scenario::{Model, Scenario, Server};
use scheduler_model::trace::{self, Arrivals, Source, TraceError};
use scheduler_model::{
    ConnectionId, CoreId, Decision, Digest, Ending, Event, EventKind, Machine, RejectReason,
    RequestId, RouteId, SimTime, Stimulus, Timer, Trace, TraceHeader, WorkerId,
};

#[test]
fn a_trace_is_a_header_and_a_line_an_event() {
    insta::assert_snapshot!(written(&small_trace()));
}

#[test]
fn every_event_is_read_as_it_was_written() {
    let events = every_event(&Values {
        requests: vec![1, 2],
        connections: vec![1, 2],
        workers: vec![1, 2, 1024],
        routes: vec![0, 1],
        cores: vec![0, 1],
        times: vec![u64::MAX],
    });
    // A request's number is never above the number of events, so the highest come last.
    let mut trace = small_trace();
    trace.events.extend(events);
    assert_eq!(Trace::read_str("run.jsonl", &written(&trace)).unwrap(), trace);
}

#[test]
fn the_longest_scenario_fits_into_a_header() {
    let mut text = "server.model = 'pool'\n".to_owned();
    text.push_str(&"[[arrive]]\npath='/'\n".repeat((Scenario::TOML_MAX - text.len()) / 20));
    let (scenario, _) = Scenario::from_toml("long.toml", &text).unwrap();
    assert_eq!(Scenario::from_json("long.json", &scenario.to_json()).unwrap().0, scenario);
    let trace = Trace::new(TraceHeader::simulated(scenario), Vec::new());
    assert_eq!(Trace::read_str("run.jsonl", &written(&trace)).unwrap(), trace);
}

#[test]
fn the_order_of_keys_is_free() {
    let mut text = written(&header_only());
    text.push_str("{\"decision\":\"drained\",\"at_ns\":5,\"seq\":1}\r\n");
    let trace = Trace::read_str("run.jsonl", &text).unwrap();
    let drained = EventKind::Decision(Decision::Drained);
    assert_eq!(trace.events, [Event::new(SimTime::from_nanos(5), drained)]);
}

#[test]
fn sources_and_arrivals_have_their_names() {
    for source in Source::ALL {
        for arrivals in Arrivals::ALL {
            let mut trace = header_only();
            trace.header.source = source;
            trace.header.arrivals = arrivals;
            assert_eq!(Trace::read_str("run.jsonl", &written(&trace)).unwrap(), trace);
        }
    }
}

#[test]
fn a_file_cut_short_keeps_what_is_whole() {
    let trace = small_trace();
    let text = written(&trace);
    let header_end = text.find('\n').unwrap();
    for cut in 0..=text.len() {
        let read = Trace::read_str("run.jsonl", &text[..cut]);
        if cut < header_end {
            let error = read.unwrap_err();
            assert!(matches!(error, TraceError::Header(_)), "{error}");
            continue;
        }
        let read = read.unwrap();
        let n_lines = text[..cut].matches('\n').count();
        let last = &text[..cut][text[..cut].rfind('\n').map_or(0, |end| end + 1)..];
        // The last closing brace makes a line whole, whether or not its end is there.
        let is_whole = last.is_empty() || text[cut..].starts_with('\n');
        let n_events = n_lines - usize::from(last.is_empty() || !is_whole);
        assert_eq!(read.complete, is_whole, "cut at {cut}");
        assert_eq!(read.events, trace.events[..n_events], "cut at {cut}");
    }
}

#[test]
fn a_compressed_file_cut_short_keeps_what_is_whole() {
    let text = written(&small_trace());
    let cut = &text[..text.len() - 10];
    let read = Trace::read("run.jsonl", BufReader::new(cut.as_bytes().chain(Broken))).unwrap();
    assert!(!read.complete);
    assert_eq!(read.events.len(), small_trace().events.len() - 1);
    // Between two lines as well: whoever compressed it had not finished.
    let read = Trace::read("run.jsonl", BufReader::new(text.as_bytes().chain(Broken))).unwrap();
    assert!(!read.complete);
    assert_eq!(read.events, small_trace().events);
}

#[test]
fn damaged_files_are_refused_with_their_line() {
    let mut report = String::new();
    for (from, to) in DAMAGE {
        let text = written(&small_trace()).replacen(from, to, 1);
        let error = Trace::read_str("run.jsonl", &text).unwrap_err().to_string();
        assert!(error.starts_with("run.jsonl:") && !error.contains('\n'), "{error}");
        assert!(error.contains("allowed is") || error.contains("column"), "{error}");
        writeln!(report, "{from}\n-> {to}\n=> {error}\n").unwrap();
    }
    insta::assert_snapshot!(report);
}

#[test]
fn a_header_that_is_no_text_is_refused() {
    let text = written(&small_trace()).into_bytes();
    let at = text.windows(4).position(|window| window == b"name").unwrap() + 7;
    let damaged = [&text[..at], b"\xe9", &text[at..]].concat();
    let error = Trace::read("run.jsonl", &damaged[..]).unwrap_err().to_string();
    assert!(error.starts_with("run.jsonl:1: `\\xe9"), "{error}");
    assert!(error.ends_with("not UTF-8"), "{error}");
}

#[test]
fn an_empty_file_is_no_trace() {
    let error = Trace::read_str("run.jsonl", "").unwrap_err().to_string();
    assert_eq!(error, "run.jsonl:1: `the end`: not JSON, allowed is a value");
}

#[test]
fn an_endless_line_is_refused_in_bounded_memory() {
    let endless = BufReader::new(io::repeat(b'['));
    let error = Trace::read("run.jsonl", endless).unwrap_err().to_string();
    assert_eq!(error, "run.jsonl:1: more than 8389632 bytes given, allowed is 1..=8389632");

    let header = written(&header_only());
    let endless = BufReader::new(header.as_bytes().chain(io::repeat(b' ')));
    let error = Trace::read("run.jsonl", endless).unwrap_err().to_string();
    assert_eq!(error, "run.jsonl:2: more than 65536 bytes given, allowed is 1..=65536");
}

#[test]
fn a_reader_that_fails_is_an_error_with_its_line() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let header = written(&header_only());
    let broken = BufReader::new(header.as_bytes().chain(Broken));
    let error = Trace::read("run.jsonl", broken).unwrap_err().to_string();
    assert_eq!(error, "run.jsonl:2: the disk is gone");
}

#[test]
fn a_line_that_is_no_object_is_refused_with_what_is_allowed() {
    let text = format!("{}5\n", written(&header_only()));
    let error = Trace::read_str("run.jsonl", &text).unwrap_err().to_string();
    assert!(error.contains("an object with seq, at_ns and one of"), "{error}");
}

#[test]
fn what_an_error_quotes_stays_within_a_short_line() {
    let name = "x at line 1 column 1\\n".repeat(1_000);
    let mut text = written(&header_only());
    writeln!(text, "{{\"seq\":1,\"at_ns\":0,\"decision\":\"{name}\"}}").unwrap();
    let error = Trace::read_str("run.jsonl", &text).unwrap_err().to_string();
    assert!(error.len() < 600 && !error.contains('\n'), "{error}");
    assert!(error.contains("allowed is one of"), "{error}");
}

#[test]
fn nested_lines_are_refused() {
    let mut text = written(&header_only());
    write!(text, "{{\"seq\":1,\"at_ns\":0,\"shard\":{}", "[".repeat(60_000)).unwrap();
    let error = Trace::read_str("run.jsonl", &text).unwrap_err().to_string();
    assert!(error.starts_with("run.jsonl:2: column "), "{error}");
}

#[test]
fn different_events_have_different_digests() {
    let events = every_event(&Values {
        requests: vec![1, 2, 256, u64::MAX],
        connections: vec![1, 2, 256, 65_536, u32::MAX as usize - 1],
        workers: vec![1, 2, 256, 65_536, u32::MAX as usize - 1],
        routes: vec![0, 1, 127, 128, 255, 256, u16::MAX],
        cores: vec![0, 1, 255, 256, u16::MAX],
        times: vec![0, 1, u64::MAX],
    });
    let digests: BTreeSet<u64> = events.iter().map(|event| digest(&[*event])).collect();
    assert_eq!(digests.len(), events.len());
}

#[test]
fn the_digest_depends_on_the_order() {
    let [first, second, ..] = small_trace().events[..] else { panic!("two events") };
    assert_ne!(digest(&[first, second]), digest(&[second, first]));
}

#[test]
fn the_digest_of_a_trace_is_a_matter_of_record() {
    let trace = small_trace();
    let seen = Trace::read_str("run.jsonl", &written(&trace)).unwrap();
    assert_eq!(seen.digest().finish(), digest(&trace.events));
    // A change of this value is a change of `MODEL_VERSION`.
    assert_eq!((trace::MODEL_VERSION, seen.digest().to_string().as_str()), (1, GOLDEN_DIGEST));
}

proptest! {
    #[test]
    fn no_damage_makes_the_reader_panic(at in 0_usize..4_000, byte in any::<u8>()) {
        let mut bytes = written(&small_trace()).into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Err(error) = Trace::read("run.jsonl", bytes.as_slice()) {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }

    #[test]
    fn numbers_survive(at in any::<u64>(), due in any::<u64>()) {
        let mut trace = header_only();
        let timer = Timer::DrainDeadline;
        let kind = EventKind::Decision(Decision::ArmTimer { timer, due: SimTime::from_nanos(due) });
        trace.events.push(Event::new(SimTime::from_nanos(at), kind));
        prop_assert_eq!(Trace::read_str("run.jsonl", &written(&trace)).unwrap(), trace);
    }
}

fn written(trace: &Trace) -> String {
    let mut bytes = Vec::new();
    trace.write(&mut bytes).expect("memory takes what it is given");
    String::from_utf8(bytes).expect("JSON is text")
}

fn digest(events: &[Event]) -> u64 {
    let mut digest = Digest::new();
    for event in events {
        digest.update(event);
    }
    digest.finish()
}

fn header_only() -> Trace {
    let scenario = Scenario::new("small", Server::new(Model::Pool));
    Trace::new(TraceHeader::simulated(scenario), Vec::new())
}

/// What happens to the first request of a pool, and to a second one that comes too late.
fn small_trace() -> Trace {
    let (one, two) = (RequestId(1), RequestId(2));
    let (connection, worker) = (ConnectionId::from_index(0), WorkerId::from_index(0));
    let (core, route) = (CoreId(0), Some(RouteId(1)));
    let arrived = |request, route| Stimulus::RequestArrived {
        request,
        connection: Some(connection),
        route,
        seen_by: None,
    };
    let ending = Ending::Close;
    let deadline = SimTime::from_nanos(10_000_000_000);
    let kinds = [
        (0, EventKind::Decision(Decision::Spawn { worker, request: None })),
        (0, EventKind::Stimulus(Stimulus::WorkerStarted { worker })),
        (0, EventKind::Decision(Decision::Park { worker })),
        (10, EventKind::Stimulus(Stimulus::ConnectionOpened { connection })),
        (10, EventKind::Stimulus(arrived(one, route))),
        (10, EventKind::Decision(Decision::Assign { request: one, worker })),
        (2_010, EventKind::Machine(Machine::CoreGiven { worker, core })),
        (202_010, EventKind::Machine(Machine::CoreReleased { worker, core })),
        (202_010, EventKind::Stimulus(Stimulus::TaskBlocked { request: one, worker, route })),
        (300_000, EventKind::Stimulus(Stimulus::Drain { deadline })),
        (400_000, EventKind::Stimulus(arrived(two, None))),
        (
            400_000,
            EventKind::Decision(Decision::Reject { request: two, reason: RejectReason::Draining }),
        ),
        (5_000_202_010, EventKind::Stimulus(Stimulus::TaskWoke { request: one, worker })),
        (
            5_000_202_010,
            EventKind::Stimulus(Stimulus::TaskFinished { request: one, worker, route, ending }),
        ),
        (5_000_202_010, EventKind::Decision(Decision::Drained)),
    ];
    let event = |(at, kind)| Event::new(SimTime::from_nanos(at), kind);
    let mut trace = header_only();
    trace.events = kinds.into_iter().map(event).collect();
    trace
}

/// What the numbers in an event may be.
struct Values {
    requests: Vec<u64>,
    connections: Vec<usize>,
    workers: Vec<usize>,
    routes: Vec<u16>,
    cores: Vec<u16>,
    times: Vec<u64>,
}

/// Every event there is with these values, each once.
fn every_event(values: &Values) -> Vec<Event> {
    let requests: Vec<_> = values.requests.iter().copied().map(RequestId).collect();
    let slots = |numbers: &[usize]| numbers.iter().map(|number| number - 1).collect::<Vec<_>>();
    let connections: Vec<_> =
        slots(&values.connections).into_iter().map(ConnectionId::from_index).collect();
    let workers: Vec<_> = slots(&values.workers).into_iter().map(WorkerId::from_index).collect();
    let routes: Vec<_> = values.routes.iter().copied().map(RouteId).collect();
    let cores: Vec<_> = values.cores.iter().copied().map(CoreId).collect();
    let times: Vec<_> = values.times.iter().copied().map(SimTime::from_nanos).collect();

    let mut stimuli = vec![Stimulus::AcceptFailed];
    let mut decisions = vec![Decision::StopAccepting, Decision::ResumeAccepting, Decision::Drained];
    let mut machine = Vec::new();
    for &connection in &connections {
        stimuli.push(Stimulus::ConnectionOpened { connection });
        stimuli.push(Stimulus::PeerClosed { connection });
        stimuli.push(Stimulus::ConnectionExpired { connection });
        decisions.push(Decision::Close { connection });
    }
    for &worker in &workers {
        stimuli.push(Stimulus::WorkerStarted { worker });
        stimuli.push(Stimulus::WorkerDied { worker });
        stimuli.push(Stimulus::SpawnFailed { worker });
        stimuli.push(Stimulus::Resize { workers: worker.get() });
        for request in optional(&requests) {
            decisions.push(Decision::Spawn { worker, request });
        }
        decisions.push(Decision::Park { worker });
        decisions.push(Decision::Retire { worker });
        machine.push(Machine::SharingBegun { worker });
        machine.push(Machine::SharingEnded { worker });
        for &core in &cores {
            machine.push(Machine::Switched { worker, core });
            machine.push(Machine::CoreGiven { worker, core });
            machine.push(Machine::Preempted { worker, core });
            machine.push(Machine::CoreReleased { worker, core });
        }
    }
    for timer in [Timer::DrainDeadline, Timer::AcceptRetry, Timer::SpawnRetry] {
        stimuli.push(Stimulus::TimerDue { timer });
        decisions.extend(times.iter().map(|&due| Decision::ArmTimer { timer, due }));
    }
    stimuli.extend(times.iter().map(|&deadline| Stimulus::Drain { deadline }));
    for &request in &requests {
        decisions.push(Decision::Queue { request });
        decisions.push(Decision::RunOnCaller { request });
        decisions.extend(REASONS.map(|reason| Decision::Reject { request, reason }));
        machine.push(Machine::Abandoned { request });
        for &route in &routes {
            machine.push(Machine::Backlogged { request, route });
            machine.push(Machine::Dropped { request, route });
        }
        for route in optional(&routes) {
            for seen_by in optional(&workers) {
                for connection in optional(&connections) {
                    stimuli.push(Stimulus::RequestArrived { request, connection, route, seen_by });
                }
            }
            for &worker in &workers {
                stimuli.push(Stimulus::TaskBlocked { request, worker, route });
                stimuli.extend(ENDINGS.map(|ending| Stimulus::TaskFinished {
                    request,
                    worker,
                    route,
                    ending,
                }));
            }
        }
        for &worker in &workers {
            stimuli.push(Stimulus::TaskWoke { request, worker });
            stimuli.extend(ENDINGS.map(|ending| Stimulus::TaskPanicked {
                request,
                worker,
                ending,
            }));
            decisions.push(Decision::Assign { request, worker });
        }
    }

    let kinds: Vec<EventKind> = (stimuli.into_iter().map(EventKind::Stimulus))
        .chain(decisions.into_iter().map(EventKind::Decision))
        .chain(machine.into_iter().map(EventKind::Machine))
        .collect();
    let at_time = |&at| kinds.iter().map(move |&kind| Event::new(at, kind));
    times.iter().flat_map(at_time).collect()
}

fn optional<T: Copy>(values: &[T]) -> Vec<Option<T>> {
    std::iter::once(None).chain(values.iter().copied().map(Some)).collect()
}

/// Ends like a decompressor whose input was cut short.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

const REASONS: [RejectReason; 5] = [
    RejectReason::QueueFull,
    RejectReason::DroppedOldest,
    RejectReason::SpawnFailed,
    RejectReason::Draining,
    RejectReason::DrainDeadline,
];

const ENDINGS: [Ending; 5] =
    [Ending::KeepAlive, Ending::Close, Ending::Empty, Ending::Incomplete, Ending::Gone];

const GOLDEN_DIGEST: &str = "e9e460de55748c58";

/// What is replaced in a good file, and by what.
const DAMAGE: [(&str, &str); 35] = [
    (r#"{"format""#, r#"["format""#),
    (r#""format":"scheduler-lab-trace","#, ""),
    ("scheduler-lab-trace", "perfetto"),
    (r#""version":1"#, r#""version":3"#),
    (r#""version":1,"#, r#""version":3,"compression":"none","#),
    (r#""version":1"#, r#""version":"1""#),
    (r#""model_version":1,"#, r#""model_version":2,"#),
    (r#""model_version":1,"#, ""),
    ("simulated", "imagined"),
    (r#""client""#, r#""proxy""#),
    (r#""source""#, r#""sauce""#),
    (r#""workers":4"#, r#""workers":0"#),
    (r#""model":"pool""#, r#""model":"tool""#),
    ("\n", "\n\n"),
    (r#""seq":2"#, r#""seq":3"#),
    (r#""seq":2"#, r#""seq":-2"#),
    (r#""seq":2"#, r#""seq":"2""#),
    (r#""seq":2,"#, ""),
    (r#""seq":2,"#, r#""seq":2,"seq":2,"#),
    (r#"at_ns":10,"#, r#"at_ns":5000202011,"#),
    (r#"at_ns":10,"#, r#"at_ns":18446744073709551616,"#),
    (r#"at_ns":10,"#, r#"at_ns":1.5,"#),
    (r#","decision":"drained""#, ""),
    (r#""decision":"drained""#, r#""decision":"drained","stimulus":"accept_failed""#),
    (r#""decision":"drained""#, r#""decision":"drunk""#),
    (r#""decision":"drained""#, r#""decision":"drained","shard":2"#),
    (r#""decision":"drained""#, r#""decision":"drained","color":2"#),
    (r#""assign":{"request":1,"worker":1}"#, r#""assign":{"request":1}"#),
    (r#""assign":{"request":1,"worker":1}"#, r#""assign":{"request":1,"worker":0}"#),
    (r#""assign":{"request":1,"worker":1}"#, r#""assign":{"request":1,"worker":4000000000}"#),
    (r#""assign":{"request":1,"worker":1}"#, r#""assign":{"request":9,"worker":1}"#),
    (r#""assign":{"request":1,"worker":1}"#, r#""assign":{"request":1,"worker":1,"core":0}"#),
    (r#""route":1"#, r#""route":2"#),
    (r#""core":0"#, r#""core":2"#),
    (r#""connection":1}"#, r#""connection":70000}"#),
];
