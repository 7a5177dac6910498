//! A link to this moment, and what to put into another page to show it there.

use std::rc::Rc;

use yew::prelude::*;

use super::dialogue::DialogueBox;
use crate::app::use_look;
use crate::browser;
use crate::session::Session;
use crate::url::Query;

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct ShareProps {
    /// Whether it is open.
    pub(crate) is_open: bool,
    /// The page's state.
    pub(crate) session: Rc<Session>,
    /// Closes it.
    pub(crate) on_close: Callback<()>,
}

/// What came of copying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copied {
    No,
    Refused,
    Yes,
}

/// Shows the link and the snippet.
#[component]
pub(crate) fn Share(ShareProps { is_open, session, on_close }: &ShareProps) -> Html {
    let look = use_look();
    let m = look.messages();
    let address = browser::address().unwrap_or_default();
    let link = session.link().unwrap_or_default();
    let query = Query { language: Some(look.language), ..link };
    let url = format!("{address}{query}");
    let framed = format!("{address}{}", Query { embed: true, ..query });
    let snippet = format!(
        "<iframe src=\"{}\" title=\"Scheduler Lab\" width=\"100%\" height=\"720\" style=\"border:0\"></iframe>",
        framed.replace('&', "&amp;")
    );
    let is_changed = session.branch() > 0 || session.link().is_none();
    html! {
        <DialogueBox title={m.share} is_open={*is_open} on_close={on_close.clone()}>
            <Snippet key="link" name={m.link} text={url} is_open={*is_open} />
            <Snippet key="embed" name={m.embed} text={snippet} is_open={*is_open} />
            if is_changed {
                <p class="share__note">{ if session.is_trace() { m.link_file } else { m.link_changes } }</p>
            }
        </DialogueBox>
    }
}

/// What to show.
#[derive(PartialEq, Properties)]
struct SnippetProps {
    /// What it is.
    name: &'static str,
    /// The text to copy.
    text: String,
    /// Whether its dialogue is open; closing it forgets what was copied.
    is_open: bool,
}

/// A text with a button that copies it.
#[component]
fn Snippet(SnippetProps { name, text, is_open }: &SnippetProps) -> Html {
    let m = use_look().messages();
    let copied = use_state(|| Copied::No);
    {
        let copied = copied.clone();
        use_effect_with((*is_open, text.clone()), move |_| copied.set(Copied::No));
    }
    let on_copy = {
        let (text, copied) = (text.clone(), copied.clone());
        Callback::from(move |_: MouseEvent| {
            let told = copied.clone();
            let done = Callback::from(move |worked| {
                told.set(if worked { Copied::Yes } else { Copied::Refused });
            });
            if browser::copy(&text, done).is_err() {
                copied.set(Copied::Refused);
            }
        })
    };
    html! {
        <div class="snippet">
            <h3 class="snippet__name">{ *name }</h3>
            <div class="snippet__line">
                <textarea class="snippet__text" readonly=true rows="2" aria-label={*name} value={text.clone()} />
                <button type="button" class="button" onclick={on_copy}>
                    { if *copied == Copied::Yes { m.copied } else { m.copy } }
                </button>
            </div>
            if *copied == Copied::Refused {
                <p class="snippet__refused" role="status">{ m.copy_refused }</p>
            }
        </div>
    }
}
