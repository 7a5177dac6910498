//! The page: a run of the scheduler, shown event by event, forwards and backwards.
//!
//! State flows one way: an [`session::Action`] goes to the [`session::Session`], whose runs and
//! cursor become view models (`views`), which components lay out. A component decides nothing
//! about scheduling; a view model contains no language; whatever a browser may refuse is behind
//! `browser`. What a reader may never ask for is no part of the first load: see `parts`.

pub mod annex;
mod app;
mod browser;
mod code;
mod components;
mod embed;
mod lessons;
mod live;
mod messages;
mod number;
mod pace;
mod parts;
mod player;
mod run;
mod scenarios;
mod session;
mod url;
mod views;

/// Puts the page into the document's body, in the language that is asked for.
pub fn mount() {
    let render = || drop(yew::Renderer::<app::App>::new().render());
    let language = app::language_to_open_in();
    if language.is_here() {
        return render();
    }
    wasm_bindgen_futures::spawn_local(async move {
        // Where it cannot be had the page says so, in the language that it has.
        let _ = language.fetch().await;
        render();
    });
}

/// Puts the page into this element.
pub fn mount_into(host: web_sys::Element) {
    yew::Renderer::<app::App>::with_root(host).render();
}

/// The Russian language, a program of its own: takes a question of the page and gives its answer.
pub fn russian(question: &[u8]) -> Vec<u8> {
    if question.is_empty() { parts::greeting() } else { messages::russian(question) }
}
