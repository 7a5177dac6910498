//! What the timeline draws, as tables.

use std::rc::Rc;

use scheduler_model::SimTime;
use yew::prelude::*;

use crate::app::use_look;
use crate::session::{Action, Session};
use crate::views::{RunName, events};

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct TablesProps {
    /// The page's state.
    pub(crate) session: Rc<Session>,
    /// Takes what the reader does.
    pub(crate) on_action: Callback<Action>,
}

/// Shows the events around the cursor and the requests, in tables that open when asked.
#[component]
pub(crate) fn Tables(TablesProps { session, on_action }: &TablesProps) -> Html {
    let m = use_look().messages();
    let is_open = use_state(|| [false; 2]);
    let toggle = |place: usize| {
        let is_open = is_open.clone();
        Callback::from(move |event: Event| {
            let open = event
                .target_dyn_into::<web_sys::Element>()
                .is_some_and(|details| details.has_attribute("open"));
            let mut next = *is_open;
            next[place] = open;
            is_open.set(next);
        })
    };
    html! {
        <div class="tables">
            <details class="tables__one" ontoggle={toggle(0)}>
                <summary>{ m.events_table }</summary>
                if is_open[0] {
                    { events_table(session, on_action, m) }
                }
            </details>
            <details class="tables__one" ontoggle={toggle(1)}>
                <summary>{ m.requests_table }</summary>
                if is_open[1] {
                    { requests_table(session, m) }
                }
            </details>
        </div>
    }
}

fn events_table(
    session: &Session,
    on_action: &Callback<Action>,
    m: &'static crate::messages::Messages,
) -> Html {
    let rows = events::around(session.player());
    html! {
        <div class="tables__scroll" tabindex="0" role="region" aria-label={m.events_table}>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{ m.column_event }</th>
                        <th scope="col">{ m.column_time }</th>
                        <th scope="col" class="table__text">{ m.column_what }</th>
                    </tr>
                </thead>
                <tbody>
                    for row in rows {
                        <tr key={row.step} class={classes!(row.is_last.then_some("table__here"))}
                            aria-current={row.is_last.then_some("step")} data-seq={row.seq.to_string()}>
                            <td>
                                <button type="button" class="link"
                                    onclick={on_action.reform(move |_| Action::GoToStep(row.step))}>{ m.count(row.step as u64) }</button>
                            </td>
                            <td>{ m.numbers.instant(row.at.since(SimTime::ZERO)) }</td>
                            <td class="table__text">{ (m.event)(&row.happened) }</td>
                        </tr>
                    }
                </tbody>
            </table>
        </div>
    }
}

fn requests_table(session: &Session, m: &'static crate::messages::Messages) -> Html {
    let player = session.player();
    let several = player.runs().len() > 1;
    let rows = player.runs().iter().enumerate().flat_map(|(place, run)| {
        let done = player.done_of(place);
        let lives = run.history().requests();
        let arrived = lives.partition_point(|life| life.arrived <= player.moment());
        let shown = &lives[arrived.saturating_sub(ROWS_MAX)..arrived];
        shown.iter().map(move |life| (RunName::of(run), done, life))
    });
    html! {
        <div class="tables__scroll" tabindex="0" role="region" aria-label={m.requests_table}>
            <table class="table">
                <thead>
                    <tr>
                        if several {
                            <th key="model" scope="col" class="table__text">{ m.column_model }</th>
                        }
                        <th key="request" scope="col">{ m.column_request }</th>
                        <th key="arrived" scope="col">{ m.column_arrived }</th>
                        <th key="waited" scope="col">{ m.column_waited }</th>
                        <th key="end" scope="col" class="table__text">{ m.column_end }</th>
                    </tr>
                </thead>
                <tbody>
                    for (name, done, life) in rows {
                        <tr key={format!("{}-{}", m.run_name(name), life.id)}>
                            if several {
                                <td key="model" class="table__text">{ m.run_name(name) }</td>
                            }
                            <td key="request">{ m.count(life.id.0) }</td>
                            <td key="arrived">{ m.numbers.instant(life.arrived.since(SimTime::ZERO)) }</td>
                            <td key="waited">{ m.span(life.waiting_until(player.moment())) }</td>
                            <td key="end" class="table__text">{
                                match life.end {
                                    Some((by, _, Some(outcome))) if by < done => (m.outcome)(outcome),
                                    _ => "…",
                                }
                            }</td>
                        </tr>
                    }
                </tbody>
            </table>
        </div>
    }
}

/// Requests of a run that the table lists, the last ones to have arrived.
const ROWS_MAX: usize = 200;
