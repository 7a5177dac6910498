//! Who may ask at an address that is not this computer's own.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::http::Request;

/// What a client has to know; none where everybody may ask.
///
/// It comes as `Authorization: Bearer TOKEN`, as a scraper sends it, or as the password of
/// `Authorization: Basic`, as a browser asks its user for it (RFC 6750 §2.1, RFC 7617).
#[derive(Clone, Debug, Default)]
pub(super) struct Secret(Option<String>);

impl Secret {
    pub(super) fn new(token: Option<String>) -> Self {
        Self(token)
    }

    /// Whether this request may be answered.
    pub(super) fn accepts(&self, request: &Request<'_>) -> bool {
        let Some(token) = &self.0 else { return true };
        let given = request.field("authorization").and_then(given);
        given.is_some_and(|given| is_equal(&given, token.as_bytes()))
    }
}

/// The secret that a value of `Authorization` has.
fn given(value: &[u8]) -> Option<Vec<u8>> {
    let (scheme, secret) = str::from_utf8(value).ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(secret.trim().as_bytes().to_vec());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = BASE64_STANDARD.decode(secret.trim()).ok()?;
        let colon = decoded.iter().position(|&byte| byte == b':')?;
        return Some(decoded[colon + 1..].to_vec());
    }
    None
}

/// Compares without telling by its time how far two secrets agree.
fn is_equal(one: &[u8], other: &[u8]) -> bool {
    let differing = one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && differing == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_a_bearer_token_or_a_password() {
        assert_eq!(given(b"Bearer abc"), Some(b"abc".to_vec()));
        assert_eq!(given(b"basic dXNlcjphYmM="), Some(b"abc".to_vec()));
        for value in
            [&b"abc"[..], b"Bearer", b"Digest abc", b"Basic ???", b"Basic dXNlcg==", b"\xff a"]
        {
            assert_eq!(given(value), None);
        }
    }

    #[test]
    fn secrets_are_equal_or_not() {
        assert!(is_equal(b"abc", b"abc"));
        for other in [&b"abd"[..], b"ab", b"abcd", b""] {
            assert!(!is_equal(b"abc", other));
        }
    }
}
