//! Over a million events of each model have the same digest in a browser as natively.
#![cfg(target_arch = "wasm32")]

#[path = "support/million.rs"]
mod million;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn a_million_events_of_each_model_have_their_golden_digest() {
    for (model, golden) in million::DIGESTS {
        assert_eq!(million::digest(model), golden, "{}", model.name());
    }
}
