//! The sample paths that Ciw publishes, request by request, as a listed load for the simulation.
//!
//! Ciw (G. Palmer, V. Knight, P. Harper and A. Hawa, "Ciw: an open-source discrete event simulation
//! library" (2019)) draws from Python's generator, in an order that depends on the state of the
//! queue. The draws are made here by that rule; waiting is left to the simulation.

use rand_mt::Mt;
use scheduler_model::scenario::{
    Arrival, Distribution, Load, QueueBound, Ranged, RequestKind, Scenario, Server,
};
use scheduler_model::{Model, RouteId, SimTime, Span, World, simulate};

/// Python's `random.Random`: MT19937 seeded through its array initialisation.
pub(crate) struct PythonRandom(Mt);

impl PythonRandom {
    /// `random.seed(seed)`.
    pub(crate) fn seed(seed: u32) -> Self {
        Self(Mt::new_with_key([seed]))
    }

    /// `random.random()`: 53 bits of two draws.
    pub(crate) fn random(&mut self) -> f64 {
        let (high, low) = (self.0.next_u32() >> 5, self.0.next_u32() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    fn expovariate(&mut self, rate: f64) -> f64 {
        -libm::log(1.0 - self.random()) / rate
    }
}

/// A finished customer of the simulation, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    /// When it arrived.
    pub(crate) arrival: f64,
    /// How long it waited.
    pub(crate) wait: f64,
}

/// Customers of M/M/3 with arrivals at .2 and services at .1 a second that have left at `until`.
pub(crate) fn records(seed: u32, until: f64) -> Vec<Record> {
    let scenario = scenario(&draw(seed, until));
    let trace = simulate(&scenario);
    let mut world = World::new(&trace.header);
    let mut records = Vec::new();
    for event in &trace.events {
        let departure = world.apply(event).expect("a simulated run is legal");
        if let Some(departure) = departure.filter(|left| left.at.as_secs_f64() <= until) {
            let request = departure.request;
            let started = request.started.expect("it was answered");
            records.push(Record {
                arrival: request.arrived.as_secs_f64(),
                wait: started.since(request.arrived).as_secs_f64(),
            });
        }
    }
    records
}

/// The mean waiting time of those that arrived strictly within a window.
pub(crate) fn mean_wait(records: &[Record], after: f64, before: f64) -> f64 {
    let within = records.iter().filter(|one| one.arrival > after && one.arrival < before);
    let (n, sum) = within.fold((0_u32, 0.0), |(n, sum), one| (n + 1, sum + one.wait));
    sum / f64::from(n)
}

/// Times of arrival and of service, in seconds. A service is drawn when it starts: one that has not
/// started in time is never drawn, and is as good as none.
fn draw(seed: u32, until: f64) -> Vec<(f64, f64)> {
    let mut random = PythonRandom::seed(seed);
    let mut customers: Vec<(f64, f64)> = Vec::new();
    let mut busy_until: Vec<f64> = Vec::new();
    let mut n_started = 0;
    let mut next_arrival = random.expovariate(0.2);
    loop {
        let next_end = busy_until.iter().copied().fold(f64::INFINITY, f64::min);
        let now = next_arrival.min(next_end);
        if now > until {
            return customers;
        }
        if next_end < next_arrival {
            busy_until.retain(|&end| end > next_end);
        } else {
            customers.push((now, 0.0));
        }
        if busy_until.len() < 3 && n_started < customers.len() {
            let service = random.expovariate(0.1);
            customers[n_started].1 = service;
            busy_until.push(now + service);
            n_started += 1;
        }
        if next_end >= next_arrival {
            next_arrival = now + random.expovariate(0.2);
        }
    }
}

/// A listed load of sleeps, with a route for each customer.
fn scenario(customers: &[(f64, f64)]) -> Scenario {
    let server = Server {
        workers: Ranged::of::<3>(),
        queue: QueueBound::Unbounded,
        ..Server::new(Model::Pool)
    };
    let mut scenario = Scenario::new("ciw", server);
    scenario.machine.dispatch = Span::ZERO;
    let kind = |(index, &(_, service)): (usize, &(f64, f64))| RequestKind {
        path: format!("/{index}"),
        cpu: Distribution::Constant(Span::ZERO),
        sleep: Distribution::Constant(Span::from_nanos(nanos(service))),
        fork: None,
    };
    scenario.requests = customers.iter().enumerate().map(kind).collect();
    let arrival = |(route, &(at, _)): (u16, &(f64, f64))| Arrival {
        at: SimTime::from_nanos(nanos(at)),
        route: RouteId(route),
        count: Ranged::MIN,
    };
    scenario.load = Load::Listed((0..).zip(customers).map(arrival).collect());
    scenario
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time of some hours")]
fn nanos(seconds: f64) -> u64 {
    libm::round(seconds * 1e9) as u64
}
