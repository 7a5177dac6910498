//! What the page does beside showing itself: it takes a look, lets time pass, and hears keys.

use gloo_events::EventListener;
use yew::prelude::*;

use super::{Dialogue, LANGUAGE_KEY, Look, THEME_KEY};
use crate::browser::{self, Frames};
use crate::components::keys::{Key, action_of_key};
use crate::session::{Action, Session};

/// Takes a look as soon as its language is here.
#[hook]
pub(super) fn use_new_look(
    state: &UseStateHandle<Look>,
    on_action: &Callback<Action>,
) -> Callback<Look> {
    let (state, on_action) = (state.clone(), on_action.clone());
    Callback::from(move |look: Look| {
        let taken = {
            let state = state.clone();
            move || {
                // Where storage is refused the choice lasts as long as the page.
                let _ = browser::store(LANGUAGE_KEY, look.language.tag());
                let _ = browser::store(THEME_KEY, look.theme.name());
                state.set(look);
            }
        };
        if look.language.is_here() {
            taken();
            return;
        }
        let (state, on_action) = (state.clone(), on_action.clone());
        wasm_bindgen_futures::spawn_local(async move {
            match look.language.fetch().await {
                Ok(()) => taken(),
                // In the language that is here.
                Err(error) => on_action.emit(Action::Fail(error.text(state.messages()).to_owned())),
            }
        });
    })
}

/// Time passes only while it plays.
#[hook]
pub(super) fn use_frames(is_playing: bool, on_action: &Callback<Action>) {
    let on_action = on_action.clone();
    use_effect_with(is_playing, move |&is_playing| {
        let frames = is_playing.then(|| {
            let glides = browser::prefers_still() != Some(true);
            Frames::new(on_action.reform(move |elapsed_ms| Action::Tick { elapsed_ms, glides }))
        });
        move || drop(frames)
    });
}

/// Keys work wherever the focus is, but for what the focused element does with them itself.
#[hook]
pub(super) fn use_keys(
    session: &UseReducerHandle<Session>,
    on_action: &Callback<Action>,
    letters: bool,
    dialogue: &UseStateHandle<Option<Dialogue>>,
) {
    let (on_action, open) = (on_action.clone(), dialogue.clone());
    let is_free = dialogue.is_none();
    use_effect_with((session.clone(), letters, is_free), move |(session, letters, is_free)| {
        let (session, letters, is_free) = (session.clone(), *letters, *is_free);
        let listener = browser::window().filter(|_| is_free).map(|window| {
            let options = gloo_events::EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&window, "keydown", options, move |event| {
                let Some(key) = action_of_key(event, &session, letters) else { return };
                event.prevent_default();
                match key {
                    Key::Act(action) => on_action.emit(action),
                    Key::Help => open.set(Some(Dialogue::Keys)),
                }
            })
        });
        move || drop(listener)
    });
}

/// Language, direction and theme are the document's own.
#[hook]
pub(super) fn use_document(look: Look) {
    use_effect_with(look, |look| {
        let _ = browser::set_on_root("lang", look.language.tag());
        let _ = browser::set_on_root("dir", "ltr");
        let _ = browser::set_on_root("data-theme", look.theme.name());
    });
}
