//! Decoding a chunked body (RFC 9112 §7.1), as strictly as its grammar allows.
//!
//! Sizes with a prefix, a sign or an underscore, lines that end in LF alone, and chunks that spill
//! over their size are how one request is smuggled inside another: each is a 400. Extensions and
//! trailers are checked, counted and forgotten.

use super::{
    Limits, Refusal,
    fields::{self, FieldScan},
    grammar::{hex_digit, is_token_byte, skip_space},
    lines::{LineError, LineScan},
};

/// Where in a chunked body the next byte is.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChunkedDecoder {
    part: Part,
    /// Bytes of extensions so far, in all chunks.
    extensions_len: usize,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    /// The line with a chunk's size.
    Size(LineScan),
    /// So many bytes of a chunk are still to come.
    Data(usize),
    /// The CRLF after a chunk.
    DataEnd,
    /// The trailers, or the empty line in their place.
    Trailers(FieldScan),
}

/// What one call decoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Decoded {
    /// Bytes at the beginning of the input that are not needed again.
    pub(super) consumed: usize,
    /// Whether the body is complete.
    pub(super) is_complete: bool,
}

impl ChunkedDecoder {
    pub(super) fn new() -> Self {
        Self { part: Part::Size(LineScan::default()), extensions_len: 0 }
    }

    /// Appends what `input` decodes to; the next call begins with what this one did not consume.
    pub(super) fn decode(
        &mut self,
        input: &[u8],
        body: &mut Vec<u8>,
        limits: &Limits,
    ) -> Result<Decoded, Refusal> {
        let mut rest = input;
        let is_complete = loop {
            match &mut self.part {
                Part::Size(scan) => {
                    let line = scan.poll(rest, LINE_MAX).map_err(|error| match error {
                        LineError::BareLf => Refusal::BareLf,
                        LineError::TooLong => Refusal::ChunkLine,
                    })?;
                    let Some(line) = line else { break false };
                    let (size, extensions) = parse_line(line).ok_or(Refusal::ChunkLine)?;
                    self.extensions_len += extensions.len();
                    if self.extensions_len > limits.head_max {
                        return Err(Refusal::ExtensionsTooLarge { max: limits.head_max });
                    }
                    let size = usize::try_from(size)
                        .ok()
                        .filter(|&size| size <= limits.body_max - body.len())
                        .ok_or(Refusal::BodyTooLarge { max: limits.body_max })?;
                    rest = &rest[line.len() + "\r\n".len()..];
                    self.part = match size {
                        0 => Part::Trailers(FieldScan::default()),
                        size => Part::Data(size),
                    };
                }
                Part::Data(left) => {
                    let (data, after) = rest.split_at(rest.len().min(*left));
                    body.extend_from_slice(data);
                    rest = after;
                    *left -= data.len();
                    if *left > 0 {
                        break false;
                    }
                    self.part = Part::DataEnd;
                }
                Part::DataEnd => match rest {
                    [b'\r', b'\n', after @ ..] => {
                        rest = after;
                        self.part = Part::Size(LineScan::default());
                    }
                    [] | [b'\r'] => break false,
                    _ => return Err(Refusal::ChunkEnd),
                },
                Part::Trailers(scan) => {
                    let Some(section) = scan.poll(rest, limits.head_max, limits)? else {
                        break false;
                    };
                    // RFC 9110 §6.5.1: a trailer is never merged into the head.
                    fields::for_each(rest, section, |_, _| Ok(()))?;
                    rest = &rest[section.len..];
                    break true;
                }
            }
        };
        Ok(Decoded { consumed: input.len() - rest.len(), is_complete })
    }
}

/// `chunk-size [ chunk-ext ]`.
fn parse_line(line: &[u8]) -> Option<(u64, &[u8])> {
    let n_digits = line.iter().take_while(|digit| digit.is_ascii_hexdigit()).count();
    let (digits, extensions) = line.split_at(n_digits);
    if digits.is_empty() || !are_extensions(extensions) {
        return None;
    }
    let size = digits.iter().try_fold(0_u64, |size, &digit| {
        size.checked_mul(16)?.checked_add(u64::from(hex_digit(digit)?))
    })?;
    Some((size, extensions))
}

/// `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )` (RFC 9112 §7.1.1).
fn are_extensions(mut text: &[u8]) -> bool {
    while !text.is_empty() {
        let Some(name) = skip_space(text).strip_prefix(b";") else { return false };
        let Some(after) = skip_token(skip_space(name)) else { return false };
        text = after;
        if let Some(value) = skip_space(after).strip_prefix(b"=") {
            let value = skip_space(value);
            let after = match value.strip_prefix(b"\"") {
                Some(quoted) => skip_quoted(quoted),
                None => skip_token(value),
            };
            let Some(after) = after else { return false };
            text = after;
        }
    }
    true
}

fn skip_token(text: &[u8]) -> Option<&[u8]> {
    let n = text.iter().take_while(|&&byte| is_token_byte(byte)).count();
    (n > 0).then(|| &text[n..])
}

/// What follows a quoted string whose opening quote was read (RFC 9110 §5.6.4).
fn skip_quoted(mut text: &[u8]) -> Option<&[u8]> {
    let is_text = |byte: u8| byte == b'\t' || !byte.is_ascii_control();
    loop {
        let (&byte, after) = text.split_first()?;
        text = match byte {
            b'"' => return Some(after),
            b'\\' if is_text(*after.first()?) => &after[1..],
            b'\\' => return None,
            _ if is_text(byte) => after,
            _ => return None,
        };
    }
}

/// A chunk's line: sixteen digits and what extensions there may be.
const LINE_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_line_is_a_size_and_well_formed_extensions() {
        for (line, size) in [
            ("0", 0),
            ("a", 10),
            ("A", 10),
            ("00000000000000000000ff", 255),
            ("5;a", 5),
            ("5;a=b;c", 5),
            ("5 ; a = \"b \\\" c\";d", 5),
            ("ffffffffffffffff", u64::MAX),
        ] {
            assert_eq!(parse_line(line.as_bytes()).map(|(size, _)| size), Some(size), "{line}");
        }
        for line in [
            "",
            " 5",
            "5 ",
            "+5",
            "-5",
            "0x5",
            "5_0",
            "5g",
            "5;",
            "5;=b",
            "5;a=",
            "5;a=\"b",
            "5;a b",
            "5;a=\"\x00\"",
            ";a",
            "5\r",
            "10000000000000000",
            "5,5",
            "5;a=\"b\\",
        ] {
            assert_eq!(parse_line(line.as_bytes()), None, "{line}");
        }
    }
}
