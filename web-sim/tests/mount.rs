//! The page mounts in a browser, into an element that it is given.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Element;

wasm_bindgen_test_configure!(run_in_browser);

/// Yew renders in a task of its own: after one turn of the browser's queue it has.
async fn turn() {
    let done = js_sys::Promise::resolve(&wasm_bindgen::JsValue::NULL);
    wasm_bindgen_futures::JsFuture::from(done).await.expect("a resolved promise resolves");
}

fn host() -> Element {
    let document =
        web_sys::window().and_then(|window| window.document()).expect("this is a browser");
    let host = document.create_element("div").expect("a div can be made");
    document.body().expect("the page has a body").append_child(&host).expect("it takes a child");
    host
}

#[wasm_bindgen_test]
async fn the_page_opens_at_step_0_with_its_controls_and_what_is_read_aloud() {
    let host = host();
    web_sim::mount_into(host.clone());
    turn().await;
    let find = |selector: &str| host.query_selector(selector).expect("a legal selector");
    let position = find("[data-testid=position]").expect("the controls say where we are");
    let text = position.text_content().expect("an element has text");
    assert!(text.contains('0'), "{text}");
    assert!(find("button[aria-keyshortcuts=ArrowRight]").is_some(), "a button steps");
    assert!(find("[role=status]").is_some(), "what happens is read aloud");
}
