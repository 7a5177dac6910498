//! The futures that were kept: one click leads back to each.

use scheduler_model::SimTime;
use yew::prelude::*;

use crate::messages::Messages;
use crate::session::{Action, Cause, Session};
use crate::url::Sent;

/// Shows the futures and which of them is followed.
pub(crate) fn branches(
    m: &'static Messages,
    session: &Session,
    on_action: &Callback<Action>,
) -> Html {
    let label = |cause: Cause| {
        let (path, at) = match cause {
            Cause::Sent(Sent { route, at, .. }) => {
                let path = session.scenario().path(route).unwrap_or_default();
                (path.to_owned(), m.numbers.instant(at.since(SimTime::ZERO)))
            }
            Cause::Opened | Cause::Set => Default::default(),
        };
        (m.branch)(cause, &path, &at)
    };
    html! {
        <div class="branches" role="group" aria-label={m.futures}>
            <span class="branches__label" aria-hidden="true">{ m.futures }</span>
            for (place, branch) in session.branches().iter().enumerate() {
                <button key={place} type="button" class="chip" aria-pressed={(place == session.branch()).to_string()}
                    onclick={on_action.reform(move |_| Action::ChooseBranch(place))}>
                    { label(branch.cause()) }
                </button>
            }
        </div>
    }
}
