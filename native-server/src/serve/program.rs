//! The whole program for a site: its server and its inspect listener, until a signal asks to stop and
//! everything has come to its end.

use std::fmt::Write as _;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use scheduler_model::scenario::QueueBound;

use super::{Probe, Server, listening};
use crate::inspect;
use crate::options::Options;
use crate::site::{BookSite, Site};
use crate::system::stop::Requests;
use crate::system::timers;
use crate::warn::warn;

/// Serves the book's site until a signal asks to stop, on behalf of the command line.
///
/// # Errors
///
/// As [`run_site`].
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let site = BookSite::new(&options.scenario);
    let site = match options.root.clone() {
        Some(root) => site.with_root(root),
        None => site,
    };
    run_site(options, Arc::new(site))
}

/// Serves a site until a signal asks to stop: the whole program, for a site of one's own.
///
/// # Errors
///
/// When an address cannot be listened on, the recording cannot be written, or a thread cannot be
/// started.
pub fn run_site(options: &Options, site: Arc<dyn Site>) -> anyhow::Result<ExitCode> {
    let server = &options.scenario.server;
    if server.queue == QueueBound::Unbounded && server.model.has_run_queue() {
        warn(format_args!(
            "warning: --queue unbounded: under overload waiting times grow without end; \
             only --max-connections bounds the memory"
        ));
    }
    let inspect = match options.inspect {
        Some(address) => inspect::bind(address, options.inspect_asked)?,
        None => None,
    };
    // Before anybody is told that it listens: who reads that may ask it to stop at once.
    let mut stop = Requests::new().context("signals cannot be received")?;
    let inherited = listening::inherited()?.map(Arc::new);
    let options = Options { observe: inspect.is_some(), inherited, ..options.clone() };
    let (token, drain) = (options.inspect_token.clone(), options.drain);
    timers::end_sleeps_in_time();
    let server = Server::start(options, site)?;
    let mut said = format!("listening on http://{}\n", server.address());
    let inspect = match inspect {
        Some(inspect) => {
            let _ = writeln!(said, "the page is on http://{}", inspect.address());
            Some(Arc::new(inspect.serve(inspect::Source { probe: Some(server.probe()), token })?))
        }
        None => None,
    };
    // Nobody may be reading: no reason not to serve.
    let mut out = std::io::stdout();
    let _ = out.write_all(said.as_bytes()).and_then(|()| out.flush());
    let (handle, probe, until_drained) = (server.handle(), server.probe(), inspect.clone());
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for (count, ()) in stop.forever().enumerate() {
                if count > 0 {
                    warn(format_args!("a second signal: stopping at once"));
                    std::process::exit(1);
                }
                if let Some(inspect) = &until_drained {
                    inspect.set_ready(false);
                }
                handle.drain();
                hold_deadline(drain, probe.clone());
            }
        })
        .context("the thread for signals cannot be started")?;
    server.wait()?;
    if let Some(inspect) = inspect {
        inspect.wait_for_watchers(FAREWELL);
    }
    Ok(ExitCode::SUCCESS)
}

/// Ends the process soon after the drain's deadline. Under `single` the thread that would end the
/// drain may be the one whose handler never returns. A recording is waited for, since nothing of it
/// may be missing.
fn hold_deadline(drain: Duration, probe: Probe) {
    let started = thread::Builder::new().name("deadline".to_owned()).spawn(move || {
        thread::sleep(drain + DEADLINE_SLACK);
        if probe.waits_for_recording() {
            warn(format_args!(
                "the drain's deadline has passed, and the recording is being written to its end; \
                 a second signal stops at once"
            ));
            while probe.waits_for_recording() {
                thread::sleep(LOOK);
            }
            thread::sleep(DEADLINE_SLACK);
        }
        warn(format_args!(
            "the drain's deadline has passed, and a handler has not ended: given up"
        ));
        std::process::exit(0);
    });
    if let Err(error) = started {
        warn(format_args!("the drain may miss its deadline: {error}"));
    }
}

/// For those that follow the run to learn that it is over.
const FAREWELL: Duration = Duration::from_secs(1);

/// How soon it is noticed that a recording is written.
const LOOK: Duration = Duration::from_millis(100);

/// How long after its deadline a drain may still write its recording and its log.
const DEADLINE_SLACK: Duration = Duration::from_secs(2);
