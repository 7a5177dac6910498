//! What the simulated computer takes for what every server does on it: sliders that a link of
//! `native-server calibrate` sets, folded away until somebody asks.

use scheduler_model::Span;
use yew::prelude::*;

use super::settings::ranged;
use super::stops::Stops;
use crate::messages::Messages;
use crate::session::{Action, Costs, Session, Setting};

/// One cost: its name, and where it is among the others.
type Cost = (&'static str, Span, fn(Costs, Span) -> Costs);

/// Shows the costs, open where the address has set one.
pub(super) fn costs(m: &'static Messages, session: &Session, on_action: &Callback<Action>) -> Html {
    // A recording does not know what it ran on.
    if session.is_recording() {
        return html! { <div key="costs" hidden=true></div> };
    }
    let costs = Costs::of(&session.scenario().machine);
    let is_fixed = session.is_trace();
    let own = session.own_costs().filter(|own| *own != costs);
    let all: [Cost; 4] = [
        (m.cost_switch, costs.context_switch, |costs, context_switch| Costs {
            context_switch,
            ..costs
        }),
        (m.cost_spawn, costs.spawn, |costs, spawn| Costs { spawn, ..costs }),
        (m.cost_dispatch, costs.dispatch, |costs, dispatch| Costs { dispatch, ..costs }),
        (m.cost_accept, costs.accept, |costs, accept| Costs { accept, ..costs }),
    ];
    let set = |with: fn(Costs, Span) -> Costs| {
        on_action.reform(move |ns: u32| {
            Action::Set(Setting::Costs(with(costs, Span::from_nanos(ns.into()))))
        })
    };
    let on_own =
        on_action.reform(move |_: MouseEvent| Action::Set(Setting::Costs(own.unwrap_or(costs))));
    html! {
        <details key="costs" class="costs" open={session.opened_with_costs()}>
            <summary>{ m.costs }</summary>
            <div class="settings__list">
                for (name, cost, with) in all {
                    { ranged(name, None, m.span(cost), &stops(cost), is_fixed, &set(with)) }
                }
            </div>
            <p class="settings__hint">{ m.costs_hint }</p>
            if is_fixed {
                <div key="none" hidden=true></div>
            } else {
                <div key="own" class="costs__own">
                    <button type="button" class="button button--small" disabled={own.is_none()} onclick={on_own}>{ m.costs_own }</button>
                </div>
            }
        </details>
    }
}

/// Where the slider of a cost stops, in nanoseconds. One of four seconds and more, which only a file
/// can ask for, stands at its end.
fn stops(cost: Span) -> Stops {
    Stops::among(&NANOS, u32::try_from(cost.as_nanos()).unwrap_or(u32::MAX))
}

/// From nothing to ten milliseconds: beyond, nothing else would be seen of a run.
const NANOS: [u32; 17] = [
    0, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000,
    1_000_000, 2_000_000, 5_000_000, 10_000_000,
];
