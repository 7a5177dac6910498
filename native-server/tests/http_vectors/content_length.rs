//! `Content-Length` (RFC 9110 §8.6, RFC 9112 §6.3): one plain number, or none.

use super::{Row, Vector};

pub(crate) fn vectors() -> impl Iterator<Item = Vector> {
    ROWS.iter().map(|&(claim, rest, outcome)| {
        Vector::new(claim, [b"POST / HTTP/1.1\r\nHost: a\r\n", rest].concat(), outcome)
    })
}

const ROWS: &[Row] = &[
    ("a body of its length", b"Content-Length: 5\r\n\r\nhello", "POST / body=hello"),
    ("a body that is not there yet", b"Content-Length: 5\r\n\r\n", "..."),
    ("a body that is not all there", b"Content-Length: 5\r\n\r\nhell", "..."),
    ("a length of 0", b"Content-Length: 0\r\n\r\n", "POST /"),
    ("no length is no body", b"\r\n", "POST /"),
    ("a length in small letters", b"content-length: 1\r\n\r\na", "POST / body=a"),
    ("leading zeros", b"Content-Length: 005\r\n\r\nhello", "POST / body=hello"),
    ("white space around the length", b"Content-Length: \t1\t \r\n\r\na", "POST / body=a"),
    ("a body of line ends", b"Content-Length: 4\r\n\r\n\r\n\r\n", "POST / body=\\r\\n\\r\\n"),
    ("a body of any bytes", b"Content-Length: 3\r\n\r\n\0\xff\n", "POST / body=\\x00\\xff\\n"),
    (
        "a body that looks like a request",
        b"Content-Length: 18\r\n\r\nGET /b HTTP/1.1\r\n\r",
        "POST / body=GET /b HTTP/1.1\\r\\n\\r",
    ),
    ("what follows a body is a request", b"Content-Length: 1\r\n\r\naX", "POST / body=a | ..."),
    (
        "what follows a body must be a request",
        b"Content-Length: 1\r\n\r\na\0",
        "POST / body=a | 400 NotHttp",
    ),
    // Numbers.
    ("a plus sign", b"Content-Length: +5\r\n\r\nhello", "400 ContentLength"),
    ("a minus sign", b"Content-Length: -5\r\n\r\nhello", "400 ContentLength"),
    ("minus zero", b"Content-Length: -0\r\n\r\n", "400 ContentLength"),
    ("a hexadecimal length", b"Content-Length: 0x5\r\n\r\nhello", "400 ContentLength"),
    ("hexadecimal digits", b"Content-Length: a\r\n\r\nhellohello", "400 ContentLength"),
    ("an octal prefix", b"Content-Length: 0o5\r\n\r\nhello", "400 ContentLength"),
    ("a fraction", b"Content-Length: 5.0\r\n\r\nhello", "400 ContentLength"),
    ("an exponent", b"Content-Length: 5e0\r\n\r\nhello", "400 ContentLength"),
    ("an underscore in the length", b"Content-Length: 1_0\r\n\r\nhello", "400 ContentLength"),
    ("a space in the length", b"Content-Length: 1 0\r\n\r\nhello", "400 ContentLength"),
    ("a tab in the length", b"Content-Length: 1\t0\r\n\r\nhello", "400 ContentLength"),
    ("letters after the length", b"Content-Length: 5a\r\n\r\nhello", "400 ContentLength"),
    ("a semicolon after the length", b"Content-Length: 5;\r\n\r\nhello", "400 ContentLength"),
    ("a quoted length", b"Content-Length: \"5\"\r\n\r\nhello", "400 ContentLength"),
    ("a word for the length", b"Content-Length: five\r\n\r\nhello", "400 ContentLength"),
    ("an empty length", b"Content-Length:\r\n\r\n", "400 ContentLength"),
    ("a blank length", b"Content-Length: \t\r\n\r\n", "400 ContentLength"),
    ("a fullwidth length", b"Content-Length: \xef\xbc\x95\r\n\r\nhello", "400 ContentLength"),
    (
        "a no-break space before the length",
        b"Content-Length: \xa05\r\n\r\nhello",
        "400 ContentLength",
    ),
    ("a NUL after the length", b"Content-Length: 5\0\r\n\r\nhello", "400 FieldValue"),
    ("a vertical tab before the length", b"Content-Length: \x0b5\r\n\r\nhello", "400 FieldValue"),
    ("a lone CR after the length", b"Content-Length: 5\rA: b\r\n\r\nhello", "400 FieldValue"),
    ("a length on a folded line", b"Content-Length:\r\n 5\r\n\r\nhello", "400 FieldName"),
    ("a space before the length's colon", b"Content-Length : 5\r\n\r\nhello", "400 FieldName"),
    // Overflow and size.
    ("a length of 2^64 - 1", b"Content-Length: 18446744073709551615\r\n\r\n", "413 BodyTooLarge"),
    ("a length of 2^64", b"Content-Length: 18446744073709551616\r\n\r\n", "400 ContentLength"),
    ("a length of 2^64 + 5", b"Content-Length: 18446744073709551621\r\n\r\n", "400 ContentLength"),
    ("a length of 2^32 + 5", b"Content-Length: 4294967301\r\n\r\nhello", "413 BodyTooLarge"),
    ("a length of 2^63", b"Content-Length: 9223372036854775808\r\n\r\n", "413 BodyTooLarge"),
    ("a length of 1 MiB", b"Content-Length: 1048576\r\n\r\n", "..."),
    ("a length of 1 MiB and a byte", b"Content-Length: 1048577\r\n\r\n", "413 BodyTooLarge"),
    // Lists and duplicates.
    ("a list of two lengths", b"Content-Length: 5, 6\r\n\r\nhello", "400 ContentLength"),
    ("a list of two equal lengths", b"Content-Length: 5, 5\r\n\r\nhello", "400 ContentLength"),
    ("a list of one length", b"Content-Length: 5,\r\n\r\nhello", "400 ContentLength"),
    ("a list that begins empty", b"Content-Length: ,5\r\n\r\nhello", "400 ContentLength"),
    (
        "two lengths",
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "400 ContentLengthRepeated",
    ),
    (
        "two equal lengths",
        b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "400 ContentLengthRepeated",
    ),
    (
        "two lengths in two cases",
        b"Content-Length: 0\r\ncontent-length: 5\r\n\r\nhello",
        "400 ContentLengthRepeated",
    ),
    (
        "two lengths, the second of them bad",
        b"Content-Length: 5\r\nContent-Length: x\r\n\r\nhello",
        "400 ContentLengthRepeated",
    ),
    // What else strangers try.
    (
        "many leading zeros",
        b"Content-Length: 0000000000000000000000000000005\r\n\r\nhello",
        "POST / body=hello",
    ),
    (
        "a length beside one with an underscore",
        b"Content-Length: 5\r\nContent_Length: 6\r\n\r\nhello",
        "POST / body=hello",
    ),
    (
        "another field whose name ends like the length",
        b"X-Content-Length: 5\r\n\r\nhello",
        "POST / | ...",
    ),
    ("a tab before the colon of the length", b"Content-Length\t: 5\r\n\r\nhello", "400 FieldName"),
    (
        "a space before the name of the length",
        b"A: b\r\n Content-Length: 5\r\n\r\nhello",
        "400 FieldName",
    ),
    ("a list of lengths by a tab", b"Content-Length: 5,\t5\r\n\r\nhello", "400 ContentLength"),
    (
        "a negative length that overflows",
        b"Content-Length: -18446744073709551611\r\n\r\nhello",
        "400 ContentLength",
    ),
    ("a length in Arabic digits", b"Content-Length: \xd9\xa5\r\n\r\nhello", "400 ContentLength"),
    ("a form feed after the length", b"Content-Length: 5\x0c\r\n\r\nhello", "400 FieldValue"),
    (
        "three lengths",
        b"Content-Length: 5\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "400 ContentLengthRepeated",
    ),
    (
        "a good length before an empty one",
        b"Content-Length: 5\r\nContent-Length:\r\n\r\nhello",
        "400 ContentLengthRepeated",
    ),
];
