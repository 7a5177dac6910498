//! How fast a run is played.

/// How fast a run is played: a place in [`Speed::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Speed(usize);

impl Speed {
    /// Each by its name, and how many times as fast as normal it is.
    pub(crate) const ALL: [(&str, f64); 9] = [
        ("0.25", 0.25),
        ("0.5", 0.5),
        ("1", 1.0),
        ("2", 2.0),
        ("4", 4.0),
        ("16", 16.0),
        ("64", 64.0),
        ("256", 256.0),
        ("1024", 1024.0),
    ];

    /// The speed at this place.
    pub(crate) fn at(place: usize) -> Self {
        Self(place.min(Self::ALL.len() - 1))
    }

    /// Its place.
    pub(crate) const fn place(self) -> usize {
        self.0
    }

    /// Its name in links.
    pub(crate) const fn name(self) -> &'static str {
        Self::ALL[self.0].0
    }

    /// How many times as fast as normal.
    pub(crate) const fn factor(self) -> f64 {
        Self::ALL[self.0].1
    }
}

impl Default for Speed {
    fn default() -> Self {
        Self(2)
    }
}
