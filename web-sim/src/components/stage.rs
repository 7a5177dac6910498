//! The stage: one row a model, the same arrivals in each.

use std::rc::Rc;

use yew::prelude::*;

use super::stage_row::StageRow;
use crate::app::use_look;
use crate::session::{Action, Session};
use crate::views::stage;

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct StageProps {
    /// The page's state.
    pub(crate) session: Rc<Session>,
    /// Takes what the reader does.
    pub(crate) on_action: Callback<Action>,
}

/// Shows where everything is.
#[component]
pub(crate) fn Stage(StageProps { session, on_action }: &StageProps) -> Html {
    let m = use_look().messages();
    let rows: Vec<_> = stage::rows(session.player()).into_iter().map(Rc::new).collect();
    let has_queue = rows.iter().any(|row| row.queue.is_some());
    let now = session.player().moment();
    html! {
        <section class="stage panel" aria-label={m.stage}>
            for row in &rows {
                <StageRow key={row.model.name()} row={row.clone()} {now} {has_queue}
                    selected={session.selected()} on_action={on_action.clone()} />
            }
        </section>
    }
}
