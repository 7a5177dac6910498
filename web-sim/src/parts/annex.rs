//! What the annex can be asked: whatever needs files, exports or long computations.
//!
//! Both ends are here, so that they cannot differ; what it does is in [`crate::annex`].

use scheduler_model::trace::Trace;
use scheduler_model::{Event, wire};

use super::Question;

/// A trace, as a file.
pub(crate) struct Write {
    pub(crate) trace: Trace,
}

wire!(struct Write { trace });

impl Question for Write {
    const NUMBER: u8 = 1;
    /// The bytes of the file.
    type Answer = Vec<u8>;
}

/// Lines of a running server's feed.
pub(crate) struct Follow {
    /// Whether they open a section; otherwise they are more of the one before.
    pub(crate) opens: bool,
    pub(crate) lines: String,
}

/// What they say.
pub(crate) struct Heard {
    /// The section that they open, without events.
    pub(crate) section: Option<Trace>,
    pub(crate) events: Vec<Event>,
    /// Whether so much of this section was read that another one should be asked for.
    pub(crate) is_long: bool,
}

wire!(struct Follow { opens, lines });
wire!(struct Heard { section, events, is_long });

impl Question for Follow {
    const NUMBER: u8 = 2;
    /// Or why a trace cannot have these lines, in one line.
    type Answer = Result<Heard, String>;
}

/// What came out of a file that was opened, or why nothing did, in one line; `None` in place of it
/// when the browser could not read it.
pub(crate) type Opened = Result<(Trace, Judgement), Option<String>>;

/// Whether a trace is a path of the model: what `conform` prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    pub(crate) decisions: u64,
    pub(crate) difference: Option<Difference>,
}

/// Where trace and model part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) seq: u64,
    /// As JSON: what the model does there, and what the file has.
    pub(crate) expected: String,
    pub(crate) found: String,
}

wire!(struct Judgement { decisions, difference });
wire!(struct Difference { seq, expected, found });
