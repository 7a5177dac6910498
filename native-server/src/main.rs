//! The command line of the server: reads it, runs it, and says in one line what is wrong.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use native_server::cli::{Cli, Command};
use native_server::{commands, serve};
#[cfg(target_os = "linux")]
use tikv_jemallocator::Jemalloc;

/// What a flood of connections took goes back to the system when they are gone. The C library gives back
/// only what lies above all that is still in use.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error)
            if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) =>
        {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => return refuse(&first_line(&error.to_string())),
    };
    let done = match cli.command {
        Some(Command::Simulate(flags)) => commands::simulate(&flags),
        Some(Command::Check(flags)) => commands::check(&flags),
        Some(Command::Conform(flags)) => commands::conform(&flags),
        Some(Command::Export(flags)) => commands::export(&flags),
        Some(Command::Experiment(flags)) => commands::experiment(&flags),
        Some(Command::Calibrate(flags)) => commands::calibrate(&flags),
        Some(Command::LabServer) => commands::lab_server(),
        Some(Command::Serve(flags)) => flags.options().and_then(|options| serve::run(&options)),
        None => cli.serve.options().and_then(|options| serve::run(&options)),
    };
    done.unwrap_or_else(|error| refuse(&format!("{error:#}")))
}

/// Bad use or a bad file.
fn refuse(why: &str) -> ExitCode {
    // Where nobody can be told, the exit code still says it.
    let _ = writeln!(std::io::stderr(), "native-server: {why}");
    ExitCode::from(2)
}

/// clap's message without its advice: one line.
fn first_line(message: &str) -> String {
    let lines: Vec<_> = message
        .lines()
        .take_while(|line| !line.starts_with("For more") && !line.starts_with("Usage"))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("; ").trim_start_matches("error: ").to_owned()
}
