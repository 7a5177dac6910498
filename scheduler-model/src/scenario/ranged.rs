//! A whole number whose range is part of its type.

use serde::{Serialize, Serializer};

/// A whole number in `MIN..=MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ranged<const MIN: u32, const MAX: u32>(u32);

/// A number outside the range that is allowed for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given} given, allowed is {min}..={max}")]
pub struct OutOfRange {
    /// What was given.
    pub given: i128,
    /// The least that is allowed.
    pub min: u32,
    /// The most that is allowed.
    pub max: u32,
}

impl<const MIN: u32, const MAX: u32> Ranged<MIN, MAX> {
    /// The least value.
    pub const MIN: Self = Self(MIN);
    /// The greatest value.
    pub const MAX: Self = Self(MAX);

    /// The value, if it is in range.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] otherwise.
    pub fn new(value: impl Into<i128>) -> Result<Self, OutOfRange> {
        let given = value.into();
        u32::try_from(given)
            .ok()
            .filter(|value| (MIN..=MAX).contains(value))
            .map(Self)
            .ok_or(OutOfRange { given, min: MIN, max: MAX })
    }

    /// A value known when this is compiled; out of range does not compile.
    pub const fn of<const VALUE: u32>() -> Self {
        const { assert!(MIN <= VALUE && VALUE <= MAX) };
        Self(VALUE)
    }

    /// The nearest value in range.
    pub fn clamped(value: u64) -> Self {
        Self(u32::try_from(value).unwrap_or(u32::MAX).clamp(MIN, MAX))
    }

    /// The plain number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> Serialize for Ranged<MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_outside_its_range_does_not_exist() {
        assert_eq!(Ranged::<1, 4>::new(4).map(Ranged::get), Ok(4));
        assert_eq!(Ranged::<1, 4>::new(0).unwrap_err().to_string(), "0 given, allowed is 1..=4");
        assert!(Ranged::<1, 4>::new(-1).is_err());
        assert_eq!(Ranged::<1, 4>::clamped(9).get(), 4);
    }
}
