//! Why a request waits, and what it waited for, in English.

use scheduler_model::{Model, Outcome, RequestId, WorkerState};

use super::{MESSAGES, NUMBERS, instant};
use crate::run::{CauseKind, Part, Waited};
use crate::views::RunName;
use crate::views::why::{Fate, Held, Hold, Holder, Link, Reason, Why};

pub(super) fn why(why: &Why) -> String {
    match &why.reason {
        Reason::Asleep { thread, until } => {
            let until = until.map(|at| format!(" until {}", instant(at))).unwrap_or_default();
            format!("It is being served: {thread} sleeps for it{until}, and does nothing else meanwhile.")
        }
        Reason::OnTimer => {
            "It is being served: its handler sleeps on a timer, and the loop is free.".to_owned()
        }
        Reason::Joining { thread } => {
            format!("It is being served: {thread} waits for the part that another worker stole.")
        }
        Reason::Running { thread } => format!("It is being served: {thread} runs it."),
        Reason::Dispatched { thread } => {
            format!("{thread} has been given it and is on its way to it.")
        }
        Reason::ThreadStarting { thread } => {
            format!("Its own thread, {thread}, is just being started.")
        }
        Reason::WaitsForCore { thread, running, cores } => {
            let all = if *cores == 1 { "the only core is" } else { "all cores are" };
            format!("{thread} has it, but {all} taken: {running} of {cores} run other threads.")
        }
        Reason::WaitsForWorker { ahead, held } => {
            format!("{} {}", holders(why.model, held), before_it(*ahead))
        }
        Reason::NotAccepting { ahead, queued, held } if why.model != Model::Single => format!(
            "The server has stopped accepting: its queue holds {queued} and takes no more. {} {}",
            holders(why.model, held),
            before_it(*ahead)
        ),
        Reason::NotAccepting { ahead, held, .. } => {
            let before = before_it(*ahead);
            format!("{} Nobody accepts meanwhile. {before}", holders(why.model, held))
        }
    }
    .trim_end()
    .to_owned()
}

fn holders(model: Model, held: &Held) -> String {
    let what = if model == Model::Pool { "worker" } else { "thread" };
    let Some(first) = &held.first else { return format!("No {what} is free.") };
    if held.workers == 1 {
        return format!("The only {what}, {}, is {}.", first.thread, doing(first));
    }
    if held.blocked == held.workers {
        let sleepers: Vec<_> = held.sleepers.iter().map(ToString::to_string).collect();
        let more = if held.blocked > sleepers.len() as u64 { ", …" } else { "" };
        let until = first
            .until
            .map(|at| format!("; {} is the first to wake, at {}", first.thread, instant(at)));
        return format!(
            "{} {what}s are asleep, for requests {}{more}{}.",
            all_of(held.workers),
            sleepers.join(", "),
            until.unwrap_or_default()
        );
    }
    format!(
        "{} {what}s are taken ({} asleep, {} at work). The first to be free is {}, {}.",
        all_of(held.workers),
        held.blocked,
        held.working,
        first.thread,
        doing(first)
    )
}

fn all_of(n: u64) -> String {
    if n == 2 { "Both".to_owned() } else { format!("All {}", NUMBERS.count(n)) }
}

/// `W1`, and what it does: the end of a sentence.
fn doing(holder: &Holder) -> String {
    let until = holder.until.map(|at| format!(" until {}", instant(at))).unwrap_or_default();
    let request = holder.request.map(|id| format!(" for request {id}")).unwrap_or_default();
    let path = if holder.path.is_empty() { String::new() } else { format!(" in {}", holder.path) };
    match holder.state {
        WorkerState::Blocked => format!("asleep{path}{request}{until}"),
        WorkerState::Busy => format!("busy{path}{request}{until}"),
        WorkerState::Joining => format!("waiting for a stolen part{path}{request}"),
        WorkerState::Starting => "just being started".to_owned(),
        WorkerState::Idle | WorkerState::Scheduled => format!("about to run{path}{request}"),
    }
}

fn before_it(ahead: u64) -> String {
    match ahead {
        0 => "It is next.".to_owned(),
        1 => "One request is before it.".to_owned(),
        n => format!("{} requests are before it.", NUMBERS.count(n)),
    }
}

pub(super) fn fate(run: RunName, fate: &Fate) -> String {
    let there = there(run);
    match *fate {
        Fate::NotYet => format!("{there} it has not arrived yet."),
        Fate::Waiting(span) => format!("{there} it waits as well, for {} now.", NUMBERS.span(span)),
        Fate::Served { asleep: true } => format!("{there} it is being served: it sleeps."),
        Fate::Served { asleep: false } => format!("{there} it is already running."),
        Fate::Left { outcome: Outcome::Answered, waited } => {
            format!("{there} it is answered already, after waiting {}.", NUMBERS.span(waited))
        }
        Fate::Left { outcome, .. } => {
            format!("{there} it is gone: {}.", (MESSAGES.outcome)(outcome))
        }
    }
}

pub(super) fn left_how(run: RunName, outcome: Option<Outcome>) -> String {
    match outcome {
        Some(outcome) => format!("{}: {}.", there(run), (MESSAGES.outcome)(outcome)),
        None => format!("{}: no request came.", there(run)),
    }
}

fn there(run: RunName) -> String {
    let there = match run.model {
        Model::Single => "On one thread",
        Model::Spawn => "With a thread of its own",
        Model::Pool => "In the pool",
        Model::ForkJoin => "In the pool that splits requests",
        Model::Async => "In the event loop",
        Model::Sharded => "With several event loops",
    };
    MESSAGES.asking(run, there.to_owned())
}

/// `W1 has request 1, which waits for its turn on a core; W2 has a core for request 2, which runs.`
pub(super) fn links(links: &[Link]) -> String {
    let links: Vec<_> = links
        .iter()
        .map(|&Link { request, thread, hold, kind }| {
            let has = match hold {
                Hold::Core { only: true } => "the core for request",
                Hold::Core { only: false } => "a core for request",
                Hold::Worker => "request",
            };
            format!("{thread} has {has} {request}, which {}", does(kind))
        })
        .collect();
    if links.is_empty() { String::new() } else { format!("{}.", links.join("; ")) }
}

const fn does(kind: CauseKind) -> &'static str {
    match kind {
        CauseKind::Asleep => "sleeps",
        CauseKind::Dispatched => "is about to run",
        CauseKind::Joining => "waits for a part that another worker stole",
        CauseKind::NotAccepting => "waits to be accepted",
        CauseKind::OnTimer => "sleeps on a timer",
        CauseKind::Running => "runs",
        CauseKind::ThreadStarting => "waits for its thread to start",
        CauseKind::WaitsForCore => "waits for its turn on a core",
        CauseKind::WaitsForWorker => "waits for a worker",
    }
}

/// `It waited 1.98 s: 980 ms for request 1, which slept; 1 s for request 2, which ran.`
pub(super) fn waited(waited: &Waited) -> String {
    if waited.total.is_zero() {
        return "It did not wait.".to_owned();
    }
    let total = NUMBERS.span(waited.total);
    let of_part = |length: &str, part: &Part| {
        let place = if part.own == CauseKind::NotAccepting { " in the accept backlog" } else { "" };
        format!("{length}{place} for {}", what_it_waited_for(part.own, &part.links))
    };
    match &waited.parts[..] {
        [] => format!("It waited {total}."),
        [one] if waited.others.is_zero() => format!("It waited {}.", of_part(&total, one)),
        parts => {
            let mut parts: Vec<_> =
                parts.iter().map(|part| of_part(&NUMBERS.span(part.length), part)).collect();
            if !waited.others.is_zero() {
                parts.push(format!("{} for other reasons", NUMBERS.span(waited.others)));
            }
            format!("It waited {total}: {}.", parts.join("; "))
        }
    }
}

fn what_it_waited_for(own: CauseKind, links: &[(RequestId, CauseKind)]) -> String {
    let Some((&(request, kind), deeper)) = links.split_first() else {
        return match own {
            CauseKind::Dispatched => "its worker to come to it",
            CauseKind::NotAccepting | CauseKind::WaitsForWorker => "a worker",
            CauseKind::ThreadStarting => "its thread to start",
            CauseKind::WaitsForCore => "a core",
            _ => "its turn",
        }
        .to_owned();
    };
    let holder = match own {
        CauseKind::WaitsForCore => format!("a core that request {request} had"),
        _ => format!("request {request}"),
    };
    let did = match kind {
        CauseKind::Running if own == CauseKind::WaitsForCore => return holder,
        CauseKind::WaitsForCore if !deeper.is_empty() => {
            return format!("{holder}, which waited for {}", what_it_waited_for(kind, deeper));
        }
        CauseKind::Asleep => "slept",
        CauseKind::Dispatched => "was about to run",
        CauseKind::Joining => "waited for a part that another worker had stolen",
        CauseKind::NotAccepting => "waited to be accepted",
        CauseKind::OnTimer => "slept on a timer",
        CauseKind::Running => "ran",
        CauseKind::ThreadStarting => "waited for its thread to start",
        CauseKind::WaitsForCore => "waited for its turn on a core",
        CauseKind::WaitsForWorker => "waited for a worker",
    };
    format!("{holder}, which {did}")
}
