//! Everything that can happen to a server, in any order: no panic, no broken law, and it stops when it
//! is told to.

#![no_main]

#[path = "../../scheduler-model/tests/support/any_order.rs"]
mod any_order;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| any_order::live(input));
