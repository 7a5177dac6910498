//! View models: what is to be seen at a moment, as plain data without language or layout.

pub(crate) mod code;
pub(crate) mod events;
pub(crate) mod lesson;
pub(crate) mod metrics;
pub(crate) mod snippet;
pub(crate) mod stage;
pub(crate) mod timeline;
pub(crate) mod what_if;
pub(crate) mod why;

use scheduler_model::{Model, WorkerId};

/// What a thread is called: `T1` has a request for life, `W1` is a pool's worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ThreadName {
    pub(crate) letter: char,
    pub(crate) number: u32,
}

impl ThreadName {
    /// The name of this worker under this model.
    pub(crate) const fn of(model: Model, worker: WorkerId) -> Self {
        let letter = match model {
            Model::Pool | Model::ForkJoin => 'W',
            Model::Single | Model::Spawn => 'T',
            Model::Async | Model::Sharded => 'L',
        };
        Self { letter, number: worker.get() }
    }

    /// The thread's place in a table of threads.
    pub(crate) const fn index(self) -> usize {
        self.number as usize - 1
    }
}

impl std::fmt::Display for ThreadName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.letter, self.number)
    }
}
