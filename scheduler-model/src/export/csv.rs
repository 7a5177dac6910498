//! A table with a row for each request.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

use super::paths;
use crate::{
    Decision, Departure, Event, EventKind, Request, RequestId, SimTime, Span, TraceHeader,
    WorkerId, World,
};

/// The table, as far as it is not yet written.
pub(super) struct Csv {
    paths: Vec<String>,
    /// Who ran each request in the system, last.
    workers: BTreeMap<RequestId, WorkerId>,
}

impl Csv {
    pub(super) fn new(header: &TraceHeader) -> Self {
        Self { paths: paths(header), workers: BTreeMap::new() }
    }

    pub(super) fn begin(out: &mut impl Write) -> io::Result<()> {
        write!(out, "{HEAD}\r\n")
    }

    pub(super) fn after(
        &mut self,
        event: &Event,
        departure: Option<&Departure>,
        out: &mut impl Write,
    ) -> io::Result<()> {
        if let EventKind::Decision(Decision::Assign { request, worker }) = event.kind {
            self.workers.insert(request, worker);
        }
        if let Some(Departure { request, at, outcome }) = departure {
            let worker = self.workers.remove(&request.id);
            self.row(request, Some(*at), worker, outcome.name(), out)?;
        }
        Ok(())
    }

    /// What is still there has no end.
    pub(super) fn end(&mut self, world: &World, out: &mut impl Write) -> io::Result<()> {
        for request in world.requests() {
            let worker = self.workers.get(&request.id).copied();
            self.row(request, None, worker, "in-system", out)?;
        }
        Ok(())
    }

    fn row(
        &self,
        request: &Request,
        end: Option<SimTime>,
        worker: Option<WorkerId>,
        outcome: &str,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let path = request.route.and_then(|route| self.paths.get(usize::from(route.0)));
        let since_arrival = |at: SimTime| at.since(request.arrived);
        let instant = |at: SimTime| Seconds(at.since(SimTime::ZERO));
        let columns = [
            request.id.to_string(),
            shown(request.connection),
            path.map_or(Cow::Borrowed(""), |path| cell(path)).into_owned(),
            instant(request.arrived).to_string(),
            shown(request.started.map(instant)),
            shown(end.map(instant)),
            shown(request.started.map(since_arrival).map(Seconds)),
            shown(end.map(since_arrival).map(Seconds)),
            shown(worker),
            outcome.to_owned(),
        ];
        write!(out, "{}\r\n", columns.join(","))
    }
}

/// Seconds with all nine decimals: to round would be to invent ties.
struct Seconds(Span);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ns = self.0.as_nanos();
        write!(f, "{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000)
    }
}

/// What is not known is an empty cell.
fn shown(value: Option<impl fmt::Display>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

/// A stranger's text as a cell: quoted where RFC 4180 asks for it, and led by an apostrophe where a
/// spreadsheet would take it for a formula.
fn cell(text: &str) -> Cow<'_, str> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = text.contains(['"', ',', '\r', '\n']);
    match (formula, quoted) {
        (false, false) => Cow::Borrowed(text),
        (true, false) => Cow::Owned(format!("'{text}")),
        (_, true) => {
            let mark = if formula { "'" } else { "" };
            Cow::Owned(format!("\"{mark}{}\"", text.replace('"', "\"\"")))
        }
    }
}

const HEAD: &str =
    "request,connection,path,arrived_s,started_s,ended_s,waiting_s,sojourn_s,worker,outcome";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_is_quoted_and_is_never_a_formula() {
        for (text, expected) in [
            ("/sleep", "/sleep"),
            ("/a,b", "\"/a,b\""),
            ("/say\"hi\"", "\"/say\"\"hi\"\"\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@a,b", "\"'@a,b\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn seconds_have_all_their_digits() {
        assert_eq!(Seconds(Span::from_nanos(5_000_000_001)).to_string(), "5.000000001");
        assert_eq!(Seconds(Span::ZERO).to_string(), "0.000000000");
    }
}
