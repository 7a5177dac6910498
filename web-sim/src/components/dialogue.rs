//! A dialogue over the page. The browser keeps the focus in it and gives it back, and closes it where somebody
//! presses beside it, if it knows `closedby`.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use crate::app::use_look;

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct DialogueBoxProps {
    /// What it is about.
    pub(crate) title: &'static str,
    /// Whether it is open.
    pub(crate) is_open: bool,
    /// Closes it.
    pub(crate) on_close: Callback<()>,
    /// What is in it.
    pub(crate) children: Html,
}

/// Shows a dialogue while it is open.
#[component]
pub(crate) fn DialogueBox(
    DialogueBoxProps { title, is_open, on_close, children }: &DialogueBoxProps,
) -> Html {
    let m = use_look().messages();
    let node = use_node_ref();
    use_effect_with((node.clone(), *is_open), |(node, is_open)| {
        if let Some(dialog) = node.cast::<HtmlDialogElement>() {
            if *is_open && !dialog.open() {
                // Refused only to an element that is not in the document.
                let _ = dialog.show_modal();
            } else if !*is_open && dialog.open() {
                dialog.close();
            }
        }
    });
    html! {
        <dialog ref={node} class="dialogue" aria-label={*title} closedby="any" onclose={on_close.reform(|_| ())}>
            <header class="dialogue__head">
                <h2 class="dialogue__title">{ *title }</h2>
                <button type="button" class="button button--small" onclick={on_close.reform(|_| ())}>{ m.close }</button>
            </header>
            <div class="dialogue__body">{ children.clone() }</div>
        </dialog>
    }
}
