//! Status codes of final answers, with their phrases.

use std::fmt;

/// A final status code, 200 to 599 (RFC 9110 §15).
///
/// Interim ones (1xx) are no answers: the connection sends the only one it needs itself.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Status(u16);

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $code:literal $phrase:literal;)*) => {
        impl Status {
            $($(#[$doc])* pub const $name: Self = Self($code);)*

            /// The phrase after the code; empty for a code that has no constant here.
            pub const fn phrase(self) -> &'static str {
                match self.0 {
                    $($code => $phrase,)*
                    _ => "",
                }
            }

            /// The first line of an answer and the beginning of the next one, ready to be copied;
            /// none for a code that has no constant here.
            const fn ready(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some(concat!("HTTP/1.1 ", $code, " ", $phrase, "\r\nContent-Length: ")),)*
                    _ => None,
                }
            }
        }
    };
}

statuses! {
    /// The request succeeded.
    OK = 200 "OK";
    /// It succeeded and there is nothing to show.
    NO_CONTENT = 204 "No Content";
    /// Some of the file, as asked for.
    PARTIAL_CONTENT = 206 "Partial Content";
    /// It lives elsewhere now.
    MOVED_PERMANENTLY = 301 "Moved Permanently";
    /// Look there, with GET.
    SEE_OTHER = 303 "See Other";
    /// The client's copy is good.
    NOT_MODIFIED = 304 "Not Modified";
    /// Look there, with the same method.
    PERMANENT_REDIRECT = 308 "Permanent Redirect";
    /// Not HTTP, or not clear what it means.
    BAD_REQUEST = 400 "Bad Request";
    /// A token is missing or wrong.
    UNAUTHORIZED = 401 "Unauthorized";
    /// Refused whoever asks.
    FORBIDDEN = 403 "Forbidden";
    /// No such page.
    NOT_FOUND = 404 "Not Found";
    /// The page is there, for other methods.
    METHOD_NOT_ALLOWED = 405 "Method Not Allowed";
    /// The request took too long to arrive.
    REQUEST_TIMEOUT = 408 "Request Timeout";
    /// A condition that the request sets does not hold.
    PRECONDITION_FAILED = 412 "Precondition Failed";
    /// The body is larger than the limit.
    CONTENT_TOO_LARGE = 413 "Content Too Large";
    /// The target is longer than the limit.
    URI_TOO_LONG = 414 "URI Too Long";
    /// No part of the file lies in the range asked for.
    RANGE_NOT_SATISFIABLE = 416 "Range Not Satisfiable";
    /// `Expect` asks for something other than `100-continue`.
    EXPECTATION_FAILED = 417 "Expectation Failed";
    /// This server is not the one the request is for.
    MISDIRECTED_REQUEST = 421 "Misdirected Request";
    /// This client asks too often.
    TOO_MANY_REQUESTS = 429 "Too Many Requests";
    /// The head is larger than the limit, or has more fields.
    REQUEST_HEADER_FIELDS_TOO_LARGE = 431 "Request Header Fields Too Large";
    /// A handler failed.
    INTERNAL_SERVER_ERROR = 500 "Internal Server Error";
    /// A method or transfer coding that nobody here knows.
    NOT_IMPLEMENTED = 501 "Not Implemented";
    /// More work than the server takes on; come back later.
    SERVICE_UNAVAILABLE = 503 "Service Unavailable";
    /// A version that is neither 1.0 nor 1.1.
    HTTP_VERSION_NOT_SUPPORTED = 505 "HTTP Version Not Supported";
}

impl Status {
    /// A status by its number; `None` outside 200 to 599.
    pub const fn new(code: u16) -> Option<Self> {
        match code {
            200..=599 => Some(Self(code)),
            _ => None,
        }
    }

    /// The number.
    pub const fn code(self) -> u16 {
        self.0
    }

    /// Appends the first line of an answer, without its end; with `and_length` the next line as well, up
    /// to the value of a `Content-Length`.
    pub(super) fn write(self, out: &mut Vec<u8>, and_length: bool) {
        let Some(ready) = self.ready() else {
            let length = if and_length { LENGTH } else { "" };
            return out.extend_from_slice(format!("HTTP/1.1 {} {length}", self.0).as_bytes());
        };
        let left_out = if and_length { 0 } else { LENGTH.len() };
        out.extend_from_slice(&ready.as_bytes()[..ready.len() - left_out]);
    }

    /// Whether an answer with this status never has a body, nor a length (RFC 9110 §8.6).
    pub(super) const fn is_bodiless(self) -> bool {
        matches!(self.0, 204 | 304)
    }
}

const LENGTH: &str = "\r\nContent-Length: ";

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Status({})", self.0)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.phrase())
    }
}
