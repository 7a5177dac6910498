//! Our own server, under the same profile as everybody else.

use std::process::ExitCode;

use clap::Parser;
use native_server::cli::Cli;
use native_server::serve;

/// As in the program that everybody has.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> anyhow::Result<ExitCode> {
    serve::run(&Cli::parse().serve.options()?)
}
