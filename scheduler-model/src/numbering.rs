//! How the shards of a server number their connections: each on its own, and never alike.
//!
//! The loops of `sharded` open connections without asking one another. Of n shards, shard s gives
//! out the indices s, s + n, s + 2n and so on, the lowest free one first; one shard gives out all.

use crate::{ConnectionId, ShardId, wire};

/// One shard's share of the numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbering {
    shard: usize,
    n_shards: usize,
}

wire!(struct Numbering { shard, n_shards });

impl Numbering {
    pub(crate) fn new(shard: ShardId, n_shards: usize) -> Self {
        let shard = usize::from(shard.0);
        assert!(shard < n_shards, "there is no shard {shard} of {n_shards}");
        Self { shard, n_shards }
    }

    /// Whose numbers they are.
    pub(crate) fn shard(self) -> ShardId {
        ShardId::from_index(self.shard)
    }

    /// The connection in this place of the shard's own table.
    pub(crate) fn connection(self, place: usize) -> ConnectionId {
        ConnectionId::from_index(place * self.n_shards + self.shard)
    }

    /// The place of a connection in the shard's own table; `None` if it is another shard's.
    pub(crate) const fn place(self, connection: ConnectionId) -> Option<usize> {
        // Almost every server has one, and a division takes longer than all the rest.
        if self.n_shards == 1 {
            return Some(connection.index());
        }
        if connection.index() % self.n_shards == self.shard {
            Some(connection.index() / self.n_shards)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_never_give_out_the_same_number() {
        let mut given: Vec<_> = (0..3)
            .flat_map(|shard| (0..4).map(move |place| (shard, place)))
            .map(|(shard, place)| {
                let numbering = Numbering::new(ShardId(shard), 3);
                let connection = numbering.connection(place);
                assert_eq!(numbering.place(connection), Some(place));
                assert_eq!(Numbering::new(ShardId((shard + 1) % 3), 3).place(connection), None);
                connection.get()
            })
            .collect();
        given.sort_unstable();
        assert_eq!(given, (1..=12).collect::<Vec<_>>());
    }
}
