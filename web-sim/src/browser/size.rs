//! The size of an element, whenever it changes.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement, ResizeObserver};
use yew::Callback;

/// Calls back with an element's width and height, in CSS pixels, until it is dropped.
pub(crate) struct SizeObserver {
    observer: ResizeObserver,
    _on_size: Closure<dyn FnMut()>,
}

impl SizeObserver {
    /// Begins with the element as it is; `None` where the browser cannot observe.
    pub(crate) fn new(element: &Element, on_size: Callback<(f64, f64)>) -> Option<Self> {
        let target: HtmlElement = element.clone().unchecked_into();
        let on_change = Closure::<dyn FnMut()>::new(move || {
            let rect = target.get_bounding_client_rect();
            on_size.emit((rect.width(), rect.height()));
        });
        let observer = ResizeObserver::new(on_change.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _on_size: on_change })
    }
}

impl Drop for SizeObserver {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
