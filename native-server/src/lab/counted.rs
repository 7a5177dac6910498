//! What theory says of each request of a listed load, where it can be counted job by job.

use std::num::NonZeroU32;

use scheduler_model::scenario::{Load, OnFull};
use scheduler_model::theory::{Job, first_come_first_served, processor_sharing};
use scheduler_model::{Clients, Model, Question, Scenario, SimTime, Span};

/// The sojourn time of each request, in the order of arrival; none for one that is turned away.
/// `None` where requests cannot be counted one by one.
pub(super) fn sojourn_times(scenario: &Scenario) -> Option<Vec<Option<Span>>> {
    if !matches!(scenario.load, Load::Listed(_) | Load::Replayed(_)) {
        return None;
    }
    let mut clients = Clients::new(scenario);
    let asked: Vec<_> = std::iter::from_fn(|| clients.ask()).collect();
    if asked.iter().any(|question| question.demand.fork.is_some()) {
        return None;
    }
    let no_cpu = asked.iter().all(|question| question.demand.cpu.is_zero());
    let (server, machine) = (&scenario.server, &scenario.machine);
    let backlog = u64::from(server.accept_backlog.get());
    match server.model {
        Model::Single => Some(served(&asked, both, NonZeroU32::MIN, Some(backlog), not_at_all)),
        Model::Pool | Model::ForkJoin => {
            let workers = NonZeroU32::new(server.workers.get())?;
            if !no_cpu && machine.cores.get() < workers.get() {
                return None;
            }
            let room = match (server.queue.max().map(u64::from), server.on_full) {
                (Some(places), OnFull::Wait) => Some(places + backlog),
                (Some(_), OnFull::DropOldest) => return None,
                (places, _) => places,
            };
            Some(served(&asked, both, workers, room, not_at_all))
        }
        Model::Async => Some(served(&asked, cpu, NonZeroU32::MIN, None, sleep)),
        Model::Spawn | Model::Sharded if no_cpu => {
            Some(asked.iter().map(|question| Some(question.demand.sleep)).collect())
        }
        Model::Spawn if machine.quantum.is_zero() => {
            let cores = NonZeroU32::new(machine.cores.get())?;
            let ends = processor_sharing(&jobs(&asked, cpu), cores);
            let sojourn = |(question, end): (&Question, SimTime)| {
                Some(end.since(question.at) + question.demand.sleep)
            };
            Some(asked.iter().zip(ends).map(sojourn).collect())
        }
        Model::Spawn | Model::Sharded => None,
    }
}

/// Jobs first come first served, each with something after it that holds nothing.
fn served(
    asked: &[Question],
    service: fn(&Question) -> Span,
    workers: NonZeroU32,
    room: Option<u64>,
    after: fn(&Question) -> Span,
) -> Vec<Option<Span>> {
    let served = first_come_first_served(&jobs(asked, service), workers, room);
    let sojourn = |(question, served): (&Question, Option<scheduler_model::theory::Served>)| {
        Some(served?.ended.since(question.at) + after(question))
    };
    asked.iter().zip(served).map(sojourn).collect()
}

fn jobs(asked: &[Question], service: fn(&Question) -> Span) -> Vec<Job> {
    let job = |question: &Question| Job { at: question.at, service_time: service(question) };
    asked.iter().map(job).collect()
}

fn both(question: &Question) -> Span {
    question.demand.cpu + question.demand.sleep
}

fn cpu(question: &Question) -> Span {
    question.demand.cpu
}

fn sleep(question: &Question) -> Span {
    question.demand.sleep
}

fn not_at_all(_: &Question) -> Span {
    Span::ZERO
}

#[cfg(test)]
mod tests {
    use scheduler_model::scenario::{Arrival, QueueBound, Ranged, Server};
    use scheduler_model::{RouteId, RunReport, Simulation};

    use super::*;

    /// Ten of the book's sleeps at once; its own CPU time is left out.
    fn ten_sleeps(model: Model) -> Scenario {
        let mut scenario = Scenario::new("ten", Server::new(model));
        scenario.requests[1].cpu = scheduler_model::scenario::Distribution::Constant(Span::ZERO);
        let count = Ranged::of::<10>();
        let arrival = Arrival { at: SimTime::ZERO, route: RouteId(1), count };
        scenario.load = Load::Listed(vec![arrival]);
        scenario
    }

    fn seconds(scenario: &Scenario) -> Vec<Option<f64>> {
        let spans = sojourn_times(scenario).unwrap();
        spans.into_iter().map(|span| span.map(Span::as_secs_f64)).collect()
    }

    #[test]
    fn ten_sleeps_end_as_a_reader_of_the_book_would_compute() {
        let waves = [5.0, 5.0, 5.0, 5.0, 10.0, 10.0, 10.0, 10.0, 15.0, 15.0].map(Some);
        assert_eq!(seconds(&ten_sleeps(Model::Pool)), waves);
        for model in [Model::Spawn, Model::Async, Model::Sharded] {
            assert_eq!(seconds(&ten_sleeps(model)), [Some(5.0); 10], "{model:?}");
        }
        assert_eq!(seconds(&ten_sleeps(Model::Single))[9], Some(50.0));
    }

    #[test]
    fn who_finds_no_room_has_no_time() {
        let mut scenario = ten_sleeps(Model::Pool);
        scenario.server.queue = QueueBound::Bounded(Ranged::of::<3>());
        let answered = seconds(&scenario).into_iter().flatten().count();
        let mut simulation = Simulation::new(&scenario);
        simulation.run();
        let RunReport { answered: simulated, .. } = simulation.report();
        assert_eq!((answered as u64, simulated), (7, 7));
    }

    #[test]
    fn a_random_load_is_not_counted() {
        let mut scenario = ten_sleeps(Model::Pool);
        scenario.load = Load::Open { rate_per_s: 1.0, requests: 2, mix: vec![(RouteId(1), 1.0)] };
        assert_eq!(sojourn_times(&scenario), None);
    }
}
