//! A trace file of a stranger: whatever can be read is judged without a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scheduler_model::{Stats, Trace, replay};

fuzz_target!(|input: &[u8]| {
    let Ok(text) = str::from_utf8(input) else { return };
    if let Ok(trace) = Trace::read_str("f", text) {
        let _ = replay(&trace);
        let _ = Stats::of(&trace);
        let _ = trace.digest();
    }
});
