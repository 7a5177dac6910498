//! A callback for every frame that the browser draws.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{IntersectionObserver, IntersectionObserverEntry};
use yew::Callback;

/// Calls back on every frame, with the milliseconds since the last one, until it is dropped. A tab
/// that nobody sees has no frames, and those of a page that is scrolled out of sight, in the frame of
/// another page, are passed over.
pub(crate) struct Frames {
    state: Rc<State>,
    /// None where the browser cannot observe: it is taken to be seen then.
    sight: Option<Sight>,
}

/// Looks out for whether this page is in sight.
struct Sight {
    observer: IntersectionObserver,
    _on_change: Closure<dyn FnMut(Array)>,
}

/// What the browser calls on a frame, with its time in ms.
type OnFrame = Closure<dyn FnMut(f64)>;

struct State {
    next: RefCell<Option<OnFrame>>,
    request: Cell<Option<i32>>,
    last_ms: Cell<Option<f64>>,
    is_in_sight: Cell<bool>,
}

impl Frames {
    /// Begins with the next frame; `None` where there is no window.
    pub(crate) fn new(on_frame: Callback<f64>) -> Option<Self> {
        let state = Rc::new(State {
            next: RefCell::default(),
            request: Cell::default(),
            last_ms: Cell::default(),
            is_in_sight: Cell::new(true),
        });
        let weak = Rc::downgrade(&state);
        let next = Closure::new(move |now_ms: f64| {
            let Some(state) = weak.upgrade() else { return };
            let last_ms = state.last_ms.replace(Some(now_ms));
            state.ask();
            if !state.is_in_sight.get() {
                return;
            }
            on_frame.emit(last_ms.map_or(0.0, |last_ms| now_ms - last_ms));
        });
        state.next.replace(Some(next));
        state.ask()?;
        let sight = Sight::new(&state);
        Some(Self { state, sight })
    }
}

impl Sight {
    fn new(state: &Rc<State>) -> Option<Self> {
        let weak = Rc::downgrade(state);
        let on_change = Closure::new(move |entries: Array| {
            let last: IntersectionObserverEntry = entries.pop().unchecked_into();
            if let Some(state) = weak.upgrade() {
                state.is_in_sight.set(last.is_intersecting());
            }
        });
        let observer = IntersectionObserver::new(on_change.as_ref().unchecked_ref()).ok()?;
        observer.observe(&super::document()?.document_element()?);
        Some(Self { observer, _on_change: on_change })
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
        if let Some(Sight { observer, .. }) = &self.sight {
            observer.disconnect();
        }
        if let (Some(window), Some(request)) = (super::window(), self.state.request.take()) {
            // A frame that cannot be cancelled finds nobody to call.
            let _ = window.cancel_animation_frame(request);
        }
    }
}
