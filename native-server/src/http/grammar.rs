//! The small words of the grammar: tokens, hosts, percent-encoding.

use std::{borrow::Cow, net::Ipv6Addr};

/// Whether a byte may stand in a token: methods, field names, chunk extensions (RFC 9110 §5.6.2).
pub(super) const fn is_token_byte(byte: u8) -> bool {
    TOKEN[byte as usize]
}

/// Whether the text is a token: at least one byte, all of them token bytes.
pub(super) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|&byte| is_token_byte(byte))
}

/// Without the spaces and tabs around it (`OWS`, RFC 9110 §5.6.3).
pub(super) fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// Whether the text is `host [":" port]`, with a host that is not empty: for an `http` target an
/// empty one is invalid (RFC 9110 §4.2.1 and §7.2, RFC 3986 §3.2.2).
pub(super) fn is_authority(text: &str) -> bool {
    split_port(text).is_some_and(|(_, port)| port.is_none_or(is_port))
}

/// Whether the text is `host ":" port`, as CONNECT names its target (RFC 9112 §3.2.3).
pub(super) fn is_host_and_port(text: &str) -> bool {
    split_port(text)
        .is_some_and(|(_, port)| port.is_some_and(|port| !port.is_empty() && is_port(port)))
}

/// Bytes that were checked before, as text.
pub(super) fn checked_ascii(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).expect("only ASCII passed the check")
}

/// The text with its percent-encoded bytes decoded, once; `None` for a `%` without two hexadecimal
/// digits, a NUL, or what is not UTF-8 then.
pub(super) fn percent_decode(text: &str) -> Option<Cow<'_, str>> {
    let Some(first) = text.bytes().position(|byte| byte == b'%') else {
        return Some(Cow::Borrowed(text));
    };
    let mut decoded = Vec::with_capacity(text.len());
    decoded.extend_from_slice(&text.as_bytes()[..first]);
    let mut rest = &text.as_bytes()[first..];
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'%' {
            let (&[high, low], after) = after.split_first_chunk()?;
            let value = hex_digit(high)? << 4 | hex_digit(low)?;
            if value == 0 {
                return None;
            }
            decoded.push(value);
            rest = after;
        } else {
            decoded.push(byte);
            rest = after;
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// What is before and after the first such byte, which is an ASCII character. What is taken apart
/// here is short: `split_once` would spend most of its time on getting ready for something long.
pub(super) fn split_at_byte(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == separator)?;
    Some((&text[..at], &text[at + 1..]))
}

/// The value of a hexadecimal digit.
pub(super) const fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Host and port of an authority whose host is valid.
fn split_port(text: &str) -> Option<(&str, Option<&str>)> {
    if let Some(literal) = text.strip_prefix('[') {
        let (address, after) = literal.split_once(']')?;
        address.parse::<Ipv6Addr>().ok()?;
        let port = if after.is_empty() { None } else { Some(after.strip_prefix(':')?) };
        return Some((address, port));
    }
    let (host, port) = match split_at_byte(text, b':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    is_registered_name(host.as_bytes()).then_some((host, port))
}

/// `reg-name`, not empty; an IPv4 address is one by its letters.
fn is_registered_name(mut host: &[u8]) -> bool {
    if host.is_empty() {
        return false;
    }
    while let Some((&byte, after)) = host.split_first() {
        host = match byte {
            _ if byte.is_ascii_alphanumeric() => after,
            b'%' => match after {
                [high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    after
                }
                _ => return false,
            },
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+'
            | b',' | b';' | b'=' => after,
            _ => return false,
        };
    }
    true
}

/// `port`: digits, at most 65,535; none at all is allowed.
fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit())
        && (port.is_empty() || port.parse::<u16>().is_ok())
}

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        table[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'!' | b'#'
                    | b'$'
                    | b'%'
                    | b'&'
                    | b'\''
                    | b'*'
                    | b'+'
                    | b'-'
                    | b'.'
                    | b'^'
                    | b'_'
                    | b'`'
                    | b'|'
                    | b'~'
            );
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_told_from_what_is_none() {
        for good in ["a", "a.b-c", "127.0.0.1:80", "[::1]", "[::1]:8080", "a:", "%41", "a_b", "a,b"]
        {
            assert!(is_authority(good), "{good}");
        }
        for bad in [
            "", ":80", "a:b", "a:-1", "a:65536", "a b", "a/b", "u@a", "[::1", "[]", "[::1]x",
            "[g::]", "a:80:80", "a%4", "a%zz", "a\"b", "\u{e9}", "a#b", "a?b", "a\\b", "::1",
        ] {
            assert!(!is_authority(bad), "{bad}");
        }
        assert!(is_host_and_port("a:443") && !is_host_and_port("a") && !is_host_and_port("a:"));
    }

    #[test]
    fn percent_decoding_happens_once_and_never_yields_nul() {
        assert_eq!(percent_decode("/a%20b%2f%C3%a9").as_deref(), Some("/a b/\u{e9}"));
        assert_eq!(percent_decode("/%252e").as_deref(), Some("/%2e"));
        for bad in ["%", "%4", "%zz", "%00", "%ff", "a%0", "%+1", "%%41"] {
            assert_eq!(percent_decode(bad), None, "{bad}");
        }
    }

    #[test]
    fn white_space_is_trimmed_on_both_sides_only() {
        assert_eq!(trim(b" \ta b\t "), b"a b");
        assert_eq!(trim(b" \t "), b"");
    }
}
