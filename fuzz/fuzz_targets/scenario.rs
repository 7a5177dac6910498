//! A scenario file of a stranger, as TOML and as JSON: an error with its place, or a legal value.

#![no_main]

#[path = "../../scheduler-model/tests/support/hostile_files.rs"]
#[expect(dead_code, reason = "the other kind of file has a target of its own")]
mod hostile_files;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| hostile_files::scenario(input));
