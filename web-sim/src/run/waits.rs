//! How long the requests of a run waited that were answered so far, at any moment of it: what the
//! figures beside the stage are made of at every step.
//!
//! A percentile of the first so many of 250,000 waiting times cannot be found by going through them
//! within a frame. A wavelet matrix (F. Claude, G. Navarro and A. Ordóñez, "The wavelet matrix",
//! *Information Systems* 47, 2015) finds it in as many looks as the longest of them has binary digits.

use scheduler_model::{Outcome, SimTime, Span};

use super::Run;

/// The waiting times of all requests of a run that were answered, less its warm-up.
#[derive(Debug)]
pub(crate) struct Waits {
    /// The events by which they were, in order.
    answered_by: Vec<usize>,
    ranked: Ranked,
    longest: Span,
}

/// Numbers in the order in which they came, of which the first so many can be asked for the one
/// with a given rank.
#[derive(Debug)]
struct Ranked {
    /// A row for each binary digit of the greatest, the highest first.
    rows: Vec<Row>,
}

/// One binary digit of each number.
#[derive(Debug)]
struct Row {
    /// 64 of them in a word.
    words: Vec<u64>,
    /// How many ones there are before each word.
    ones_before: Vec<usize>,
    n_zeros: usize,
}

impl Waits {
    /// Goes through the run once.
    pub(super) fn of(run: &Run) -> Self {
        let history = run.history();
        let warmup = run.scenario().warmup_requests;
        let answered = history.departures().iter().filter_map(|&(by, id)| {
            let life = history.request(id).filter(|_| id.0 > warmup)?;
            let is_answered = matches!(life.end, Some((_, _, Some(Outcome::Answered))));
            is_answered.then(|| (by, life.waiting_until(SimTime::MAX).as_nanos()))
        });
        let (answered_by, waits): (Vec<_>, Vec<_>) = answered.unzip();
        let longest = history.requests().iter().map(|life| life.waiting_until(run.end())).max();
        let longest = longest.unwrap_or_default();
        Self { answered_by, ranked: Ranked::new(waits), longest }
    }

    /// The order statistic of those answered by the first `done` events, as the model's own
    /// statistics take it; `None` before the first.
    pub(crate) fn percentile(&self, done: usize, per_cent: usize) -> Option<Span> {
        let n = self.answered_by.partition_point(|&by| by < done);
        let rank = (n * per_cent).div_ceil(100).max(1) - 1;
        (rank < n).then(|| Span::from_nanos(self.ranked.of_first(n, rank)))
    }

    /// The longest that any request waited, answered or not.
    pub(crate) const fn longest(&self) -> Span {
        self.longest
    }
}

impl Ranked {
    fn new(mut numbers: Vec<u64>) -> Self {
        let greatest = numbers.iter().copied().max().unwrap_or_default();
        let mut rows = Vec::new();
        for digit in (0..u64::BITS - greatest.leading_zeros()).rev() {
            let is_one = |number: &u64| number >> digit & 1 == 1;
            rows.push(Row::new(numbers.iter().map(is_one)));
            // Those with a zero come first in the next row, each half in the order it had.
            let (ones, mut next): (Vec<_>, Vec<_>) = numbers.into_iter().partition(is_one);
            next.extend(ones);
            numbers = next;
        }
        Self { rows }
    }

    /// The number that `rank` of the first `n` are below, `rank` being less than `n`.
    fn of_first(&self, n: usize, mut rank: usize) -> u64 {
        let (mut from, mut to) = (0, n);
        let mut number = 0;
        for row in &self.rows {
            let (ones_from, ones_to) = (row.ones(from), row.ones(to));
            let n_zeros = (to - from) - (ones_to - ones_from);
            number <<= 1;
            if rank < n_zeros {
                (from, to) = (from - ones_from, to - ones_to);
            } else {
                rank -= n_zeros;
                number |= 1;
                (from, to) = (row.n_zeros + ones_from, row.n_zeros + ones_to);
            }
        }
        number
    }
}

impl Row {
    fn new(digits: impl Iterator<Item = bool>) -> Self {
        let mut words = vec![0];
        let mut n = 0;
        for digit in digits {
            *words.last_mut().expect("there is one from the start") |= u64::from(digit) << (n % 64);
            n += 1;
            if n % 64 == 0 {
                words.push(0);
            }
        }
        let mut n_ones = 0;
        let before = |word: &u64| {
            n_ones += word.count_ones() as usize;
            n_ones - word.count_ones() as usize
        };
        let ones_before = words.iter().map(before).collect();
        Self { words, ones_before, n_zeros: n - n_ones }
    }

    /// How many of the first `n` digits are ones.
    fn ones(&self, n: usize) -> usize {
        let part = self.words[n / 64] & ((1 << (n % 64)) - 1);
        self.ones_before[n / 64] + part.count_ones() as usize
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_rank_of_any_beginning_is_what_sorting_finds(
            numbers in prop::collection::vec(0_u64..50, 1..300),
            n in 1_usize..300,
            rank in 0_usize..300,
        ) {
            let n = n.min(numbers.len());
            let rank = rank % n;
            let mut first = numbers[..n].to_vec();
            first.sort_unstable();
            prop_assert_eq!(Ranked::new(numbers).of_first(n, rank), first[rank]);
        }
    }
}
