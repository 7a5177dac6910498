//! The annex of the page, which it fetches when it needs it: see `parts` in the library.

use wasm_bindgen::prelude::wasm_bindgen;

/// Answers a question.
#[wasm_bindgen]
pub fn ask(question: &[u8]) -> Vec<u8> {
    web_sim::annex::answer(question)
}

/// Reads a trace out of a file.
#[wasm_bindgen]
pub async fn open(file: web_sys::File, tell: js_sys::Function) -> Vec<u8> {
    web_sim::annex::open(file, tell).await
}

/// Simulates other servers with the requests of a run.
#[wasm_bindgen]
pub async fn what_if(asked: js_sys::Uint8Array) -> Vec<u8> {
    web_sim::annex::what_if(&asked.to_vec()).await
}

/// Simulates one other server with the requests of a run, and gives the run.
#[wasm_bindgen]
pub async fn run_again(asked: js_sys::Uint8Array) -> Vec<u8> {
    web_sim::annex::run_again(&asked.to_vec()).await
}

fn main() {}
