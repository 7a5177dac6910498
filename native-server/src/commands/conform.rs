//! `conform`: is a recording a path of the model?

use std::io::Write;
use std::process::ExitCode;

use scheduler_model::replay;

use super::read_trace;
use crate::cli::ConformFlags;

/// Replays the recording and prints the verdict.
///
/// # Errors
///
/// When the trace cannot be read, or one line on what is wrong with it.
pub fn conform(flags: &ConformFlags) -> anyhow::Result<ExitCode> {
    let name = flags.trace.display().to_string();
    let trace = read_trace(&flags.trace)?;
    let verdict = replay(&trace);
    let mut out = std::io::stdout().lock();
    if flags.json {
        serde_json::to_writer(&mut out, &verdict)?;
        writeln!(out)?;
    } else if let Some(difference) = &verdict.first_difference {
        writeln!(
            out,
            "{name}: differs at seq {}: the model has {}, the recording has {}",
            difference.seq, difference.expected, difference.found
        )?;
    } else {
        let cut = if verdict.complete { "" } else { "; its last line is cut short" };
        writeln!(
            out,
            "{name}: conforms: {} decisions among {} events{cut}",
            verdict.decisions, verdict.events
        )?;
    }
    Ok(if verdict.conforms { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
