//! What our connection makes of an input, however it is cut.

use std::time::UNIX_EPOCH;

use native_server::http::{
    Connection, HttpDate, Limits, Phase, Request, Response, Status, Step, Version,
};

/// Reads the input cut at the given offsets, and answers every request that is in it.
pub(crate) fn run(input: &[u8], cuts: impl IntoIterator<Item = usize>) -> Run {
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
pub(crate) struct Run {
    pub(crate) steps: Vec<String>,
    /// The method, target and body of each request.
    pub(crate) messages: Vec<(String, String, Vec<u8>)>,
    /// Everything written, but for interim answers, which depend on what has arrived.
    pub(crate) output: Vec<u8>,
    pub(crate) is_open: bool,
    is_inside: bool,
    pub(crate) memory_max: usize,
}

impl PartialEq for Run {
    fn eq(&self, other: &Self) -> bool {
        (&self.steps, &self.output, self.is_open, self.is_inside)
            == (&other.steps, &other.output, other.is_open, other.is_inside)
    }
}

impl Run {
    /// Does what a driver does: reads no more than there is room for, answers, writes.
    pub(crate) fn feed(&mut self, connection: &mut Connection, mut bytes: &[u8]) {
        loop {
            let n = connection.room().min(bytes.len());
            assert!(n > 0 || bytes.is_empty(), "no room, and nothing to answer");
            connection.receive(&bytes[..n]);
            bytes = &bytes[n..];
            self.memory_max = self.memory_max.max(connection.memory());
            self.poll(connection, n == 1);
            if bytes.is_empty() {
                break;
            }
        }
    }

    /// Answers what is there; with `slowly`, to a socket that takes a byte at a time.
    fn poll(&mut self, connection: &mut Connection, slowly: bool) {
        let date = HttpDate::new(UNIX_EPOCH);
        loop {
            match connection.poll(&date) {
                Step::Request(request) => {
                    let step = describe(&request);
                    let (method, target) = (request.method(), request.target());
                    let body = request.body().to_vec();
                    self.messages.push((method.to_owned(), target.to_owned(), body));
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
        let output = connection.output().to_vec();
        let interim = &b"HTTP/1.1 100 Continue\r\n\r\n"[..];
        self.output.extend_from_slice(output.strip_suffix(interim).unwrap_or(&output));
        for taken in output.chunks(if slowly { 1 } else { output.len().max(1) }) {
            assert!(connection.output().starts_with(taken));
            connection.sent(taken.len());
        }
        assert_eq!(connection.output(), b"");
    }

    pub(crate) fn outcome(&self) -> String {
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
