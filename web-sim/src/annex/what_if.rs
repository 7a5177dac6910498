//! What if: the requests of a run that has been, simulated on other servers.
//!
//! Long runs are simulated a slice at a time, and the page gets its turns meanwhile.

mod english;
mod russian;
mod words;

use scheduler_model::scenario::Server;
use scheduler_model::trace::Trace;
use scheduler_model::wire::{Put as _, Take as _};
use scheduler_model::{
    RequestId, Rerun, RerunError, RunReport, Scenario, SimTime, Simulation, Span, Stats, Times,
    rerun,
};

use crate::browser;
use crate::messages::Language;
use crate::parts::annex::{Again, Answer, AnswerRow, Fared, RunAgain, WhatIf};
use crate::views::what_if::{Figures, Row, Would};
use words::Words;

/// Why the requests of a run cannot be taken to another server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    /// An event in it cannot follow.
    Broken { seq: u64 },
    /// When it begins there are requests already.
    InTheMiddle,
    /// There were requests, and none was served to its end.
    NoneServed { requests: u64 },
    /// Nobody asked for anything.
    NoRequest,
    /// Some turns in it had no request: those of a run again would have other numbers.
    NumbersMissing,
    /// It is more than a page should compute.
    TooLong { events: u64, events_max: u64 },
}

/// Answers a [`WhatIf`]; nothing to what it does not understand.
pub async fn what_if(asked: &[u8]) -> Vec<u8> {
    let Some(WhatIf { language, trace, asked }) = WhatIf::from_wire(asked) else {
        return Vec::new();
    };
    let (was, again) = match begun(&trace) {
        Ok(begun) => begun,
        Err(refused) => {
            return Fared::Err((Words::of(language).refused)(&refused)).to_wire();
        }
    };
    let own = trace.header.scenario.server;
    let begin = begin(&trace);
    drop(trace);
    let mut would = Vec::new();
    for server in asked.servers(own) {
        let simulation = run(simulation(&again, server, begin)).await;
        would.push(figures(&simulation.report()));
    }
    let rows = asked.rows(own, was, &would);
    let said = said(language, asked.would(own, &would).as_ref(), again.n_guessed);
    Fared::Ok(shown(language, said, &rows)).to_wire()
}

/// Answers a [`RunAgain`]; nothing to what it does not understand.
pub async fn run_again(asked: &[u8]) -> Vec<u8> {
    let Some(RunAgain { language, trace, server }) = RunAgain::from_wire(asked) else {
        return Vec::new();
    };
    let again = match begun(&trace) {
        Ok((_, again)) if again.numbered_from.is_none() => Err(Refused::NumbersMissing),
        Ok((_, again)) => Ok(again),
        Err(refused) => Err(refused),
    };
    match again {
        Ok(again) => {
            let simulation = simulation(&again, server, begin(&trace)).recording();
            Again::Ok(run(simulation).await.into_trace()).to_wire()
        }
        Err(refused) => Again::Err((Words::of(language).refused)(&refused)).to_wire(),
    }
}

/// When the run begins: what was before is not known.
fn begin(trace: &Trace) -> SimTime {
    trace.header.snapshot.as_ref().map_or(SimTime::ZERO, |start| start.world().now())
}

/// Another server with the run's requests, at the time and with the numbers that they had: what is
/// drawn by number is drawn alike for the figures and for the stage.
fn simulation(again: &Rerun, server: Server, begin: SimTime) -> Simulation {
    let scenario = Scenario { server, ..again.in_place() };
    Simulation::new(&scenario).continuing(begin, again.numbered_from.unwrap_or(RequestId(1)))
}

async fn run(mut simulation: Simulation) -> Simulation {
    while !simulation.run_for(SLICE_STEPS) {
        browser::turn().await;
    }
    simulation
}

fn said(language: Language, would: Option<&Would>, n_guessed: u64) -> String {
    let words = Words::of(language);
    let mut said = would.map(words.would).unwrap_or_default();
    if n_guessed > 0 {
        said.push(' ');
        said.push_str(&(words.guessed)(n_guessed));
    }
    said
}

fn shown(language: Language, said: String, rows: &[Row]) -> Answer {
    let (words, numbers) = (Words::of(language), language.numbers());
    let is_lossy = rows.iter().any(|row| row.figures.otherwise_lost() > 0);
    let span = |span: Option<Span>| span.map_or("–".to_owned(), |span| numbers.span(span));
    let mut columns = ["p50", "p99", "503"].map(str::to_owned).to_vec();
    columns.extend(is_lossy.then(|| words.without_answer.to_owned()));
    let rows = rows.iter().map(|Row { server, figures, was }| {
        let share = |n| numbers.percent(n, figures.arrived);
        let mut shown = vec![span(figures.p50), span(figures.p99), share(figures.rejected)];
        shown.extend(is_lossy.then(|| share(figures.otherwise_lost())));
        AnswerRow {
            server: (words.server)(server),
            source: if *was { words.as_it_was } else { words.simulated }.to_owned(),
            would: (!was).then_some(*server),
            figures: shown,
        }
    });
    Answer { said, columns, rows: rows.collect() }
}

/// How the run's own server fared, and the run's requests.
fn begun(trace: &Trace) -> Result<(Figures, Rerun), Refused> {
    let events = trace.events.len() as u64;
    // A run that is picked up while nobody is there has all of its requests.
    let start = trace.header.snapshot.as_ref().map(|start| *start.world().counts());
    if start.is_some_and(|counts| counts.in_system > 0) {
        return Err(Refused::InTheMiddle);
    }
    if events > EVENTS_MAX {
        return Err(Refused::TooLong { events, events_max: EVENTS_MAX });
    }
    let was = Stats::of(trace).map_err(|(seq, _)| Refused::Broken { seq })?;
    let again = rerun(trace).map_err(|error| match error {
        RerunError::NoneServed { requests } => Refused::NoneServed { requests },
        _ => Refused::NoRequest,
    })?;
    let mut was = figures(&was);
    if let Some(before) = start {
        was.arrived -= before.arrived;
        was.answered -= before.answered;
        was.rejected -= before.rejected;
    }
    Ok((was, again))
}

fn figures(report: &RunReport) -> Figures {
    let Times { p50, p99, .. } = report.sojourn_time;
    let span = |seconds: Option<f64>| seconds.map(nearest);
    Figures {
        arrived: report.arrived,
        answered: report.answered,
        rejected: report.rejected,
        p50: span(p50),
        p99: span(p99),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time in a run is not negative and is at most 2⁶⁴ ns; beyond, a cast stops there"
)]
fn nearest(seconds: f64) -> Span {
    Span::from_nanos((seconds * 1e9 + 0.5) as u64)
}

/// What is simulated between two turns of the page: some ten milliseconds of work.
const SLICE_STEPS: usize = 4096;
/// To read a longer trace would hold up the page; the command line has no such bound.
const EVENTS_MAX: u64 = 200_000;

#[cfg(test)]
mod tests {
    use scheduler_model::scenario::Ranged;
    use scheduler_model::trace::Source;
    use scheduler_model::{Event, EventKind, Model, Snapshot, Stimulus, World};

    use super::*;
    use crate::run::Run;
    use crate::scenarios::tests::{book, flood};

    /// As if a real server had been recorded.
    fn recorded(model: Model) -> Trace {
        let mut trace = Run::simulated(&book(), model).trace().clone();
        trace.header.source = Source::Recorded;
        trace.events.retain(|event| !matches!(event.kind, EventKind::Machine(_)));
        trace
    }

    #[test]
    fn a_recording_gives_its_own_figures_and_its_requests() {
        for model in Model::ALL {
            let (was, again) = begun(&recorded(model)).unwrap();
            assert_eq!((was.arrived, was.answered, was.rejected), (3, 3, 0), "{model:?}");
            assert_eq!((again.n_known, again.n_guessed), (3, 0), "{model:?}");
            let mut server = again.scenario.server;
            (server.model, server.workers) = (Model::Pool, Ranged::of::<3>());
            let mut simulation = Simulation::new(&Scenario { server, ..again.scenario });
            while !simulation.run_for(1) {}
            let would = figures(&simulation.report());
            assert_eq!((would.arrived, would.answered), (3, 3));
            // A worker for each: two of the three are quick and wait for nobody.
            assert!(would.p50.unwrap() < Span::from_millis(1), "{model:?}: {would:?}");
        }
    }

    #[test]
    fn what_is_put_on_the_stage_fares_as_its_row_says() {
        for model in Model::ALL {
            let trace = recorded(model);
            let (_, again) = begun(&trace).unwrap();
            let server = Server { workers: Ranged::of::<3>(), ..Server::new(Model::Pool) };
            let mut simulation = simulation(&again, server, begin(&trace)).recording();
            while !simulation.run_for(1) {}
            let row = figures(&simulation.report());
            let staged = Trace::from_wire(&simulation.into_trace().to_wire()).unwrap();
            assert_eq!(figures(&Stats::of(&staged).unwrap()), row);
            let (was, would) = (Run::new(trace), Run::what_if(staged));
            assert!(would.is_what_if() && would.violation().is_none());
            for life in was.history().requests() {
                let beside = would.history().request(life.id).unwrap();
                assert_eq!(beside.arrived, life.arrived, "{model:?}");
            }
        }
    }

    /// The run from after its first events.
    fn rest(trace: &Trace, n_before: usize) -> Trace {
        let mut world = World::new(&trace.header);
        let (before, after) = trace.events.split_at(n_before);
        for event in before {
            world.apply(event).unwrap();
        }
        let header = trace.header.from(Snapshot::new(world).unwrap());
        Trace::new(header, after.to_vec())
    }

    #[test]
    fn a_run_that_is_picked_up_while_nobody_is_there_is_as_good_as_a_whole_one() {
        let whole = recorded(Model::Pool);
        let arrives = |event: &Event| {
            matches!(event.kind, EventKind::Stimulus(Stimulus::ConnectionOpened { .. }))
        };
        let first = whole.events.iter().position(arrives).unwrap();
        let (was, again) = begun(&rest(&whole, first)).unwrap();
        assert_eq!((was.arrived, was.answered, again.n_known), (3, 3, 3));
    }

    #[test]
    fn a_run_that_cannot_be_used_says_why() {
        let refused = |trace: &Trace| begun(trace).unwrap_err();
        let whole = recorded(Model::Pool);
        assert_eq!(refused(&rest(&whole, whole.events.len() / 2)), Refused::InTheMiddle);
        let none = Trace::new(whole.header.clone(), Vec::new());
        assert_eq!(refused(&none), Refused::NoRequest);
        let mut broken = whole.clone();
        broken.events.remove(4);
        assert!(matches!(refused(&broken), Refused::Broken { .. }));
        let mut long = whole.clone();
        let last = *long.events.last().unwrap();
        long.events.resize(200_001, last);
        let expected = Refused::TooLong { events: 200_001, events_max: 200_000 };
        assert_eq!(refused(&long), expected);
        let arrival = Run::simulated(&flood(), Model::Pool);
        let mut unserved = arrival.trace().clone();
        unserved.header.source = Source::Recorded;
        let arrives = |event: &Event| {
            matches!(event.kind, EventKind::Stimulus(Stimulus::RequestArrived { .. }))
        };
        let first = unserved.events.iter().position(arrives).unwrap();
        unserved.events.truncate(first + 1);
        assert_eq!(refused(&unserved), Refused::NoneServed { requests: 1 });
    }
}
