//! Servers under the same load in turns: what a request costs one, over what it costs another.

use anyhow::Result;

use super::contestant::{Contestant, Cores, Running};
use super::load::Load;
use crate::bench::row::{Better, Row, median};
use crate::places::Places;

/// Two contestants, and how much of the second's cost the first may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal {
    ours: Contestant,
    theirs: Contestant,
    max: f64,
}

impl Goal {
    pub(super) const fn new(ours: Contestant, theirs: Contestant, max: f64) -> Self {
        Self { ours, theirs, max }
    }
}

/// A server in the race, and its figures of each round.
struct Racer {
    server: Running,
    /// Processor time of a request, in µs.
    cost_us: Vec<f64>,
    per_second: Vec<f64>,
}

/// Loads everybody who is named in a goal, round by round; a row for each goal.
///
/// # Errors
///
/// When a server cannot be started or loaded.
pub(super) fn race(
    name: &str,
    places: &Places,
    cores: Cores,
    load: &Load,
    goals: &[Goal],
) -> Result<Vec<Row>> {
    let mut racers: Vec<Racer> = Vec::new();
    for contestant in goals.iter().flat_map(|goal| [goal.ours, goal.theirs]) {
        if racers.iter().all(|racer| racer.server.contestant != contestant) {
            let server = contestant.start(places, cores)?;
            racers.push(Racer { server, cost_us: Vec::new(), per_second: Vec::new() });
        }
    }
    let mut order: Vec<_> = (0..racers.len()).collect();
    let mut dice = Dice::new();
    for round in 0..=ROUNDS {
        dice.shuffle(&mut order);
        for &index in &order {
            let racer = &mut racers[index];
            let before = racer.server.cpu_ns()?;
            let seen = load.run(places, cores, &racer.server)?;
            let cost_us = (racer.server.cpu_ns()? - before) / seen.n_requests / 1e3;
            // The first round warms everybody up.
            if round > 0 {
                racer.cost_us.push(cost_us);
                racer.per_second.push(seen.per_second);
            }
        }
        eprintln!("xtask: {name}: round {round} of {ROUNDS}");
    }
    let of = |contestant: Contestant| {
        let found = racers.iter().find(|racer| racer.server.contestant == contestant);
        found.expect("everybody who is named in a goal takes part")
    };
    let rows = goals.iter().map(|goal| {
        let (ours, theirs) = (of(goal.ours), of(goal.theirs));
        let pairs = ours.cost_us.iter().zip(&theirs.cost_us);
        let ratios: Vec<_> = pairs.map(|(ours, theirs)| ours / theirs).collect();
        let figures = format!(
            "{:.2} and {:.2} µs; {:.0} and {:.0} requests/s",
            middle(&ours.cost_us),
            middle(&theirs.cost_us),
            middle(&ours.per_second),
            middle(&theirs.per_second),
        );
        let name = format!("{name}: {} / {}", goal.ours, goal.theirs);
        Row::new(name, &ratios, goal.max, Better::Lower, figures)
    });
    Ok(rows.collect())
}

/// The median.
pub(super) fn middle(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    median(&sorted)
}

/// Xorshift (G. Marsaglia, *Xorshift RNGs*, 2003): enough to shuffle a handful.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    pub(super) fn shuffle(&mut self, order: &mut [usize]) {
        for last in (1..order.len()).rev() {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            let other = usize::try_from(self.0 % (last as u64 + 1)).expect("it is at most `last`");
            order.swap(last, other);
        }
    }
}

/// Counted rounds.
pub(super) const ROUNDS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffling_changes_the_order_and_loses_nobody() {
        let mut order: Vec<_> = (0..9).collect();
        Dice(1).shuffle(&mut order);
        assert_ne!(order, (0..9).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..9).collect::<Vec<_>>());
    }
}
