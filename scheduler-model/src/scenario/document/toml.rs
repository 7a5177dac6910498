//! TOML, read into [`Node`]s and written from them.

use std::fmt::Write as _;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::show::near;
use super::{Node, Value};
use crate::scenario::ScenarioError;

/// Reads a TOML text.
pub(crate) fn parse(file: &str, text: &str) -> Result<Node, ScenarioError> {
    let lines = Lines::of(text);
    match DeTable::parse(text) {
        Ok(root) => Ok(Node { line: 1, value: table(root.into_inner(), &lines) }),
        Err(error) => {
            let start = error.span().map_or(0, |span| span.start);
            let line = lines.number(start);
            let found = text.lines().nth(line - 1).unwrap_or_default();
            Err(ScenarioError::Syntax {
                file: file.to_owned(),
                line,
                near: near(found),
                message: message(&error),
            })
        }
    }
}

/// What the crate says, in this crate's words.
fn message(error: &toml::de::Error) -> String {
    match error.message() {
        "duplicate key" => "duplicate key, allowed is each key once".to_owned(),
        message => message.replace('\n', "; ").replace(", expected ", ", allowed is "),
    }
}

/// Writes a table as a TOML text; tables inside it get a heading each, what is deeper stays on the
/// line.
pub(crate) fn print(entries: &[(String, Node)]) -> String {
    let mut text = String::new();
    let is_table = |node: &Node| matches!(node.value, Value::Table(_));
    let mut tables = Vec::new();
    for (name, node) in entries {
        match &node.value {
            Value::Table(entries) => tables.push((format!("[{}]", key(name)), entries)),
            Value::List(nodes) if !nodes.is_empty() && nodes.iter().all(is_table) => {
                for node in nodes {
                    if let Value::Table(entries) = &node.value {
                        tables.push((format!("[[{}]]", key(name)), entries));
                    }
                }
            }
            _ => print_entry(&mut text, name, node),
        }
    }
    for (heading, entries) in tables {
        let _ = write!(text, "\n{heading}\n");
        for (name, node) in entries {
            print_entry(&mut text, name, node);
        }
    }
    text
}

fn print_entry(text: &mut String, name: &str, node: &Node) {
    let _ = writeln!(text, "{} = {}", key(name), inline(&node.value));
}

/// A value on one line.
fn inline(value: &Value) -> String {
    match value {
        Value::Boolean(value) => value.to_string(),
        Value::Number(text) => text.clone(),
        Value::Text(text) => quoted(text),
        Value::List(nodes) => {
            let nodes: Vec<_> = nodes.iter().map(|node| inline(&node.value)).collect();
            format!("[{}]", nodes.join(", "))
        }
        Value::Table(entries) => {
            let entry =
                |(name, node): &(String, Node)| format!("{} = {}", key(name), inline(&node.value));
            let entries: Vec<_> = entries.iter().map(entry).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Date | Value::Null => unreachable!("a scenario has neither dates nor nulls"),
    }
}

fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { quoted(name) }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn table(table: DeTable<'_>, lines: &Lines) -> Value {
    // The crate sorts keys; where they stand in the file says how they were written.
    let mut entries: Vec<_> = table.into_iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    let entry = |(name, value): (Spanned<_>, Spanned<DeValue<'_>>)| {
        let line = lines.number(name.span().start);
        let name: std::borrow::Cow<'_, str> = name.into_inner();
        (name.into_owned(), Node { line, value: self::value(value.into_inner(), lines) })
    };
    Value::Table(entries.into_iter().map(entry).collect())
}

fn value(given: DeValue<'_>, lines: &Lines) -> Value {
    match given {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(integer) => {
            let decimal = i128::from_str_radix(integer.as_str(), integer.radix());
            Value::Number(decimal.map_or_else(|_| integer.to_string(), |value| value.to_string()))
        }
        DeValue::Float(float) => Value::Number(float.as_str().to_owned()),
        DeValue::Boolean(value) => Value::Boolean(value),
        DeValue::Datetime(_) => Value::Date,
        DeValue::Array(elements) => {
            let node = |element: Spanned<_>| Node {
                line: lines.number(element.span().start),
                value: value(element.into_inner(), lines),
            };
            Value::List(elements.into_iter().map(node).collect())
        }
        DeValue::Table(given) => table(given, lines),
    }
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let next = text.match_indices('\n').map(|(end, _)| end + 1);
        Self(std::iter::once(0).chain(next).collect())
    }

    /// The line, from 1, of what stands at this byte.
    fn number(&self, byte: usize) -> usize {
        self.0.partition_point(|&start| start <= byte)
    }
}
