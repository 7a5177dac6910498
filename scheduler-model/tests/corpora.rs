//! What the fuzzer has gathered, once more: inputs that together reach whatever it has reached.
//!
//! Here they are tried as they are. To look for new ones is the fuzzer's (`fuzz/README.md`).

#[path = "support/any_order.rs"]
mod any_order;
#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/hostile_files.rs"]
mod hostile_files;

use corpus::each;

#[test]
fn every_trace_of_the_corpus_is_judged_or_refused() {
    each("trace", hostile_files::trace);
}

#[test]
fn every_scenario_of_the_corpus_is_read_or_refused_at_its_place() {
    each("scenario", hostile_files::scenario);
}

#[test]
fn every_life_of_the_corpus_keeps_the_laws_and_ends() {
    each("scheduler", any_order::live);
}
