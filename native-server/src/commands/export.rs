//! `export`: a trace in another tool's format.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use scheduler_model::{ExportError, Trace, export as write_export};

use super::read_trace;
use crate::cli::ExportFlags;

/// Writes the trace in the format asked for.
///
/// A file appears when it is whole, in place of an older one of its name. Of standard output (`-`),
/// and of a pipe or a device, nothing can be taken back: there the run is judged first.
///
/// # Errors
///
/// When the trace cannot be read or is no run, and when the file cannot be written.
pub fn export(flags: &ExportFlags) -> anyhow::Result<ExitCode> {
    let trace = read_trace(&flags.trace)?;
    let name = || flags.file.display().to_string();
    let is_special = fs::metadata(&flags.file).is_ok_and(|found| !found.is_file());
    if flags.file == Path::new("-") {
        write(&trace, flags, &mut std::io::sink())?;
        write(&trace, flags, &mut std::io::stdout().lock())?;
    } else if is_special {
        write(&trace, flags, &mut std::io::sink())?;
        let mut file = File::options().write(true).open(&flags.file).with_context(name)?;
        write(&trace, flags, &mut file)?;
    } else {
        let partial = beside(&flags.file);
        let mut file = File::create(&partial).with_context(name)?;
        let written = write(&trace, flags, &mut file)
            .and_then(|()| fs::rename(&partial, &flags.file).with_context(name));
        if written.is_err() {
            // What is wrong has been found; a file that cannot be removed either is not worse.
            let _ = fs::remove_file(&partial);
        }
        written?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write(trace: &Trace, flags: &ExportFlags, out: &mut impl Write) -> anyhow::Result<()> {
    let mut out = BufWriter::new(out);
    write_export(&trace.header, &trace.events, flags.to, &mut out)
        .and_then(|()| Ok(out.flush()?))
        .with_context(|| flags.file.display().to_string())
        .map_err(|error| match error.downcast_ref() {
            // The first line of the file is the header.
            Some(ExportError::NoRun { seq, violation }) => {
                anyhow::anyhow!("{}:{}: {violation}", flags.trace.display(), seq + 1)
            }
            _ => error,
        })
}

/// A name in the same folder, so that renaming moves nothing.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().map_or_else(OsString::new, OsString::from);
    name.push(format!(".partial-{}", std::process::id()));
    file.with_file_name(name)
}
