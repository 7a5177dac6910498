//! Field lines (RFC 9112 §5): a name, directly its colon, a value, CRLF.

use super::{Row, Vector};

pub(crate) fn vectors() -> impl Iterator<Item = Vector> {
    let fields = FIELDS.iter().map(|&(claim, fields, outcome)| {
        let input = [b"GET / HTTP/1.1\r\nHost: a\r\n", fields, b"\r\n\r\n"].concat();
        Vector::new(claim, input, outcome)
    });
    fields.chain(HEADS.iter().map(|&(claim, head, outcome)| Vector::new(claim, head, outcome)))
}

const FIELDS: &[Row] = &[
    ("a field", b"A: b", "GET /"),
    ("a field without a space", b"A:b", "GET /"),
    ("a field with an empty value", b"A:", "GET /"),
    ("a field with a blank value", b"A: \t ", "GET /"),
    ("a field with a tab for its space", b"A:\tb", "GET /"),
    ("a field with colons in its value", b"A: b:c:d", "GET /"),
    ("a field twice", b"A: b\r\nA: c", "GET /"),
    ("a value beyond ASCII", b"A: \xe9\xff", "GET /"),
    ("a value with quotes and separators", b"A: \"b\", (c); {d}", "GET /"),
    ("all characters of a token make a name", b"!#$%&'*+-.^_`|~09AZaz: b", "GET /"),
    ("a name of digits", b"1: b", "GET /"),
    ("a name with an underscore is not one with a hyphen", b"Content_Length: 5", "GET /"),
    // Names.
    ("a space before the colon", b"A : b", "400 FieldName"),
    ("a tab before the colon", b"A\t: b", "400 FieldName"),
    ("a space within the name", b"A B: c", "400 FieldName"),
    ("no colon", b"A", "400 FieldName"),
    ("no colon but a space", b"A b", "400 FieldName"),
    ("no colon but an equals sign", b"A=b", "400 FieldName"),
    ("an empty name", b": b", "400 FieldName"),
    ("an empty name and nothing else", b":", "400 FieldName"),
    ("a NUL in the name", b"A\0: b", "400 FieldName"),
    ("a control in the name", b"A\x01: b", "400 FieldName"),
    ("a DEL in the name", b"A\x7f: b", "400 FieldName"),
    ("a name beyond ASCII", b"A\xe9: b", "400 FieldName"),
    ("a quoted name", b"\"A\": b", "400 FieldName"),
    ("a slash in the name", b"A/B: c", "400 FieldName"),
    ("a bracket in the name", b"A[0]: b", "400 FieldName"),
    ("a parenthesis in the name", b"A(): b", "400 FieldName"),
    ("a comma in the name", b"A,B: c", "400 FieldName"),
    ("a semicolon in the name", b"A;B: c", "400 FieldName"),
    ("an at sign in the name", b"@A: b", "400 FieldName"),
    ("a brace in the name", b"{A}: b", "400 FieldName"),
    ("a lone CR in the name", b"A\rB: c", "400 FieldName"),
    ("a vertical tab before the colon", b"A\x0b: b", "400 FieldName"),
    ("a space before the name", b" A: b", "400 FieldName"),
    ("a second request line", b"GET /b HTTP/1.1", "400 FieldName"),
    // Folding (RFC 9112 §5.2).
    ("a line folded by a space", b"A: b\r\n c", "400 FieldName"),
    ("a line folded by a tab", b"A: b\r\n\tc", "400 FieldName"),
    ("a line folded to nothing", b"A: b\r\n ", "400 FieldName"),
    ("an empty value that is folded", b"A:\r\n b", "400 FieldName"),
    ("a folded line that looks like a field", b"A: b\r\n Content-Length: 5", "400 FieldName"),
    // Values.
    ("a NUL in the value", b"A: b\0c", "400 FieldValue"),
    ("a NUL for a value", b"A: \0", "400 FieldValue"),
    ("a control in the value", b"A: \x01", "400 FieldValue"),
    ("an escape in the value", b"A: \x1b[31m", "400 FieldValue"),
    ("a DEL in the value", b"A: \x7f", "400 FieldValue"),
    ("a vertical tab in the value", b"A: b\x0b", "400 FieldValue"),
    ("a form feed in the value", b"A: \x0cb", "400 FieldValue"),
    ("a lone CR in the value", b"A: b\rc", "400 FieldValue"),
    ("a lone CR that looks like a line's end", b"A: b\rContent-Length: 5", "400 FieldValue"),
    ("a CR too many at the end of a field", b"A: b\r", "400 FieldValue"),
    ("a CR for a value", b"A:\r", "400 FieldValue"),
    ("a lone CR before the value", b"A: \rb", "400 FieldValue"),
    // Line ends.
    ("a field that ends in LF", b"A: b\nB: c", "400 BareLf"),
    ("an LF in the value", b"A: b\nc", "400 BareLf"),
    ("an LF before the CRLF of a field", b"A: b\n", "400 BareLf"),
    ("an LF and a CR", b"A: b\n\rB: c", "400 BareLf"),
    // What else strangers try.
    ("a backspace in the value", b"A: \x08", "400 FieldValue"),
    ("a next-line byte in the value is beyond ASCII", b"A: b\x85c", "GET /"),
    ("letters beyond ASCII in the value", "A: \u{e9}".as_bytes(), "GET /"),
    ("an encoded line end in the value is text", b"A: b%0d%0aB: c", "GET /"),
    ("an encoded line end in the name is text", b"A%0d%0a: b", "GET /"),
    ("a byte order mark before the name", "\u{feff}A: b".as_bytes(), "400 FieldName"),
    ("a line separator in the name", "A\u{2028}B: c".as_bytes(), "400 FieldName"),
    ("a line of a tab", b"\t", "400 FieldName"),
    ("a backslash in the name", b"A\\B: c", "400 FieldName"),
    ("an angle bracket in the name", b"<A>: b", "400 FieldName"),
    ("a question mark in the name", b"A?: b", "400 FieldName"),
    ("a length hidden behind a CR and a space", b"A: b\r Content-Length: 5", "400 FieldValue"),
];

const HEADS: &[Row] = &[
    ("an empty line that is LF alone", b"GET / HTTP/1.1\r\nHost: a\r\n\n", "400 BareLf"),
    ("every line LF alone", b"GET / HTTP/1.1\nHost: a\n\n", "400 BareLf"),
    ("an LF refuses at once what goes on", b"GET / HTTP/1.1\nHost: ", "400 BareLf"),
    ("a head of CRs alone is not complete", b"GET / HTTP/1.1\rHost: a\r\r", "..."),
    ("an empty line with a space", b"GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n", "400 FieldName"),
    ("a space line before the fields", b"GET / HTTP/1.1\r\n \r\nHost: a\r\n\r\n", "400 FieldName"),
    ("a folded first line", b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", "400 FieldName"),
    ("a CR for the empty line", b"GET / HTTP/1.1\r\nHost: a\r\n\r\r\n\r\n", "400 FieldName"),
    ("one empty line before a request", b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /"),
    (
        "two empty lines before a request",
        b"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "400 NotHttp",
    ),
    ("an LF before a request", b"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "400 NotHttp"),
    ("a CR before a request", b"\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", "400 NotHttp"),
    ("an empty line alone is nothing yet", b"\r\n", ""),
    ("nothing is nothing yet", b"", ""),
    ("a head without its empty line", b"GET / HTTP/1.1\r\nHost: a\r\n", "..."),
    ("a head without the end of its empty line", b"GET / HTTP/1.1\r\nHost: a\r\n\r", "..."),
];
