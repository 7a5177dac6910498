//! The cursor over one run or several that are compared: a step is one event.
//!
//! The events of several runs are merged by time; at one instant the model that the book comes to
//! first goes first. The moment lies between the last event that has happened and the next one, so
//! that time can pass while nothing happens.

mod merged;

use std::rc::Rc;

use scheduler_model::{Event, RequestId, SimTime, World};

use crate::pace;
use crate::run::{Life, Run};
use merged::Merged;

/// Runs side by side, at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Player {
    runs: Rc<[Rc<Run>]>,
    merged: Rc<Merged>,
    cursor: usize,
    moment: SimTime,
    /// The state of each run at the cursor.
    worlds: Vec<Rc<World>>,
    first_difference: Option<(RequestId, SimTime)>,
}

/// The last event that happened: in which run, and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LastEvent {
    /// The run's place among those shown.
    pub(crate) run: usize,
    /// Its index in the run.
    pub(crate) index: usize,
}

impl Player {
    /// At the beginning of these runs.
    pub(crate) fn new(runs: Vec<Rc<Run>>) -> Self {
        let merged = Rc::new(Merged::new(&runs));
        let worlds = runs.iter().map(|run| Rc::new(run.world_after(0))).collect();
        let first_difference = first_difference(&runs);
        let begin = beginning(&runs);
        Self { runs: runs.into(), merged, cursor: 0, moment: begin, worlds, first_difference }
    }

    /// After this many events of all runs together.
    #[must_use]
    pub(crate) fn at_step(&self, cursor: usize) -> Self {
        let cursor = cursor.min(self.merged.len());
        let moment = self.last_at(cursor);
        self.moved(cursor, moment)
    }

    /// At this moment, everything up to it included.
    #[must_use]
    pub(crate) fn at_moment(&self, moment: SimTime) -> Self {
        let done: usize = self.runs.iter().map(|run| events_until(run, moment)).sum();
        self.moved(done, moment.min(self.end()))
    }

    /// Goes on for this long at normal speed, and says how much of that is left over. Time glides
    /// from one event to the next, or jumps to it for a reader who asked for less motion.
    #[must_use]
    pub(crate) fn played(&self, mut budget_ms: f64, glides: bool) -> (Self, f64) {
        let (mut cursor, mut moment) = (self.cursor, self.moment);
        while budget_ms > 0.0
            && let Some(next) = self.merged.step(cursor)
        {
            let at = self.runs[next.run].at(next.index);
            let gap = at.since(self.last_at(cursor));
            let left = if gap.is_zero() {
                pace::playing_ms(gap)
            } else {
                pace::playing_ms(gap) * at.since(moment).as_secs_f64() / gap.as_secs_f64()
            };
            if left > budget_ms {
                if gap.is_zero() || !glides {
                    break; // the rest is kept for the next frame
                }
                moment = between(moment, at, budget_ms / left);
                budget_ms = 0.0;
                break;
            }
            budget_ms -= left;
            cursor += 1;
            moment = at;
        }
        (self.moved(cursor, moment), budget_ms)
    }

    /// The runs, in the order of the models.
    pub(crate) fn runs(&self) -> &Rc<[Rc<Run>]> {
        &self.runs
    }

    /// Each run with the state it is in.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&Rc<Run>, &Rc<World>)> {
        self.runs.iter().zip(&self.worlds)
    }

    /// How many events have happened, of all runs together.
    pub(crate) const fn cursor(&self) -> usize {
        self.cursor
    }

    /// How many events there are.
    pub(crate) fn n_steps(&self) -> usize {
        self.merged.len()
    }

    /// What time it is.
    pub(crate) const fn moment(&self) -> SimTime {
        self.moment
    }

    /// When the first of the runs begins.
    pub(crate) fn begin(&self) -> SimTime {
        beginning(&self.runs)
    }

    /// When the last of the runs ends.
    pub(crate) fn end(&self) -> SimTime {
        self.runs.iter().map(|run| run.end()).max().unwrap_or_default()
    }

    /// Whether nothing is left to happen.
    pub(crate) fn is_at_end(&self) -> bool {
        self.cursor == self.merged.len()
    }

    /// How many events of this run have happened.
    pub(crate) fn done_of(&self, run: usize) -> usize {
        self.merged.done_of(run, self.cursor)
    }

    /// The event that led here.
    pub(crate) fn last_event(&self) -> Option<LastEvent> {
        self.merged.step(self.cursor.checked_sub(1)?)
    }

    /// The step that an event of a run is, counted from 0.
    pub(crate) fn step_of(&self, event: LastEvent) -> Option<usize> {
        self.merged.step_of(event)
    }

    /// The event itself.
    pub(crate) fn event(&self, place: LastEvent) -> &Event {
        &self.runs[place.run].events()[place.index]
    }

    /// The event of this step, counted from 0.
    pub(crate) fn event_at(&self, step: usize) -> Option<LastEvent> {
        self.merged.step(step)
    }

    /// Where two runs first treat the same request differently: one lets it wait and another does
    /// not, or it ends otherwise. The request, and when.
    pub(crate) const fn first_difference(&self) -> Option<(RequestId, SimTime)> {
        self.first_difference
    }

    fn last_at(&self, cursor: usize) -> SimTime {
        let last = cursor.checked_sub(1).and_then(|step| self.merged.step(step));
        last.map_or(self.begin(), |last| self.runs[last.run].at(last.index))
    }

    fn moved(&self, cursor: usize, moment: SimTime) -> Self {
        let mut player = self.clone();
        player.cursor = cursor;
        player.moment = moment;
        if cursor != self.cursor {
            for run in 0..self.runs.len() {
                player.worlds[run] = self.world_at(run, cursor);
            }
        }
        player
    }

    /// A short way forward is taken event by event, any other from a checkpoint.
    fn world_at(&self, run: usize, cursor: usize) -> Rc<World> {
        let (from, to) = (self.done_of(run), self.merged.done_of(run, cursor));
        if from == to {
            return Rc::clone(&self.worlds[run]);
        }
        if !(from..from + NEAR).contains(&to) {
            return Rc::new(self.runs[run].world_after(to));
        }
        let mut world = World::clone(&self.worlds[run]);
        self.runs[run].go_on(&mut world, from, to);
        Rc::new(world)
    }
}

impl PartialEq for Player {
    /// The same runs at the same moment.
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.merged, &other.merged)
            && self.cursor == other.cursor
            && self.moment == other.moment
    }
}

fn beginning(runs: &[Rc<Run>]) -> SimTime {
    runs.iter().map(|run| run.begin()).min().unwrap_or_default()
}

fn first_difference(runs: &[Rc<Run>]) -> Option<(RequestId, SimTime)> {
    let (first, others) = runs.split_first()?;
    let differs = |life: &Life| {
        let others = others.iter().filter_map(|run| run.history().request(life.id));
        others.filter_map(|other| difference(life, other)).min()
    };
    let all = first.history().requests().iter();
    all.filter_map(|life| Some((differs(life)?, life.id))).min().map(|(at, id)| (id, at))
}

/// When two lives of one request part.
fn difference(one: &Life, other: &Life) -> Option<SimTime> {
    if one.waited != other.waited && one.waited.is_some() && other.waited.is_some() {
        return Some(one.arrived.max(other.arrived));
    }
    let ((_, at, how), (_, other_at, other_how)) = (one.end?, other.end?);
    (how != other_how).then(|| at.min(other_at))
}

fn events_until(run: &Run, moment: SimTime) -> usize {
    run.events().partition_point(|event| event.at <= moment)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a gap, rounded to the nanosecond"
)]
fn between(from: SimTime, to: SimTime, share: f64) -> SimTime {
    let gap = to.since(from).as_nanos();
    from + scheduler_model::Span::from_nanos(((gap as f64 * share) as u64).min(gap))
}

/// This many events forward are fewer than a checkpoint may cost.
const NEAR: usize = 1024;

#[cfg(test)]
mod tests {
    use scheduler_model::Model;

    use super::*;
    use crate::scenarios::tests::book;

    #[test]
    fn a_step_is_one_event_and_a_step_back_undoes_it() {
        let start = player(&[Model::Single, Model::Spawn]);
        let mut at = start.clone();
        let mut seen = vec![shown(&at)];
        while !at.is_at_end() {
            at = at.at_step(at.cursor() + 1);
            seen.push(shown(&at));
        }
        assert_eq!(seen.len(), start.n_steps() + 1);
        while at.cursor() > 0 {
            assert_eq!(Some(shown(&at)), seen.pop());
            at = at.at_step(at.cursor() - 1);
        }
    }

    #[test]
    fn events_are_merged_by_time_and_then_by_model() {
        let player = player(&[Model::Single, Model::Pool]);
        let order: Vec<_> = (0..player.n_steps())
            .map(|step| {
                let place = player.event_at(step).unwrap();
                (player.event(place).at, place.run, place.index)
            })
            .collect();
        assert!(order.is_sorted(), "{order:?}");
    }

    #[test]
    fn playing_comes_to_the_end_and_stays_there() {
        let mut at = player(&[Model::Pool]);
        let mut left = 0.0;
        for _ in 0..10_000 {
            (at, left) = at.played(16.0 + left, true);
        }
        assert!(at.is_at_end());
        assert_eq!(at.moment(), at.end());
    }

    #[test]
    fn while_nothing_happens_time_passes() {
        let at = player(&[Model::Pool]).at_moment(SimTime::from_nanos(250_000_000));
        let (later, _) = at.played(16.0, true);
        assert_eq!(later.cursor(), at.cursor());
        assert!(later.moment() > at.moment());
    }

    #[test]
    fn without_gliding_it_stands_at_events_only() {
        let mut at = player(&[Model::Pool]);
        let mut left = 0.0;
        for _ in 0..10_000 {
            (at, left) = at.played(16.0 + left, false);
            assert_eq!(at.moment(), at.at_step(at.cursor()).moment());
        }
        assert!(at.is_at_end());
    }

    #[test]
    fn single_and_spawn_first_differ_about_the_second_request() {
        let (request, _) = player(&[Model::Single, Model::Spawn]).first_difference().unwrap();
        assert_eq!(request, RequestId(2));
        assert_eq!(player(&[Model::Pool]).first_difference(), None);
    }

    fn player(models: &[Model]) -> Player {
        Player::new(models.iter().map(|&model| Run::simulated(&book(), model)).collect())
    }

    fn shown(player: &Player) -> String {
        player.rows().map(|(_, world)| format!("{world:?}")).collect::<Vec<_>>().concat()
    }
}
