//! Places for those whose answers take long, so that others find a thread too.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// So many places, some of which are taken.
#[derive(Debug)]
pub(super) struct Seats {
    max: usize,
    taken: Mutex<usize>,
    freed: Condvar,
}

/// A place, which is free again when this is dropped.
pub(super) struct Seat<'a>(&'a Seats);

impl Seats {
    pub(super) const fn new(max: usize) -> Self {
        Self { max, taken: Mutex::new(0), freed: Condvar::new() }
    }

    /// A place, if there is one.
    pub(super) fn take(&self) -> Option<Seat<'_>> {
        let mut taken = self.taken();
        if *taken == self.max {
            return None;
        }
        *taken += 1;
        Some(Seat(self))
    }

    /// Waits until all have left, or so long.
    pub(super) fn wait_until_empty(&self, at_most: Duration) {
        let left = self.freed.wait_timeout_while(self.taken(), at_most, |taken| *taken > 0);
        // Whoever is still there is cut.
        drop(left);
    }

    fn taken(&self) -> MutexGuard<'_, usize> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        *self.0.taken() -= 1;
        self.0.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_taken_once_and_free_again() {
        let seats = Seats::new(1);
        let seat = seats.take();
        assert!(seat.is_some() && seats.take().is_none());
        drop(seat);
        seats.wait_until_empty(Duration::from_secs(20));
        assert!(seats.take().is_some());
    }
}
