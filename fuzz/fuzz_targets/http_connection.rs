//! Bytes of a stranger on a connection: no panic, bounded memory, the same answers however they are cut.

#![no_main]

#[path = "../../native-server/tests/support/conversation.rs"]
mod conversation;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| conversation::hold(input));
