//! The parameters of an address: what each may be, and what it is written as.
//!
//! `docs/EMBEDDING.md` has a row for each; a test reads it.

use scheduler_model::scenario::{MachineConfig, OnFull, QueueBound, Ranged, Server};
use scheduler_model::{Model, RequestId, RouteId, SimTime, Span};

use super::{Query, Resize, Sent, Theme};
use crate::lessons::Lesson;
use crate::messages::Language;
use crate::scenarios::{REQUESTS_MAX, Shipped};
use crate::session::Speed;

/// A parameter of the page's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parameter {
    Embed,
    Resize,
    Scenario,
    Lesson,
    Model,
    Step,
    Seed,
    Cores,
    ContextSwitch,
    Spawn,
    Dispatch,
    Accept,
    Workers,
    Queue,
    OnFull,
    Sent,
    Request,
    Speed,
    Lang,
    Theme,
}

impl Parameter {
    /// All of them, in the order in which a link has them.
    pub(crate) const ALL: [Self; 20] = [
        Self::Embed,
        Self::Resize,
        Self::Scenario,
        Self::Lesson,
        Self::Model,
        Self::Step,
        Self::Seed,
        Self::Cores,
        Self::ContextSwitch,
        Self::Spawn,
        Self::Dispatch,
        Self::Accept,
        Self::Workers,
        Self::Queue,
        Self::OnFull,
        Self::Sent,
        Self::Request,
        Self::Speed,
        Self::Lang,
        Self::Theme,
    ];

    /// Its name in links.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Embed => "embed",
            Self::Resize => "resize",
            Self::Scenario => "scenario",
            Self::Lesson => "lesson",
            Self::Model => "model",
            Self::Step => "step",
            Self::Seed => "seed",
            Self::Cores => "cores",
            Self::ContextSwitch => "context-switch-us",
            Self::Spawn => "spawn-us",
            Self::Dispatch => "dispatch-us",
            Self::Accept => "accept-us",
            Self::Workers => "workers",
            Self::Queue => "queue",
            Self::OnFull => "on-full",
            Self::Sent => "sent",
            Self::Request => "request",
            Self::Speed => "speed",
            Self::Lang => "lang",
            Self::Theme => "theme",
        }
    }

    /// The parameter of this name, if there is one.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|parameter| parameter.name() == name)
    }

    /// Takes a value into the query.
    ///
    /// # Errors
    ///
    /// What is allowed, where the value is not; the query is as it was then.
    pub(super) fn take(self, query: &mut Query, value: &str) -> Result<(), String> {
        let changes = &mut query.changes;
        match self {
            Self::Embed => query.embed = one_of(value, [("0", false), ("1", true)])?,
            Self::Resize => query.resize = one_of(value, Resize::ALL.map(|one| (one.name(), one)))?,
            Self::Scenario => {
                let all = Shipped::ALL.map(|shipped| (shipped.name(), shipped));
                // Nobody need know which of them are lessons.
                let mut lessons = Lesson::ALL.into_iter().filter(|lesson| lesson.name() == value);
                let of_lesson = lessons.next().map(Shipped::OfLesson);
                let found = one_of(value, all).or_else(|allowed| of_lesson.ok_or(allowed));
                query.scenario = Some(found?);
            }
            Self::Lesson => {
                let all = Lesson::ALL.map(|lesson| (lesson.name(), lesson));
                query.lesson = Some(one_of(value, all)?);
            }
            Self::Model => {
                let all = Model::ALL.map(|model| (model.name(), model));
                let asked: Vec<_> =
                    value.split(',').map(|name| one_of(name, all)).collect::<Result<_, _>>()?;
                let known = std::mem::take(&mut query.models);
                let shown = |model: &Model| asked.contains(model) || known.contains(model);
                query.models = Model::ALL.into_iter().filter(shown).collect();
            }
            Self::Step => query.step = Some(whole(value, 0, u32::MAX.into())?),
            Self::Seed => changes.seed = Some(whole(value, 0, SEED_MAX)?),
            Self::Cores => {
                let (min, max) = ends(MachineConfig::default().cores);
                changes.cores = Some(whole(value, min, max)?);
            }
            Self::ContextSwitch => changes.context_switch = Some(micros(value)?),
            Self::Spawn => changes.spawn = Some(micros(value)?),
            Self::Dispatch => changes.dispatch = Some(micros(value)?),
            Self::Accept => changes.accept = Some(micros(value)?),
            Self::Workers => {
                let (min, max) = ends(Server::new(Model::Pool).workers);
                changes.workers = Some(whole(value, min, max)?);
            }
            Self::Queue if value == UNBOUNDED => changes.queue = Some(QueueBound::Unbounded),
            Self::Queue => {
                let bound = whole(value, 0, QUEUE_MAX)
                    .map_err(|allowed| format!("{allowed}, {UNBOUNDED}"))?;
                changes.queue = Some(QueueBound::Bounded(Ranged::clamped(bound)));
            }
            Self::OnFull => {
                changes.on_full = Some(one_of(value, OnFull::ALL.map(|one| (one.name(), one)))?);
            }
            Self::Sent => query.sent.extend(sent(value).ok_or(SENT_ALLOWED)?),
            Self::Request => query.request = Some(RequestId(whole(value, 1, REQUESTS_MAX)?)),
            Self::Speed => {
                let all = Speed::ALL.map(|(name, _)| name);
                let place = all.iter().position(|&name| name == value);
                query.speed = Speed::at(place.ok_or_else(|| all.join(", "))?);
            }
            Self::Lang => {
                let all = Language::ALL.map(|language| (language.tag(), language));
                query.language = Some(one_of(value, all)?);
            }
            Self::Theme => {
                query.theme = Some(one_of(value, Theme::ALL.map(|theme| (theme.name(), theme)))?);
            }
        }
        Ok(())
    }

    /// Its value in a link; `None` where it is what it would be anyway.
    pub(super) fn write(self, query: &Query) -> Option<String> {
        let changes = &query.changes;
        match self {
            Self::Embed => query.embed.then(|| "1".to_owned()),
            Self::Resize => {
                (query.resize != Resize::default()).then(|| query.resize.name().to_owned())
            }
            Self::Scenario => query.scenario.map(|shipped| shipped.name().to_owned()),
            Self::Lesson => query.lesson.map(|lesson| lesson.name().to_owned()),
            Self::Model => {
                let names: Vec<_> = query.models.iter().map(|model| model.name()).collect();
                (!names.is_empty()).then(|| names.join(","))
            }
            Self::Step => query.step.map(|step| step.to_string()),
            Self::Seed => changes.seed.map(|seed| seed.to_string()),
            Self::Cores => changes.cores.map(|cores| cores.to_string()),
            Self::ContextSwitch => changes.context_switch.map(in_micros),
            Self::Spawn => changes.spawn.map(in_micros),
            Self::Dispatch => changes.dispatch.map(in_micros),
            Self::Accept => changes.accept.map(in_micros),
            Self::Workers => changes.workers.map(|workers| workers.to_string()),
            Self::Queue => changes.queue.map(|queue| {
                queue.max().map_or_else(|| UNBOUNDED.to_owned(), |bound| bound.to_string())
            }),
            Self::OnFull => changes.on_full.map(|policy| policy.name().to_owned()),
            Self::Sent => {
                let all: Vec<_> = query.sent.iter().copied().map(written).collect();
                (!all.is_empty()).then(|| all.join(","))
            }
            Self::Request => query.request.map(|RequestId(number)| number.to_string()),
            Self::Speed => (query.speed != Speed::default()).then(|| query.speed.name().to_owned()),
            Self::Lang => query.language.map(|language| language.tag().to_owned()),
            Self::Theme => query.theme.map(|theme| theme.name().to_owned()),
        }
    }
}

/// The value with this name.
fn one_of<T: Copy, const N: usize>(value: &str, all: [(&str, T); N]) -> Result<T, String> {
    let found = all.iter().find(|(name, _)| *name == value).map(|&(_, found)| found);
    found.ok_or_else(|| all.map(|(name, _)| name).join(", "))
}

/// A whole number within these bounds.
fn whole<T: TryFrom<u64>>(value: &str, min: u64, max: u64) -> Result<T, String> {
    let number = value.parse::<u64>().ok().filter(|number| (min..=max).contains(number));
    number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| format!("{min}..={max}"))
}

/// Microseconds, to the nanosecond.
fn micros(value: &str) -> Result<Span, String> {
    let allowed = || format!("0..={COST_US_MAX}, with three decimals at most");
    let (us, ns) = value.split_once('.').unwrap_or((value, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(us) || !is_digits(ns) || ns.len() > 3 {
        return Err(allowed());
    }
    let us: u64 = us.parse().map_err(|_| allowed())?;
    let ns: u64 = format!("{ns:0<3}").parse().map_err(|_| allowed())?;
    let span = us.checked_mul(1000).map(|us| us + ns).filter(|&ns| ns <= COST_US_MAX * 1000);
    span.map(Span::from_nanos).ok_or_else(allowed)
}

fn in_micros(span: Span) -> String {
    let (us, ns) = (span.as_nanos() / 1000, span.as_nanos() % 1000);
    if ns == 0 { us.to_string() } else { format!("{us}.{ns:03}").trim_end_matches('0').to_owned() }
}

/// The ends of a range that is part of a type.
fn ends<const MIN: u32, const MAX: u32>(_: Ranged<MIN, MAX>) -> (u64, u64) {
    (MIN.into(), MAX.into())
}

/// `ROUTE@NANOSECONDS`, with `xCOUNT` where it is more than one, separated by commas.
fn sent(value: &str) -> Option<Vec<Sent>> {
    let one = |text: &str| {
        let (route, rest) = text.split_once('@')?;
        let (at, count) = rest.split_once('x').unwrap_or((rest, "1"));
        let at = at.parse().ok().filter(|&at| at <= SENT_AT_NS_MAX)?;
        Some(Sent {
            at: SimTime::from_nanos(at),
            route: RouteId(route.parse().ok()?),
            count: whole(count, 1, REQUESTS_MAX).ok()?,
        })
    };
    value.split(',').map(one).collect()
}

fn written(Sent { at, route, count }: Sent) -> String {
    let (route, at) = (route.0, at.as_nanos());
    if count == 1 { format!("{route}@{at}") } else { format!("{route}@{at}x{count}") }
}

const UNBOUNDED: &str = "unbounded";
/// As in a scenario's file.
const SEED_MAX: u64 = i64::MAX as u64;
/// As in a scenario's file.
const QUEUE_MAX: u64 = 1_000_000;
/// A second: beyond it nothing else would be seen.
const COST_US_MAX: u64 = 1_000_000;
/// A day of virtual time: beyond it nobody looks, and sums of times stay far from overflow.
const SENT_AT_NS_MAX: u64 = 86_400_000_000_000;
const SENT_ALLOWED: &str = "ROUTE@NANOSECONDS or ROUTE@NANOSECONDSxCOUNT, separated by commas";
