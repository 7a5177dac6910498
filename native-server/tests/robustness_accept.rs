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

/// A server of which some calls of `accept4` end with an error, as `when` says of each of its threads; how
/// often it told its scheduler that it could accept nothing, and how many threads it had.
fn refusing(model: &'static str, error: &str, when: &str) -> Result<(usize, usize), Unwell> {
    let recording = place(&format!("accept-{model}-{error}"));
    let program = program(&["--listen", "127.0.0.1:0", "--inspect", "off", "--model", model]);
    let mut command = Command::new("strace");
    // As a child of its own, so that the server is ours.
    command.args(["-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=accept4"]);
    command.arg(format!("--inject=accept4:error={error}:when={when}"));
    command.arg(program.get_program()).args(program.get_args()).arg("--record").arg(&recording);
    let patient = Patient::of(Serving::start_command(command), model);
    let n_threads = usize::try_from(patient.before.threads).unwrap();
    for _ in 0..50 {
        assert_eq!(Client::new(patient.address()).get("/").unwrap().status, 200, "{model}");
    }
    patient.verdict()?;
    let trace = read_trace(&recording);
    assert!(replay(&trace).conforms, "{model} {error}");
    let refused = EventKind::Stimulus(Stimulus::AcceptFailed);
    let n_refused = trace.events.iter().filter(|event| event.kind == refused).count();
    Ok((n_refused, n_threads))
}

#[test]
fn a_system_without_descriptors_or_memory_is_asked_again_after_a_rest() {
    if !is_long() {
        return;
    }
    for error in ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"] {
        under(&NAMES, |model| {
            let (n_refused, n_threads) = refusing(model, error, "3..7")?;
            // Threads of a pool take turns, and each loop of `sharded` has a listener of its own.
            let most = if matches!(model, "pool" | "sharded") { 5 * n_threads } else { 5 };
            assert!((5..=most).contains(&n_refused), "{model} {error}: {n_refused}");
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
            let (n_refused, _) = refusing(model, error, "1+2")?;
            assert_eq!(n_refused, 0, "{model} {error}");
            Ok(())
        });
    }
}
