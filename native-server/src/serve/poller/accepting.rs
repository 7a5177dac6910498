//! Taking connections in.
//!
//! Not here: what the system says when it has none to give ([`Refused`]).

use std::net::SocketAddr;
use std::time::Instant;

use mio::Token;
use mio::net::TcpStream;
use scheduler_model::{Model, Stimulus, Timer, WorkerId};

use super::{BOTH, Poller, TURN_MAX};
use crate::serve::addresses::AddressPlace;
use crate::serve::conn::Conn;
use crate::serve::core::{Core, Job};
use crate::serve::refused::Refused;
use crate::serve::worker::{self, First};
use crate::system::sockets::{self, CAN_WATCH_LATER, NODELAY_IS_INHERITED};

impl Poller {
    /// Accepts until the kernel has no more, or nothing more is to be taken; true when that is only
    /// for now.
    pub(super) fn accept(&mut self) -> bool {
        let until = self.now + TURN_MAX;
        let mut may_accept = self.listener_ready && self.may_accept(&self.shared.lock());
        let (mut n_accepted, mut is_late) = (0, false);
        while may_accept && self.listener_ready && n_accepted < self.batch_max && !is_late {
            n_accepted += 1;
            if self.drain.as_ref().is_some_and(|drain| drain.grace <= Instant::now()) {
                return false; // those who keep coming would keep it from ending
            }
            let Some(listener) = &self.listener else { return false };
            match listener.accept() {
                Ok((stream, peer)) => {
                    let there = sockets::look(listener, &stream);
                    self.listener_ready = there.others;
                    let addresses = self.shared.addresses.as_ref();
                    let place = addresses.map(|addresses| addresses.enter(peer.ip()));
                    if let Some(None) = place {
                        // Closed without a word: an answer is work too.
                        self.shared.counters.per_address.inc();
                        continue;
                    }
                    self.open((stream, peer), place.flatten(), there.said);
                    self.run_single();
                    let core = self.shared.lock();
                    may_accept = self.may_accept(&core);
                    is_late = core.journal.instant(core.last()) >= until;
                }
                Err(error) => match Refused::by(&error) {
                    Refused::AskAgain => {}
                    Refused::Rest => {
                        self.shared.tell(Stimulus::AcceptFailed);
                        may_accept = self.may_accept(&self.shared.lock());
                    }
                    Refused::Wait => self.listener_ready = false,
                },
            }
        }
        may_accept && self.listener_ready
    }

    fn may_accept(&self, core: &Core) -> bool {
        let paused = core.has_timer(Timer::AcceptRetry);
        core.scheduler.is_accepting() && !paused && self.has_room(core)
    }

    /// Takes a connection in. What its client has said already is read at once, so that one who asks
    /// one thing and leaves costs as few system calls as can be.
    fn open(
        &mut self,
        (mut stream, peer): (TcpStream, SocketAddr),
        place: Option<AddressPlace>,
        said: bool,
    ) {
        if !NODELAY_IS_INHERITED {
            let _ = stream.set_nodelay(true); // an answer is one write; waiting gains nothing
        }
        let token = self.next_token;
        self.next_token += 1;
        let options = &self.shared.options;
        let polled = is_polled(options.model());
        if polled
            && !CAN_WATCH_LATER
            && self.poll.registry().register(&mut stream, Token(token), BOTH).is_err()
        {
            return;
        }
        let mut conn = Box::new(Conn::new(token, (stream, peer), place, options));
        let first = match (polled, said) {
            (false, _) => First::Asked, // a thread waits for each client: that is to ask
            (true, true) => worker::look_first(&mut conn, &mut self.scratch),
            (true, false) => First::Silent,
        };
        self.shared.with_core(|core, effects| {
            core.open(conn, first == First::Asked, effects);
            if first == First::Left {
                core.end(token, true, effects);
            }
        });
        if polled && first != First::Left {
            self.fresh.push((token, self.now));
        }
    }

    /// `single`: the thread that accepted runs what it was assigned.
    fn run_single(&self) {
        if self.shared.options.scenario.server.model != Model::Single {
            return;
        }
        let worker = WorkerId::from_index(0);
        loop {
            let job = self.shared.lock().take_job();
            match job {
                Some(Job::Run(request, conn)) => {
                    worker::run_waiting(&self.shared, (request, worker), conn);
                }
                Some(Job::Steal | Job::Stop) | None => return,
            }
        }
    }
}

/// Whether connections are the poller's until something comes; otherwise a thread waits for each.
const fn is_polled(model: Model) -> bool {
    !matches!(model, Model::Single | Model::Spawn)
}
