//! The first line: method, target, version (RFC 9112 §3).

use super::{
    Limits, Refusal, Target,
    grammar::{is_token_byte, split_at_byte},
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
    target_len: usize,
    pub(super) version: Version,
}

impl RequestLine {
    /// Bytes of a method at most; the longest registered one has 17.
    const METHOD_MAX: usize = 32;

    /// The longest first line with its CRLF that is worth waiting for.
    pub(super) fn len_max(limits: &Limits) -> usize {
        Self::METHOD_MAX + " ".len() + limits.target_max + " HTTP/1.1\r\n".len()
    }

    /// Refuses bytes that cannot begin a request, before their line is complete: a TLS greeting has
    /// no line end to wait for.
    ///
    /// It looks at the method only, so that the verdict falls at the same byte however they arrive.
    pub(super) fn check_beginning(bytes: &[u8]) -> Result<(), Refusal> {
        for (at, &byte) in bytes.iter().enumerate() {
            match byte {
                b' ' if at > 0 => return Ok(()),
                _ if !is_token_byte(byte) => return Err(Refusal::NotHttp),
                _ if at == Self::METHOD_MAX => {
                    return Err(Refusal::MethodTooLong { max: Self::METHOD_MAX });
                }
                _ => {}
            }
        }
        Ok(())
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
        Ok(Self { method_len: method.len(), target_len: target.len(), version })
    }

    /// The method of the line that was parsed.
    pub(super) fn method(self, line: &str) -> &str {
        &line[..self.method_len]
    }

    /// The target of the line that was parsed.
    pub(super) fn target(self, line: &str) -> &str {
        &line[self.method_len + 1..][..self.target_len]
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
