//! What the server of an experiment answers: it does as much work as the request says.
//!
//! It is mounted nowhere else: whoever may ask a public server for CPU time could stop it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use scheduler_model::scenario::Fork;
use scheduler_model::{Demand, RouteId, Scenario};

use super::demand::{FIELD, Written};
use crate::http::{Request, Response, Status};
use crate::site::{Answer, Site, Tree, burn};

/// The paths of a scenario, and who of their requests shall panic.
#[derive(Clone, Debug)]
pub(super) struct LabSite {
    paths: Arc<[String]>,
    /// Panics to come, by route.
    panics: Arc<[AtomicU32]>,
}

impl LabSite {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let paths = scenario.requests.iter().map(|kind| kind.path.clone()).collect();
        let panics = scenario.requests.iter().map(|_| AtomicU32::new(0)).collect();
        Self { paths, panics }
    }

    /// The next request of this route panics, after its CPU time.
    pub(super) fn panic_once(&self, route: RouteId) {
        if let Some(panics) = self.panics.get(usize::from(route.0)) {
            panics.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether a request of this route is to panic; then it is the one.
    fn panics(&self, route: RouteId) -> bool {
        let one_less = |panics: u32| panics.checked_sub(1);
        let panics = &self.panics[usize::from(route.0)];
        panics.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
    }
}

impl Site for LabSite {
    fn route(&self, path: &str) -> Option<RouteId> {
        let at = self.paths.iter().position(|other| other == path)?;
        u16::try_from(at).ok().map(RouteId)
    }

    fn answer(&self, request: &Request<'_>) -> Answer {
        let field = request.field(FIELD).and_then(|field| std::str::from_utf8(field).ok());
        let demand = field.map(str::parse::<Written>);
        let Some(Ok(Written(Demand { cpu, sleep, fork }))) = demand else {
            let why = format!("{FIELD} is missing or wrong\n");
            return Response::new(Status::BAD_REQUEST).with_body(why).into();
        };
        let route = self.route(&request.path());
        let panics = route.is_some_and(|route| self.panics(route));
        burn(cpu.into());
        if panics {
            // Without the hook's message: this panic is asked for.
            std::panic::resume_unwind(Box::new("a fault of the scenario"));
        }
        let answer = Answer::after(sleep.into(), Response::new(Status::OK).with_body("done\n"));
        match fork {
            Some(Fork { depth, leaf_cpu }) => {
                answer.with_tree(Tree::new(depth, move |_| burn(leaf_cpu.into())))
            }
            None => answer,
        }
    }
}
