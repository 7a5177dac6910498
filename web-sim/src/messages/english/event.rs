//! What happened by an event, in English.

use scheduler_model::{RejectReason, Timer};

use super::{MESSAGES, plural};
use crate::views::events::{Happened, What};

pub(super) fn event(happened: &Happened) -> String {
    let text = what(happened.what, &happened.path);
    match happened.run {
        Some(run) => format!("{}: {text}", MESSAGES.run_name(run)),
        None => text,
    }
}

fn what(what: What, path: &str) -> String {
    let asks = if path.is_empty() { String::new() } else { format!(" for {path}") };
    match what {
        What::Opened { connection } => format!("the server accepts connection {connection}"),
        What::Arrived { request } => format!("request {request}{asks} is there"),
        What::Finished { request, thread } => format!("{thread} answers request {request}"),
        What::FoundNoRequest { thread } => format!("{thread} finds no whole request"),
        What::Panicked { request, thread } => {
            format!("request {request} panics; {thread} catches it and answers 500")
        }
        What::Blocked { request, thread } => format!("request {request} sleeps and holds {thread}"),
        What::Woke { request, thread } => format!("request {request} wakes up on {thread}"),
        What::Started { thread } => format!("thread {thread} runs"),
        What::Died { thread } => format!("thread {thread} died"),
        What::SpawnFailed { thread } => format!("thread {thread} could not be started"),
        What::AcceptFailed => "the system refuses to accept".to_owned(),
        What::PeerClosed { connection } => format!("the client of connection {connection} leaves"),
        What::Expired { connection } => format!("connection {connection} was idle too long"),
        What::TimerDue { timer } => format!("the timer for {} is due", timer_name(timer)),
        What::Resize { workers } => {
            format!("the pool shall have {}", plural(workers.into(), "worker", "workers"))
        }
        What::Drain => "the server shall shut down".to_owned(),
        What::StopAccepting => "decision: stop accepting".to_owned(),
        What::ResumeAccepting => "decision: accept again".to_owned(),
        What::Spawn { thread, request: Some(request) } => {
            format!("decision: start thread {thread} for request {request}")
        }
        What::Spawn { thread, request: None } => format!("decision: start worker {thread}"),
        What::Assign { request, thread } => format!("decision: {thread} gets request {request}"),
        What::Queue { request } => format!("decision: request {request} waits in the run queue"),
        What::Reject { request, reason } => {
            format!("decision: reject request {request}, {}", reject_reason(reason))
        }
        What::RunOnCaller { request } => format!("decision: the caller runs job {request} itself"),
        What::Park { thread } => format!("decision: {thread} has nothing to do"),
        What::Retire { thread } => format!("decision: {thread} ends"),
        What::Close { connection } => format!("decision: close connection {connection}"),
        What::ArmTimer { timer } => format!("decision: set the timer for {}", timer_name(timer)),
        What::Drained => "decision: the drain is over".to_owned(),
        What::Backlogged { request } => {
            format!("request {request}{asks} waits in the kernel’s accept backlog")
        }
        What::Dropped { request } => format!("the kernel drops request {request}"),
        What::Abandoned { request } => {
            format!("the client of request {request} leaves the backlog")
        }
        What::Forked { request, thread } => format!("{thread} splits request {request}"),
        What::Joined { request, thread } => {
            format!("{thread} is through with its part of request {request}")
        }
        What::FoundNothing { thread } => format!("{thread} finds nothing to steal"),
        What::Steal { thread } => format!("decision: {thread} looks for something to steal"),
        What::Pushed { request, thread } => {
            format!("a part of request {request} lies in the deque of {thread}")
        }
        What::Popped { request, thread } => {
            format!("{thread} takes a part of request {request} back from its deque")
        }
        What::Stolen { request, thread, victim } => {
            format!("{thread} steals a part of request {request} from {victim}")
        }
        What::JoinBegun { request, thread } => {
            format!("{thread} waits for the stolen part of request {request}")
        }
        What::JoinEnded { request, thread } => {
            format!("{thread} has the stolen part of request {request} and goes on")
        }
        What::Slept { request } => format!("request {request} sleeps and leaves the loop"),
        What::Switched { thread, core } => format!("core {core} switches to {thread}"),
        What::CoreGiven { thread, core } => format!("{thread} runs on core {core}"),
        What::Preempted { thread, core } => format!("the turn of {thread} on core {core} is over"),
        What::CoreReleased { thread, core } => format!("{thread} needs core {core} no more"),
        What::SharingBegun { thread } => format!("{thread} gets its share of the cores"),
        What::SharingEnded { thread } => format!("{thread} needs its share no more"),
    }
}

const fn timer_name(timer: Timer) -> &'static str {
    match timer {
        Timer::DrainDeadline => "the end of the drain",
        Timer::AcceptRetry => "accepting again",
        Timer::SpawnRetry => "starting a worker again",
    }
}

const fn reject_reason(reason: RejectReason) -> &'static str {
    match reason {
        RejectReason::QueueFull => "the queue is full",
        RejectReason::DroppedOldest => "it was the oldest in a full queue",
        RejectReason::SpawnFailed => "there is no thread for it",
        RejectReason::Draining => "the server shuts down",
        RejectReason::DrainDeadline => "the drain’s deadline has come",
    }
}
