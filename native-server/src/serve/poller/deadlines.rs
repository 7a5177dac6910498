//! Parked connections that have taken too long.

use std::cmp::Reverse;
use std::time::Duration;

use super::Poller;
use crate::options::Options;
use crate::serve::conn::BODY_FIRST;
use crate::serve::worker;

/// How soon a parked connection is looked at again, whatever happens to it meanwhile: no deadline that
/// begins after a look comes before the next one.
pub(super) fn look_every(options: &Options) -> Duration {
    let shortest = options.head.min(options.idle).min(options.write_stall).min(BODY_FIRST);
    shortest.max(Duration::from_millis(1))
}

impl Poller {
    /// Ends those whose deadline has passed, and looks at some whose deadline may have come nearer.
    pub(super) fn expire(&mut self) {
        let now = self.now;
        // Thousands that came together are not looked at together: others would wait for that. Those
        // that are left have the next wait for the kernel end at once.
        for _ in 0..LOOKS_MAX {
            let Some(&Reverse((at, token))) = self.deadlines.peek() else { return };
            if at > now {
                return;
            }
            self.deadlines.pop();
            let mut effects = Vec::new();
            let mut core = self.shared.lock();
            let Some(slot) = core.tables.slots.get(&token) else { continue };
            let takes_none = !core.scheduler.is_accepting() && !core.scheduler.is_draining();
            let next_look = match &slot.parked {
                None => now + LOOK_AWAY,
                // What it has sent is not taken for now: it is not its client who takes too long.
                Some(conn) if takes_none && conn.has_input() => now + LOOK_AWAY,
                Some(conn) => conn.deadline(&self.shared.options).min(now + self.look_every),
            };
            if next_look > now {
                self.deadlines.push(Reverse((next_look, token)));
                continue;
            }
            let Some(mut conn) = core.expire(token, &mut effects) else { continue };
            drop(core);
            worker::time_out(&mut conn, &self.shared);
            self.shared.linger(conn, false);
            self.shared.carry_out(effects);
        }
    }

    /// Forgets the deadlines of connections that have ended, once they are half of all: thousands a second
    /// that ask one thing and leave would otherwise be remembered for as long as a silent one may stay.
    pub(super) fn forget_deadlines(&mut self) {
        if self.deadlines.len() < self.deadlines_max {
            return;
        }
        let core = self.shared.lock();
        let slots = &core.tables.slots;
        self.deadlines.retain(|Reverse((_, token))| slots.contains_key(token));
        self.deadlines_max = (2 * self.deadlines.len()).max(CLEARED_FROM);
    }
}

/// Fewer deadlines than these are no room worth looking for.
pub(super) const CLEARED_FROM: usize = 1024;

/// How soon one is looked at again that is with a worker: what deadline it comes back with is not known.
const LOOK_AWAY: Duration = Duration::from_secs(1);
/// Connections that are looked at before the kernel is asked again: about as long as a few requests take.
const LOOKS_MAX: usize = 32;
