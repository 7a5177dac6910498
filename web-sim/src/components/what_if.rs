//! What if: how another server would have fared with the requests of the trace that is open.
//!
//! What it computes is computed in the annex, and what comes of it dies with this panel.

use std::rc::Rc;

use js_sys::Uint8Array;
use scheduler_model::Model;
use scheduler_model::scenario::{Ranged, Server};
use scheduler_model::wire::{Put as _, Take as _};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::settings::{policy_setting, queue_setting, slider};
use crate::app::{Look, use_look};
use crate::messages::Messages;
use crate::parts::annex::{Answer, Fared, WhatIf as Question};
use crate::parts::{Fetched, Part};
use crate::session::{Origin, Session};
use crate::views::what_if::Asked;

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct WhatIfProps {
    /// The page's state, in which a trace is open.
    pub(crate) session: Rc<Session>,
}

/// How asking stands.
#[derive(Clone, Default)]
enum State {
    Fared(Rc<Fared>),
    #[default]
    NotAsked,
    Runs,
}

/// Shows what can be asked, and what came of it.
#[component]
pub(crate) fn WhatIf(WhatIfProps { session }: &WhatIfProps) -> Html {
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
                { table(m, answer) }
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

fn table(m: &'static Messages, answer: &Answer) -> Html {
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
                            <th key="name" scope="row">{ row.server.clone() }<span class="what-if__source">{ row.source.clone() }</span></th>
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

/// Has the annex simulate what is asked.
fn begin(session: &Session, look: Look, asked: Asked, state: &UseStateHandle<State>) {
    let Some(run) = session.player().runs().first().cloned() else { return };
    state.set(State::Runs);
    let (state, m) = (state.clone(), look.messages());
    wasm_bindgen_futures::spawn_local(async move {
        let trace = run.trace().clone();
        let question = Question { language: look.language, trace, asked };
        let fared = match Part::Annex.fetch().await {
            Ok(annex) => answered(&annex, &question).await,
            Err(error) => Some(Err(error.text(m).to_owned())),
        };
        let fared = fared.unwrap_or_else(|| Err(m.part_missing.to_owned()));
        state.set(State::Fared(Rc::new(fared)));
    });
}

async fn answered(annex: &Fetched, question: &Question) -> Option<Fared> {
    let question = Uint8Array::from(question.to_wire().as_slice());
    // It says nothing before it is done.
    let tell = JsValue::UNDEFINED;
    Fared::from_wire(&annex.begin("what_if", &question, tell.unchecked_ref()).await?)
}

/// The panel, where a trace was opened: what is followed has yet to end, and what is simulated here
/// has settings of its own.
pub(crate) fn what_if(look: Look, session: &Rc<Session>) -> Html {
    match (session.origin(), session.player().runs().first()) {
        // Another trace is another question, and an answer is in the language of its question.
        (Origin::Trace { .. }, Some(run)) => {
            html! { <WhatIf key={format!("{} {}", look.language.tag(), run.digest())} session={session.clone()} /> }
        }
        _ => html! { <div key="none" hidden=true></div> },
    }
}
