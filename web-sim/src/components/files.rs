//! A run out of a file, and a run into one.

use std::rc::Rc;

use scheduler_model::wire::Take;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::app::use_look;
use crate::browser;
use crate::messages::Messages;
use crate::parts::Part;
use crate::parts::annex::{Opened, Write};
use crate::run::Run;
use crate::session::{Action, Session};

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct FilesProps {
    /// The page's state.
    pub(crate) session: Rc<Session>,
    /// Takes what the reader does.
    pub(crate) on_action: Callback<Action>,
}

/// Shows how to open a trace and how to save one.
#[component]
pub(crate) fn Files(FilesProps { session, on_action }: &FilesProps) -> Html {
    let m = use_look().messages();
    let input = use_node_ref();
    let on_choose = {
        let input = input.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                input.click();
            }
        })
    };
    let on_chosen = {
        let on_action = on_action.clone();
        Callback::from(move |event: Event| {
            let input = event.target_unchecked_into::<HtmlInputElement>();
            if let Some(file) = input.files().and_then(|files| files.item(0)) {
                open(file, m, &on_action);
            }
            // The same file may be chosen again, after it was changed.
            input.set_value("");
        })
    };
    let on_save = {
        let (session, on_action) = (session.clone(), on_action.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(run) = session.player().runs().first().cloned() else { return };
            let on_action = on_action.clone();
            wasm_bindgen_futures::spawn_local(async move {
                if let Err(why) = save(&run, m).await {
                    on_action.emit(Action::Fail(why.to_owned()));
                }
            });
        })
    };
    html! {
        <div class="files">
            <input ref={input} type="file" hidden=true accept=".jsonl,.json,.trace,.gz" onchange={on_chosen}
                data-testid="trace-file" />
            <button type="button" class="button button--quiet" title={m.open_hint} onclick={on_choose}>{ m.open }</button>
            <button type="button" class="button button--quiet" onclick={on_save}>{ m.download }</button>
        </div>
    }
}

/// Reads a file and opens what is in it.
pub(crate) fn open(file: web_sys::File, m: &'static Messages, on_action: &Callback<Action>) {
    let on_action = on_action.clone();
    wasm_bindgen_futures::spawn_local(async move {
        let name = file.name();
        let opened = opened(file, &name, m, &on_action).await;
        on_action.emit(opened.unwrap_or_else(Action::Fail));
    });
}

async fn opened(
    file: web_sys::File,
    name: &str,
    m: &'static Messages,
    on_action: &Callback<Action>,
) -> Result<Action, String> {
    let annex = Part::Annex.fetch().await.map_err(|error| error.text(m).to_owned())?;
    let (told, on_action) = (name.to_owned(), on_action.clone());
    let tell = Closure::<dyn Fn(u32)>::new(move |n_events: u32| {
        on_action.emit(Action::Read { name: told.clone(), n_events: n_events.into() });
    });
    let answer = annex.begin("open", &file, tell.as_ref().unchecked_ref()).await;
    let unreadable = || (m.unreadable)(name);
    let opened = answer.and_then(|bytes| Opened::from_wire(&bytes)).ok_or_else(unreadable)?;
    let (trace, judgement) = opened.map_err(|reason| reason.unwrap_or_else(unreadable))?;
    let name = name.trim_end_matches(".gz").to_owned();
    Ok(Action::Open { name, run: Rc::new(Run::new(trace)), conformance: Rc::new(judgement) })
}

/// Saves the first run that is shown, as a trace.
async fn save(run: &Run, m: &'static Messages) -> Result<(), &'static str> {
    let annex = Part::Annex.fetch().await.map_err(|error| error.text(m))?;
    let file = annex.ask(&Write { trace: run.trace().clone() }).ok_or(m.download_refused)?;
    let name = format!("{}-{}.jsonl", run.scenario().name, run.model().name());
    browser::save(&name, &file).map_err(|_| m.download_refused)
}
