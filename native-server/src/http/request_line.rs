//! The first line: method, target, version (RFC 9112 §3).

use super::{
    Limits, Refusal, Target,
    grammar::{checked_ascii, is_token_byte, split_at_byte},
};

/// The versions spoken here.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Version {
    /// HTTP/1.0: a connection for each request, unless `keep-alive` is asked for.
    Http10,
    /// HTTP/1.1: the connection stays, unless `close` is asked for.
    Http11,
}

/// Where the parts of a valid first line are; the line itself stays in the input.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestLine {
    method_len: usize,
    method: Method,
    target_len: usize,
    /// Of a target that is a path, with nothing to decode, and maybe a query: where the path ends.
    plain_path_len: Option<usize>,
    pub(super) version: Version,
}

/// A method that nearly all requests have, so that it need not be looked at again.
#[derive(Clone, Copy, Debug)]
enum Method {
    Get,
    Head,
    Post,
    Other,
}

impl Method {
    fn of(method: &[u8]) -> Self {
        // Not a `match`, which would compare one byte after the other.
        if method == b"GET" {
            Self::Get
        } else if method == b"POST" {
            Self::Post
        } else if method == b"HEAD" {
            Self::Head
        } else {
            Self::Other
        }
    }
}

impl RequestLine {
    /// Bytes of a method at most; the longest registered one has 17.
    const METHOD_MAX: usize = 32;

    /// The longest first line with its CRLF that is worth waiting for.
    pub(super) fn len_max(limits: &Limits) -> usize {
        Self::METHOD_MAX + " ".len() + limits.target_max + " HTTP/1.1\r\n".len()
    }

    /// Refuses bytes that cannot begin a request, before their line is complete: a TLS greeting has
    /// no line end to wait for. Gives the bytes of the method, once a space follows it.
    ///
    /// It looks at the method only, so that the verdict falls at the same byte however they arrive.
    pub(super) fn check_beginning(bytes: &[u8]) -> Result<Option<usize>, Refusal> {
        for (at, &byte) in bytes.iter().enumerate() {
            match byte {
                b' ' if at > 0 => return Ok(Some(at)),
                _ if !is_token_byte(byte) => return Err(Refusal::NotHttp),
                _ if at == Self::METHOD_MAX => {
                    return Err(Refusal::MethodTooLong { max: Self::METHOD_MAX });
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// The line at the beginning of `bytes`, if it is there with its CRLF, and its target is a path with
    /// nothing to decode: each byte of it is looked at once.
    pub(super) fn usual(bytes: &[u8], limits: &Limits) -> Option<Self> {
        let method_len = Self::check_beginning(bytes).ok()??;
        let method = Method::of(&bytes[..method_len]);
        if &bytes[..method_len] == b"CONNECT" {
            return None; // its target has another form
        }
        let rest = &bytes[method_len + 1..];
        let (plain_path_len, target_len) = Target::plain(rest)?;
        let ending = &rest[target_len..];
        let version = if ending.starts_with(b" HTTP/1.1\r\n") {
            Version::Http11
        } else if ending.starts_with(b" HTTP/1.0\r\n") {
            Version::Http10
        } else {
            return None;
        };
        let plain_path_len = Some(plain_path_len);
        let line = Self { method_len, method, target_len, plain_path_len, version };
        (target_len <= limits.target_max && line.len() <= limits.head_max).then_some(line)
    }

    /// Parses a whole line, without its CRLF, whose beginning was checked.
    ///
    /// One space between the parts and none elsewhere: the lenient reading of RFC 9112 §3 splits
    /// where others do not.
    pub(super) fn parse(line: &[u8], limits: &Limits) -> Result<Self, Refusal> {
        let line = str::from_utf8(line).map_err(|_| Refusal::RequestLine)?;
        let (method, rest) = split_at_byte(line, b' ').ok_or(Refusal::RequestLine)?;
        let (target, version) = split_at_byte(rest, b' ').ok_or(Refusal::RequestLine)?;
        let version = Version::parse(version)?;
        if target.len() > limits.target_max {
            return Err(Refusal::TargetTooLong { max: limits.target_max });
        }
        Target::parse(target, method)?;
        let (method_len, target_len) = (method.len(), target.len());
        let method = Method::of(method.as_bytes());
        let plain = Target::plain(target.as_bytes()).filter(|&(_, len)| len == target_len);
        let plain_path_len = plain.map(|(path_len, _)| path_len);
        Ok(Self { method_len, method, target_len, plain_path_len, version })
    }

    /// The method of the line that was parsed.
    pub(super) fn method(self, line: &[u8]) -> &str {
        match self.method {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Other => checked_ascii(&line[..self.method_len]),
        }
    }

    /// Whether the answer is one without a body.
    pub(super) fn is_head_request(self, line: &[u8]) -> bool {
        self.method(line) == "HEAD"
    }

    /// The target of the line that was parsed.
    pub(super) fn target(self, line: &[u8]) -> &str {
        checked_ascii(&line[self.method_len + 1..][..self.target_len])
    }

    /// The path of the line that was parsed, if it is there as it is.
    pub(super) fn plain_path(self, line: &[u8]) -> Option<&str> {
        let len = self.plain_path_len?;
        Some(checked_ascii(&line[self.method_len + 1..][..len]))
    }

    /// Bytes of the line, its CRLF included.
    pub(super) fn len(self) -> usize {
        self.method_len + " ".len() + self.target_len + " HTTP/1.1\r\n".len()
    }
}

impl Version {
    /// `HTTP/` digit `.` digit, in capitals (RFC 9112 §2.3).
    ///
    /// A higher minor version might be answered as 1.1 (RFC 9110 §2.5); none exists, so whoever
    /// sends one is guessing, and is told what is spoken here.
    fn parse(text: &str) -> Result<Self, Refusal> {
        match text.as_bytes() {
            b"HTTP/1.1" => Ok(Self::Http11),
            b"HTTP/1.0" => Ok(Self::Http10),
            [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'] => Err(Refusal::Version),
            _ => Err(Refusal::RequestLine),
        }
    }
}
