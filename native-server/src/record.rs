//! Recording a run: events go to a thread of their own, which checks and writes them.
//!
//! Whoever decides holds a lock, so an event costs him a push to a buffer and now and then a send.
//! The writer folds every event into a [`World`]. A server that breaks a law of the model does not
//! serve on: what was seen is in the file, and the process ends.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use anyhow::Context;
use scheduler_model::trace::{TraceHeader, write_event, write_header};
use scheduler_model::{Event, World};

/// A recording in progress.
#[derive(Debug)]
pub struct Recorder {
    buffer: Vec<Event>,
    to_writer: Option<Sender<Vec<Event>>>,
    writer: Option<JoinHandle<anyhow::Result<()>>>,
    path: PathBuf,
}

/// Events that go to the writer at once.
const BATCH: usize = 1024;

impl Recorder {
    /// Opens a recording; its header is in the file when this returns.
    ///
    /// # Errors
    ///
    /// When the file cannot be created or written.
    pub fn create(path: &Path, header: &TraceHeader) -> anyhow::Result<Self> {
        let place = || format!("--record {}", path.display());
        let mut file = BufWriter::new(File::create(path).with_context(place)?);
        write_header(&mut file, header).with_context(place)?;
        file.flush().with_context(place)?;
        let world = World::new(header);
        let (to_writer, batches) = channel();
        let writer = thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || write_all(file, world, &batches))
            .with_context(place)?;
        Ok(Self {
            buffer: Vec::with_capacity(BATCH),
            to_writer: Some(to_writer),
            writer: Some(writer),
            path: path.to_owned(),
        })
    }

    /// Takes an event in.
    pub fn push(&mut self, event: Event) {
        self.buffer.push(event);
        if self.buffer.len() == BATCH {
            self.send();
        }
    }

    /// Hands what has been taken in to the writer, which flushes it to the file.
    pub fn send(&mut self) {
        if self.buffer.is_empty() {
            return;
        }
        let batch = std::mem::replace(&mut self.buffer, Vec::with_capacity(BATCH));
        if let Some(to_writer) = &self.to_writer {
            // A writer that has stopped says why when the recording is closed.
            let _ = to_writer.send(batch);
        }
    }

    /// Writes what is left and closes the file.
    ///
    /// # Errors
    ///
    /// When something could not be written.
    pub fn close(mut self) -> anyhow::Result<()> {
        self.send();
        self.to_writer = None;
        let written = self.writer.take().map_or(Ok(Ok(())), JoinHandle::join);
        let place = || format!("--record {}", self.path.display());
        written
            .unwrap_or_else(|_| Err(anyhow::anyhow!("the recorder panicked")))
            .with_context(place)
    }
}

fn write_all(
    mut file: BufWriter<File>,
    mut world: World,
    batches: &Receiver<Vec<Event>>,
) -> anyhow::Result<()> {
    let mut seq = 0;
    for batch in batches {
        for event in &batch {
            seq += 1;
            write_event(&mut file, seq, event)?;
            if let Err(violation) = world.apply(event) {
                file.flush()?;
                eprintln!("native-server: event {seq} breaks a law of the model: {violation}");
                std::process::exit(1);
            }
        }
        file.flush()?;
    }
    Ok(())
}
