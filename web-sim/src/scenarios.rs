//! The scenarios that come with the page: the repository's own files, read from TOML when the page
//! is built.

use scheduler_model::scenario::{Load, Scenario, ScenarioError};
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
    /// # Errors
    ///
    /// Never: the file is part of the program, and the build has read it.
    pub(crate) fn load(self) -> Result<(Scenario, Option<u64>), ScenarioError> {
        let file = format!("{}.json", self.name());
        let (mut scenario, _) = Scenario::from_json(&file, self.text())?;
        let n = n_requests(&scenario);
        if let Load::Open { requests, .. } | Load::Closed { requests, .. } = &mut scenario.load {
            *requests = (*requests).min(PLAYED_MAX);
        }
        Ok((scenario, (n > PLAYED_MAX).then_some(n)))
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Book => include_str!(concat!(env!("OUT_DIR"), "/book.json")),
            Self::TenSleeps => include_str!(concat!(env!("OUT_DIR"), "/ten-sleeps.json")),
            Self::Fork => include_str!(concat!(env!("OUT_DIR"), "/fork.json")),
            Self::Flood => include_str!(concat!(env!("OUT_DIR"), "/flood.json")),
            Self::Drain => include_str!(concat!(env!("OUT_DIR"), "/drain.json")),
            Self::Panic => include_str!(concat!(env!("OUT_DIR"), "/panic.json")),
            Self::Resize => include_str!(concat!(env!("OUT_DIR"), "/resize.json")),
            Self::Mm4 => include_str!(concat!(env!("OUT_DIR"), "/mm4.json")),
            Self::Closed => include_str!(concat!(env!("OUT_DIR"), "/closed.json")),
            Self::OfLesson(lesson) => Self::text_of_lesson(lesson),
        }
    }

    const fn text_of_lesson(lesson: Lesson) -> &'static str {
        match lesson {
            Lesson::Sleep | Lesson::Threads => {
                include_str!(concat!(env!("OUT_DIR"), "/lessons/sleep.json"))
            }
            Lesson::Flood => include_str!(concat!(env!("OUT_DIR"), "/lessons/flood.json")),
            Lesson::Pool => Self::TenSleeps.text(),
            Lesson::Queue => include_str!(concat!(env!("OUT_DIR"), "/lessons/queue.json")),
            Lesson::Workers => include_str!(concat!(env!("OUT_DIR"), "/lessons/workers.json")),
            Lesson::Kept => include_str!(concat!(env!("OUT_DIR"), "/lessons/kept.json")),
            Lesson::Shutdown => Self::Drain.text(),
            Lesson::Panic => Self::Panic.text(),
            Lesson::ForkJoin => Self::Fork.text(),
            Lesson::Loop => include_str!(concat!(env!("OUT_DIR"), "/lessons/loop.json")),
            Lesson::Blocking => include_str!(concat!(env!("OUT_DIR"), "/lessons/blocking.json")),
            Lesson::Loops => include_str!(concat!(env!("OUT_DIR"), "/lessons/loops.json")),
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
            let (scenario, _) = shipped.load().unwrap();
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
