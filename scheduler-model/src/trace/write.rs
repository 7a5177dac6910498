//! Writing a trace, whole or event by event.

mod event;

use std::io::{self, Write};

use serde::Serialize;

use super::{FORMAT, FORMAT_VERSION, MODEL_VERSION, Trace, TraceHeader};
use crate::{Event, Model, Scenario, Snapshot};

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

/// Writes the line of one event; `seq` counts from 1. Many are best [appended](append_event) to a `Vec`.
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
    let mut line = Vec::with_capacity(LINE_USUAL);
    append_event(&mut line, header, seq, event);
    out.write_all(&line)
}

/// Appends the line of one event; `seq` counts from 1.
pub fn append_event(out: &mut Vec<u8>, header: &TraceHeader, seq: u64, event: &Event) {
    let shard = (header.scenario.server.model == Model::Sharded).then_some(event.shard);
    event::append(out, seq, shard, event);
}

impl Trace {
    /// Writes the whole trace.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        write_header(out, &self.header)?;
        let mut lines = Vec::with_capacity(PIECE + LINE_USUAL);
        for (seq, event) in (self.header.first_seq()..).zip(&self.events) {
            append_event(&mut lines, &self.header, seq, event);
            if lines.len() >= PIECE {
                out.write_all(&lines)?;
                lines.clear();
            }
        }
        out.write_all(&lines)
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

/// Most lines fit.
const LINE_USUAL: usize = 192;
/// What is written at once.
const PIECE: usize = 16 << 10;
