//! Whatever can happen to a server, in whatever order: no panic, no broken law, and it stops when it
//! is told to.
//!
//! The fuzzer's target `scheduler` runs the same lives for as long as one likes.

#[path = "support/any_order.rs"]
mod any_order;

use proptest::prelude::*;

proptest! {
    #[test]
    fn a_server_keeps_its_laws_whatever_happens_and_stops_when_told(
        input in prop::collection::vec(any::<u8>(), 5..900)
    ) {
        any_order::live(&input);
    }
}
