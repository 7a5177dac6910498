//! Others' opinions of the same bytes: what h11 makes of each vector, and what comes out of the server
//! when nginx or `HAProxy` stands in front of it.
//!
//! The danger is not that somebody refuses more than we do, but that two read different messages out
//! of the same bytes: then a request can be hidden in another one from whoever stands in front. With
//! `cargo xtask test --long` only, which brings the others along.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

#[path = "http_vectors/all.rs"]
#[expect(dead_code, reason = "the vectors' own tests compare outcomes")]
mod all;
#[path = "http_oracles/front.rs"]
mod front;
mod support;

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde::Deserialize;

use all::run::run;
use all::vectors;
use front::Front;
use support::is_long;

/// What h11 read, whether it refused what came after that, and whether it would read on.
#[derive(Deserialize)]
struct Reading {
    messages: Vec<(String, String, String)>,
    refused: bool,
    ends: bool,
}

#[test]
fn h11_and_we_never_read_different_messages_out_of_the_same_bytes() {
    if !is_long() {
        return;
    }
    let (mut stricter, mut laxer) = (String::new(), String::new());
    for (vector, theirs) in vectors().zip(h11_reads()) {
        let ours = run(&vector.input, []);
        let messages: Vec<_> = ours
            .messages
            .iter()
            .map(|(method, target, body)| (method.clone(), target.clone(), hexadecimal(body)))
            .collect();
        let n_both = messages.len().min(theirs.messages.len());
        assert_eq!(messages[..n_both], theirs.messages[..n_both], "{}", vector.claim);
        let we_refuse = ours.steps.len() > messages.len();
        if messages.len() < theirs.messages.len() {
            assert!(we_refuse, "{}: h11 reads another message", vector.claim);
        }
        if messages.len() > theirs.messages.len() {
            assert!(theirs.ends, "{}: we read another message", vector.claim);
        }
        let list = match (we_refuse, theirs.refused) {
            (true, false) => &mut stricter,
            (false, true) => &mut laxer,
            _ => continue,
        };
        writeln!(list, "{}", vector.claim).unwrap();
    }
    insta::assert_snapshot!("h11_reads_what_we_refuse", stricter);
    insta::assert_snapshot!("h11_refuses_what_we_read", laxer);
}

#[test]
fn whoever_stands_in_front_no_request_is_hidden_in_another() {
    if !is_long() {
        return;
    }
    for front in [Front::nginx(), Front::haproxy()] {
        let inputs = vectors().map(|vector| vector.input.into_owned()).collect();
        let passed = front.pass_on(inputs);
        // A request that somebody in front did not know of carries no number of his, or one twice.
        let mut ids: Vec<_> = passed.iter().map(|read| read.id.as_deref().unwrap()).collect();
        let n_read = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), n_read, "behind {}", front.name);
        println!("behind {} the server read {n_read} requests", front.name);
        assert!(n_read > 50, "behind {} only {n_read} requests were read", front.name);
    }
}

/// What h11 makes of each vector.
fn h11_reads() -> Vec<Reading> {
    let python = std::env::var_os("ORACLE_PYTHON").expect("`cargo xtask test --long` says which");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/http_oracles/h11_reads.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut inputs = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        for vector in vectors() {
            writeln!(inputs, "{}", hexadecimal(&vector.input)).unwrap();
        }
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let readings: Vec<_> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(readings.len(), vectors().count());
    readings
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
