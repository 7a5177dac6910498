//! Which lessons were done: kept where the browser allows it, and as long as the page otherwise.

use super::Lesson;

/// The lessons that were done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress(u16);

impl Progress {
    /// Reads what [`Progress::written`] wrote; names that are none are passed over.
    pub(crate) fn read(text: &str) -> Self {
        let named = |name: &str| Lesson::ALL.into_iter().find(|lesson| lesson.name() == name);
        text.split(',').filter_map(named).fold(Self::default(), Self::with)
    }

    /// As it is stored.
    pub(crate) fn written(self) -> String {
        let done = Lesson::ALL.into_iter().filter(|&lesson| self.has(lesson));
        done.map(Lesson::name).collect::<Vec<_>>().join(",")
    }

    /// And this one as well.
    #[must_use]
    pub(crate) const fn with(self, lesson: Lesson) -> Self {
        Self(self.0 | 1 << lesson.place())
    }

    /// Whether this one was done.
    pub(crate) const fn has(self, lesson: Lesson) -> bool {
        self.0 & 1 << lesson.place() != 0
    }

    /// The first one that was not done; the first of all when every one was.
    pub(crate) fn next(self) -> Lesson {
        Lesson::ALL.into_iter().find(|&lesson| !self.has(lesson)).unwrap_or(Lesson::Sleep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_is_read_again() {
        let done = Progress::default().with(Lesson::Sleep).with(Lesson::Loops);
        assert_eq!(done.written(), "sleep,loops");
        assert_eq!(Progress::read(&done.written()), done);
        assert_eq!(Progress::read("sleep,<script>,,loops,sleep"), done);
    }

    #[test]
    fn the_way_goes_on_where_it_was_left() {
        let done = Progress::default().with(Lesson::Sleep).with(Lesson::Flood);
        assert_eq!(done.next(), Lesson::Threads);
        let all = Lesson::ALL.into_iter().fold(done, Progress::with);
        assert_eq!(all.next(), Lesson::Sleep);
    }
}
