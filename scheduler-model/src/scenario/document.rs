//! A text before it means anything: values, each with the line it stands on.
//!
//! TOML and JSON become the same [`Node`]s, so that one reader turns either into a scenario and
//! says the same about its mistakes. Serde's data model would do for the values, but it forgets
//! lines (JSON), the order of keys (TOML) and what else would have been allowed (either-or
//! values); the messages are worth more here than the derived code. What the values must be is in
//! [`super::parse`].

pub(crate) mod json;
mod show;
pub(crate) mod toml;

use super::{Ranged, ScenarioError};
use crate::Span;

pub(crate) use show::one_line;
use show::shown_key;

/// A value and the line it stands on, counted from 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) line: usize,
    pub(crate) value: Value,
}

/// What TOML and JSON can say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Boolean(bool),
    Date,
    List(Vec<Node>),
    Null,
    /// As written, since neither `f64` nor an integer holds every number that can be written.
    Number(String),
    /// In file order, without duplicates.
    Table(Vec<(String, Node)>),
    Text(String),
}

/// A value and how it was reached: what an error has to name.
#[derive(Clone, Debug)]
pub(crate) struct At<'a> {
    file: &'a str,
    key: String,
    node: &'a Node,
}

/// A table all of whose keys are known ones.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a> {
    at: At<'a>,
    entries: &'a [(String, Node)],
}

/// The unit in which the file gives a time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    Microsecond,
    Millisecond,
}

impl<'a> At<'a> {
    /// The whole document.
    pub(crate) fn root(file: &'a str, node: &'a Node) -> Self {
        Self { file, key: String::new(), node }
    }

    pub(crate) fn file(&self) -> &'a str {
        self.file
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The table here, which may have these keys and no others.
    pub(crate) fn fields(&self, allowed: &[&str]) -> Result<Fields<'a>, ScenarioError> {
        let entries = self.entries("a table")?;
        if let Some((name, node)) = entries.iter().find(|(name, _)| !allowed.contains(&&**name)) {
            return Err(self.child(name, node).unknown(&allowed.join(", ")));
        }
        Ok(Fields { at: self.clone(), entries })
    }

    /// The keys and values of the table here, whatever the keys.
    pub(crate) fn table(&self, allowed: &str) -> Result<Vec<(&'a str, Self)>, ScenarioError> {
        let entries = self.entries(allowed)?;
        Ok(entries.iter().map(|(name, node)| (name.as_str(), self.child(name, node))).collect())
    }

    /// The elements of the list here.
    pub(crate) fn list(&self, allowed: &str) -> Result<Vec<Self>, ScenarioError> {
        let Value::List(nodes) = &self.node.value else { return Err(self.illegal(allowed)) };
        let element =
            |(index, node)| Self { file: self.file, key: format!("{}[{index}]", self.key), node };
        Ok(nodes.iter().enumerate().map(element).collect())
    }

    /// The whole number here; `or` is what else might stand here.
    pub(crate) fn ranged<const MIN: u32, const MAX: u32>(
        &self,
        or: &str,
    ) -> Result<Ranged<MIN, MAX>, ScenarioError> {
        self.integer()
            .and_then(|given| Ranged::new(given).ok())
            .ok_or_else(|| self.illegal(&format!("{MIN}..={MAX}{}{or}", self.but_whole())))
    }

    pub(crate) fn whole(&self, min: u64, max: u64) -> Result<u64, ScenarioError> {
        self.integer()
            .and_then(|given| u64::try_from(given).ok())
            .filter(|given| (min..=max).contains(given))
            .ok_or_else(|| self.illegal(&format!("{min}..={max}{}", self.but_whole())))
    }

    pub(crate) fn decimal(&self, min: f64, max: f64) -> Result<f64, ScenarioError> {
        self.float()
            .filter(|given| (min..=max).contains(given))
            .ok_or_else(|| self.illegal(&format!("{min}..={max}")))
    }

    /// The time here, rounded to the nanosecond; `or` is what else might stand here.
    pub(crate) fn span(&self, unit: Unit, or: &str) -> Result<Span, ScenarioError> {
        let max = unit.max();
        let nanos = self.nanos(unit).filter(|_| self.float().is_some_and(|given| given >= 0.0));
        nanos
            .filter(|nanos| *nanos <= max * unit.nanos())
            .map(Span::from_nanos)
            .ok_or_else(|| self.illegal(&format!("0..={max}{or}")))
    }

    pub(crate) fn text(&self, allowed: &str) -> Result<&'a str, ScenarioError> {
        match &self.node.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.illegal(allowed)),
        }
    }

    /// One of these words.
    pub(crate) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, ScenarioError> {
        let given = match &self.node.value {
            Value::Text(text) => choices.iter().find(|(name, _)| name == text),
            _ => None,
        };
        given.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            self.illegal(&names.join(", "))
        })
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self.node.value, Value::Number(_))
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self.node.value, Value::Text(_))
    }

    /// The error that what stands here is not what may stand here.
    pub(crate) fn illegal(&self, allowed: &str) -> ScenarioError {
        ScenarioError::Illegal {
            file: self.file.to_owned(),
            line: self.node.line,
            key: if self.key.is_empty() { "the file".to_owned() } else { self.key.clone() },
            given: self.node.value.to_string(),
            allowed: allowed.to_owned(),
        }
    }

    /// The error that there is no such key as this one.
    pub(crate) fn unknown(&self, allowed: &str) -> ScenarioError {
        ScenarioError::UnknownKey {
            file: self.file.to_owned(),
            line: self.node.line,
            key: self.key.clone(),
            allowed: allowed.to_owned(),
        }
    }

    fn child(&self, name: &str, node: &'a Node) -> Self {
        Self { file: self.file, key: self.path_to(&shown_key(name)), node }
    }

    fn path_to(&self, name: &str) -> String {
        if self.key.is_empty() { name.to_owned() } else { format!("{}.{name}", self.key) }
    }

    fn entries(&self, allowed: &str) -> Result<&'a [(String, Node)], ScenarioError> {
        match &self.node.value {
            Value::Table(entries) => Ok(entries),
            _ => Err(self.illegal(allowed)),
        }
    }

    /// What to add to a range of whole numbers when the number here has decimals.
    fn but_whole(&self) -> &'static str {
        match &self.node.value {
            Value::Number(text) if text.contains(['.', 'e', 'E']) => ", without decimals",
            _ => "",
        }
    }

    fn integer(&self) -> Option<i128> {
        match &self.node.value {
            Value::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn float(&self) -> Option<f64> {
        match &self.node.value {
            Value::Number(text) => text.parse().ok().filter(|given: &f64| given.is_finite()),
            _ => None,
        }
    }

    /// The time here, if it is a number and below `u64::MAX` nanoseconds.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float's cast saturates; a range follows"
    )]
    #[expect(
        clippy::cast_sign_loss,
        reason = "a float's cast saturates; the sign is checked apart"
    )]
    #[expect(clippy::cast_precision_loss, reason = "1,000 and 1,000,000 are exact")]
    fn nanos(&self, unit: Unit) -> Option<u64> {
        if let Some(given) = self.integer() {
            return u64::try_from(given).ok()?.checked_mul(unit.nanos());
        }
        self.float().map(|given| (given * unit.nanos() as f64).round() as u64)
    }
}

impl<'a> Fields<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<At<'a>> {
        let (name, node) = self.entries.iter().find(|(key, _)| key == name)?;
        Some(self.at.child(name, node))
    }

    /// The value of this key, which has no default.
    pub(crate) fn require(&self, name: &str, allowed: &str) -> Result<At<'a>, ScenarioError> {
        self.get(name).ok_or_else(|| self.missing(name, allowed))
    }

    /// The error that a key without a default is not there; `name` may lead through tables that
    /// are not there either.
    pub(crate) fn missing(&self, name: &str, allowed: &str) -> ScenarioError {
        ScenarioError::Missing {
            file: self.at.file.to_owned(),
            line: self.at.node.line,
            key: self.at.path_to(name),
            allowed: allowed.to_owned(),
        }
    }

    /// The value of this key as `read` has it, or `default` without the key.
    pub(crate) fn or<T>(
        &self,
        name: &str,
        default: T,
        read: impl FnOnce(&At<'a>) -> Result<T, ScenarioError>,
    ) -> Result<T, ScenarioError> {
        self.get(name).map_or(Ok(default), |at| read(&at))
    }
}

impl Unit {
    /// Nanoseconds in one.
    pub(crate) const fn nanos(self) -> u64 {
        match self {
            Self::Microsecond => 1_000,
            Self::Millisecond => 1_000_000,
        }
    }

    /// The longest time of a file in this unit.
    pub(crate) const fn max(self) -> u64 {
        super::Scenario::TIME_MAX.as_nanos() / self.nanos()
    }
}
