//! The figures so far, one column a model.

use std::rc::Rc;

use scheduler_model::Span;
use yew::prelude::*;

use super::theory::{Runs, Theory};
use crate::messages::Messages;
use crate::session::{Origin, Session};
use crate::views::metrics::{Figures, figures};

/// A row of the table: its name, and a text for each run.
type Row = (&'static str, Vec<String>);

/// Which of a run's counts a row shows.
type CountOf = fn(&Figures) -> u64;

/// Shows the figures up to this moment, and the digest of each whole run.
pub(crate) fn metrics(m: &'static Messages, session: &Session) -> Html {
    let all = figures(session.player());
    let origin = match session.origin() {
        Origin::Live | Origin::Trace { recorded: true, .. } => m.recorded,
        _ => m.simulated,
    };
    let count = |n: u64| m.count(n);
    let span = |span: Option<Span>| span.map_or("–".to_owned(), |span| m.span(span));
    let mut rows: Vec<Row> = Vec::new();
    let mut add = |name, value: &dyn Fn(&Figures) -> String| {
        rows.push((name, all.iter().map(value).collect()));
    };
    add(m.answered, &|figures| count(figures.answered));
    add(m.throughput, &|figures| m.numbers.rate(figures.throughput.0, figures.throughput.1));
    add(m.in_system, &|figures| count(figures.in_system));
    add(m.waiting_now, &|figures| count(figures.waiting));
    add(m.longest_now, &|figures| span(figures.longest));
    add(m.wait_median, &|figures| span(figures.wait_median));
    add(m.wait_p99, &|figures| span(figures.wait_p99));
    add(m.threads_most, &|figures| count(figures.threads_most));
    add(m.stacks, &|figures| m.numbers.memory(figures.stacks_kib));
    add(m.rejected, &|figures| count(figures.rejected));
    let seldom: [(&str, CountOf); 3] = [
        (m.failed, |figures| figures.failed),
        (m.dropped, |figures| figures.dropped),
        (m.lost, |figures| figures.lost),
    ];
    for (name, value) in seldom {
        if all.iter().any(|figures| value(figures) > 0) {
            add(name, &|figures| count(value(figures)));
        }
    }
    html! {
        <section class="metrics panel" aria-label={m.so_far}>
            <header class="panel__head">
                <h2 class="panel__title">{ m.so_far }</h2>
                <span class="panel__note">{ origin }</span>
            </header>
            // Columns of many models are wider than a phone; the keyboard has to reach what scrolls.
            <div class="metrics__scroll" role="group" aria-label={m.so_far} tabindex={(all.len() > 3).then_some("0")}>
            <table class="table">
                <thead>
                    <tr>
                        <td key="corner"></td>
                        for figures in &all {
                            <th key={m.run_name(figures.name)} scope="col" class="metrics__run-name">{ m.run_name(figures.name) }</th>
                        }
                    </tr>
                </thead>
                <tbody>
                    for (name, values) in &rows {
                        <tr key={*name}>
                            <th key="name" scope="row">{ *name }</th>
                            for (place, value) in values.iter().enumerate() {
                                <td key={place}>{ value.clone() }</td>
                            }
                        </tr>
                    }
                </tbody>
            </table>
            </div>
            <dl class="metrics__runs">
                for figures in &all {
                    <div key={m.run_name(figures.name)} class="metrics__run">
                        <dt>{ format!("{} · {}", m.run_name(figures.name), m.digest) }</dt>
                        <dd><code data-testid={format!("digest-{}", figures.name.model.name())}>{ figures.digest.clone() }</code></dd>
                    </div>
                }
            </dl>
            // Before a prediction it would tell what is to be predicted.
            if session.lesson().is_none() || session.prediction().is_some() {
                <Theory runs={Runs(Rc::clone(session.player().runs()))} />
            }
        </section>
    }
}
