//! JSON (RFC 8259), read into [`Node`]s.
//!
//! `serde_json` reads it too, but forgets lines and the last bit of some decimal numbers (unless it
//! is built with a slower and larger reader). It reads the events of a trace, which have neither.

use super::show::near;
use super::{Node, Value};
use crate::scenario::ScenarioError;

/// Reads a JSON text whose first line has this number.
pub(crate) fn parse(file: &str, line: usize, text: &str) -> Result<Node, ScenarioError> {
    let mut reader = Reader { text, position: 0, line };
    let read = reader.value(0).and_then(|node| {
        reader.skip_space();
        if reader.rest().is_empty() { Ok(node) } else { Err("the end of the text") }
    });
    read.map_err(|allowed| {
        let near = match reader.rest().lines().next() {
            None => "the end".to_owned(),
            Some("") => "the end of the line".to_owned(),
            Some(rest) => near(rest),
        };
        let message = format!("not JSON, allowed is {allowed}");
        ScenarioError::Syntax { file: file.to_owned(), line: reader.line, near, message }
    })
}

/// How far a text has been read. The error of each method is what would have been allowed.
struct Reader<'a> {
    text: &'a str,
    position: usize,
    line: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    /// Takes this text if it comes next.
    fn takes(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.position += expected.len();
        }
        found
    }

    fn skip_space(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\n' | b'\r')) = self.peek() {
            self.position += 1;
            self.line += usize::from(byte == b'\n');
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, &'static str> {
        self.skip_space();
        let line = self.line;
        let value = match self.peek() {
            Some(b'{' | b'[') if depth == DEPTH_MAX => {
                return Err("a nesting of at most 32 levels");
            }
            Some(b'{') => Value::Table(self.table(depth + 1)?),
            Some(b'[') => Value::List(self.list(depth + 1)?),
            Some(b'"') => Value::Text(self.text()?),
            Some(b'-' | b'0'..=b'9') => Value::Number(self.number()?),
            _ if self.takes("true") => Value::Boolean(true),
            _ if self.takes("false") => Value::Boolean(false),
            _ if self.takes("null") => Value::Null,
            _ => return Err("a value"),
        };
        Ok(Node { line, value })
    }

    fn table(&mut self, depth: usize) -> Result<Vec<(String, Node)>, &'static str> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        // Tables are short, but a stranger's may not be: a set keeps the search for duplicates
        // from growing with the square of their length.
        let mut names = std::collections::BTreeSet::new();
        self.position += 1;
        self.skip_space();
        if self.takes("}") {
            return Ok(entries);
        }
        loop {
            self.skip_space();
            let before = self.position;
            if self.peek() != Some(b'"') {
                return Err("a key in quotation marks");
            }
            let name = self.text()?;
            if !names.insert(name.clone()) {
                self.position = before;
                return Err("each key once");
            }
            let line = self.line;
            self.skip_space();
            if !self.takes(":") {
                return Err("`:`");
            }
            let value = self.value(depth)?.value;
            entries.push((name, Node { line, value }));
            self.skip_space();
            match self.peek() {
                Some(b',') => self.position += 1,
                Some(b'}') => break,
                _ => return Err("`,` or `}`"),
            }
        }
        self.position += 1;
        Ok(entries)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, &'static str> {
        let mut nodes = Vec::new();
        self.position += 1;
        self.skip_space();
        if self.takes("]") {
            return Ok(nodes);
        }
        loop {
            nodes.push(self.value(depth)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.position += 1,
                Some(b']') => break,
                _ => return Err("`,` or `]`"),
            }
        }
        self.position += 1;
        Ok(nodes)
    }

    fn number(&mut self) -> Result<String, &'static str> {
        let start = self.position;
        self.takes("-");
        if !self.takes("0") {
            self.digits()?;
        }
        if self.takes(".") {
            self.digits()?;
        }
        if self.takes("e") || self.takes("E") {
            let _ = self.takes("+") || self.takes("-");
            self.digits()?;
        }
        Ok(self.text[start..self.position].to_owned())
    }

    fn digits(&mut self) -> Result<(), &'static str> {
        let start = self.position;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.position += 1;
        }
        if self.position == start { Err("a digit") } else { Ok(()) }
    }

    fn text(&mut self) -> Result<String, &'static str> {
        let mut text = String::new();
        self.position += 1;
        loop {
            let rest = self.rest();
            let plain = rest.find(|c| c == '"' || c == '\\' || c < ' ').unwrap_or(rest.len());
            text.push_str(&rest[..plain]);
            self.position += plain;
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => text.push(self.escape()?),
                _ => return Err("a text that ends in `\"` on its line"),
            }
        }
        self.position += 1;
        Ok(text)
    }

    fn escape(&mut self) -> Result<char, &'static str> {
        const ALLOWED: &str = r#"one of \" \\ \/ \b \f \n \r \t \uXXXX"#;
        const PLAIN: [(&str, char); 8] = [
            ("\\\"", '"'),
            ("\\\\", '\\'),
            ("\\/", '/'),
            ("\\b", '\u{8}'),
            ("\\f", '\u{c}'),
            ("\\n", '\n'),
            ("\\r", '\r'),
            ("\\t", '\t'),
        ];
        if let Some((_, c)) = PLAIN.iter().find(|(escape, _)| self.takes(escape)) {
            return Ok(*c);
        }
        let first = self.unit().ok_or(ALLOWED)?;
        let units = if (0xd800..0xdc00).contains(&first) {
            vec![first, self.unit().ok_or("the second half of a surrogate pair")?]
        } else {
            vec![first]
        };
        let c = char::decode_utf16(units).next().and_then(Result::ok);
        c.ok_or("a Unicode character")
    }

    /// One `\uXXXX`.
    fn unit(&mut self) -> Option<u16> {
        let digits = self.rest().strip_prefix("\\u")?.get(..4)?;
        let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let unit = u16::from_str_radix(digits, 16).ok().filter(|_| all_hex)?;
        self.position += 6;
        Some(unit)
    }
}

/// How deep lists and tables may be nested; a scenario needs 5.
const DEPTH_MAX: usize = 32;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_those_on_which_keys_and_elements_begin() {
        let text = "{\n \"a\":\n  [1,\n   2]}";
        let Value::Table(entries) = parse("f", 1, text).unwrap().value else { panic!("a table") };
        let [(_, list)] = entries.as_slice() else { panic!("one entry") };
        let Value::List(elements) = &list.value else { panic!("a list") };
        assert_eq!((list.line, elements[0].line, elements[1].line), (2, 3, 4));
    }

    proptest! {
        #[test]
        fn it_reads_what_serde_json_reads(text in json_like()) {
            let ours = parse("f", 1, &text).ok().map(|node| plain(&node.value));
            let theirs = serde_json::from_str::<serde_json::Value>(&text).ok();
            prop_assert_eq!(ours, theirs, "{}", text);
        }
    }

    /// Texts that are JSON, or nearly so. Not among them is what the two readers judge differently
    /// on purpose: a key given twice, and numbers beyond `f64`.
    fn json_like() -> impl Strategy<Value = String> {
        let token = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"b\"",
            "\"\\u00e9\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\n\\/\"",
            "\"\\q\"",
            "\"\n\"",
            "0",
            "-1",
            "01",
            "1.5",
            "1.",
            ".5",
            "2e3",
            "2e",
            "-",
            "true",
            "null",
            "nul",
            " ",
            "\n",
            "é",
        ]);
        let leaf = prop::sample::select(vec![
            "1",
            "-0.5",
            "2E-2",
            "\"\"",
            "\"x\\ty\"",
            "\"\\u00e9\"",
            "true",
            "false",
            "null",
        ]);
        let tree = leaf.prop_map(str::to_owned).prop_recursive(4, 20, 3, |inner| {
            let list = prop::collection::vec(inner.clone(), 0..3);
            let table = prop::collection::btree_map("[a-c]{1,2}", inner, 0..3);
            prop_oneof![
                list.prop_map(|list| format!("[{}]", list.join(" , "))),
                table.prop_map(|table| {
                    let entry = |(key, value)| format!("\"{key}\" :{value}");
                    format!("{{{}}}", table.into_iter().map(entry).collect::<Vec<_>>().join(","))
                }),
            ]
        });
        let soup = prop::collection::vec(token, 0..8).prop_map(|tokens| tokens.concat());
        let once =
            |text: &String| text.matches("\"a\"").count() < 2 && text.matches("\"b\"").count() < 2;
        prop_oneof![tree, soup.prop_filter("each key once", once)]
    }

    fn plain(value: &Value) -> serde_json::Value {
        match value {
            Value::Boolean(value) => (*value).into(),
            Value::Date => unreachable!("JSON has no dates"),
            Value::List(nodes) => nodes.iter().map(|node| plain(&node.value)).collect(),
            Value::Null => serde_json::Value::Null,
            Value::Number(text) => serde_json::from_str(text).unwrap(),
            Value::Table(entries) => {
                entries.iter().map(|(key, node)| (key.clone(), plain(&node.value))).collect()
            }
            Value::Text(text) => text.as_str().into(),
        }
    }
}
