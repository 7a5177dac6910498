//! Observing a run: events go to a thread of their own, which checks, counts and writes them.
//!
//! Whoever decides holds a lock, so an event costs him a push to a buffer and now and then a send.
//! The observer folds every event into a [`World`]. A server that breaks a law of the model does not
//! serve on: what was seen is in the file, and the process ends. Whoever wants to know something of
//! the run asks the observer, which answers between two batches.
//!
//! The last of them are [kept](Recent) for whoever wants to see what has happened, and for those who
//! follow the run. The observer can be asked after the end of the run as well.
//!
//! No event is left out: when the file's disk is so slow that [`BATCHES_MAX`] batches wait, the next
//! decision waits too. A file that can be written no further is told of at once and given up; the run is
//! observed all the same.

mod recent;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use anyhow::Context;
use scheduler_model::trace::{TraceHeader, append_event, write_header};
use scheduler_model::{Departure, Event, RequestId, SimTime, Snapshot, Span, World};

use self::recent::is_decision;
use crate::metrics::{Counters, Metrics};
use crate::warn::warn;

pub use recent::{EVENTS_MAX, Recent, SEGMENTS_MAX, Segment};

/// The way to the observer: what the events of a run go through.
#[derive(Debug)]
pub struct Recorder {
    buffer: Vec<Event>,
    to_observer: Option<SyncSender<Message>>,
    /// Buffers that the observer is through with: memory that is there already.
    spare: Receiver<Vec<Event>>,
    observer: Option<JoinHandle<Observer>>,
    path: Option<PathBuf>,
    sent: SimTime,
    waits: Waits,
}

/// Whether somebody waits for the observer to write, to be asked without any lock.
#[derive(Clone, Debug, Default)]
pub struct Waits(Arc<AtomicBool>);

impl Waits {
    /// Whether somebody does at this moment.
    pub fn now(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn during<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.0.store(true, Ordering::Relaxed);
        let done = wait();
        self.0.store(false, Ordering::Relaxed);
        done
    }
}

/// What the observer is told.
enum Message {
    Ask(Question),
    Events(Vec<Event>),
}

type Question = Box<dyn FnOnce(&mut Observer) + Send>;

/// Everything known of a run, by its own thread.
#[derive(Debug)]
pub struct Observer {
    /// The run as of its last event.
    pub world: World,
    /// What was counted.
    pub metrics: Metrics,
    /// Who left last, the latest at the end.
    departed: VecDeque<Departure>,
    /// What was asked for, and how the run began.
    pub header: TraceHeader,
    /// The last events.
    pub recent: Recent,
    file: Option<(PathBuf, File)>,
    /// Why there is no file any more.
    failed: Option<io::Error>,
    /// What is written to it next.
    lines: Vec<u8>,
    seq: u64,
}

impl Recorder {
    /// Starts to observe; with `path` it is a recording, whose header is in the file when this
    /// returns.
    ///
    /// # Errors
    ///
    /// When the file cannot be created or written, or the thread not be started.
    pub fn start(
        path: Option<&Path>,
        header: &TraceHeader,
        counters: &Counters,
    ) -> anyhow::Result<Self> {
        let file = match path {
            None => None,
            Some(path) => {
                let file = create(path, header).with_context(|| place(path))?;
                Some((path.to_owned(), file))
            }
        };
        let observer = Observer {
            world: World::new(header),
            header: header.clone(),
            metrics: Metrics::new(counters),
            departed: VecDeque::new(),
            recent: Recent::default(),
            file,
            failed: None,
            lines: Vec::new(),
            seq: 0,
        };
        let (to_observer, messages) = sync_channel(BATCHES_MAX);
        let (back, spare) = sync_channel(SPARE_MAX);
        let thread = thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || observer.observe(&messages, &back))
            .context("the recorder's thread cannot be started")?;
        Ok(Self {
            buffer: Vec::with_capacity(CAPACITY),
            to_observer: Some(to_observer),
            spare,
            observer: Some(thread),
            path: path.map(Path::to_owned),
            sent: SimTime::ZERO,
            waits: Waits::default(),
        })
    }

    /// Takes an event in.
    pub fn push(&mut self, event: Event) {
        // What follows from a stimulus stays with it: between two batches a run can be cut.
        if self.buffer.len() >= BATCH && !is_decision(&event) {
            self.send();
        }
        self.buffer.push(event);
    }

    /// Hands what has been taken in to the observer, which flushes it to the file.
    pub fn send(&mut self) {
        let Some(last) = self.buffer.last() else { return };
        self.sent = last.at;
        let next = self.spare.try_recv().unwrap_or_else(|_| Vec::with_capacity(CAPACITY));
        let batch = std::mem::replace(&mut self.buffer, next);
        if let Some(to_observer) = &self.to_observer {
            let sent = match to_observer.try_send(Message::Events(batch)) {
                Err(TrySendError::Full(events)) => {
                    self.waits.during(|| to_observer.send(events)).map_err(|_| ())
                }
                sent => sent.map_err(|_| ()),
            };
            // An observer that has stopped has panicked, which is told when the recording is closed.
            let _ = sent;
        }
    }

    /// As [`Recorder::send`], if that was long ago: a file is never far behind.
    pub fn send_if_due(&mut self, now: SimTime) {
        if self.path.is_some() && now.since(self.sent) >= SEND_EVERY {
            self.send();
        }
    }

    /// Hands everything over that has been taken in, and gives a way to ask about it.
    pub fn inquiry(&mut self) -> Inquiry {
        self.send();
        Inquiry(self.to_observer.clone())
    }

    /// Tells whether somebody waits for what is written, while this is lent to somebody else.
    pub fn waits(&self) -> Waits {
        self.waits.clone()
    }

    /// Writes what is left and closes the file; the observer, who knows the whole run now.
    ///
    /// # Errors
    ///
    /// When something could not be written.
    ///
    /// # Panics
    ///
    /// Never: it has an observer from the start until this takes him.
    pub fn close(mut self) -> anyhow::Result<Observer> {
        self.send();
        self.to_observer = None;
        let observer = self.observer.take().expect("only this takes the observer");
        let ended = self.waits.during(|| observer.join());
        let written = match ended {
            Ok(Observer { failed: Some(error), .. }) => Err(error.into()),
            Ok(observer) => Ok(observer),
            Err(_) => Err(anyhow::anyhow!("the recorder panicked")),
        };
        written.with_context(|| self.path.as_deref().map_or_else(String::new, place))
    }
}

/// A way to ask the observer, without any lock.
pub struct Inquiry(Option<SyncSender<Message>>);

impl Inquiry {
    /// What `question` finds; `None` when nobody observes any more.
    pub fn ask<T: Send + 'static>(
        self,
        question: impl FnOnce(&mut Observer) -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = sync_channel(1);
        let question = move |observer: &mut Observer| {
            // Whoever asked waits for it.
            let _ = answer.send(question(observer));
        };
        self.0?.send(Message::Ask(Box::new(question))).ok()?;
        answered.recv().ok()
    }
}

impl Observer {
    /// A request that left not long ago.
    pub fn departed(&self, id: RequestId) -> Option<&Departure> {
        self.departed.iter().rev().find(|departure| departure.request.id == id)
    }

    /// The state of the run now; `None` in the middle of what follows from a stimulus.
    pub fn snapshot(&self) -> Option<Snapshot> {
        Snapshot::new(self.world.clone()).ok()
    }

    fn observe(mut self, messages: &Receiver<Message>, back: &SyncSender<Vec<Event>>) -> Self {
        for message in messages {
            match message {
                Message::Ask(question) => question(&mut self),
                Message::Events(mut batch) => {
                    self.take_in(&batch);
                    batch.clear();
                    // Enough of them wait already when this one finds no place.
                    let _ = back.try_send(batch);
                }
            }
        }
        self
    }

    fn take_in(&mut self, batch: &[Event]) {
        self.recent.push(&self.world, batch);
        for event in batch {
            self.seq += 1;
            if self.file.is_some() {
                append_event(&mut self.lines, &self.header, self.seq, event);
            }
            match self.world.take_in(event) {
                Ok(()) => {
                    let departure = self.world.departure();
                    self.metrics.apply(event, departure);
                    self.departed.extend(departure);
                }
                Err(violation) => {
                    self.write();
                    let seq = self.seq;
                    warn(format_args!("event {seq} breaks a law of the model: {violation}"));
                    std::process::exit(1);
                }
            }
        }
        let n_beyond = self.departed.len().saturating_sub(DEPARTED_MAX);
        self.departed.drain(..n_beyond);
        self.write();
    }

    /// Writes the lines that have been put together.
    fn write(&mut self) {
        if let Some((path, file)) = &mut self.file
            && let Err(error) = file.write_all(&self.lines)
        {
            let place = place(path);
            warn(format_args!("{place}: {error}; what happens from here on is not recorded"));
            self.failed = Some(error);
            self.file = None;
        }
        self.lines.clear();
    }
}

fn create(path: &Path, header: &TraceHeader) -> io::Result<File> {
    let mut file = File::create(path)?;
    let mut lines = Vec::new();
    write_header(&mut lines, header)?;
    file.write_all(&lines)?;
    Ok(file)
}

fn place(path: &Path) -> String {
    format!("--record {}", path.display())
}

/// Events that go to the observer at once.
const BATCH: usize = 1024;
/// Room for the decisions that follow from the last stimulus of a batch.
const CAPACITY: usize = BATCH + 32;
/// Batches that may wait for the observer: some ten megabytes.
pub const BATCHES_MAX: usize = 256;
/// Buffers that wait to be used again.
const SPARE_MAX: usize = 8;
/// How far a file may be behind.
pub const SEND_EVERY: Span = Span::from_millis(200);
/// Requests that are remembered after they left.
const DEPARTED_MAX: usize = 4096;
