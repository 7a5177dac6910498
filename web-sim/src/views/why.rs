//! Why a request waits, what it waited for once it waits no more, and what became of it under the
//! other models.

mod link;

use std::rc::Rc;

use scheduler_model::{
    Cause, Model, Outcome, RequestId, SimTime, Span, WorkerId, WorkerState, World, chain,
};

use super::events::path_of;
use super::{RunName, ThreadName};
use crate::player::Player;
use crate::run::{Duty, Life, Run, Waited};
pub(crate) use link::{Hold, Link};

/// A request in the system, and why it is where it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Why {
    /// Under which model.
    pub(crate) model: Model,
    pub(crate) request: RequestId,
    pub(crate) path: String,
    /// Whether its service has yet to start.
    pub(crate) waits: bool,
    /// How long it has waited, or has been served.
    pub(crate) time: Span,
    pub(crate) reason: Reason,
    /// What the reason leaves untold of the chain from there to the root.
    pub(crate) links: Vec<Link>,
    /// What it waited for, when it was asked about and waits no more.
    pub(crate) waited: Option<Rc<Waited>>,
    /// How it fares under the other models.
    pub(crate) elsewhere: Vec<(RunName, Fate)>,
}

/// Why it is where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Asleep { thread: ThreadName, until: Option<SimTime> },
    Dispatched { thread: ThreadName },
    Joining { thread: ThreadName },
    NotAccepting { ahead: u64, queued: u64, held: Held },
    OnTimer,
    Running { thread: ThreadName },
    ThreadStarting { thread: ThreadName },
    WaitsForCore { thread: ThreadName, running: u64, cores: u64 },
    WaitsForWorker { ahead: u64, held: Held },
}

/// Who holds the workers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// How many workers there are.
    pub(crate) workers: u64,
    /// How many of them sleep in a handler, and how many do something else.
    pub(crate) blocked: u64,
    pub(crate) working: u64,
    /// The one that will be free first, as far as that is known.
    pub(crate) first: Option<Holder>,
    /// A few of the requests that are asleep, in order of threads.
    pub(crate) sleepers: Vec<RequestId>,
}

/// A worker that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) thread: ThreadName,
    pub(crate) state: WorkerState,
    pub(crate) request: Option<RequestId>,
    pub(crate) path: String,
    /// When it will be through, in this run.
    pub(crate) until: Option<SimTime>,
}

/// How a request fares at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It has not arrived.
    NotYet,
    Waiting(Span),
    Served {
        asleep: bool,
    },
    /// It has left, after having waited this long.
    Left {
        outcome: Outcome,
        waited: Span,
    },
}

/// A request that was asked about and has left: how, and what it had waited for, by model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) request: RequestId,
    /// No outcome for a turn without a request.
    pub(crate) ends: Vec<(RunName, Option<Outcome>, Rc<Waited>)>,
}

/// What there is to say at a moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Panel {
    /// Nothing has happened yet.
    Beginning,
    /// The request that matters most, or that was asked about.
    Why(Box<Why>),
    /// The request that was asked about has left.
    Left(Left),
    /// Requests may be in the system, but none waits.
    NobodyWaits,
    /// All requests have left; the longest that one waited, by model.
    Over { arrived: u64, answered: u64, longest: Vec<(RunName, Span)> },
}

/// What there is to say; `selected` was asked about.
pub(crate) fn panel(player: &Player, selected: Option<RequestId>) -> Panel {
    if let Some(request) = selected {
        if let Some(why) = of_request(player, request) {
            return Panel::Why(Box::new(why));
        }
        if let Some(left) = left(player, request) {
            return Panel::Left(left);
        }
    }
    if player.cursor() == 0 && player.moment() == player.begin() {
        return Panel::Beginning;
    }
    let oldest = player
        .rows()
        .enumerate()
        .filter_map(|(row, (_, world))| Some((waiting_longest(world)?, row)))
        .min();
    match oldest {
        Some(((_, request), row)) => match why(player, row, request) {
            Some(why) => Panel::Why(Box::new(why)),
            None => Panel::NobodyWaits,
        },
        None if player.is_at_end() => over(player),
        None => Panel::NobodyWaits,
    }
}

/// Why a request is where it is, in the first run in which it waits, or else is at all.
fn of_request(player: &Player, request: RequestId) -> Option<Why> {
    let all = (0..player.runs().len()).filter_map(|row| Some((row, why(player, row, request)?)));
    let (row, mut why) = all.min_by_key(|(row, why)| (!why.waits, *row))?;
    if !why.waits {
        why.waited = player.runs()[row].waited(request);
    }
    Some(why)
}

/// What became of a request, when it has left every run that it had come to.
fn left(player: &Player, request: RequestId) -> Option<Left> {
    let ends = player.runs().iter().enumerate().filter_map(|(row, run)| {
        let (by, _, outcome) = run.history().request(request)?.end?;
        let has_left = by < player.done_of(row);
        has_left.then(|| Some((RunName::of(run), outcome, run.waited(request)?)))?
    });
    let ends: Vec<_> = ends.collect();
    (!ends.is_empty()).then_some(Left { request, ends })
}

/// The request that has waited longest in this run, with its arrival. One that a decision is due
/// on at this very instant does not wait yet.
fn waiting_longest(world: &World) -> Option<(SimTime, RequestId)> {
    world
        .requests()
        .find(|request| request.started.is_none() && request.place != scheduler_model::Place::Door)
        .map(|request| (request.arrived, request.id))
}

fn why(player: &Player, row: usize, id: RequestId) -> Option<Why> {
    let (run, world) = player.rows().nth(row)?;
    let chain = chain(world, id);
    let explanation = chain.first()?;
    let model = run.model();
    let name = |worker| ThreadName::of(model, worker);
    let now = player.moment();
    let reason = match &explanation.cause {
        Cause::Asleep { worker, .. } => {
            Reason::Asleep { thread: name(*worker), until: busy_until(run, *worker, now) }
        }
        Cause::Dispatched { worker } => Reason::Dispatched { thread: name(*worker) },
        Cause::NotAccepting { ahead, queued, .. } => {
            Reason::NotAccepting { ahead: *ahead, queued: *queued, held: held(run, world, now) }
        }
        Cause::Joining { worker, .. } => Reason::Joining { thread: name(*worker) },
        Cause::OnTimer { .. } => Reason::OnTimer,
        Cause::Running { worker } => Reason::Running { thread: name(*worker) },
        Cause::ThreadStarting { worker } => Reason::ThreadStarting { thread: name(*worker) },
        Cause::WaitsForCore { worker, running, cores } => {
            Reason::WaitsForCore { thread: name(*worker), running: *running, cores: *cores }
        }
        Cause::WaitsForWorker { ahead, .. } => {
            Reason::WaitsForWorker { ahead: *ahead, held: held(run, world, now) }
        }
    };
    let mut links = link::links(model, &chain);
    if link::are_told(&links) {
        links.clear();
    }
    let since = explanation.request.started.unwrap_or(explanation.request.arrived);
    Some(Why {
        model,
        request: id,
        path: path_of(run, id),
        waits: explanation.waits(),
        time: now.since(since),
        reason,
        links,
        waited: None,
        elsewhere: elsewhere(player, row, id),
    })
}

fn held(run: &Run, world: &World, now: SimTime) -> Held {
    let mut held = Held { workers: world.n_workers() as u64, ..Held::default() };
    for worker in world.workers() {
        match worker.state {
            WorkerState::Blocked => {
                held.blocked += 1;
                if held.sleepers.len() < SLEEPERS_MAX {
                    held.sleepers.extend(worker.request);
                }
            }
            WorkerState::Idle => {}
            _ => held.working += 1,
        }
    }
    let taken = world.workers().filter(|worker| worker.state != WorkerState::Idle);
    held.first = taken
        .map(|worker| (free_at(run, worker.id, now), worker))
        .min_by_key(|(free, worker)| (free.unwrap_or(SimTime::MAX), worker.id))
        .map(|(free, worker)| Holder {
            thread: ThreadName::of(run.model(), worker.id),
            state: worker.state,
            request: worker.request,
            path: worker.request.map(|request| path_of(run, request)).unwrap_or_default(),
            until: match worker.state {
                WorkerState::Blocked => busy_until(run, worker.id, now),
                _ => free,
            },
        });
    held
}

/// When this worker will be through with the request that it has now, turns on a core and sleeps
/// between included.
fn free_at(run: &Run, worker: WorkerId, now: SimTime) -> Option<SimTime> {
    let mut at = busy_until(run, worker, now)?;
    let request = run.history().stretch(worker, now)?.request;
    // A thread that has ended does nothing from there on, and nothing more is to be found.
    while let Some(next) = run.history().stretch(worker, at)
        && next.from == at
        && request.is_some()
        && next.request == request
    {
        at = busy_until(run, worker, at)?;
    }
    Some(at)
}

/// When this worker will be through with what it does now: the run is known to its end.
fn busy_until(run: &Run, worker: WorkerId, now: SimTime) -> Option<SimTime> {
    let stretch = run.history().stretch(worker, now)?;
    (stretch.to != SimTime::MAX && stretch.duty != Duty::Idle).then_some(stretch.to)
}

fn elsewhere(player: &Player, row: usize, request: RequestId) -> Vec<(RunName, Fate)> {
    let others = player.rows().enumerate().filter(|&(other, _)| other != row);
    others
        .map(|(other, (run, _))| {
            let life = run.history().request(request);
            let done = player.done_of(other);
            let fate = life.map_or(Fate::NotYet, |life| fate(life, done, player.moment()));
            (RunName::of(run), fate)
        })
        .collect()
}

/// How a request fares after so many events of its run.
pub(crate) fn fate(life: &Life, done: usize, now: SimTime) -> Fate {
    if let Some((by, _, outcome)) = life.end
        && by < done
    {
        let outcome = outcome.unwrap_or(Outcome::Answered);
        return Fate::Left { outcome, waited: life.waiting_until(now) };
    }
    let stay = life.stays[..life.stays.partition_point(|stay| stay.from < done)].last();
    match stay.map(|stay| stay.phase) {
        None => Fate::NotYet,
        Some(crate::run::Phase::Waiting) => Fate::Waiting(now.since(life.arrived)),
        Some(crate::run::Phase::Blocked) => Fate::Served { asleep: true },
        Some(_) => Fate::Served { asleep: false },
    }
}

fn over(player: &Player) -> Panel {
    let longest = player.runs().iter().map(|run| (RunName::of(run), run.waits().longest()));
    let counts = player.rows().map(|(_, world)| *world.counts()).next().unwrap_or_default();
    Panel::Over { arrived: counts.arrived, answered: counts.answered, longest: longest.collect() }
}

/// Sleeping requests that a sentence names.
const SLEEPERS_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::scenarios::tests::book;

    #[test]
    fn a_single_thread_that_sleeps_is_why_the_next_request_waits() {
        let Panel::Why(why) = panel(&player(60), None) else { panic!("nobody waits") };
        assert_eq!((why.model, why.request, why.waits), (Model::Single, RequestId(2), true));
        let Reason::NotAccepting { held, ahead: 0, .. } = &why.reason else {
            panic!("{:?}", why.reason)
        };
        let first = held.first.as_ref().unwrap();
        assert_eq!((held.workers, held.blocked), (1, 1));
        assert_eq!(first.request, Some(RequestId(1)));
        assert_eq!(first.path, "/sleep");
        assert!(first.until.is_some_and(|until| until.as_nanos() > 300_000_000));
        let [(elsewhere, Fate::Left { outcome: Outcome::Answered, waited })] = why.elsewhere[..]
        else {
            panic!("{:?}", why.elsewhere)
        };
        assert!(elsewhere.model == Model::Spawn && waited < Span::from_millis(1));
    }

    #[test]
    fn the_request_asked_about_comes_first_where_it_waits() {
        let Panel::Why(why) = panel(&player(110), Some(RequestId(3))) else { panic!() };
        assert_eq!((why.request, why.model), (RequestId(3), Model::Single));
        let Panel::Why(why) = panel(&player(110), Some(RequestId(1))) else { panic!() };
        assert!(!why.waits);
    }

    #[test]
    fn at_every_step_there_is_something_to_say_of_every_request() {
        for model in Model::ALL {
            let mut player = Player::new(vec![Run::simulated(&book(), model)]);
            while !player.is_at_end() {
                player = player.at_step(player.cursor() + 1);
                let arrived = player.rows().map(|(_, world)| world.counts().arrived).sum::<u64>();
                for request in (1..=arrived).map(RequestId) {
                    let found = panel(&player, Some(request));
                    let of_it = match &found {
                        Panel::Why(why) => why.request,
                        Panel::Left(left) => left.request,
                        _ => panic!("{model:?}, {request:?}: {found:?}"),
                    };
                    assert_eq!(of_it, request);
                }
            }
        }
    }

    #[test]
    fn the_end_tells_the_longest_wait_of_each_model() {
        let Panel::Over { arrived: 3, answered: 3, longest } = panel(&player(10_000), None) else {
            panic!("{:?}", panel(&player(10_000), None))
        };
        assert!(longest[0].1 > Span::from_millis(200), "{longest:?}");
        assert!(longest[1].1 < Span::from_millis(1), "{longest:?}");
        assert_eq!(panel(&player(0).at_step(0), None), Panel::Beginning);
    }

    fn player(at_ms: u64) -> Player {
        let models = [Model::Single, Model::Spawn];
        let runs: Vec<Rc<Run>> =
            models.iter().map(|&model| Run::simulated(&book(), model)).collect();
        Player::new(runs).at_moment(SimTime::from_nanos(at_ms * 1_000_000))
    }
}
