//! One row of the stage: from the clients on the left to the answers on the right.

use scheduler_model::{RequestId, SimTime};
use yew::prelude::*;

use super::clients::client_list;
use super::cores::core_list;
use super::lanes::lane_list;
use super::left::left_list;
use super::line::line_view;
use crate::messages::{Messages, RowFacts};
use crate::session::Action;
use crate::views::stage::{Acceptor, Row};

/// Shows what happens under one model.
pub(crate) fn stage_row(
    m: &'static Messages,
    row: &Row,
    now: SimTime,
    has_queue: bool,
    selected: Option<RequestId>,
    on_action: &Callback<Action>,
) -> Html {
    let facts = RowFacts {
        model: row.name.model,
        n_threads: row.n_threads,
        n_cores: row.cores.as_ref().map(|cores| cores.n),
        stack: m.numbers.memory(row.stack_kib),
        queue: row.queue.as_ref().map(|queue| (queue.n, queue.max)),
    };
    let title = m.run_title(row.name, row.workers);
    let flow = classes!("row__flow", has_queue.then_some("row__flow--queued"));
    let state = match row.acceptor {
        Acceptor::Accepts => "acceptor--accepts",
        Acceptor::Answers => "acceptor--answers",
        Acceptor::Stopped => "acceptor--stopped",
        Acceptor::Draining | Acceptor::Drained => "acceptor--draining",
    };
    html! {
        <article key={m.run_name(row.name)} class="row" aria-label={title.clone()} data-model={row.name.model.name()}>
            <header class="row__head">
                <h2 class="row__title">{ title }</h2>
                <p class="row__facts">{ (m.row_facts)(&facts) }</p>
            </header>
            <div class={flow}>
                <section class="station station--clients">
                    <h3 class="station__title">{ m.clients }</h3>
                    { client_list(m, &row.clients, now, selected, on_action) }
                </section>
                <section class="station station--door">
                    <h3 class="station__title">{ m.acceptor }</h3>
                    <div class="station__body">
                        <p class={classes!("acceptor", state)}>{ (m.acceptor_state)(row.acceptor) }</p>
                        <h4 class="station__title station__title--inner">{ m.backlog }</h4>
                        if let Some(backlog) = &row.backlog {
                            { line_view(m, backlog, false, selected, on_action) }
                        } else {
                            <p class="station__note">{ m.unseen }</p>
                        }
                    </div>
                </section>
                if has_queue {
                    <section class={classes!("station", "station--queue", row.queue.is_none().then_some("station--through"))}>
                        if let Some(queue) = &row.queue {
                            <h3 class="station__title">{ m.run_queue }</h3>
                            { line_view(m, queue, true, selected, on_action) }
                        } else {
                            <span class="station__through" aria-hidden="true"></span>
                        }
                    </section>
                }
                <section class="station station--threads">
                    <h3 class="station__title">{ (m.threads)(row.name.model) }</h3>
                    { lane_list(m, &row.lanes, row.more_lanes.as_ref(), selected, on_action) }
                </section>
                <section class="station station--cores">
                    <h3 class="station__title">{ m.cores }</h3>
                    if let Some(cores) = &row.cores {
                        { core_list(m, cores, &row.lanes) }
                    } else {
                        <p class="station__note">{ m.unseen }</p>
                    }
                </section>
                <section class="station station--left">
                    <h3 class="station__title">{ m.left }</h3>
                    { left_list(m, &row.left) }
                </section>
            </div>
        </article>
    }
}
