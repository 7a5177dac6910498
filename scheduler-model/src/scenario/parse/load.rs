//! Who asks and what goes wrong: `[[arrive]]`, `[load]` and `[[fault]]`.

use super::{instant, request};
use crate::scenario::document::{At, Fields, Unit};
use crate::scenario::{
    Arrival, Distribution, Fault, FaultKind, Load, Mix, Ranged, Replayed, RequestKind, Scenario,
    ScenarioError,
};
use crate::{RequestId, RouteId, Span};

/// The load, and how long clients wait for an answer.
pub(super) fn load(
    root: &Fields<'_>,
    kinds: &[RequestKind],
) -> Result<(Load, Option<Span>), ScenarioError> {
    let listed = match (root.get("arrive"), root.get("replay")) {
        (Some(_), Some(at)) => return Err(at.illegal("nothing beside [[arrive]]")),
        (Some(at), None) => Some(("[[arrive]]", Load::Listed(arrivals(&at, kinds)?))),
        (None, Some(at)) => Some(("[[replay]]", Load::Replayed(replayed(&at, kinds)?))),
        (None, None) => None,
    };
    let Some(at) = root.get("load") else {
        return Ok((listed.map_or(Load::None, |(_, load)| load), None));
    };
    let all = ["kind", "rate_per_s", "requests", "mix", "clients", "think_ms", "patience_ms"];
    let fields = at.fields(&all)?;
    let patience = fields.or("patience_ms", None, |at| patience(at).map(Some))?;
    // Patience alone says nothing about who asks, so it can stand beside listed arrivals.
    let patience_only = patience.is_some() && at.table("")?.len() == 1;
    let load = match listed {
        Some((_, listed)) if patience_only => listed,
        Some((key, _)) => {
            return Err(at.illegal(&format!("nothing but patience_ms beside {key}")));
        }
        None if patience_only => Load::None,
        None => match fields.require("kind", "open, closed")?.choice(&KINDS)? {
            Kind::Open => open(&at, kinds)?,
            Kind::Closed => closed(&at, kinds)?,
        },
    };
    Ok((load, patience))
}

/// All of `[[fault]]`.
pub(super) fn faults(at: &At<'_>, kinds: &[RequestKind]) -> Result<Vec<Fault>, ScenarioError> {
    at.list("a list of tables with a kind each")?.iter().map(|at| fault(at, kinds)).collect()
}

fn arrivals(at: &At<'_>, kinds: &[RequestKind]) -> Result<Vec<Arrival>, ScenarioError> {
    let mut n_requests = 0;
    let mut arrivals = Vec::new();
    for at in at.list("a list of tables with a path each")? {
        let fields = at.fields(&["at_ms", "path", "count"])?;
        let path = fields.require("path", &request::allowed_paths(kinds))?;
        let arrival = Arrival {
            at: fields.or("at_ms", crate::SimTime::ZERO, instant)?,
            route: request::route(&path, kinds)?,
            count: fields.or("count", Ranged::of::<1>(), |at| at.ranged(""))?,
        };
        n_requests += u64::from(arrival.count.get());
        if n_requests > Scenario::REQUESTS_MAX {
            let allowed = format!("{} requests in all", Scenario::REQUESTS_MAX);
            return Err(fields.get("count").unwrap_or(at).illegal(&allowed));
        }
        arrivals.push(arrival);
    }
    Ok(arrivals)
}

fn replayed(at: &At<'_>, kinds: &[RequestKind]) -> Result<Vec<Replayed>, ScenarioError> {
    let list = at.list("a list of tables with a path each")?;
    if list.len() as u64 > Scenario::REQUESTS_MAX {
        return Err(at.illegal(&format!("{} requests in all", Scenario::REQUESTS_MAX)));
    }
    let one = |at: &At<'_>| {
        let fields = at.fields(&["at_ms", "path", "cpu_us", "sleep_ms"])?;
        let path = fields.require("path", &request::allowed_paths(kinds))?;
        Ok(Replayed {
            at: fields.or("at_ms", crate::SimTime::ZERO, instant)?,
            route: request::route(&path, kinds)?,
            cpu: fields.or("cpu_us", Span::ZERO, |at| at.span(Unit::Microsecond, ""))?,
            sleep: fields.or("sleep_ms", Span::ZERO, |at| at.span(Unit::Millisecond, ""))?,
        })
    };
    list.iter().map(one).collect()
}

fn open(at: &At<'_>, kinds: &[RequestKind]) -> Result<Load, ScenarioError> {
    let fields = at.fields(&["kind", "rate_per_s", "requests", "mix", "patience_ms"])?;
    let allowed = format!("{RATE_MIN}..={RATE_MAX}");
    Ok(Load::Open {
        rate_per_s: fields.require("rate_per_s", &allowed)?.decimal(RATE_MIN, RATE_MAX)?,
        requests: requests(&fields)?,
        mix: mix(&fields, kinds)?,
    })
}

fn closed(at: &At<'_>, kinds: &[RequestKind]) -> Result<Load, ScenarioError> {
    let fields = at.fields(&["kind", "clients", "think_ms", "requests", "mix", "patience_ms"])?;
    let no_time = Distribution::Constant(Span::ZERO);
    Ok(Load::Closed {
        clients: fields.require("clients", "1..=1000000")?.ranged("")?,
        think: fields.or("think_ms", no_time, |at| request::distribution(at, Unit::Millisecond))?,
        requests: requests(&fields)?,
        mix: mix(&fields, kinds)?,
    })
}

fn requests(fields: &Fields<'_>) -> Result<u64, ScenarioError> {
    let allowed = format!("1..={}", Scenario::REQUESTS_MAX);
    fields.require("requests", &allowed)?.whole(1, Scenario::REQUESTS_MAX)
}

fn mix(fields: &Fields<'_>, kinds: &[RequestKind]) -> Result<Mix, ScenarioError> {
    let Some(at) = fields.get("mix") else { return Ok(vec![(RouteId(0), 1.0)]) };
    let paths = request::allowed_paths(kinds);
    let table = at.table(&format!("a table of weights for {paths}"))?;
    let mut routes = Vec::with_capacity(table.len());
    let mut values = Vec::with_capacity(table.len());
    for (path, value) in table {
        let route = request::route_of(path, kinds);
        routes.push(route.ok_or_else(|| value.unknown(&paths))?);
        values.push(value);
    }
    let weights = request::weights(&at, &values)?;
    Ok(routes.into_iter().zip(weights).collect())
}

fn patience(at: &At<'_>) -> Result<Span, ScenarioError> {
    let span = at.span(Unit::Millisecond, "")?;
    if span.is_zero() {
        return Err(at.illegal(&format!("0.000001..={}", Unit::Millisecond.max())));
    }
    Ok(span)
}

fn fault(at: &At<'_>, kinds: &[RequestKind]) -> Result<Fault, ScenarioError> {
    let all = ["at_ms", "kind", "path", "count", "workers", "deadline_ms", "request"];
    let names = FAULTS.map(|(name, _)| name).join(", ");
    let given = at.fields(&all)?.require("kind", &names)?.choice(&FAULTS)?;
    let fields = at.fields(&["at_ms", "kind", given.key()])?;
    let require = |allowed: &str| fields.require(given.key(), allowed);
    let kind = match given {
        FaultName::ClientGone => {
            let allowed = format!("1..={}", Scenario::REQUESTS_MAX);
            let number = require(&allowed)?.whole(1, Scenario::REQUESTS_MAX)?;
            FaultKind::ClientGone(RequestId(number))
        }
        FaultName::Drain => {
            let allowed = format!("0..={}", Unit::Millisecond.max());
            FaultKind::Drain { deadline: require(&allowed)?.span(Unit::Millisecond, "")? }
        }
        FaultName::Panic => {
            let path = require(&request::allowed_paths(kinds))?;
            FaultKind::Panic(request::route(&path, kinds)?)
        }
        FaultName::Resize => FaultKind::Resize(require("1..=1024")?.ranged("")?),
        FaultName::SpawnFails => {
            FaultKind::SpawnFails(fields.or("count", Ranged::of::<1>(), |at| at.ranged(""))?)
        }
    };
    Ok(Fault { at: fields.or("at_ms", crate::SimTime::ZERO, instant)?, kind })
}

#[derive(Clone, Copy)]
enum Kind {
    Closed,
    Open,
}

/// A kind of fault before what else its table says is read.
#[derive(Clone, Copy)]
enum FaultName {
    ClientGone,
    Drain,
    Panic,
    Resize,
    SpawnFails,
}

impl FaultName {
    /// The key that only this kind has.
    const fn key(self) -> &'static str {
        match self {
            Self::ClientGone => "request",
            Self::Drain => "deadline_ms",
            Self::Panic => "path",
            Self::Resize => "workers",
            Self::SpawnFails => "count",
        }
    }
}

const KINDS: [(&str, Kind); 2] = [("open", Kind::Open), ("closed", Kind::Closed)];

const FAULTS: [(&str, FaultName); 5] = [
    ("panic", FaultName::Panic),
    ("spawn-fails", FaultName::SpawnFails),
    ("resize", FaultName::Resize),
    ("drain", FaultName::Drain),
    ("client-gone", FaultName::ClientGone),
];

/// From one arrival in [`Scenario::TIME_MAX`] to one in a nanosecond.
const RATE_MIN: f64 = 1e-6;
const RATE_MAX: f64 = 1e9;
