//! `check`: every order of events of a small server.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use scheduler_model::{Checked, Finding, check as search};
use serde_json::json;

use super::{read_scenario, write_trace};
use crate::cli::CheckFlags;

/// Searches all orders, prints what was found, and writes the run that shows each fault.
///
/// # Errors
///
/// For a bad scenario, one that is too large to be searched, or a file that cannot be written.
pub fn check(flags: &CheckFlags) -> anyhow::Result<ExitCode> {
    let scenario = read_scenario(&flags.scenario)?;
    let checked = search(&scenario).with_context(|| flags.scenario.display().to_string())?;
    let mut n_written = 0;
    let mut written = Vec::new();
    for found in &checked.properties {
        let file = match (&found.counterexample, &flags.counterexample) {
            (Some(trace), Some(path)) => {
                n_written += 1;
                let path = numbered(path, n_written);
                write_trace(&path, trace).with_context(|| "--counterexample")?;
                Some(path)
            }
            _ => None,
        };
        written.push(file);
    }
    let mut out = std::io::stdout().lock();
    if flags.json {
        let properties: Vec<_> = checked
            .properties
            .iter()
            .zip(&written)
            .map(|(found, file)| {
                json!({
                    "name": found.property.name(),
                    "holds": found.holds,
                    "counterexample": file,
                })
            })
            .collect();
        let Checked { complete, states, transitions, depth, .. } = checked;
        let report = json!({
            "complete": complete, "states": states, "transitions": transitions, "depth": depth,
            "properties": properties,
        });
        writeln!(out, "{report}")?;
    } else {
        print(&mut out, &checked, &written)?;
    }
    let holds =
        checked.complete && checked.properties.iter().all(|found| found.holds != Some(false));
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(
    out: &mut impl Write,
    checked: &Checked,
    written: &[Option<PathBuf>],
) -> std::io::Result<()> {
    let whole = if checked.complete { "all of them" } else { "not all: a bound came first" };
    writeln!(
        out,
        "states {} ({whole})  transitions {}  depth {}",
        checked.states, checked.transitions, checked.depth
    )?;
    for (Finding { property, holds, .. }, file) in checked.properties.iter().zip(written) {
        let verdict = match holds {
            Some(true) => "holds",
            Some(false) => "does not hold",
            None if checked.complete => "not reached",
            None => "not known",
        };
        write!(out, "  {}: {verdict}", property.name())?;
        match file {
            Some(file) => writeln!(out, ": {}", file.display())?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

/// The file itself for the first fault; `-2` and so on before its ending for others.
fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_counterexamples_stand_beside_the_first() {
        let name = |number| numbered(Path::new("a/run.jsonl"), number);
        assert_eq!(name(1), Path::new("a/run.jsonl"));
        assert_eq!(name(2), Path::new("a/run-2.jsonl"));
        assert_eq!(numbered(Path::new("run"), 3), Path::new("run-3"));
    }
}
