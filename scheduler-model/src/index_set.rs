//! A set of small numbers, as bits: its lowest and its highest are found in a few instructions.
//!
//! Which workers are idle and which places of a table are free is asked at every request, and there
//! are seldom more than a few hundred of either.

/// Indices of a table.
#[derive(Clone, Debug)]
pub(crate) struct IndexSet {
    words: Vec<u64>,
    len: usize,
}

impl IndexSet {
    pub(crate) const fn new() -> Self {
        Self { words: Vec::new(), len: 0 }
    }

    /// Puts an index in.
    ///
    /// # Panics
    ///
    /// When it is there already.
    pub(crate) fn insert(&mut self, index: usize) {
        let (word, bit) = place(index);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let bits = &mut self.words[word];
        assert!(*bits & bit == 0, "{index} is in the set already");
        *bits |= bit;
        self.len += 1;
    }

    /// Takes this index out, if it is there.
    pub(crate) fn take(&mut self, index: usize) -> bool {
        let (word, bit) = place(index);
        match self.words.get_mut(word) {
            Some(bits) if *bits & bit != 0 => {
                *bits &= !bit;
                self.len -= 1;
                true
            }
            _ => false,
        }
    }

    pub(crate) fn take_first(&mut self) -> Option<usize> {
        let index = self.first()?;
        self.take(index);
        Some(index)
    }

    pub(crate) fn take_last(&mut self) -> Option<usize> {
        let word = self.words.iter().rposition(|&bits| bits != 0)?;
        let index = word * 64 + 63 - self.words[word].leading_zeros() as usize;
        self.take(index);
        Some(index)
    }

    pub(crate) fn contains(&self, index: usize) -> bool {
        let (word, bit) = place(index);
        self.words.get(word).is_some_and(|bits| bits & bit != 0)
    }

    pub(crate) fn first(&self) -> Option<usize> {
        if self.is_empty() {
            return None;
        }
        let (word, bits) = self.words.iter().enumerate().find(|&(_, &bits)| bits != 0)?;
        Some(word * 64 + bits.trailing_zeros() as usize)
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

const fn place(index: usize) -> (usize, u64) {
    (index / 64, 1 << (index % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_and_the_highest_are_found_across_words() {
        let mut set = IndexSet::new();
        for index in [130, 3, 64] {
            set.insert(index);
        }
        assert_eq!((set.len(), set.first()), (3, Some(3)));
        assert!(set.contains(64) && !set.contains(65) && !set.contains(1000));
        assert_eq!(set.take_last(), Some(130));
        assert_eq!(set.take_first(), Some(3));
        assert!(set.take(64) && !set.take(64) && !set.take(1000));
        assert!(set.is_empty() && set.take_first().is_none() && set.take_last().is_none());
    }

    #[test]
    #[should_panic(expected = "7 is in the set already")]
    fn nothing_is_there_twice() {
        let mut set = IndexSet::new();
        set.insert(7);
        set.insert(7);
    }
}
