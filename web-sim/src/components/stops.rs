//! The values that a slider stops at: dense where a little changes much, sparse beyond.

/// Values in rising order, and which of them is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stops {
    values: Vec<u32>,
    chosen: usize,
}

impl Stops {
    /// The usual stops up to `max`, and `value` among them.
    pub(crate) fn around(value: u32, max: u32) -> Self {
        let usual = USUAL.partition_point(|&stop| stop <= max);
        Self::among(&USUAL[..usual], value)
    }

    /// These stops, in rising order, and `value` among them.
    pub(crate) fn among(stops: &[u32], value: u32) -> Self {
        let mut values = stops.to_vec();
        let chosen = values.binary_search(&value).unwrap_or_else(|place| {
            values.insert(place, value);
            place
        });
        Self { values, chosen }
    }

    /// The place of the chosen one.
    pub(crate) const fn chosen(&self) -> usize {
        self.chosen
    }

    /// The last place.
    pub(crate) const fn last(&self) -> usize {
        self.values.len() - 1
    }

    /// The value at a place.
    pub(crate) fn value(&self, place: usize) -> u32 {
        self.values[place.min(self.last())]
    }
}

const USUAL: [u32; 20] =
    [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512, 768, 1024];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_between_two_stops_is_one() {
        let stops = Stops::around(7, 64);
        assert_eq!(stops.value(stops.chosen()), 7);
        assert_eq!(stops.value(stops.last()), 64);
        assert_eq!(stops.value(usize::MAX), 64);
    }
}
