//! A trace file of a stranger: whatever can be read is judged without a panic.

#![no_main]

#[path = "../../scheduler-model/tests/support/hostile_files.rs"]
#[expect(dead_code, reason = "the other kind of file has a target of its own")]
mod hostile_files;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| hostile_files::trace(input));
