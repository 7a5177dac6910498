//! Scenarios from TOML or JSON: every key, its unit, its range and its default.
//!
//! The table of all keys is in `docs/MODEL.md`. Texts are taken apart in [`super::document`]; here
//! they get their meaning, and whatever is wrong is reported with file, line, key, what was given
//! and what is allowed.

mod load;
mod request;
mod unused;

use std::fmt;

use super::document::{self, At, Fields, Unit};
use super::{MachineConfig, Model, OnFull, QueueBound, RequestKind, Scenario, Server};
use crate::{SimTime, Span};

/// Why a text is no scenario: one line that names the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// A value that is not allowed where it stands.
    #[error("{file}:{line}: {key}: {given} given, allowed is {allowed}")]
    Illegal {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The key and how it is reached, as in `request[0].cpu_us`; lists count from 0.
        key: String,
        /// What stands there, shortened.
        given: String,
        /// What might stand there.
        allowed: String,
    },
    /// A key that has no default is not there.
    #[error("{file}:{line}: {key}: nothing given, allowed is {allowed}")]
    Missing {
        /// The file's name.
        file: String,
        /// The line, from 1, on which the key's table begins.
        line: usize,
        /// The key that is not there.
        key: String,
        /// What might stand there.
        allowed: String,
    },
    /// A text that is not even TOML or JSON.
    #[error("{file}:{line}: `{near}`: {message}")]
    Syntax {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What stands there, shortened.
        near: String,
        /// What is wrong with it.
        message: String,
    },
    /// More text than a scenario may have.
    #[error("{file}:1: the file: {given} bytes given, allowed is 0..={max}")]
    TooLong {
        /// The file's name.
        file: String,
        /// The length of the text, in bytes.
        given: usize,
        /// The most that is read.
        max: usize,
    },
    /// A key that does not exist.
    #[error("{file}:{line}: {key}: unknown key, allowed is {allowed}")]
    UnknownKey {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The key.
        key: String,
        /// The keys of that table.
        allowed: String,
    },
}

/// Something worth knowing about a scenario that is legal nevertheless.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// Keys that are in the file and change nothing under its model.
    UnusedKeys {
        /// The model.
        model: Model,
        /// The keys, in file order within each table.
        keys: Vec<String>,
    },
}

impl Scenario {
    /// The longest TOML that is read, in bytes: a megabyte, thousands of listed arrivals.
    pub const TOML_MAX: usize = 1 << 20;
    /// The longest JSON that is read, in bytes: room for the longest TOML with every value
    /// explicit.
    pub const JSON_MAX: usize = 8 << 20;
    /// The longest time that a file can name, and the latest: eleven days. Up to here a number of
    /// milliseconds with decimals still means one nanosecond and no other.
    pub const TIME_MAX: Span = Span::from_millis(1_000_000_000);
    /// The most requests of one run.
    pub const REQUESTS_MAX: u64 = 10_000_000;

    /// Reads a scenario from TOML.
    ///
    /// `file_name` is named by errors, and its stem is the scenario's name unless the text has one.
    ///
    /// ```
    /// use scheduler_model::{Model, Scenario};
    ///
    /// let (scenario, notes) = Scenario::from_toml("book.toml", "server.model = 'pool'")?;
    /// assert_eq!((scenario.name.as_str(), scenario.server.model), ("book", Model::Pool));
    /// assert!(notes.is_empty());
    ///
    /// let error = Scenario::from_toml("book.toml", "server.model = 'tool'").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "book.toml:1: server.model: \"tool\" given, \
    ///      allowed is single, spawn, pool, fork-join, async, sharded"
    /// );
    /// # Ok::<(), scheduler_model::scenario::ScenarioError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ScenarioError`], with the line.
    pub fn from_toml(file_name: &str, text: &str) -> Result<(Self, Vec<Note>), ScenarioError> {
        check_length(file_name, text, Self::TOML_MAX)?;
        scenario(&At::root(file_name, &document::toml::parse(file_name, text)?))
    }

    /// Reads a scenario from JSON: the same keys, with a list for each `[[...]]`.
    ///
    /// # Errors
    ///
    /// [`ScenarioError`], with the line.
    pub fn from_json(file_name: &str, text: &str) -> Result<(Self, Vec<Note>), ScenarioError> {
        check_length(file_name, text, Self::JSON_MAX)?;
        scenario(&At::root(file_name, &document::json::parse(file_name, 1, text)?))
    }
}

impl MachineConfig {
    /// Reads a computer from TOML that has a `[machine]` and nothing else, as `native-server
    /// calibrate` writes it. What it does not say is as in `self`.
    ///
    /// `file_name` is named by errors.
    ///
    /// ```
    /// use scheduler_model::{Span, scenario::MachineConfig};
    ///
    /// let slow = MachineConfig::default().with_toml("costs.toml", "machine.spawn_us = 80")?;
    /// assert_eq!(slow, MachineConfig { spawn: Span::from_micros(80), ..MachineConfig::default() });
    /// # Ok::<(), scheduler_model::scenario::ScenarioError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ScenarioError`], with the line.
    pub fn with_toml(self, file_name: &str, text: &str) -> Result<Self, ScenarioError> {
        check_length(file_name, text, Scenario::TOML_MAX)?;
        let document = document::toml::parse(file_name, text)?;
        let at = At::root(file_name, &document);
        let root = at.fields(&["machine"])?;
        root.or("machine", self, |at| machine(at, self))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnusedKeys { model, keys } => write!(
                f,
                "{model} does not use {keys}: ignored",
                model = model.name(),
                keys = keys.join(", ")
            ),
        }
    }
}

fn check_length(file: &str, text: &str, max: usize) -> Result<(), ScenarioError> {
    let given = text.len();
    if given > max {
        return Err(ScenarioError::TooLong { file: file.to_owned(), given, max });
    }
    Ok(())
}

/// The scenario that stands here, in a file of its own or in a trace's header.
pub(crate) fn scenario(at: &At<'_>) -> Result<(Scenario, Vec<Note>), ScenarioError> {
    let root = at.fields(&[
        "name",
        "seed",
        "horizon_ms",
        "server",
        "machine",
        "request",
        "arrive",
        "replay",
        "load",
        "fault",
        "measure",
    ])?;
    let server = server(&root)?;
    let requests =
        root.or("request", RequestKind::of_the_book(Span::from_millis(5_000)), request::kinds)?;
    let (load, patience) = load::load(&root, &requests)?;
    let scenario = Scenario {
        name: root.or("name", default_name(at.file()), name)?,
        seed: root.or("seed", 1, |at| at.whole(0, SEED_MAX))?,
        horizon: root.or("horizon_ms", None, |at| instant(at).map(Some))?,
        server,
        machine: root
            .or("machine", MachineConfig::default(), |at| machine(at, MachineConfig::default()))?,
        load,
        patience,
        faults: root.or("fault", Vec::new(), |at| load::faults(at, &requests))?,
        warmup_requests: root.or("measure", 0, warmup_requests)?,
        requests,
    };
    let notes = unused::note(&root, scenario.server.model)?;
    Ok((scenario, notes.into_iter().collect()))
}

fn server(root: &Fields<'_>) -> Result<Server, ScenarioError> {
    let models = Model::ALL.map(|model| (model.name(), model));
    let names = Model::ALL.map(Model::name).join(", ");
    let Some(at) = root.get("server") else { return Err(root.missing("server.model", &names)) };
    let server =
        at.fields(&["model", "workers", "queue", "on_full", "threads_max", "accept_backlog"])?;
    let default = Server::new(server.require("model", &names)?.choice(&models)?);
    let policies = OnFull::ALL.map(|policy| (policy.name(), policy));
    Ok(Server {
        model: default.model,
        workers: server.or("workers", default.workers, |at| at.ranged(""))?,
        queue: server.or("queue", default.queue, queue)?,
        on_full: server.or("on_full", default.on_full, |at| at.choice(&policies))?,
        threads_max: server.or("threads_max", default.threads_max, |at| at.ranged(""))?,
        accept_backlog: server.or("accept_backlog", default.accept_backlog, |at| at.ranged(""))?,
    })
}

fn queue(at: &At<'_>) -> Result<QueueBound, ScenarioError> {
    if at.is_text() && at.text("")? == "unbounded" {
        return Ok(QueueBound::Unbounded);
    }
    at.ranged(r#" or "unbounded""#).map(QueueBound::Bounded)
}

/// A computer; what is not given is as in `default`.
fn machine(at: &At<'_>, default: MachineConfig) -> Result<MachineConfig, ScenarioError> {
    let machine = at.fields(&[
        "cores",
        "quantum_us",
        "context_switch_us",
        "spawn_us",
        "dispatch_us",
        "accept_us",
        "stack_kib",
        "memory_mib",
    ])?;
    let micros = |name, default| machine.or(name, default, |at| at.span(Unit::Microsecond, ""));
    Ok(MachineConfig {
        cores: machine.or("cores", default.cores, |at| at.ranged(""))?,
        quantum: micros("quantum_us", default.quantum)?,
        context_switch: micros("context_switch_us", default.context_switch)?,
        spawn: micros("spawn_us", default.spawn)?,
        dispatch: micros("dispatch_us", default.dispatch)?,
        accept: micros("accept_us", default.accept)?,
        stack_kib: machine.or("stack_kib", default.stack_kib, |at| at.ranged(""))?,
        memory_mib: machine.or("memory_mib", default.memory_mib, |at| at.ranged(""))?,
    })
}

fn warmup_requests(at: &At<'_>) -> Result<u64, ScenarioError> {
    let measure = at.fields(&["warmup_requests"])?;
    measure.or("warmup_requests", 0, |at| at.whole(0, Scenario::REQUESTS_MAX))
}

fn name(at: &At<'_>) -> Result<String, ScenarioError> {
    const ALLOWED: &str = "a text of 1..=120 characters without control characters";
    let name = at.text(ALLOWED)?;
    if is_name(name) { Ok(name.to_owned()) } else { Err(at.illegal(ALLOWED)) }
}

/// The file's stem, as far as it is a name.
fn default_name(file: &str) -> String {
    let file = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    if is_name(stem) { stem.to_owned() } else { "scenario".to_owned() }
}

fn is_name(text: &str) -> bool {
    (1..=NAME_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// An instant, which files give in milliseconds.
fn instant(at: &At<'_>) -> Result<SimTime, ScenarioError> {
    at.span(Unit::Millisecond, "").map(|span| SimTime::ZERO + span)
}

/// TOML's integers have a sign.
const SEED_MAX: u64 = i64::MAX as u64;

/// Characters of a name.
const NAME_MAX: usize = 120;
