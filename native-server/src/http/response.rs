//! An answer, and its bytes.

use std::{borrow::Cow, fmt, fs::File, sync::Arc};

use super::{HttpDate, Status, grammar::is_token};

/// An answer as a handler makes it. Its connection adds `Content-Length`, `Date` and `Connection`,
/// and leaves the body out where HTTP has none.
///
/// ```
/// use native_server::http::{Response, Status};
///
/// let response = Response::new(Status::NOT_FOUND)
///     .with_content_type("text/plain; charset=utf-8")
///     .with_field("Retry-After", 3)
///     .with_body("no such page\n");
/// assert_eq!(response.status(), Status::NOT_FOUND);
/// ```
#[derive(Clone, Debug)]
pub struct Response {
    status: Status,
    content_type: Option<&'static str>,
    /// Further field lines as they are sent, each with its CRLF.
    fields: Vec<u8>,
    body: Body,
}

/// What follows an answer's head.
#[derive(Clone, Debug)]
pub enum Body {
    /// All of it, of this answer alone or of the program.
    Bytes(Cow<'static, [u8]>),
    /// Pieces, each sent as a chunk of its own (RFC 9112 §7.1): the head says no length. A client of
    /// HTTP/1.0 knows no chunks, and reads until its connection is closed.
    Chunked(Vec<Vec<u8>>),
    /// So many bytes of an open file from where it stands: as `Later`, and the driver reads them.
    File {
        /// What is read; nobody else reads it meanwhile.
        file: Arc<File>,
        /// How many bytes are sent of it. Should it have fewer by then, the connection is cut.
        len: u64,
    },
    /// So many bytes, which the driver writes itself and counts with
    /// [`Connection::body_sent`](super::Connection::body_sent): more than memory should hold.
    Later(u64),
    /// All of it, shared with other answers.
    Shared(Arc<[u8]>),
}

impl Response {
    /// An answer without a body.
    pub const fn new(status: Status) -> Self {
        Self {
            status,
            content_type: None,
            fields: Vec::new(),
            body: Body::Bytes(Cow::Borrowed(&[])),
        }
    }

    /// Says what the body is; apart from the other fields because nearly every answer has it, and
    /// none should allocate for it.
    ///
    /// # Panics
    ///
    /// When the text has a control character.
    #[must_use]
    pub fn with_content_type(mut self, content_type: &'static str) -> Self {
        assert!(!content_type.bytes().any(is_control), "control character in {content_type:?}");
        self.content_type = Some(content_type);
        self
    }

    /// Adds a field. Control characters of the value become spaces (RFC 9110 §5.5): what a stranger
    /// got into it must not begin a field of its own.
    ///
    /// # Panics
    ///
    /// When the name is no token or one that the connection writes itself.
    #[must_use]
    pub fn with_field(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        assert!(is_token(name.as_bytes()), "{name:?} is no field name");
        assert!(
            !RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)),
            "{name} is the connection's to write"
        );
        self.fields.extend_from_slice(name.as_bytes());
        self.fields.extend_from_slice(b": ");
        let _ = fmt::Write::write_fmt(&mut FieldValue(&mut self.fields), format_args!("{value}"));
        self.fields.extend_from_slice(b"\r\n");
        self
    }

    /// Gives the answer a body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// The status.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The body.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// Bytes of the body that follows the head.
    pub(super) fn body_len(&self, is_head_request: bool) -> u64 {
        if is_head_request || self.status.is_bodiless() { 0 } else { self.body.len() }
    }

    /// Appends the answer's bytes; what of its body is still to come is returned.
    pub(super) fn write(&self, out: &mut Vec<u8>, around: &Around<'_>) -> u64 {
        let has_body = !around.is_head_request && !self.status.is_bodiless();
        let bytes = self.body.bytes().filter(|_| has_body).unwrap_or_default();
        out.reserve(HEAD_USUAL + self.fields.len() + bytes.len());
        let has_length = !self.status.is_bodiless() && !self.body.is_chunked();
        self.status.write(out, has_length);
        if has_length {
            push_decimal(out, self.body.len());
        } else if self.body.is_chunked() && around.knows_chunks && !self.status.is_bodiless() {
            out.extend_from_slice(b"\r\nTransfer-Encoding: chunked");
        }
        if let Some(content_type) = self.content_type {
            out.extend_from_slice(b"\r\nContent-Type: ");
            out.extend_from_slice(content_type.as_bytes());
        }
        out.extend_from_slice(around.date.line());
        out.extend_from_slice(&self.fields);
        out.extend_from_slice(match around.connection {
            ConnectionField::Absent => b"\r\n",
            ConnectionField::Close => b"Connection: close\r\n\r\n",
            ConnectionField::KeepAlive => b"Connection: keep-alive\r\n\r\n",
        });
        out.extend_from_slice(bytes);
        match &self.body {
            Body::File { len, .. } | Body::Later(len) if has_body => *len,
            Body::Chunked(pieces) if has_body => {
                push_chunks(out, pieces, around.knows_chunks);
                0
            }
            _ => 0,
        }
    }
}

impl Body {
    /// Bytes in all.
    #[expect(clippy::len_without_is_empty, reason = "an empty body is nothing special")]
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Chunked(pieces) => pieces.iter().map(|piece| piece.len() as u64).sum(),
            Self::File { len, .. } | Self::Later(len) => *len,
            Self::Shared(bytes) => bytes.len() as u64,
        }
    }

    /// Whether a client who knows no chunks sees its end by the connection's.
    pub(super) const fn is_chunked(&self) -> bool {
        matches!(self, Self::Chunked(_))
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Chunked(_) | Self::File { .. } | Self::Later(_) => None,
            Self::Shared(bytes) => Some(bytes),
        }
    }
}

impl From<&'static [u8]> for Body {
    fn from(bytes: &'static [u8]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes))
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::from(text.as_bytes())
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Cow::Owned(bytes))
    }
}

impl From<Arc<[u8]>> for Body {
    fn from(bytes: Arc<[u8]>) -> Self {
        Self::Shared(bytes)
    }
}

/// What an answer's bytes depend on beside the answer.
pub(super) struct Around<'a> {
    pub(super) date: &'a HttpDate,
    pub(super) connection: ConnectionField,
    /// HEAD is answered with the length of a body that does not follow (RFC 9110 §9.3.2).
    pub(super) is_head_request: bool,
    /// Whether the client speaks HTTP/1.1.
    pub(super) knows_chunks: bool,
}

/// What an answer says about its connection.
#[derive(Clone, Copy)]
pub(super) enum ConnectionField {
    /// Nothing: HTTP/1.1 stays open.
    Absent,
    Close,
    KeepAlive,
}

/// Writes a field's value and nothing that could end it.
struct FieldValue<'a>(&'a mut Vec<u8>);

impl fmt::Write for FieldValue<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend(text.bytes().map(|byte| if is_control(byte) { b' ' } else { byte }));
        Ok(())
    }
}

fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\t'
}

/// Appends a body in pieces. An empty piece would be the last chunk, and is left out.
fn push_chunks(out: &mut Vec<u8>, pieces: &[Vec<u8>], knows_chunks: bool) {
    for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
        if knows_chunks {
            out.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        }
        out.extend_from_slice(piece);
        if knows_chunks {
            out.extend_from_slice(b"\r\n");
        }
    }
    if knows_chunks {
        out.extend_from_slice(b"0\r\n\r\n");
    }
}

/// Appends a number in decimal; `write!` would cost several times as much, twice an answer.
fn push_decimal(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Fields that say where a message ends or what becomes of the connection.
const RESERVED: [&str; 5] =
    ["Connection", "Content-Length", "Content-Type", "Date", "Transfer-Encoding"];

/// Most heads fit, so that the output grows once.
const HEAD_USUAL: usize = 192;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_decimal() {
        for number in [0, 9, 10, 200, u64::MAX] {
            let mut out = Vec::new();
            push_decimal(&mut out, number);
            assert_eq!(out, number.to_string().into_bytes());
        }
    }
}
