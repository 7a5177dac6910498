//! What is known of the run: its metrics, and why a request is where it is.

use scheduler_model::{
    Cause, ConnectionId, Departure, Explanation, Holder, Request, RequestId, SimTime, explain,
};
use serde_json::{Value, json};

use crate::http::{Response, Status};
use crate::metrics::{CONTENT_TYPE, name};
use crate::serve::Probe;

/// All metrics.
pub(super) fn metrics(probe: &Probe) -> Response {
    match probe.metrics() {
        Some(text) => Response::new(Status::OK)
            .with_content_type(CONTENT_TYPE)
            .with_field("Cache-Control", "no-cache")
            .with_body(text),
        None => nobody_observes(),
    }
}

/// Why the request with this number is where it is, or how it left.
pub(super) fn why(probe: &Probe, number: &str) -> Response {
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let Some(id) = number.parse().ok().filter(|_| is_number).map(RequestId) else {
        return json(
            Status::BAD_REQUEST,
            &json!({
                "error": "the number of a request is a whole number",
            }),
        );
    };
    let now = probe.now();
    let answered = probe.ask(move |observer| {
        if let Some(explanation) = explain(&observer.world, id) {
            return Some(in_system(&explanation, now));
        }
        observer.departed(id).map(left)
    });
    match answered {
        None => nobody_observes(),
        Some(None) => json(
            Status::NOT_FOUND,
            &json!({
                "error": "that request has not arrived, was no request, or left long ago",
            }),
        ),
        Some(Some(value)) => json(Status::OK, &value),
    }
}

fn nobody_observes() -> Response {
    json(Status::NOT_FOUND, &json!({ "error": "nobody observes this server" }))
}

fn json(status: Status, value: &Value) -> Response {
    Response::new(status)
        .with_content_type("application/json")
        .with_field("Cache-Control", "no-cache")
        .with_body(format!("{value}\n"))
}

/// A request that is in the system, and the cause of its waiting; times in seconds, as of `now`.
fn in_system(explanation: &Explanation, now: SimTime) -> Value {
    let mut value = request(&explanation.request);
    value["in_system"] = true.into();
    value["age_s"] = now.since(explanation.request.arrived).as_secs_f64().into();
    value["waits"] = explanation.waits().into();
    value["cause"] = cause(&explanation.cause, now);
    value
}

/// A request that has left.
fn left(departure: &Departure) -> Value {
    let mut value = request(&departure.request);
    value["in_system"] = false.into();
    value["outcome"] = name(departure.outcome).into();
    value["sojourn_time_s"] = departure.at.since(departure.request.arrived).as_secs_f64().into();
    value
}

fn request(request: &Request) -> Value {
    json!({
        "request": request.id,
        "connection": request.connection.map(ConnectionId::get),
        "waited": request.waited,
        "waiting_time_s":
            request.started.map(|started| started.since(request.arrived).as_secs_f64()),
    })
}

fn cause(cause: &Cause, now: SimTime) -> Value {
    match cause {
        Cause::Asleep { worker, since } => json!({
            "kind": "asleep", "worker": worker.get(), "for_s": now.since(*since).as_secs_f64(),
        }),
        Cause::Dispatched { worker } => json!({ "kind": "dispatched", "worker": worker.get() }),
        Cause::NotAccepting { ahead, queued, holders } => json!({
            "kind": "not_accepting", "ahead": ahead, "queued": queued,
            "holders": all_holders(holders, now),
        }),
        Cause::Joining { worker, since } => json!({
            "kind": "joining", "worker": worker.get(),
            "for_s": now.since(*since).as_secs_f64(),
        }),
        Cause::OnTimer { since } => json!({
            "kind": "on_timer", "for_s": now.since(*since).as_secs_f64(),
        }),
        Cause::Running { worker } => json!({ "kind": "running", "worker": worker.get() }),
        Cause::ThreadStarting { worker } => {
            json!({ "kind": "thread_starting", "worker": worker.get() })
        }
        Cause::WaitsForCore { worker, running, cores } => json!({
            "kind": "waits_for_core", "worker": worker.get(), "running": running, "cores": cores,
        }),
        Cause::WaitsForWorker { ahead, holders } => json!({
            "kind": "waits_for_worker", "ahead": ahead, "holders": all_holders(holders, now),
        }),
    }
}

fn all_holders(holders: &[Holder], now: SimTime) -> Vec<Value> {
    let one = |holder: &Holder| {
        json!({
            "worker": holder.worker.get(),
            "request": holder.request.map(|request| request.id.0),
            "state": holder.state.to_string(),
            "for_s": now.since(holder.since).as_secs_f64(),
        })
    };
    holders.iter().map(one).collect()
}
