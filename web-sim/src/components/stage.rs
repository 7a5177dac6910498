//! The stage: one row a model, the same arrivals in each.

use yew::prelude::*;

use super::stage_row::stage_row;
use crate::messages::Messages;
use crate::session::{Action, Session};
use crate::views::stage::rows;

/// Shows where everything is.
pub(crate) fn stage(m: &'static Messages, session: &Session, on_action: &Callback<Action>) -> Html {
    let rows = rows(session.player());
    let has_queue = rows.iter().any(|row| row.queue.is_some());
    let now = session.player().moment();
    html! {
        <section class="stage panel" aria-label={m.stage}>
            for row in &rows {
                { stage_row(m, row, now, has_queue, session.selected(), on_action) }
            }
        </section>
    }
}
