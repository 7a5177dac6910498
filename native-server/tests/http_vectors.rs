//! Requests and the one thing each may mean, however its bytes are cut into reads.
//!
//! The tables are in the modules below, one for each part of RFC 9112 where servers differ. Each
//! vector is read whole, a byte at a time, and cut in two at every offset.
//!
//! An outcome lists what came out, separated by ` | `: a request as `METHOD target`, then what is
//! not usual about it (`1.0`, `close`, `host=`, `path=`, `query=`, `body=`); a refusal as its status and
//! name; `...` when the input stops inside a request.

mod http_vectors {
    pub(crate) mod chunks;
    pub(crate) mod content_length;
    pub(crate) mod fields;
    pub(crate) mod host;
    pub(crate) mod messages;
    pub(crate) mod other_protocols;
    pub(crate) mod request_line;
    pub(crate) mod sizes;
    pub(crate) mod target;
    pub(crate) mod transfer_encoding;
}

use std::{borrow::Cow, collections::BTreeSet, fmt::Write, time::UNIX_EPOCH};

use native_server::http::{
    Connection, HttpDate, Limits, Phase, Request, Response, Status, Step, Version,
};

/// One input and what it means.
pub(crate) struct Vector {
    claim: &'static str,
    input: Cow<'static, [u8]>,
    outcome: Cow<'static, str>,
}

impl Vector {
    pub(crate) fn new(
        claim: &'static str,
        input: impl Into<Cow<'static, [u8]>>,
        outcome: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { claim, input: input.into(), outcome: outcome.into() }
    }
}

/// A table's row: a claim, the part of the message that it is about, the outcome.
pub(crate) type Row = (&'static str, &'static [u8], &'static str);

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

fn vectors() -> impl Iterator<Item = Vector> {
    use http_vectors::{
        chunks, content_length, fields, host, messages, other_protocols, request_line, sizes,
        target, transfer_encoding,
    };
    request_line::vectors()
        .chain(target::vectors())
        .chain(host::vectors())
        .chain(fields::vectors())
        .chain(content_length::vectors())
        .chain(transfer_encoding::vectors())
        .chain(chunks::vectors())
        .chain(messages::vectors())
        .chain(other_protocols::vectors())
        .chain(sizes::vectors())
}

/// Every offset; for the few large inputs those where something can change, and a sample.
fn cuts(input: &[u8]) -> impl Iterator<Item = usize> {
    let (len, edge) = (input.len(), 128);
    (1..len).filter(move |&cut| len < 2048 || cut < edge || cut + edge > len || cut % 1021 == 0)
}

/// Reads the input cut at the given offsets, and answers every request that is in it.
fn run(input: &[u8], cuts: impl IntoIterator<Item = usize>) -> Run {
    let mut connection = Connection::new(Limits::default());
    let mut run = Run::default();
    let mut start = 0;
    for end in cuts.into_iter().chain([input.len()]) {
        run.feed(&mut connection, &input[start..end]);
        start = end;
    }
    run.is_open = !connection.closes_after_output();
    run.is_inside = matches!(connection.phase(), Phase::Head | Phase::Body);
    run
}

/// What came of an input.
#[derive(Debug, Default)]
struct Run {
    steps: Vec<String>,
    /// Everything written, but for interim answers, which depend on what has arrived.
    output: Vec<u8>,
    is_open: bool,
    is_inside: bool,
    memory_max: usize,
}

impl PartialEq for Run {
    fn eq(&self, other: &Self) -> bool {
        (&self.steps, &self.output, self.is_open, self.is_inside)
            == (&other.steps, &other.output, other.is_open, other.is_inside)
    }
}

impl Run {
    /// Does what a driver does: reads no more than there is room for, answers, writes.
    fn feed(&mut self, connection: &mut Connection, mut bytes: &[u8]) {
        loop {
            let n = connection.room().min(bytes.len());
            assert!(n > 0 || bytes.is_empty(), "no room, and nothing to answer");
            connection.receive(&bytes[..n]);
            bytes = &bytes[n..];
            self.memory_max = self.memory_max.max(connection.memory());
            self.poll(connection);
            if bytes.is_empty() {
                break;
            }
        }
    }

    fn poll(&mut self, connection: &mut Connection) {
        let date = HttpDate::new(UNIX_EPOCH);
        loop {
            match connection.poll(&date) {
                Step::Request(request) => {
                    let step = describe(&request);
                    connection.respond(&Response::new(Status::OK).with_body(step.clone()), &date);
                    self.steps.push(step);
                }
                Step::Failed(refusal) => {
                    let name = format!("{refusal:?}");
                    let name = name.split(' ').next().unwrap_or_default();
                    self.steps.push(format!("{} {name}", refusal.status().code()));
                }
                Step::Closed | Step::NeedMore => break,
                Step::SendBody => panic!("no answer has a body that comes later"),
            }
        }
        let output = connection.output();
        let interim = &b"HTTP/1.1 100 Continue\r\n\r\n"[..];
        self.output.extend_from_slice(output.strip_suffix(interim).unwrap_or(output));
        let n = output.len();
        connection.sent(n);
    }

    fn outcome(&self) -> String {
        let mut outcome = self.steps.join(" | ");
        if self.is_inside {
            outcome.push_str(if outcome.is_empty() { "..." } else { " | ..." });
        }
        outcome
    }
}

fn describe(request: &Request<'_>) -> String {
    let mut words = vec![request.method().to_owned(), request.target().to_owned()];
    if request.version() == Version::Http10 {
        words.push("1.0".to_owned());
    }
    if !request.keep_alive() {
        words.push("close".to_owned());
    }
    if let Some(host) = request.host().filter(|&host| host != "a") {
        words.push(format!("host={host}"));
    }
    if request.path() != request.target() {
        words.push(format!("path={}", request.path()));
    }
    if let Some(query) = request.query() {
        words.push(format!("query={query}"));
    }
    match request.body() {
        [] => {}
        body if body.len() > 64 => words.push(format!("body={} bytes", body.len())),
        body => words.push(format!("body={}", body.escape_ascii())),
    }
    words.join(" ")
}
