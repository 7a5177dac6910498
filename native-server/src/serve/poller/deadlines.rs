//! Parked connections that have taken too long.

use std::cmp::Reverse;
use std::time::{Duration, Instant};

use super::Poller;
use crate::serve::worker;

impl Poller {
    /// Ends those whose deadline has passed. When it comes depends on what they are in the middle of, so
    /// each is looked at now and then.
    pub(super) fn expire(&mut self) {
        let now = Instant::now();
        while let Some(&Reverse((at, token))) = self.deadlines.peek()
            && at <= now
        {
            self.deadlines.pop();
            let mut effects = Vec::new();
            let mut core = self.shared.lock();
            let Some(slot) = core.tables.slots.get(&token) else { continue };
            let deadline = match &slot.parked {
                None => now + LOOK,
                Some(conn) => conn.deadline(&self.shared.options),
            };
            if deadline > now {
                self.deadlines.push(Reverse((deadline.min(now + LOOK), token)));
                continue;
            }
            let Some(mut conn) = core.expire(token, &mut effects) else { continue };
            drop(core);
            worker::time_out(&mut conn, &self.shared);
            self.shared.linger(conn, false);
            self.shared.carry_out(effects);
        }
    }
}

/// How often a connection's deadline is looked at, at least.
pub(super) const LOOK: Duration = Duration::from_secs(1);
