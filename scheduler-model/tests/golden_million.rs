//! Over a million events of each model have the same digest natively and under Node.

#[path = "support/million.rs"]
mod million;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_million_events_of_each_model_have_their_golden_digest() {
    for (model, golden) in million::DIGESTS {
        assert_eq!(million::digest(model), golden, "{}", model.name());
    }
}
