//! The conversations that the fuzzer has gathered, once more (`fuzz/README.md`).

#[path = "support/conversation.rs"]
mod conversation;

use std::fs;
use std::path::Path;

#[test]
fn every_conversation_of_the_corpus_is_answered_alike_however_it_is_cut() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/http_connection");
    let inputs: Vec<_> = fs::read_dir(&folder)
        .expect("the corpus is kept")
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    assert!(inputs.len() > 100, "{} inputs in {}", inputs.len(), folder.display());
    for input in inputs {
        // The harness shows what is printed only of a test that failed.
        println!("{}", input.display());
        conversation::hold(&fs::read(&input).expect("it can be read"));
    }
}
