//! The figures of each run up to the cursor: what `simulate --json` counts, at any moment.

use scheduler_model::Span;

use super::RunName;
use crate::player::Player;

/// The figures of one run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Figures {
    pub(crate) name: RunName,
    /// Workers of a pool.
    pub(crate) workers: u64,
    pub(crate) answered: u64,
    /// How many of them since the run began, and how long that is.
    pub(crate) throughput: (u64, Span),
    pub(crate) in_system: u64,
    pub(crate) waiting: u64,
    /// How long the one has waited that waits longest now.
    pub(crate) longest: Option<Span>,
    pub(crate) rejected: u64,
    pub(crate) failed: u64,
    pub(crate) dropped: u64,
    pub(crate) lost: u64,
    pub(crate) threads_most: u64,
    /// Waiting times of answered requests.
    pub(crate) wait_median: Option<Span>,
    pub(crate) wait_p99: Option<Span>,
    pub(crate) stacks_kib: u64,
    /// Of the whole run.
    pub(crate) digest: String,
    /// Events that have happened, and all of them.
    pub(crate) events: (u64, u64),
}

/// The figures of every run shown.
pub(crate) fn figures(player: &Player) -> Vec<Figures> {
    player
        .rows()
        .enumerate()
        .map(|(row, (run, world))| {
            let done = player.done_of(row);
            let counts = world.counts();
            let waits = run.waits();
            let waiting = || world.requests().filter(|request| request.started.is_none());
            let n_waiting = waiting().count() as u64;
            let start = run.trace().header.snapshot.as_ref();
            let before = start.map_or(0, |start| start.world().counts().answered);
            Figures {
                name: RunName::of(run),
                workers: u64::from(world.server().workers.get()),
                answered: counts.answered,
                throughput: (counts.answered - before, player.moment().since(run.begin())),
                in_system: counts.in_system,
                waiting: n_waiting,
                longest: waiting().next().map(|oldest| player.moment().since(oldest.arrived)),
                rejected: counts.rejected,
                failed: counts.failed,
                dropped: counts.dropped,
                lost: counts.lost,
                threads_most: counts.threads_peak,
                wait_median: waits.percentile(done, 50),
                wait_p99: waits.percentile(done, 99),
                stacks_kib: world.stack_kib(),
                digest: run.digest().to_owned(),
                events: (done as u64, run.events().len() as u64),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use scheduler_model::{Model, Stats};

    use super::*;
    use crate::run::Run;
    use crate::scenarios::tests::{book, flood};

    #[test]
    fn the_figures_at_the_end_are_those_of_the_model() {
        for scenario in [book(), flood()] {
            for model in Model::ALL {
                let run = Run::simulated(&scenario, model);
                let report = Stats::of(run.trace()).unwrap();
                let run_end = run.end().since(run.begin());
                let figures = figures(&Player::new(vec![run]).at_step(usize::MAX)).remove(0);
                assert_eq!(figures.answered, report.answered);
                assert_eq!(figures.rejected, report.rejected);
                assert_eq!(figures.threads_most, report.threads_peak);
                assert_eq!(figures.digest, report.digest.to_string());
                let secs = |span: Option<Span>| span.map(Span::as_secs_f64);
                assert_eq!(secs(figures.wait_median), report.waiting_time.p50);
                assert_eq!(secs(figures.wait_p99), report.waiting_time.p99);
                assert_eq!((figures.waiting, figures.longest), (0, None));
                assert_eq!(figures.in_system, 0);
                let (n, span) = figures.throughput;
                assert_eq!((n, span), (report.answered, run_end));
            }
        }
    }

    #[test]
    fn before_an_answer_there_is_no_median() {
        let player = Player::new(vec![Run::simulated(&book(), Model::Pool)]);
        assert_eq!(figures(&player)[0].wait_median, None);
    }
}
