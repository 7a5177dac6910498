//! What if: how another server would have fared with the requests of the trace that is open.
//!
//! What it computes is computed in the annex, and what comes of it dies with this panel.

mod asking;

use std::rc::Rc;

use scheduler_model::Model;
use scheduler_model::scenario::{Ranged, Server};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::settings::{policy_setting, queue_setting, slider};
use crate::app::{Look, use_look};
use crate::messages::Messages;
use crate::parts::annex::Answer;
use crate::session::{Action, Origin, Session};
use crate::views::what_if::Asked;
use asking::{State, begin, put_on_stage};

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct WhatIfProps {
    /// The page's state, in which a trace is open.
    pub(crate) session: Rc<Session>,
    /// Takes what the reader does.
    pub(crate) on_action: Callback<Action>,
}

/// Shows what can be asked, and what came of it.
#[component]
pub(crate) fn WhatIf(WhatIfProps { session, on_action }: &WhatIfProps) -> Html {
    let look = use_look();
    let m = look.messages();
    let own = session.scenario().server;
    let server = use_state(|| own);
    let state = use_state(State::default);
    let on_model = {
        let state = server.clone();
        Callback::from(move |event: Event| {
            let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
            let model = Model::ALL.into_iter().find(|model| model.name() == chosen);
            state.set(Server { model: model.unwrap_or(state.model), ..*state });
        })
    };
    let on_workers = {
        let state = server.clone();
        Callback::from(move |workers: u32| {
            state.set(Server { workers: Ranged::clamped(workers.into()), ..*state });
        })
    };
    let on_queue = {
        let state = server.clone();
        Callback::from(move |queue| state.set(Server { queue, ..*state }))
    };
    let on_policy = {
        let state = server.clone();
        Callback::from(move |on_full| state.set(Server { on_full, ..*state }))
    };
    let ask = |asked: Asked| {
        let (session, state) = (session.clone(), state.clone());
        Callback::from(move |_: MouseEvent| begin(&session, look, asked, &state))
    };
    let on_stage = {
        let (session, on_action) = (session.clone(), on_action.clone());
        Callback::from(move |server: Server| {
            if session.beside() == Some(server) {
                on_action.emit(Action::Alone);
            } else {
                put_on_stage(&session, look, server, &on_action);
            }
        })
    };
    let runs = matches!(*state, State::Runs);
    let Server { model, workers, queue, on_full, .. } = *server;
    html! {
        <section class="what-if panel" aria-label={m.what_if}>
            <header class="panel__head"><h2 class="panel__title">{ m.what_if }</h2></header>
            <p class="settings__hint">{ m.what_if_hint }</p>
            <div class="settings__list">
                <label key="model" class="setting">
                    <span class="setting__name">{ m.column_model }</span>
                    <select class="select" onchange={on_model}>
                        for one in Model::ALL {
                            <option key={one.name()} value={one.name()} selected={one == model}>{ (m.model_title)(one) }</option>
                        }
                    </select>
                </label>
                { slider(m, m.workers, None, workers.get(), 1024, !model.has_workers(), &on_workers) }
                { queue_setting(m, None, queue, !model.has_run_queue(), &on_queue) }
                { policy_setting(m, None, on_full, !model.has_run_queue(), &on_policy) }
            </div>
            <div class="what-if__ask">
                <button type="button" class="button button--small" disabled={runs} onclick={ask(Asked::One(*server))}>{ m.what_if_one }</button>
                <button type="button" class="button button--small" disabled={runs} onclick={ask(Asked::AllModels(*server))}>{ m.what_if_all }</button>
            </div>
            <p class="what-if__said" role="status">{ said(m, &state) }</p>
            if let State::Fared(fared) = &*state && let Ok(answer) = &**fared {
                { table(m, answer, session.beside(), &on_stage) }
            } else {
                <div key="none" hidden=true></div>
            }
        </section>
    }
}

/// What came of asking, in a sentence.
fn said(m: &'static Messages, state: &State) -> String {
    match state {
        State::Fared(fared) => {
            fared.as_ref().as_ref().map_or_else(Clone::clone, |answer| answer.said.clone())
        }
        State::NotAsked => String::new(),
        State::Runs => m.computing.to_owned(),
    }
}

fn table(
    m: &'static Messages,
    answer: &Answer,
    beside: Option<Server>,
    on_stage: &Callback<Server>,
) -> Html {
    html! {
        // Four columns are wider than a phone; the keyboard has to reach what scrolls.
        <div key="table" class="metrics__scroll" role="group" aria-label={m.what_if} tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <td key="corner"></td>
                        for (place, name) in answer.columns.iter().enumerate() {
                            <th key={place} scope="col">{ name.clone() }</th>
                        }
                    </tr>
                </thead>
                <tbody>
                    for (place, row) in answer.rows.iter().enumerate() {
                        <tr key={place}>
                            <th key="name" scope="row">
                                { row.server.clone() }
                                <span class="what-if__source">{ row.source.clone() }</span>
                                if let Some(server) = row.would {
                                    <button type="button" class="button button--small what-if__stage" aria-pressed={(beside == Some(server)).to_string()}
                                        onclick={on_stage.reform(move |_| server)}>{ m.on_stage }</button>
                                }
                            </th>
                            for (place, figure) in row.figures.iter().enumerate() {
                                <td key={place}>{ figure.clone() }</td>
                            }
                        </tr>
                    }
                </tbody>
            </table>
        </div>
    }
}

/// The panel, where a trace was opened: what is followed has yet to end, and what is simulated here
/// has settings of its own.
pub(crate) fn what_if(look: Look, session: &Rc<Session>, on_action: &Callback<Action>) -> Html {
    match (session.origin(), session.player().runs().first()) {
        // Another trace is another question, and an answer is in the language of its question.
        (Origin::Trace { .. }, Some(run)) => {
            html! { <WhatIf key={format!("{} {}", look.language.tag(), run.digest())} session={session.clone()} on_action={on_action.clone()} /> }
        }
        _ => html! { <div key="none" hidden=true></div> },
    }
}
