//! Tables by numbers that we give out ourselves.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A table by a number of a request, a connection or a token.
///
/// Nobody else chooses such a number, so nobody can choose many that collide: what protects a table
/// from strangers' keys would be paid at every request, for nothing.
pub(super) type ById<K, V> = HashMap<K, V, BuildHasherDefault<IdHasher>>;

/// Spreads numbers that follow one another (D. E. Knuth, *The Art of Computer Programming, Volume 3*
/// (1998), §6.4: multiplication with the golden ratio).
#[derive(Debug, Default)]
pub(super) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(byte.into());
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        let product = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // The table takes its place from the low bits, which a product leaves as they were.
        self.0 = product ^ product >> 32;
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::BuildHasher;

    use super::*;

    #[test]
    fn numbers_that_follow_one_another_are_spread_over_a_table() {
        let hash = BuildHasherDefault::<IdHasher>::default();
        let places: HashSet<_> = (0..1024_u64).map(|number| hash.hash_one(number) % 1024).collect();
        assert!(places.len() > 600, "{} of 1024 places", places.len());
    }
}
