//! Why a connection's input was refused, and the status that says so.

use thiserror::Error;

use super::Status;

/// What was wrong with the bytes of a request; the answer's body carries the message.
///
/// After a refusal the connection closes: nobody knows where the next request would begin.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// A line ends in LF without CR: others on the way may not see it as an end (RFC 9112 §2.2).
    #[error("a line ends in LF without CR")]
    BareLf,
    /// The body did not keep coming; given by a driver, which has the clock.
    #[error("the body came too slowly")]
    BodyTimeout,
    /// The body, or the length it announces, is over the limit.
    #[error("the body is larger than {max} bytes")]
    BodyTooLarge {
        /// The limit.
        max: usize,
    },
    /// A chunk's bytes are not followed by CRLF (RFC 9112 §7.1).
    #[error("a chunk is not followed by CRLF")]
    ChunkEnd,
    /// A chunk's line is not `size[;extensions]` (RFC 9112 §7.1).
    #[error("a chunk does not begin with its size in hexadecimal digits and CRLF")]
    ChunkLine,
    /// `Content-Length` is not one plain decimal number (RFC 9110 §8.6).
    #[error("Content-Length is not a plain decimal number")]
    ContentLength,
    /// `Content-Length` is there twice, be it with one value.
    #[error("Content-Length is repeated")]
    ContentLengthRepeated,
    /// The client stopped in the middle of a request.
    #[error("the request is cut off")]
    CutOff,
    /// `Expect` with something other than `100-continue` (RFC 9110 §10.1.1).
    #[error("only 100-continue can be expected")]
    Expectation,
    /// The extensions of all chunks together are over the limit of a head (RFC 9112 §7.1.1).
    #[error("the chunk extensions are larger than {max} bytes")]
    ExtensionsTooLarge {
        /// The limit.
        max: usize,
    },
    /// A field's name is no token directly before its colon: empty, followed by a space, a folded
    /// line, a line without a colon (RFC 9112 §5).
    #[error("a field line is not a name directly followed by a colon")]
    FieldName,
    /// A control character or a lone CR in a field's value (RFC 9110 §5.5).
    #[error("a field value has a control character")]
    FieldValue,
    /// `Content-Length` beside `Transfer-Encoding`: two ends for one message (RFC 9112 §6.3).
    #[error("Content-Length and Transfer-Encoding are both there")]
    FramedTwice,
    /// The head did not come in time; given by a driver, which has the clock.
    #[error("the head came too slowly")]
    HeadTimeout,
    /// The head, or the trailers, are over the limit.
    #[error("the head is larger than {max} bytes")]
    HeadTooLarge {
        /// The limit.
        max: usize,
    },
    /// `Host` is no host with an optional port (RFC 9112 §3.2).
    #[error("Host is not a host with an optional port")]
    HostInvalid,
    /// HTTP/1.1 without `Host` (RFC 9112 §3.2).
    #[error("Host is missing")]
    HostMissing,
    /// `Host` is there twice (RFC 9112 §3.2).
    #[error("Host is repeated")]
    HostRepeated,
    /// A method longer than any known one (RFC 9112 §3).
    #[error("the method is longer than {max} bytes")]
    MethodTooLong {
        /// The limit.
        max: usize,
    },
    /// The first bytes are no method: another protocol, or an empty line too many.
    #[error("this is not the beginning of an HTTP request")]
    NotHttp,
    /// The first line is not `method SP target SP version` (RFC 9112 §3); so was HTTP/0.9's.
    #[error("the request line is not a method, a target and a version")]
    RequestLine,
    /// The target has none of the four forms, or not one for its method (RFC 9112 §3.2).
    #[error("the request target is malformed")]
    Target,
    /// The target is over the limit.
    #[error("the target is longer than {max} bytes")]
    TargetTooLong {
        /// The limit.
        max: usize,
    },
    /// More field lines than the limit.
    #[error("there are more than {max} fields")]
    TooManyFields {
        /// The limit.
        max: usize,
    },
    /// A transfer coding other than `chunked` (RFC 9112 §6.1).
    #[error("only the transfer coding chunked is known")]
    TransferCoding,
    /// `Transfer-Encoding` that leaves the body's end unclear: repeated, `chunked` twice or not last,
    /// empty, or in HTTP/1.0 (RFC 9112 §6.1 and §6.3).
    #[error("Transfer-Encoding leaves the end of the body unclear")]
    TransferEncoding,
    /// A version other than 1.0 and 1.1.
    #[error("only HTTP/1.0 and HTTP/1.1 are spoken here")]
    Version,
}

impl Refusal {
    /// The status this is answered with.
    pub const fn status(self) -> Status {
        match self {
            Self::BareLf
            | Self::ChunkEnd
            | Self::ChunkLine
            | Self::ContentLength
            | Self::ContentLengthRepeated
            | Self::CutOff
            | Self::FieldName
            | Self::FieldValue
            | Self::FramedTwice
            | Self::HostInvalid
            | Self::HostMissing
            | Self::HostRepeated
            | Self::NotHttp
            | Self::RequestLine
            | Self::Target
            | Self::TransferEncoding => Status::BAD_REQUEST,
            Self::BodyTimeout | Self::HeadTimeout => Status::REQUEST_TIMEOUT,
            Self::BodyTooLarge { .. } | Self::ExtensionsTooLarge { .. } => {
                Status::CONTENT_TOO_LARGE
            }
            Self::Expectation => Status::EXPECTATION_FAILED,
            Self::HeadTooLarge { .. } | Self::TooManyFields { .. } => {
                Status::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            Self::MethodTooLong { .. } | Self::TransferCoding => Status::NOT_IMPLEMENTED,
            Self::TargetTooLong { .. } => Status::URI_TOO_LONG,
            Self::Version => Status::HTTP_VERSION_NOT_SUPPORTED,
        }
    }
}
