//! Parts of the page that are fetched when they are asked for.
//!
//! The first load is the model, the stage and one language. Whatever a reader may never ask for is
//! a program of its own, built together with this one: a `bin` of this crate and a line of
//! `index.html`. A part shares no memory with the page: it takes a question as bytes and gives an
//! answer as bytes ([`scheduler_model::wire`]). What the annex can be asked is in [`annex`], what a
//! language is asked in [`crate::messages`].

pub(crate) mod annex;

use js_sys::{Function, Promise, Reflect, Uint8Array};
use scheduler_model::wire::{Put, Take};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::browser;
use crate::messages::Messages;

/// A part, by the name of its `bin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Annex,
    Russian,
}

/// Why a part cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartError {
    /// It could not be fetched, or did not start.
    Missing,
    /// It was built from other sources: the host has another page by now.
    OtherBuild,
}

/// A part that was fetched.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    module: JsValue,
    ask: Function,
}

/// Something that a part can be asked, and what it answers.
pub(crate) trait Question: Put + Take {
    /// One number for each, so that the part knows which it is.
    const NUMBER: u8;
    /// What comes back.
    type Answer: Put + Take;
}

/// Of which sources this program was built. Parts of different builds do not understand each other.
pub(crate) const BUILD: &str = env!("WEB_SIM_BUILD");

impl PartError {
    /// What to say of it.
    pub(crate) const fn text(self, m: &Messages) -> &'static str {
        match self {
            Self::Missing => m.part_missing,
            Self::OtherBuild => m.part_of_other_build,
        }
    }
}

impl Part {
    const fn name(self) -> &'static str {
        match self {
            Self::Annex => "annex",
            Self::Russian => "russian",
        }
    }

    /// Fetches and starts it; a second time it is there at once.
    ///
    /// # Errors
    ///
    /// [`PartError`] when it cannot be had, now: a later try may succeed.
    pub(crate) async fn fetch(self) -> Result<Fetched, PartError> {
        let part = self.load().await.map_err(|_| PartError::Missing)?;
        if part.answer(&[]).as_deref() == Some(BUILD.as_bytes()) {
            Ok(part)
        } else {
            Err(PartError::OtherBuild)
        }
    }

    /// The document's own script does it, since how depends on how the page was packed.
    async fn load(self) -> Result<Fetched, JsValue> {
        let window = browser::window().ok_or(JsValue::NULL)?;
        let load: Function = Reflect::get(&window, &"schedulerLabPart".into())?.dyn_into()?;
        let promise: Promise =
            load.call2(&window, &self.name().into(), &BUILD.into())?.dyn_into()?;
        let module = JsFuture::from(promise).await?;
        let ask = Reflect::get(&module, &"ask".into())?.dyn_into()?;
        Ok(Fetched { module, ask })
    }
}

impl Fetched {
    /// What it answers; `None` when it does not understand.
    pub(crate) fn ask<Q: Question>(&self, question: &Q) -> Option<Q::Answer> {
        let mut bytes = vec![Q::NUMBER];
        question.put(&mut bytes);
        Q::Answer::from_wire(&self.answer(&bytes)?)
    }

    /// What it answers to these bytes; `None` when it fails.
    pub(crate) fn answer(&self, question: &[u8]) -> Option<Vec<u8>> {
        let answer = self.ask.call1(&JsValue::UNDEFINED, &Uint8Array::from(question)).ok()?;
        Some(answer.dyn_into::<Uint8Array>().ok()?.to_vec())
    }

    /// Something it does that takes a while: a promise of bytes.
    pub(crate) async fn begin(
        &self,
        name: &str,
        with: &JsValue,
        tell: &Function,
    ) -> Option<Vec<u8>> {
        let begin: Function = Reflect::get(&self.module, &name.into()).ok()?.dyn_into().ok()?;
        let promise: Promise =
            begin.call2(&JsValue::UNDEFINED, with, tell).ok()?.dyn_into().ok()?;
        let answer = JsFuture::from(promise).await.ok()?;
        Some(answer.dyn_into::<Uint8Array>().ok()?.to_vec())
    }
}

/// What a part answers to its first question, which is empty: its build.
pub(crate) fn greeting() -> Vec<u8> {
    BUILD.as_bytes().to_vec()
}
