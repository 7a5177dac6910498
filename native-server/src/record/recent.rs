//! The last events of a run, in memory: segments, each of which opens with the state before it.
//!
//! A trace can begin with any of them, and a reader who has fallen behind goes on where the memory
//! still reaches. It holds up to [`EVENTS_MAX`] events of 40 bytes, 40 MiB, and with each of
//! [`SEGMENTS_MAX`] segments a state, of some hundred bytes for each open connection. It is taken as
//! the run goes; a quiet server holds little.

use std::collections::VecDeque;
use std::sync::Arc;

use scheduler_model::{Event, EventKind, SimTime, Snapshot, World};

/// The last events.
#[derive(Debug, Default)]
pub struct Recent {
    /// The oldest first; the last one still grows. Readers hold on to them without a copy.
    segments: VecDeque<Arc<Segment>>,
    /// What held the events of the segment that was given up last: memory that is there already.
    spare: Vec<Event>,
}

/// Some events that follow one another.
#[derive(Clone, Debug)]
pub struct Segment {
    /// The state before the first.
    pub start: Snapshot,
    /// The events, in order.
    pub events: Vec<Event>,
}

impl Recent {
    /// Takes in what follows `before`, the state between two stimuli that all of it until now led
    /// to.
    pub(super) fn push(&mut self, before: &World, batch: &[Event]) {
        let is_full = self.segments.back().is_none_or(|last| last.events.len() >= SEGMENT_EVENTS);
        if is_full && let Ok(start) = Snapshot::new(before.clone()) {
            let mut events = std::mem::take(&mut self.spare);
            events.reserve_exact(SEGMENT_EVENTS + batch.len());
            self.segments.push_back(Arc::new(Segment { start, events }));
            if self.segments.len() > SEGMENTS_MAX
                && let Some(Ok(oldest)) = self.segments.pop_front().map(Arc::try_unwrap)
            {
                self.spare = oldest.events;
                self.spare.clear();
            }
        }
        if let Some(last) = self.segments.back_mut() {
            // A copy when somebody reads it just now.
            Arc::make_mut(last).events.extend_from_slice(batch);
        }
    }

    /// What is held from `at` on, and what comes before it in the same segment; all of it when that
    /// is later. Empty before the first event.
    pub fn since(&self, at: SimTime) -> Vec<Arc<Segment>> {
        let later = self.segments.partition_point(|segment| segment.start.world().now() <= at);
        self.segments.range(later.saturating_sub(1)..).cloned().collect()
    }

    /// The events from this `seq` on, some `n_max` of them: decisions follow their stimulus. `None`
    /// when they are not held any more.
    pub fn after(&self, next_seq: u64, n_max: usize) -> Option<Vec<Event>> {
        let later = self.segments.partition_point(|segment| segment.start.next_seq() <= next_seq);
        let Some(first) = later.checked_sub(1) else {
            return self.segments.is_empty().then(Vec::new);
        };
        let from = &self.segments[first];
        let skipped = usize::try_from(next_seq - from.start.next_seq()).unwrap_or(usize::MAX);
        let held = self.segments.range(first..).flat_map(|segment| &segment.events);
        let mut held = held.skip(skipped).peekable();
        let mut events: Vec<_> = held.by_ref().take(n_max).copied().collect();
        while let Some(decision) = held.next_if(|event| is_decision(event)) {
            events.push(*decision);
        }
        Some(events)
    }
}

/// Whether it follows from what is before it.
pub(super) const fn is_decision(event: &Event) -> bool {
    matches!(event.kind, EventKind::Decision(_))
}

/// Segments that are held at most.
pub const SEGMENTS_MAX: usize = 32;
/// When a segment has so many events, the next one begins.
const SEGMENT_EVENTS: usize = 32 << 10;
/// Events that are held at most, or nearly so: segments end with a batch.
pub const EVENTS_MAX: usize = SEGMENTS_MAX * SEGMENT_EVENTS;

#[cfg(test)]
mod tests {
    use scheduler_model::{Model, Scenario, Stimulus, TraceHeader, scenario::Server};

    use super::*;

    /// A run in which nothing but `AcceptFailed` and its timer happens, in batches of `n`.
    fn run(recent: &mut Recent, n_batches: usize, n: usize) -> World {
        let header = TraceHeader::recorded(Scenario::new("test", Server::new(Model::Pool)));
        let mut world = World::new(&header);
        for _ in 0..n_batches {
            let at = SimTime::from_nanos(world.counts().events);
            let event = Event::new(at, EventKind::Stimulus(Stimulus::AcceptFailed));
            let batch = vec![event; n];
            recent.push(&world, &batch);
            for event in &batch {
                world.apply(event).unwrap();
            }
        }
        world
    }

    #[test]
    fn what_is_held_is_bounded_and_opens_with_the_state_before_it() {
        let mut recent = Recent::default();
        let world = run(&mut recent, 2 * SEGMENTS_MAX, SEGMENT_EVENTS / 2 + 1);
        assert!(recent.segments.len() <= SEGMENTS_MAX);
        let all = recent.since(SimTime::ZERO);
        let held: usize = all.iter().map(|segment| segment.events.len()).sum();
        assert_eq!(all[0].start.next_seq() + held as u64, world.counts().events + 1);
        let last = recent.since(world.now());
        assert_eq!(last.len(), 1);
        assert!(last[0].start.next_seq() > all[0].start.next_seq());
    }

    #[test]
    fn who_has_fallen_behind_is_told_so() {
        let mut recent = Recent::default();
        assert_eq!(recent.after(1, 10).map(|events| events.len()), Some(0));
        let world = run(&mut recent, 2 * SEGMENTS_MAX + 2, SEGMENT_EVENTS);
        assert!(recent.after(1, 10).is_none());
        let next = world.counts().events + 1;
        assert_eq!(recent.after(next, 10).map(|events| events.len()), Some(0));
        assert_eq!(recent.after(next - 20, 10).map(|events| events.len()), Some(10));
        assert_eq!(recent.after(next - 5, 10).map(|events| events.len()), Some(5));
        let over_two = next - SEGMENT_EVENTS as u64 - 5;
        assert_eq!(recent.after(over_two, 10).map(|events| events.len()), Some(10));
    }
}
