//! Conditions that a request sets: what its client has already, or what it must not have lost.
//!
//! They are judged for files, which have a date. Entity tags this server has none, so that a tag in a
//! condition matches nothing; `*` matches whatever is there. Ranges are not here: none are answered.

use std::time::{Duration, SystemTime};

use crate::http::Request;

/// What becomes of a request that would be answered 200.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// It is answered as if it had set no condition.
    Go,
    /// The client's copy is good: 304.
    NotModified,
    /// It is not to be answered then: 412.
    Failed,
}

/// Judges a GET or HEAD of something that was modified then, in the order of RFC 9110 §13.2.2.
pub(super) fn judge(request: &Request<'_>, modified: Option<SystemTime>) -> Verdict {
    let may_go = match request.field("if-match") {
        Some(tags) => tags == b"*",
        None => is_as_old(request, "if-unmodified-since", modified).unwrap_or(true),
    };
    if !may_go {
        return Verdict::Failed;
    }
    let has_copy = match request.field("if-none-match") {
        Some(tags) => tags == b"*",
        None => is_as_old(request, "if-modified-since", modified).unwrap_or(false),
    };
    if has_copy { Verdict::NotModified } else { Verdict::Go }
}

/// Whether it was modified no later than this field says: seconds count (RFC 9110 §8.8.2). A date that
/// is none is no condition, nor is one about something without a date.
fn is_as_old(
    request: &Request<'_>,
    field: &'static str,
    modified: Option<SystemTime>,
) -> Option<bool> {
    let date = str::from_utf8(request.field(field)?).ok()?;
    let date = httpdate::parse_http_date(date).ok()?;
    Some(modified? < date + Duration::from_secs(1))
}
