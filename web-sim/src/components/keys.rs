//! The keys: what each does, and a list of them.

use scheduler_model::RequestId;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

use super::dialogue::DialogueBox;
use super::live::toggled;
use super::sender::{BURST, Routes};
use crate::app::use_look;
use crate::live;
use crate::session::{Action, Session};
use crate::views::why::{self, Panel};

/// What a key asks for.
#[derive(Clone, Debug)]
pub(crate) enum Key {
    Act(Action),
    Help,
}

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct KeysProps {
    /// Whether the list is open.
    pub(crate) is_open: bool,
    /// Whether single characters are keys; somebody who speaks to the computer may not want that.
    pub(crate) letters: bool,
    /// Takes the other choice.
    pub(crate) on_letters: Callback<bool>,
    /// Closes the list.
    pub(crate) on_close: Callback<()>,
}

/// Lists the keys.
#[component]
pub(crate) fn Keys(KeysProps { is_open, letters, on_letters, on_close }: &KeysProps) -> Html {
    let m = use_look().messages();
    let on_change = on_letters
        .reform(|event: yew::Event| event.target_unchecked_into::<HtmlInputElement>().checked());
    html! {
        <DialogueBox title={m.keys_title} is_open={*is_open} on_close={on_close.clone()}>
            <dl class="keys">
                for (key, what) in m.key_list {
                    <div key={key} class="keys__one"><dt><kbd>{ key }</kbd></dt><dd>{ what }</dd></div>
                }
            </dl>
            <label class="keys__letters">
                <input type="checkbox" checked={*letters} onchange={on_change} />{ m.letter_keys }
            </label>
        </DialogueBox>
    }
}

/// What a key that was pressed asks for; none where the focused element has a use for it.
pub(crate) fn action_of_key(event: &Event, session: &Session, letters: bool) -> Option<Key> {
    let event: &KeyboardEvent = event.dyn_ref()?;
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let tag = target.map(|element| element.tag_name()).unwrap_or_default();
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return None;
    }
    if matches!(tag.as_str(), "INPUT" | "SELECT" | "TEXTAREA") {
        return None;
    }
    let is_pressable = matches!(tag.as_str(), "BUTTON" | "SUMMARY" | "A");
    let key = letter(event.key(), &event.code());
    meaning(&key, session, letters, is_pressable, live::is_there())
}

/// What a key writes, or, under a layout of other letters, the Latin one at its place: a reader of Russian need
/// not change the layout for each key.
fn letter(key: String, place: &str) -> String {
    match place.strip_prefix("Key") {
        Some(latin) if !key.is_ascii() => latin.to_ascii_lowercase(),
        _ => key,
    }
}

fn meaning(
    key: &str,
    session: &Session,
    letters: bool,
    is_pressable: bool,
    is_live: bool,
) -> Option<Key> {
    let routes = Routes::of(session.scenario());
    let send = |route, count| Action::Send { route, count };
    let action = match key {
        "ArrowRight" => Action::Step,
        "ArrowLeft" => Action::StepBack,
        "Home" => Action::GoToStep(0),
        "End" => Action::GoToStep(usize::MAX),
        "Escape" => Action::Select(None),
        _ if !letters => return None,
        "?" => return Some(Key::Help),
        " " if is_pressable => return None,
        " " if session.is_playing() || session.is_following() => Action::Pause,
        " " => Action::Play,
        "d" => Action::GoToFirstDifference,
        "n" => Action::GoToNextOf(asked_about(session)?),
        "l" if is_live => toggled(session.is_following()),
        "f" if session.can_send() => send(routes.fast?, 1),
        "s" if session.can_send() => send(routes.slow?, 1),
        "b" if session.can_send() => send(routes.of_burst()?, BURST),
        _ => return None,
    };
    Some(Key::Act(action))
}

/// The request that is asked about: by the reader, or else by the page.
fn asked_about(session: &Session) -> Option<RequestId> {
    session.selected().or_else(|| match why::panel(session.player(), None) {
        Panel::Why(why) => Some(why.request),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Language;
    use crate::url::Query;

    #[test]
    fn letters_can_be_turned_off_and_arrows_stay() {
        let session = Session::new(&Query::default()).0;
        for key in ["f", "s", "b", "d", "l", " ", "?"] {
            assert!(meaning(key, &session, true, false, true).is_some(), "{key}");
            assert!(meaning(key, &session, false, false, true).is_none(), "{key}");
        }
        for key in ["ArrowRight", "ArrowLeft", "Home", "End"] {
            assert!(meaning(key, &session, false, false, true).is_some(), "{key}");
        }
    }

    #[test]
    fn the_list_has_every_key_and_no_other() {
        // A moment at which somebody waits, so that every key has something to do.
        let waiting = Query { step: Some(30), ..Query::default() };
        let session = Session::new(&waiting).0;
        let named = Language::English.messages().key_list.map(|(key, _)| match key {
            "→" => "ArrowRight",
            "←" => "ArrowLeft",
            "Space" => " ",
            "Esc" => "Escape",
            key => key,
        });
        for key in named {
            assert!(meaning(key, &session, true, false, true).is_some(), "{key} does nothing");
        }
        let characters = (b' '..=b'~').map(|byte| char::from(byte).to_string());
        for key in characters {
            let does = meaning(&key, &session, true, false, true).is_some();
            assert_eq!(does, named.contains(&&*key), "{key}");
        }
    }

    #[test]
    fn a_letter_of_another_alphabet_is_the_latin_one_at_its_place() {
        let pressed = |key: &str, place| letter(key.to_owned(), place);
        assert_eq!((pressed("ы", "KeyS"), pressed("Т", "KeyN")), ("s".into(), "n".into()));
        // A layout with Latin letters at other places has them where it says.
        assert_eq!((pressed("s", "KeyO"), pressed("?", "Digit7")), ("s".into(), "?".into()));
        assert_eq!(
            (pressed("ArrowRight", "ArrowRight"), pressed("ж", "")),
            ("ArrowRight".into(), "ж".into())
        );
    }

    #[test]
    fn the_next_moment_is_that_of_the_request_asked_about() {
        let waiting = Query { step: Some(30), ..Query::default() };
        let session = Session::new(&waiting).0;
        let next = |session: &Session| match meaning("n", session, true, false, false) {
            Some(Key::Act(Action::GoToNextOf(request))) => Some(request),
            _ => None,
        };
        assert_eq!(next(&session), Some(RequestId(2)), "who waits longest");
        let asked = Session::new(&Query { request: Some(RequestId(3)), ..waiting }).0;
        assert_eq!(next(&asked), Some(RequestId(3)));
        assert_eq!(next(&Session::new(&Query::default()).0), None, "nobody has come");
    }

    #[test]
    fn the_space_bar_presses_the_button_that_has_the_focus() {
        let session = Session::new(&Query::default()).0;
        assert!(meaning(" ", &session, true, true, true).is_none());
    }
}
