//! A link to this moment, and what to put into another page to show it there.

use std::rc::Rc;

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::dialogue::DialogueBox;
use crate::app::use_look;
use crate::browser;
use crate::session::Session;
use crate::url::Query;
use crate::views::snippet::Host;

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

/// Shows the link, and a snippet for the kind of page that the reader chooses.
#[component]
pub(crate) fn Share(ShareProps { is_open, session, on_close }: &ShareProps) -> Html {
    let look = use_look();
    let m = look.messages();
    let host = use_state(|| Host::Html);
    let address = browser::address().unwrap_or_default();
    let query = Query { language: Some(look.language), ..session.link().unwrap_or_default() };
    let note = if session.is_trace() {
        Some(m.link_file)
    } else if query.is_short() {
        None
    } else {
        Some(m.link_long)
    };
    let on_host = {
        let host = host.clone();
        Callback::from(move |event: Event| {
            let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
            host.set(Host::ALL.into_iter().find(|host| host.name() == chosen).unwrap_or(*host));
        })
    };
    html! {
        <DialogueBox title={m.share} is_open={*is_open} on_close={on_close.clone()}>
            <Snippet key="link" name={m.link} text={format!("{address}{query}")} is_open={*is_open} />
            <div key="embed" class="share__embed">
                <label class="share__host">
                    <span>{ m.embed_into }</span>
                    <select class="select" onchange={on_host} data-testid="host">
                        for one in Host::ALL {
                            <option key={one.name()} value={one.name()} selected={one == *host}>{ one.name() }</option>
                        }
                    </select>
                </label>
                <Snippet name={m.embed} text={host.snippet(&address, &query)} is_open={*is_open} />
            </div>
            if let Some(note) = note {
                <p key="note" class="share__note">{ note }</p>
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
                <textarea class="snippet__text" readonly=true rows="3" aria-label={*name} value={text.clone()} />
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
