//! The futures that were kept: one click leads back to each.

use std::rc::Rc;

use scheduler_model::SimTime;
use yew::prelude::*;

use crate::app::use_look;
use crate::session::{Action, Cause, Session};

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct BranchesProps {
    /// The page's state.
    pub(crate) session: Rc<Session>,
    /// Takes what the reader does.
    pub(crate) on_action: Callback<Action>,
}

/// Shows the futures and which of them is followed.
#[component]
pub(crate) fn Branches(BranchesProps { session, on_action }: &BranchesProps) -> Html {
    let m = use_look().messages();
    let label = |cause: Cause| {
        let (path, at) = match cause {
            Cause::Sent { route, at, .. } => {
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
