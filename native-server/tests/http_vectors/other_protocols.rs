//! What arrives on a port that others mistake for theirs: refused at the first byte that says so.

use super::{Row, Vector};

pub(crate) fn vectors() -> impl Iterator<Item = Vector> {
    ROWS.iter().map(|&(claim, input, outcome)| Vector::new(claim, input, outcome))
}

const ROWS: &[Row] = &[
    ("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "505 Version"),
    ("a TLS greeting", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", "400 NotHttp"),
    ("one byte of a TLS greeting", b"\x16", "400 NotHttp"),
    ("a TLS greeting of 1995", b"\x80\x2e\x01\0\x02\0\x15\0\0\0\x10", "400 NotHttp"),
    ("an SSH greeting", b"SSH-2.0-OpenSSH_9.2\r\n", "400 NotHttp"),
    ("an SMTP greeting", b"EHLO example.org\r\n", "400 RequestLine"),
    ("an SMTP command", b"QUIT\r\n", "400 NotHttp"),
    ("an FTP command", b"USER anonymous\r\n", "400 RequestLine"),
    (
        "a proxy's first version of a preface",
        b"PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n",
        "400 RequestLine",
    ),
    ("a proxy's second version of a preface", b"\r\n\r\n\0\r\nQUIT\n\x21\x11", "400 NotHttp"),
    ("a redis command", b"*1\r\n$4\r\nPING\r\n", "400 NotHttp"),
    ("a redis command on one line", b"PING\r\n", "400 NotHttp"),
    ("a memcached command", b"stats\r\n", "400 NotHttp"),
    ("a PostgreSQL greeting", b"\0\0\0\x08\x04\xd2\x16\x2f", "400 NotHttp"),
    ("a SOCKS greeting", b"\x05\x01\0", "400 NotHttp"),
    ("a SOCKS 4 request", b"\x04\x01\0\x50\x7f\0\0\x01\0", "400 NotHttp"),
    ("an RDP greeting", b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0", "400 NotHttp"),
    ("an RTSP request", b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n", "400 RequestLine"),
    ("an answer for a request", b"HTTP/1.1 200 OK\r\n\r\n", "400 NotHttp"),
    ("a telnet greeting", b"\xff\xfd\x01\xff\xfd\x1f", "400 NotHttp"),
    ("a git daemon's request", b"0032git-upload-pack /a.git\0host=b\0", "..."),
    ("a JSON object", b"{\"jsonrpc\": \"2.0\"}\n", "400 NotHttp"),
    ("a page", b"<!DOCTYPE html>\r\n", "400 NotHttp"),
    ("zeros", b"\0\0\0\0\0\0\0\0", "400 NotHttp"),
    (
        "text that never becomes a method",
        b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "501 MethodTooLong",
    ),
    ("an HTTP/0.9 request", b"GET /\r\n", "400 RequestLine"),
    ("an HTTP/0.9 request that ends in LF", b"GET /\n", "400 BareLf"),
    // What else strangers try.
    ("an MQTT greeting", b"\x10\x0e\0\x04MQTT\x04\x02\0\x3c\0\x02a", "400 NotHttp"),
    ("an AMQP greeting", b"AMQP\0\0\x09\x01", "400 NotHttp"),
    ("an LDAP request", b"\x30\x0c\x02\x01\x01\x60\x07", "400 NotHttp"),
    ("a BitTorrent greeting", b"\x13BitTorrent protocol\0\0\0\0", "400 NotHttp"),
    ("a Gopher request", b"/\r\n", "400 NotHttp"),
    ("an IRC greeting", b"NICK a\r\nUSER b\r\n", "400 RequestLine"),
    ("packed bytes", b"\x1f\x8b\x08\0\0\0\0\0", "400 NotHttp"),
    ("a request in UTF-16", b"G\0E\0T\0 \0/\0", "400 NotHttp"),
    ("a request in EBCDIC", b"\xc7\xc5\xe3\x40\x61\x40", "400 NotHttp"),
    ("a DNS query", b"\0\x1d\x12\x34\x01\0\0\x01\0\0\0\0\0\0", "400 NotHttp"),
    ("an ICAP request", b"REQMOD icap://a/b ICAP/1.0\r\nHost: a\r\n\r\n", "400 RequestLine"),
    ("a websocket frame", b"\x81\x85\0\0\0\0hello", "400 NotHttp"),
];
