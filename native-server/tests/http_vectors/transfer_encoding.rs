//! `Transfer-Encoding` (RFC 9112 §6.1): `chunked`, once, alone, in HTTP/1.1.

use super::{Row, Vector};

pub(crate) fn vectors() -> impl Iterator<Item = Vector> {
    let http_11 = ROWS_11.iter().map(|row| ("POST / HTTP/1.1\r\nHost: a\r\n", row));
    let http_10 = ROWS_10.iter().map(|row| ("POST / HTTP/1.0\r\nHost: a\r\n", row));
    http_11.chain(http_10).map(|(head, &(claim, fields, outcome))| {
        let body = b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
        Vector::new(claim, [head.as_bytes(), fields, body].concat(), outcome)
    })
}

const ROWS_11: &[Row] = &[
    ("chunked", b"Transfer-Encoding: chunked", "POST / body=hello"),
    ("chunked in capitals", b"TRANSFER-ENCODING: CHUNKED", "POST / body=hello"),
    ("chunked without a space", b"Transfer-Encoding:chunked", "POST / body=hello"),
    ("chunked with white space around", b"Transfer-Encoding: \t chunked\t ", "POST / body=hello"),
    ("TE beside chunked", b"TE: trailers\r\nTransfer-Encoding: chunked", "POST / body=hello"),
    // With a length.
    (
        "chunked after a length",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
        "400 FramedTwice",
    ),
    (
        "chunked before a length",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5",
        "400 FramedTwice",
    ),
    (
        "chunked with a length of 0",
        b"Transfer-Encoding: chunked\r\nContent-Length: 0",
        "400 FramedTwice",
    ),
    (
        "chunked with a bad length",
        b"Transfer-Encoding: chunked\r\nContent-Length: x",
        "400 ContentLength",
    ),
    (
        "an unknown coding with a length",
        b"Content-Length: 5\r\nTransfer-Encoding: gzip",
        "501 TransferCoding",
    ),
    // Unknown.
    ("gzip alone", b"Transfer-Encoding: gzip", "501 TransferCoding"),
    ("gzip, then chunked", b"Transfer-Encoding: gzip, chunked", "501 TransferCoding"),
    (
        "gzip, then chunked, without a space",
        b"Transfer-Encoding: gzip,chunked",
        "501 TransferCoding",
    ),
    ("identity", b"Transfer-Encoding: identity", "501 TransferCoding"),
    ("identity, then chunked", b"Transfer-Encoding: identity, chunked", "501 TransferCoding"),
    ("a longer word than chunked", b"Transfer-Encoding: chunkedd", "501 TransferCoding"),
    ("a word that ends like chunked", b"Transfer-Encoding: xchunked", "501 TransferCoding"),
    ("a shorter word than chunked", b"Transfer-Encoding: chunke", "501 TransferCoding"),
    ("a coding with a parameter", b"Transfer-Encoding: a;b=c, chunked", "501 TransferCoding"),
    ("a word that is like cow", b"Transfer-Encoding: cow", "501 TransferCoding"),
    // Repeated, not last.
    ("chunked twice in a list", b"Transfer-Encoding: chunked, chunked", "400 TransferEncoding"),
    ("chunked before gzip", b"Transfer-Encoding: chunked, gzip", "400 TransferEncoding"),
    ("chunked before identity", b"Transfer-Encoding: chunked, identity", "400 TransferEncoding"),
    (
        "chunked in two fields",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "400 TransferEncoding",
    ),
    (
        "identity in a second field",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "400 TransferEncoding",
    ),
    (
        "an empty second field",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding:",
        "400 TransferEncoding",
    ),
    // Odd writing.
    ("no coding", b"Transfer-Encoding:", "400 TransferEncoding"),
    ("a blank coding", b"Transfer-Encoding: \t", "400 TransferEncoding"),
    ("a comma after chunked", b"Transfer-Encoding: chunked,", "400 TransferEncoding"),
    ("a comma before chunked", b"Transfer-Encoding: ,chunked", "400 TransferEncoding"),
    ("a comma alone", b"Transfer-Encoding: ,", "400 TransferEncoding"),
    ("chunked with a parameter", b"Transfer-Encoding: chunked;a=b", "400 TransferEncoding"),
    ("chunked with a semicolon", b"Transfer-Encoding: chunked;", "400 TransferEncoding"),
    ("chunked in quotes", b"Transfer-Encoding: \"chunked\"", "400 TransferEncoding"),
    ("chunked in single quotes", b"Transfer-Encoding: 'chunked'", "501 TransferCoding"),
    ("chunked with a space inside", b"Transfer-Encoding: chun ked", "400 TransferEncoding"),
    ("chunked after a word", b"Transfer-Encoding: x chunked", "400 TransferEncoding"),
    ("chunked after a colon", b"Transfer-Encoding: : chunked", "400 TransferEncoding"),
    (
        "chunked with a letter beyond ASCII",
        b"Transfer-Encoding: chunked\xa0",
        "400 TransferEncoding",
    ),
    ("chunked after a vertical tab", b"Transfer-Encoding: \x0bchunked", "400 FieldValue"),
    ("chunked before a NUL", b"Transfer-Encoding: chunked\0", "400 FieldValue"),
    ("chunked before a lone CR", b"Transfer-Encoding: chunked\rA: b", "400 FieldValue"),
    ("chunked on a folded line", b"Transfer-Encoding:\r\n chunked", "400 FieldName"),
    ("a space before the coding's colon", b"Transfer-Encoding : chunked", "400 FieldName"),
    ("a space before the coding's name", b"A: b\r\n Transfer-Encoding: chunked", "400 FieldName"),
    ("a coding's field that ends in LF", b"Transfer-Encoding: chunked\nA: b", "400 BareLf"),
    // What else strangers try.
    (
        "gzip in a second field",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip",
        "400 TransferEncoding",
    ),
    (
        "chunked in a second field",
        b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
        "501 TransferCoding",
    ),
    (
        "a name with an underscore is no coding",
        b"Transfer_Encoding: chunked",
        "POST / | 400 NotHttp",
    ),
    (
        "a name that ends like the coding is none",
        b"X-Transfer-Encoding: chunked",
        "POST / | 400 NotHttp",
    ),
    ("a form feed after chunked", b"Transfer-Encoding: chunked\x0c", "400 FieldValue"),
    ("a NUL before chunked", b"Transfer-Encoding: \0chunked", "400 FieldValue"),
    ("chunked twice in two cases", b"Transfer-Encoding: Chunked, CHUNKED", "400 TransferEncoding"),
    ("three codings", b"Transfer-Encoding: gzip, deflate, chunked", "501 TransferCoding"),
    ("a tab before the colon of the coding", b"Transfer-Encoding\t: chunked", "400 FieldName"),
    (
        "identity with a length",
        b"Content-Length: 5\r\nTransfer-Encoding: identity",
        "501 TransferCoding",
    ),
    (
        "chunked with two lengths",
        b"Content-Length: 5\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
        "400 ContentLengthRepeated",
    ),
    (
        "chunked by a tab after a comma",
        b"Transfer-Encoding: chunked,\tchunked",
        "400 TransferEncoding",
    ),
];

const ROWS_10: &[Row] = &[
    ("chunked in HTTP/1.0", b"Transfer-Encoding: chunked", "400 TransferEncoding"),
    (
        "chunked in HTTP/1.0 that stays",
        b"Connection: keep-alive\r\nTransfer-Encoding: chunked",
        "400 TransferEncoding",
    ),
    (
        "chunked in HTTP/1.0 with a length",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
        "400 FramedTwice",
    ),
];
