//! The page's texts in Russian, which it fetches when they are asked for: see `messages` in the
//! library.

use wasm_bindgen::prelude::wasm_bindgen;

/// Answers a question.
#[wasm_bindgen]
pub fn ask(question: &[u8]) -> Vec<u8> {
    web_sim::russian(question)
}

fn main() {}
