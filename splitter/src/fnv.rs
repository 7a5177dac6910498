//! FNV-1a with 64 bits (G. Fowler, L. Noll and K.-P. Vo): for the same bytes the same number in every run,
//! which the standard library promises of none of its own.

use std::hash::Hasher;

/// The number of what was written so far.
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

/// The number of all of these bytes, one part after the other: a name for files that depends on their
/// content alone.
pub fn stamp(parts: &[&[u8]]) -> u64 {
    let mut hasher = Fnv::default();
    for part in parts {
        hasher.write(part);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_the_published_one() {
        assert_eq!(stamp(&[]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(stamp(&[b"a"]), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(stamp(&[b"foo", b"bar"]), 0x8594_4171_f739_67e8);
    }
}
