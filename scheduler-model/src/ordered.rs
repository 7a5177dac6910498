//! A table by request for a few of many: those that sleep, or have stayed while thousands went.
//!
//! Requests are numbered as they come and come here nearly in that order, so a sorted vector takes
//! one at its end and finds it by halves. Who leaves leaves a hole, and holes go when they are the
//! greater part, so that each value is moved less than once in the mean. A tree would do as much, and
//! be a twentieth of what a visitor of the page fetches at first.

use crate::RequestId;
use crate::wire::{Put, Take};

/// Values by request, lowest first.
#[derive(Clone, Debug)]
pub(crate) struct Ordered<T> {
    entries: Vec<(RequestId, Option<T>)>,
    /// How many are no holes.
    len: usize,
}

impl<T> Ordered<T> {
    pub(crate) const fn new() -> Self {
        Self { entries: Vec::new(), len: 0 }
    }

    /// Puts a value in, in place of one that was there.
    pub(crate) fn insert(&mut self, id: RequestId, value: T) {
        self.len += 1;
        match self.place(id) {
            Ok(place) => self.len -= usize::from(self.entries[place].1.replace(value).is_some()),
            Err(place) => self.entries.insert(place, (id, Some(value))),
        }
    }

    pub(crate) fn remove(&mut self, id: RequestId) -> Option<T> {
        let place = self.place(id).ok()?;
        let gone = self.entries[place].1.take()?;
        self.len -= 1;
        if self.entries.len() >= HOLES_MAX && self.entries.len() > self.len * 2 {
            self.entries.retain(|(_, value)| value.is_some());
        }
        Some(gone)
    }

    pub(crate) fn get(&self, id: RequestId) -> Option<&T> {
        self.entries[self.place(id).ok()?].1.as_ref()
    }

    pub(crate) fn get_mut(&mut self, id: RequestId) -> Option<&mut T> {
        let place = self.place(id).ok()?;
        self.entries[place].1.as_mut()
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// What is there, lowest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (RequestId, &T)> {
        self.entries.iter().filter_map(|(id, value)| Some((*id, value.as_ref()?)))
    }

    /// Where it is, or would be.
    fn place(&self, id: RequestId) -> Result<usize, usize> {
        match self.entries.last() {
            Some(&(last, _)) if last >= id => {
                self.entries.binary_search_by_key(&id, |entry| entry.0)
            }
            _ => Err(self.entries.len()),
        }
    }
}

impl<T> FromIterator<(RequestId, T)> for Ordered<T> {
    fn from_iter<I: IntoIterator<Item = (RequestId, T)>>(entries: I) -> Self {
        let mut all = Self::new();
        entries.into_iter().for_each(|(id, value)| all.insert(id, value));
        all
    }
}

impl<T: Put> Put for Ordered<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.entries.put(out);
    }
}

impl<T: Take> Take for Ordered<T> {
    fn take(from: &mut &[u8]) -> Option<Self> {
        let entries: Vec<(RequestId, Option<T>)> = Take::take(from)?;
        let len = entries.iter().filter(|(_, value)| value.is_some()).count();
        Some(Self { entries, len })
    }
}

/// So many holes may stay however few values are there.
const HOLES_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map_in_the_order_of_its_keys(
            steps in proptest::collection::vec((0_u64..80, any::<Option<u8>>()), 0..600),
        ) {
            let (mut ordered, mut map) = (Ordered::new(), BTreeMap::new());
            for (id, value) in steps {
                let id = RequestId(id);
                if let Some(value) = value {
                    ordered.insert(id, value);
                    map.insert(id, value);
                } else {
                    prop_assert_eq!(ordered.remove(id), map.remove(&id));
                }
                prop_assert_eq!(ordered.len(), map.len());
                prop_assert_eq!(ordered.get(id), map.get(&id));
                prop_assert_eq!(ordered.get_mut(id), map.get_mut(&id));
                prop_assert!(ordered.iter().eq(map.iter().map(|(&id, value)| (id, value))));
            }
        }
    }

    #[test]
    fn holes_are_bounded_by_what_is_there() {
        let mut ordered = Ordered::new();
        for id in 0..10_000 {
            ordered.insert(RequestId(id), id);
            if let Some(old) = id.checked_sub(10) {
                assert_eq!(ordered.remove(RequestId(old)), Some(old));
            }
            assert!(ordered.entries.len() <= HOLES_MAX);
        }
    }
}
