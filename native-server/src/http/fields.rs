//! Field lines, of a head or of trailers: where they end, whether they are valid, and reading them.

use httparse::{EMPTY_HEADER, Error, Header};

use super::{
    Limits, Refusal,
    grammar::trim,
    lines::{LineError, LineScan, find_line_feed},
};

/// The fields of a request in their order, as they came; looking one up walks the lines.
///
/// A head has ten fields and a handler asks for one or two: a table of them would cost each request
/// more than the walk costs those that ask.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fields<'a> {
    /// Valid lines, each with its CRLF, without the empty one at the end.
    section: &'a [u8],
}

impl<'a> Fields<'a> {
    /// Wraps a section that [`for_each`] found valid, with its empty line.
    pub(super) fn of_valid(section: &'a [u8]) -> Self {
        Self { section: section.strip_suffix(b"\r\n").unwrap_or(section) }
    }

    /// The value of the first field with this name, in whatever case; without the spaces around it.
    ///
    /// It may hold bytes beyond ASCII (`obs-text`, RFC 9110 §5.5).
    pub fn first(&self, name: &str) -> Option<&'a [u8]> {
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
    line: LineScan,
    /// Where the current line begins, from the section's beginning.
    line_start: usize,
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
        loop {
            let line = self.line.poll(&bytes[self.line_start..], section_max - self.line_start);
            let line = match line {
                Ok(Some(line)) => line,
                Ok(None) => return Ok(None),
                Err(LineError::BareLf) => return Err(Refusal::BareLf),
                Err(LineError::TooLong) => {
                    return Err(Refusal::HeadTooLarge { max: limits.head_max });
                }
            };
            self.line_start += line.len() + "\r\n".len();
            if line.is_empty() {
                return Ok(Some(Section { len: self.line_start, n_fields: self.n_fields }));
            }
            if self.n_fields == limits.fields_max {
                return Err(Refusal::TooManyFields { max: limits.fields_max });
            }
            self.n_fields += 1;
        }
    }
}

/// Hands each field of a whole section to `visit`, or refuses the section.
///
/// httparse checks names and values. It is lenient on line ends, which [`FieldScan`] was strict on.
pub(super) fn for_each(
    bytes: &[u8],
    section: Section,
    mut visit: impl FnMut(&str, &[u8]) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let bytes = &bytes[..section.len];
    let mut few = [EMPTY_HEADER; N_ON_STACK];
    let mut many = Vec::new();
    let headers: &mut [Header<'_>] = if section.n_fields <= N_ON_STACK {
        &mut few
    } else {
        many.resize(section.n_fields, EMPTY_HEADER);
        &mut many
    };
    match httparse::parse_headers(bytes, headers) {
        Ok(httparse::Status::Complete((len, fields))) if len == section.len => {
            fields.iter().try_for_each(|field| visit(field.name, field.value))
        }
        Err(Error::HeaderValue) => Err(Refusal::FieldValue),
        _ => Err(Refusal::FieldName),
    }
}

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
        let fields = Fields::of_valid(b"Host: a\r\nX-Y:\t b c \r\nx-y: d\r\n\r\n");
        assert_eq!(fields.first("x-Y"), Some(&b"b c"[..]));
        assert_eq!(fields.first("x"), None);
        assert_eq!(fields.count(), 3);
    }
}
