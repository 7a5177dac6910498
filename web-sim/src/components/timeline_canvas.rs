//! Draws the timeline's scene; drawn anew only when the runs, the zoom, the size or the colours
//! change, as they do on paper, and never because the cursor moved.

mod pen;

use std::rc::Rc;

use gloo_events::EventListener;
use web_sys::HtmlCanvasElement;
use yew::prelude::*;

use super::timeline::px;
use crate::app::use_look;
use crate::browser;
use crate::pace::Axis;
use crate::run::Run;
use crate::views::timeline::{self, Track, Window};
use pen::{FOOT_PX, Pen, RULER_PX};

/// What to draw.
#[derive(Properties)]
pub(crate) struct TimelineCanvasProps {
    /// The runs.
    pub(crate) runs: Rc<[Rc<Run>]>,
    /// Their tracks.
    pub(crate) tracks: Rc<Vec<Track>>,
    /// Where instants are.
    pub(crate) axis: Rc<Axis>,
    /// The visible part of it.
    pub(crate) window: Window,
    /// The width, in CSS pixels.
    pub(crate) width: f64,
    /// What it shows, in one sentence.
    pub(crate) summary: String,
}

impl PartialEq for TimelineCanvasProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.runs, &other.runs)
            && Rc::ptr_eq(&self.axis, &other.axis)
            && self.window == other.window
            && self.width.total_cmp(&other.width).is_eq()
            && self.summary == other.summary
    }
}

/// Shows the tracks.
#[component]
pub(crate) fn TimelineCanvas(props: &TimelineCanvasProps) -> Html {
    let look = use_look();
    let canvas = use_node_ref();
    let system = use_state(|| 0_u32);
    {
        let system = system.clone();
        use_effect_with((), move |()| {
            let queries = ["(prefers-color-scheme: dark)", "(forced-colors: active)", "print"];
            let listeners: Vec<_> = queries
                .iter()
                .filter_map(|query| browser::media(query))
                .map(|query| {
                    let system = system.clone();
                    EventListener::new(&query, "change", move |_| system.set(*system + 1))
                })
                .collect();
            move || drop(listeners)
        });
    }
    let height = timeline::height_px(&props.tracks) + RULER_PX + FOOT_PX;
    {
        let canvas = canvas.clone();
        let (runs, tracks, axis) =
            (Rc::clone(&props.runs), Rc::clone(&props.tracks), Rc::clone(&props.axis));
        let what = (
            Rc::as_ptr(&props.runs).cast::<()>(),
            Rc::as_ptr(&props.axis),
            props.window,
            props.width.to_bits(),
            look,
            *system,
        );
        use_effect_with(what, move |&(.., window, width, look, _)| {
            let width = f64::from_bits(width);
            let canvas = canvas.cast::<HtmlCanvasElement>().filter(|_| width > 0.0);
            if let Some(pen) = canvas.and_then(|canvas| Pen::new(&canvas, width, height.into())) {
                let scene = timeline::scene(&runs, &tracks, &axis, window, width, pen.larger());
                pen.draw(&scene, &tracks, look);
            }
        });
    }
    html! {
        <canvas class="timeline__canvas" ref={canvas} role="img" aria-label={props.summary.clone()}
            style={px("block-size", height)}></canvas>
    }
}
