//! Threads, a lane each: what it does, for whom, and how long that still takes.

use scheduler_model::{RequestId, WorkerState};
use yew::prelude::*;

use super::token::{Shape, still};
use crate::messages::Messages;
use crate::views::css_percent;
use crate::views::stage::{Holds, Lane, Line, Tally};

/// Shows threads.
pub(crate) fn lane_list(
    m: &'static Messages,
    lanes: &[Lane],
    more: Option<&Tally>,
    selected: Option<RequestId>,
) -> Html {
    html! {
        <ol class="lanes">
            for lane in lanes {
                <li key={lane.thread.to_string()} class={classes!("lane", class(lane.state))} data-state={state_name(lane.state)}>
                    <span class="lane__done" aria-hidden="true"
                        style={format!("inline-size:{}", css_percent(lane.progress * 100.0))}></span>
                    if let Some(request) = lane.request {
                        { still(request, Shape::from(lane.state), selected == Some(request)) }
                    }
                    <span class="lane__says">
                        if !lane.path.is_empty() {
                            <b class="lane__path">{ lane.path.clone() }</b>
                        }
                        <span class="lane__state">{ (m.duty)(lane.state) }</span>
                        if let Some(left) = lane.left {
                            <span class="lane__left">{ (m.time_left)(&m.span(left)) }</span>
                        }
                        { held(m, &lane.holds) }
                    </span>
                    if let Some(core) = lane.core {
                        <span class="lane__core">{ (m.core)(core) }</span>
                    }
                    <span class="lane__name">{ lane.thread.to_string() }</span>
                </li>
            }
            if lanes.is_empty() {
                <li key="none" class="lanes__none">{ m.no_threads }</li>
            }
            if let Some(tally) = more {
                <li key="more" class="lanes__more">
                    <span class="tally" aria-hidden="true">
                        for (class, n) in parts(tally) {
                            <span key={class} class={classes!("tally__part", class)} style={format!("flex-grow:{n}")}></span>
                        }
                    </span>
                    <span>{ (m.more_lanes)(tally) }</span>
                </li>
            }
        </ol>
    }
}

/// What a thread keeps beside what it runs.
fn held(m: &'static Messages, holds: &Holds) -> Html {
    let named = |line: &Line| {
        let numbers: Vec<_> = line.shown.iter().map(|request| m.count(request.0)).collect();
        let more = line.n - line.shown.len() as u64;
        let numbers = numbers.join(", ");
        if more > 0 { (m.and_more)(&numbers, more) } else { numbers }
    };
    let texts = match holds {
        Holds::Nothing => Vec::new(),
        Holds::Deque { parts, helps } => {
            let parts = (*parts > 0).then(|| (m.deque)(*parts));
            helps.then(|| m.helps.to_owned()).into_iter().chain(parts).collect()
        }
        Holds::Loop { ready, timers } => {
            let ready = (ready.n > 0).then(|| (m.ready)(&named(ready)));
            let timers = (timers.n > 0).then(|| (m.on_timers)(&named(timers)));
            ready.into_iter().chain(timers).collect()
        }
    };
    let text = texts.join(" · ");
    html! {
        <span key="holds" class="lane__holds" title={text.clone()}>{ text }</span>
    }
}

fn parts(tally: &Tally) -> Vec<(&'static str, u64)> {
    let parts = [
        ("tally__part--blocked", tally.blocked),
        ("tally__part--busy", tally.busy),
        ("tally__part--scheduled", tally.scheduled),
        ("tally__part--idle", tally.idle),
    ];
    parts.into_iter().filter(|&(_, n)| n > 0).collect()
}

const fn class(state: WorkerState) -> &'static str {
    match state {
        WorkerState::Starting => "lane--starting",
        WorkerState::Idle => "lane--idle",
        WorkerState::Scheduled => "lane--scheduled",
        WorkerState::Busy => "lane--busy",
        WorkerState::Blocked | WorkerState::Joining => "lane--blocked",
    }
}

const fn state_name(state: WorkerState) -> &'static str {
    match state {
        WorkerState::Starting => "starting",
        WorkerState::Idle => "idle",
        WorkerState::Scheduled => "scheduled",
        WorkerState::Busy => "busy",
        WorkerState::Blocked => "blocked",
        WorkerState::Joining => "joining",
    }
}
