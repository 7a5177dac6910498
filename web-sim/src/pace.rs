//! How much room and how much of a viewer's time a stretch of virtual time is given.
//!
//! A request computes for 200 µs and then sleeps for 5 s: to scale, everything that matters would
//! be a hairline beside one bar, and playing it would be a wait. So a gap counts with its
//! logarithm: ten times longer is one step wider, and takes one step longer to play.

use scheduler_model::{SimTime, Span};

/// What a gap between two events counts; 1 for the shortest.
#[expect(clippy::cast_precision_loss, reason = "for showing")]
pub(crate) fn weight(gap: Span) -> f64 {
    1.0 + 1.6 * (1.0 + gap.as_nanos() as f64 / 1_000.0).log10()
}

/// How long it takes to play a gap at normal speed, in milliseconds.
pub(crate) fn playing_ms(gap: Span) -> f64 {
    if gap.is_zero() { SAME_INSTANT_MS } else { (WEIGHT_MS * weight(gap)).min(GAP_MS_MAX) }
}

/// Where instants are on a timeline: a place in 0..=1 for each.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    scale: Scale,
    instants: Vec<SimTime>,
    places: Vec<f64>,
}

/// How a timeline lays out time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scale {
    /// By [`weight`]: each moment that matters has room.
    #[default]
    Stretched,
    /// A second is a second.
    ToScale,
}

impl Axis {
    /// An axis from `begin` over these instants, which never decrease.
    pub(crate) fn new(
        scale: Scale,
        begin: SimTime,
        times: impl IntoIterator<Item = SimTime>,
    ) -> Self {
        let mut instants = vec![begin];
        let mut places = vec![0.0];
        let mut place = 0.0;
        for at in times {
            let last = instants[instants.len() - 1];
            if at > last {
                place += match scale {
                    Scale::Stretched => weight(at.since(last)),
                    Scale::ToScale => at.since(last).as_secs_f64(),
                };
                instants.push(at);
                places.push(place);
            }
        }
        if place > 0.0 {
            for at in &mut places {
                *at /= place;
            }
        }
        Self { scale, instants, places }
    }

    /// The place of an instant.
    pub(crate) fn place(&self, at: SimTime) -> f64 {
        let after = self.instants.partition_point(|&instant| instant <= at);
        let before = after.saturating_sub(1);
        let Some(&next) = self.instants.get(after) else {
            return self.places[self.places.len() - 1];
        };
        let (start, gap) = (self.instants[before], next.since(self.instants[before]));
        let share = at.since(start).as_secs_f64() / gap.as_secs_f64();
        self.places[before] + share * (self.places[after] - self.places[before])
    }

    /// The instant at a place; places outside 0..=1 are the ends.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a gap, rounded to the nanosecond"
    )]
    pub(crate) fn instant(&self, place: f64) -> SimTime {
        let after = self.places.partition_point(|&at| at <= place);
        if after == 0 {
            return self.instants[0];
        }
        let before = after - 1;
        let start = self.instants[before];
        let (Some(&next), Some(&end)) = (self.instants.get(after), self.places.get(after)) else {
            return start;
        };
        let share = (place - self.places[before]) / (end - self.places[before]);
        start + Span::from_nanos((share * next.since(start).as_nanos() as f64) as u64)
    }

    /// How it lays out time.
    pub(crate) const fn scale(&self) -> Scale {
        self.scale
    }

    /// The distinct instants in this part of the axis, with their places.
    pub(crate) fn within(&self, from: f64, to: f64) -> impl Iterator<Item = (SimTime, f64)> {
        let first = self.places.partition_point(|&place| place < from);
        let end = self.places.partition_point(|&place| place <= to).max(first);
        self.instants[first..end].iter().copied().zip(self.places[first..end].iter().copied())
    }
}

/// Events of one instant follow each other, and are seen one by one.
const SAME_INSTANT_MS: f64 = 220.0;
/// The time one unit of weight takes.
const WEIGHT_MS: f64 = 130.0;
/// Nobody waits longer than this for the next event.
const GAP_MS_MAX: f64 = 1_800.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_leads_back_to_its_instant() {
        let times = [0, 15, 215, 5_000_215].map(|us| SimTime::from_nanos(us * 1_000));
        for scale in [Scale::Stretched, Scale::ToScale] {
            let axis = Axis::new(scale, SimTime::ZERO, times);
            for ns in [0, 15_000, 100_000, 215_000, 2_000_000_000, 5_000_215_000] {
                let at = SimTime::from_nanos(ns);
                let back = axis.instant(axis.place(at));
                assert!(back.as_nanos().abs_diff(ns) <= 10, "{scale:?}: {back} for {at}");
            }
        }
    }

    #[test]
    fn a_five_second_sleep_leaves_room_for_200_microseconds() {
        let times = [0, 200, 5_000_200].map(|us| SimTime::from_nanos(us * 1_000));
        let place = Axis::new(Scale::Stretched, SimTime::ZERO, times).place(times[1]);
        assert!((0.2..0.5).contains(&place), "{place}");
        let place = Axis::new(Scale::ToScale, SimTime::ZERO, times).place(times[1]);
        assert!(place < 0.001, "{place}");
    }

    #[test]
    fn an_axis_without_events_has_one_instant() {
        let axis = Axis::new(Scale::Stretched, SimTime::ZERO, []);
        assert_eq!(axis.instant(0.7), SimTime::ZERO);
        assert_eq!(axis.place(SimTime::MAX).total_cmp(&0.0), std::cmp::Ordering::Equal);
    }

    #[test]
    fn no_gap_is_a_long_wait() {
        assert!(playing_ms(Span::from_millis(86_400_000)) <= GAP_MS_MAX);
        assert!(playing_ms(Span::from_millis(5_000)) > 3.0 * playing_ms(Span::from_micros(2)));
    }
}
