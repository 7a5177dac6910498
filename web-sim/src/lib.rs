//! The page: a run of the scheduler, shown event by event, forwards and backwards.
//!
//! State flows one way: an [`session::Action`] goes to the [`session::Session`], whose runs and
//! cursor become view models (`views`), which components lay out. A component decides nothing
//! about scheduling; a view model contains no language; whatever a browser may refuse is behind
//! `browser`.

mod app;
mod browser;
mod components;
mod embed;
mod lessons;
mod messages;
mod number;
mod pace;
mod player;
mod run;
mod scenarios;
mod session;
mod url;
mod views;

/// Puts the page into the document's body.
pub fn mount() {
    yew::Renderer::<app::App>::new().render();
}

/// Puts the page into this element.
pub fn mount_into(host: web_sys::Element) {
    yew::Renderer::<app::App>::with_root(host).render();
}
