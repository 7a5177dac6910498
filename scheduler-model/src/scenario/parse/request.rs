//! The kinds of requests: `[[request]]`, and how a time is drawn.

use crate::scenario::document::{At, Unit};
use crate::scenario::{Distribution, Fork, RequestKind, ScenarioError};
use crate::{RouteId, Span};

/// All of `[[request]]`.
pub(super) fn kinds(at: &At<'_>) -> Result<Vec<RequestKind>, ScenarioError> {
    const ALLOWED: &str = "a list of 1..=1000 tables with a path each";
    let list = at.list(ALLOWED)?;
    if !(1..=KINDS_MAX).contains(&list.len()) {
        return Err(at.illegal(ALLOWED));
    }
    let mut kinds: Vec<RequestKind> = Vec::with_capacity(list.len());
    for at in list {
        let fields = at.fields(&["path", "cpu_us", "sleep_ms", "fork"])?;
        let path = fields.require("path", PATH_ALLOWED)?;
        let kind = RequestKind {
            path: self::path(&path)?,
            cpu: fields.or("cpu_us", NO_TIME, |at| distribution(at, Unit::Microsecond))?,
            sleep: fields.or("sleep_ms", NO_TIME, |at| distribution(at, Unit::Millisecond))?,
            fork: fields.or("fork", None, |at| fork(at).map(Some))?,
        };
        if kinds.iter().any(|earlier| earlier.path == kind.path) {
            return Err(path.illegal("each path once"));
        }
        kinds.push(kind);
    }
    Ok(kinds)
}

/// The route whose path stands here.
pub(super) fn route(at: &At<'_>, kinds: &[RequestKind]) -> Result<RouteId, ScenarioError> {
    let allowed = || allowed_paths(kinds);
    let given = at.text(&allowed())?;
    route_of(given, kinds).ok_or_else(|| at.illegal(&allowed()))
}

pub(super) fn route_of(path: &str, kinds: &[RequestKind]) -> Option<RouteId> {
    let index = kinds.iter().position(|kind| kind.path == path)?;
    Some(RouteId(u16::try_from(index).expect("there are at most a thousand kinds")))
}

/// The paths there are, as far as they fit into a line.
pub(super) fn allowed_paths(kinds: &[RequestKind]) -> String {
    let mut paths: Vec<_> = kinds.iter().take(10).map(|kind| format!("{:?}", kind.path)).collect();
    if kinds.len() > paths.len() {
        paths.push("…".to_owned());
    }
    paths.join(", ")
}

/// A time or how it is drawn.
pub(super) fn distribution(at: &At<'_>, unit: Unit) -> Result<Distribution, ScenarioError> {
    if at.is_number() {
        return at.span(unit, TABLES_ALLOWED).map(Distribution::Constant);
    }
    let allowed = format!("0..={}{TABLES_ALLOWED}", unit.max());
    let table = at.table(&allowed)?;
    let [(kind, at_kind)] = table.as_slice() else { return Err(at.illegal(&allowed)) };
    match *kind {
        "constant" => at_kind.span(unit, "").map(Distribution::Constant),
        "exponential" => at_kind.span(unit, "").map(Distribution::Exponential),
        "hyperexponential" => hyperexponential(at_kind, unit),
        "uniform" => uniform(at_kind, unit),
        _ => Err(at.fields(&KINDS_OF_DISTRIBUTION).err().unwrap_or_else(|| at.illegal(&allowed))),
    }
}

fn uniform(at: &At<'_>, unit: Unit) -> Result<Distribution, ScenarioError> {
    const ALLOWED: &str = "[a, b] with a ≤ b";
    let list = at.list(ALLOWED)?;
    let [lower, upper] = list.as_slice() else { return Err(at.illegal(ALLOWED)) };
    let (lower, upper_time) = (lower.span(unit, "")?, upper.span(unit, "")?);
    if lower > upper_time {
        return Err(upper.illegal("at least the lower bound"));
    }
    Ok(Distribution::Uniform(lower, upper_time))
}

fn hyperexponential(at: &At<'_>, unit: Unit) -> Result<Distribution, ScenarioError> {
    const ALLOWED: &str = "a list of 1..=64 numbers";
    let table = at.fields(&["means", "weights"])?;
    let means = table.require("means", ALLOWED)?;
    let weights = table.require("weights", ALLOWED)?;
    let (means_list, weights_list) = (means.list(ALLOWED)?, weights.list(ALLOWED)?);
    if !(1..=64).contains(&means_list.len()) {
        return Err(means.illegal(ALLOWED));
    }
    if means_list.len() != weights_list.len() {
        return Err(weights.illegal(&format!("a weight for each of {} means", means_list.len())));
    }
    let spans: Vec<Span> =
        means_list.iter().map(|mean| mean.span(unit, "")).collect::<Result<_, _>>()?;
    let shares = self::weights(&weights, &weights_list)?;
    Ok(Distribution::Hyperexponential(spans.into_iter().zip(shares).collect()))
}

/// Weights, normalised: they sum to 1. `at` is the whole list or table of them.
pub(super) fn weights(at: &At<'_>, list: &[At<'_>]) -> Result<Vec<f64>, ScenarioError> {
    let mut weights: Vec<f64> =
        list.iter().map(|weight| weight.decimal(0.0, WEIGHT_MAX)).collect::<Result<_, _>>()?;
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return Err(at.illegal("weights with a sum above 0"));
    }
    // Weights that were normalised before must not change again by a rounding error: a scenario
    // that is written and read is the same to the last bit.
    if (sum - 1.0).abs() > SUM_ERROR_MAX {
        for weight in &mut weights {
            *weight /= sum;
        }
    }
    Ok(weights)
}

fn fork(at: &At<'_>) -> Result<Fork, ScenarioError> {
    let fork = at.fields(&["depth", "leaf_cpu_us"])?;
    let allowed = format!("0..={}", Unit::Microsecond.max());
    Ok(Fork {
        depth: fork.require("depth", "0..=16")?.ranged("")?,
        leaf_cpu: fork.require("leaf_cpu_us", &allowed)?.span(Unit::Microsecond, "")?,
    })
}

fn path(at: &At<'_>) -> Result<String, ScenarioError> {
    let path = at.text(PATH_ALLOWED)?;
    let legal = path.starts_with('/')
        && path.len() <= PATH_MAX
        && path.bytes().all(|byte| byte.is_ascii_graphic());
    if legal { Ok(path.to_owned()) } else { Err(at.illegal(PATH_ALLOWED)) }
}

const PATH_ALLOWED: &str = "a path from \"/\" of at most 256 visible ASCII characters";
const PATH_MAX: usize = 256;

/// Kinds of requests in one file; a [`RouteId`] has room for more.
const KINDS_MAX: usize = 1_000;

const NO_TIME: Distribution = Distribution::Constant(Span::ZERO);

const KINDS_OF_DISTRIBUTION: [&str; 4] = ["constant", "exponential", "uniform", "hyperexponential"];

const TABLES_ALLOWED: &str =
    " or a table with one of constant, exponential, uniform, hyperexponential";

/// A thousand of these still have a finite sum.
const WEIGHT_MAX: f64 = 1e9;

/// How far from 1 the sum of normalised weights may be.
const SUM_ERROR_MAX: f64 = 1e-9;
