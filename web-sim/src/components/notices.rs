//! What the reader should know: a bad address or file, a recording, a run cut short.

use yew::prelude::*;

use super::live::live_notice;
use crate::messages::Messages;
use crate::scenarios::PLAYED_MAX;
use crate::session::{Action, Origin, Session};
use crate::url::BadParameter;

/// Shows notices; those on what failed can be closed.
pub(crate) fn notices(
    m: &'static Messages,
    session: &Session,
    bad: &[BadParameter],
    on_action: &Callback<Action>,
    on_read: &Callback<()>,
) -> Html {
    let mut facts: Vec<String> = Vec::new();
    match session.origin() {
        Origin::Shipped { shortened: Some(all), .. } => facts.push((m.shortened)(PLAYED_MAX, *all)),
        Origin::Trace { name, recorded, conformance } => {
            let source = if *recorded { m.recorded } else { m.simulated };
            facts.push(format!("{name} ({source}): {}", (m.conformance)(conformance)));
        }
        Origin::Live | Origin::Shipped { .. } => {}
    }
    if let Some((name, n_events)) = session.reading() {
        facts.push((m.reading)(name, n_events));
    }
    facts.extend(session.live_state().map(|state| live_notice(m, state).to_owned()));
    for run in session.player().runs().iter() {
        if let Some((seq, violation)) = run.violation() {
            facts.push((m.ends_early)(seq, &violation.to_string()));
        }
        if !run.trace().complete {
            facts.push(m.incomplete.to_owned());
        }
    }
    html! {
        <div class="notices">
            <div class="notices__alerts" role="alert">
                if !bad.is_empty() {
                    <div key="address" class="notice notice--bad">
                        <ul>
                            for (place, bad) in bad.iter().enumerate() {
                                <li key={place}>{ (m.bad_parameter)(bad) }</li>
                            }
                        </ul>
                        <button type="button" class="button button--small" onclick={on_read.reform(|_| ())}>{ m.close }</button>
                    </div>
                }
                if let Some(failure) = session.failure() {
                    <p key="failure" class="notice notice--bad">
                        <span>{ failure.to_owned() }</span>
                        <button type="button" class="button button--small" onclick={on_action.reform(|_| Action::Dismiss)}>{ m.close }</button>
                    </p>
                }
            </div>
            for (place, fact) in facts.into_iter().enumerate() {
                <p key={place} class="notice" role="status">{ fact }</p>
            }
        </div>
    }
}
