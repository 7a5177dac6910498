//! Deciding costs no memory: once a server has seen its load, nothing is allocated any more.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::VecDeque;

use scheduler_model::scenario::Server;
use scheduler_model::{
    ConnectionId, Decision, Ending, Model, RequestId, Scheduler, SimTime, Stimulus, WorkerId,
};

#[test]
fn a_keep_alive_request_that_finds_a_worker_free_allocates_nothing() {
    for &model in &Model::ALL {
        assert_eq!(allocations(model, 1), 0, "{model:?}");
    }
}

#[test]
fn a_keep_alive_request_that_waits_in_the_queue_allocates_nothing() {
    assert_eq!(allocations(Model::Pool, 12), 0);
}

/// How often memory is allocated for 10,000 requests of these connections, after as many.
fn allocations(model: Model, n_connections: usize) -> u64 {
    let mut driver = Driver::new(model, n_connections);
    driver.answer(10_000);
    allocation_counter::measure(|| driver.answer(10_000)).count_total
}

/// Answers at once; each connection asks again as soon as it has its answer.
struct Driver {
    scheduler: Scheduler,
    last: RequestId,
    asked_by: VecDeque<(RequestId, ConnectionId)>,
    running: VecDeque<(RequestId, WorkerId)>,
}

impl Driver {
    fn new(model: Model, n_connections: usize) -> Self {
        let mut driver = Self {
            scheduler: Scheduler::new(&Server::new(model)),
            last: RequestId(0),
            asked_by: VecDeque::with_capacity(n_connections),
            running: VecDeque::with_capacity(n_connections),
        };
        for _ in 0..n_connections {
            let connection = driver.scheduler.next_connection();
            driver.tell(Stimulus::ConnectionOpened { connection });
            driver.ask(connection);
        }
        driver
    }

    fn answer(&mut self, n_requests: usize) {
        for _ in 0..n_requests {
            let (request, worker) = self.running.pop_front().expect("a request runs");
            let ending = Ending::KeepAlive;
            self.tell(Stimulus::TaskFinished { request, worker, route: None, ending });
            let place = self.asked_by.iter().position(|&(asked, _)| asked == request);
            let asked = place.and_then(|place| self.asked_by.remove(place));
            self.ask(asked.expect("somebody asked").1);
        }
    }

    fn ask(&mut self, connection: ConnectionId) {
        self.last.0 += 1;
        let request = self.last;
        self.asked_by.push_back((request, connection));
        let connection = Some(connection);
        self.tell(Stimulus::RequestArrived { request, connection, route: None, seen_by: None });
    }

    fn tell(&mut self, stimulus: Stimulus) {
        self.scheduler.handle(SimTime::from_nanos(self.last.0), stimulus);
        let mut started = None;
        while let Some(decision) = self.scheduler.poll() {
            match decision {
                Decision::Assign { request, worker } => self.running.push_back((request, worker)),
                Decision::Spawn { worker, .. } => started = Some(worker),
                _ => {}
            }
        }
        if let Some(worker) = started {
            self.tell(Stimulus::WorkerStarted { worker });
        }
    }
}
