//! What has to be true of a file in Chrome's trace event format, so that Perfetto shows all of it.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a file holds, counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// Slices on the tracks of threads.
    pub(crate) slices: usize,
    /// Outermost asynchronous slices.
    pub(crate) requests: usize,
    /// Arrows with both ends.
    pub(crate) flows: usize,
    /// How each request ended.
    pub(crate) outcomes: BTreeMap<String, usize>,
}

/// Checks the whole file and counts what is in it.
///
/// Times never decrease; slices nest on each track and all of them end; what is asynchronous nests
/// by id and ends by its name; an arrow begins and ends once, each time in an open slice; every
/// track has a name before it is used.
pub(crate) fn check(text: &str) -> Held {
    let file: Value = serde_json::from_str(text).expect("it is JSON");
    let events = file["traceEvents"].as_array().expect("it has events");
    let mut held = Held::default();
    let mut last = 0.0;
    let mut names = BTreeMap::new();
    let mut tracks: BTreeMap<u64, usize> = BTreeMap::new();
    let mut stays: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut flows: BTreeMap<u64, bool> = BTreeMap::new();
    for event in events {
        let phase = event["ph"].as_str().expect("every event has a phase");
        let thread = event["tid"].as_u64().expect("every event has a track");
        assert_eq!(event["pid"], 1, "{event}");
        if phase == "M" {
            if event["name"] == "thread_name" {
                let name = event["args"]["name"].as_str().expect("a name").to_owned();
                assert!(names.insert(thread, name).is_none(), "named twice: {event}");
            }
            continue;
        }
        let at = event["ts"].as_f64().expect("every event has a time");
        assert!(at >= last, "back from {last}: {event}");
        last = at;
        assert!(names.contains_key(&thread), "on a track without a name: {event}");
        let open = tracks.entry(thread).or_default();
        match phase {
            "B" => {
                assert!(event["name"].is_string(), "{event}");
                (*open, held.slices) = (*open + 1, held.slices + 1);
            }
            "E" => *open = open.checked_sub(1).unwrap_or_else(|| panic!("nothing open: {event}")),
            "b" | "e" => {
                let id = event["id"].as_str().expect("an id").to_owned();
                let name = event["name"].as_str().expect("a name").to_owned();
                let stay = stays.entry(id).or_default();
                if phase == "b" {
                    held.requests += usize::from(stay.is_empty());
                    stay.push(name);
                } else {
                    assert_eq!(stay.pop(), Some(name), "{event}");
                    if stay.is_empty() {
                        let outcome = event["args"]["outcome"].as_str().expect("an outcome");
                        *held.outcomes.entry(outcome.to_owned()).or_default() += 1;
                    }
                }
            }
            "s" => {
                assert!(*open > 0, "an arrow from no slice: {event}");
                let flow = event["id"].as_u64().expect("an id");
                assert!(flows.insert(flow, false).is_none(), "begun twice: {event}");
            }
            "f" => {
                assert!(*open > 0 && event["bp"] == "e", "an arrow to no slice: {event}");
                let flow = event["id"].as_u64().expect("an id");
                assert_eq!(flows.insert(flow, true), Some(false), "{event}");
                held.flows += 1;
            }
            "C" | "i" => {}
            other => panic!("no phase of ours: {other}"),
        }
    }
    assert!(tracks.values().all(|&open| open == 0), "slices without an end: {tracks:?}");
    assert!(stays.values().all(Vec::is_empty), "requests without an end: {stays:?}");
    assert!(flows.values().all(|&ended| ended), "arrows without an end");
    held
}
