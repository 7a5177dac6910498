//! The events of several runs in one order.

use std::rc::Rc;

use super::LastEvent;
use crate::run::Run;

/// Which run each step belongs to, and which step each event of a run is.
#[derive(Debug)]
pub(super) struct Merged {
    /// The run of each step; there are never more than a handful.
    runs: Vec<u8>,
    /// For each run, the steps that its events are.
    steps: Vec<Vec<u32>>,
}

impl Merged {
    pub(super) fn new(runs: &[Rc<Run>]) -> Self {
        let total = runs.iter().map(|run| run.events().len()).sum();
        let mut merged =
            Self { runs: Vec::with_capacity(total), steps: vec![Vec::new(); runs.len()] };
        for step in 0..total {
            let next = (0..runs.len())
                .filter(|&run| merged.steps[run].len() < runs[run].events().len())
                .min_by_key(|&run| runs[run].at(merged.steps[run].len()))
                .expect("a run has an event left");
            merged.runs.push(u8::try_from(next).expect("there are six models"));
            merged.steps[next].push(u32::try_from(step).expect("traces are bounded below 2^32"));
        }
        merged
    }

    pub(super) const fn len(&self) -> usize {
        self.runs.len()
    }

    /// The event of this step.
    pub(super) fn step(&self, step: usize) -> Option<LastEvent> {
        let run = usize::from(*self.runs.get(step)?);
        Some(LastEvent { run, index: self.done_of(run, step) })
    }

    pub(super) fn step_of(&self, event: LastEvent) -> Option<usize> {
        self.steps.get(event.run)?.get(event.index).map(|&step| step as usize)
    }

    /// How many events of a run are among the first steps.
    pub(super) fn done_of(&self, run: usize, n_steps: usize) -> usize {
        self.steps[run].partition_point(|&step| (step as usize) < n_steps)
    }
}
