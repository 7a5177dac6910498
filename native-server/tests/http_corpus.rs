//! The conversations that the fuzzer has gathered, once more (`fuzz/README.md`).

#[path = "support/conversation.rs"]
mod conversation;
#[path = "../../scheduler-model/tests/support/corpus.rs"]
mod corpus;

#[test]
fn every_conversation_of_the_corpus_is_answered_alike_however_it_is_cut() {
    corpus::each("http_connection", conversation::hold);
}
