//! Reading a trace that a stranger wrote: in bounded memory, and with the place of every fault.
//!
//! What stands before the events is read in [`head`]; which numbers an event may have, [`numbers`] says.

mod error;
mod head;
mod numbers;

use std::io::{self, BufRead};

use super::line::EventLine;
use super::{EVENTS_MAX, Trace, TraceHeader};
use crate::scenario::document;
use crate::{Event, Model, Scenario};

pub use error::TraceError;
use numbers::Reach;

impl Trace {
    /// Reads a trace; `file_name` is what errors call it.
    ///
    /// A last line that was cut short is left out, and [`Trace::complete`] is false then. So it is
    /// when `reader` ends with [`io::ErrorKind::UnexpectedEof`], as decompressors do.
    ///
    /// # Errors
    ///
    /// [`TraceError`], with the line.
    pub fn read(file_name: &str, mut reader: impl BufRead) -> Result<Self, TraceError> {
        let mut lines = TraceReader::new(file_name);
        loop {
            let length = match reader.fill_buf() {
                Ok([]) => return lines.finish(true),
                Ok(bytes) => {
                    lines.push(bytes)?;
                    bytes.len()
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return lines.finish(false);
                }
                Err(source) => {
                    return Err(TraceError::Io { file: lines.file, line: lines.line, source });
                }
            };
            reader.consume(length);
        }
    }

    /// Reads a trace from a text.
    ///
    /// # Errors
    ///
    /// [`TraceError`], with the line.
    pub fn read_str(file_name: &str, text: &str) -> Result<Self, TraceError> {
        Self::read(file_name, text.as_bytes())
    }
}

/// Reads a trace piece by piece, as it comes: from a network, or in a page that must not freeze.
///
/// ```
/// use scheduler_model::trace::TraceReader;
///
/// let mut reader = TraceReader::new("cut.jsonl");
/// reader.push(b"{\"format\": \"scheduler-lab-trace\", ")?;
/// assert_eq!(reader.events().len(), 0);
/// let error = reader.finish(true).unwrap_err();
/// assert!(error.to_string().starts_with("cut.jsonl:1: "));
/// # Ok::<(), scheduler_model::trace::TraceError>(())
/// ```
#[derive(Debug)]
pub struct TraceReader {
    file: String,
    /// The line that is being read, from 1, and as much of it as is there.
    line: usize,
    text: Vec<u8>,
    awaited: Awaited,
    header: Option<TraceHeader>,
    events: Vec<Event>,
}

/// What the line that is being read must be.
#[derive(Clone, Copy, Debug)]
enum Awaited {
    Header,
    Snapshot,
    Event(Reach),
}

impl TraceReader {
    /// Before the first byte; `file_name` is what errors call it.
    pub fn new(file_name: &str) -> Self {
        Self {
            file: file_name.to_owned(),
            line: 1,
            text: Vec::new(),
            awaited: Awaited::Header,
            header: None,
            events: Vec::new(),
        }
    }

    /// Takes the next bytes in. After an error nothing more can be read.
    ///
    /// # Errors
    ///
    /// [`TraceError`], with the line.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), TraceError> {
        while let Some(end) = bytes.iter().position(|&byte| byte == b'\n') {
            self.extend(&bytes[..end])?;
            if self.text.last() == Some(&b'\r') {
                self.text.pop();
            }
            self.check_length(0)?;
            self.take_line(true)?;
            self.line += 1;
            self.text.clear();
            bytes = &bytes[end + 1..];
        }
        self.extend(bytes)
    }

    /// The trace, after its last byte; `is_whole` says whether that was the end of the file, and
    /// not only of what could be had of it.
    ///
    /// # Errors
    ///
    /// [`TraceError`], with the line.
    ///
    /// # Panics
    ///
    /// Never: a first line that is no header is an error.
    pub fn finish(mut self, is_whole: bool) -> Result<Trace, TraceError> {
        self.check_length(0)?;
        // What ends without a header or a snapshot is judged as one, for its message.
        let complete = match self.awaited {
            Awaited::Event(_) if self.text.is_empty() => is_whole,
            _ => self.take_line(false)? && is_whole,
        };
        if matches!(self.awaited, Awaited::Snapshot) {
            self.text.clear();
            self.take_line(false)?;
        }
        let header = self.header.expect("the first line is the header, or an error");
        Ok(Trace { header, events: self.events, complete })
    }

    /// What the trace says of itself, once its first line is there.
    pub const fn header(&self) -> Option<&TraceHeader> {
        self.header.as_ref()
    }

    /// The events of all whole lines so far.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), TraceError> {
        // Before its end is seen a line may have a carriage return that does not count.
        self.check_length(bytes.len().saturating_sub(1))?;
        self.text.extend_from_slice(bytes);
        Ok(())
    }

    /// Refuses a line that is too long with this many bytes more.
    fn check_length(&self, more: usize) -> Result<(), TraceError> {
        let max = match self.awaited {
            Awaited::Header => HEADER_BYTES_MAX,
            Awaited::Snapshot => SNAPSHOT_BYTES_MAX,
            Awaited::Event(_) => EVENT_BYTES_MAX,
        };
        if self.text.len() + more > max {
            return Err(TraceError::LineTooLong { file: self.file.clone(), line: self.line, max });
        }
        Ok(())
    }

    /// Judges the line that is there; whether it was whole. One that is not may be cut short.
    fn take_line(&mut self, is_whole: bool) -> Result<bool, TraceError> {
        match (&mut self.header, self.awaited) {
            (Some(_), Awaited::Event(reach)) => return self.take_event(reach, is_whole),
            (Some(header), _) => {
                header.snapshot = Some(head::snapshot(&self.file, &self.text, header)?);
                self.awaited = Awaited::Event(Reach::of(header));
            }
            (none, _) => {
                let (header, version) = head::header(&self.file, &self.text)?;
                self.awaited = if version > 1 {
                    Awaited::Snapshot
                } else {
                    Awaited::Event(Reach::of(&header))
                };
                *none = Some(header);
            }
        }
        Ok(true)
    }

    fn take_event(&mut self, reach: Reach, is_whole: bool) -> Result<bool, TraceError> {
        if self.events.len() == EVENTS_MAX {
            return Err(TraceError::TooManyEvents { file: self.file.clone(), line: self.line });
        }
        let header = self.header.as_ref().expect("events are awaited after the header");
        match serde_json::from_slice(&self.text) {
            Ok(line) => {
                let event = self.judge(&line, header, reach)?;
                self.events.push(event);
                Ok(true)
            }
            Err(error) if error.is_eof() && !is_whole => Ok(false),
            Err(error) => Err(self.no_event(&error)),
        }
    }

    /// The event of this line, if it may follow those before it.
    fn judge(
        &self,
        line: &EventLine,
        header: &TraceHeader,
        reach: Reach,
    ) -> Result<Event, TraceError> {
        let event = line.event;
        let place = self.events.len() as u64;
        let seq = header.first_seq() + place;
        if line.seq != seq {
            return Err(self.illegal("seq", line.seq, format!("{seq}, since there are no gaps")));
        }
        let earliest = self.events.last().map_or(reach.at, |previous| previous.at);
        if event.at < earliest {
            let earliest = earliest.as_nanos();
            let allowed = format!("{earliest}.., since time never decreases");
            return Err(self.illegal("at_ns", event.at.as_nanos(), allowed));
        }
        let n_shards = header.scenario.server.n_shards();
        let is_sharded = header.scenario.server.model == Model::Sharded;
        if line.has_shard != is_sharded || usize::from(event.shard.0) >= n_shards {
            let allowed = if is_sharded { format!("0..={}", n_shards - 1) } else { "none".into() };
            if !line.has_shard {
                return Err(self.missing("shard", &allowed));
            }
            return Err(self.illegal("shard", event.shard.0.into(), allowed));
        }
        if let Some((key, given, allowed)) = reach.exceeded(&event, place, &header.scenario) {
            return Err(self.illegal(key, given, allowed));
        }
        Ok(event)
    }

    fn missing(&self, key: &'static str, allowed: &str) -> TraceError {
        TraceError::NoEvent {
            file: self.file.clone(),
            line: self.line,
            column: self.text.len(),
            message: format!("no {key} given, allowed is {allowed}"),
        }
    }

    fn illegal(&self, key: &'static str, given: u64, allowed: String) -> TraceError {
        TraceError::Illegal { file: self.file.clone(), line: self.line, key, given, allowed }
    }

    fn no_event(&self, error: &serde_json::Error) -> TraceError {
        TraceError::NoEvent {
            file: self.file.clone(),
            line: self.line,
            column: error.column(),
            message: message(error, "one event"),
        }
    }
}

/// What serde says of a line, in our words.
fn message(error: &serde_json::Error, allowed: &str) -> String {
    let message = error.to_string();
    // What serde_json appends counts lines within this line.
    let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
    let mut message = document::one_line(message).replace(", expected ", ", allowed is ");
    if message.starts_with("missing field") {
        message.push_str(", allowed is one");
    } else if !message.contains("allowed is") {
        message.push_str(", allowed is ");
        message.push_str(allowed);
    }
    message
}

/// The longest scenario, and what a header says besides.
const HEADER_BYTES_MAX: usize = Scenario::JSON_MAX + 1024;

/// A snapshot of more than a million connections and requests.
const SNAPSHOT_BYTES_MAX: usize = 256 << 20;

/// Several hundred times the longest event.
const EVENT_BYTES_MAX: usize = 64 << 10;
