//! A scenario file of a stranger, as TOML and as JSON: an error with its place, or a legal value.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scheduler_model::Scenario;

fuzz_target!(|input: &[u8]| {
    let Ok(text) = str::from_utf8(input) else { return };
    for parsed in [Scenario::from_toml("f", text), Scenario::from_json("f", text)] {
        if let Err(error) = parsed {
            let message = error.to_string();
            assert!(message.starts_with("f:"), "{message}");
        }
    }
});
