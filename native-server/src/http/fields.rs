//! Field lines, of a head or of trailers: where they end, whether they are valid, and reading them.

use httparse::{EMPTY_HEADER, Error, Header};

use super::{
    Limits, Refusal,
    grammar::{skip_space, trim},
    lines::find_line_feed,
};

/// The fields of a request in their order, as they came; looking one up walks the lines.
///
/// A head has ten fields and a handler asks for one or two: a table of them would cost each request
/// more than the walk costs those that ask.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fields<'a> {
    /// Valid lines, each with its CRLF, without the empty one at the end.
    section: &'a [u8],
    names: NameLengths,
}

/// How long the names of a section are. Most fields that a handler asks for are not there, and there
/// is nothing of that length: that is known before any line is looked at.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct NameLengths(u64);

impl NameLengths {
    /// Notes a name of so many bytes.
    pub(super) fn note(&mut self, len: usize) {
        self.0 |= Self::bit(len);
    }

    /// Whether there may be a name of so many bytes.
    fn may_have(self, len: usize) -> bool {
        self.0 & Self::bit(len) != 0
    }

    /// The longest share the last one.
    fn bit(len: usize) -> u64 {
        1 << len.min(63)
    }
}

impl<'a> Fields<'a> {
    /// Wraps a section that [`for_each`] found valid, with its empty line.
    pub(super) fn of_valid(section: &'a [u8], names: NameLengths) -> Self {
        Self { section: section.strip_suffix(b"\r\n").unwrap_or(section), names }
    }

    /// The value of the first field with this name, in whatever case; without the spaces around it.
    ///
    /// It may hold bytes beyond ASCII (`obs-text`, RFC 9110 §5.5).
    pub fn first(&self, name: &str) -> Option<&'a [u8]> {
        if !self.names.may_have(name.len()) {
            return None;
        }
        let mut lines = self.clone();
        std::iter::from_fn(|| lines.next_line()).find_map(|line| {
            // Most lines have their colon elsewhere: nothing else of them is looked at.
            let (other, rest) = line.split_at_checked(name.len())?;
            let value = rest.strip_prefix(b":")?.strip_suffix(b"\r\n")?;
            other.eq_ignore_ascii_case(name.as_bytes()).then(|| trim(value))
        })
    }

    /// The next line with its CRLF.
    fn next_line(&mut self) -> Option<&'a [u8]> {
        let end = find_line_feed(self.section)?;
        let (line, rest) = self.section.split_at(end + 1);
        self.section = rest;
        Some(line)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a str, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.next_line()?;
        let colon = line.iter().position(|&byte| byte == b':')?;
        let name = str::from_utf8(&line[..colon]).ok()?;
        Some((name, trim(line[colon + 1..].strip_suffix(b"\r\n")?)))
    }
}

/// The search for the empty line that ends a section, line by line as the bytes arrive.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FieldScan {
    /// Where the current line begins, from the section's beginning.
    line_start: usize,
    /// How far its end has been looked for.
    searched: usize,
    n_fields: usize,
}

/// A section that is there as a whole; its lines end properly, and nothing more is known of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section {
    /// Bytes, with the empty line.
    pub(super) len: usize,
    pub(super) n_fields: usize,
}

impl FieldScan {
    /// The section at the beginning of `bytes`; `None` when its end is not there yet.
    ///
    /// `section_max` are the bytes left of the limit that a refusal names.
    pub(super) fn poll(
        &mut self,
        bytes: &[u8],
        section_max: usize,
        limits: &Limits,
    ) -> Result<Option<Section>, Refusal> {
        let window = &bytes[..bytes.len().min(section_max)];
        while let Some(at) = find_line_feed(&window[self.searched..]) {
            let line = &window[self.line_start..self.searched + at];
            let Some((b'\r', line)) = line.split_last() else { return Err(Refusal::BareLf) };
            self.line_start += line.len() + "\r\n".len();
            self.searched = self.line_start;
            if line.is_empty() {
                return Ok(Some(Section { len: self.line_start, n_fields: self.n_fields }));
            }
            if self.n_fields == limits.fields_max {
                return Err(Refusal::TooManyFields { max: limits.fields_max });
            }
            self.n_fields += 1;
        }
        if window.len() == section_max {
            return Err(Refusal::HeadTooLarge { max: limits.head_max });
        }
        self.searched = window.len();
        Ok(None)
    }
}

/// Hands each field of the section at the beginning of `bytes` to `visit`, if the section is there as a
/// whole and has nothing wrong about it. Otherwise, and when `visit` says that a field is wrong, `None`:
/// what is wrong is for [`FieldScan`] and [`for_each`] to find, in their order.
pub(super) fn usual(
    bytes: &[u8],
    section_max: usize,
    limits: &Limits,
    visit: impl FnMut(&str, &[u8]) -> bool,
) -> Option<Section> {
    let bytes = &bytes[..bytes.len().min(section_max)];
    // A table for more takes longer to make empty than a short section to read.
    let section = if bytes.len() <= LEN_OF_FEW {
        parse_usual(bytes, &mut [EMPTY_HEADER; N_FEW], visit)
    } else {
        parse_usual(bytes, &mut [EMPTY_HEADER; N_ON_STACK], visit)
    };
    section.filter(|section| section.n_fields <= limits.fields_max)
}

fn parse_usual<'a>(
    bytes: &'a [u8],
    headers: &mut [Header<'a>],
    mut visit: impl FnMut(&str, &[u8]) -> bool,
) -> Option<Section> {
    let Ok(httparse::Status::Complete((len, fields))) = httparse::parse_headers(bytes, headers)
    else {
        return None;
    };
    // httparse would take a line that ends in LF alone.
    let mut rest = &bytes[..len];
    for Header { name, value } in fields {
        let after_name = skip_space(rest.get(name.len() + ":".len()..)?);
        rest = skip_space(after_name.get(value.len()..)?).strip_prefix(b"\r\n")?;
        if !visit(name, value) {
            return None;
        }
    }
    (rest == b"\r\n").then_some(Section { len, n_fields: fields.len() })
}

/// Hands each field of a whole section to `visit`, or refuses the section.
///
/// httparse checks names and values. It is lenient on line ends, which [`FieldScan`] was strict on.
pub(super) fn for_each(
    bytes: &[u8],
    section: Section,
    visit: impl FnMut(&str, &[u8]) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let bytes = &bytes[..section.len];
    match section.n_fields {
        0..=N_ON_STACK => parse(bytes, &mut [EMPTY_HEADER; N_ON_STACK], visit),
        n_fields => parse(bytes, &mut vec![EMPTY_HEADER; n_fields], visit),
    }
}

fn parse<'a>(
    bytes: &'a [u8],
    headers: &mut [Header<'a>],
    mut visit: impl FnMut(&str, &[u8]) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    match httparse::parse_headers(bytes, headers) {
        Ok(httparse::Status::Complete((len, fields))) if len == bytes.len() => {
            fields.iter().try_for_each(|field| visit(field.name, field.value))
        }
        Err(Error::HeaderValue) => Err(Refusal::FieldValue),
        _ => Err(Refusal::FieldName),
    }
}

/// What programs send fits.
const N_FEW: usize = 6;
/// Bytes of a section that hardly has more.
const LEN_OF_FEW: usize = 192;
/// What browsers send fits; a section with more pays an allocation.
const N_ON_STACK: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(bytes: &[u8]) -> Result<Option<usize>, Refusal> {
        let section = FieldScan::default().poll(bytes, 64, &Limits::default())?;
        Ok(section.map(|section| section.len))
    }

    #[test]
    fn a_section_ends_with_its_empty_line() {
        assert_eq!(scan(b"\r\nrest"), Ok(Some(2)));
        assert_eq!(scan(b"a: b\r\n\r\nrest"), Ok(Some(8)));
        assert_eq!(scan(b"a: b\r\n\r"), Ok(None));
    }

    #[test]
    fn the_first_field_of_a_name_is_found_in_any_case() {
        let mut names = NameLengths::default();
        names.note(4);
        names.note(3);
        let section = b"Host: a\r\nX-Y:\t b c \r\nx-y: d\r\n\r\n";
        let fields = Fields::of_valid(section, names);
        assert_eq!(fields.first("x-Y"), Some(&b"b c"[..]));
        assert_eq!(fields.first("x"), None);
        assert_eq!(fields.count(), 3);
    }
}
