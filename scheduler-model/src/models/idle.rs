//! Which workers are idle: a set that gives its lowest number in a few instructions.

use crate::WorkerId;

/// A set of workers, as bits.
#[derive(Clone, Debug, Default)]
pub(super) struct IdleSet {
    words: Vec<u64>,
    len: usize,
}

impl IdleSet {
    pub(super) fn insert(&mut self, worker: WorkerId) {
        let (word, bit) = place(worker);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        assert_eq!(self.words[word] & bit, 0, "worker {worker} is idle already");
        self.words[word] |= bit;
        self.len += 1;
    }

    /// Takes this worker out, if it is idle.
    pub(super) fn take(&mut self, worker: WorkerId) -> bool {
        let (word, bit) = place(worker);
        let found = self.contains(worker);
        if found {
            self.words[word] &= !bit;
            self.len -= 1;
        }
        found
    }

    pub(super) fn contains(&self, worker: WorkerId) -> bool {
        let (word, bit) = place(worker);
        self.words.get(word).is_some_and(|bits| bits & bit != 0)
    }

    pub(super) fn first(&self) -> Option<WorkerId> {
        let word = self.words.iter().position(|&bits| bits != 0)?;
        Some(WorkerId::from_index(word * 64 + self.words[word].trailing_zeros() as usize))
    }

    pub(super) fn take_first(&mut self) -> Option<WorkerId> {
        let worker = self.first()?;
        self.take(worker);
        Some(worker)
    }

    pub(super) fn take_last(&mut self) -> Option<WorkerId> {
        let word = self.words.iter().rposition(|&bits| bits != 0)?;
        let bit = 63 - self.words[word].leading_zeros() as usize;
        let worker = WorkerId::from_index(word * 64 + bit);
        self.take(worker);
        Some(worker)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

const fn place(worker: WorkerId) -> (usize, u64) {
    (worker.index() / 64, 1 << (worker.index() % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_and_the_highest_idle_worker_are_found_across_words() {
        let mut idle = IdleSet::default();
        for index in [130, 3, 64] {
            idle.insert(WorkerId::from_index(index));
        }
        assert_eq!(idle.take_last().map(WorkerId::index), Some(130));
        assert_eq!(idle.take_first().map(WorkerId::index), Some(3));
        assert!(idle.take(WorkerId::from_index(64)) && !idle.take(WorkerId::from_index(64)));
        assert!(idle.is_empty() && idle.take_first().is_none() && idle.take_last().is_none());
    }
}
