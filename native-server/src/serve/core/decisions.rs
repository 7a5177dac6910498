//! What follows from a decision: a worker gets a request, a connection waits or is closed, a timer
//! is armed.
//!
//! A thread obtains a request only from what is delivered here.

use std::net::Shutdown;

use scheduler_model::{Decision, RejectReason, RequestId, Scheduler};

use super::tables::{Job, Running, Slot, Tables};
use crate::serve::conn::Conn;
use crate::serve::mailbox::Seat;

/// What is left to do once the lock is released.
#[derive(Debug)]
pub(in crate::serve) enum Effect {
    Reject {
        conn: Box<Conn>,
        request: RequestId,
        reason: RejectReason,
        /// In how many seconds to come again.
        retry_after: u64,
    },
    Close(Box<Conn>),
    Spawn(Seat),
    WakePoller,
}

impl Tables {
    // code: decisions
    /// Carries a decision out on the tables. What touches a socket or a thread is left to the caller.
    pub(super) fn carry_out(
        &mut self,
        decision: Decision,
        by: &Scheduler,
        effects: &mut Vec<Effect>,
    ) {
        match decision {
            // mark: assign
            Decision::Assign { request, worker } => {
                let mut conn = self.take_waiting(request).expect("an assigned request is ready");
                if conn.planned.is_none() {
                    conn.waited = self.last.since(conn.arrived);
                    if let Some(slot) = self.slots.get_mut(&conn.token) {
                        if !conn.is_read {
                            slot.ready_again = false; // what came until now is read by this task
                        }
                        conn.ended = slot.ended;
                    }
                }
                let running = Running { request, connection: conn.connection, since: self.last };
                self.set_running(worker, running);
                self.deliver(worker, Job::Run(request, conn));
            }
            Decision::Retire { worker } => self.deliver(worker, Job::Stop),
            Decision::Steal { worker } => self.deliver(worker, Job::Steal),
            // mark: reject
            Decision::Reject { request, reason } => {
                let waiting = self.take_waiting(request).or_else(|| self.asleep.remove(&request));
                if let Some(mut conn) = waiting {
                    if conn.planned.is_none() {
                        conn.waited = self.last.since(conn.arrived); // and not that of one before
                    }
                    self.forget(conn.connection);
                    let retry_after = self.estimate.retry_after(by.backlog(), self.n_running());
                    effects.push(Effect::Reject { conn, request, reason, retry_after });
                } else {
                    self.give_up(request);
                }
            }
            Decision::Close { connection } => match self.forget(connection) {
                Some(Slot { parked: Some(conn), .. }) => effects.push(Effect::Close(conn)),
                Some(Slot { stream, .. }) => {
                    // Its thread waits for the next request: it sees the end of the input.
                    let _ = stream.shutdown(Shutdown::Read);
                }
                None => {}
            },
            // mark: spawn
            Decision::Spawn { worker, .. } => {
                effects.push(Effect::Spawn(self.mailboxes.next_seat(worker)));
            }
            Decision::ArmTimer { timer, due } => {
                self.timers.retain(|&(armed, _)| armed != timer);
                self.timers.push((timer, due));
                self.wake_poller(effects);
            }
            Decision::ResumeAccepting | Decision::Drained => self.wake_poller(effects),
            Decision::StopAccepting
            // mark: queue
            | Decision::Queue { .. }
            | Decision::RunOnCaller { .. }
            | Decision::Park { .. } => {}
        }
    }

    /// Has the poller look again, if it does not do so anyway before it waits.
    fn wake_poller(&self, effects: &mut Vec<Effect>) {
        if self.polling {
            effects.push(Effect::WakePoller);
        }
    }
}
