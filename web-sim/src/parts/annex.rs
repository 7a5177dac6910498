//! What the annex can be asked: whatever needs files, exports or long computations.
//!
//! Both ends are here, so that they cannot differ; what it does is in [`crate::annex`].

use scheduler_model::scenario::Server;
use scheduler_model::trace::Trace;
use scheduler_model::{Event, Scenario, wire};

use super::Question;
use crate::messages::Language;
use crate::views::what_if::Asked;

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

/// What queueing theory says of this run's scenario, beside what came out of the run.
pub(crate) struct Compare {
    pub(crate) language: Language,
    pub(crate) trace: Trace,
}

/// The figures, or a sentence on why there are none.
pub(crate) type Comparison = Result<Compared, String>;

/// Figures of a run and of theory, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Compared {
    /// The law that theory's figures come from.
    pub(crate) basis: String,
    /// Over the three columns.
    pub(crate) columns: Vec<String>,
    pub(crate) figures: Vec<Figure>,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) run: String,
    /// Half of the width of its confidence interval.
    pub(crate) interval: Option<String>,
    pub(crate) theory: String,
}

wire!(struct Compare { language, trace });
wire!(struct Compared { basis, columns, figures });
wire!(struct Figure { name, run, interval, theory });

impl Question for Compare {
    const NUMBER: u8 = 8;
    type Answer = Comparison;
}

/// What a pool can be made to do wrong, in words.
pub(crate) struct Flaws {
    pub(crate) language: Language,
}

/// Begins to check every order of events; one search at a time.
pub(crate) struct CheckBegins {
    pub(crate) language: Language,
    pub(crate) scenario: Scenario,
    /// The place of a flaw among [`Flaws`].
    pub(crate) flaw: Option<u8>,
}

/// Goes on with the search for this many states.
pub(crate) struct CheckGoesOn {
    pub(crate) states: u16,
}

/// How far the search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CheckProgress {
    pub(crate) states: u64,
    /// Steps from the beginning to the farthest of them.
    pub(crate) depth: u64,
    pub(crate) goes_on: bool,
}

/// What was found.
pub(crate) struct CheckReport {
    pub(crate) language: Language,
}

/// What must hold, and whether it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PropertyFound {
    pub(crate) name: String,
    /// None where nothing happened that could have broken it.
    pub(crate) holds: Option<bool>,
    /// Events of a shortest run that breaks it.
    pub(crate) events: Option<usize>,
}

/// The run that breaks the property with this place in the report.
pub(crate) struct Counterexample {
    pub(crate) place: u8,
}

wire!(struct Flaws { language });
wire!(struct CheckBegins { language, scenario, flaw });
wire!(struct CheckGoesOn { states });
wire!(struct CheckProgress { states, depth, goes_on });
wire!(struct CheckReport { language });
wire!(struct PropertyFound { name, holds, events });
wire!(struct Counterexample { place });

impl Question for Flaws {
    const NUMBER: u8 = 3;
    type Answer = Vec<String>;
}

impl Question for CheckBegins {
    const NUMBER: u8 = 4;
    /// Or a sentence on why it cannot be checked.
    type Answer = Result<(), String>;
}

impl Question for CheckGoesOn {
    const NUMBER: u8 = 5;
    /// None where no search has begun.
    type Answer = Option<CheckProgress>;
}

impl Question for CheckReport {
    const NUMBER: u8 = 6;
    type Answer = Vec<PropertyFound>;
}

impl Question for Counterexample {
    const NUMBER: u8 = 7;
    type Answer = Option<(Trace, Judgement)>;
}

/// How other servers would have fared with the requests of a run.
pub(crate) struct WhatIf {
    pub(crate) language: Language,
    pub(crate) trace: Trace,
    pub(crate) asked: Asked,
}

/// The answer to [`WhatIf`], or a sentence on why there is none.
pub(crate) type Fared = Result<Answer, String>;

/// What one server would have done with the requests of a run, event by event.
pub(crate) struct RunAgain {
    pub(crate) language: Language,
    pub(crate) trace: Trace,
    pub(crate) server: Server,
}

/// The answer to [`RunAgain`], or a sentence on why there is none.
pub(crate) type Again = Result<Trace, String>;

/// How servers fared and would have, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// What came of what was asked, in a sentence.
    pub(crate) said: String,
    /// Over the figures.
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<AnswerRow>,
}

/// One server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AnswerRow {
    pub(crate) server: String,
    /// Whether it was so, or is simulated.
    pub(crate) source: String,
    /// What to put on the stage; nothing for how it was.
    pub(crate) would: Option<Server>,
    pub(crate) figures: Vec<String>,
}

wire!(struct WhatIf { language, trace, asked });
wire!(enum Asked { 0 AllModels(server), 1 One(server) });
wire!(struct Answer { said, columns, rows });
wire!(struct AnswerRow { server, source, would, figures });
wire!(struct RunAgain { language, trace, server });
