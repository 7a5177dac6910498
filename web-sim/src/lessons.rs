//! The lessons: thirteen stops, each with a scenario, a prediction to make, and what came of it.
//!
//! Here is what a lesson is about: which models are shown, where the cursor begins, which figure of
//! the run is asked for, and between which bounds each answer lies. So the run itself says which
//! answer is right. Words are not here: they are in `web-sim/texts`, one file a language, fetched
//! when a lesson is opened, and take their figures from the run as well ([`fill`]).

mod figure;
mod progress;
mod texts;

use scheduler_model::{Model, SimTime};

pub(crate) use figure::{Figure, Measure, Value};
pub(crate) use progress::Progress;
pub(crate) use texts::{Texts, fill};

/// A stop on the way from one thread to many loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lesson {
    Sleep,
    Threads,
    Flood,
    Pool,
    Queue,
    Workers,
    Kept,
    Shutdown,
    Panic,
    ForkJoin,
    Loop,
    Blocking,
    Loops,
}

/// What a lesson shows and asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop {
    /// The models side by side.
    pub(crate) models: &'static [Model],
    /// Where the cursor begins: after everything up to here; none: before the first event.
    pub(crate) begins: Option<SimTime>,
    /// The figure that is to be predicted.
    pub(crate) asks: Figure,
    /// Where one answer ends and the next begins, ascending and in the figure's own unit: there is
    /// one answer more than bounds. What never happens lies beyond them all.
    pub(crate) bounds: &'static [u64],
}

impl Lesson {
    /// All of them, in the order in which they are taught.
    pub(crate) const ALL: [Self; 13] = [
        Self::Sleep,
        Self::Threads,
        Self::Flood,
        Self::Pool,
        Self::Queue,
        Self::Workers,
        Self::Kept,
        Self::Shutdown,
        Self::Panic,
        Self::ForkJoin,
        Self::Loop,
        Self::Blocking,
        Self::Loops,
    ];

    /// Its name in links, in storage and in the files of texts.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sleep => "sleep",
            Self::Threads => "threads",
            Self::Flood => "flood",
            Self::Pool => "pool",
            Self::Queue => "queue",
            Self::Workers => "workers",
            Self::Kept => "kept",
            Self::Shutdown => "shutdown",
            Self::Panic => "panic",
            Self::ForkJoin => "fork-join",
            Self::Loop => "loop",
            Self::Blocking => "blocking",
            Self::Loops => "loops",
        }
    }

    /// Its place on the way, from 0.
    pub(crate) const fn place(self) -> usize {
        self as usize
    }

    /// The one after it.
    pub(crate) fn next(self) -> Option<Self> {
        Self::ALL.get(self.place() + 1).copied()
    }

    /// What it shows and asks.
    pub(crate) const fn stop(self) -> Stop {
        use Model::{Async, ForkJoin, Pool, Sharded, Single, Spawn};
        let start = None;
        let of = Figure::of;
        match self {
            Self::Sleep => Stop {
                models: &[Single],
                begins: start,
                asks: of(Single, Measure::Stay(3)),
                bounds: const { &[s(1), s(7)] },
            },
            Self::Threads => Stop {
                models: &[Single, Spawn],
                begins: start,
                asks: of(Spawn, Measure::Threads),
                bounds: &[2, 3],
            },
            Self::Flood => Stop {
                models: &[Spawn],
                begins: start,
                asks: of(Spawn, Measure::Answered),
                bounds: &[1, 40],
            },
            Self::Pool => Stop {
                models: &[Spawn, Pool],
                begins: start,
                asks: of(Pool, Measure::Stay(10)),
                bounds: const { &[s(8), s(30)] },
            },
            Self::Queue => Stop {
                models: &[Pool],
                begins: start,
                asks: of(Pool, Measure::Rejected),
                bounds: &[1, 12],
            },
            Self::Workers => Stop {
                models: &[Pool],
                begins: start,
                asks: of(Pool, Measure::Busy),
                bounds: &[35, 65],
            },
            Self::Kept => Stop {
                models: &[Single, Spawn],
                begins: start,
                asks: of(Single, Measure::Wait(2)),
                bounds: const { &[ms(10), s(10)] },
            },
            Self::Shutdown => Stop {
                models: &[Pool],
                // The server has just been told to stop.
                begins: Some(SimTime::from_nanos(ms(1_500))),
                asks: of(Pool, Measure::Answered),
                bounds: &[3, 5],
            },
            Self::Panic => Stop {
                models: &[Pool],
                begins: start,
                asks: of(Pool, Measure::Alive),
                bounds: &[1, 2],
            },
            Self::ForkJoin => Stop {
                models: &[Pool, ForkJoin],
                begins: start,
                asks: Figure::ratio(Pool, ForkJoin, Measure::Stay(1)),
                bounds: &[15, 28],
            },
            Self::Loop => Stop {
                models: &[Pool, Async],
                begins: start,
                asks: of(Async, Measure::Last),
                bounds: const { &[s(1), s(6)] },
            },
            Self::Blocking => Stop {
                models: &[Pool, Async],
                begins: start,
                asks: of(Async, Measure::Wait(5)),
                bounds: const { &[ms(1), ms(200)] },
            },
            Self::Loops => Stop {
                models: &[Async, Sharded],
                begins: start,
                asks: of(Sharded, Measure::Late),
                bounds: &[1, 8],
            },
        }
    }
}

impl Stop {
    /// How many answers there are to choose from.
    pub(crate) const fn n_answers(&self) -> usize {
        self.bounds.len() + 1
    }

    /// Which answer is right, from 0, by the runs of the lesson.
    pub(crate) fn right(&self, runs: &[std::rc::Rc<crate::run::Run>]) -> usize {
        let value = self.asks.value(runs).map_or(u64::MAX, Value::scalar);
        self.bounds.partition_point(|&bound| bound <= value)
    }
}

const fn ms(ms: u64) -> u64 {
    ms * 1_000_000
}

const fn s(s: u64) -> u64 {
    ms(s * 1_000)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
