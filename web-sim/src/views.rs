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

use crate::run::Run;

/// A run among those that are shown, as a sentence names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RunName {
    pub(crate) model: Model,
    /// Whether it is what another server would have done.
    pub(crate) what_if: bool,
}

impl RunName {
    /// The name of this run.
    pub(crate) const fn of(run: &Run) -> Self {
        Self { model: run.model(), what_if: run.is_what_if() }
    }
}

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

/// A share as a stylesheet has it, to a thousandth of a per cent. Written in whole numbers: all that
/// formats a decimal would be a hundredth of what a visitor fetches at first.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is 0..=100")]
pub(crate) fn css_percent(percent: f64) -> String {
    let thousandths = (percent * 1000.0).round() as u32;
    format!("{}.{:03}%", thousandths / 1000, thousandths % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_written_to_a_thousandth_of_a_per_cent() {
        let written = [0.0, 0.0004, 33.333_33, 99.9996, 100.0].map(css_percent);
        assert_eq!(written, ["0.000%", "0.000%", "33.333%", "100.000%", "100.000%"]);
    }
}
