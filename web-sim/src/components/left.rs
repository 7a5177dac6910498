//! Requests that have had their outcome.

use yew::prelude::*;

use super::token::{Shape, still};
use crate::messages::Messages;
use crate::views::stage::Left;

/// Shows the last ones, and how many there are of each outcome.
pub(crate) fn left_list(m: &'static Messages, left: &Left) -> Html {
    html! {
        <div class="left">
            if left.counts.is_empty() {
                <p class="left__none">{ m.nobody_yet }</p>
            } else {
                <p class="left__counts">
                    for (outcome, n) in &left.counts {
                        <span key={(m.outcome)(*outcome)} class="left__count">{ (m.outcomes)(*outcome, *n) }</span>
                    }
                </p>
            }
            <ol class="left__newest">
                for (request, outcome, sojourn) in &left.newest {
                    <li key={request.0} class="left__one">
                        { still(*request, Shape::from(*outcome), false) }
                        <span>{ m.span(*sojourn) }</span>
                    </li>
                }
            </ol>
        </div>
    }
}
