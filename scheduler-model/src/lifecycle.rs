//! What every model shares: open connections, the decisions on their way out, accepting, drain.
//!
//! A drain takes nothing new, closes the connections that are between two requests, lets what has
//! begun come to its end, and gives up the rest at its deadline.

use std::collections::VecDeque;

use crate::mutant::{Flaw, Mutant};
use crate::numbering::Numbering;
use crate::slots::Slots;
use crate::{
    Connection, ConnectionId, Decision, Ending, RejectReason, RequestId, Shard, SimTime, Timer,
    World,
};

/// A request in the scheduler's hands, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) request: RequestId,
    /// None for a job of a program.
    pub(crate) connection: Option<ConnectionId>,
}

/// What the models share.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) decisions: VecDeque<Decision>,
    pub(crate) accepting: bool,
    pub(crate) draining: bool,
    pub(crate) drained: bool,
    /// What is wrong with it on purpose.
    pub(crate) flaw: Flaw,
    connections: Slots<Phase>,
    numbering: Numbering,
    /// Connections in [`Phase::Begun`]: a drain waits for them.
    begun: usize,
}

/// Where a connection is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Between two requests.
    Parked,
    /// A part of a request has come.
    Begun,
    /// A request of it is queued or runs.
    InRequest(RequestId),
}

impl Task {
    /// A request that is in the system.
    pub(crate) fn of(request: RequestId, world: &World) -> Option<Self> {
        world.request(request).map(|entry| Self { request, connection: entry.connection })
    }
}

impl Phase {
    fn of(connection: &Connection) -> Self {
        match connection.request {
            Some(request) => Self::InRequest(request),
            None if connection.begun => Self::Begun,
            None => Self::Parked,
        }
    }
}

impl Context {
    pub(crate) const fn new(numbering: Numbering) -> Self {
        Self {
            decisions: VecDeque::new(),
            accepting: true,
            draining: false,
            drained: false,
            flaw: Flaw::none(),
            connections: Slots::new(),
            numbering,
            begun: 0,
        }
    }

    /// The same as it is in the middle of a run.
    pub(crate) fn resumed(self, shard: &Shard) -> Self {
        let place = |connection: &Connection| {
            let place = self.numbering.place(connection.id);
            place.expect("a shard's connections have its own numbers")
        };
        let phases =
            shard.connections().map(|connection| (place(connection), Phase::of(connection)));
        Self {
            accepting: shard.is_accepting(),
            draining: shard.drain_deadline().is_some(),
            drained: shard.is_drained(),
            connections: Slots::of(phases),
            begun: shard.connections().filter(|it| Phase::of(it) == Phase::Begun).count(),
            ..self
        }
    }

    pub(crate) fn decide(&mut self, decision: Decision) {
        self.decisions.push_back(decision);
    }

    pub(crate) fn open(&mut self, connection: ConnectionId) {
        assert_eq!(connection, self.next_connection(), "connections take the lowest free number");
        self.connections.insert(Phase::Parked);
    }

    pub(crate) fn next_connection(&self) -> ConnectionId {
        self.numbering.connection(self.connections.vacant())
    }

    /// A request begins; false when it came too late to be taken.
    pub(crate) fn begin(&mut self, task: Task) -> bool {
        let Some(connection) = task.connection else { return !self.draining };
        let before = self.set(connection, Phase::InRequest(task.request));
        assert!(!matches!(before, Phase::InRequest(_)), "connection {connection} is in a request");
        !self.draining || before == Phase::Begun
    }

    /// A task of this connection ended; returns whether the connection stays.
    pub(crate) fn end(&mut self, task: Task, ending: Ending) -> bool {
        let Some(connection) = task.connection else { return false };
        if !ending.stays() {
            self.close(connection);
            return false;
        }
        let begun = ending == Ending::Incomplete;
        self.set(connection, if begun { Phase::Begun } else { Phase::Parked });
        if self.draining && !begun {
            self.decide(Decision::Close { connection });
            self.close(connection);
            return false;
        }
        true
    }

    /// Answers 503; a rejected request takes its connection with it.
    pub(crate) fn reject(&mut self, task: Task, reason: RejectReason) {
        self.decide(Decision::Reject { request: task.request, reason });
        if let Some(connection) = task.connection {
            self.close(connection);
        }
    }

    /// Forgets a connection; returns the request that was in progress.
    pub(crate) fn close(&mut self, connection: ConnectionId) -> Option<RequestId> {
        let phase = self.connections.remove(self.place(connection));
        match phase.unwrap_or_else(|| panic!("connection {connection} is not open")) {
            Phase::Parked => None,
            Phase::Begun => {
                self.begun -= 1;
                None
            }
            Phase::InRequest(request) => Some(request),
        }
    }

    /// Says whether to accept, if that is new. A server that drains does not.
    pub(crate) fn accept(&mut self, accept: bool) {
        let accept = accept && !self.draining;
        if accept != self.accepting {
            self.accepting = accept;
            self.decide(if accept { Decision::ResumeAccepting } else { Decision::StopAccepting });
        }
    }

    /// Begins a drain; false when one is in progress.
    pub(crate) fn drain(&mut self, deadline: SimTime) -> bool {
        if self.draining {
            return false;
        }
        self.draining = true;
        self.accept(false);
        if !self.flaw.is(Mutant::DrainForgetsParked) {
            self.close_all(Phase::Parked);
        }
        self.decide(Decision::ArmTimer { timer: Timer::DrainDeadline, due: deadline });
        true
    }

    /// The deadline: nobody waits for the rest of a request any longer.
    pub(crate) fn give_up(&mut self) {
        self.close_all(Phase::Begun);
    }

    /// Whether a drain is over once no request waits or runs.
    pub(crate) const fn may_end_drain(&self) -> bool {
        self.draining && !self.drained && self.begun == 0
    }

    pub(crate) fn end_drain(&mut self) {
        self.drained = true;
        self.decide(Decision::Drained);
    }

    /// Writes what tells this state from others. A connection is what its request is called; one
    /// without a request is told apart by whoever keeps it.
    pub(crate) fn write_key(&self, key: &mut Vec<u8>, name: &impl Fn(RequestId) -> u8) {
        let flags = [self.accepting, self.draining, self.drained];
        key.push(flags.into_iter().fold(0, |bits, flag| bits << 1 | u8::from(flag)));
        // A checker's requests come whole: no connection has begun one.
        let busy = self.connections.iter().filter_map(|(_, phase)| match phase {
            Phase::InRequest(request) => Some(name(*request)),
            Phase::Begun | Phase::Parked => None,
        });
        let mut busy: Vec<_> = busy.collect();
        busy.sort_unstable();
        key.extend(busy);
        key.push(u8::MAX);
    }

    fn close_all(&mut self, phase: Phase) {
        let closed = self.connections.iter().filter(|&(_, &found)| found == phase);
        let closed: Vec<_> = closed.map(|(place, _)| self.numbering.connection(place)).collect();
        for connection in closed {
            self.decide(Decision::Close { connection });
            self.close(connection);
        }
    }

    fn place(&self, connection: ConnectionId) -> usize {
        let place = self.numbering.place(connection);
        place.unwrap_or_else(|| panic!("connection {connection} is another shard's"))
    }

    fn set(&mut self, connection: ConnectionId, phase: Phase) -> Phase {
        let place = self.place(connection);
        let slot = self.connections.get_mut(place);
        let slot = slot.unwrap_or_else(|| panic!("connection {connection} is not open"));
        let before = std::mem::replace(slot, phase);
        self.begun -= usize::from(before == Phase::Begun);
        self.begun += usize::from(phase == Phase::Begun);
        before
    }
}
