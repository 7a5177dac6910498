//! Reading a file that the reader chose or dropped; one that ends in `.gz` is unpacked.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, ReadableStream, Response};
use yew::Callback;

/// Reads a file; `done` is given its name and its text, or none where that is refused.
pub(crate) fn read(file: File, done: Callback<(String, Option<String>)>) {
    wasm_bindgen_futures::spawn_local(async move {
        let name = file.name();
        let is_packed = name.to_ascii_lowercase().ends_with(".gz");
        let text = if is_packed { unpacked(&file) } else { Ok(file.text()) };
        let text = match text {
            Ok(promise) => JsFuture::from(promise).await.ok().and_then(|text| text.as_string()),
            Err(_) => None,
        };
        done.emit((name, text));
    });
}

/// By name and not by type: not every browser has a `DecompressionStream`, and a missing
/// constructor would throw where nothing catches it.
fn unpacked(file: &File) -> Result<Promise, JsValue> {
    let window = super::window().ok_or(JsValue::NULL)?;
    let constructor: Function = Reflect::get(&window, &"DecompressionStream".into())?.dyn_into()?;
    let unpacker = Reflect::construct(&constructor, &Array::of1(&"gzip".into()))?;
    let packed = file.stream();
    let pipe: Function = Reflect::get(&packed, &"pipeThrough".into())?.dyn_into()?;
    let plain: ReadableStream = pipe.call1(&packed, &unpacker)?.dyn_into()?;
    Response::new_with_opt_readable_stream(Some(&plain))?.text()
}
