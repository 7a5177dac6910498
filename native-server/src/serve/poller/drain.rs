//! A drain, until the scheduler is told of it: who has been accepted shall be able to ask.

use std::sync::atomic::Ordering;
use std::time::Instant;

use super::{Poller, Ready};
use crate::serve::core::Effect;

/// A drain in progress.
pub(super) struct Drain {
    /// When what is left is given up.
    pub(super) until: Instant,
    /// Until when the scheduler is not told: whoever was accepted just now may not have asked yet.
    pub(super) grace: Instant,
    /// Connections that nothing has come from.
    silent: Vec<usize>,
}

impl Poller {
    /// Takes what the kernel holds, and nothing after that; closes the connections between two
    /// requests; and gives those that were accepted just now a moment to ask.
    pub(super) fn begin_drain(&mut self) {
        self.shared.drain_asked.store(false, Ordering::Relaxed);
        if self.drain.is_some() {
            return;
        }
        let (now, within) = (Instant::now(), self.shared.options.drain);
        let (until, grace) = (now + within, now + self.shared.grace());
        self.shared.answer_for_the_last_time();
        self.drain = Some(Drain { until, grace, silent: Vec::new() });
        self.listener_ready = true;
        while self.accept() {}
        self.listener = None; // what comes now is refused, or is for who inherits the socket
        let mut silent = Vec::new();
        let mut effects = Vec::new();
        let mut core = self.shared.lock();
        let tokens: Vec<_> = core.tables.slots.keys().copied().collect();
        for token in tokens {
            let slot = core.tables.slots.get(&token);
            let Some(conn) = slot.and_then(|slot| slot.parked.as_ref()) else { continue };
            if conn.is_sending() || !conn.http.is_idle() {
                continue; // the scheduler has it closed, or waits for it
            }
            if conn.has_input() {
                self.pending.push_back(Ready { token, readable: true, ended: false });
            } else if conn.http.requests_served() == 0 {
                silent.push(token);
            } else if let Some(conn) = core.expire(token, &mut effects) {
                effects.push(Effect::Close(conn));
            }
        }
        drop(core);
        self.shared.carry_out(effects);
        if let Some(drain) = &mut self.drain {
            drain.silent = silent;
        }
    }

    /// Tells the scheduler of a drain once nobody who was accepted before it is silent, or has been
    /// for too long.
    pub(super) fn end_grace(&mut self) {
        let Some(drain) = &mut self.drain else { return };
        let now = self.now;
        let core = self.shared.lock();
        if core.scheduler.is_draining() {
            return;
        }
        drain.silent.retain(|token| {
            let parked = core.tables.slots.get(token).and_then(|slot| slot.parked.as_ref());
            parked.is_some_and(|conn| conn.http.is_idle() && conn.http.requests_served() == 0)
        });
        drop(core);
        if drain.silent.is_empty() && self.pending.is_empty() || drain.grace <= now {
            self.shared.drain(drain.until.saturating_duration_since(now));
        }
    }

    /// Whether a drain is over, and nobody is left who gets a last answer.
    pub(super) fn is_over(&self) -> bool {
        let Some(drain) = &self.drain else { return false };
        let core = self.shared.lock();
        let said_goodbye = !self.shared.is_acting()
            && core.tables.lingering.is_empty()
            && self.lingering.is_empty();
        core.scheduler.is_drained() && (said_goodbye || drain.until <= Instant::now())
    }
}
