//! Files of a stranger: whatever they say, reading them ends in a value or in an error with its place.

use scheduler_model::{Scenario, Stats, Trace, replay};

/// A trace: what can be read is judged, counted and hashed without a panic.
pub(crate) fn trace(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    if let Ok(trace) = Trace::read_str("f", text) {
        let _ = replay(&trace);
        let _ = Stats::of(&trace);
        let _ = trace.digest();
    }
}

/// A scenario, as TOML and as JSON.
///
/// # Panics
///
/// When an error does not begin with its place.
pub(crate) fn scenario(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    for parsed in [Scenario::from_toml("f", text), Scenario::from_json("f", text)] {
        if let Err(error) = parsed {
            let message = error.to_string();
            assert!(message.starts_with("f:"), "{message}");
        }
    }
}
