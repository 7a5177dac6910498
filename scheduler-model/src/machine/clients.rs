//! The clients of a scenario without a server: who asks for what, when, and what it will cost.
//!
//! A driver that puts a scenario's load on another server than the simulated one asks here. What it
//! is told is drawn from the same streams of the seed as in a simulation, so that both runs share
//! every draw. Connections, patience and faults are the driver's affair.

use super::agenda::Agenda;
use super::load::{self, Demand, Source};
use super::{Due, Scenario};
use crate::{RequestId, RouteId, SimTime};

/// The clients of a scenario.
///
/// ```
/// use scheduler_model::scenario::{Arrival, Load, Ranged, Server};
/// use scheduler_model::{Clients, Model, RouteId, Scenario, SimTime};
///
/// let mut scenario = Scenario::new("one", Server::new(Model::Pool));
/// let at = SimTime::from_nanos(5);
/// scenario.load = Load::Listed(vec![Arrival { at, route: RouteId(1), count: Ranged::MIN }]);
/// let mut clients = Clients::new(&scenario);
/// assert_eq!(clients.due(), Some(at));
/// let question = clients.ask().expect("one is due");
/// assert_eq!((question.route, question.demand.sleep.as_secs_f64()), (RouteId(1), 5.0));
/// assert!(clients.due().is_none() && clients.are_done());
/// ```
#[derive(Clone, Debug)]
pub struct Clients {
    scenario: Scenario,
    source: Source,
    agenda: Agenda,
    asked: u64,
}

/// A request that a client is about to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its number, in the order of sending.
    pub number: RequestId,
    /// When it is to be sent.
    pub at: SimTime,
    /// What for.
    pub route: RouteId,
    /// What it costs.
    pub demand: Demand,
    /// Which client waits for the answer before it asks again, in a closed load.
    pub client: Option<u64>,
}

impl Clients {
    /// The clients before the first has asked.
    pub fn new(scenario: &Scenario) -> Self {
        let mut agenda = Agenda::default();
        let source = Source::new(scenario, &mut agenda);
        Self { scenario: scenario.clone(), source, agenda, asked: 0 }
    }

    /// The next question, of whom it is due first.
    pub fn ask(&mut self) -> Option<Question> {
        let (at, due) = self.agenda.pop()?;
        let client = match due {
            Due::ClientAsks(client) => Some(client),
            _ => None,
        };
        let ask = self.source.ask(client, at, &mut self.agenda)?;
        self.asked += 1;
        let number = RequestId(self.asked);
        let demand = load::demand(&self.scenario, number, ask);
        Some(Question { number, at, route: ask.route, demand, client: ask.client })
    }

    /// A client of a closed load has its answer, or will get none: it thinks, and asks again.
    pub fn answered(&mut self, client: u64, now: SimTime) {
        self.source.think(client, now, &self.scenario, &mut self.agenda);
    }

    /// When the next question is due; `None` while everybody waits for an answer, and at the end.
    pub fn due(&self) -> Option<SimTime> {
        self.agenda.next_at().filter(|_| !self.are_done())
    }

    /// Whether nobody will ask any more.
    pub fn are_done(&self) -> bool {
        self.source.is_exhausted()
    }
}
