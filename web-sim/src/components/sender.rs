//! The reader as a client: what can be sent, at this moment.

use scheduler_model::scenario::{Distribution, RequestKind};
use scheduler_model::{RouteId, Scenario, Span};
use yew::prelude::*;

use crate::messages::Messages;
use crate::session::{Action, Session};

/// What a reader can send: one route that is quick and one that sleeps, as far as there are such.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Routes {
    pub(crate) fast: Option<RouteId>,
    pub(crate) slow: Option<RouteId>,
}

/// How many requests a burst is.
pub(crate) const BURST: u32 = 10;

/// Shows what can be sent, or says why nothing can.
pub(crate) fn sender(
    m: &'static Messages,
    session: &Session,
    on_action: &Callback<Action>,
) -> Html {
    if !session.can_send() {
        let why = if session.is_trace() { m.cannot_send_trace } else { m.cannot_send_closed };
        return html! { <p class="controls__note">{ why }</p> };
    }
    let routes = Routes::of(session.scenario());
    let path = |route| session.scenario().path(route).unwrap_or_default().to_owned();
    let send = |route, count| on_action.reform(move |_: MouseEvent| Action::Send { route, count });
    html! {
        <div class="controls__group controls__group--send">
            if let Some(route) = routes.fast {
                <button key="fast" type="button" class="button button--fast" aria-keyshortcuts="f"
                    onclick={send(route, 1)}>
                    <span>{ (m.send)(&path(route)) }</span><kbd aria-hidden="true">{ "f" }</kbd>
                </button>
            }
            if let Some(route) = routes.slow {
                <button key="slow" type="button" class="button button--slow" aria-keyshortcuts="s"
                    onclick={send(route, 1)}>
                    <span>{ (m.send)(&path(route)) }</span><kbd aria-hidden="true">{ "s" }</kbd>
                </button>
            }
            if let Some(route) = routes.of_burst() {
                <button key="burst" type="button" class="button" aria-keyshortcuts="b"
                    title={(m.burst_hint)(&path(route))} onclick={send(route, BURST)}>
                    <span>{ m.burst }</span><kbd aria-hidden="true">{ "b" }</kbd>
                </button>
            }
        </div>
    }
}

impl Routes {
    /// The routes of a scenario.
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let find = |slow: bool| {
            let found = scenario.requests.iter().position(|kind| sleeps(kind) == slow)?;
            u16::try_from(found).ok().map(RouteId)
        };
        Self { fast: find(false), slow: find(true) }
    }

    /// What a burst asks for.
    pub(crate) fn of_burst(self) -> Option<RouteId> {
        self.fast.or(self.slow)
    }
}

fn sleeps(kind: &RequestKind) -> bool {
    kind.sleep != Distribution::Constant(Span::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenarios::Shipped;
    use crate::scenarios::tests::book;

    #[test]
    fn the_book_has_a_quick_route_and_one_that_sleeps() {
        let expected = Routes { fast: Some(RouteId(0)), slow: Some(RouteId(1)) };
        assert_eq!(Routes::of(&book()), expected);
        assert_eq!(expected.of_burst(), Some(RouteId(0)));
    }

    #[test]
    fn in_every_scenario_there_is_something_to_send() {
        for shipped in Shipped::ALL {
            let (scenario, _) = shipped.load();
            assert!(Routes::of(&scenario).of_burst().is_some(), "{shipped:?}");
        }
    }
}
