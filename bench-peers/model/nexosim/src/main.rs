//! M/M/4 in nexosim: 360 arrivals a second, services of 10 ms in the mean, both exponential.
//!
//! One model holds the queue and the servers and schedules itself, since a message between two
//! models would cost more; the executor has one thread, which one model is fastest with. Prints
//! what every contestant prints: a line a figure, a name and a number.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::{EventSinkReader, Output, SinkState, event_slot};
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

const SERVERS: u64 = 4;
const BETWEEN_ARRIVALS_NS: f64 = 1e9 / 360.0;
const SERVICE_NS: f64 = 10e6;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let requests = std::env::args().nth(1).ok_or("how many requests?")?.parse()?;
    let (start, cpu_start) = (Instant::now(), cpu_ns());
    let mut station = Station { left_to_arrive: requests, requests, ..Station::default() };
    let (sink, mut results) = event_slot(SinkState::Enabled);
    station.results.connect_sink(sink);
    let mailbox = Mailbox::new();
    let mut simulation = SimInit::with_num_threads(1)
        .add_model(StationBuilder(station), mailbox, "station")
        .init(MonotonicTime::EPOCH)?;
    simulation.run()?;
    let results: Vec<(String, f64)> = results.try_read().ok_or("the run did not end")?;
    println!("requests {requests}");
    // What this thread had of the processor, as every contestant measures it on Linux.
    #[expect(clippy::cast_precision_loss, reason = "figures for showing")]
    let seconds = match (cpu_start, cpu_ns()) {
        (Some(start), Some(now)) => (now - start) as f64 / 1e9,
        _ => start.elapsed().as_secs_f64(),
    };
    println!("seconds {seconds}");
    for (name, figure) in results {
        println!("{name} {figure}");
    }
    Ok(())
}

fn cpu_ns() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// The queue, its servers and the source of its requests.
#[derive(Default, Serialize, Deserialize)]
struct Station {
    results: Output<Vec<(String, f64)>>,
    requests: u64,
    left_to_arrive: u64,
    left: u64,
    busy: u64,
    queue: VecDeque<u64>,
    queue_max: usize,
    changed: u64,
    busy_ns: u128,
}

/// Puts a station together with what is not a part of its state.
struct StationBuilder(Station);

impl nexosim::model::ProtoModel for StationBuilder {
    type Model = Station;

    fn build(self, _: &mut nexosim::model::BuildContext<Self>) -> (Station, Measured) {
        let generator = Xoshiro256PlusPlus::seed_from_u64(1);
        (self.0, Measured { generator, waiting: Times::new(), sojourn: Times::new() })
    }
}

/// The generator, and what has been measured.
struct Measured {
    generator: Xoshiro256PlusPlus,
    waiting: Times,
    sojourn: Times,
}

#[Model(type Env=Measured)]
impl Station {
    #[nexosim(init)]
    #[expect(clippy::unused_async, reason = "nexosim awaits it")]
    async fn init(&mut self, cx: &Context<Self>, env: &mut Measured) {
        Self::schedule_arrival(cx, env);
    }

    #[nexosim(schedulable)]
    fn arrive(&mut self, (): (), cx: &Context<Self>, env: &mut Measured) {
        self.left_to_arrive -= 1;
        let now = nanos(cx);
        if self.busy < SERVERS {
            self.start(now, cx, env);
        } else {
            self.queue.push_back(now);
            self.queue_max = self.queue_max.max(self.queue.len());
        }
        if self.left_to_arrive > 0 {
            Self::schedule_arrival(cx, env);
        }
    }

    #[nexosim(schedulable)]
    async fn depart(&mut self, arrived: u64, cx: &Context<Self>, env: &mut Measured) {
        let now = nanos(cx);
        env.sojourn.add(now - arrived);
        self.occupy(now, self.busy - 1);
        self.left += 1;
        if let Some(next) = self.queue.pop_front() {
            self.start(next, cx, env);
        }
        if self.left == self.requests {
            #[expect(clippy::cast_precision_loss, reason = "figures for showing")]
            let utilisation = self.busy_ns as f64 / (SERVERS * now) as f64;
            let mut results = vec![("utilisation".to_owned(), utilisation)];
            #[expect(clippy::cast_precision_loss, reason = "figures for showing")]
            results.push(("queue_max".to_owned(), self.queue_max as f64));
            results.extend(env.waiting.figures("waiting"));
            results.extend(env.sojourn.figures("sojourn"));
            self.results.send(results).await;
        }
    }

    fn start(&mut self, arrived: u64, cx: &Context<Self>, env: &mut Measured) {
        let now = nanos(cx);
        env.waiting.add(now - arrived);
        self.occupy(now, self.busy + 1);
        let service = env.exponential(SERVICE_NS);
        cx.schedule_event(service, schedulable!(Self::depart), arrived).expect("it is later");
    }

    fn schedule_arrival(cx: &Context<Self>, env: &mut Measured) {
        let between = env.exponential(BETWEEN_ARRIVALS_NS);
        cx.schedule_event(between, schedulable!(Self::arrive), ()).expect("it is later");
    }

    fn occupy(&mut self, now: u64, busy: u64) {
        self.busy_ns += u128::from(now - self.changed) * u128::from(self.busy);
        (self.changed, self.busy) = (now, busy);
    }
}

impl Measured {
    /// At least a nanosecond: nexosim schedules nothing for now.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "far below 2^64")]
    fn exponential(&mut self, mean: f64) -> Duration {
        let unit = (self.generator.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64);
        Duration::from_nanos(((-(1.0 - unit).ln() * mean).round() as u64).max(1))
    }
}

/// Times of one kind: an exact sum and a histogram with three digits.
struct Times {
    sum: u128,
    histogram: Histogram<u64>,
}

impl Times {
    fn new() -> Self {
        Self { sum: 0, histogram: Histogram::new(3).expect("three digits are allowed") }
    }

    fn add(&mut self, ns: u64) {
        self.sum += u128::from(ns);
        self.histogram.record(ns).expect("it grows with its values");
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for showing")]
    fn figures(&self, name: &str) -> Vec<(String, f64)> {
        let quantile = |q| self.histogram.value_at_quantile(q) as f64 / 1e9;
        let mean = self.sum as f64 / self.histogram.len() as f64 / 1e9;
        [("mean", mean), ("p50", quantile(0.5)), ("p95", quantile(0.95)), ("p99", quantile(0.99))]
            .map(|(figure, value)| (format!("{name}_{figure}"), value))
            .to_vec()
    }
}

fn nanos(cx: &Context<Station>) -> u64 {
    let since = cx.time().duration_since(MonotonicTime::EPOCH);
    u64::try_from(since.as_nanos()).expect("a run is shorter than five centuries")
}
