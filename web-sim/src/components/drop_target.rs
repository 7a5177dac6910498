//! A file that is dropped anywhere on the page is opened.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::DragEvent;
use yew::prelude::*;

use super::files;
use crate::app::use_look;
use crate::browser;
use crate::session::Action;

/// What to tell.
#[derive(PartialEq, Properties)]
pub(crate) struct DropTargetProps {
    /// Takes what the reader does.
    pub(crate) on_action: Callback<Action>,
}

/// Says, while a file is over the page, that it can be dropped.
#[component]
pub(crate) fn DropTarget(DropTargetProps { on_action }: &DropTargetProps) -> Html {
    let look = use_look();
    let is_over = use_state(|| false);
    {
        let (is_over, on_action) = (is_over.clone(), on_action.clone());
        use_effect_with(look.language, move |_| {
            let m = look.messages();
            let listeners = browser::window().map(|window| {
                let listen = |name: &'static str, act: Box<dyn Fn(&DragEvent)>| {
                    let options = EventListenerOptions::enable_prevent_default();
                    EventListener::new_with_options(&window, name, options, move |event| {
                        event.prevent_default();
                        act(event.unchecked_ref());
                    })
                };
                let (over, out) = (is_over.clone(), is_over.clone());
                [
                    listen("dragover", Box::new(move |_| over.set(true))),
                    listen(
                        "dragleave",
                        // Leaving one element for another is no leaving of the page.
                        Box::new(move |event| out.set(event.related_target().is_some())),
                    ),
                    listen(
                        "drop",
                        Box::new(move |event| {
                            is_over.set(false);
                            let files = event.data_transfer().and_then(|data| data.files());
                            if let Some(file) = files.and_then(|files| files.item(0)) {
                                files::open(file, m, &on_action);
                            }
                        }),
                    ),
                ]
            });
            move || drop(listeners)
        });
    }
    html! {
        <div class="drop-target" hidden={!*is_over}><p>{ look.messages().drop_here }</p></div>
    }
}
