//! Everything that a browser may refuse, above all in a sandboxed frame: storage, the clipboard,
//! downloads, media queries, the parent. Each returns an `Option` or a `Result`; nothing panics.

mod animation;
mod feed;
mod fetch;
mod size;
mod turn;

use gloo_events::EventListener;
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, BlobPropertyBag, Document, HtmlAnchorElement, HtmlElement, MediaQueryList, MessageEvent,
    Url, Window,
};
use yew::Callback;

pub(crate) use animation::Frames;
pub(crate) use feed::Feed;
pub(crate) use fetch::fetch;
pub(crate) use size::SizeObserver;
pub(crate) use turn::turn;

/// The window.
pub(crate) fn window() -> Option<Window> {
    web_sys::window()
}

/// The document.
pub(crate) fn document() -> Option<Document> {
    window()?.document()
}

/// What follows the `?` of the address.
pub(crate) fn query() -> Option<String> {
    window()?.location().search().ok()
}

/// The address without query and fragment.
pub(crate) fn address() -> Option<String> {
    let href = window()?.location().href().ok()?;
    href.split(['?', '#']).next().map(str::to_owned)
}

/// Where the server that this page came from tells of itself; it says so in the page's head.
pub(crate) fn live_address() -> Option<String> {
    let meta = document()?.query_selector("meta[name=scheduler-lab-live]").ok()??;
    meta.get_attribute("content")
}

/// The language the browser asks for.
pub(crate) fn language() -> Option<String> {
    window()?.navigator().language()
}

/// What was stored under this key.
pub(crate) fn stored(key: &str) -> Option<String> {
    window()?.local_storage().ok()??.get_item(key).ok()?
}

/// Stores a value, where that is allowed.
pub(crate) fn store(key: &str, value: &str) -> Option<()> {
    window()?.local_storage().ok()??.set_item(key, value).ok()
}

/// Scrolls to what a selector finds.
pub(crate) fn show(selector: &str) -> Option<()> {
    document()?.query_selector(selector).ok()??.scroll_into_view();
    Some(())
}

/// A media query that can be asked and listened to.
pub(crate) fn media(query: &str) -> Option<MediaQueryList> {
    window()?.match_media(query).ok()?
}

/// Whether the system prefers a dark theme.
pub(crate) fn prefers_dark() -> Option<bool> {
    Some(media("(prefers-color-scheme: dark)")?.matches())
}

/// Whether the reader asks for less motion.
pub(crate) fn prefers_still() -> Option<bool> {
    Some(media("(prefers-reduced-motion: reduce)")?.matches())
}

/// Physical pixels for each CSS pixel.
pub(crate) fn pixel_ratio() -> f64 {
    window().map_or(1.0, |window| window.device_pixel_ratio()).max(1.0)
}

/// Sets an attribute of the document's root.
pub(crate) fn set_on_root(name: &str, value: &str) -> Option<()> {
    document()?.document_element()?.set_attribute(name, value).ok()
}

/// All elements in this one that a selector finds, in the order of the document.
pub(crate) fn all_in(element: &HtmlElement, selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = element.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|place| found.get(place)?.dyn_into().ok()).collect()
}

/// Whether nothing on the page has the focus, as when what had it is there no more.
pub(crate) fn has_no_focus() -> bool {
    let has = |document: Document| Some(document.active_element()? != document.body()?.into());
    !document().and_then(has).unwrap_or(false)
}

/// Copies a text; `done` is told whether that worked.
///
/// # Errors
///
/// At once where there is no clipboard.
pub(crate) fn copy(text: &str, done: Callback<bool>) -> Result<(), JsValue> {
    let navigator = window().ok_or(JsValue::NULL)?.navigator();
    // A page without a secure context has no clipboard at all, whatever its type says.
    let clipboard = Reflect::get(&navigator, &"clipboard".into())?;
    let write: Function = Reflect::get(&clipboard, &"writeText".into())?.dyn_into()?;
    let promise: Promise = write.call1(&clipboard, &text.into())?.dyn_into()?;
    wasm_bindgen_futures::spawn_local(async move {
        done.emit(wasm_bindgen_futures::JsFuture::from(promise).await.is_ok());
    });
    Ok(())
}

/// Saves these bytes as a file on the reader's computer.
///
/// # Errors
///
/// Where the browser makes no file of it. A sandbox may still refuse to save it, in silence.
pub(crate) fn save(file_name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let document = document().ok_or(JsValue::NULL)?;
    let options = BlobPropertyBag::new();
    options.set_type("application/x-ndjson");
    let parts = Array::of1(&js_sys::Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let anchor: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    anchor.set_href(&url);
    anchor.set_download(file_name);
    anchor.click();
    Url::revoke_object_url(&url)
}

/// Posts a message to the page that this one is framed in, if it is.
pub(crate) fn post_to_parent(fields: &[(&str, JsValue)]) -> Option<()> {
    let window = window()?;
    let parent = window.parent().ok()??;
    if parent == window {
        return None;
    }
    let message = object(fields);
    // Any origin: where a picture stands is no secret, and a sandbox has no origin of its own.
    parent.post_message(&message, "*").ok()
}

/// An object with these fields.
pub(crate) fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // A plain object takes any field.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// What another page posted: any value at all.
pub(crate) struct Message(JsValue);

impl Message {
    /// A field that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        Reflect::get(&self.0, &name.into()).ok()?.as_string()
    }

    /// A field that is a number.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        Reflect::get(&self.0, &name.into()).ok()?.as_f64()
    }
}

/// Listens to what the page that this one is framed in posts, and to nobody else.
pub(crate) fn on_message_of_parent(on_message: Callback<Message>) -> Option<EventListener> {
    let window = window()?;
    let parent: JsValue = window.parent().ok()??.into();
    Some(EventListener::new(&window, "message", move |event| {
        let Some(event) = event.dyn_ref::<MessageEvent>() else { return };
        if event.source().is_some_and(|source| Object::is(&source, &parent)) {
            on_message.emit(Message(event.data()));
        }
    }))
}

/// The value of a property of the style sheets where this element is.
pub(crate) fn property(element: &HtmlElement, name: &str) -> Option<String> {
    let style = window()?.get_computed_style(element).ok()??;
    let value = style.get_property_value(name).ok()?;
    Some(value.trim().to_owned())
}
