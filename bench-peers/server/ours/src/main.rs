//! Our own server, under the same profile as everybody else.

use std::process::ExitCode;

use clap::Parser;
use native_server::cli::Cli;
use native_server::serve;

fn main() -> anyhow::Result<ExitCode> {
    serve::run(&Cli::parse().serve.options()?)
}
