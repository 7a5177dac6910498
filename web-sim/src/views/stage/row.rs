//! One row of the stage, read from the world and from what is known of its run.

use scheduler_model::{
    Core as WorldCore, Model, Outcome, Place, Request, RequestId, SimTime, Worker, WorkerState,
    World,
};

use super::{
    Acceptor, CLIENTS_MAX, CORES_MAX, Client, Clients, Core, Cores, Holds, LANES_MAX,
    LANES_OF_MANY, LEFT_MAX, LINE_MAX, LINE_OF_MANY, LOOPS_MAX, LOOPS_OF_MANY, Lane, Left, Line,
    Mark, READY_MAX, Row, TIMERS_MAX, Tally, UPCOMING_MAX, Upcoming,
};
use crate::run::Run;
use crate::views::events::path_of;
use crate::views::{RunName, ThreadName};

/// The row of a run after `done` of its events.
pub(super) fn row(run: &Run, world: &World, done: usize, now: SimTime) -> Row {
    let model = run.model();
    let server = world.server();
    let is_polled = matches!(model, Model::Pool | Model::ForkJoin);
    Row {
        name: RunName::of(run),
        n_threads: world.n_workers() as u64,
        workers: world.workers_wanted().into(),
        stack_kib: world.stack_kib(),
        clients: clients(run, world, now),
        backlog: world
            .is_simulated()
            .then(|| line(world.accept_backlog(), Some(u64::from(server.accept_backlog.get())))),
        acceptor: acceptor(world),
        queue: is_polled.then(|| line(world.run_queue(), server.queue.max().map(u64::from))),
        lanes: world
            .workers()
            .take(n_lanes(world))
            .map(|worker| lane(run, world, worker, now))
            .collect(),
        more_lanes: more_lanes(world),
        cores: world.is_simulated().then(|| cores(run, world)),
        left: left(run, world, done),
    }
}

fn clients(run: &Run, world: &World, now: SimTime) -> Clients {
    let mut clients = Clients::default();
    for request in world.requests() {
        if clients.shown.len() < CLIENTS_MAX {
            let since = request.started.unwrap_or(request.arrived);
            clients.shown.push(Client {
                request: request.id,
                path: path_of(run, request.id),
                mark: mark(world, request.id),
                time: now.since(since),
            });
        } else if request.started.is_none() {
            clients.more_waiting += 1;
        } else {
            clients.more_served += 1;
        }
    }
    let lives = run.history().requests();
    let next = &lives[lives.partition_point(|life| life.id < world.next_request())..];
    let next = next.iter().take(UPCOMING_MAX).map(|life| Upcoming {
        request: life.id,
        path: path_of(run, life.id),
        at: life.arrived,
    });
    clients.next = next.collect();
    clients
}

fn mark(world: &World, request: RequestId) -> Mark {
    let Some(request) = world.request(request) else { return Mark::Waiting };
    let worker = match request.place {
        Place::Assigned(worker) => worker,
        Place::Asleep { .. } => return Mark::Blocked,
        _ => return Mark::Waiting,
    };
    match world.worker(worker).map(|worker| worker.state) {
        Some(WorkerState::Blocked | WorkerState::Joining) => Mark::Blocked,
        Some(WorkerState::Busy) => Mark::Busy,
        _ if request.started.is_some() => Mark::Scheduled,
        _ => Mark::Waiting,
    }
}

fn line<'a>(requests: impl IntoIterator<Item = &'a RequestId>, max: Option<u64>) -> Line {
    let mut line = Line { max, ..Line::default() };
    for &request in requests {
        if line.shown.len() < LINE_MAX {
            line.shown.push(request);
        }
        line.n += 1;
    }
    if line.n > LINE_MAX as u64 {
        line.shown.truncate(LINE_OF_MANY);
    }
    line
}

fn acceptor(world: &World) -> Acceptor {
    if world.is_drained() {
        Acceptor::Drained
    } else if world.drain_deadline().is_some() {
        Acceptor::Draining
    } else if world.server().model == Model::Single && world.counts().held > 0 {
        Acceptor::Answers
    } else if world.is_accepting() {
        Acceptor::Accepts
    } else {
        Acceptor::Stopped
    }
}

fn lane(run: &Run, world: &World, worker: &Worker, now: SimTime) -> Lane {
    let stretch = run.history().stretch(worker.id, now);
    let ends = stretch.filter(|stretch| stretch.to != SimTime::MAX);
    let is_timed = matches!(worker.state, WorkerState::Blocked | WorkerState::Busy);
    let whole = ends.map_or(0.0, |stretch| stretch.to.since(stretch.from).as_secs_f64());
    let passed = ends.map_or(0.0, |stretch| now.since(stretch.from).as_secs_f64());
    Lane {
        thread: ThreadName::of(run.model(), worker.id),
        state: worker.state,
        request: worker.request,
        path: worker.request.map(|request| path_of(run, request)).unwrap_or_default(),
        progress: if is_timed && whole > 0.0 { (passed / whole).clamp(0.0, 1.0) } else { 0.0 },
        left: ends.filter(|_| is_timed).map(|stretch| stretch.to.since(now)),
        core: worker.core.map(|core| core.0.into()),
        holds: holds(world, worker),
    }
}

fn holds(world: &World, worker: &Worker) -> Holds {
    match world.server().model {
        Model::Single | Model::Spawn | Model::Pool => Holds::Nothing,
        Model::ForkJoin => {
            let parts = world.deque(worker.id).count() as u64;
            Holds::Deque { parts, helps: worker.helps }
        }
        Model::Async | Model::Sharded => {
            let shard = world.shards().get(worker.id.index());
            let ready = shard.map(|shard| shard.run_queue().iter().copied());
            let sleeps = |request: &&Request| {
                let shard = request.connection.map(|connection| world.shard_of(connection));
                matches!(request.place, Place::Asleep { .. })
                    && shard.is_some_and(|shard| shard.worker() == worker.id)
            };
            let timers = world.requests().filter(sleeps).map(|request| request.id);
            let connections = shard.map_or(0, |shard| shard.connections().count() as u64);
            let ready = few(ready.into_iter().flatten(), READY_MAX);
            Holds::Loop { ready, timers: few(timers, TIMERS_MAX), connections }
        }
    }
}

/// The first `max` of a line, and how many there are.
fn few(requests: impl Iterator<Item = RequestId>, max: usize) -> Line {
    let mut line = Line::default();
    for request in requests {
        if line.shown.len() < max {
            line.shown.push(request);
        }
        line.n += 1;
    }
    line
}

fn n_lanes(world: &World) -> usize {
    let (max, of_many) = match world.server().model {
        Model::Async | Model::Sharded => (LOOPS_MAX, LOOPS_OF_MANY),
        _ => (LANES_MAX, LANES_OF_MANY),
    };
    if world.n_workers() <= max { world.n_workers() } else { of_many }
}

fn more_lanes(world: &World) -> Option<Tally> {
    if world.n_workers() == n_lanes(world) {
        return None;
    }
    let mut tally = Tally::default();
    for worker in world.workers().skip(n_lanes(world)) {
        tally.n += 1;
        match worker.state {
            WorkerState::Blocked | WorkerState::Joining => tally.blocked += 1,
            WorkerState::Busy => tally.busy += 1,
            WorkerState::Idle => tally.idle += 1,
            WorkerState::Scheduled | WorkerState::Starting => tally.scheduled += 1,
        }
    }
    Some(tally)
}

fn cores(run: &Run, world: &World) -> Cores {
    let name = |worker| ThreadName::of(run.model(), worker);
    let shown = world.cores().iter().take(CORES_MAX).map(|core| match *core {
        WorldCore::Free => Core::Free,
        WorldCore::Switching(worker) => Core::Switching(name(worker)),
        WorldCore::Running(worker) => Core::Running(name(worker)),
        WorldCore::Shared => Core::Shared,
    });
    let rest = world.cores().iter().skip(CORES_MAX);
    let more = rest.clone().count() as u64;
    let busy = rest.filter(|core| !matches!(core, WorldCore::Free)).count() as u64;
    let is_shared = world.machine().quantum.is_zero();
    Cores {
        shown: shown.collect(),
        more: (more, busy),
        sharing: is_shared.then(|| world.counts().sharing),
        n: world.cores().len() as u64,
    }
}

fn left(run: &Run, world: &World, done: usize) -> Left {
    let counts = world.counts();
    let all = [
        (Outcome::Answered, counts.answered),
        (Outcome::Failed, counts.failed),
        (Outcome::Rejected, counts.rejected),
        (Outcome::Dropped, counts.dropped),
        (Outcome::Lost, counts.lost),
    ];
    let history = run.history();
    let newest = history.departures_before(done).rev().filter_map(|id| {
        let life = history.request(id)?;
        let (_, at, outcome) = life.end?;
        Some((id, outcome?, at.since(life.arrived)))
    });
    Left {
        newest: newest.take(LEFT_MAX).collect(),
        counts: all.into_iter().filter(|&(_, n)| n > 0).collect(),
    }
}

#[cfg(test)]
mod tests {
    use scheduler_model::Span;

    use super::super::rows;
    use super::*;
    use crate::lessons::Lesson;
    use crate::player::Player;
    use crate::scenarios::Shipped;
    use crate::scenarios::tests::{book, flood};

    #[test]
    fn a_single_thread_shows_who_waits_in_the_kernel() {
        let row = at(Model::Single, 110);
        assert_eq!(row.acceptor, Acceptor::Answers);
        assert_eq!(row.backlog.unwrap().shown, [RequestId(2), RequestId(3)]);
        assert_eq!(row.queue, None);
        let lane = &row.lanes[0];
        assert_eq!((lane.state, lane.path.as_str()), (WorkerState::Blocked, "/sleep"));
        assert!((0.3..0.45).contains(&lane.progress), "{}", lane.progress);
        assert!(lane.left.unwrap() > Span::from_millis(180));
        let marks: Vec<_> = row.clients.shown.iter().map(|client| client.mark).collect();
        assert_eq!(marks, [Mark::Blocked, Mark::Waiting, Mark::Waiting]);
    }

    #[test]
    fn before_the_first_event_the_clients_say_what_they_will_ask() {
        let player = Player::new(vec![Run::simulated(&book(), Model::Pool)]);
        let row = rows(&player).remove(0);
        assert!(row.clients.shown.is_empty());
        let paths: Vec<_> = row.clients.next.iter().map(|next| next.path.as_str()).collect();
        assert_eq!(paths, ["/sleep", "/", "/"]);
        assert_eq!(row.lanes.len(), 4);
    }

    #[test]
    fn a_pool_that_has_shut_down_is_still_called_by_its_size() {
        let (scenario, _) = Shipped::OfLesson(Lesson::Shutdown).load();
        let player = Player::new(vec![Run::simulated(&scenario, Model::Pool)]);
        let row = rows(&player.at_step(usize::MAX)).remove(0);
        assert_eq!((row.acceptor, row.n_threads, row.workers), (Acceptor::Drained, 0, 2));
    }

    #[test]
    fn what_has_left_is_told_newest_first() {
        let row = at(Model::Spawn, 10_000);
        let ids: Vec<_> = row.left.newest.iter().map(|&(id, ..)| id.0).collect();
        assert_eq!(ids, [1, 3, 2]);
        assert_eq!(row.left.counts, [(Outcome::Answered, 3)]);
    }

    #[test]
    fn of_five_hundred_threads_some_are_shown_and_the_rest_is_counted() {
        let player = Player::new(vec![Run::simulated(&flood(), Model::Spawn)]);
        let row = rows(&player.at_moment(SimTime::from_nanos(200_000_000))).remove(0);
        let tally = row.more_lanes.unwrap();
        assert_eq!(row.lanes.len(), LANES_OF_MANY);
        assert_eq!(tally.n + LANES_OF_MANY as u64, row.n_threads);
        assert_eq!(tally.n, tally.blocked + tally.busy + tally.idle + tally.scheduled);
        let shown = row.clients.shown.len() as u64;
        let in_system = shown + row.clients.more_waiting + row.clients.more_served;
        assert_eq!(in_system, 500);
    }

    fn at(model: Model, at_ms: u64) -> Row {
        let player = Player::new(vec![Run::simulated(&book(), model)]);
        rows(&player.at_moment(SimTime::from_nanos(at_ms * 1_000_000))).remove(0)
    }

    #[test]
    fn a_worker_shows_the_parts_that_others_may_steal() {
        let (fork, _) = Shipped::Fork.load();
        let player = Player::new(vec![Run::simulated(&fork, Model::ForkJoin)]);
        let holds = |step: usize| -> Vec<Holds> {
            let row = rows(&player.at_step(step)).remove(0);
            row.lanes.into_iter().map(|lane| lane.holds).collect()
        };
        let all: Vec<_> = (0..player.n_steps()).flat_map(holds).collect();
        let shows = |wanted: fn(&Holds) -> bool| all.iter().any(wanted);
        assert!(shows(|holds| matches!(holds, Holds::Deque { parts: 2.., .. })));
        assert!(shows(|holds| matches!(holds, Holds::Deque { helps: true, .. })));
    }

    #[test]
    fn a_loop_shows_who_is_ready_and_who_sleeps_on_its_timers() {
        let player = Player::new(vec![Run::simulated(&book(), Model::Async)]);
        let all = (0..player.n_steps()).map(|step| rows(&player.at_step(step)));
        let holds: Vec<_> = all.map(|mut rows| rows.remove(0).lanes.remove(0).holds).collect();
        let asleep = |holds: &Holds| matches!(holds, Holds::Loop { timers, .. } if timers.n == 1);
        assert!(holds.iter().any(asleep), "{holds:?}");
    }

    #[test]
    fn a_request_waits_for_its_own_loop_though_another_is_idle() {
        let (loops, _) = Shipped::OfLesson(Lesson::Loops).load();
        let player = Player::new(vec![Run::simulated(&loops, Model::Sharded)]);
        let seen = (0..player.n_steps()).any(|step| {
            let lanes = rows(&player.at_step(step)).remove(0).lanes;
            let waits = |lane: &Lane| matches!(&lane.holds, Holds::Loop { ready, connections: 1.., .. } if ready.n > 0);
            lanes.iter().any(waits) && lanes.iter().any(|lane| lane.state == WorkerState::Idle)
        });
        assert!(seen);
    }
}
