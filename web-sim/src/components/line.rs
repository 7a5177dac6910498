//! Requests that wait in a line, the next one nearest to where the line leads.

use scheduler_model::RequestId;
use yew::prelude::*;

use super::token::{Shape, token};
use crate::messages::Messages;
use crate::session::Action;
use crate::views::stage::Line;

/// Shows a line: the first few one by one, all of them as a number.
pub(crate) fn line_view(
    m: &'static Messages,
    line: &Line,
    has_bound: bool,
    selected: Option<RequestId>,
    on_action: &Callback<Action>,
) -> Html {
    let more = line.n - line.shown.len() as u64;
    let is_full = line.max.is_some_and(|max| line.n >= max && line.n > 0);
    html! {
        <div class={classes!("line", is_full.then_some("line--full"))}>
            if line.n == 0 {
                <p class="line__empty">{ m.empty }</p>
            } else {
                <ol class="line__requests">
                    for &request in &line.shown {
                        <li key={request.0}>
                            { token(m, request, Shape::Waiting, selected == Some(request), on_action) }
                        </li>
                    }
                    if more > 0 {
                        <li key="more" class="line__more">{ format!("+{}", m.count(more)) }</li>
                    }
                </ol>
            }
            if has_bound {
                <p class="line__bound">
                    { (m.of_bound)(line.n, line.max) }
                    if let Some(max) = line.max {
                        <span class="line__bar" aria-hidden="true">
                            <span class="line__fill" style={format!("inline-size:{}%", per_cent(line.n, max))}></span>
                        </span>
                    }
                </p>
            }
        </div>
    }
}

fn per_cent(n: u64, max: u64) -> u64 {
    (n * 100).checked_div(max).unwrap_or(0).min(100)
}
