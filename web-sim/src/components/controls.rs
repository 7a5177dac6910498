//! The bar at the foot of the page: step, play, speed, send, and where we are.

use std::rc::Rc;

use scheduler_model::SimTime;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::branches::Branches;
use super::icon::{Drawn, Icon};
use super::sender::Sender;
use crate::app::use_look;
use crate::session::{Action, Session, Speed};

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct ControlsProps {
    /// The page's state.
    pub(crate) session: Rc<Session>,
    /// Takes what the reader does.
    pub(crate) on_action: Callback<Action>,
}

/// Shows the controls.
#[component]
pub(crate) fn Controls(ControlsProps { session, on_action }: &ControlsProps) -> Html {
    let m = use_look().messages();
    let player = session.player();
    let act = |action: Action| on_action.reform(move |_: MouseEvent| action.clone());
    let at_start = player.cursor() == 0 && player.moment() == SimTime::ZERO;
    let at_end = player.is_at_end();
    let (play, play_icon, play_name) = if session.is_playing() {
        (Action::Pause, Icon::Pause, m.pause)
    } else {
        (Action::Play, Icon::Play, m.play)
    };
    let on_speed = on_action.reform(|event: Event| {
        let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
        Action::SetSpeed(Speed::at(chosen.parse().unwrap_or_default()))
    });
    html! {
        <footer class="controls" role="region" aria-label={m.controls}>
            if session.branches().len() > 1 {
                <Branches session={session.clone()} on_action={on_action.clone()} />
            }
            <div class="controls__bar">
                <div class="controls__group controls__group--steps">
                    <button type="button" class="button button--icon" aria-label={m.to_start} title={m.to_start}
                        aria-keyshortcuts="Home" disabled={at_start} onclick={act(Action::GoToStep(0))}>
                        <Drawn icon={Icon::Start} />
                    </button>
                    <button type="button" class="button" aria-label={m.step_back} title={m.step_back}
                        aria-keyshortcuts="ArrowLeft" disabled={at_start} onclick={act(Action::StepBack)}>
                        <Drawn icon={Icon::Back} /><kbd>{ "←" }</kbd>
                    </button>
                    <button type="button" class="button button--main" aria-label={m.step} aria-keyshortcuts="ArrowRight"
                        disabled={at_end} onclick={act(Action::Step)}>
                        <span>{ m.step }</span><Drawn icon={Icon::Step} /><kbd>{ "→" }</kbd>
                    </button>
                    <button type="button" class="button button--icon" aria-label={m.to_end} title={m.to_end}
                        aria-keyshortcuts="End" disabled={at_end} onclick={act(Action::GoToStep(usize::MAX))}>
                        <Drawn icon={Icon::End} />
                    </button>
                    <button type="button" class="button button--play" aria-label={play_name} aria-keyshortcuts="Space" onclick={act(play)}>
                        <Drawn icon={play_icon} /><span>{ play_name }</span>
                    </button>
                    <label class="controls__speed">
                        <span class="visually-hidden">{ m.speed }</span>
                        <select class="select" onchange={on_speed} title={m.speed}>
                            for (place, &factor) in Speed::FACTORS.iter().enumerate() {
                                <option key={place} value={place.to_string()} selected={session.speed().place() == place}>
                                    { (m.speed_factor)(factor) }
                                </option>
                            }
                        </select>
                    </label>
                </div>
                <Sender session={session.clone()} on_action={on_action.clone()} />
                <p class="controls__where">
                    <span class="controls__time">{ "t = " }<b data-testid="moment">{ m.numbers.instant(player.moment().since(SimTime::ZERO)) }</b></span>
                    <span data-testid="position">{ (m.position)(player.cursor() as u64, player.n_steps() as u64) }</span>
                </p>
            </div>
        </footer>
    }
}
