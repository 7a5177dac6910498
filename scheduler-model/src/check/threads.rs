//! The server's threads, as far as what they do can interleave: look, wait, be woken, run, report.
//!
//! A worker looks into its mailbox under the scheduler's lock; when that is empty it lets go of the
//! lock and falls asleep in one step, as a condition variable does. What is delivered before it
//! falls asleep is therefore seen when it looks, and what is delivered after that wakes it. A
//! thread that is started gets a mailbox of its own, even if a retired one with the same number has
//! not ended yet.

use crate::{NodeId, WorkerId};

/// A request of the scenario, by its place in the file, from 0.
pub(super) type Nth = u8;

/// A thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Thread {
    pub(super) worker: WorkerId,
    pub(super) at: At,
    pub(super) mail: Option<Mail>,
    /// Whether the scheduler still knows it by its number.
    pub(super) current: bool,
    pub(super) tree: Tree,
}

/// Where a thread is in its loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// It is being started.
    Starting,
    /// It is about to look into its mailbox.
    Looking,
    /// It has looked, and has not fallen asleep: only a wrong server lets go of its lock there.
    #[cfg(feature = "mutants")]
    FallingAsleep,
    /// It sleeps until it is woken.
    Asleep { woken: bool },
    /// It runs a request, or a part of one that it stole.
    Running(Nth),
    /// It has pushed a part of a request, and is about to report that.
    Splitting(Nth),
    /// It waits for a part that was stolen from it.
    Joining(Nth),
    /// It was told to steal.
    Searching,
    /// It found nothing to steal, and is about to report that.
    FoundNothing,
    /// It is through with what it stole, and is about to report that.
    Helped(Nth),
}

/// What the scheduler has for a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mail {
    Run(Nth),
    Steal,
    Stop,
}

/// What a thread has of a tree of joins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tree {
    /// Parts that others may steal, the oldest first.
    pub(super) deque: Vec<(Nth, NodeId)>,
    /// What it has begun, the innermost last.
    pub(super) frames: Vec<Frame>,
}

/// A part that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// The one it began with.
    Base(NodeId),
    /// It split, and its left part runs.
    Left(NodeId),
    /// Its left part is done, and a thief has the right one.
    Stolen(NodeId),
    /// Its left part is done, and the right one runs here.
    Right(NodeId),
}

impl Thread {
    pub(super) const fn new(worker: WorkerId, at: At) -> Self {
        let tree = Tree { deque: Vec::new(), frames: Vec::new() };
        Self { worker, at, mail: None, current: true, tree }
    }

    /// The scheduler has something for it, and had nothing before.
    pub(super) fn deliver(&mut self, mail: Mail) {
        if let At::Asleep { woken } = &mut self.at {
            *woken = true;
        }
        self.mail = Some(mail);
    }

    pub(super) fn write_key(&self, key: &mut Vec<u8>) {
        let (at, nth) = match self.at {
            At::Starting => (0, 0),
            At::Looking => (1, 0),
            At::Asleep { woken: false } => (2, 0),
            At::Asleep { woken: true } => (3, 0),
            At::Running(nth) => (4, nth),
            At::Splitting(nth) => (5, nth),
            At::Joining(nth) => (6, nth),
            At::Searching => (7, 0),
            At::FoundNothing => (8, 0),
            At::Helped(nth) => (9, nth),
            #[cfg(feature = "mutants")]
            At::FallingAsleep => (10, 0),
        };
        let (mail, of) = match self.mail {
            None => (0, 0),
            Some(Mail::Run(nth)) => (1, nth),
            Some(Mail::Steal) => (2, 0),
            Some(Mail::Stop) => (3, 0),
        };
        let worker = self.worker.index().to_le_bytes()[0];
        key.extend([worker | u8::from(self.current) << 7, at << 4 | nth, mail << 4 | of]);
        let Tree { deque, frames } = &self.tree;
        key.push(u8::try_from(deque.len() << 4 | frames.len()).expect("trees are shallow"));
        for &(nth, node) in deque {
            key.extend([nth, node.0.to_le_bytes()[0]]);
        }
        for &frame in frames {
            let (kind, node) = match frame {
                Frame::Base(node) => (0, node),
                Frame::Left(node) => (1, node),
                Frame::Stolen(node) => (2, node),
                Frame::Right(node) => (3, node),
            };
            key.push(kind << 6 | node.0.to_le_bytes()[0]);
        }
    }
}
