//! The timeline: tracks on a canvas, the cursor over them, and the way closer and back.

use std::rc::Rc;

use scheduler_model::Model;
use web_sys::{HtmlElement, PointerEvent, WheelEvent};
use yew::prelude::*;

use super::icon::{Icon, drawn};
use super::tables::Tables;
use super::timeline_canvas::TimelineCanvas;
use crate::app::use_look;
use crate::browser::SizeObserver;
use crate::messages::Legend;
use crate::pace::Scale;
use crate::run::Duty;
use crate::session::{Action, Session};
use crate::views::css_percent;
use crate::views::timeline::{self, TrackName, Window};

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct TimelineProps {
    /// The page's state.
    pub(crate) session: Rc<Session>,
    /// Takes what the reader does.
    pub(crate) on_action: Callback<Action>,
}

/// Shows the whole run, and where in it we are.
#[component]
pub(crate) fn Timeline(TimelineProps { session, on_action }: &TimelineProps) -> Html {
    let m = use_look().messages();
    let player = session.player();
    let scale = use_state(Scale::default);
    let window = use_state(|| Window::ALL);
    let width = use_state(|| 0.0);
    let plot = use_node_ref();
    let axis = use_memo((Rc::as_ptr(player.runs()).cast::<()>(), *scale), |_| {
        timeline::axis(player, *scale)
    });
    let tracks =
        use_memo(Rc::as_ptr(player.runs()).cast::<()>(), |_| timeline::tracks(player.runs()));
    {
        let width = width.clone();
        use_effect_with(plot.clone(), move |plot| {
            let set = Callback::from(move |(found, _): (f64, f64)| width.set(found));
            let observer = plot.cast().and_then(|plot| SizeObserver::new(&plot, set));
            move || drop(observer)
        });
    }
    let place = axis.place(player.moment());
    // While it plays the window follows the cursor; a reader who stands still may look elsewhere.
    let shown = if session.is_playing() { window.showing(place) } else { *window };
    let zoom = |factor: f64| {
        let window = window.clone();
        Callback::from(move |_: MouseEvent| window.set(shown.zoomed(factor, place)))
    };
    let fit = {
        let window = window.clone();
        Callback::from(move |_: MouseEvent| window.set(Window::ALL))
    };
    let on_scale = {
        let scale = scale.clone();
        Callback::from(move |_: MouseEvent| {
            scale.set(if *scale == Scale::Stretched { Scale::ToScale } else { Scale::Stretched });
        })
    };
    let scrub = {
        let (plot, axis, on_action) = (plot.clone(), Rc::clone(&axis), on_action.clone());
        Callback::from(move |event: PointerEvent| {
            let Some(plot) = plot.cast::<HtmlElement>() else { return };
            let rect = plot.get_bounding_client_rect();
            let x = f64::from(event.client_x()) - rect.left();
            on_action.emit(Action::GoToMoment(
                axis.instant(shown.place(x, rect.width()).clamp(0.0, 1.0)),
            ));
        })
    };
    let on_pointer_down = {
        let (plot, scrub) = (plot.clone(), scrub.clone());
        Callback::from(move |event: PointerEvent| {
            if event.button() == 0 {
                if let Some(plot) = plot.cast::<HtmlElement>() {
                    // Without capture a drag ends at the edge, which is bearable.
                    let _ = plot.set_pointer_capture(event.pointer_id());
                }
                scrub.emit(event);
            }
        })
    };
    let on_pointer_move = Callback::from(move |event: PointerEvent| {
        if event.buttons() & 1 == 1 {
            scrub.emit(event);
        }
    });
    let on_wheel = {
        let (plot, window) = (plot.clone(), window.clone());
        Callback::from(move |event: WheelEvent| {
            let Some(plot) = plot.cast::<HtmlElement>() else { return };
            let rect = plot.get_bounding_client_rect();
            if event.ctrl_key() || event.meta_key() {
                event.prevent_default();
                let x = f64::from(event.client_x()) - rect.left();
                let factor = (-event.delta_y() / 240.0).exp2();
                window.set(shown.zoomed(factor, shown.place(x, rect.width())));
            } else if event.delta_x().abs() > event.delta_y().abs() {
                event.prevent_default();
                window.set(shown.moved(event.delta_x() / rect.width().max(1.0)));
            }
        })
    };
    let difference = player
        .first_difference()
        .filter(|_| !session.is_untold())
        .map(|(_, at)| shown.x(axis.place(at), 100.0));
    let cursor = shown.x(place, 100.0);
    let inset = format!("inset-inline-start:{}", css_percent(cursor));
    let height = timeline::height_px(&tracks);
    // Only where somebody may steal.
    let steals = player.runs().iter().any(|run| run.model() == Model::ForkJoin);
    let n_legends = LEGENDS.len() - usize::from(!steals);
    let summary = (m.timeline_summary)(
        player.n_steps() as u64,
        &m.span(player.end().since(scheduler_model::SimTime::ZERO)),
    );
    html! {
        <section class="timeline panel" aria-label={m.timeline}>
            <header class="timeline__head">
                <h2 class="timeline__title">{ m.timeline }</h2>
                <ul class="legend">
                    for &legend in &LEGENDS[..n_legends] {
                        <li key={(m.legend)(legend)} class="legend__one">
                            <span class={classes!("legend__mark", mark(legend))} aria-hidden="true"></span>{ (m.legend)(legend) }
                        </li>
                    }
                </ul>
                <div class="timeline__tools" role="group" aria-label={m.timeline}>
                    <button type="button" class="button button--small" aria-pressed={(*scale == Scale::Stretched).to_string()}
                        title={m.stretched_hint} onclick={on_scale}>{ m.stretched }</button>
                    <button type="button" class="button button--small" aria-label={m.zoom_out} title={m.zoom_out}
                        disabled={shown == Window::ALL} onclick={zoom(0.5)}>{ drawn(Icon::Minus) }</button>
                    <button type="button" class="button button--small" aria-label={m.zoom_in} title={m.zoom_in}
                        onclick={zoom(2.0)}>{ drawn(Icon::Plus) }</button>
                    <button type="button" class="button button--small" disabled={shown == Window::ALL} onclick={fit}>{ m.fit }</button>
                </div>
            </header>
            <div class="timeline__body" role="group" aria-label={m.timeline} tabindex="0">
                <ul class="timeline__tracks" style={px("block-size", height)}>
                    for track in tracks.iter() {
                        <li key={track.y_px}
                            class={classes!("timeline__track", matches!(track.name, TrackName::Model(_)).then_some("timeline__track--model"))}
                            style={px("inset-block-start", track.y_px) + &px("block-size", track.height_px)}>
                            { (m.track)(track.name) }
                        </li>
                    }
                </ul>
                <div class="timeline__plot" ref={plot} onpointerdown={on_pointer_down} onpointermove={on_pointer_move}
                    onwheel={on_wheel}>
                    <TimelineCanvas runs={Rc::clone(player.runs())} tracks={tracks.clone()} axis={axis.clone()}
                        window={shown} width={*width} {summary} />
                    if (0.0..=100.0).contains(&cursor) {
                        <span class={classes!("timeline__future", session.is_untold().then_some("timeline__future--hidden"))} style={inset.clone()} aria-hidden="true"></span>
                        <span class="timeline__cursor" style={inset} aria-hidden="true"></span>
                    }
                    if let Some(at) = difference.filter(|at| (0.0..=100.0).contains(at)) {
                        <span class={classes!("timeline__difference", (at > 50.0).then_some("timeline__difference--late"))}
                            style={format!("inset-inline-start:{};max-inline-size:{}", css_percent(at), css_percent(at.max(100.0 - at)))}>{ m.first_difference }</span>
                    }
                </div>
            </div>
            <Tables session={session.clone()} on_action={on_action.clone()} />
        </section>
    }
}

/// A height or place of tracks, as high as the theme has them.
pub(super) fn px(property: &str, px: u32) -> String {
    format!("{property}:calc({px}px*var(--sim-tracks));")
}

const LEGENDS: [Legend; 6] = [
    Legend::Duty(Duty::Busy),
    Legend::Duty(Duty::Blocked),
    Legend::Duty(Duty::Scheduled),
    Legend::Duty(Duty::Idle),
    Legend::Waiting,
    Legend::Steal,
];

const fn mark(legend: Legend) -> &'static str {
    match legend {
        Legend::Duty(Duty::Busy) => "legend__mark--busy",
        Legend::Duty(Duty::Blocked) => "legend__mark--blocked",
        Legend::Duty(Duty::Scheduled) => "legend__mark--scheduled",
        Legend::Duty(Duty::Idle) => "legend__mark--idle",
        Legend::Steal => "legend__mark--steal",
        Legend::Waiting => "legend__mark--waiting",
    }
}
