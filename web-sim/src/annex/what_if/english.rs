//! What another server would have done, in English.

use scheduler_model::Model;
use scheduler_model::scenario::{OnFull, QueueBound, Server};

use super::Refused;
use super::words::Words;
use crate::messages::Language;
use crate::number::NumberFormat;
use crate::views::what_if::Would;

pub(super) const WORDS: Words = Words {
    as_it_was: "as it was",
    simulated: "simulated",
    without_answer: "no answer",
    server,
    would,
    guessed,
    refused,
};

/// A server, as a sentence begins with it.
fn server(server: &Server) -> String {
    let workers = plural(server.workers.get().into(), "worker", "workers");
    match server.model {
        Model::Single => "One thread".to_owned(),
        Model::Spawn => "A thread for each connection".to_owned(),
        Model::Pool => format!("{workers} and {}", queue(server)),
        Model::ForkJoin => format!("{workers} that split requests and {}", queue(server)),
        Model::Async => "An event loop".to_owned(),
        Model::Sharded => plural(server.workers.get().into(), "event loop", "event loops"),
    }
}

fn queue(server: &Server) -> String {
    let queue = match server.queue {
        QueueBound::Bounded(bound) if bound.get() == 0 => "no queue".to_owned(),
        QueueBound::Bounded(bound) => format!("a queue of {}", numbers().count(bound.get().into())),
        QueueBound::Unbounded => return "a queue without a bound".to_owned(),
    };
    match server.on_full {
        OnFull::DropOldest => format!("{queue} that drops the oldest"),
        OnFull::Reject => queue,
        OnFull::Wait => format!("{queue}, not accepting when it is full,"),
    }
}

fn would(would: &Would) -> String {
    let figures = &would.figures;
    let best = if would.is_best {
        "Of all models this one leaves the fewest without an answer, and then has the lowest p99, then p50: "
    } else {
        ""
    };
    let server = server(&would.server);
    let Some(p99) = figures.p99 else {
        return format!("{best}{server} would have answered nobody.");
    };
    let rejected = numbers().percent(figures.rejected, figures.arrived);
    let mut text =
        format!("{best}{server} would have had p99 {} and {rejected} of 503", numbers().span(p99));
    if figures.otherwise_lost() > 0 {
        text += ", and ";
        text += &numbers().percent(figures.otherwise_lost(), figures.arrived);
        text += " without any answer";
    }
    text + "."
}

fn guessed(n: u64) -> String {
    let requests = plural(n, "request was", "requests were");
    format!("{requests} not served in the trace; each is given what a served one cost.")
}

fn refused(refused: &Refused) -> String {
    match *refused {
        Refused::Broken { seq } => {
            format!("This trace cannot be used: event {seq} cannot follow the one before it.")
        }
        Refused::InTheMiddle => "This trace cannot be used: it begins when requests were there \
            already, and when they came and what they cost is not in it."
            .to_owned(),
        Refused::NoneServed { requests } => format!(
            "This trace cannot be used: {} in it and none served to its end, so that nobody knows \
             what they cost.",
            plural(requests, "request", "requests")
        ),
        Refused::NoRequest => "This trace cannot be used: there is no request in it.".to_owned(),
        Refused::NumbersMissing => {
            "This trace cannot be put beside another run: in some of its turns \
            there was no request, so that requests would have other numbers there."
                .to_owned()
        }
        Refused::TooLong { events, events_max } => format!(
            "This trace has {}, and the page computes with at most {}; native-server simulate \
             --from-trace takes all of them.",
            plural(events, "event", "events"),
            numbers().count(events_max)
        ),
    }
}

const fn numbers() -> NumberFormat {
    Language::English.numbers()
}

fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", numbers().count(n), if n == 1 { one } else { many })
}
