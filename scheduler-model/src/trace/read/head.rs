//! What stands before the events: the header, and the snapshot of a trace that begins in the middle
//! of its run.

use serde::Deserialize;

use super::{TraceError, message};
use crate::Snapshot;
use crate::scenario::document::{self, At};
use crate::scenario::{ScenarioError, parse};
use crate::trace::{Arrivals, FORMAT, FORMAT_VERSION, MODEL_VERSION, Source, TraceHeader};
use crate::world::snapshot::Written;

/// What the first line says, and the version of the format.
pub(super) fn header(file: &str, text: &[u8]) -> Result<(TraceHeader, u32), ScenarioError> {
    const KEYS: [&str; 6] =
        ["format", "version", "model_version", "source", "arrivals", "scenario"];
    let text = str::from_utf8(text).map_err(|error| ScenarioError::Syntax {
        file: file.to_owned(),
        line: 1,
        near: text[error.valid_up_to()..].escape_ascii().take(NEAR_MAX).map(char::from).collect(),
        message: "not UTF-8".to_owned(),
    })?;
    let document = document::json::parse(file, 1, text)?;
    let at = At::root(file, &document);
    // What it is comes first: a later version may well have other keys.
    let entries = at.table("the header of a trace")?;
    let find = |name| entries.iter().find(|(given, _)| *given == name).map(|(_, at)| at);
    if let Some(format) = find("format") {
        format.choice(&[(FORMAT, ())])?;
    }
    if let Some(version) = find("version") {
        version.whole(1, FORMAT_VERSION.into())?;
    }
    if let Some(version) = find("model_version") {
        version.whole(1, MODEL_VERSION.into())?;
    }
    let fields = at.fields(&KEYS)?;
    fields.require("format", FORMAT)?;
    let versions = format!("1..={FORMAT_VERSION}");
    let version = fields.require("version", &versions)?.whole(1, FORMAT_VERSION.into())?;
    fields.require("model_version", &MODEL_VERSION.to_string())?;
    let sources = Source::ALL.map(|source| (source.name(), source));
    let arrivals = Arrivals::ALL.map(|arrivals| (arrivals.name(), arrivals));
    // Notes are for whoever writes a scenario: this one was written by a program.
    let (scenario, _) = parse::scenario(&fields.require("scenario", "a scenario")?)?;
    let header = TraceHeader {
        source: fields.require("source", "simulated, recorded")?.choice(&sources)?,
        arrivals: fields.require("arrivals", "client, server")?.choice(&arrivals)?,
        scenario,
        snapshot: None,
    };
    Ok((header, u32::try_from(version).unwrap_or(FORMAT_VERSION)))
}

/// The snapshot that the second line is.
pub(super) fn snapshot(
    file: &str,
    text: &[u8],
    header: &TraceHeader,
) -> Result<Snapshot, TraceError> {
    let refused = |message| TraceError::NoSnapshot { file: file.to_owned(), message };
    let line: SnapshotLine =
        serde_json::from_slice(text).map_err(|error| refused(message(&error, "one snapshot")))?;
    Snapshot::read(header, &line.snapshot).map_err(|found| refused(found.to_string()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SnapshotLine {
    snapshot: Written,
}

/// Characters that are shown of what is not text.
const NEAR_MAX: usize = 16;
