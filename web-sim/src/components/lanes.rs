//! Threads, a lane each: what it does, for whom, and how long that still takes.

use scheduler_model::{RequestId, WorkerState};
use yew::prelude::*;

use super::token::{Shape, still, token};
use crate::messages::Messages;
use crate::session::Action;
use crate::views::css_percent;
use crate::views::stage::{Holds, Lane, Line, Tally};

/// Shows threads.
pub(crate) fn lane_list(
    m: &'static Messages,
    lanes: &[Lane],
    more: Option<&Tally>,
    selected: Option<RequestId>,
    on_action: &Callback<Action>,
) -> Html {
    let is_loop = |lane: &Lane| matches!(lane.holds, Holds::Loop { .. });
    html! {
        <ol class="lanes">
            for lane in lanes {
                <li key={lane.thread.to_string()} class={classes!("lane", class(lane.state), is_loop(lane).then_some("lane--loop"))} data-state={state_name(lane.state)}>
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
                    if let Holds::Loop { ready, timers, .. } = &lane.holds {
                        <span key="lists" class="lane__lists">
                            { list(m, m.ready, ready, |request| token(m, request, Shape::Waiting, selected == Some(request), on_action)) }
                            { list(m, m.on_timers, timers, |request| still(request, Shape::Blocked, selected == Some(request))) }
                        </span>
                    }
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

/// What a thread keeps beside what it runs, in words.
fn held(m: &'static Messages, holds: &Holds) -> Html {
    let text = match holds {
        Holds::Nothing => String::new(),
        Holds::Deque { parts, helps } => {
            let parts = (*parts > 0).then(|| (m.deque)(*parts));
            let texts: Vec<_> =
                helps.then(|| m.helps.to_owned()).into_iter().chain(parts).collect();
            texts.join(" · ")
        }
        Holds::Loop { connections, .. } => (m.connections)(*connections),
    };
    html! {
        <span key="holds" class="lane__holds" title={text.clone()}>{ text }</span>
    }
}

/// A loop's list: how many requests there are, and as many of the first as there is room for.
fn list(
    m: &'static Messages,
    name: &'static str,
    line: &Line,
    shown: impl Fn(RequestId) -> Html,
) -> Html {
    html! {
        <span key={name} class="lane__list">
            <span>{ format!("{name} {}", m.count(line.n)) }</span>
            <span class="lane__first">
                for &request in &line.shown {
                    <span key={request.0}>{ shown(request) }</span>
                }
            </span>
        </span>
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
