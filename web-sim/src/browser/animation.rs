//! A callback for every frame that the browser draws.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use yew::Callback;

/// Calls back on every frame, with the milliseconds since the last one, until it is dropped. A tab
/// that nobody sees has no frames.
pub(crate) struct Frames {
    state: Rc<State>,
}

/// What the browser calls on a frame, with its time in ms.
type OnFrame = Closure<dyn FnMut(f64)>;

struct State {
    next: RefCell<Option<OnFrame>>,
    request: Cell<Option<i32>>,
    last_ms: Cell<Option<f64>>,
}

impl Frames {
    /// Begins with the next frame; `None` where there is no window.
    pub(crate) fn new(on_frame: Callback<f64>) -> Option<Self> {
        let state = Rc::new(State {
            next: RefCell::default(),
            request: Cell::default(),
            last_ms: Cell::default(),
        });
        let weak = Rc::downgrade(&state);
        let next = Closure::new(move |now_ms: f64| {
            let Some(state) = weak.upgrade() else { return };
            let last_ms = state.last_ms.replace(Some(now_ms));
            state.ask();
            on_frame.emit(last_ms.map_or(0.0, |last_ms| now_ms - last_ms));
        });
        state.next.replace(Some(next));
        state.ask()?;
        Some(Self { state })
    }
}

impl State {
    fn ask(&self) -> Option<()> {
        let next = self.next.borrow();
        let next = next.as_ref()?.as_ref().unchecked_ref();
        self.request.set(super::window()?.request_animation_frame(next).ok());
        Some(())
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        if let (Some(window), Some(request)) = (super::window(), self.state.request.take()) {
            // A frame that cannot be cancelled finds nobody to call.
            let _ = window.cancel_animation_frame(request);
        }
    }
}
