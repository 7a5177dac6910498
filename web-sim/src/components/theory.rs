//! What queueing theory says of the runs that are shown, beside what came out of them.

use std::rc::Rc;

use yew::prelude::*;

use crate::app::use_look;
use crate::messages::{Language, Messages};
use crate::parts::annex::{Compare, Compared, Comparison};
use crate::parts::{Part, PartError};
use crate::run::Run;
use crate::views::RunName;

/// What to compare.
#[derive(PartialEq, Properties)]
pub(crate) struct TheoryProps {
    /// The runs that are shown.
    pub(crate) runs: Runs,
}

/// Runs, which are the same when nothing was computed anew.
#[derive(Clone, Debug)]
pub(crate) struct Runs(pub(crate) Rc<[Rc<Run>]>);

impl PartialEq for Runs {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(other.0.iter()).all(|(one, other)| Rc::ptr_eq(one, other))
    }
}

type Told = Result<Vec<(RunName, Comparison)>, PartError>;

/// Shows the comparison once it is opened: nothing of it is fetched or computed before.
#[component]
pub(crate) fn Theory(TheoryProps { runs }: &TheoryProps) -> Html {
    let look = use_look();
    let m = look.messages();
    let is_open = use_state(|| false);
    let told = use_state(|| None::<Told>);
    {
        let told = told.clone();
        use_effect_with(
            (runs.clone(), look.language, *is_open),
            move |(runs, language, is_open)| {
                if *is_open {
                    let (runs, language) = (runs.clone(), *language);
                    wasm_bindgen_futures::spawn_local(async move {
                        told.set(Some(compared(&runs, language).await));
                    });
                }
            },
        );
    }
    let ontoggle = Callback::from(move |event: Event| {
        let details = event.target_dyn_into::<web_sys::Element>();
        is_open.set(details.is_some_and(|details| details.has_attribute("open")));
    });
    html! {
        <details class="theory" {ontoggle}>
            <summary>{ m.theory }</summary>
            <div class="theory__body">{ body(m, told.as_ref()) }</div>
        </details>
    }
}

async fn compared(runs: &Runs, language: Language) -> Told {
    let annex = Part::Annex.fetch().await?;
    let compare = |run: &Rc<Run>| {
        let question = Compare { language, trace: run.trace().clone() };
        Some((RunName::of(run), annex.ask(&question)?))
    };
    runs.0.iter().map(|run| compare(run).ok_or(PartError::OtherBuild)).collect()
}

fn body(m: &Messages, told: Option<&Told>) -> Html {
    match told {
        None => html! { <p role="status">{ m.computing }</p> },
        Some(Err(error)) => html! { <p>{ error.text(m) }</p> },
        Some(Ok(all)) => html! {
            for (run, comparison) in all {
                <section key={m.run_name(*run)}>
                    <h3 class="theory__model">{ m.run_name(*run) }</h3>
                    { one(m.run_name(*run), comparison) }
                </section>
            }
        },
    }
}

fn one(model: &'static str, comparison: &Comparison) -> Html {
    match comparison {
        Err(reason) => html! { <p class="theory__text">{ reason.clone() }</p> },
        Ok(Compared { basis, columns, figures }) => html! {
            <>
                <p class="theory__text">{ basis.clone() }</p>
                <div class="metrics__scroll" role="group" aria-label={model} tabindex="0">
                    <table class="table">
                        <thead>
                            <tr>
                                <td key="corner"></td>
                                for column in columns.iter().skip(1) {
                                    <th key={column.clone()} scope="col">{ column.clone() }</th>
                                }
                            </tr>
                        </thead>
                        <tbody>
                            for figure in figures {
                                <tr key={figure.name.clone()}>
                                    <th scope="row">{ figure.name.clone() }</th>
                                    <td>{ figure.run.clone() }{ " " }{ figure.interval.clone().unwrap_or_default() }</td>
                                    <td>{ figure.theory.clone() }</td>
                                </tr>
                            }
                        </tbody>
                    </table>
                </div>
            </>
        },
    }
}
