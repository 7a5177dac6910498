//! What the page says to the page that it is framed in.

use yew::prelude::*;

use crate::browser::{self, SizeObserver};

/// The version of the messages.
const VERSION: u32 = 1;

/// Posts the height of the document's content to the parent, now and whenever it changes:
/// `{type: "scheduler-lab:height", version: 1, height}`, in CSS pixels.
#[hook]
pub(crate) fn use_posted_height(node: &NodeRef, is_embedded: bool) {
    let node = node.clone();
    use_effect_with(is_embedded, move |&is_embedded| {
        let element = node.cast::<web_sys::Element>().filter(|_| is_embedded);
        let observer = element.and_then(|element| {
            SizeObserver::new(&element, Callback::from(|(_, height): (f64, f64)| post(height)))
        });
        move || drop(observer)
    });
}

fn post(height: f64) {
    let fields = [
        ("type", "scheduler-lab:height".into()),
        ("version", VERSION.into()),
        ("height", height.ceil().into()),
    ];
    // Nobody to tell is nothing to worry about: the page is not framed then.
    let _ = browser::post_to_parent(&fields);
}
