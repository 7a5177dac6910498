//! Asking the annex what another server would have done, which takes it a while.

use std::rc::Rc;

use js_sys::Uint8Array;
use scheduler_model::scenario::Server;
use scheduler_model::wire::{Put as _, Take};
use wasm_bindgen::{JsCast, JsValue};
use yew::prelude::*;

use crate::app::Look;
use crate::browser;
use crate::messages::Messages;
use crate::parts::annex::{Fared, RunAgain, WhatIf as Question};
use crate::parts::{Part, PartError};
use crate::run::Run;
use crate::session::{Action, Session};
use crate::views::what_if::Asked;

/// How asking stands.
#[derive(Clone, Default)]
pub(super) enum State {
    Fared(Rc<Fared>),
    #[default]
    NotAsked,
    Runs,
}

/// Has the annex simulate what is asked.
pub(super) fn begin(session: &Session, look: Look, asked: Asked, state: &UseStateHandle<State>) {
    let Some(run) = session.player().runs().first() else { return };
    state.set(State::Runs);
    let question = Question { language: look.language, trace: run.trace().clone(), asked };
    let (state, m) = (state.clone(), look.messages());
    let tell = Callback::from(move |answer: Asking| {
        state.set(State::Fared(Rc::new(read(m, answer))));
    });
    ask("what_if", question.to_wire(), tell);
}

/// Has the annex run one server again, and puts that beside the trace.
pub(super) fn put_on_stage(
    session: &Session,
    look: Look,
    server: Server,
    on_action: &Callback<Action>,
) {
    let Some(run) = session.player().runs().first() else { return };
    let question = RunAgain { language: look.language, trace: run.trace().clone(), server };
    let m = look.messages();
    let tell = on_action.reform(move |answer| match read(m, answer) {
        Ok(trace) => {
            // It is far above the table that was asked.
            let _ = browser::show(".stage");
            Action::Beside(Run::what_if(trace))
        }
        Err(why) => Action::Fail(why),
    });
    ask("run_again", question.to_wire(), tell);
}

/// What comes of asking the annex: an answer's bytes.
type Asking = Result<Vec<u8>, PartError>;

/// Asks the annex what takes long, and tells what comes of it.
fn ask(name: &'static str, question: Vec<u8>, tell: Callback<Asking>) {
    wasm_bindgen_futures::spawn_local(async move {
        let answer = match Part::Annex.fetch().await {
            // It says nothing before it is done.
            Ok(annex) => {
                let question = Uint8Array::from(question.as_slice());
                let answer = annex.begin(name, &question, JsValue::UNDEFINED.unchecked_ref()).await;
                answer.ok_or(PartError::Missing)
            }
            Err(error) => Err(error),
        };
        tell.emit(answer);
    });
}

/// What the annex said, or a sentence on why it said nothing.
fn read<T: Take>(m: &Messages, answer: Asking) -> Result<T, String> {
    let said = answer.and_then(|bytes| Result::from_wire(&bytes).ok_or(PartError::Missing));
    said.unwrap_or_else(|error| Err(error.text(m).to_owned()))
}
