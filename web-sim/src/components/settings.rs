//! The server and the computer: what a change of them does is seen at once.

use std::rc::Rc;

use scheduler_model::Model;
use scheduler_model::scenario::{OnFull, QueueBound, Ranged, Server};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::costs::costs;
use super::stops::Stops;
use crate::app::use_look;
use crate::messages::Messages;
use crate::session::{Action, Session, Setting};

/// What to set.
#[derive(Properties)]
pub(crate) struct SettingsProps {
    /// The page's state.
    pub(crate) session: Rc<Session>,
    /// Takes what the reader does.
    pub(crate) on_action: Callback<Action>,
}

impl PartialEq for SettingsProps {
    /// Whether the same is to be seen. A step changes nothing of it, and has no time for a few dozen
    /// elements that stay as they are.
    fn eq(&self, other: &Self) -> bool {
        self.session.is_set_like(&other.session) && self.on_action == other.on_action
    }
}

/// Shows the settings; those of a trace cannot be changed any more.
#[component]
pub(crate) fn Settings(SettingsProps { session, on_action }: &SettingsProps) -> Html {
    let m = use_look().messages();
    let scenario = session.scenario();
    let is_fixed = session.is_trace();
    let shows = |wanted: &[Model]| session.models().iter().any(|model| wanted.contains(model));
    let no_pool = is_fixed || !shows(&[Model::Pool, Model::ForkJoin]);
    let no_workers = no_pool && (is_fixed || !shows(&[Model::Sharded]));
    let on_policy = on_action.reform(|policy| Action::Set(Setting::OnFull(policy)));
    let on_queue = on_action.reform(|queue| Action::Set(Setting::Queue(queue)));
    let Server { queue, on_full, .. } = scenario.server;
    let workers_badge = html! { <span class="setting__badge">{ m.for_workers }</span> };
    let badge = html! { <span class="setting__badge">{ m.for_pool }</span> };
    html! {
        <section class="settings panel" aria-label={m.settings}>
            <header class="panel__head"><h2 class="panel__title">{ m.settings }</h2></header>
            <div class="settings__list">
                // A recording does not know the cores it ran on.
                if !session.is_recording() {
                    { slider(m, m.cores, None, scenario.machine.cores.get(), 64, is_fixed, &on_action.reform(|cores| Action::Set(Setting::Cores(cores)))) }
                }
                { slider(m, m.workers, Some(&workers_badge), scenario.server.workers.get(), 1024, no_workers, &on_action.reform(|workers| Action::Set(Setting::Workers(workers)))) }
                { queue_setting(m, Some(&badge), queue, no_pool, &on_queue) }
                { policy_setting(m, Some(&badge), on_full, no_pool, &on_policy) }
            </div>
            { costs(m, session, on_action) }
            <p class="settings__hint">{ if is_fixed { m.cannot_send_trace } else { m.settings_hint } }</p>
        </section>
    }
}

/// A list of how many may wait.
pub(super) fn queue_setting(
    m: &'static Messages,
    badge: Option<&Html>,
    queue: QueueBound,
    is_fixed: bool,
    on_queue: &Callback<QueueBound>,
) -> Html {
    let onchange = on_queue.reform(|event: Event| {
        let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
        let bound =
            chosen.parse().map(|bound: u32| QueueBound::Bounded(Ranged::clamped(bound.into())));
        bound.unwrap_or(QueueBound::Unbounded)
    });
    html! {
        <label key="queue" class="setting">
            <span class="setting__name">{ m.queue_bound }{ badge.cloned().unwrap_or_default() }</span>
            <select class="select" disabled={is_fixed} {onchange}>
                for bound in bounds(queue.max()) {
                    <option key={bound} value={bound.to_string()} selected={queue.max() == Some(bound)}>{ m.count(bound.into()) }</option>
                }
                <option key="unbounded" value="unbounded" selected={queue.max().is_none()}>{ m.unbounded }</option>
            </select>
        </label>
    }
}

/// A list of what happens when as many wait as may.
pub(super) fn policy_setting(
    m: &'static Messages,
    badge: Option<&Html>,
    on_full: OnFull,
    is_fixed: bool,
    on_policy: &Callback<OnFull>,
) -> Html {
    let onchange = on_policy.reform(|event: Event| {
        let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
        let policy = OnFull::ALL.into_iter().find(|policy| policy.name() == chosen);
        policy.unwrap_or(OnFull::Reject)
    });
    html! {
        <label key="policy" class="setting">
            <span class="setting__name">{ m.on_full }{ badge.cloned().unwrap_or_default() }</span>
            <select class="select" disabled={is_fixed} {onchange}>
                for policy in OnFull::ALL {
                    <option key={policy.name()} value={policy.name()} selected={on_full == policy}>{ (m.policy)(policy) }</option>
                }
            </select>
        </label>
    }
}

/// A slider over values that grow faster than they are many.
pub(super) fn slider(
    m: &'static Messages,
    name: &'static str,
    badge: Option<&Html>,
    value: u32,
    max: u32,
    is_fixed: bool,
    on_value: &Callback<u32>,
) -> Html {
    ranged(name, badge, m.count(value.into()), &Stops::around(value, max), is_fixed, on_value)
}

/// A slider that is at one of several stops, and says so.
pub(super) fn ranged(
    name: &'static str,
    badge: Option<&Html>,
    said: String,
    stops: &Stops,
    is_fixed: bool,
    on_value: &Callback<u32>,
) -> Html {
    let oninput = {
        let stops = stops.clone();
        on_value.reform(move |event: InputEvent| {
            let place = event.target_unchecked_into::<HtmlInputElement>().value();
            stops.value(place.parse().unwrap_or_default())
        })
    };
    let filled = stops.chosen() * 100 / stops.last().max(1);
    html! {
        <label key={name} class="setting">
            <span class="setting__name">{ name }{ badge.cloned().unwrap_or_default() }<output class="setting__value">{ said.clone() }</output></span>
            <input type="range" class="slider" min="0" max={stops.last().to_string()} step="1" value={stops.chosen().to_string()}
                aria-label={name} aria-valuetext={said} disabled={is_fixed} {oninput} style={format!("--filled:{filled}%")} />
        </label>
    }
}

/// The bounds on offer, the present one among them.
fn bounds(present: Option<u32>) -> Vec<u32> {
    let mut bounds = vec![0, 1, 2, 4, 8, 16, 64, 256, 1024];
    if let Some(present) = present
        && let Err(place) = bounds.binary_search(&present)
    {
        bounds.insert(place, present);
    }
    bounds
}
