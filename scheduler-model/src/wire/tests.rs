//! What is written is read again, and nothing else is.

use proptest::prelude::*;

use super::*;
use crate::{Model, Scenario, Snapshot, Trace, World, simulate};

/// A scenario with something of everything.
const FULL: &str = r#"
name = "вся"
seed = 9
horizon_ms = 5000
[server]
model = "fork-join"
workers = 2
queue = "unbounded"
on_full = "drop-oldest"
[[request]]
path = "/"
cpu_us = { exponential = 100 }
sleep_ms = { uniform = [1, 2.5] }
[[request]]
path = "/tree"
cpu_us = { hyperexponential = { means = [10, 200], weights = [0.75, 0.25] } }
fork = { depth = 2, leaf_cpu_us = 50 }
[load]
kind = "open"
rate_per_s = 800.5
requests = 30
mix = { "/" = 1, "/tree" = 2 }
patience_ms = 900
[[fault]]
at_ms = 3
kind = "resize"
workers = 3
[[fault]]
at_ms = 9
kind = "drain"
deadline_ms = 100
[measure]
warmup_requests = 3
"#;

fn full() -> Scenario {
    Scenario::from_toml("full.toml", FULL).unwrap().0
}

#[test]
fn a_scenario_comes_back() {
    let scenario = full();
    assert_eq!(Scenario::from_wire(&scenario.to_wire()), Some(scenario));
}

#[test]
fn the_trace_of_every_model_comes_back() {
    for model in Model::ALL {
        let trace = simulate(&full().with_model(model));
        assert_eq!(Trace::from_wire(&trace.to_wire()).as_ref(), Some(&trace), "{model:?}");
    }
}

#[test]
fn a_trace_from_the_middle_of_its_run_comes_back() {
    for model in Model::ALL {
        let whole = simulate(&full().with_model(model));
        let mut world = World::new(&whole.header);
        let (mut index, mut snapshot) = (0, None);
        while index < whole.events.len() / 2 || snapshot.is_none() {
            world.apply(&whole.events[index]).unwrap();
            index += 1;
            // None where a decision is missing yet.
            snapshot = Snapshot::new(world.clone()).ok();
        }
        let header = whole.header.from(snapshot.unwrap());
        let trace = Trace::new(header, whole.events[index..].to_vec());
        assert_eq!(Trace::from_wire(&trace.to_wire()).as_ref(), Some(&trace), "{model:?}");
    }
}

#[test]
fn what_is_cut_short_or_goes_on_is_nothing() {
    let mut bytes = full().to_wire();
    for length in 0..bytes.len() {
        assert_eq!(Scenario::from_wire(&bytes[..length]), None, "{length} bytes");
    }
    bytes.push(0);
    assert_eq!(Scenario::from_wire(&bytes), None);
}

#[test]
fn a_number_outside_its_range_is_nothing() {
    type Few = crate::scenario::Ranged<1, 4>;
    assert_eq!(Few::from_wire(&[4]), Some(Few::MAX));
    assert_eq!(Few::from_wire(&[5]), None);
    assert_eq!(crate::WorkerId::from_wire(&[0]), None);
    assert_eq!(u16::from_wire(&70_000_u32.to_wire()), None);
}

proptest! {
    #[test]
    fn any_number_comes_back(number: u64, decimal: f64, letter: char, text: Option<String>) {
        prop_assert_eq!(u64::from_wire(&number.to_wire()), Some(number));
        let same = f64::from_wire(&decimal.to_wire()).map(f64::to_bits);
        prop_assert_eq!(same, Some(decimal.to_bits()));
        prop_assert_eq!(char::from_wire(&letter.to_wire()), Some(letter));
        prop_assert_eq!(Option::<String>::from_wire(&text.to_wire()), Some(text));
    }

    #[test]
    fn no_bytes_whatever_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Trace::from_wire(&bytes);
        let _ = Vec::<u64>::from_wire(&bytes);
    }
}
