//! The run as it goes, as server-sent events: what a trace would say, section by section.
//!
//! A watcher's own thread asks the observer some ten times a second what is new. It holds one message
//! and nothing else, so that a slow watcher costs nobody anything: when more has happened than a message
//! takes, or than is still held, there is a gap, and a new section opens with the state after it.

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use scheduler_model::trace::{append_event, write_header};
use scheduler_model::{Event, Snapshot, TraceHeader};

use super::outgoing::Outgoing;
use crate::record::Observer;
use crate::serve::Probe;

/// What a `GET` of the feed answers.
pub(super) const CONTENT_TYPE: &str = "text/event-stream";

/// Tells a client of the run until it leaves or the run is over.
pub(super) fn follow(probe: &Probe, outgoing: &mut Outgoing<'_>) -> io::Result<()> {
    let Some((header, opening)) =
        probe.ask(|observer| (observer.header.clone(), observer.snapshot()))
    else {
        return Ok(());
    };
    let Some(opening) = opening else { return Ok(()) };
    let mut watcher = Watcher { next_seq: opening.next_seq(), header, message: Vec::new() };
    watcher.message.extend_from_slice(RETRY);
    watcher.open(opening)?;
    let mut said = Instant::now();
    loop {
        let is_over = probe.is_over();
        let next_seq = watcher.next_seq;
        match probe.ask(move |observer| News::since(next_seq, observer)) {
            Some(news) => watcher.tell(news)?,
            None => return Ok(()),
        }
        if watcher.message.is_empty() && is_over {
            return outgoing.write_all(END);
        }
        if watcher.message.is_empty() && said.elapsed() >= SILENCE_MAX {
            watcher.message.extend_from_slice(COMMENT);
        }
        if !watcher.message.is_empty() {
            outgoing.write_all(&watcher.message)?;
            watcher.message.clear();
            said = Instant::now();
        }
        if !is_over && !outgoing.wait(TICK)? {
            return Ok(());
        }
    }
}

/// What has happened since a watcher was told last.
struct News {
    events: Vec<Event>,
    /// The state now, when too much has happened for all of it to be told.
    skipped_to: Option<Snapshot>,
}

impl News {
    fn since(next_seq: u64, observer: &mut Observer) -> Self {
        let events = observer.recent.after(next_seq, EVENTS_MAX);
        let is_held = events.is_some();
        let events = events.unwrap_or_default();
        let left =
            (observer.world.counts().events + 1 - next_seq).saturating_sub(events.len() as u64);
        let skips = !is_held || left > EVENTS_MAX as u64;
        Self { events, skipped_to: if skips { observer.snapshot() } else { None } }
    }
}

/// Where a watcher is in the run, and what it is to be told.
struct Watcher {
    header: TraceHeader,
    /// The first event that it has not been told of.
    next_seq: u64,
    message: Vec<u8>,
}

impl Watcher {
    fn tell(&mut self, news: News) -> io::Result<()> {
        if !news.events.is_empty() {
            self.message.extend_from_slice(b"event: events\n");
            for event in &news.events {
                self.message.extend_from_slice(DATA);
                append_event(&mut self.message, &self.header, self.next_seq, event);
                self.next_seq += 1;
            }
            self.message.push(b'\n');
        }
        if let Some(snapshot) = news.skipped_to {
            let (from, to) = (self.next_seq, snapshot.next_seq() - 1);
            write!(self.message, "event: gap\ndata: {{\"from\":{from},\"to\":{to}}}\n\n")?;
            self.next_seq = snapshot.next_seq();
            self.open(snapshot)?;
        }
        Ok(())
    }

    /// A section opens with the first two lines of a trace.
    fn open(&mut self, snapshot: Snapshot) -> io::Result<()> {
        let mut lines = Vec::new();
        write_header(&mut lines, &self.header.from(snapshot))?;
        self.message.extend_from_slice(b"event: section\n");
        for line in lines.split_inclusive(|&byte| byte == b'\n') {
            self.message.extend_from_slice(DATA);
            self.message.extend_from_slice(line);
        }
        self.message.push(b'\n');
        Ok(())
    }
}

/// How often a watcher is told what is new.
const TICK: Duration = Duration::from_millis(100);
/// Events of one message: ten thousand a second take a hundredth of a core to write.
const EVENTS_MAX: usize = 1000;
/// After so long without a word there is one, so that whoever is in between keeps the connection.
const SILENCE_MAX: Duration = Duration::from_secs(10);

const DATA: &[u8] = b"data: ";
const COMMENT: &[u8] = b":\n\n";
/// A page whose connection breaks asks again after a second.
const RETRY: &[u8] = b"retry: 1000\n\n";
const END: &[u8] = b"event: end\ndata: {}\n\n";
