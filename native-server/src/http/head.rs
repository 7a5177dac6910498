//! A request's head: finding its end, and what its fields say about the message.
//!
//! The rules of this file decide where a message ends. Wherever two readers could differ about that
//! the answer is 400 (RFC 9112 §6.3 and §11.2): a proxy in front must never see another request
//! than we do.

use super::{
    Limits, Refusal, Version,
    fields::{self, FieldScan, NameLengths, Section},
    grammar::{is_authority, is_token, trim},
    lines::{LineError, LineScan},
    request_line::RequestLine,
};

/// What is known of a request once its head is there; the bytes stay in the input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) line: RequestLine,
    /// Bytes of the whole head, with its empty line.
    pub(super) len: usize,
    pub(super) framing: Framing,
    pub(super) names: NameLengths,
    /// Whether the client wants the connection to stay (RFC 9112 §9.3).
    pub(super) keep_alive: bool,
    /// Whether it waits for `100 Continue` before it sends the body.
    pub(super) expects_continue: bool,
}

/// How the end of a body is known (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Framing {
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// `Content-Length`, or 0 where neither is there.
    Length(usize),
}

/// The search for a head's end, as the bytes arrive.
#[derive(Clone, Copy, Debug)]
pub(super) enum HeadScan {
    /// In the first line.
    Line(LineScan),
    /// In the fields after it.
    Fields(RequestLine, FieldScan),
}

impl HeadScan {
    /// The head at the beginning of `bytes`; `None` when its end is not there yet.
    ///
    /// `bytes` may only have grown since the last call. The first line is judged as soon as it is
    /// there, the fields when all of them are.
    pub(super) fn poll(&mut self, bytes: &[u8], limits: &Limits) -> Result<Option<Head>, Refusal> {
        if let Self::Line(scan) = self
            && scan.is_new()
            && let Some(head) = Head::usual(bytes, limits)
        {
            return Ok(Some(head));
        }
        let (line, mut scan) = match self {
            Self::Line(scan) => match poll_line(scan, bytes, limits)? {
                Some(line) => (line, FieldScan::default()),
                None => return Ok(None),
            },
            &mut Self::Fields(line, scan) => (line, scan),
        };
        let fields = &bytes[line.len()..];
        let Some(section) = scan.poll(fields, limits.head_max - line.len(), limits)? else {
            *self = Self::Fields(line, scan);
            return Ok(None);
        };
        Head::parse(line, fields, section, limits).map(Some)
    }
}

impl Default for HeadScan {
    fn default() -> Self {
        Self::Line(LineScan::default())
    }
}

impl Head {
    /// A head that is there as a whole and has nothing unusual about it, found in one go. Of everything
    /// else nothing is said here: [`HeadScan`] goes through it step by step, and knows what is wrong.
    fn usual(bytes: &[u8], limits: &Limits) -> Option<Self> {
        let line = RequestLine::usual(bytes, limits)?;
        let section_max = limits.head_max - line.len();
        let mut seen = Seen::default();
        let visit = |name: &str, value: &[u8]| seen.field(name, value).is_ok();
        let section = fields::usual(&bytes[line.len()..], section_max, limits, visit)?;
        Self::new(line, section, &seen, limits).ok()
    }

    fn parse(
        line: RequestLine,
        bytes: &[u8],
        section: Section,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        let mut seen = Seen::default();
        fields::for_each(bytes, section, |name, value| seen.field(name, value))?;
        Self::new(line, section, &seen, limits)
    }

    fn new(
        line: RequestLine,
        section: Section,
        seen: &Seen,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        if line.version == Version::Http11 && !seen.host {
            return Err(Refusal::HostMissing);
        }
        Ok(Self {
            line,
            len: line.len() + section.len,
            framing: seen.framing(line.version, limits)?,
            names: seen.names,
            keep_alive: !seen.close && (line.version == Version::Http11 || seen.keep_alive),
            expects_continue: seen.expects_continue(line.version)?,
        })
    }
}

/// What the fields said that matters to the connection.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that a field said")]
struct Seen {
    host: bool,
    close: bool,
    keep_alive: bool,
    chunked: bool,
    continue_expected: bool,
    other_expected: bool,
    length: Option<u64>,
    names: NameLengths,
}

impl Seen {
    fn field(&mut self, name: &str, value: &[u8]) -> Result<(), Refusal> {
        self.names.note(name.len());
        // The length tells most fields apart before any letter is compared.
        match name.len() {
            4 if name == "Host" || name.eq_ignore_ascii_case("host") => self.host(value),
            6 if name.eq_ignore_ascii_case("expect") => {
                let known = value.eq_ignore_ascii_case(b"100-continue");
                *(if known { &mut self.continue_expected } else { &mut self.other_expected }) =
                    true;
                Ok(())
            }
            10 if name.eq_ignore_ascii_case("connection") => {
                for option in value.split(|&byte| byte == b',').map(trim) {
                    self.close |= option.eq_ignore_ascii_case(b"close");
                    self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
                }
                Ok(())
            }
            14 if name.eq_ignore_ascii_case("content-length") => self.content_length(value),
            17 if name.eq_ignore_ascii_case("transfer-encoding") => self.transfer_encoding(value),
            _ => Ok(()),
        }
    }

    /// Once, and a host: whoever routes by it must route as others do (RFC 9112 §3.2).
    fn host(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if std::mem::replace(&mut self.host, true) {
            return Err(Refusal::HostRepeated);
        }
        if is_authority(value) { Ok(()) } else { Err(Refusal::HostInvalid) }
    }

    /// Once, and digits. RFC 9110 §8.6 would let `5, 5` pass as 5; we do not, for the reader before
    /// us may have taken the first, the last or neither.
    fn content_length(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if self.length.is_some() {
            return Err(Refusal::ContentLengthRepeated);
        }
        if value.is_empty() {
            return Err(Refusal::ContentLength);
        }
        let length = value.iter().try_fold(0_u64, |length, &digit| {
            let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
            length.checked_mul(10)?.checked_add(digit)
        });
        self.length = Some(length.ok_or(Refusal::ContentLength)?);
        Ok(())
    }

    /// `chunked`, once, last and alone (RFC 9112 §6.1, §7). What is certainly ambiguous is a 400,
    /// what is merely not known here a 501.
    fn transfer_encoding(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if std::mem::replace(&mut self.chunked, true) {
            return Err(Refusal::TransferEncoding);
        }
        if value.eq_ignore_ascii_case(b"chunked") {
            return Ok(());
        }
        let mut codings = value.split(|&byte| byte == b',').map(trim);
        let last = codings.next_back().unwrap_or_default();
        let is_chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
        // A coding may have parameters; chunked has none.
        let is_coding = |coding: &[u8]| {
            let name = coding.split(|&byte| byte == b';').next().map(trim).unwrap_or_default();
            is_token(name) && (!is_chunked(name) || name.len() == coding.len())
        };
        if is_coding(last) && codings.all(|coding| is_coding(coding) && !is_chunked(coding)) {
            Err(Refusal::TransferCoding)
        } else {
            Err(Refusal::TransferEncoding)
        }
    }

    fn framing(&self, version: Version, limits: &Limits) -> Result<Framing, Refusal> {
        match (self.chunked, self.length) {
            (true, Some(_)) => Err(Refusal::FramedTwice),
            // RFC 9112 §6.1: a 1.0 reader on the way did not understand it.
            (true, None) if version == Version::Http10 => Err(Refusal::TransferEncoding),
            (true, None) => Ok(Framing::Chunked),
            (false, length) => match usize::try_from(length.unwrap_or(0)) {
                Ok(length) if length <= limits.body_max => Ok(Framing::Length(length)),
                _ => Err(Refusal::BodyTooLarge { max: limits.body_max }),
            },
        }
    }

    /// RFC 9110 §10.1.1: 1.0 clients cannot expect an interim answer, whatever they say.
    fn expects_continue(&self, version: Version) -> Result<bool, Refusal> {
        if self.other_expected {
            return Err(Refusal::Expectation);
        }
        Ok(self.continue_expected && version == Version::Http11)
    }
}

/// The first line, once it is there.
fn poll_line(
    scan: &mut LineScan,
    bytes: &[u8],
    limits: &Limits,
) -> Result<Option<RequestLine>, Refusal> {
    RequestLine::check_beginning(bytes)?;
    let len_max = RequestLine::len_max(limits).min(limits.head_max);
    let line = scan.poll(bytes, len_max).map_err(|error| match error {
        LineError::BareLf => Refusal::BareLf,
        LineError::TooLong if len_max == limits.head_max => {
            Refusal::HeadTooLarge { max: limits.head_max }
        }
        LineError::TooLong => Refusal::TargetTooLong { max: limits.target_max },
    })?;
    line.map(|line| RequestLine::parse(line, limits)).transpose()
}
