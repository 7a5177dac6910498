//! All decisions of keep-alive requests: `decisions MODEL CONNECTIONS REQUESTS`.
//!
//! Each connection asks again as soon as it has its answer. One connection finds a worker idle every
//! time; with more connections than workers every request goes through the run queue. Prints a name
//! and a number a line.

use std::collections::VecDeque;

use anyhow::Context;
use ours::Stopwatch;
use scheduler_model::scenario::Server;
use scheduler_model::{
    ConnectionId, Decision, Ending, Model, RequestId, Scheduler, SimTime, Stimulus, WorkerId,
};

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let model = args.next().context("which model?")?;
    let model = *Model::ALL
        .iter()
        .find(|known| known.name() == model)
        .with_context(|| format!("{model:?} has no scheduler"))?;
    let connections: u64 = args.next().context("how many connections?")?.parse()?;
    let requests: u64 = args.next().context("how many requests?")?.parse()?;

    let mut driver = Driver::new(model);
    for _ in 0..connections {
        let connection = driver.scheduler.next_connection();
        driver.tell(Stimulus::ConnectionOpened { connection });
        driver.ask(connection);
    }
    let start = Stopwatch::start();
    while driver.next <= requests {
        driver.answer_one()?;
    }
    let seconds = start.seconds();
    println!("requests {requests}");
    println!("seconds {seconds}");
    Ok(())
}

/// The least that a driver can be: it answers at once.
struct Driver {
    scheduler: Scheduler,
    next: u64,
    /// Whose request it is, by the request's number modulo the length: no more are on their way.
    asked_by: Vec<Option<ConnectionId>>,
    running: VecDeque<(RequestId, WorkerId)>,
}

impl Driver {
    fn new(model: Model) -> Self {
        Self {
            scheduler: Scheduler::new(&Server::new(model)),
            next: 1,
            asked_by: vec![None; 1 << 8],
            running: VecDeque::new(),
        }
    }

    fn ask(&mut self, connection: ConnectionId) {
        let request = RequestId(self.next);
        let place = self.place(request);
        self.next += 1;
        self.asked_by[place] = Some(connection);
        self.tell(Stimulus::RequestArrived {
            request,
            connection: Some(connection),
            route: None,
            seen_by: None,
        });
    }

    fn answer_one(&mut self) -> anyhow::Result<()> {
        let (request, worker) = self.running.pop_front().context("nothing runs")?;
        let ending = Ending::KeepAlive;
        self.tell(Stimulus::TaskFinished { request, worker, route: None, ending });
        let place = self.place(request);
        let connection = self.asked_by[place].take().context("nobody asked")?;
        self.ask(connection);
        Ok(())
    }

    fn tell(&mut self, stimulus: Stimulus) {
        self.scheduler.handle(SimTime::from_nanos(self.next), stimulus);
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

    #[expect(clippy::cast_possible_truncation, reason = "the table is short")]
    fn place(&self, request: RequestId) -> usize {
        request.0 as usize % self.asked_by.len()
    }
}
