//! Which models are shown side by side.

use scheduler_model::Model;
use yew::prelude::*;

use crate::messages::Messages;
use crate::session::{Action, Session};

/// Shows a switch for each model that has a scheduler; one at least stays on.
pub(crate) fn model_switch(
    m: &'static Messages,
    session: &Session,
    on_action: &Callback<Action>,
) -> Html {
    html! {
        <div class="segments" role="group" aria-label={m.models}>
            for model in Model::ALL {
                <button key={model.name()} type="button" class="segments__one" title={(m.model_title)(model)}
                    aria-pressed={session.models().contains(&model).to_string()} disabled={session.is_trace()}
                    onclick={on_action.reform(move |_| Action::ToggleModel(model))}>
                    <span class="segments__check" aria-hidden="true"></span>{ model.name() }
                </button>
            }
        </div>
    }
}
