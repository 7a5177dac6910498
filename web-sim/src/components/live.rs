//! Following the server that the page came from: one button, which is there when such a server is.

use yew::prelude::*;

use crate::live;
use crate::messages::Messages;
use crate::session::{Action, LiveState, Session};

/// Shows the button; what it does is go on, or stand still.
pub(crate) fn live_button(
    m: &'static Messages,
    session: &Session,
    on_action: &Callback<Action>,
) -> Html {
    if !live::is_there() {
        return html! { <span key="live" hidden=true></span> };
    }
    let follows = session.is_following();
    html! {
        <button key="live" type="button" class="button button--quiet header__live" title={m.live_hint} aria-keyshortcuts="l"
            aria-pressed={follows.to_string()} onclick={on_action.reform(move |_| toggled(follows))}>
            { m.live }
        </button>
    }
}

/// What the button and its key do.
pub(crate) const fn toggled(follows: bool) -> Action {
    if follows { Action::Pause } else { Action::Follow }
}

/// How following stands, in a sentence.
pub(crate) const fn live_notice(m: &Messages, state: LiveState) -> &'static str {
    match state {
        LiveState::Follows => m.live_follows,
        LiveState::Lost => m.live_lost,
        LiveState::Over => m.live_over,
        LiveState::Paused => m.live_paused,
    }
}
