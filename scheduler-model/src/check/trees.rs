//! One step of a thread, trees of joins included.
//!
//! Pushing a part and reporting it are two steps, and so are finding nothing and reporting that: in
//! between, others go on. Deques themselves are atomic, as those of a real computer are.

use super::driver::{Action, Driver, Out};
use super::threads::{At, Frame, Mail, Nth, Thread};
use crate::{EventKind, Machine, NodeId, ShardId, Stimulus};

impl Driver {
    pub(super) fn thread_step(&mut self, index: u8, out: &mut Out<'_>) {
        let place = usize::from(index);
        let thread = &mut self.threads[place];
        let worker = thread.worker;
        match thread.at {
            At::Looking => match thread.mail.take() {
                Some(Mail::Run(nth)) => thread.at = At::Running(nth),
                Some(Mail::Steal) => thread.at = At::Searching,
                Some(Mail::Stop) => {
                    self.threads.remove(place);
                }
                None => self.fall_asleep(place),
            },
            #[cfg(feature = "mutants")]
            At::FallingAsleep => thread.at = At::Asleep { woken: false },
            At::Asleep { .. } => thread.at = At::Looking,
            At::Running(nth) => self.run(index, nth, out),
            At::Splitting(nth) => {
                thread.at = At::Running(nth);
                let request = self.id_of(nth);
                let shard = self.shard_of(worker);
                self.tell(shard, Stimulus::TaskForked { request, worker }, out);
            }
            At::Joining(nth) => {
                let part = thread.awaited();
                thread.tree.frames.pop();
                thread.at = At::Running(nth);
                self.done.retain(|&done| done != part);
                let (request, node) = (self.id_of(nth), part.1);
                say(out, Machine::JoinEnded { request, worker, node });
                self.go_on(index, nth, out);
            }
            At::Searching => thread.at = At::FoundNothing,
            At::FoundNothing => {
                thread.at = At::Looking;
                self.tell(self.shard_of(worker), Stimulus::StealFailed { worker }, out);
            }
            At::Helped(nth) => {
                thread.at = At::Looking;
                let request = self.id_of(nth);
                let shard = self.shard_of(worker);
                self.tell(shard, Stimulus::TaskJoined { request, worker }, out);
            }
            At::Starting => unreachable!("starting is an action of its own"),
        }
    }

    /// Which deques a thread may steal from.
    pub(super) fn victims(
        &self,
        thief: u8,
        wanted: impl Fn((Nth, NodeId)) -> bool,
        actions: &mut Vec<Action>,
    ) {
        for (index, thread) in (0..).zip(&self.threads) {
            if index != thief && thread.tree.deque.first().is_some_and(|&part| wanted(part)) {
                actions.push(Action::Steal(thief, index));
            }
        }
    }

    pub(super) fn steal(&mut self, index: u8, victim: u8, out: &mut Out<'_>) {
        let from = &mut self.threads[usize::from(victim)];
        let (nth, node) = from.tree.deque.remove(0);
        let victim = from.worker;
        let thief = &mut self.threads[usize::from(index)];
        thief.tree.frames.push(Frame::Base(node));
        thief.at = At::Running(nth);
        let worker = thief.worker;
        let request = self.id_of(nth);
        say(out, Machine::Stolen { request, worker, victim, node });
    }

    /// Whether the part that a thread waits for is done.
    pub(super) fn is_joinable(&self, thread: &Thread) -> bool {
        self.done.contains(&thread.awaited())
    }

    fn fall_asleep(&mut self, place: usize) {
        #[cfg(feature = "mutants")]
        if self.wakes_too_early() {
            self.threads[place].at = At::FallingAsleep;
            return;
        }
        self.threads[place].at = At::Asleep { woken: false };
    }

    /// Splits once more, or ends a leaf.
    fn run(&mut self, index: u8, nth: Nth, out: &mut Out<'_>) {
        let depth = self.fork_depth(nth);
        let thread = &mut self.threads[usize::from(index)];
        let node = match thread.tree.frames.last() {
            None if depth == 0 => {
                self.finish(index, out);
                return;
            }
            None => {
                thread.tree.frames.push(Frame::Base(NodeId::ROOT));
                NodeId::ROOT
            }
            Some(&Frame::Base(node)) => node,
            Some(&Frame::Left(parent)) => parent.left(),
            Some(&Frame::Right(parent)) => parent.right(),
            Some(Frame::Stolen(_)) => unreachable!("a thread that waits does not run"),
        };
        if node.depth() == depth {
            self.go_on(index, nth, out);
            return;
        }
        thread.tree.frames.push(Frame::Left(node));
        thread.tree.deque.push((nth, node.right()));
        thread.at = At::Splitting(nth);
        let (worker, node) = (thread.worker, node.right());
        let request = self.id_of(nth);
        say(out, Machine::Pushed { request, worker, node });
    }

    /// The part that a thread ran last is done: what encloses it goes on.
    fn go_on(&mut self, index: u8, nth: Nth, out: &mut Out<'_>) {
        let request = self.id_of(nth);
        loop {
            let thread = &mut self.threads[usize::from(index)];
            let worker = thread.worker;
            let tree = &mut thread.tree;
            match tree.frames.pop().expect("a thread inside a tree has a frame") {
                Frame::Left(parent) => {
                    let node = parent.right();
                    if tree.deque.last() == Some(&(nth, node)) {
                        tree.deque.pop();
                        tree.frames.push(Frame::Right(parent));
                        say(out, Machine::Popped { request, worker, node });
                    } else {
                        tree.frames.push(Frame::Stolen(parent));
                        thread.at = At::Joining(nth);
                        say(out, Machine::JoinBegun { request, worker, node });
                    }
                    return;
                }
                Frame::Right(_) => {}
                Frame::Base(NodeId::ROOT) => {
                    self.finish(index, out);
                    return;
                }
                Frame::Base(node) => {
                    match tree.frames.last() {
                        None => thread.at = At::Helped(nth),
                        Some(Frame::Stolen(parent)) => {
                            thread.at = At::Joining(nth);
                            let node = parent.right();
                            say(out, Machine::JoinBegun { request, worker, node });
                        }
                        Some(_) => unreachable!("only who waits steals"),
                    }
                    self.done.push((nth, node));
                    self.done.sort_unstable();
                    return;
                }
                Frame::Stolen(_) => unreachable!("a thread that waits does not run"),
            }
        }
    }
}

impl Thread {
    /// Whether the scheduler has nothing for it.
    pub(super) const fn is_idle(&self) -> bool {
        let idle = match self.at {
            At::Looking | At::Asleep { .. } => true,
            #[cfg(feature = "mutants")]
            At::FallingAsleep => true,
            _ => false,
        };
        idle && self.mail.is_none()
    }

    /// The part that a waiting thread waits for.
    pub(super) fn awaited(&self) -> (Nth, NodeId) {
        let (At::Joining(nth), Some(Frame::Stolen(parent))) = (self.at, self.tree.frames.last())
        else {
            unreachable!("only a thread that waits for a part is asked")
        };
        (nth, parent.right())
    }
}

/// An event of the deques; there is one shard where there are any.
fn say(out: &mut Out<'_>, machine: Machine) {
    out((ShardId(0), EventKind::Machine(machine)));
}
