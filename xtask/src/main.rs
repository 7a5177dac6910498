//! `cargo xtask`: sets the project up and checks it; the project's own logic is elsewhere.

mod bench;
mod cli;
mod count;
mod coverage;
mod doctor;
mod e2e;
mod experiment;
mod mutants;
mod page;
mod places;
mod report;
mod start;
mod steps;
mod test;
mod tools;
mod validate;
mod version;

use std::process::ExitCode;

use crate::cli::Task;
use crate::places::Places;

fn main() -> ExitCode {
    let task = match Task::parse(std::env::args().skip(1)) {
        Ok(task) => task,
        Err(error) => {
            eprintln!("xtask: {error}");
            return ExitCode::from(2);
        }
    };
    match perform(&task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: &Task) -> anyhow::Result<ExitCode> {
    let places = Places::find()?;
    match task {
        Task::Bench(options) => bench::run(&places, *options),
        Task::Coverage => coverage::run(&places),
        Task::Dist { single } => page::dist(&places, *single).map(|()| ExitCode::SUCCESS),
        Task::Doctor => Ok(doctor::run(&places)),
        Task::E2e => Ok(test::browser_only(&places)),
        Task::Experiment => experiment::run(&places),
        Task::FirstStep => page::first_step(&places).map(|()| ExitCode::SUCCESS),
        Task::Help => {
            println!("{}", cli::USAGE);
            Ok(ExitCode::SUCCESS)
        }
        Task::Mutants { flags } => mutants::run(&places, flags),
        Task::Split => page::split(&places).map(|()| ExitCode::SUCCESS),
        Task::Start { server_flags } => start::run(&places, server_flags),
        Task::Validate => validate::run(&places),
        Task::Test { long } => Ok(test::run(&places, *long)),
    }
}
