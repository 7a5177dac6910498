//! `Host` (RFC 9112 §3.2): one, and one that is a host.

use super::{Row, Vector};

pub(crate) fn vectors() -> impl Iterator<Item = Vector> {
    let http_11 = HOSTS_11.iter().map(|row| ("GET / HTTP/1.1\r\n", row));
    let http_10 = HOSTS_10.iter().map(|row| ("GET / HTTP/1.0\r\n", row));
    http_11.chain(http_10).map(|(line, &(claim, fields, outcome))| {
        Vector::new(claim, [line.as_bytes(), fields, b"\r\n"].concat(), outcome)
    })
}

const HOSTS_11: &[Row] = &[
    ("no Host", b"", "400 HostMissing"),
    ("other fields, no Host", b"Accept: */*\r\n", "400 HostMissing"),
    ("another field's name ends like Host", b"X-Host: a\r\n", "400 HostMissing"),
    ("Host in small letters", b"host: a\r\n", "GET /"),
    ("Host in capitals", b"HOST: a\r\n", "GET /"),
    ("Host without a space before it", b"Host:a\r\n", "GET /"),
    ("Host with white space around it", b"Host: \t a \t\r\n", "GET /"),
    ("Host last", b"Accept: */*\r\nHost: a\r\n", "GET /"),
    ("two Hosts", b"Host: a\r\nHost: b\r\n", "400 HostRepeated"),
    ("two equal Hosts", b"Host: a\r\nHost: a\r\n", "400 HostRepeated"),
    ("two Hosts in two cases", b"Host: a\r\nhOST: a\r\n", "400 HostRepeated"),
    ("two Hosts with a field between", b"Host: a\r\nB: c\r\nHost: a\r\n", "400 HostRepeated"),
    ("an empty Host", b"Host:\r\n", "400 HostInvalid"),
    ("a blank Host", b"Host: \t \r\n", "400 HostInvalid"),
    ("Host with a port", b"Host: b.example:8080\r\n", "GET / host=b.example:8080"),
    ("Host with an empty port", b"Host: b:\r\n", "GET / host=b:"),
    ("Host as IPv4", b"Host: 127.0.0.1\r\n", "GET / host=127.0.0.1"),
    ("Host as IPv6", b"Host: [::1]:80\r\n", "GET / host=[::1]:80"),
    ("Host with an underscore", b"Host: a_b\r\n", "GET / host=a_b"),
    ("Host percent-encoded", b"Host: %61\r\n", "GET / host=%61"),
    ("Host with a bad percent", b"Host: %6\r\n", "400 HostInvalid"),
    ("two hosts in one Host", b"Host: a, b\r\n", "400 HostInvalid"),
    ("two hosts in one Host, by a space", b"Host: a b\r\n", "400 HostInvalid"),
    ("Host with a path", b"Host: a/b\r\n", "400 HostInvalid"),
    ("Host with a scheme", b"Host: http://a\r\n", "400 HostInvalid"),
    ("Host with a user", b"Host: u@a\r\n", "400 HostInvalid"),
    ("Host with a query", b"Host: a?b\r\n", "400 HostInvalid"),
    ("Host with a fragment", b"Host: a#b\r\n", "400 HostInvalid"),
    ("Host with a backslash", b"Host: a\\b\r\n", "400 HostInvalid"),
    ("Host with quotes", b"Host: \"a\"\r\n", "400 HostInvalid"),
    ("Host beyond ASCII", b"Host: \xc3\xa9\r\n", "400 HostInvalid"),
    ("Host that is no UTF-8", b"Host: \xe9\r\n", "400 HostInvalid"),
    ("Host with a tab inside", b"Host: a\tb\r\n", "400 HostInvalid"),
    ("Host with a port and no host", b"Host: :80\r\n", "400 HostInvalid"),
    ("Host with a port of letters", b"Host: a:http\r\n", "400 HostInvalid"),
    ("Host with a negative port", b"Host: a:-1\r\n", "400 HostInvalid"),
    ("Host with too large a port", b"Host: a:65536\r\n", "400 HostInvalid"),
    ("Host with two ports", b"Host: a:80:80\r\n", "400 HostInvalid"),
    ("Host as IPv6 without brackets", b"Host: ::1\r\n", "400 HostInvalid"),
    ("Host as IPv6 not closed", b"Host: [::1\r\n", "400 HostInvalid"),
    ("Host as IPv6 with something after it", b"Host: [::1]a\r\n", "400 HostInvalid"),
    ("Host as empty brackets", b"Host: []\r\n", "400 HostInvalid"),
    ("Host with a NUL", b"Host: a\0\r\n", "400 FieldValue"),
    ("Host with a space before its colon", b"Host : a\r\n", "400 FieldName"),
    // What else strangers try.
    ("Host with a sign before its port", b"Host: a:+80\r\n", "400 HostInvalid"),
    ("Host with zeros before its port", b"Host: a:0080\r\n", "GET / host=a:0080"),
    ("Host in angle brackets", b"Host: <a>\r\n", "400 HostInvalid"),
    ("Host with a bar", b"Host: a|b\r\n", "400 HostInvalid"),
    ("Host with a caret", b"Host: a^b\r\n", "400 HostInvalid"),
    ("Host as IPv4 in IPv6", b"Host: [::ffff:1.2.3.4]\r\n", "GET / host=[::ffff:1.2.3.4]"),
    ("Host as IPv4 in brackets", b"Host: [1.2.3.4]\r\n", "400 HostInvalid"),
    ("Host as IPv6 with a colon too many", b"Host: [:::1]\r\n", "400 HostInvalid"),
    ("Host as IPv6 with a zone", b"Host: [fe80::1%25eth0]\r\n", "400 HostInvalid"),
    ("Host as IPv6 twice", b"Host: [::1][::1]\r\n", "400 HostInvalid"),
    ("Host with a DEL", b"Host: a\x7f\r\n", "400 FieldValue"),
    ("Host with an encoded NUL", b"Host: a%00\r\n", "GET / host=a%00"),
    ("Host on a folded line", b"Host:\r\n a\r\n", "400 FieldName"),
    ("Host that is folded", b"Host: a\r\n b\r\n", "400 FieldName"),
    ("Host ended by LF", b"Host: a\nB: c\r\n", "400 BareLf"),
];

const HOSTS_10: &[Row] = &[
    ("HTTP/1.0 needs no Host", b"", "GET / 1.0 close"),
    ("HTTP/1.0 may have a Host", b"Host: b\r\n", "GET / 1.0 close host=b"),
    ("HTTP/1.0 with two Hosts", b"Host: a\r\nHost: a\r\n", "400 HostRepeated"),
    ("HTTP/1.0 with a bad Host", b"Host: a b\r\n", "400 HostInvalid"),
];
