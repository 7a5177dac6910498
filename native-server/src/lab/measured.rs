//! The figures of a measured run: times as the clients saw them, the rest from the merged run.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::anyhow;
use scheduler_model::{Model, RequestId, RunReport, SimTime, Span, Stats, Times, Trace, World};

use super::generator::{Observations, Seen};
use super::merge::Merged;

/// What a run came to.
///
/// `busy` is the CPU time of the server's process and how many cores it had.
///
/// # Errors
///
/// When the recording breaks a law of the model.
pub(super) fn report(
    merged: &Merged,
    seen: &Observations,
    busy: Option<(Duration, u32)>,
) -> anyhow::Result<RunReport> {
    let Merged { trace, numbers, .. } = merged;
    let broken =
        |seq, why| anyhow!("event {seq} of the recording breaks a law of the model: {why}");
    let base = Stats::of(trace).map_err(|(seq, why)| broken(seq, why.to_string()))?;
    let warmup = trace.header.scenario.warmup_requests;
    let counted = |wanted: fn(Seen) -> bool| {
        let ended = seen.all.iter().filter_map(|observed| observed.ended);
        ended.filter(|&(seen, _)| wanted(seen)).count() as u64
    };
    let mut answered: Vec<_> = seen
        .all
        .iter()
        .enumerate()
        .filter(|(_, observed)| observed.question.number.0 > warmup)
        .filter_map(|(index, observed)| match observed.ended {
            Some((Seen::Status(200), ended)) => Some((ended, index, observed.question.at)),
            _ => None,
        })
        .collect();
    answered.sort_unstable(); // as the figures of a simulation are gathered
    let starts = starts(trace);
    let waits = answered.iter().filter_map(|&(_, index, at)| {
        let started = starts.get(&numbers[index]?)?;
        Some(started.since(at))
    });
    let utilisation = match (trace.header.scenario.server.model, busy) {
        (Model::Spawn, Some((busy, cores))) => {
            let whole = f64::from(cores) * seen.end.as_secs_f64();
            (whole > 0.0).then(|| busy.as_secs_f64() / whole)
        }
        _ => base.utilisation,
    };
    Ok(RunReport {
        arrived: seen.all.len() as u64,
        answered: counted(|seen| seen == Seen::Status(200)),
        failed: counted(
            |seen| matches!(seen, Seen::Status(status) if !matches!(status, 200 | 503)),
        ),
        rejected: counted(|seen| seen == Seen::Status(503)),
        dropped: counted(|seen| seen == Seen::Broken),
        lost: counted(|seen| seen == Seen::Left),
        in_system: seen.all.iter().filter(|observed| observed.ended.is_none()).count() as u64,
        waiting_time: Times::of(waits),
        sojourn_time: Times::of(answered.iter().map(|&(ended, _, at)| ended.since(at))),
        utilisation,
        ..base
    })
}

/// When the service of each request began.
fn starts(trace: &Trace) -> HashMap<RequestId, SimTime> {
    let mut world = World::new(&trace.header);
    let mut starts = HashMap::new();
    for event in &trace.events {
        if let Ok(Some(departure)) = world.apply(event)
            && let Some(started) = departure.request.started
        {
            starts.insert(departure.request.id, started);
        }
    }
    starts
}

/// How late the generator sent: the 99th percentile, and the most.
pub(super) fn lateness(seen: &Observations) -> (Span, Span) {
    let late = |observed: &super::generator::Observed| observed.sent.since(observed.question.at);
    let mut late: Vec<_> = seen.all.iter().map(late).collect();
    late.sort_unstable();
    let p99 = (late.len() * 99).div_ceil(100).max(1) - 1;
    let at = |index: usize| late.get(index).copied().unwrap_or(Span::ZERO);
    (at(p99), at(late.len().saturating_sub(1)))
}
