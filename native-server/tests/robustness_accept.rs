//! F9: what `accept` comes to when the system has nothing to give, or a client has left already.
//!
//! `strace` has the kernel refuse, so that a real listener of a real program meets what one cannot bring
//! about on purpose. With `cargo xtask test --long` only, which installs it.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::process::Command;

use scheduler_model::{EventKind, Stimulus, replay};
use support::process::{Serving, program};
use support::vitals::{Patient, Unwell, under};
use support::{Client, NAMES, is_long, place, read_trace};

/// A server of which some calls of `accept4` end with an error, as `when` says; how often it told its
/// scheduler that it could accept nothing.
fn refusing(model: &'static str, error: &str, when: &str) -> Result<usize, Unwell> {
    let recording = place(&format!("accept-{model}-{error}"));
    let program = program(&["--listen", "127.0.0.1:0", "--inspect", "off", "--model", model]);
    let mut command = Command::new("strace");
    // As a child of its own, so that the server is ours.
    command.args(["-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=accept4"]);
    command.arg(format!("--inject=accept4:error={error}:when={when}"));
    command.arg(program.get_program()).args(program.get_args()).arg("--record").arg(&recording);
    let patient = Patient::of(Serving::start_command(command), model);
    for _ in 0..50 {
        assert_eq!(Client::new(patient.address()).get("/").unwrap().status, 200, "{model}");
    }
    patient.verdict()?;
    let trace = read_trace(&recording);
    assert!(replay(&trace).conforms, "{model} {error}");
    let refused = EventKind::Stimulus(Stimulus::AcceptFailed);
    Ok(trace.events.iter().filter(|event| event.kind == refused).count())
}

#[test]
fn a_system_without_descriptors_or_memory_is_asked_again_after_a_rest() {
    if !is_long() {
        return;
    }
    for error in ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"] {
        under(&NAMES, |model| {
            let n_refused = refusing(model, error, "3..7")?;
            // Each loop of `sharded` has five of its own, if so many come to it.
            let most = if model == "sharded" { 5 * N_LOOPS_MAX } else { 5 };
            assert!((1..=most).contains(&n_refused), "{model} {error}: {n_refused}");
            assert!(model == "sharded" || n_refused == 5, "{model} {error}: {n_refused}");
            Ok(())
        });
    }
}

#[test]
fn a_client_that_left_and_a_signal_are_nothing_to_rest_for() {
    if !is_long() {
        return;
    }
    for error in ["ECONNABORTED", "EINTR"] {
        under(&NAMES, |model| {
            let n_refused = refusing(model, error, "1+2")?;
            assert_eq!(n_refused, 0, "{model} {error}");
            Ok(())
        });
    }
}

/// More than any computer of today has processors.
const N_LOOPS_MAX: usize = 1024;
