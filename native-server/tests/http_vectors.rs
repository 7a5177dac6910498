//! Requests and the one thing each may mean, however its bytes are cut into reads.
//!
//! Each vector is read whole, a byte at a time, and cut in two at every offset.
//!
//! An outcome lists what came out, separated by ` | `: a request as `METHOD target`, then what is
//! not usual about it (`1.0`, `close`, `host=`, `path=`, `query=`, `body=`); a refusal as its status and
//! name; `...` when the input stops inside a request.

#[path = "http_vectors/all.rs"]
mod all;

use std::{collections::BTreeSet, fmt::Write};

use native_server::http::{Connection, Limits};

use all::run::{Run, run};
use all::vectors;

#[test]
fn each_input_has_its_outcome_when_read_whole() {
    let mut wrong = String::new();
    for vector in vectors() {
        let outcome = run(&vector.input, []).outcome();
        if outcome != vector.outcome {
            writeln!(wrong, "{}: {outcome}, not {}", vector.claim, vector.outcome).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn one_byte_at_a_time_changes_nothing() {
    for vector in vectors() {
        let whole = run(&vector.input, []);
        assert_eq!(run(&vector.input, 1..vector.input.len()), whole, "{}", vector.claim);
    }
}

#[test]
fn a_cut_at_any_offset_changes_nothing() {
    for vector in vectors() {
        let whole = run(&vector.input, []);
        for cut in cuts(&vector.input) {
            assert_eq!(run(&vector.input, [cut]), whole, "{} cut at {cut}", vector.claim);
        }
    }
}

#[test]
fn a_cut_off_input_promises_nothing_that_the_rest_takes_back() {
    for vector in vectors() {
        let whole = run(&vector.input, []);
        for cut in cuts(&vector.input) {
            let part = run(&vector.input[..cut], []);
            let claim = format!("{} cut off at {cut}", vector.claim);
            assert!(whole.steps.starts_with(&part.steps), "{claim}");
            assert!(whole.output.starts_with(&part.output), "{claim}");
            assert!(part.is_open || !whole.is_open, "{claim}");
        }
    }
}

#[test]
fn the_end_of_input_ends_the_connection_wherever_it_falls() {
    for vector in vectors() {
        for cut in cuts(&vector.input).chain([vector.input.len()]) {
            let mut connection = Connection::new(Limits::default());
            let mut part = Run::default();
            part.feed(&mut connection, &vector.input[..cut]);
            connection.end_of_input();
            part.feed(&mut connection, b"");
            assert!(connection.closes_after_output(), "{} ended at {cut}", vector.claim);
        }
    }
}

#[test]
fn at_most_64_kib_are_buffered_beside_a_body() {
    for vector in vectors().filter(|vector| vector.input.len() > 1024) {
        for cuts in [vec![], cuts(&vector.input).collect()] {
            let run = run(&vector.input, cuts);
            let body_max = if run.outcome().contains("body=") { 2 << 20 } else { 0 };
            assert!(run.memory_max <= (64 << 10) + body_max, "{}", vector.claim);
        }
    }
}

#[test]
fn there_are_300_claims_and_none_twice() {
    let claims: BTreeSet<_> = vectors().map(|vector| vector.claim).collect();
    assert_eq!(claims.len(), vectors().count());
    assert!(claims.len() >= 300, "{} claims", claims.len());
}

/// Every offset; for the few large inputs those where something can change, and a sample.
fn cuts(input: &[u8]) -> impl Iterator<Item = usize> {
    let (len, edge) = (input.len(), 128);
    (1..len).filter(move |&cut| len < 2048 || cut < edge || cut + edge > len || cut % 1021 == 0)
}
