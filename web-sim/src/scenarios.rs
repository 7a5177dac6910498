//! The scenarios that come with the page: the repository's own files, read from TOML when the page
//! is built.

use scheduler_model::scenario::{Load, Scenario};
use scheduler_model::wire::Take;
use scheduler_model::{Model, SimTime};

use crate::lessons::Lesson;

/// A scenario that comes with the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shipped {
    Book,
    TenSleeps,
    Fork,
    Flood,
    Drain,
    Panic,
    Resize,
    Mm4,
    Closed,
    /// What a lesson shows, offered by the lesson alone.
    OfLesson(Lesson),
}

impl Shipped {
    /// All that are offered by themselves, in that order.
    pub(crate) const ALL: [Self; 9] = [
        Self::Book,
        Self::TenSleeps,
        Self::Fork,
        Self::Flood,
        Self::Drain,
        Self::Panic,
        Self::Resize,
        Self::Mm4,
        Self::Closed,
    ];

    /// Its name in links: the name of its file, or of the lesson.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Book => "book",
            Self::TenSleeps => "ten-sleeps",
            Self::Fork => "fork",
            Self::Flood => "flood",
            Self::Drain => "drain",
            Self::Panic => "panic",
            Self::Resize => "resize",
            Self::Mm4 => "mm4",
            Self::Closed => "closed",
            Self::OfLesson(lesson) => lesson.name(),
        }
    }

    /// The models that show what it is about, side by side.
    pub(crate) const fn models(self) -> &'static [Model] {
        match self {
            Self::Book => &[Model::Single, Model::Spawn],
            Self::Fork => &[Model::Pool, Model::ForkJoin],
            Self::TenSleeps | Self::Flood => &[Model::Spawn, Model::Pool],
            Self::Drain | Self::Panic | Self::Resize | Self::Mm4 | Self::Closed => &[Model::Pool],
            Self::OfLesson(lesson) => lesson.stop().models,
        }
    }

    /// The moment at which it is opened; none: before the first event.
    pub(crate) const fn begins(self) -> Option<SimTime> {
        match self {
            Self::OfLesson(lesson) => lesson.stop().begins,
            _ => None,
        }
    }

    /// The scenario, and how many requests its file asks for where those are more than a page can
    /// play; it has the first [`PLAYED_MAX`] of them then.
    ///
    /// # Panics
    ///
    /// Never: the bytes were written when this was built.
    pub(crate) fn load(self) -> (Scenario, Option<u64>) {
        let mut scenario = Scenario::from_wire(self.bytes()).expect("the build wrote a scenario");
        let n = n_requests(&scenario);
        if let Load::Open { requests, .. } | Load::Closed { requests, .. } = &mut scenario.load {
            *requests = (*requests).min(PLAYED_MAX);
        }
        (scenario, (n > PLAYED_MAX).then_some(n))
    }

    const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Book => include_bytes!(concat!(env!("OUT_DIR"), "/book.wire")),
            Self::TenSleeps => include_bytes!(concat!(env!("OUT_DIR"), "/ten-sleeps.wire")),
            Self::Fork => include_bytes!(concat!(env!("OUT_DIR"), "/fork.wire")),
            Self::Flood => include_bytes!(concat!(env!("OUT_DIR"), "/flood.wire")),
            Self::Drain => include_bytes!(concat!(env!("OUT_DIR"), "/drain.wire")),
            Self::Panic => include_bytes!(concat!(env!("OUT_DIR"), "/panic.wire")),
            Self::Resize => include_bytes!(concat!(env!("OUT_DIR"), "/resize.wire")),
            Self::Mm4 => include_bytes!(concat!(env!("OUT_DIR"), "/mm4.wire")),
            Self::Closed => include_bytes!(concat!(env!("OUT_DIR"), "/closed.wire")),
            Self::OfLesson(lesson) => Self::bytes_of_lesson(lesson),
        }
    }

    const fn bytes_of_lesson(lesson: Lesson) -> &'static [u8] {
        match lesson {
            Lesson::Sleep | Lesson::Threads => {
                include_bytes!(concat!(env!("OUT_DIR"), "/lessons/sleep.wire"))
            }
            Lesson::Flood => include_bytes!(concat!(env!("OUT_DIR"), "/lessons/flood.wire")),
            Lesson::Pool => Self::TenSleeps.bytes(),
            Lesson::Queue => include_bytes!(concat!(env!("OUT_DIR"), "/lessons/queue.wire")),
            Lesson::Workers => include_bytes!(concat!(env!("OUT_DIR"), "/lessons/workers.wire")),
            Lesson::Kept => include_bytes!(concat!(env!("OUT_DIR"), "/lessons/kept.wire")),
            Lesson::Shutdown => Self::Drain.bytes(),
            Lesson::Panic => Self::Panic.bytes(),
            Lesson::ForkJoin => Self::Fork.bytes(),
            Lesson::Loop => include_bytes!(concat!(env!("OUT_DIR"), "/lessons/loop.wire")),
            Lesson::Blocking => include_bytes!(concat!(env!("OUT_DIR"), "/lessons/blocking.wire")),
            Lesson::Loops => include_bytes!(concat!(env!("OUT_DIR"), "/lessons/loops.wire")),
        }
    }
}

/// What a reader's browser can be asked to simulate in one go.
pub(crate) const REQUESTS_MAX: u64 = 100_000;

/// How many requests of a scenario that comes with the page are played: a reader should not wait
/// for more, and what they teach is seen long before.
pub(crate) const PLAYED_MAX: u64 = 20_000;

/// How many requests a scenario's load makes.
pub(crate) fn n_requests(scenario: &Scenario) -> u64 {
    match &scenario.load {
        Load::None => 0,
        Load::Listed(listed) => listed.iter().map(|arrival| u64::from(arrival.count.get())).sum(),
        Load::Replayed(replayed) => replayed.len() as u64,
        Load::Open { requests, .. } | Load::Closed { requests, .. } => *requests,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use scheduler_model::scenario::{Arrival, Ranged, RequestKind, Server};
    use scheduler_model::{RouteId, SimTime, Span};

    use super::*;

    #[test]
    fn every_scenario_that_comes_with_the_page_is_one() {
        for shipped in Shipped::ALL {
            let (scenario, _) = shipped.load();
            assert!(n_requests(&scenario) <= REQUESTS_MAX, "{shipped:?}");
            assert!(!scenario.requests.is_empty());
            assert!(!shipped.models().is_empty());
        }
    }

    /// The book's experiment: one `/sleep` of 300 ms, then two `/`.
    pub(crate) fn book() -> Scenario {
        let mut scenario = Scenario::new("book", Server::new(Model::Pool));
        scenario.requests = RequestKind::of_the_book(Span::from_millis(300));
        scenario.load = Load::Listed(vec![arrival(0, 1, 1), arrival(50, 0, 1), arrival(100, 0, 1)]);
        scenario
    }

    /// Five hundred sleepers at once.
    pub(crate) fn flood() -> Scenario {
        let mut scenario = book();
        scenario.load = Load::Listed(vec![arrival(0, 1, 500), arrival(1, 0, 20)]);
        scenario
    }

    fn arrival(at_ms: u64, route: u16, count: u64) -> Arrival {
        Arrival {
            at: SimTime::from_nanos(at_ms * 1_000_000),
            route: RouteId(route),
            count: Ranged::clamped(count),
        }
    }
}
