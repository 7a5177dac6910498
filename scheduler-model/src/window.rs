//! A table over numbers that only grow: what is kept is what lies between the oldest and the
//! newest that are still there.

use std::collections::VecDeque;

use crate::RequestId;

/// Values by request; the front moves on as requests leave.
#[derive(Clone, Debug)]
pub(crate) struct Window<T> {
    values: VecDeque<Option<T>>,
    first: u64,
}

impl<T> Window<T> {
    pub(crate) const fn new() -> Self {
        Self { values: VecDeque::new(), first: 1 }
    }

    /// The number that [`Window::push`] gives next.
    pub(crate) fn next(&self) -> RequestId {
        RequestId(self.first + self.values.len() as u64)
    }

    pub(crate) fn push(&mut self, value: T) -> RequestId {
        let id = self.next();
        self.values.push_back(Some(value));
        id
    }

    pub(crate) fn get(&self, id: RequestId) -> Option<&T> {
        self.values.get(self.index(id)?)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, id: RequestId) -> Option<&mut T> {
        let index = self.index(id)?;
        self.values.get_mut(index)?.as_mut()
    }

    pub(crate) fn remove(&mut self, id: RequestId) -> Option<T> {
        let index = self.index(id)?;
        let gone = self.values.get_mut(index)?.take()?;
        while let Some(None) = self.values.front() {
            self.values.pop_front();
            self.first += 1;
        }
        Some(gone)
    }

    /// What is there, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.values.iter().flatten()
    }

    fn index(&self, id: RequestId) -> Option<usize> {
        usize::try_from(id.0.checked_sub(self.first)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_moves_past_what_has_left() {
        let mut window = Window::new();
        let ids: Vec<_> = (0..4).map(|value| window.push(value)).collect();
        assert_eq!(window.remove(ids[1]), Some(1));
        assert_eq!(window.values.len(), 4, "the oldest is still there");
        assert_eq!(window.remove(ids[0]), Some(0));
        assert_eq!(window.values.len(), 2);
        assert_eq!(window.remove(ids[0]), None);
        assert_eq!(window.get(ids[3]), Some(&3));
        assert_eq!(window.next(), RequestId(5));
    }
}
