//! Showing what a stranger's file says, within one line: short, escaped, and on the terminal's
//! terms.

use std::fmt;

use super::Value;

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Date => f.write_str("a date"),
            Self::List(nodes) => write!(f, "a list of {}", nodes.len()),
            Self::Null => f.write_str("null"),
            Self::Number(text) => f.write_str(&cut(text)),
            Self::Table(_) => f.write_str("a table"),
            Self::Text(text) => write!(f, "{:?}", cut(text)),
        }
    }
}

/// A key as TOML would write it: bare where that is possible, else quoted.
pub(super) fn shown_key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let name = cut(name);
    if !name.is_empty() && name.chars().all(bare) { name } else { format!("{name:?}") }
}

/// The beginning of a text: enough to know it again.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The beginning of a text in a foreign syntax, for a message that says where it stopped making
/// sense.
pub(super) fn near(text: &str) -> String {
    one_line(&cut(text.trim()))
}

/// A message of another crate, which may quote the file at any length.
pub(crate) fn one_line(message: &str) -> String {
    let printable = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    let n_chars = message.chars().count();
    if n_chars <= 2 * MESSAGE_MAX {
        return message.chars().map(printable).collect();
    }
    let start = message.chars().take(MESSAGE_MAX).map(printable);
    let end = message.chars().skip(n_chars - MESSAGE_MAX).map(printable);
    start.chain(['…']).chain(end).collect()
}

/// How many characters of a value an error shows.
const SHOWN_MAX: usize = 60;

/// How many characters a message keeps at either end.
const MESSAGE_MAX: usize = 200;
