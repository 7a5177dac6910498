//! Those who ask: what they asked for and how long they have waited, and who will come next.

use scheduler_model::{RequestId, SimTime};
use yew::prelude::*;

use super::token::{Shape, still, token};
use crate::messages::Messages;
use crate::session::Action;
use crate::views::stage::{Clients, Mark};

/// Shows who waits for an answer.
pub(crate) fn client_list(
    m: &'static Messages,
    clients: &Clients,
    now: SimTime,
    selected: Option<RequestId>,
    on_action: &Callback<Action>,
) -> Html {
    let n_more = clients.more_waiting + clients.more_served;
    let room = NEXT_MAX.saturating_sub(clients.shown.len());
    html! {
        <ul class="clients">
            for client in &clients.shown {
                <li key={client.request.0} class={classes!("client", (client.mark == Mark::Waiting).then_some("client--waiting"))}>
                    { token(m, client.request, Shape::from(client.mark), selected == Some(client.request), on_action) }
                    <span class="client__says">
                        <b class="client__path">{ shown_path(&client.path) }</b>
                        <span class="client__time">{
                            if client.mark == Mark::Waiting && !client.time.is_zero() {
                                (m.waits)(&m.span(client.time))
                            } else if client.mark == Mark::Waiting {
                                m.state_waiting.to_owned()
                            } else {
                                (m.served)(&m.span(client.time))
                            }
                        }</span>
                    </span>
                </li>
            }
            if n_more > 0 {
                <li key="more" class="clients__more">
                    { (m.more_clients)(clients.more_waiting, clients.more_served) }
                </li>
            }
            for next in clients.next.iter().take(room) {
                <li key={next.request.0} class="client client--next">
                    { still(next.request, Shape::Ghost, false) }
                    <span class="client__says">
                        <b class="client__path">{ shown_path(&next.path) }</b>
                        <span class="client__time">{
                            if next.at > now { (m.will_ask)(&m.span(next.at.since(now))) } else { m.asks_now.to_owned() }
                        }</span>
                    </span>
                </li>
            }
            if clients.shown.is_empty() && clients.next.is_empty() {
                <li key="nobody" class="clients__nobody">{ m.nobody }</li>
            }
        </ul>
    }
}

/// A recording learns late what was asked for.
fn shown_path(path: &str) -> String {
    if path.is_empty() { "…".to_owned() } else { path.to_owned() }
}

/// Those to come are shown as long as there are few others.
const NEXT_MAX: usize = 3;
