//! A run out of a file, and a run into one.

use std::rc::Rc;

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::app::use_look;
use crate::browser;
use crate::messages::Messages;
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
            if save(&session).is_none() {
                on_action.emit(Action::Fail(m.download_refused.to_owned()));
            }
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
    let read = on_action.reform(move |(name, text): (String, Option<String>)| match text {
        // The name without `.gz` is what the file was before it was packed.
        Some(text) => Action::Open { name: name.trim_end_matches(".gz").to_owned(), text },
        None => Action::Fail((m.unreadable)(&name)),
    });
    browser::read(file, read);
}

/// Saves the first run that is shown, as a trace.
fn save(session: &Session) -> Option<()> {
    let run = session.player().runs().first()?;
    let mut bytes = Vec::new();
    run.trace().write(&mut bytes).ok()?;
    let name = format!("{}-{}.jsonl", run.scenario().name, run.model().name());
    browser::save(&name, &bytes).ok()
}
