//! The bar at the foot of the page: step, play, speed, send, and where we are.

use scheduler_model::SimTime;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::branches::branches;
use super::icon::{Icon, drawn};
use super::sender::sender;
use crate::messages::Messages;
use crate::session::{Action, Session, Speed};

/// Shows the controls.
pub(crate) fn controls(
    m: &'static Messages,
    session: &Session,
    on_action: &Callback<Action>,
) -> Html {
    let player = session.player();
    let act = |action: Action| on_action.reform(move |_: MouseEvent| action.clone());
    let at_start = player.cursor() == 0 && player.moment() == player.begin();
    let at_end = player.is_at_end();
    let (play, play_icon, play_name) = if session.is_playing() || session.is_following() {
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
                { branches(m, session, on_action) }
            }
            <div class="controls__bar">
                <div class="controls__group controls__group--steps">
                    <button type="button" class="button button--icon" aria-label={m.to_start} title={m.to_start}
                        aria-keyshortcuts="Home" disabled={at_start} onclick={act(Action::GoToStep(0))}>
                        { drawn(Icon::Start) }
                    </button>
                    <button type="button" class="button" aria-label={m.step_back} title={m.step_back}
                        aria-keyshortcuts="ArrowLeft" disabled={at_start} onclick={act(Action::StepBack)}>
                        { drawn(Icon::Back) }<kbd>{ "←" }</kbd>
                    </button>
                    <button type="button" class="button button--main" aria-label={m.step} aria-keyshortcuts="ArrowRight"
                        disabled={at_end} onclick={act(Action::Step)}>
                        <span>{ m.step }</span>{ drawn(Icon::Step) }<kbd>{ "→" }</kbd>
                    </button>
                    <button type="button" class="button button--icon" aria-label={m.to_end} title={m.to_end}
                        aria-keyshortcuts="End" disabled={at_end} onclick={act(Action::GoToStep(usize::MAX))}>
                        { drawn(Icon::End) }
                    </button>
                    <button type="button" class="button button--play" aria-label={play_name} aria-keyshortcuts="Space" onclick={act(play)}>
                        { drawn(play_icon) }<span>{ play_name }</span>
                    </button>
                    <label class="controls__speed">
                        <span class="visually-hidden">{ m.speed }</span>
                        <select class="select" onchange={on_speed} title={m.speed}>
                            for (place, (name, _)) in Speed::ALL.iter().enumerate() {
                                <option key={place} value={place.to_string()} selected={session.speed().place() == place}>
                                    { (m.speed_factor)(name) }
                                </option>
                            }
                        </select>
                    </label>
                </div>
                { sender(m, session, on_action) }
                <p class="controls__where">
                    <span class="controls__time">{ "t = " }<b data-testid="moment">{ m.numbers.instant(player.moment().since(SimTime::ZERO)) }</b></span>
                    <span data-testid="position">{ (m.position)(player.cursor() as u64, player.n_steps() as u64) }</span>
                </p>
            </div>
        </footer>
    }
}
