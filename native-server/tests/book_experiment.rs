//! The book's experiment on real sockets: one `/sleep`, then two `/`. One file, `scenarios/book.toml`,
//! drives the server, its clients and the prediction, and the prediction comes true.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use native_server::commands::read_scenario;
use native_server::options::Options;
use native_server::site::BookSite;
use scheduler_model::scenario::{Arrival, Load, Ranged, Scenario};
use scheduler_model::{
    EventKind, Model, Outcome, RequestId, SimTime, Stimulus, Trace, World, replay, simulate,
};
use support::served::Server;
use support::{Client, place, read_trace};

/// What became of the requests, each by its place in the file.
#[derive(Debug)]
struct Run {
    /// From the time the client meant to send it until the answer was there.
    sojourns: Vec<Duration>,
    /// Which was answered first, second, and so on.
    order: Vec<usize>,
}

/// The book's scenario under this model.
fn book(model: Model, workers: u64) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/book.toml");
    let mut scenario = read_scenario(&path).unwrap().with_model(model);
    scenario.server.workers = Ranged::clamped(workers);
    scenario
}

/// The file's arrivals, one by one: when, and what for.
fn arrivals(scenario: &Scenario) -> Vec<(Duration, &str)> {
    let Load::Listed(listed) = &scenario.load else { panic!("the book's arrivals are listed") };
    let one = |arrival: &Arrival| {
        let at = Duration::from_nanos(arrival.at.as_nanos());
        vec![(at, scenario.path(arrival.route).unwrap()); arrival.count.get() as usize]
    };
    listed.iter().flat_map(one).collect()
}

/// What the simulator says, and how long each request waits for its thread.
fn predict(scenario: &Scenario) -> (Run, Vec<Duration>) {
    let trace = simulate(scenario);
    let departures = departures(&trace);
    let by_request = |of: &dyn Fn(&scheduler_model::Departure) -> Duration| {
        let mut times = vec![Duration::ZERO; departures.len()];
        for departure in &departures {
            times[index(departure.request.id)] = of(departure);
        }
        times
    };
    let since = |late: SimTime, early| Duration::from_nanos(late.since(early).as_nanos());
    let sojourns = by_request(&|gone| since(gone.at, gone.request.arrived));
    let waits = by_request(&|gone| since(gone.request.started.unwrap(), gone.request.arrived));
    let order = departures.iter().map(|departure| index(departure.request.id)).collect();
    (Run { sojourns, order }, waits)
}

/// Requests are numbered from 1, as they arrive.
fn index(request: RequestId) -> usize {
    usize::try_from(request.0).unwrap() - 1
}

/// The requests as they were answered.
fn departures(trace: &Trace) -> Vec<scheduler_model::Departure> {
    let mut world = World::new(&trace.header);
    let departures = trace.events.iter().filter_map(|event| world.apply(event).unwrap());
    departures.inspect(|departure| assert_eq!(departure.outcome, Outcome::Answered)).collect()
}

/// What real clients see of a real server.
fn measure(scenario: &Scenario, name: &str) -> Run {
    let record = place(&format!("book-{name}"));
    let options = Options { record: Some(record.clone()), ..Options::new(scenario.clone()) };
    let server = Server::start(options, Arc::new(BookSite::new(scenario))).unwrap();
    let started = Instant::now();
    let mut clients = Vec::new();
    for (at, path) in arrivals(scenario) {
        let intended = started + at;
        // The file says when a client asks: this is the load, and not a wait for something.
        thread::sleep(intended.saturating_duration_since(Instant::now()));
        let mut client = Client::new(server.address());
        client.send(
            format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").as_bytes(),
        );
        clients.push(thread::spawn(move || {
            let answer = client.answer().unwrap();
            let sojourn = intended.elapsed();
            assert_eq!(answer.status, 200);
            sojourn
        }));
    }
    let sojourns = clients.into_iter().map(|client| client.join().unwrap()).collect();
    server.handle().drain();
    server.wait().unwrap();
    let trace = read_trace(&record);
    assert!(replay(&trace).conforms);
    Run { sojourns, order: order_of_answers(&trace) }
}

/// Which arrival the server answered first, second, and so on. Clients cannot say: which of two
/// threads that are woken together runs first is up to the system.
fn order_of_answers(trace: &Trace) -> Vec<usize> {
    let mut n_opened = 0;
    // Connections are opened in the order in which the clients came; numbers are used again.
    let mut opened_as = HashMap::new();
    let mut asked_as = HashMap::new();
    let mut order = Vec::new();
    for event in &trace.events {
        match event.kind {
            EventKind::Stimulus(Stimulus::ConnectionOpened { connection }) => {
                opened_as.insert(connection, n_opened);
                n_opened += 1;
            }
            EventKind::Stimulus(Stimulus::RequestArrived { request, connection, .. }) => {
                asked_as.insert(request, opened_as[&connection.unwrap()]);
            }
            EventKind::Stimulus(Stimulus::TaskFinished { request, ending, .. })
                if ending.was_request() =>
            {
                order.push(asked_as[&request]);
            }
            _ => {}
        }
    }
    order
}

/// How far a measurement may be from its prediction.
const TOLERANCE: Duration = Duration::from_millis(20);

/// Who waits, for how long, and who is answered first: as predicted, or where not.
fn compare(scenario: &Scenario, measured: &Run) -> Result<(), String> {
    let (predicted, predicted_waits) = predict(scenario);
    assert_eq!(measured.sojourns.len(), predicted.sojourns.len());
    let arrivals = arrivals(scenario);
    let answered_at = |n: usize| arrivals[n].0 + predicted.sojourns[n];
    for (n, &(_, path)) in arrivals.iter().enumerate() {
        let (sojourn, expected) = (measured.sojourns[n], predicted.sojourns[n]);
        if sojourn.abs_diff(expected) > TOLERANCE {
            return Err(format!("{path} took {sojourn:?}, not {expected:?}"));
        }
        // What is left of a sojourn without the request's own work is the wait.
        let own_work = expected.saturating_sub(predicted_waits[n]);
        let (waited, expected) = (sojourn.saturating_sub(own_work), predicted_waits[n]);
        if waited.abs_diff(expected) > TOLERANCE || (waited > TOLERANCE) != (expected > TOLERANCE) {
            return Err(format!("{path} waited {waited:?}, not {expected:?}"));
        }
    }
    // Answers of the same predicted instant may come in either order.
    if !measured.order.is_sorted_by_key(|&n| answered_at(n)) {
        return Err(format!("answered as {:?}, not {:?}", measured.order, predicted.order));
    }
    Ok(())
}

/// The prediction is that exactly the requests of `waiting` wait, and it comes true.
fn the_prediction_comes_true(model: Model, workers: u64, waiting: &[usize]) {
    let scenario = book(model, workers);
    let (_, waits) = predict(&scenario);
    let predicted: Vec<_> = (0..waits.len()).filter(|&n| waits[n] > TOLERANCE).collect();
    assert_eq!(predicted, waiting, "{waits:?}");
    // The system may keep a client or the server from its core for longer than the tolerance, when
    // others use this computer too. That only ever spoils a measurement, it cannot make one.
    let mut differences = Vec::new();
    for attempt in 1..=ATTEMPTS {
        let measured = measure(&scenario, &format!("{}-{workers}-{attempt}", model.name()));
        match compare(&scenario, &measured) {
            Ok(()) => return,
            Err(difference) => differences.push(difference),
        }
    }
    panic!("{model:?}, {workers} workers: {differences:?}");
}

const ATTEMPTS: usize = 3;

#[test]
fn a_single_thread_keeps_both_waiting_until_the_sleep_is_over() {
    the_prediction_comes_true(Model::Single, 1, &[1, 2]);
}

#[test]
fn a_pool_of_one_keeps_both_waiting_until_the_sleep_is_over() {
    the_prediction_comes_true(Model::Pool, 1, &[1, 2]);
}

#[test]
fn workers_that_steal_answer_both_at_once_as_a_pool_does() {
    the_prediction_comes_true(Model::ForkJoin, 4, &[]);
}

#[test]
fn a_thread_for_each_connection_answers_both_at_once() {
    the_prediction_comes_true(Model::Spawn, 1, &[]);
}

#[test]
fn a_loop_answers_both_at_once() {
    the_prediction_comes_true(Model::Async, 1, &[]);
}

#[test]
fn a_pool_of_four_answers_both_at_once() {
    the_prediction_comes_true(Model::Pool, 4, &[]);
}

#[test]
fn a_pool_of_four_is_not_what_is_predicted_of_a_pool_of_one() {
    let measured = measure(&book(Model::Pool, 4), "pool-of-four");
    assert!(compare(&book(Model::Pool, 1), &measured).is_err(), "{measured:?}");
}
