//! A table over numbers that only grow: what is kept is what lies between the oldest and the
//! newest that are still there.

use crate::RequestId;
use crate::ordered::Ordered;
use crate::wire::{Put, Take};

/// Values by request; the front moves on as requests leave.
///
/// A plain vector, whose elements are found by a subtraction: what has left at its front goes
/// when it is the greater part, so that each value is moved less than once in the mean. A few that
/// stay while thousands come and go are kept apart, so that the table is as small as what is there.
#[derive(Clone, Debug)]
pub(crate) struct Window<T> {
    /// What was there when it was [put together](Window::of), or has stayed while nearly all that
    /// came after it have left, however far apart; in order.
    earlier: Ordered<T>,
    values: Vec<Option<T>>,
    /// The number of the first value, which may have left.
    first: u64,
    /// How many at the front have left.
    n_left: usize,
    /// How many of the values are there.
    n_there: usize,
}

impl<T> Window<T> {
    pub(crate) const fn new() -> Self {
        Self { earlier: Ordered::new(), values: Vec::new(), first: 1, n_left: 0, n_there: 0 }
    }

    /// What has these numbers, which rise and are all below `next`.
    pub(crate) fn of(earlier: impl IntoIterator<Item = (RequestId, T)>, next: RequestId) -> Self {
        let earlier = earlier.into_iter().collect();
        Self { earlier, values: Vec::new(), first: next.0, n_left: 0, n_there: 0 }
    }

    /// The number that [`Window::push`] gives next.
    pub(crate) fn next(&self) -> RequestId {
        RequestId(self.first + self.values.len() as u64)
    }

    pub(crate) fn push(&mut self, value: T) -> RequestId {
        let id = self.next();
        self.values.push(Some(value));
        self.n_there += 1;
        id
    }

    pub(crate) fn get(&self, id: RequestId) -> Option<&T> {
        match self.index(id) {
            Some(index) => self.values.get(index)?.as_ref(),
            None => self.earlier.get(id),
        }
    }

    pub(crate) fn get_mut(&mut self, id: RequestId) -> Option<&mut T> {
        match self.index(id) {
            Some(index) => self.values.get_mut(index)?.as_mut(),
            None => self.earlier.get_mut(id),
        }
    }

    pub(crate) fn remove(&mut self, id: RequestId) -> Option<T> {
        let Some(index) = self.index(id) else { return self.earlier.remove(id) };
        let gone = self.values.get_mut(index)?.take()?;
        self.n_there -= 1;
        while let Some(None) = self.values.get(self.n_left) {
            self.n_left += 1;
        }
        if self.n_left >= LEFT_MAX && self.n_left * 2 > self.values.len() {
            self.values.drain(..self.n_left);
            self.first += self.n_left as u64;
            self.n_left = 0;
        } else if self.values.len() - self.n_left >= SPREAD_MAX.max(SPARSE * self.n_there) {
            self.set_apart();
        }
        Some(gone)
    }

    /// What is there from now on counts as what was there before.
    #[cold]
    fn set_apart(&mut self) {
        let next = self.next();
        let ids = (self.first..).map(RequestId);
        for (id, value) in ids.zip(self.values.drain(..)) {
            if let Some(value) = value {
                self.earlier.insert(id, value);
            }
        }
        self.values.shrink_to(LEFT_MAX);
        (self.first, self.n_left, self.n_there) = (next.0, 0, 0);
    }

    /// What is there, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let earlier = self.earlier.iter().map(|(_, value)| value);
        earlier.chain(self.values[self.n_left..].iter().flatten())
    }

    fn index(&self, id: RequestId) -> Option<usize> {
        usize::try_from(id.0.checked_sub(self.first)?).ok()
    }
}

impl<T: Put> Put for Window<T> {
    fn put(&self, out: &mut Vec<u8>) {
        let Self { earlier, values, first, n_left, n_there } = self;
        earlier.put(out);
        values.put(out);
        first.put(out);
        n_left.put(out);
        n_there.put(out);
    }
}

impl<T: Take> Take for Window<T> {
    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(Self {
            earlier: Take::take(from)?,
            values: Take::take(from)?,
            first: Take::take(from)?,
            n_left: Take::take(from)?,
            n_there: Take::take(from)?,
        })
    }
}

/// So many that have left may stay in the table however few are there.
const LEFT_MAX: usize = 64;
/// From the oldest to the newest there may be this many, or this many for each that is there.
const SPREAD_MAX: usize = 1024;
const SPARSE: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_moves_past_what_has_left() {
        let mut window = Window::new();
        let ids: Vec<_> = (0..200).map(|value| window.push(value)).collect();
        assert_eq!(window.remove(ids[1]), Some(1));
        assert_eq!(window.n_left, 0, "the oldest is still there");
        assert_eq!(window.remove(ids[0]), Some(0));
        assert_eq!(window.n_left, 2);
        assert_eq!(window.remove(ids[0]), None);
        assert_eq!(window.get(ids[3]), Some(&3));
        assert_eq!(window.next(), RequestId(201));
        assert_eq!(window.iter().count(), 198);
    }

    #[test]
    fn what_was_there_before_is_found_and_leaves() {
        let mut window =
            Window::of([(RequestId(7), 'a'), (RequestId(1 << 40), 'b')], RequestId(1 << 50));
        assert_eq!(window.push('c'), RequestId(1 << 50));
        assert_eq!(window.iter().collect::<String>(), "abc");
        assert_eq!((window.get(RequestId(7)), window.get(RequestId(8))), (Some(&'a'), None));
        assert_eq!((window.remove(RequestId(7)), window.remove(RequestId(7))), (Some('a'), None));
        assert_eq!(window.iter().collect::<String>(), "bc");
    }

    #[test]
    fn memory_is_bounded_by_what_is_there() {
        let mut window = Window::new();
        let mut last = window.push(0);
        for value in 1..10_000 {
            let id = window.push(value);
            assert_eq!(window.remove(last), Some(value - 1));
            assert_eq!(window.get(id), Some(&value));
            last = id;
        }
        assert!(window.values.capacity() <= 4 * LEFT_MAX);
        assert_eq!(window.next(), RequestId(10_001));
    }

    #[test]
    fn one_that_stays_while_thousands_leave_keeps_no_room_for_them() {
        let mut window = Window::new();
        let old = window.push(0);
        for value in 1..10_000 {
            let id = window.push(value);
            assert_eq!(window.get(id), Some(&value));
            assert_eq!(window.remove(id), Some(value));
        }
        assert!(window.values.capacity() <= 2 * SPREAD_MAX, "{}", window.values.capacity());
        assert_eq!(window.push(10_000), RequestId(10_001));
        assert_eq!(window.iter().copied().collect::<Vec<_>>(), [0, 10_000]);
        assert_eq!(window.get(old), Some(&0));
        assert_eq!(window.remove(old), Some(0));
        assert_eq!(window.iter().count(), 1);
    }
}
