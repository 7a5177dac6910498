//! A turn of the browser, in which it draws and listens, in the middle of long work.

use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;

/// Comes back after the browser has had its turn; at once where there is none to be had.
pub(crate) async fn turn() {
    let Some(window) = super::window() else { return };
    let promise = Promise::new(&mut |resolve, _| {
        // One that cannot be set would never come back.
        if window.set_timeout_with_callback(&resolve).is_err() {
            let _ = resolve.call0(&wasm_bindgen::JsValue::UNDEFINED);
        }
    });
    // It is resolved and never rejected.
    let _ = JsFuture::from(promise).await;
}
