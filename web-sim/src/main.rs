//! Opens the page, and fetches the rest of it.
//!
//! When the page is built for release its WebAssembly is split (the crate `splitter`): what a visitor fetches
//! first has the functions that the first step runs, and a stand-in for each that something names beyond.
//! The first stand-in that is called calls [`load_rest`], in the middle of whatever the page does: so it
//! waits, and cannot fail. The document's own script fetches, since how depends on how the page was packed.
//! If it cannot, it says so in the page's place and throws, which ends the page as a panic would. It also says
//! when the page is to open: where a link needs more than the first step does, not before the rest is there.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// Returns when the rest is there.
    #[wasm_bindgen(js_name = schedulerLabRest)]
    fn fetch_rest(exports: JsValue);

    /// Has the page opened, by [`open_page`], now or later.
    #[wasm_bindgen(js_name = schedulerLabOpen)]
    fn open(exports: JsValue);
}

fn main() {
    open(wasm_bindgen::exports());
}

/// Puts the page into the document. The document knows it by this name.
#[wasm_bindgen]
pub fn open_page() {
    web_sim::mount();
}

/// Has the rest fetched. The splitter knows it by this name.
#[wasm_bindgen]
pub fn load_rest() {
    fetch_rest(wasm_bindgen::exports());
}
