//! A request as a shape: its state is told by form as well as by hue.

use scheduler_model::{Outcome, RequestId, WorkerState};
use yew::prelude::*;

use crate::messages::Messages;
use crate::session::Action;
use crate::views::stage::Mark;

/// What a shape stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A square with a hatch.
    Blocked,
    /// A filled circle.
    Busy,
    /// A dashed circle: it has not come yet.
    Ghost,
    /// A filled lozenge.
    Rejected,
    /// A double ring.
    Scheduled,
    /// A circle with a tick.
    Answered,
    /// A ring.
    Waiting,
}

/// Shows a request as a button that asks why it is where it is.
pub(crate) fn token(
    m: &'static Messages,
    request: RequestId,
    shape: Shape,
    is_selected: bool,
    on_action: &Callback<Action>,
) -> Html {
    let class = classes!("token", shape.class(), is_selected.then_some("token--selected"));
    let chosen = (!is_selected).then_some(request);
    html! {
        <button type="button" {class} aria-label={(m.ask_why)(request.0)} title={(m.ask_why)(request.0)}
            aria-pressed={is_selected.to_string()} onclick={on_action.reform(move |_| Action::Select(chosen))}>
            <span class="token__number">{ request.0 }</span>
        </button>
    }
}

/// Shows a request about which nothing can be asked here.
pub(crate) fn still(request: RequestId, shape: Shape, is_selected: bool) -> Html {
    let class = classes!("token", shape.class(), is_selected.then_some("token--selected"));
    html! { <span {class}><span class="token__number">{ request.0 }</span></span> }
}

impl Shape {
    const fn class(self) -> &'static str {
        match self {
            Self::Answered => "token--answered",
            Self::Blocked => "token--blocked",
            Self::Busy => "token--busy",
            Self::Ghost => "token--ghost",
            Self::Rejected => "token--rejected",
            Self::Scheduled => "token--scheduled",
            Self::Waiting => "token--waiting",
        }
    }
}

impl From<Mark> for Shape {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Blocked => Self::Blocked,
            Mark::Busy => Self::Busy,
            Mark::Scheduled => Self::Scheduled,
            Mark::Waiting => Self::Waiting,
        }
    }
}

impl From<Outcome> for Shape {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Answered => Self::Answered,
            Outcome::Failed | Outcome::Rejected | Outcome::Dropped | Outcome::Lost => {
                Self::Rejected
            }
        }
    }
}

impl From<WorkerState> for Shape {
    fn from(state: WorkerState) -> Self {
        match state {
            WorkerState::Blocked | WorkerState::Joining => Self::Blocked,
            WorkerState::Busy => Self::Busy,
            WorkerState::Starting | WorkerState::Idle | WorkerState::Scheduled => Self::Scheduled,
        }
    }
}
