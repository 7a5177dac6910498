//! A figure of a lesson: what a sentence says, and what a prediction is judged by, read off the runs.
//!
//! In texts it stands as `MODEL.MEASURE`, with the request it is about after another dot
//! (`single.wait.2`), or with two models for how many times as much the first has
//! (`pool/fork-join.stay.1`).

use std::rc::Rc;

use scheduler_model::scenario::{Distribution, Load};
use scheduler_model::{Model, Outcome, RequestId, Scenario, SimTime, Span};

use crate::number::NumberFormat;
use crate::run::{Life, Run};

/// A figure of one run, or of one run over another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figure {
    model: Model,
    /// Divided by that of this model.
    over: Option<Model>,
    measure: Measure,
}

/// What is measured. Some are the scenario's, most are counted over the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Threads that are there in the end.
    Alive,
    Answered,
    /// Requests in service, on average until the last arrival.
    Busy,
    Cores,
    /// The most CPU time that a request needs by its scenario.
    Cpu,
    Failed,
    /// When the last request was answered.
    Last,
    /// Requests that waited for 100 ms or longer.
    Late,
    /// What the computer has for stacks.
    Memory,
    /// Requests in service on average by Little's law: the rate times the longest sleep.
    Offered,
    /// How many may wait in the run queue.
    Queue,
    /// Arrivals a second, by the scenario.
    Rate,
    Rejected,
    /// Requests that arrived.
    Requests,
    /// The longest time that a request sleeps by its scenario.
    Sleep,
    /// The memory of one stack.
    Stack,
    /// The most memory that stacks took.
    Stacks,
    /// From this request's arrival to its answer.
    Stay(u64),
    /// The most threads at once.
    Threads,
    /// From this request's arrival to the start of its service.
    Wait(u64),
    /// The most requests in the run queue at once.
    Waiting,
    Workers,
}

/// A figure's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Count(u64),
    /// In KiB.
    Memory(u64),
    Tenths(u64),
    Time(Span),
}

impl Figure {
    /// A figure of one model's run.
    pub(crate) const fn of(model: Model, measure: Measure) -> Self {
        Self { model, over: None, measure }
    }

    /// How many times as much as under `over` it is under `model`.
    pub(crate) const fn ratio(model: Model, over: Model, measure: Measure) -> Self {
        Self { model, over: Some(over), measure }
    }

    /// The figure that a text names; `None` where that is no figure.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (models, rest) = text.split_once('.')?;
        let (measure, request) = match rest.split_once('.') {
            Some((measure, request)) => (measure, Some(request.parse().ok()?)),
            None => (rest, None),
        };
        let model = |name: &str| Model::ALL.into_iter().find(|model| model.name() == name);
        let (one, over) = match models.split_once('/') {
            Some((one, over)) => (one, Some(model(over)?)),
            None => (models, None),
        };
        Some(Self { model: model(one)?, over, measure: Measure::named(measure, request)? })
    }

    /// Its value; `None` where the run has none: a model that does not run, a request that never
    /// came or was never answered.
    pub(crate) fn value(self, runs: &[Rc<Run>]) -> Option<Value> {
        let of = |model| {
            let run = runs.iter().find(|run| run.model() == model)?;
            self.measure.of(run)
        };
        let value = of(self.model)?;
        let Some(over) = self.over else { return Some(value) };
        let over = of(over)?.scalar();
        Some(Value::Tenths((value.scalar() * 10 + over / 2).checked_div(over)?))
    }
}

impl Measure {
    fn named(name: &str, request: Option<u64>) -> Option<Self> {
        match (name, request) {
            ("stay", Some(request)) => return Some(Self::Stay(request)),
            ("wait", Some(request)) => return Some(Self::Wait(request)),
            (_, Some(_)) => return None,
            (_, None) => {}
        }
        let all = [
            ("alive", Self::Alive),
            ("answered", Self::Answered),
            ("busy", Self::Busy),
            ("cores", Self::Cores),
            ("cpu", Self::Cpu),
            ("failed", Self::Failed),
            ("last", Self::Last),
            ("late", Self::Late),
            ("memory", Self::Memory),
            ("offered", Self::Offered),
            ("queue", Self::Queue),
            ("rate", Self::Rate),
            ("rejected", Self::Rejected),
            ("requests", Self::Requests),
            ("sleep", Self::Sleep),
            ("stack", Self::Stack),
            ("stacks", Self::Stacks),
            ("threads", Self::Threads),
            ("waiting", Self::Waiting),
            ("workers", Self::Workers),
        ];
        all.into_iter().find(|(known, _)| *known == name).map(|(_, measure)| measure)
    }

    fn of(self, run: &Run) -> Option<Value> {
        let scenario = run.scenario();
        let lives = run.history().requests();
        let ended = |outcome| {
            let left = lives.iter().filter(|life| ended_so(life, outcome));
            Value::Count(left.count() as u64)
        };
        let life = |request| run.history().request(RequestId(request));
        let end = || run.world_after(usize::MAX);
        let threads_most = || end().counts().threads_peak;
        let stack = u64::from(scenario.machine.stack_kib.get());
        Some(match self {
            Self::Alive => Value::Count(end().n_workers() as u64),
            Self::Answered => ended(Outcome::Answered),
            Self::Busy => busy(lives)?,
            Self::Cores => Value::Count(scenario.machine.cores.get().into()),
            Self::Cpu => Value::Time(scenario.requests.iter().map(|one| longest(&one.cpu)).max()?),
            Self::Failed => ended(Outcome::Failed),
            Self::Last => {
                let answered = lives.iter().filter(|life| ended_so(life, Outcome::Answered));
                let last = answered.filter_map(|life| life.end.map(|(_, at, _)| at)).max()?;
                Value::Time(last.since(SimTime::ZERO))
            }
            Self::Late => {
                let waited = lives.iter().map(|life| life.waiting_until(run.end()));
                Value::Count(waited.filter(|&waited| waited >= LATE).count() as u64)
            }
            Self::Memory => Value::Memory(u64::from(scenario.machine.memory_mib.get()) * 1024),
            Self::Offered => {
                let (Value::Tenths(rate), Value::Time(sleep)) = (rate(scenario)?, sleep(scenario)?)
                else {
                    return None;
                };
                Value::Tenths(rate * sleep.as_nanos() / SECOND_NS)
            }
            Self::Queue => Value::Count(scenario.server.queue.max()?.into()),
            Self::Rate => rate(scenario)?,
            Self::Rejected => ended(Outcome::Rejected),
            Self::Requests => Value::Count(lives.len() as u64),
            Self::Sleep => sleep(scenario)?,
            Self::Stack => Value::Memory(stack),
            Self::Stacks => Value::Memory(threads_most() * stack),
            Self::Stay(request) => {
                let life = life(request).filter(|life| ended_so(life, Outcome::Answered))?;
                Value::Time(life.end?.1.since(life.arrived))
            }
            Self::Threads => Value::Count(threads_most()),
            Self::Wait(request) => {
                let life = life(request)?;
                Value::Time(life.started?.since(life.arrived))
            }
            Self::Waiting => Value::Count(end().counts().run_queue_peak),
            Self::Workers => Value::Count(scenario.server.workers.get().into()),
        })
    }
}

impl Value {
    /// As one number: nanoseconds, KiB, tenths or a count.
    pub(crate) const fn scalar(self) -> u64 {
        match self {
            Self::Count(n) | Self::Memory(n) | Self::Tenths(n) => n,
            Self::Time(span) => span.as_nanos(),
        }
    }

    /// As a sentence says it.
    pub(crate) fn shown(self, numbers: &NumberFormat) -> String {
        match self {
            Self::Count(n) => numbers.count(n),
            Self::Memory(kib) => numbers.memory(kib),
            Self::Tenths(n) if n % 10 == 0 => numbers.count(n / 10),
            Self::Tenths(n) => format!("{}{}{}", numbers.count(n / 10), numbers.decimal, n % 10),
            Self::Time(span) if span.as_nanos().is_multiple_of(SECOND_NS) => {
                format!("{}\u{a0}{}", numbers.count(span.as_nanos() / SECOND_NS), numbers.seconds)
            }
            Self::Time(span) => numbers.span(span),
        }
    }
}

fn ended_so(life: &Life, outcome: Outcome) -> bool {
    matches!(life.end, Some((_, _, Some(end))) if end == outcome)
}

/// Time in service of all requests together, over the time in which they came: what follows the last
/// arrival is only the end.
fn busy(lives: &[Life]) -> Option<Value> {
    let until = lives.last()?.arrived;
    let served = lives.iter().filter_map(|life| {
        let end = life.end.map_or(until, |(_, at, _)| at.min(until));
        Some(end.since(life.started?).as_nanos())
    });
    let served: u64 = served.sum();
    let time = until.since(SimTime::ZERO).as_nanos();
    Some(Value::Tenths((served * 10 + time / 2).checked_div(time)?))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate in a scenario is above 0, and far below what a u64 holds"
)]
fn rate(scenario: &Scenario) -> Option<Value> {
    let Load::Open { rate_per_s, .. } = &scenario.load else { return None };
    Some(Value::Tenths((rate_per_s * 10.0).round() as u64))
}

fn sleep(scenario: &Scenario) -> Option<Value> {
    scenario.requests.iter().map(|one| longest(&one.sleep)).max().map(Value::Time)
}

/// The mean, of what is drawn.
fn longest(time: &Distribution) -> Span {
    match time {
        Distribution::Constant(span) | Distribution::Exponential(span) => *span,
        Distribution::Uniform(_, most) => *most,
        Distribution::Hyperexponential(branches) => {
            branches.iter().map(|(mean, _)| *mean).max().unwrap_or_default()
        }
    }
}

/// Longer than any turn that a loop or a worker takes for a quick request.
const LATE: Span = Span::from_millis(100);
const SECOND_NS: u64 = 1_000_000_000;
