//! Fetching what a reader asks for: texts and sources that lie beside the page, or in it where the whole
//! page is one file.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestCache, RequestInit, Response};
use yew::Callback;

/// Fetches a file that was built with the page, by its name; `done` is given its text, or none where
/// there is none to be had.
pub(crate) fn fetch(name: &'static str, done: Callback<Option<String>>) {
    if let Some(text) = inlined(name) {
        return done.emit(Some(text));
    }
    wasm_bindgen_futures::spawn_local(async move { done.emit(fetched(name).await.ok()) });
}

/// `cargo xtask dist --single` puts files into the page itself: there is nowhere to fetch them from.
fn inlined(name: &str) -> Option<String> {
    let selector = format!("script[data-file=\"{name}\"]");
    super::document()?.query_selector(&selector).ok()??.text_content()
}

async fn fetched(name: &str) -> Result<String, JsValue> {
    let window = super::window().ok_or(JsValue::NULL)?;
    let init = RequestInit::new();
    // Asked anew each time: the file has the same name in the next build.
    init.set_cache(RequestCache::NoCache);
    let response = JsFuture::from(window.fetch_with_str_and_init(name, &init)).await?;
    let response: Response = response.dyn_into()?;
    if !response.ok() {
        return Err(JsValue::NULL);
    }
    JsFuture::from(response.text()?).await?.as_string().ok_or(JsValue::NULL)
}
