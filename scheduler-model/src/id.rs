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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub u64);

/// A route: the index of a `[[request]]` in the scenario, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RouteId(pub u16);

/// A core of the simulated computer, from 0 as operating systems count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CoreId(pub u16);

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

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for CoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
