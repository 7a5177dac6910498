//! A request as a handler sees it: a view into its connection's input.

use std::borrow::Cow;

use super::{Fields, Target, Version, head::Head};

/// A whole request: head and body are there and valid.
///
/// It borrows from its connection, so that it costs no allocation, and ends with the answer:
///
/// ```
/// use native_server::http::{Connection, HttpDate, Limits, Step};
///
/// let date = HttpDate::new(std::time::SystemTime::now());
/// let mut connection = Connection::new(Limits::default());
/// connection.receive(b"GET /sleep%21?ms=20 HTTP/1.1\r\nHost: localhost\r\n\r\n");
/// let Step::Request(request) = connection.poll(&date) else { panic!("it is complete") };
/// assert_eq!(request.method(), "GET");
/// assert_eq!(request.path(), "/sleep!");
/// assert_eq!(request.query_value("ms"), Some("20"));
/// assert_eq!(request.field("host"), Some(&b"localhost"[..]));
/// ```
#[derive(Clone, Debug)]
pub struct Request<'a> {
    head: &'a Head,
    line: &'a [u8],
    /// The path, if it is there as it is.
    path: Option<&'a str>,
    fields: Fields<'a>,
    body: &'a [u8],
}

impl<'a> Request<'a> {
    /// `bytes` begin with the head that was found valid.
    pub(super) fn new(head: &'a Head, bytes: &'a [u8], body: &'a [u8]) -> Self {
        let (line, fields) = bytes[..head.len].split_at(head.line.len());
        let path = head.line.plain_path(line);
        Self { head, line, path, fields: Fields::of_valid(fields, head.names), body }
    }

    /// The method, in the case it came in: methods are case-sensitive (RFC 9110 §9.1).
    pub fn method(&self) -> &'a str {
        self.head.line.method(self.line)
    }

    /// The target as it came.
    pub fn target(&self) -> &'a str {
        self.head.line.target(self.line)
    }

    /// The target taken apart, not decoded.
    pub fn target_form(&self) -> Target<'a> {
        Target::split(self.target())
    }

    /// The path, percent-decoded once: `/` for an absolute target without one, `*` for `*` and for
    /// OPTIONS of a whole host (RFC 9112 §3.2.4), empty for CONNECT.
    ///
    /// It holds no NUL and is UTF-8, but may hold `..`, an encoded slash that is a slash now, and
    /// control characters: what they mean to a file system is for the reader of files to refuse.
    pub fn path(&self) -> Cow<'a, str> {
        if let Some(path) = self.path {
            return Cow::Borrowed(path);
        }
        match self.target_form() {
            Target::Absolute { path: "", query: None, .. } if self.method() == "OPTIONS" => {
                Cow::Borrowed("*")
            }
            Target::Absolute { path: "", .. } => Cow::Borrowed("/"),
            Target::Absolute { path, .. } | Target::Origin { path, .. } => {
                Target::decode_checked(path)
            }
            Target::Asterisk => Cow::Borrowed("*"),
            Target::Authority(_) => Cow::Borrowed(""),
        }
    }

    /// What follows the first question mark, not decoded.
    pub fn query(&self) -> Option<&'a str> {
        match self.target_form() {
            Target::Absolute { query, .. } | Target::Origin { query, .. } => query,
            Target::Asterisk | Target::Authority(_) => None,
        }
    }

    /// The first `name=value` of the query, not decoded; empty for a name alone.
    pub fn query_value(&self, name: &str) -> Option<&'a str> {
        self.query()?
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .find(|&(other, _)| other == name)
            .map(|(_, value)| value)
    }

    /// Host and port the request is for; the target's win over `Host` (RFC 9112 §3.2.2). `None` only
    /// in HTTP/1.0.
    pub fn host(&self) -> Option<&'a str> {
        match self.target_form() {
            Target::Absolute { authority, .. } | Target::Authority(authority) => Some(authority),
            Target::Asterisk | Target::Origin { .. } => {
                self.field("host").and_then(|host| str::from_utf8(host).ok())
            }
        }
    }

    /// The version.
    pub fn version(&self) -> Version {
        self.head.line.version
    }

    /// Whether the client wants its connection to stay after the answer (RFC 9112 §9.3).
    pub fn keep_alive(&self) -> bool {
        self.head.keep_alive
    }

    /// All fields, in their order.
    pub fn fields(&self) -> Fields<'a> {
        self.fields.clone()
    }

    /// The value of the first field with this name, in whatever case.
    pub fn field(&self, name: &str) -> Option<&'a [u8]> {
        self.fields.first(name)
    }

    /// The body, decoded; empty where there is none.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }
}
