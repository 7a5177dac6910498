//! What the page and the page that it is framed in say to each other.
//!
//! Messages are objects with a `type` and a [`VERSION`]. Of what comes in only what the framing
//! page itself says is read (`event.source`), and nothing that it says is more than a reader could
//! do with the controls. `docs/EMBEDDING.md` has each message; a test reads it.

use gloo_events::EventListener;
use scheduler_model::SimTime;
use wasm_bindgen::JsValue;
use yew::prelude::*;

use crate::app::Look;
use crate::browser::{self, Message, SizeObserver};
use crate::messages::Language;
use crate::session::{Action, Session};
use crate::url::{Resize, Theme};

/// The version of the messages. What another version says is not read.
const VERSION: u32 = 1;

/// What the page says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Said {
    /// It listens now.
    Ready,
    /// How high its content is, in CSS pixels.
    Height(f64),
    /// Where it stands: after `step` of `steps` events, at this moment.
    Step { step: usize, steps: usize, at: SimTime },
}

/// What the page is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Go to after this many events.
    Go(usize),
    /// Speak this language and wear this theme; what is not told stays.
    Look { language: Option<Language>, theme: Option<Theme> },
    /// Stand still.
    Pause,
    /// Play.
    Play,
}

impl Said {
    /// The types of all messages, as they are sent.
    #[cfg(test)]
    pub(crate) const TYPES: [&'static str; 3] =
        ["scheduler-lab:ready", "scheduler-lab:height", "scheduler-lab:step"];

    #[expect(clippy::cast_precision_loss, reason = "a run has far fewer than 2^53 events")]
    fn post(self) {
        let (name, mut fields): (&str, Vec<(&str, JsValue)>) = match self {
            Self::Ready => ("scheduler-lab:ready", Vec::new()),
            Self::Height(height) => ("scheduler-lab:height", vec![("height", height.into())]),
            Self::Step { step, steps, at } => {
                let fields = vec![
                    ("step", (step as f64).into()),
                    ("steps", (steps as f64).into()),
                    ("at_ns", (at.as_nanos() as f64).into()),
                ];
                ("scheduler-lab:step", fields)
            }
        };
        fields.extend([("type", name.into()), ("version", VERSION.into())]);
        // Nobody to tell is nothing to worry about: the page is not framed then.
        let _ = browser::post_to_parent(&fields);
    }
}

impl Asked {
    /// The types of all messages, as they have to come.
    #[cfg(test)]
    pub(crate) const TYPES: [&'static str; 4] =
        ["scheduler-lab:go", "scheduler-lab:look", "scheduler-lab:play", "scheduler-lab:pause"];

    /// What a message of this type asks for; `None` for what means nothing.
    fn read(
        kind: &str,
        number: impl Fn(&str) -> Option<f64>,
        text: impl Fn(&str) -> Option<String>,
    ) -> Option<Self> {
        if number("version") != Some(VERSION.into()) {
            return None;
        }
        match kind {
            "scheduler-lab:go" => number("step").and_then(step).map(Self::Go),
            "scheduler-lab:look" => {
                let language = text("lang").and_then(|tag| Language::of_tag(&tag));
                let theme = text("theme");
                let theme = Theme::ALL.into_iter().find(|one| Some(one.name()) == theme.as_deref());
                Some(Self::Look { language, theme })
            }
            "scheduler-lab:pause" => Some(Self::Pause),
            "scheduler-lab:play" => Some(Self::Play),
            _ => None,
        }
    }
}

/// Tells the outer page where this one stands and how high it is, and does what it asks.
#[hook]
pub(crate) fn use_outer_page(
    page: &NodeRef,
    session: &Session,
    resize: Resize,
    look: Look,
    on_action: &Callback<Action>,
    on_look: &Callback<Look>,
) {
    let is_framed = look.is_embedded;
    use_height(page, is_framed, resize);
    let player = session.player();
    let stands = Said::Step { step: player.cursor(), steps: player.n_steps(), at: player.moment() };
    // Silent while it plays: the last step is told when it stands still again.
    use_effect_with((stands, is_framed && !session.is_playing()), |&(stands, tells)| {
        if tells {
            stands.post();
        }
    });
    let (on_action, on_look) = (on_action.clone(), on_look.clone());
    use_effect_with(look, move |&look| {
        let on_message = Callback::from(move |message: Message| {
            let kind = message.text("type").unwrap_or_default();
            let asked = Asked::read(&kind, |name| message.number(name), |name| message.text(name));
            match asked {
                Some(Asked::Go(step)) => on_action.emit(Action::GoToStep(step)),
                Some(Asked::Pause) => on_action.emit(Action::Pause),
                Some(Asked::Play) => on_action.emit(Action::Play),
                Some(Asked::Look { language, theme }) => on_look.emit(Look {
                    language: language.unwrap_or(look.language),
                    theme: theme.unwrap_or(look.theme),
                    ..look
                }),
                None => {}
            }
        });
        let listener: Option<EventListener> =
            look.is_embedded.then(|| browser::on_message_of_parent(on_message)).flatten();
        move || drop(listener)
    });
    use_effect_with(is_framed, |&is_framed| {
        if is_framed {
            Said::Ready.post();
        }
    });
}

/// Posts the height of the document's content to the parent, now and whenever it changes.
#[hook]
fn use_height(node: &NodeRef, is_framed: bool, resize: Resize) {
    let node = node.clone();
    use_effect_with(is_framed, move |&is_framed| {
        let element = node.cast::<web_sys::Element>().filter(|_| is_framed);
        let observer = element.and_then(|element| {
            let posted = Callback::from(move |(_, height): (f64, f64)| post_height(height, resize));
            SizeObserver::new(&element, posted)
        });
        move || drop(observer)
    });
}

fn post_height(height: f64, resize: Resize) {
    let height = height.ceil();
    Said::Height(height).post();
    let _ = match resize {
        Resize::Own => None,
        Resize::Lti => browser::post_to_parent(&[
            ("subject", "lti.frameResize".into()),
            ("height", height.into()),
        ]),
        Resize::OpenEdx => {
            let payload = browser::object(&[("height", height.into())]);
            browser::post_to_parent(&[("type", "plugin.resize".into()), ("payload", payload)])
        }
    };
}

/// A whole number of events, whatever number was sent.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number in the range of u32"
)]
fn step(number: f64) -> Option<usize> {
    let is_step = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    is_step.then_some(number as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, version: f64, step: f64, words: &[(&str, &str)]) -> Option<Asked> {
        let number = |name: &str| match name {
            "version" => Some(version),
            "step" => Some(step),
            _ => None,
        };
        let text = |name: &str| {
            words.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
        };
        Asked::read(kind, number, text)
    }

    #[test]
    fn each_message_is_read() {
        assert_eq!(read("scheduler-lab:go", 1.0, 12.0, &[]), Some(Asked::Go(12)));
        assert_eq!(read("scheduler-lab:play", 1.0, 0.0, &[]), Some(Asked::Play));
        assert_eq!(read("scheduler-lab:pause", 1.0, 0.0, &[]), Some(Asked::Pause));
        let look = read("scheduler-lab:look", 1.0, 0.0, &[("lang", "ru"), ("theme", "pink")]);
        let expected = Asked::Look { language: Some(Language::Russian), theme: None };
        assert_eq!(look, Some(expected));
        for kind in Asked::TYPES {
            assert!(read(kind, 1.0, 1.0, &[]).is_some(), "{kind}");
        }
    }

    #[test]
    fn what_means_nothing_is_not_read() {
        for step in [-1.0, 0.5, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(read("scheduler-lab:go", 1.0, step, &[]), None, "{step}");
        }
        assert_eq!(read("scheduler-lab:go", 2.0, 1.0, &[]), None, "another version");
        assert_eq!(read("scheduler-lab:quit", 1.0, 1.0, &[]), None);
        assert_eq!(read("", 1.0, 1.0, &[]), None);
    }
}
