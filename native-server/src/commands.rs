//! The commands that serve nobody: simulate, check, conform, export, experiment
//! and calibrate.

#[cfg(unix)]
mod calibrate;
mod check;
mod conform;
#[cfg(unix)]
mod experiment;
mod export;
#[cfg(not(unix))]
mod no_lab;
mod simulate;
mod what_if;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Read};
use std::path::Path;

use anyhow::{Context, anyhow, ensure};
use flate2::bufread::MultiGzDecoder;
use scheduler_model::scenario::MachineConfig;
use scheduler_model::{Scenario, Trace};

use crate::warn::warn;

#[cfg(unix)]
pub use calibrate::calibrate;
pub use check::check;
pub use conform::conform;
#[cfg(unix)]
pub use experiment::{experiment, lab_server};
pub use export::export;
#[cfg(not(unix))]
pub use no_lab::{calibrate, experiment, lab_server};
pub use simulate::simulate;

/// Reads a scenario file, TOML or JSON by its name; notes go to standard error.
///
/// # Errors
///
/// When it cannot be read, or one line on what is wrong with it.
pub fn read_scenario(path: &Path) -> anyhow::Result<Scenario> {
    let name = path.display().to_string();
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    let text = read_text(path, if is_json { Scenario::JSON_MAX } else { Scenario::TOML_MAX })?;
    let parsed =
        if is_json { Scenario::from_json(&name, &text) } else { Scenario::from_toml(&name, &text) };
    let (scenario, notes) = parsed?;
    for note in notes {
        warn(format_args!("{name}: {note}"));
    }
    Ok(scenario)
}

/// Reads a computer's costs, as `calibrate` writes them, over those of `machine`.
///
/// # Errors
///
/// When the file cannot be read, or one line on what is wrong with it.
pub fn read_costs(path: &Path, machine: MachineConfig) -> anyhow::Result<MachineConfig> {
    let text = read_text(path, Scenario::TOML_MAX)?;
    Ok(machine.with_toml(&path.display().to_string(), &text)?)
}

/// Reads a text of at most so many bytes. Of a longer one no more is read than shows that: it may have
/// no end.
fn read_text(path: &Path, max: usize) -> anyhow::Result<String> {
    let name = path.display();
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(|| name.to_string())?;
    file.take(max as u64 + 1).read_to_end(&mut bytes).with_context(|| name.to_string())?;
    ensure!(
        bytes.len() <= max,
        "{name}:1: the file: more than {max} bytes given, allowed is 0..={max}"
    );
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.split(|&byte| byte == b'\n').count();
        anyhow!("{name}:{line}: bytes given that are not UTF-8, allowed is text")
    })
}

/// Reads a trace file, unpacked first where its name ends in `.gz`.
///
/// # Errors
///
/// When it cannot be read, or one line on what is wrong with it.
pub fn read_trace(path: &Path) -> anyhow::Result<Trace> {
    let name = path.display().to_string();
    let file = BufReader::new(File::open(path).with_context(|| name.clone())?);
    let is_packed = path.extension().is_some_and(|extension| extension == "gz");
    let text: Box<dyn BufRead> = if is_packed {
        Box::new(BufReader::new(MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    };
    Ok(Trace::read(&name, text)?)
}

/// Writes a trace beside the place and moves it there: nobody sees half of one.
///
/// # Errors
///
/// When the file cannot be written.
pub fn write_trace(path: &Path, trace: &Trace) -> anyhow::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let written = (|| {
        let mut file = BufWriter::new(File::create(&beside)?);
        trace.write(&mut file)?;
        file.into_inner()?.sync_all()?;
        fs::rename(&beside, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written.with_context(|| path.display().to_string())
}
