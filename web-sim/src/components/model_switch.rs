//! Which models are shown side by side.

use std::rc::Rc;

use scheduler_model::Model;
use yew::prelude::*;

use crate::app::use_look;
use crate::session::{Action, Session};

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct ModelSwitchProps {
    /// The page's state.
    pub(crate) session: Rc<Session>,
    /// Takes what the reader does.
    pub(crate) on_action: Callback<Action>,
}

/// Shows a switch for each model that has a scheduler; one at least stays on.
#[component]
pub(crate) fn ModelSwitch(ModelSwitchProps { session, on_action }: &ModelSwitchProps) -> Html {
    let m = use_look().messages();
    html! {
        <div class="segments" role="group" aria-label={m.models}>
            for model in Model::SCHEDULED {
                <button key={model.name()} type="button" class="segments__one" title={(m.model_title)(model)}
                    aria-pressed={session.models().contains(&model).to_string()} disabled={session.is_trace()}
                    onclick={on_action.reform(move |_| Action::ToggleModel(model))}>
                    <span class="segments__check" aria-hidden="true"></span>{ model.name() }
                </button>
            }
        </div>
    }
}
