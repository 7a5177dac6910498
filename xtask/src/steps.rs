//! Running other programs: with their output shown, shown and kept, or kept silently.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, ensure};

/// Runs `command` with its output on ours.
///
/// # Errors
///
/// When it cannot be started and when it does not exit well.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    ensure!(status.success(), "`{line}` ended with {status}");
    Ok(())
}

/// What a program printed, and how it ended.
pub(crate) struct Finished {
    /// Its standard output.
    pub(crate) output: String,
    /// Whether it exited with 0.
    pub(crate) exited_well: bool,
}

/// Runs `command`, shows both its streams as they come, and keeps standard output.
///
/// # Errors
///
/// When it cannot be started or waited for; a bad exit is for the caller to judge.
pub(crate) fn run_and_keep(command: &mut Command) -> Result<Finished> {
    let line = shown(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{line}`"))?;
    let stdout = child.stdout.take().expect("standard output was asked for as a pipe");
    let reader = thread::spawn(move || show_and_keep(stdout));
    let status = child.wait().with_context(|| format!("cannot wait for `{line}`"))?;
    let output = reader.join().expect("the reading thread does not panic");
    Ok(Finished { output, exited_well: status.success() })
}

/// Runs `command` with its standard output kept and its errors shown.
///
/// # Errors
///
/// When it cannot be started and when it does not exit well.
pub(crate) fn keep(command: &mut Command) -> Result<String> {
    let line = shown(command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{line}`"))?;
    ensure!(output.status.success(), "`{line}` ended with {}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs `command` silently; its standard output if it exited well, `None` if not or not there.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as one would type it, without the folder of its program.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut line =
        program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    for arg in command.get_args() {
        write!(line, " {}", arg.to_string_lossy()).expect("writing to a string does not fail");
    }
    line
}

fn show_and_keep(stream: impl Read) -> String {
    let mut stream = BufReader::new(stream);
    let mut kept = String::new();
    let mut line = Vec::new();
    // A runner's output need not be UTF-8, so bytes are read; an error ends it like its end does.
    while stream.read_until(b'\n', &mut line).is_ok_and(|n_bytes| n_bytes > 0) {
        let text = String::from_utf8_lossy(&line);
        kept.push_str(&text);
        let mut stdout = std::io::stdout().lock();
        // Nobody reads any more (`| head`): the checks go on and the exit code still tells.
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        line.clear();
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_kept_and_the_exit_is_told() {
        let finished =
            run_and_keep(Command::new("sh").args(["-c", "echo one; echo two; exit 3"])).unwrap();
        assert_eq!(finished.output, "one\ntwo\n");
        assert!(!finished.exited_well);
    }

    #[test]
    fn a_bad_exit_is_an_error_that_names_the_command() {
        let message = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(message.starts_with("`sh -c exit 3` ended with"), "{message}");
    }

    #[test]
    fn a_program_that_is_not_there_answers_nothing() {
        assert_eq!(ask(&mut Command::new("no-such-program")), None);
    }
}
