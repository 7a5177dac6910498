//! The request target in its four forms (RFC 9112 §3.2).

use std::borrow::Cow;

use super::{
    Refusal,
    grammar::{is_authority, is_host_and_port, percent_decode, split_at_byte},
};

/// What a request is for, as its first line wrote it; nothing is decoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Target<'a> {
    /// `http://host/path?query`, as sent to proxies; every server must understand it.
    Absolute {
        /// Host and port: they win over `Host`.
        authority: &'a str,
        /// Begins with a slash, or is empty.
        path: &'a str,
        /// What follows the first question mark.
        query: Option<&'a str>,
    },
    /// `*`: the server as a whole, for OPTIONS only.
    Asterisk,
    /// `host:port`, for CONNECT only.
    Authority(&'a str),
    /// `/path?query`: the usual one.
    Origin {
        /// Begins with a slash.
        path: &'a str,
        /// What follows the first question mark.
        query: Option<&'a str>,
    },
}

impl<'a> Target<'a> {
    /// Takes a target apart and refuses it when a part has bytes that cannot stand there, or when
    /// the form is not one for the method.
    pub(super) fn parse(target: &'a str, method: &str) -> Result<Self, Refusal> {
        let target = Self::split(target);
        let is_valid = match target {
            Self::Absolute { authority, path, query } => {
                method != "CONNECT"
                    && is_authority(authority.as_bytes())
                    && is_path(path)
                    && query.is_none_or(is_query)
            }
            Self::Asterisk => method == "OPTIONS",
            Self::Authority(authority) => {
                method == "CONNECT" && is_host_and_port(authority.as_bytes())
            }
            Self::Origin { path, query } => {
                method != "CONNECT" && is_path(path) && query.is_none_or(is_query)
            }
        };
        if is_valid { Ok(target) } else { Err(Refusal::Target) }
    }

    /// Takes a target apart by its shape alone.
    pub(super) fn split(target: &'a str) -> Self {
        if target.starts_with('/') {
            let (path, query) = split_query(target);
            return Self::Origin { path, query };
        }
        if target == "*" {
            return Self::Asterisk;
        }
        let Some(rest) = strip_scheme(target) else { return Self::Authority(target) };
        let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (path, query) = split_query(rest);
        Self::Absolute { authority, path, query }
    }

    /// Bytes of the path and of the whole of a `/path?query` at the beginning of `bytes`, whose path has
    /// nothing to decode: what follows is no part of a target.
    pub(super) fn plain(bytes: &[u8]) -> Option<(usize, usize)> {
        let count = |bytes: &[u8], class: u8| {
            bytes.iter().take_while(|&&byte| TARGET[byte as usize] & class != 0).count()
        };
        if bytes.first() != Some(&b'/') {
            return None;
        }
        let path = count(bytes, PLAIN);
        let has_query = bytes.get(path) == Some(&b'?');
        let query = if has_query { count(&bytes[path..], IN_QUERY) } else { 0 };
        Some((path, path + query))
    }

    /// The decoded path of a target that [`parse`](Self::parse) accepted.
    pub(super) fn decode_checked(path: &'a str) -> Cow<'a, str> {
        percent_decode(path).expect("it was decoded once, to check it")
    }
}

fn split_query(target: &str) -> (&str, Option<&str>) {
    match split_at_byte(target, b'?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    }
}

/// What follows `http://` or `https://`; a proxy that ends TLS passes the latter on.
fn strip_scheme(target: &str) -> Option<&str> {
    let (scheme, rest) = target.split_once("://")?;
    let is_known = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    is_known.then_some(rest)
}

fn is_path(path: &str) -> bool {
    path.bytes().all(|byte| TARGET[byte as usize] & IN_PATH != 0) && percent_decode(path).is_some()
}

fn is_query(query: &str) -> bool {
    query.bytes().all(|byte| TARGET[byte as usize] & IN_QUERY != 0)
}

const IN_PATH: u8 = 1;
const IN_QUERY: u8 = 2;
/// In a path, and itself.
const PLAIN: u8 = 4;

/// RFC 3986 §3.3 and §3.4, and what browsers leave unencoded beyond it (WHATWG URL, "path" and
/// "query percent-encode set"): refusing their links would teach nobody anything. Space, quotes,
/// angle brackets, `#`, controls and everything beyond ASCII stay out, and a backslash, which some
/// take for a slash, stays out of paths.
const TARGET: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = b'!';
    while byte < 0x7f {
        table[byte as usize] = match byte {
            b'"' | b'#' | b'<' | b'>' => 0,
            b'\\' | b'?' => IN_QUERY,
            b'%' => IN_PATH | IN_QUERY,
            _ => IN_PATH | IN_QUERY | PLAIN,
        };
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_known_by_its_shape() {
        assert_eq!(
            Target::parse("/a?b?c", "GET"),
            Ok(Target::Origin { path: "/a", query: Some("b?c") })
        );
        assert_eq!(
            Target::parse("HTTP://h:1?q", "GET"),
            Ok(Target::Absolute { authority: "h:1", path: "", query: Some("q") })
        );
        assert_eq!(Target::parse("*", "OPTIONS"), Ok(Target::Asterisk));
        assert_eq!(Target::parse("h:1", "CONNECT"), Ok(Target::Authority("h:1")));
    }

    #[test]
    fn a_form_is_refused_for_the_wrong_method() {
        for (target, method) in
            [("*", "GET"), ("h:1", "GET"), ("/", "CONNECT"), ("http://h/", "CONNECT"), ("a", "GET")]
        {
            assert_eq!(Target::parse(target, method), Err(Refusal::Target), "{method} {target}");
        }
    }
}
