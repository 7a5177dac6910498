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
