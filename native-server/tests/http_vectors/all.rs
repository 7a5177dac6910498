//! The vectors: requests and the one thing each may mean.
//!
//! The tables are in the modules below, one for each part of RFC 9112 where servers differ.

mod chunks;
mod content_length;
mod fields;
mod host;
mod messages;
mod other_protocols;
mod request_line;
pub(crate) mod run;
mod sizes;
mod target;
mod transfer_encoding;

use std::borrow::Cow;

/// One input and what it means.
pub(crate) struct Vector {
    pub(crate) claim: &'static str,
    pub(crate) input: Cow<'static, [u8]>,
    pub(crate) outcome: Cow<'static, str>,
}

impl Vector {
    fn new(
        claim: &'static str,
        input: impl Into<Cow<'static, [u8]>>,
        outcome: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { claim, input: input.into(), outcome: outcome.into() }
    }
}

/// A table's row: a claim, the part of the message that it is about, the outcome.
type Row = (&'static str, &'static [u8], &'static str);

/// All of them.
pub(crate) fn vectors() -> impl Iterator<Item = Vector> {
    request_line::vectors()
        .chain(target::vectors())
        .chain(host::vectors())
        .chain(fields::vectors())
        .chain(content_length::vectors())
        .chain(transfer_encoding::vectors())
        .chain(chunks::vectors())
        .chain(messages::vectors())
        .chain(other_protocols::vectors())
        .chain(sizes::vectors())
}
