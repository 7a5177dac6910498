//! A run that begins in its middle, with a snapshot: what is seen from there is what was seen of the
//! whole, and nothing that a stranger writes there does any harm.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

#[path = "support/scenarios.rs"]
mod scenarios;
#[path = "support/stranger.rs"]
mod stranger;

use proptest::prelude::*;
use scenarios::scenarios;
use scheduler_model::{
    Decision, Ending, Event, EventKind, Model, RequestId, Scenario, Scheduler, SimTime, Snapshot,
    Stats, Stimulus, Trace, TraceHeader, WorkerId, World, replay, simulate,
};
use stranger::{Dice, go_on};

/// The rest of a run from the first stimulus at or after this event on, and the world at its end.
fn cut(whole: &Trace, place: usize) -> (Trace, World) {
    let is_decision = |event: &&Event| matches!(event.kind, EventKind::Decision(_));
    let place = place + whole.events[place..].iter().take_while(is_decision).count();
    let mut world = World::new(&whole.header);
    whole.events[..place].iter().for_each(|event| follow(&mut world, event));
    let snapshot = Snapshot::new(world.clone()).unwrap();
    whole.events[place..].iter().for_each(|event| follow(&mut world, event));
    (Trace::new(whole.header.from(snapshot), whole.events[place..].to_vec()), world)
}

fn follow(world: &mut World, event: &Event) {
    world.apply(event).unwrap();
}

fn written(trace: &Trace) -> Vec<u8> {
    let mut text = Vec::new();
    trace.write(&mut text).unwrap();
    text
}

/// What is left of a run after it was written and read, followed to its end.
fn assert_the_rest_is_the_same(whole: &Trace, place: usize) {
    let (rest, end) = cut(whole, place);
    let read = Trace::read("rest.jsonl", &*written(&rest)).unwrap();
    assert!(read == rest, "what is read is what was written");
    let verdict = replay(&read);
    assert!(verdict.conforms, "{verdict:?}");
    let mut world = World::new(&read.header);
    read.events.iter().for_each(|event| follow(&mut world, event));
    assert!(Snapshot::new(world).unwrap() == Snapshot::new(end).unwrap());
    let (of_rest, of_whole) = (Stats::of(&read).unwrap(), Stats::of(whole).unwrap());
    assert_eq!((of_rest.events, of_rest.arrived), (of_whole.events, of_whole.arrived));
}

fn recorded(scenario: Scenario, seed: u64, attempts: usize) -> Trace {
    let header = TraceHeader::recorded(scenario);
    let events = go_on(&mut World::new(&header), &mut Dice::new(seed), attempts);
    Trace::new(header, events)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_rest_of_a_simulated_run_is_the_rest_of_the_whole(
        scenario in scenarios(),
        pick in any::<prop::sample::Index>(),
    ) {
        let whole = simulate(&scenario);
        prop_assume!(!whole.events.is_empty());
        assert_the_rest_is_the_same(&whole, pick.index(whole.events.len()));
    }

    #[test]
    fn the_rest_of_a_recording_is_the_rest_of_the_whole(
        scenario in scenarios(),
        seed in any::<u64>(),
        pick in any::<prop::sample::Index>(),
    ) {
        let whole = recorded(scenario, seed, 300);
        prop_assume!(!whole.events.is_empty());
        prop_assert!(replay(&whole).conforms);
        assert_the_rest_is_the_same(&whole, pick.index(whole.events.len()));
    }

    #[test]
    fn a_snapshot_put_together_by_a_stranger_is_refused_or_does_no_harm(
        scenario in scenarios(),
        seed in any::<u64>(),
        changes in 1_usize..4,
    ) {
        let mut dice = Dice::new(seed);
        let whole = recorded(scenario, seed, 60);
        prop_assume!(!whole.events.is_empty());
        let (rest, _) = cut(&whole, dice.index(whole.events.len()));
        let text = String::from_utf8(written(&rest)).unwrap();
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        let mut line = serde_json::from_str(&lines[1]).unwrap();
        for _ in 0..changes {
            tamper(&mut line, &mut dice);
        }
        lines[1] = line.to_string();
        if let Ok(read) = Trace::read_str("tampered.jsonl", &lines.join("\n")) {
            let _ = replay(&read);
            let _ = Stats::of(&read);
            go_on(&mut World::new(&read.header), &mut dice, 100);
        }
    }
}

/// Changes one value somewhere inside.
fn tamper(value: &mut serde_json::Value, dice: &mut Dice) {
    use serde_json::Value;
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let index = dice.index(fields.len());
            let (_, value) = fields.iter_mut().nth(index).unwrap();
            tamper(value, dice);
        }
        Value::Array(values) if !values.is_empty() => {
            let (one, other) = (dice.index(values.len()), dice.index(values.len()));
            match dice.below(8) {
                0 => drop(values.remove(one)),
                1 => values.push(values[one].clone()),
                2 => values.swap(one, other),
                _ => tamper(&mut values[one], dice),
            }
        }
        Value::Array(values) => values.push(dice.below(5).into()),
        Value::Bool(flag) => *flag = !*flag,
        Value::Number(number) => {
            let near = number.as_u64().unwrap_or(0).saturating_add(1).saturating_sub(dice.below(3));
            let far = [0, 1, 2, 3, 1 << 20, 1 << 32, 1 << 53, u64::MAX];
            *value = if dice.below(3) > 0 { near } else { far[dice.index(far.len())] }.into();
        }
        Value::String(text) => {
            let words = ["idle", "busy", "blocked", "joining", "scheduled", "starting", "free"];
            words[dice.index(words.len())].clone_into(text);
        }
        _ => *value = dice.below(5).into(),
    }
}

#[test]
fn a_snapshot_that_says_otherwise_than_the_run_is_noticed() {
    let text = "[server]\nmodel = 'pool'\nworkers = 1\n[[arrive]]\npath = '/sleep'\ncount = 4\n";
    let scenario = Scenario::from_toml("queue.toml", text).unwrap().0;
    let (queue, swapped) = (r#""run_queue":[2,3,4]"#, r#""run_queue":[3,2,4]"#);
    let with_queue_swapped = |whole: &Trace| {
        let queued = EventKind::Decision(Decision::Queue { request: RequestId(4) });
        let place = whole.events.iter().position(|event| event.kind == queued).unwrap() + 1;
        let text = String::from_utf8(written(&cut(whole, place).0)).unwrap();
        assert!(text.contains(queue), "{text}");
        let text = text.replace(queue, swapped);
        replay(&Trace::read_str("swapped.jsonl", &text).unwrap()).first_difference.unwrap()
    };
    let simulated = with_queue_swapped(&simulate(&scenario));
    assert_eq!(simulated.expected, "the state of that simulation at that event");
    let header = TraceHeader::recorded(scenario);
    let mut scheduler = Scheduler::new(&header.scenario.server);
    let (mut events, worker) = (Vec::new(), WorkerId::from_index(0));
    let arrived = |request| Stimulus::RequestArrived {
        request,
        connection: None,
        route: None,
        seen_by: None,
    };
    let finished =
        |request| Stimulus::TaskFinished { request, worker, route: None, ending: Ending::Close };
    let requests = (1..=4).map(RequestId);
    for stimulus in requests.clone().map(arrived).chain(requests.map(finished)) {
        events.push(Event::new(SimTime::ZERO, EventKind::Stimulus(stimulus)));
        scheduler.handle(SimTime::ZERO, stimulus);
        let decisions = std::iter::from_fn(|| scheduler.poll()).map(EventKind::Decision);
        events.extend(decisions.map(|kind| Event::new(SimTime::ZERO, kind)));
    }
    let recorded = with_queue_swapped(&Trace::new(header, events));
    let expected = r#"{"decision":{"assign":{"request":3,"worker":1}}}"#;
    assert_eq!(recorded.expected.to_string(), expected);
}

#[test]
fn the_first_line_says_that_a_snapshot_follows() {
    let whole = simulate(
        &Scenario::from_toml("one.toml", "[server]\nmodel = 'spawn'\n[[arrive]]\npath = '/'\n")
            .unwrap()
            .0,
    );
    assert!(written(&whole).starts_with(br#"{"format":"scheduler-lab-trace","version":1,"#));
    let (rest, _) = cut(&whole, 3);
    let text = String::from_utf8(written(&rest)).unwrap();
    assert!(text.starts_with(r#"{"format":"scheduler-lab-trace","version":2,"#));
    let refused = |text: &str| Trace::read_str("t.jsonl", text).unwrap_err().to_string();
    let as_old = text.replacen("\"version\":2", "\"version\":1", 1);
    assert_eq!(
        refused(&as_old),
        "t.jsonl:2: column 11: unknown field `snapshot`, allowed is one of `at_ns`, `decision`, \
         `machine`, `seq`, `shard`, `stimulus`",
    );
    let lines: Vec<_> = text.lines().collect();
    let without = [&lines[..1], &lines[2..]].concat().join("\n");
    assert!(refused(&without).starts_with("t.jsonl:2: snapshot: unknown field `seq`, allowed is"));
    let of_tomorrow = text.replacen("\"version\":2", "\"version\":3", 1);
    assert_eq!(refused(&of_tomorrow), "t.jsonl:1: version: 3 given, allowed is 1..=2");
    assert!(refused(lines[0]).starts_with("t.jsonl:2: snapshot: "));
    for model in Model::ALL {
        let other = text.replacen("\"spawn\"", &format!("\"{}\"", model.name()), 1);
        let _ = Trace::read_str("t.jsonl", &other).map(|trace| replay(&trace));
    }
}
