//! Bytes that come in at the back and leave at the front, and cost nothing once they have left.

use std::ops::Range;

/// A queue of bytes with one contiguous view.
///
/// Consuming moves a cursor: ten thousand pipelined requests must not cost ten thousand moves of
/// all that follows.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    /// Where the unread part begins.
    start: usize,
}

impl Buffer {
    /// Appends bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.reclaim();
        self.bytes.extend_from_slice(bytes);
    }

    /// The vector to append to: its beginning may hold bytes that were consumed already.
    pub(super) fn tail(&mut self) -> &mut Vec<u8> {
        self.reclaim();
        &mut self.bytes
    }

    /// Forgets the first `n` unread bytes.
    ///
    /// # Panics
    ///
    /// When there are fewer: the caller counts wrongly.
    pub(super) fn consume(&mut self, n: usize) {
        assert!(n <= self.unread().len(), "{n} bytes consumed, {} there", self.unread().len());
        self.start += n;
        if self.start == self.bytes.len() {
            self.clear();
        }
    }

    /// Takes a range of the unread bytes out of their middle.
    pub(super) fn remove(&mut self, range: Range<usize>) {
        self.bytes.drain(self.start + range.start..self.start + range.end);
    }

    /// Forgets everything, and gives memory back unless it is little.
    pub(super) fn clear(&mut self) {
        self.start = 0;
        self.bytes.clear();
        if self.bytes.capacity() > KEPT_MAX {
            self.bytes = Vec::new();
        }
    }

    /// What came in and was not consumed.
    pub(super) fn unread(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Bytes of memory held.
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Moves the unread bytes to the beginning: once for each read or write, not for each request.
    fn reclaim(&mut self) {
        if self.start > 0 {
            self.bytes.drain(..std::mem::take(&mut self.start));
        }
    }
}

/// Kept by an idle connection for its next request, so that small requests and answers allocate
/// nothing.
const KEPT_MAX: usize = 1024;
