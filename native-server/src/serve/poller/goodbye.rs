//! Connections that get their last answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::Token;

use super::{BOTH, Poller, TURN_MAX};
use crate::serve::conn::{Conn, Found, Sent, TURN};

/// A connection that gets a last answer.
pub(super) struct Lingering {
    conn: Box<Conn>,
    /// Once the answer is written: how long what still comes is read and forgotten.
    until: Option<Instant>,
}

impl Poller {
    /// Goes on with connections that get their last answer: writes the rest of it, then reads on for
    /// a moment, so that a reset does not eat it.
    pub(super) fn linger(&mut self) {
        if std::mem::take(&mut self.has_goodbyes) {
            self.take_lingering();
        }
        let now = self.now;
        if self.linger_look <= now {
            self.linger_look = now + LINGER_LOOK;
            self.give_back();
            self.goodbyes.extend(self.lingering.keys());
        }
        let mut goodbyes = std::mem::take(&mut self.goodbyes).into_iter();
        let began = Instant::now();
        for token in goodbyes.by_ref() {
            let Some(lingering) = self.lingering.get_mut(&token) else { continue };
            let Lingering { conn, until } = lingering;
            let stays = match conn.send(TURN) {
                Sent::Broken => false,
                Sent::Blocked => now < conn.deadline(&self.shared.options),
                Sent::Yielded => {
                    self.goodbyes.push(token);
                    true
                }
                Sent::All => {
                    let until = *until.get_or_insert_with(|| {
                        conn.half_close();
                        now + LINGER
                    });
                    now < until && conn.discard(&mut self.scratch) == Found::Drained
                }
            };
            if !stays {
                self.lingering.remove(&token);
            }
            if began.elapsed() >= TURN_MAX {
                break;
            }
        }
        self.goodbyes.extend(goodbyes);
    }

    /// Takes over those that threads have let go of.
    fn take_lingering(&mut self) {
        for mut conn in std::mem::take(&mut self.shared.lock().tables.lingering) {
            if let Some(stream) = Arc::get_mut(&mut conn.stream) {
                // One that the poller knows already keeps its registration.
                let _ = self.poll.registry().register(stream, Token(conn.token), BOTH);
            }
            self.goodbyes.push(conn.token);
            self.lingering.insert(conn.token, Lingering { conn, until: None });
        }
    }
}

/// How long a closed connection may still be read from.
const LINGER: Duration = Duration::from_secs(1);
/// How often connections that got their last answer are looked at, at least.
pub(super) const LINGER_LOOK: Duration = Duration::from_millis(100);
