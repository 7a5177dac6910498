//! The trace of the last minutes, as a file.

use std::io::{self, BufWriter, Write};

use scheduler_model::trace::{write_event, write_header};
use scheduler_model::{SimTime, Span};

use super::outgoing::Outgoing;
use crate::serve::Probe;

/// What the trace is sent as.
pub(super) const CONTENT_TYPE: &str = "application/x-ndjson";

/// Writes what is held of the run, or of its last `seconds`.
pub(super) fn write(
    probe: &Probe,
    seconds: Option<u32>,
    outgoing: &mut Outgoing<'_>,
) -> io::Result<()> {
    let since = match seconds {
        None => SimTime::ZERO,
        Some(seconds) => {
            let back = Span::from_millis(u64::from(seconds) * 1000).as_nanos();
            SimTime::from_nanos(probe.now().as_nanos().saturating_sub(back))
        }
    };
    let held = probe.ask(move |observer| {
        let segments = observer.recent.since(since);
        // Before the first event there is no segment, and a trace all the same.
        let start = match segments.first() {
            Some(first) => Some(first.start.clone()),
            None => observer.snapshot(),
        };
        (observer.header.clone(), start, segments)
    });
    let Some((header, Some(start), segments)) = held else { return Ok(()) };
    let header = header.from(start);
    let mut out = BufWriter::with_capacity(CHUNK, outgoing);
    write_header(&mut out, &header)?;
    let mut seq = header.first_seq();
    for segment in segments {
        for event in &segment.events {
            write_event(&mut out, &header, seq, event)?;
            seq += 1;
        }
    }
    out.flush()
}

/// How much goes out at once.
const CHUNK: usize = 64 << 10;
