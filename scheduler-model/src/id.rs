//! Names of things: requests, connections, workers, cores, routes, timers.
//!
//! Each is a type of its own, since two bare integers get swapped. Requests are numbered from 1 in
//! the order of their arrival and a number is never used again. Connections and workers are
//! numbered from 1 as well, and the lowest free number is used again, so that whoever keeps a
//! table of them keeps a short one.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// A request, numbered from 1 in order of arrival.
///
/// Aligned like its neighbours in an event, so that an event stays within 40 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
#[repr(Rust, packed(4))]
pub struct RequestId(pub u64);

/// A route: the index of a `[[request]]` in the scenario, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RouteId(pub u16);

/// A core of the simulated computer, from 0 as operating systems count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CoreId(pub u16);

/// A loop of `sharded` with its own connections and its own scheduler, from 0; every other model
/// is one shard, 0.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ShardId(pub u16);

/// A task in a request's tree of joins, as nodes of a binary heap are numbered: the root is 1, and
/// node n splits into 2n, which the same worker goes on with, and 2n + 1, which another may steal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub u32);

macro_rules! slot_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(NonZeroU32);

        impl $name {
            /// The id with this index into a table; indices start at 0, ids at 1.
            ///
            /// # Panics
            ///
            /// When `index` is `u32::MAX` or more: no table here grows that long.
            pub fn from_index(index: usize) -> Self {
                let number = u32::try_from(index).ok().and_then(|index| index.checked_add(1));
                Self(number.and_then(NonZeroU32::new).expect("tables are bounded far below 2^32"))
            }

            /// The index of this id in a table.
            pub const fn index(self) -> usize {
                self.0.get() as usize - 1
            }

            /// The number people see, from 1.
            pub const fn get(self) -> u32 {
                self.0.get()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

slot_id! {
    /// A client's connection, from its opening to its close.
    ConnectionId
}

slot_id! {
    /// A thread that runs requests: of a pool, or of one connection.
    WorkerId
}

impl ShardId {
    /// The shard with this index.
    ///
    /// # Panics
    ///
    /// When `index` is 2¹⁶ or more: a server has at most 1024 loops.
    pub fn from_index(index: usize) -> Self {
        Self(u16::try_from(index).expect("there are at most 1024 shards"))
    }

    /// The thread that runs this shard's loop.
    pub fn worker(self) -> WorkerId {
        WorkerId::from_index(usize::from(self.0))
    }
}

impl NodeId {
    /// The whole request.
    pub const ROOT: Self = Self(1);

    /// The part that the worker which splits this one goes on with.
    #[must_use]
    pub const fn left(self) -> Self {
        Self(self.0 * 2)
    }

    /// The part that another worker may take.
    #[must_use]
    pub const fn right(self) -> Self {
        Self(self.0 * 2 + 1)
    }

    /// How many splits lie above it.
    pub const fn depth(self) -> u32 {
        self.0.ilog2()
    }

    /// Whether it is `other` or a part of it.
    pub const fn is_within(self, other: Self) -> bool {
        self.depth() >= other.depth() && self.0 >> (self.depth() - other.depth()) == other.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        u64::from(*self).fmt(f)
    }
}

impl From<u64> for RequestId {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl From<RequestId> for u64 {
    fn from(request: RequestId) -> Self {
        request.0
    }
}

impl fmt::Display for CoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
