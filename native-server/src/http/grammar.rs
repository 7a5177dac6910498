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

/// What follows spaces and tabs.
pub(super) fn skip_space(text: &[u8]) -> &[u8] {
    let n = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    &text[n..]
}

/// Whether the text is `host [":" port]`, with a host that is not empty: for an `http` target an
/// empty one is invalid (RFC 9110 §4.2.1 and §7.2, RFC 3986 §3.2.2).
pub(super) fn is_authority(text: &[u8]) -> bool {
    skip_host(text)
        .is_some_and(|after| after.is_empty() || after.strip_prefix(b":").is_some_and(is_port))
}

/// Whether the text is `host ":" port`, as CONNECT names its target (RFC 9112 §3.2.3).
pub(super) fn is_host_and_port(text: &[u8]) -> bool {
    let port = skip_host(text).and_then(|after| after.strip_prefix(b":"));
    port.is_some_and(|port| !port.is_empty() && is_port(port))
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

/// What follows a valid host.
fn skip_host(text: &[u8]) -> Option<&[u8]> {
    let Some(literal) = text.strip_prefix(b"[") else { return skip_registered_name(text) };
    let end = literal.iter().position(|&byte| byte == b']')?;
    let address = str::from_utf8(&literal[..end]).ok()?;
    address.parse::<Ipv6Addr>().ok()?;
    Some(&literal[end + 1..])
}

/// What follows a `reg-name` that is not empty; an IPv4 address is one by its letters.
fn skip_registered_name(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    loop {
        let n_plain = rest.iter().take_while(|&&byte| REGISTERED_NAME[byte as usize]).count();
        rest = match &rest[n_plain..] {
            [b'%', high, low, after @ ..]
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                after
            }
            after => return (after.len() < text.len()).then_some(after),
        };
    }
}

/// `port`: digits, at most 65,535; none at all is allowed.
fn is_port(port: &[u8]) -> bool {
    let mut number = 0;
    for &digit in port {
        if !digit.is_ascii_digit() {
            return false;
        }
        number = u32::from(digit - b'0') + 10 * number;
        if number > u32::from(u16::MAX) {
            return false;
        }
    }
    true
}

/// What a `reg-name` may hold as it is (RFC 3986 §3.2.2).
const REGISTERED_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        table[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'.'
                    | b'_'
                    | b'~'
                    | b'!'
                    | b'$'
                    | b'&'
                    | b'\''
                    | b'('
                    | b')'
                    | b'*'
                    | b'+'
                    | b','
                    | b';'
                    | b'='
            );
        byte += 1;
    }
    table
};

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
            assert!(is_authority(good.as_bytes()), "{good}");
        }
        for bad in [
            "", ":80", "a:b", "a:-1", "a:65536", "a b", "a/b", "u@a", "[::1", "[]", "[::1]x",
            "[g::]", "a:80:80", "a%4", "a%zz", "a\"b", "\u{e9}", "a#b", "a?b", "a\\b", "::1",
        ] {
            assert!(!is_authority(bad.as_bytes()), "{bad}");
        }
        assert!(is_host_and_port(b"a:443") && !is_host_and_port(b"a") && !is_host_and_port(b"a:"));
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
