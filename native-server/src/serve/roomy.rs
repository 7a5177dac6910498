//! Tables that were full once give back what they do not need any more.
//!
//! A flood of connections makes each table as large as it ever was. What lies in memory after them are not
//! their entries but room, and a table that was made last holds what lies below it in the heap as well.

use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::hash::{BuildHasher, Hash};

/// A table that can be made smaller.
pub(super) trait Roomy {
    /// How many entries it has, and for how many it has room.
    fn filled(&self) -> (usize, usize);

    /// Keeps room for so many.
    fn keep_room_for(&mut self, n: usize);

    /// Keeps room for twice of what is in it, if it has room for far more: what is filled and emptied again
    /// and again stays as it is.
    fn give_back(&mut self) {
        let (n, room) = self.filled();
        if room > ROOM_MIN.max(8 * n) {
            self.keep_room_for(2 * n);
        }
    }
}

impl<T> Roomy for Vec<T> {
    fn filled(&self) -> (usize, usize) {
        (self.len(), self.capacity())
    }

    fn keep_room_for(&mut self, n: usize) {
        self.shrink_to(n);
    }
}

impl<T> Roomy for VecDeque<T> {
    fn filled(&self) -> (usize, usize) {
        (self.len(), self.capacity())
    }

    fn keep_room_for(&mut self, n: usize) {
        self.shrink_to(n);
    }
}

impl<T: Ord> Roomy for BinaryHeap<T> {
    fn filled(&self) -> (usize, usize) {
        (self.len(), self.capacity())
    }

    fn keep_room_for(&mut self, n: usize) {
        self.shrink_to(n);
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> Roomy for HashMap<K, V, S> {
    fn filled(&self) -> (usize, usize) {
        (self.len(), self.capacity())
    }

    fn keep_room_for(&mut self, n: usize) {
        self.shrink_to(n);
    }
}

/// Room that is not worth giving back.
const ROOM_MIN: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_full_once_keeps_room_for_what_is_left_and_a_busy_table_keeps_all() {
        let mut table: HashMap<u32, u32> = (0..10_000).map(|n| (n, n)).collect();
        table.retain(|&n, _| n < 2000);
        table.give_back();
        assert!(table.capacity() >= 10_000, "a fifth of it is in use");
        table.retain(|&n, _| n < 10);
        table.give_back();
        assert!(table.capacity() < 100, "{}", table.capacity());
        assert_eq!(table.len(), 10);
    }
}
