//! Requests that have had their outcome.

use yew::prelude::*;

use super::token::{Shape, Token};
use crate::app::use_look;
use crate::views::stage::Left;

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct LeftListProps {
    /// Who left.
    pub(crate) left: Left,
}

/// Shows the last ones, and how many there are of each outcome.
#[component]
pub(crate) fn LeftList(LeftListProps { left }: &LeftListProps) -> Html {
    let m = use_look().messages();
    html! {
        <div class="left">
            if left.counts.is_empty() {
                <p class="left__none">{ m.nobody_yet }</p>
            } else {
                <p class="left__counts">
                    for (outcome, n) in &left.counts {
                        <span key={(m.outcome)(*outcome)} class="left__count">
                            <b>{ m.count(*n) }</b>{ format!(" {}", (m.outcome)(*outcome)) }
                        </span>
                    }
                </p>
            }
            <ol class="left__newest">
                for (request, outcome, sojourn) in &left.newest {
                    <li key={request.0} class="left__one">
                        <Token request={*request} shape={Shape::from(*outcome)} />
                        <span>{ m.span(*sojourn) }</span>
                    </li>
                }
            </ol>
        </div>
    }
}
