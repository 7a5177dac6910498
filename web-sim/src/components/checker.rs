//! The checker: every order in which the events of a small scenario can come, tried a slice at a time.

mod search;

use std::cell::Cell;
use std::rc::Rc;

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::app::use_look;
use crate::messages::Messages;
use crate::parts::Part;
use crate::parts::annex::{CheckBegins, Flaws, PropertyFound};
use crate::session::{Action, Session};
use search::{Standing, opened, refused, search};

/// What to check.
#[derive(PartialEq, Properties)]
pub(crate) struct CheckerProps {
    /// The page's state.
    pub(crate) session: Rc<Session>,
    /// Takes what the reader does.
    pub(crate) on_action: Callback<Action>,
}

/// Shows the checker; nothing of it is fetched before it is opened.
#[component]
pub(crate) fn CheckerPanel(CheckerProps { session, on_action }: &CheckerProps) -> Html {
    let look = use_look();
    let m = look.messages();
    let is_open = use_state(|| false);
    let flaws = use_state(Vec::<String>::new);
    let flaw = use_state(|| None::<u8>);
    let standing = use_state(|| Standing::Ready);
    // A search goes on only while its number is the last that was given.
    let searches = use_memo((), |()| Cell::new(0_u32));
    {
        let (flaws, searches, standing) = (flaws.clone(), searches.clone(), standing.clone());
        use_effect_with((look.language, *is_open), move |(language, is_open)| {
            let language = *language;
            searches.set(searches.get() + 1);
            standing.set(Standing::Ready);
            if *is_open {
                wasm_bindgen_futures::spawn_local(async move {
                    match Part::Annex.fetch().await {
                        Ok(annex) => flaws.set(annex.ask(&Flaws { language }).unwrap_or_default()),
                        Err(error) => standing.set(refused(error, m)),
                    }
                });
            }
        });
    }
    {
        let (searches, standing) = (searches.clone(), standing.clone());
        use_effect_with(session.scenario().clone(), move |_| {
            searches.set(searches.get() + 1);
            standing.set(Standing::Ready);
        });
    }
    let ontoggle = Callback::from(move |event: Event| {
        let details = event.target_dyn_into::<web_sys::Element>();
        is_open.set(details.is_some_and(|details| details.has_attribute("open")));
    });
    let on_flaw = {
        let flaw = flaw.clone();
        Callback::from(move |event: Event| {
            flaw.set(event.target_unchecked_into::<HtmlSelectElement>().value().parse().ok());
        })
    };
    let on_check = {
        let scenario = session.scenario().with_model(session.models()[0]);
        let (searches, standing, flaw) = (searches.clone(), standing.clone(), *flaw);
        Callback::from(move |_: MouseEvent| {
            let number = searches.get() + 1;
            searches.set(number);
            if matches!(*standing, Standing::Searching(_)) {
                standing.set(Standing::Ready);
                return;
            }
            let (searches, standing) = (searches.clone(), standing.clone());
            let language = look.language;
            let question = CheckBegins { language, scenario: scenario.clone(), flaw };
            wasm_bindgen_futures::spawn_local(async move {
                let goes_on = || searches.get() == number;
                let told = |stands| standing.set(stands);
                let ended = search(&question, m, goes_on, told).await;
                if searches.get() == number {
                    standing.set(ended);
                }
            });
        })
    };
    let is_searching = matches!(*standing, Standing::Searching(_));
    html! {
        <details class="theory panel" {ontoggle}>
            <summary>{ m.checker }</summary>
            <div class="theory__body">
                <p key="hint">{ m.checker_hint }</p>
                <p key="flaw"><label>{ m.flaw }{ " " }
                    <select class="select" onchange={on_flaw} disabled={is_searching}>
                        <option key="none" value="">{ m.no_flaw }</option>
                        for (place, name) in flaws.iter().enumerate() {
                            <option key={place} value={place.to_string()} selected={flaw.map(usize::from) == Some(place)}>{ name.clone() }</option>
                        }
                    </select>
                </label></p>
                <p key="go"><button type="button" class="button" onclick={on_check}>{ if is_searching { m.check_stop } else { m.check } }</button></p>
                { shown(m, &standing, on_action) }
            </div>
        </details>
    }
}

fn shown(m: &'static Messages, standing: &Standing, on_action: &Callback<Action>) -> Html {
    match standing {
        Standing::Ready => html! { <div key="ready" hidden=true></div> },
        Standing::Refused(why) => html! { <p key="refused" role="status">{ why.clone() }</p> },
        // Not read out: it changes many times a second.
        Standing::Searching(progress) => html! {
            <p key="searching">{ (m.check_progress)(progress.states, progress.depth) }</p>
        },
        Standing::Over(progress, found) => html! {
            <div key="over">
                <p role="status">{ (m.check_over)(progress.states, found.iter().filter(|found| found.holds == Some(false)).count() as u64) }</p>
                <table class="table">
                    <tbody>
                        for (place, found) in found.iter().enumerate() {
                            <tr key={place}>
                                <th scope="row">{ found.name.clone() }</th>
                                <td>{ verdict(m, found.holds) }</td>
                                <td>{ example(m, place, found, on_action) }</td>
                            </tr>
                        }
                    </tbody>
                </table>
            </div>
        },
    }
}

const fn verdict(m: &Messages, holds: Option<bool>) -> &'static str {
    match holds {
        Some(true) => m.holds,
        Some(false) => m.is_broken,
        None => m.not_reached,
    }
}

fn example(
    m: &'static Messages,
    place: usize,
    found: &PropertyFound,
    on_action: &Callback<Action>,
) -> Html {
    let Some(events) = found.events else { return html! { <span></span> } };
    let (on_action, name) = (on_action.clone(), found.name.clone());
    let onclick = Callback::from(move |_: MouseEvent| {
        let (on_action, name) = (on_action.clone(), name.clone());
        wasm_bindgen_futures::spawn_local(async move {
            let opened = match Part::Annex.fetch().await {
                Ok(annex) => opened(&annex, place, name),
                Err(error) => Err(error),
            };
            on_action.emit(opened.unwrap_or_else(|error| Action::Fail(error.text(m).to_owned())));
        });
    });
    html! {
        <button type="button" class="button button--small" {onclick}>{ (m.counterexample)(events as u64) }</button>
    }
}
