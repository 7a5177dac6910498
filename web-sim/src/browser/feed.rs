//! Server-sent events.

use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventSource, MessageEvent};
use yew::Callback;

/// A connection to a server that tells of itself; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Feed {
    source: EventSource,
    _listeners: Vec<EventListener>,
}

impl Feed {
    /// Asks for a feed, and tells of its events with these names, and of its loss. A connection that
    /// breaks is tried again by the browser; one that is refused is lost.
    ///
    /// # Errors
    ///
    /// Where the browser has no such connections, or the address is none.
    pub(crate) fn open(
        address: &str,
        names: &[&'static str],
        on_event: &Callback<(&'static str, String)>,
        on_lost: Callback<()>,
    ) -> Result<Self, JsValue> {
        let source = EventSource::new(address)?;
        let told = names.iter().map(|&name| {
            let on_event = on_event.clone();
            EventListener::new(&source, name, move |event| {
                let data =
                    event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
                on_event.emit((name, data.unwrap_or_default()));
            })
        });
        let mut listeners: Vec<_> = told.collect();
        let of = source.clone();
        listeners.push(EventListener::new(&source, "error", move |_| {
            if of.ready_state() == EventSource::CLOSED {
                on_lost.emit(());
            }
        }));
        Ok(Self { source, _listeners: listeners })
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.source.close();
    }
}
