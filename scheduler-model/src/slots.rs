//! A table whose numbers are used again, the lowest free one first.
//!
//! Connections and workers come and go for as long as a server runs; what is kept of them grows
//! with how many there are, and never with how many there were.

use crate::index_set::IndexSet;
use crate::wire::{Put, Take};

/// Values by index; a freed index is given out again, the lowest first.
#[derive(Clone, Debug)]
pub(crate) struct Slots<T> {
    values: Vec<Option<T>>,
    free: IndexSet,
}

impl<T> Slots<T> {
    pub(crate) const fn new() -> Self {
        Self { values: Vec::new(), free: IndexSet::new() }
    }

    /// A table with these values at these indices, which are all different.
    pub(crate) fn of(entries: impl IntoIterator<Item = (usize, T)>) -> Self {
        let mut values = Vec::new();
        for (index, value) in entries {
            if index >= values.len() {
                values.resize_with(index + 1, || None);
            }
            values[index] = Some(value);
        }
        Self::with_holes(values)
    }

    fn with_holes(values: Vec<Option<T>>) -> Self {
        let mut free = IndexSet::new();
        for (index, _) in values.iter().enumerate().filter(|(_, value)| value.is_none()) {
            free.insert(index);
        }
        Self { values, free }
    }

    /// The index that [`Slots::insert`] will give out next.
    pub(crate) fn vacant(&self) -> usize {
        self.free.first().unwrap_or(self.values.len())
    }

    /// Puts a value at [`Slots::vacant`], and returns that index.
    pub(crate) fn insert(&mut self, value: T) -> usize {
        let index = self.vacant();
        self.insert_at(index, value);
        index
    }

    /// Puts a value at an index of the caller's choice.
    ///
    /// # Panics
    ///
    /// When something is there.
    pub(crate) fn insert_at(&mut self, index: usize, value: T) {
        if index == self.values.len() {
            self.values.push(Some(value));
            return;
        }
        while self.values.len() <= index {
            self.free.insert(self.values.len());
            self.values.push(None);
        }
        assert!(self.free.take(index), "place {index} of the table is not free");
        self.values[index] = Some(value);
    }

    pub(crate) fn remove(&mut self, index: usize) -> Option<T> {
        let value = self.values.get_mut(index)?.take()?;
        self.free.insert(index);
        if self.len() == 0 && self.values.capacity() > ROOM_KEPT {
            *self = Self::new(); // what a flood needed is not needed for good
        }
        Some(value)
    }

    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        self.values.get(index)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.values.get_mut(index)?.as_mut()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.values.iter_mut().flatten()
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.values.len() - self.free.len()
    }

    /// The values with their indices, lowest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, &T)> {
        self.values.iter().enumerate().filter_map(|(index, value)| Some((index, value.as_ref()?)))
    }
}

impl<T: Put> Put for Slots<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.values.put(out);
    }
}

impl<T: Take> Take for Slots<T> {
    fn take(from: &mut &[u8]) -> Option<Self> {
        Take::take(from).map(Self::with_holes)
    }
}

/// Room that an empty table keeps.
const ROOM_KEPT: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_index_is_used_again_first() {
        let mut slots = Slots::new();
        for value in 0..4 {
            assert_eq!(slots.insert(value), value);
        }
        slots.remove(2);
        slots.remove(0);
        assert_eq!(slots.vacant(), 0);
        assert_eq!(slots.insert(9), 0);
        assert_eq!(slots.vacant(), 2);
        assert_eq!(slots.len(), 3);
        assert_eq!(slots.remove(2), None);
    }

    #[test]
    fn a_table_with_holes_fills_them_first() {
        let mut slots = Slots::of([(3, 'd'), (1, 'b')]);
        assert_eq!((slots.len(), slots.get(1), slots.get(2)), (2, Some(&'b'), None));
        assert_eq!([slots.insert('a'), slots.insert('c'), slots.insert('e')], [0, 2, 4]);
    }
}
