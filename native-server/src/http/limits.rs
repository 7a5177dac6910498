//! How much of a stranger's request is taken in.

/// What a request may measure at most; anything larger is refused and its connection closed.
///
/// ```
/// use native_server::http::Limits;
///
/// let limits = Limits { body_max: 10 << 20, ..Limits::default() };
/// assert_eq!(limits.head_max, 16 << 10);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Bytes of the whole head, its last empty line included: 431 beyond. Also bounds the trailers
    /// and, together, the chunk extensions of one chunked body.
    pub head_max: usize,
    /// Field lines in a head, and again in trailers: 431 beyond.
    pub fields_max: usize,
    /// Bytes of the request target: 414 beyond.
    pub target_max: usize,
    /// Bytes of a body once decoded: 413 beyond.
    pub body_max: usize,
}

impl Limits {
    /// Undecoded bytes that a connection holds at most; what a driver may read follows from it.
    ///
    /// Twice the head, so that pipelined requests come in one read: 32 KiB by default.
    pub(super) fn input_max(&self) -> usize {
        self.head_max.saturating_mul(2).max(INPUT_FLOOR)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { head_max: 16 << 10, fields_max: 100, target_max: 8 << 10, body_max: 1 << 20 }
    }
}

/// Below this a read costs more than the memory it saves.
const INPUT_FLOOR: usize = 4 << 10;
