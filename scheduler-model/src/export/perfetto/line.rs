//! The lines of a trace event file: what each kind of event has to say, and in which order.

use std::io::{self, Write};

use crate::{RequestId, SimTime};

/// What kind of event a line is, in the format's one-letter words.
#[derive(Clone, Copy)]
pub(super) enum Phase {
    AsyncBegin,
    AsyncEnd,
    Begin,
    Counter,
    End,
    FlowEnd,
    FlowStart,
    Instant,
}

impl Phase {
    const fn letter(self) -> char {
        match self {
            Self::AsyncBegin => 'b',
            Self::AsyncEnd => 'e',
            Self::Begin => 'B',
            Self::Counter => 'C',
            Self::End => 'E',
            Self::FlowEnd => 'f',
            Self::FlowStart => 's',
            Self::Instant => 'i',
        }
    }
}

/// An arrow between two slices.
#[derive(Clone, Copy)]
pub(super) struct Flow {
    /// Which kind of arrow.
    pub(super) name: &'static str,
    /// Its own number.
    pub(super) id: u64,
}

/// Writes lines, all of them at one moment of the run.
pub(super) struct Lines {
    /// Now.
    pub(super) at: SimTime,
    is_first: bool,
}

impl Lines {
    pub(super) const fn new() -> Self {
        Self { at: SimTime::ZERO, is_first: true }
    }

    pub(super) fn begin(out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")
    }

    pub(super) fn end(out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"\n]}\n")
    }

    /// Names the one process.
    pub(super) fn process(&mut self, name: &str, out: &mut impl Write) -> io::Result<()> {
        self.metadata("process_name", 0, name, out)
    }

    /// Names a track.
    pub(super) fn thread(
        &mut self,
        thread: u32,
        name: &str,
        out: &mut impl Write,
    ) -> io::Result<()> {
        self.metadata("thread_name", thread, name, out)
    }

    /// An event of a track; `more` is further fields, each led by its comma.
    pub(super) fn line(
        &mut self,
        phase: Phase,
        thread: u32,
        name: Option<&str>,
        more: &str,
        out: &mut impl Write,
    ) -> io::Result<()> {
        self.head(phase, thread, out)?;
        if let Some(name) = name {
            write!(out, r#","name":{}"#, quoted(name))?;
        }
        write!(out, "{more}}}")
    }

    /// A part of a request's stay. Those of one request nest.
    pub(super) fn stay(
        &mut self,
        phase: Phase,
        request: RequestId,
        name: &str,
        more: &str,
        out: &mut impl Write,
    ) -> io::Result<()> {
        self.head(phase, 0, out)?;
        let name = if name == "request" { format!("request {request}") } else { name.to_owned() };
        write!(out, r#","cat":"request","id":"{request}","name":{}{more}}}"#, quoted(&name))
    }

    /// An end of an arrow: it belongs to the slice that is open on the track.
    pub(super) fn flow(
        &mut self,
        phase: Phase,
        thread: u32,
        flow: Flow,
        out: &mut impl Write,
    ) -> io::Result<()> {
        self.head(phase, thread, out)?;
        let Flow { name, id } = flow;
        write!(out, r#","cat":"{name}","id":{id},"name":"{name}","bp":"e"}}"#)
    }

    fn metadata(
        &mut self,
        what: &str,
        thread: u32,
        name: &str,
        out: &mut impl Write,
    ) -> io::Result<()> {
        self.separate(out)?;
        let name = quoted(name);
        write!(
            out,
            r#"{{"ph":"M","pid":1,"tid":{thread},"name":"{what}","args":{{"name":{name}}}}}"#
        )
    }

    /// Times are microseconds in this format; all nanoseconds are kept.
    fn head(&mut self, phase: Phase, thread: u32, out: &mut impl Write) -> io::Result<()> {
        self.separate(out)?;
        let (letter, ns) = (phase.letter(), self.at.as_nanos());
        let (us, rest) = (ns / 1000, ns % 1000);
        write!(out, r#"{{"ph":"{letter}","pid":1,"tid":{thread},"ts":{us}.{rest:03}"#)
    }

    fn separate(&mut self, out: &mut impl Write) -> io::Result<()> {
        let separator: &[u8] = if self.is_first { b"\n" } else { b",\n" };
        self.is_first = false;
        out.write_all(separator)
    }
}

/// A JSON string: names come from files that strangers wrote.
pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("any text is a JSON string")
}
