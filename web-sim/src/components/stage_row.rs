//! One row of the stage: from the clients on the left to the answers on the right.

use std::rc::Rc;

use scheduler_model::{RequestId, SimTime};
use yew::prelude::*;

use super::clients::ClientList;
use super::cores::CoreList;
use super::lanes::LaneList;
use super::left::LeftList;
use super::line::LineView;
use crate::app::use_look;
use crate::messages::RowFacts;
use crate::session::Action;
use crate::views::stage::{Acceptor, Row};

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct StageRowProps {
    /// The row.
    pub(crate) row: Rc<Row>,
    /// What time it is.
    pub(crate) now: SimTime,
    /// Whether a row of this stage has a run queue; where one has, all leave room for it.
    pub(crate) has_queue: bool,
    /// The request that was asked about.
    pub(crate) selected: Option<RequestId>,
    /// Takes what the reader does.
    pub(crate) on_action: Callback<Action>,
}

/// Shows what happens under one model.
#[component]
pub(crate) fn StageRow(props: &StageRowProps) -> Html {
    let m = use_look().messages();
    let StageRowProps { row, now, has_queue, selected, on_action } = props;
    let facts = RowFacts {
        model: row.model,
        n_threads: row.n_threads,
        n_cores: row.cores.as_ref().map(|cores| cores.n),
        stack: m.numbers.memory(row.stack_kib),
        queue: row.queue.as_ref().map(|queue| (queue.n, queue.max)),
    };
    let title = (m.row_title)(row.model, row.n_threads);
    let flow = classes!("row__flow", has_queue.then_some("row__flow--queued"));
    let state = match row.acceptor {
        Acceptor::Accepts => "acceptor--accepts",
        Acceptor::Answers => "acceptor--answers",
        Acceptor::Stopped => "acceptor--stopped",
        Acceptor::Draining | Acceptor::Drained => "acceptor--draining",
    };
    html! {
        <article class="row" aria-label={title.clone()} data-model={row.model.name()}>
            <header class="row__head">
                <h2 class="row__title">{ title }</h2>
                <p class="row__facts">{ (m.row_facts)(&facts) }</p>
            </header>
            <div class={flow}>
                <section class="station station--clients">
                    <h3 class="station__title">{ m.clients }</h3>
                    <ClientList clients={row.clients.clone()} now={*now} selected={*selected}
                        on_action={on_action.clone()} />
                </section>
                <section class="station station--door">
                    <h3 class="station__title">{ m.acceptor }</h3>
                    <div class="station__body">
                        <p class={classes!("acceptor", state)}>{ (m.acceptor_state)(row.acceptor) }</p>
                        <h4 class="station__title station__title--inner">{ m.backlog }</h4>
                        if let Some(backlog) = &row.backlog {
                            <LineView line={backlog.clone()} selected={*selected} has_bound=false
                                on_action={on_action.clone()} />
                        } else {
                            <p class="station__note">{ m.unseen }</p>
                        }
                    </div>
                </section>
                if *has_queue {
                    <section class={classes!("station", "station--queue", row.queue.is_none().then_some("station--through"))}>
                        if let Some(queue) = &row.queue {
                            <h3 class="station__title">{ m.run_queue }</h3>
                            <LineView line={queue.clone()} selected={*selected} has_bound=true
                                on_action={on_action.clone()} />
                        } else {
                            <span class="station__through" aria-hidden="true"></span>
                        }
                    </section>
                }
                <section class="station station--threads">
                    <h3 class="station__title">{ (m.threads)(row.model) }</h3>
                    <LaneList lanes={row.lanes.clone()} more={row.more_lanes} selected={*selected} />
                </section>
                <section class="station station--cores">
                    <h3 class="station__title">{ m.cores }</h3>
                    if let Some(cores) = &row.cores {
                        <CoreList cores={cores.clone()} lanes={row.lanes.clone()} />
                    } else {
                        <p class="station__note">{ m.unseen }</p>
                    }
                </section>
                <section class="station station--left">
                    <h3 class="station__title">{ m.left }</h3>
                    <LeftList left={row.left.clone()} />
                </section>
            </div>
        </article>
    }
}
