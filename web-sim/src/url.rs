//! The page's address: what it asks for, and how a link to a moment is written.
//!
//! A query is parsed into [`Query`], every value of which is legal; what is not is told by
//! [`BadParameter`] and left at its default. Parameters of others (`utm_source` and its kin) pass.
//! The parameters one by one are in [`parameter`].

mod parameter;

use std::fmt;

use scheduler_model::scenario::{OnFull, QueueBound};
use scheduler_model::{Model, RequestId, RouteId, SimTime, Span};

use crate::lessons::Lesson;
use crate::messages::Language;
use crate::scenarios::Shipped;
use crate::session::Speed;

pub(crate) use parameter::Parameter;

/// What an address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// Shown in a frame of another page, without what that page has itself.
    pub(crate) embed: bool,
    /// In whose words the outer page is told of the height.
    pub(crate) resize: Resize,
    /// The scenario; the book's unless told.
    pub(crate) scenario: Option<Shipped>,
    /// The lesson, whose scenario goes before any other.
    pub(crate) lesson: Option<Lesson>,
    /// The models, in the book's order and each once; those of the scenario when empty.
    pub(crate) models: Vec<Model>,
    /// After how many events; where the scenario begins unless told.
    pub(crate) step: Option<usize>,
    /// What is changed in the scenario.
    pub(crate) changes: Changes,
    /// What is sent besides, in the order in which it was.
    pub(crate) sent: Vec<Sent>,
    /// The request that is asked about.
    pub(crate) request: Option<RequestId>,
    /// How fast it plays.
    pub(crate) speed: Speed,
    /// The language; the browser's when not told.
    pub(crate) language: Option<Language>,
    /// The theme; the system's when not told.
    pub(crate) theme: Option<Theme>,
}

/// What is changed in a scenario; what is not told stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// The seed of every random draw.
    pub(crate) seed: Option<u64>,
    /// How many cores the computer has.
    pub(crate) cores: Option<u32>,
    /// What it costs a core to change threads.
    pub(crate) context_switch: Option<Span>,
    /// What it takes to start a thread.
    pub(crate) spawn: Option<Span>,
    /// What it takes to hand a request to a worker.
    pub(crate) dispatch: Option<Span>,
    /// What the server itself needs for each request.
    pub(crate) accept: Option<Span>,
    /// How many workers a pool has.
    pub(crate) workers: Option<u32>,
    /// How many requests may wait for a worker.
    pub(crate) queue: Option<QueueBound>,
    /// What a full queue does to an arrival.
    pub(crate) on_full: Option<OnFull>,
}

/// Requests that a reader sent at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// When.
    pub(crate) at: SimTime,
    /// What for.
    pub(crate) route: RouteId,
    /// How many, at least one.
    pub(crate) count: u32,
}

/// A parameter whose value means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadParameter {
    /// Which.
    pub(crate) parameter: Parameter,
    /// Its value, cut short where it is long.
    pub(crate) given: String,
    /// What might stand there.
    pub(crate) allowed: String,
}

/// A theme that somebody chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    Dark,
    Light,
    /// Large type and strong contrast, for a lit room.
    Projector,
}

/// In whose words an outer page is told how high this one is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Resize {
    /// Canvas and other tools that read LTI's `lti.frameResize`.
    Lti,
    /// Open edX's `plugin.resize`.
    OpenEdx,
    /// The page's own.
    #[default]
    Own,
}

impl Query {
    /// Parses what follows the `?` of an address, with all that is wrong with it.
    pub(crate) fn parse(query: &str) -> (Self, Vec<BadParameter>) {
        let mut parsed = Self::default();
        let mut bad = Vec::new();
        let pairs = query.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty());
        for pair in pairs {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name), decoded(value));
            let Some(parameter) = Parameter::of_name(&name) else { continue };
            if let Err(allowed) = parameter.take(&mut parsed, &value) {
                bad.push(BadParameter::new(parameter, &value, allowed));
            }
        }
        (parsed, bad)
    }

    /// The scenario asked for, be it a lesson's.
    pub(crate) fn shipped(&self) -> Shipped {
        self.lesson.map_or(self.scenario.unwrap_or(Shipped::Book), Shipped::OfLesson)
    }

    /// Whether every chat and every mail carries a link with this query whole.
    pub(crate) fn is_short(&self) -> bool {
        self.to_string().len() <= LINK_BYTES_MAX
    }
}

impl fmt::Display for Query {
    /// Writes the query with its `?`; parsing that gives the same again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = Parameter::ALL
            .into_iter()
            .filter_map(|parameter| Some((parameter.name(), parameter.write(self)?)));
        for (index, (name, value)) in written.enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            write!(f, "{mark}{name}={value}")?;
        }
        Ok(())
    }
}

impl BadParameter {
    /// What is wrong with the value of a parameter.
    pub(crate) fn new(parameter: Parameter, given: &str, allowed: String) -> Self {
        let mut shown: String = given.chars().take(GIVEN_CHARS_MAX).collect();
        if shown.len() < given.len() {
            shown.push('…');
        }
        Self { parameter, given: shown, allowed }
    }
}

impl Theme {
    /// All of them, in the order in which the page's button goes through them.
    pub(crate) const ALL: [Self; 3] = [Self::Dark, Self::Light, Self::Projector];

    /// Its name in links, in storage and in style sheets.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Projector => "projector",
        }
    }
}

impl Resize {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Own, Self::Lti, Self::OpenEdx];

    /// Its name in links.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Lti => "lti",
            Self::OpenEdx => "openedx",
            Self::Own => "own",
        }
    }
}

/// Percent signs and pluses undone; what is no UTF-8 then becomes U+FFFD.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let hex = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = hex.filter(|pair| pair.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match (first, byte.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (b'+', _) => bytes.push(b' '),
            (&other, _) => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Two kilobytes: what mail programs, chats and old proxies pass on uncut, address included.
const LINK_BYTES_MAX: usize = 1_900;
/// Of a value that means nothing, this much is shown.
const GIVEN_CHARS_MAX: usize = 60;

#[cfg(test)]
mod docs;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
