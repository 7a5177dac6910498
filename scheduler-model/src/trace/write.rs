//! Writing a trace, whole or event by event.

use std::io::{self, Write};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{FORMAT, FORMAT_VERSION, MODEL_VERSION, Trace, TraceHeader};
use crate::{Event, EventKind, Model, Scenario, ShardId, Snapshot};

/// Writes what comes before the events: the header, and the snapshot if there is one.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write_header(out: &mut impl Write, header: &TraceHeader) -> io::Result<()> {
    let line = HeaderLine {
        format: FORMAT,
        version: if header.snapshot.is_some() { FORMAT_VERSION } else { 1 },
        model_version: MODEL_VERSION,
        source: header.source.name(),
        arrivals: header.arrivals.name(),
        scenario: &header.scenario,
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")?;
    if let Some(snapshot) = &header.snapshot {
        serde_json::to_writer(&mut *out, &SnapshotLine { snapshot })?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Writes the line of one event; `seq` counts from 1.
///
/// A line is written in small pieces: `out` is best a [`std::io::BufWriter`] or a `Vec`.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write_event(
    out: &mut impl Write,
    header: &TraceHeader,
    seq: u64,
    event: &Event,
) -> io::Result<()> {
    let shard = (header.scenario.server.model == Model::Sharded).then_some(event.shard);
    serde_json::to_writer(&mut *out, &EventLine { seq, shard, event })?;
    out.write_all(b"\n")
}

impl Trace {
    /// Writes the whole trace.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        write_header(out, &self.header)?;
        for (seq, event) in (self.header.first_seq()..).zip(&self.events) {
            write_event(out, &self.header, seq, event)?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct HeaderLine<'a> {
    format: &'static str,
    version: u32,
    model_version: u32,
    source: &'static str,
    arrivals: &'static str,
    scenario: &'a Scenario,
}

#[derive(Serialize)]
struct SnapshotLine<'a> {
    snapshot: &'a Snapshot,
}

struct EventLine<'a> {
    seq: u64,
    shard: Option<ShardId>,
    event: &'a Event,
}

impl Serialize for EventLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("seq", &self.seq)?;
        map.serialize_entry("at_ns", &self.event.at)?;
        if let Some(shard) = self.shard {
            map.serialize_entry("shard", &shard)?;
        }
        match &self.event.kind {
            EventKind::Stimulus(stimulus) => map.serialize_entry("stimulus", stimulus)?,
            EventKind::Decision(decision) => map.serialize_entry("decision", decision)?,
            EventKind::Machine(machine) => map.serialize_entry("machine", machine)?,
        }
        map.end()
    }
}
