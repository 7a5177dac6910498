//! A site whose handlers fail, with all the flags of `serve`: what becomes of everybody else?
//!
//! `/panic` panics, and `/bomb` panics with what panics again when it is dropped; any other path is
//! answered.

use std::panic;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use native_server::cli::ServeFlags;
use native_server::http::{Request, Response, Status};
use native_server::serve;
use native_server::site::{Answer, Site};
use scheduler_model::RouteId;

/// As in the program itself.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    serve: ServeFlags,
}

struct Panics;

/// What a panic carries.
struct Bomb;

fn main() -> anyhow::Result<ExitCode> {
    serve::run_site(&Flags::parse().serve.options()?, Arc::new(Panics))
}

impl Site for Panics {
    fn route(&self, _path: &str) -> Option<RouteId> {
        None
    }

    fn answer(&self, request: &Request<'_>) -> Answer {
        match &*request.path() {
            "/panic" => panic!("a handler panics"),
            "/bomb" => panic::panic_any(Bomb),
            _ => Response::new(Status::OK).with_body("still here\n").into(),
        }
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the payload panics too");
    }
}
