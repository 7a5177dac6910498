//! What the page's own scenarios are called, in English.

use crate::scenarios::Shipped;

pub(super) fn title(shipped: Shipped) -> &'static str {
    match shipped {
        Shipped::Book => "One slow request, two fast",
        Shipped::TenSleeps => "Ten sleepers",
        Shipped::Fork => "Work that splits",
        Shipped::Flood => "A flood",
        Shipped::Drain => "Shutting down",
        Shipped::Panic => "A handler panics",
        Shipped::Resize => "Another number of workers",
        Shipped::Mm4 => "M/M/4: a random load",
        Shipped::Closed => "Clients that wait for answers",
        Shipped::OfLesson(_) => "A lesson",
    }
}

pub(super) fn hint(shipped: Shipped) -> &'static str {
    match shipped {
        Shipped::Book => "The book’s experiment: does a sleeping request keep the others waiting?",
        Shipped::TenSleeps => "Ten requests that sleep, and only so many threads to sleep on.",
        Shipped::Fork => "One big request, four cores: who helps to compute it?",
        Shipped::Flood => "More requests than there is memory for threads.",
        Shipped::Drain => {
            "What has begun is answered, nothing new is taken, and a deadline ends it."
        }
        Shipped::Panic => "One request fails; the pool keeps its size.",
        Shipped::Resize => "Workers are added and retired while requests run.",
        Shipped::Mm4 => "Random arrivals and random service times, as queueing theory has them.",
        Shipped::Closed => {
            "Each client thinks, asks, and waits for its answer before it asks again."
        }
        Shipped::OfLesson(_) => "What the open lesson shows.",
    }
}
