//! What just happened, and why somebody waits; before the first event, what there is to see.

use yew::prelude::*;

use super::icon::{Icon, drawn};
use crate::lessons::Lesson;
use crate::messages::Messages;
use crate::scenarios::Shipped;
use crate::session::{Action, Origin, Session};
use crate::views::events;
use crate::views::why::{self, Fate, Left, Panel, Why};

/// Says why, to the eye at any time and to a screen reader while it stands still.
pub(crate) fn why_panel(
    m: &'static Messages,
    session: &Session,
    on_action: &Callback<Action>,
) -> Html {
    let player = session.player();
    let panel = why::panel(player, session.selected());
    let happened = events::last(player).map_or(m.before_first.to_owned(), |last| (m.event)(&last));
    let spoken = if session.is_playing() {
        String::new()
    } else {
        format!("{happened}. {}", sentence(m, &panel))
    };
    let can_differ = panel != Panel::Beginning && player.first_difference().is_some();
    // A lesson says for itself what is about to happen.
    if panel == Panel::Beginning && session.lesson().is_some() {
        return html! { <div class="why__none"></div> };
    }
    let waits = matches!(&panel, Panel::Why(why) if why.waits);
    html! {
        <section class={classes!("why", "panel", waits.then_some("why--waits"))} data-panel={name(&panel)}>
            <div class="why__head">
                <p class="why__now">
                    <b class="why__label">{ m.now }</b>
                    <span class="why__event">{ happened }</span>
                </p>
                <p class="why__links">
                    if let Panel::Why(why) = &panel {
                        <button key="next" type="button" class="link" aria-keyshortcuts="n" onclick={act(on_action, Action::GoToNextOf(why.request))}>
                            { (m.next_moment)(why.request.0) }
                        </button>
                    }
                    if can_differ {
                        <button key="difference" type="button" class="link" aria-keyshortcuts="d" onclick={act(on_action, Action::GoToFirstDifference)}>
                            { m.show_difference }
                        </button>
                    }
                    if session.selected().is_some() {
                        <button key="any" type="button" class="link" onclick={act(on_action, Action::Select(None))}>
                            { m.any_request }
                        </button>
                    }
                </p>
            </div>
            { body(m, &panel, session, on_action) }
            <p class="visually-hidden" role="status">{ spoken }</p>
        </section>
    }
}

fn body(m: &Messages, panel: &Panel, session: &Session, on_action: &Callback<Action>) -> Html {
    match panel {
        Panel::Beginning => {
            let first = match session.origin() {
                Origin::Shipped { shipped: Shipped::Book, .. } => m.intro[0],
                Origin::Shipped { shipped, .. } => (m.scenario_hint)(*shipped),
                Origin::Live | Origin::Trace { recorded: true, .. } => m.recorded_intro,
                Origin::Trace { recorded: false, .. } => m.simulated_intro,
            };
            html! {
                <div class="why__intro">
                    <h2 class="why__title">{ m.intro_title }</h2>
                    <div class="why__text">
                        <p key="first">{ first }</p>
                        if !session.is_trace() {
                            <p key="rows">{ m.intro[1] }</p>
                        }
                        <p key="play">{ m.intro[2] }</p>
                    </div>
                    <button type="button" class="button button--main" onclick={act(on_action, Action::Play)}>
                        { drawn(Icon::Play) }{ m.intro_button }
                    </button>
                </div>
            }
        }
        Panel::Why(why) => html! {
            <div class="why__body">
                <h2 class="why__title">{ (m.why_title)(why) }</h2>
                <p class="why__text">{ because(m, why) }</p>
            </div>
        },
        Panel::Left(left) => html! {
            <div class="why__body">
                <h2 class="why__title">{ (m.left_title)(left.request) }</h2>
                <p class="why__text">{ what_became(m, left) }</p>
            </div>
        },
        Panel::NobodyWaits => html! {
            <div class="why__body"><p class="why__text">{ m.nobody_waits }</p></div>
        },
        Panel::Over { .. } => html! {
            <div class="why__body">
                <p class="why__text">{ sentence(m, panel) }</p>
                if session.offers_lessons() {
                    <p key="lessons"><button type="button" class="button" onclick={act(on_action, Action::ChooseScenario(Shipped::OfLesson(Lesson::Sleep)))}>{ m.first_lesson }</button></p>
                }
            </div>
        },
    }
}

/// All that a panel says, in one text.
fn sentence(m: &Messages, panel: &Panel) -> String {
    match panel {
        Panel::Beginning => m.intro_title.to_owned(),
        Panel::Why(why) => format!("{} {}", (m.why_title)(why), because(m, why)),
        Panel::Left(left) => {
            format!("{} {}", (m.left_title)(left.request), what_became(m, left))
        }
        Panel::NobodyWaits => m.nobody_waits.to_owned(),
        Panel::Over { arrived, answered, longest } => {
            let longest: Vec<_> = longest
                .iter()
                .map(|&(run, span)| format!("{}: {}", m.run_name(run), m.span(span)))
                .collect();
            format!("{} {}.", (m.all_done)(*arrived, *answered), longest.join(", "))
        }
    }
}

fn because(m: &Messages, why: &Why) -> String {
    let mut sentences = vec![(m.why)(why)];
    if !why.links.is_empty() {
        sentences.push((m.links)(&why.links));
    }
    sentences.extend(why.waited.as_ref().map(|waited| (m.waited)(waited)));
    let arrived = why.elsewhere.iter().filter(|(_, fate)| *fate != Fate::NotYet);
    sentences.extend(arrived.map(|(model, fate)| (m.fate)(*model, fate)));
    sentences.join(" ")
}

fn what_became(m: &Messages, left: &Left) -> String {
    let ends = left.ends.iter().map(|(model, outcome, waited)| {
        format!("{} {}", (m.left_how)(*model, *outcome), (m.waited)(waited))
    });
    ends.collect::<Vec<_>>().join(" ")
}

fn act(on_action: &Callback<Action>, action: Action) -> Callback<MouseEvent> {
    on_action.reform(move |_| action.clone())
}

const fn name(panel: &Panel) -> &'static str {
    match panel {
        Panel::Beginning => "beginning",
        Panel::Left(_) => "left",
        Panel::Why(_) => "why",
        Panel::NobodyWaits => "nobody",
        Panel::Over { .. } => "over",
    }
}

#[cfg(test)]
mod tests;
