//! A request as a shape: its state is told by form as well as by hue.

use scheduler_model::{Outcome, RequestId, WorkerState};
use yew::prelude::*;

use crate::app::use_look;
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

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct TokenProps {
    /// Whose number is in it.
    pub(crate) request: RequestId,
    /// Its form.
    pub(crate) shape: Shape,
    /// Whether it is the one that was asked about.
    #[prop_or_default]
    pub(crate) is_selected: bool,
    /// Asks why it is where it is; a shape that cannot be asked about is no button.
    #[prop_or_default]
    pub(crate) on_action: Option<Callback<Action>>,
}

/// Shows a request.
#[component]
pub(crate) fn Token(TokenProps { request, shape, is_selected, on_action }: &TokenProps) -> Html {
    let m = use_look().messages();
    let request = *request;
    let class = classes!("token", shape.class(), is_selected.then_some("token--selected"));
    match on_action {
        Some(on_action) => {
            let chosen = (!*is_selected).then_some(request);
            html! {
                <button type="button" {class} aria-label={(m.ask_why)(request.0)} title={(m.ask_why)(request.0)}
                    aria-pressed={is_selected.to_string()}
                    onclick={on_action.reform(move |_| Action::Select(chosen))}>
                    <span class="token__number">{ request.0 }</span>
                </button>
            }
        }
        None => html! { <span {class}><span class="token__number">{ request.0 }</span></span> },
    }
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
            WorkerState::Blocked => Self::Blocked,
            WorkerState::Busy => Self::Busy,
            WorkerState::Starting | WorkerState::Idle | WorkerState::Scheduled => Self::Scheduled,
        }
    }
}
