//! What one scheduler answers for: its connections, its run queue, its timers, its drain.
//!
//! Every model but `sharded` has one of these; `sharded` has one for each loop.

use std::collections::VecDeque;

use super::Connection;
use crate::numbering::Numbering;
use crate::slots::Slots;
use crate::{ConnectionId, RequestId, ShardId, SimTime, Timer};

/// A scheduler's part of the world.
#[derive(Clone, Debug)]
pub struct Shard {
    pub(super) connections: Slots<Connection>,
    pub(super) run_queue: VecDeque<RequestId>,
    pub(super) accepting: bool,
    pub(super) drain: Option<SimTime>,
    pub(super) drained: bool,
    pub(super) armed: [Option<SimTime>; 3],
    pub(super) numbering: Numbering,
}

impl Shard {
    pub(super) fn new(shard: ShardId, n_shards: usize) -> Self {
        Self {
            connections: Slots::new(),
            run_queue: VecDeque::new(),
            accepting: true,
            drain: None,
            drained: false,
            armed: [None; 3],
            numbering: Numbering::new(shard, n_shards),
        }
    }

    /// Which one it is.
    pub fn id(&self) -> ShardId {
        self.numbering.shard()
    }

    /// What is admitted and not running, the next to run first: the run queue, or a loop's ready
    /// list.
    pub const fn run_queue(&self) -> &VecDeque<RequestId> {
        &self.run_queue
    }

    /// Whether the server takes what arrives here.
    pub const fn is_accepting(&self) -> bool {
        self.accepting
    }

    /// The deadline of the drain in progress.
    pub const fn drain_deadline(&self) -> Option<SimTime> {
        self.drain
    }

    /// Whether a drain is over.
    pub const fn is_drained(&self) -> bool {
        self.drained
    }

    /// When this timer is due, if it is set.
    pub const fn timer(&self, timer: Timer) -> Option<SimTime> {
        self.armed[timer as usize]
    }

    /// The number the next connection will have.
    pub fn next_connection(&self) -> ConnectionId {
        self.numbering.connection(self.connections.vacant())
    }

    /// An open connection of this shard.
    pub fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        self.connections.get(self.numbering.place(id)?)
    }

    /// The open connections of this shard, lowest number first.
    pub fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.connections.iter().map(|(_, connection)| connection)
    }

    pub(super) fn connection_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.connections.get_mut(self.numbering.place(id)?)
    }

    pub(super) fn remove_connection(&mut self, id: ConnectionId) -> Option<Connection> {
        self.connections.remove(self.numbering.place(id)?)
    }
}
