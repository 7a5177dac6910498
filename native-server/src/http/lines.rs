//! Finding the next line, once: bytes that were looked at are not looked at again.

/// Where in the current line the search for its end goes on.
///
/// A client that sends 16 KiB a byte at a time costs 16 KiB of looking, not its square.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LineScan {
    searched: usize,
}

/// Why a line will never be one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum LineError {
    /// LF without CR.
    BareLf,
    /// No end within the bytes allowed.
    TooLong,
}

impl LineScan {
    /// Whether nothing has been looked at yet.
    pub(super) fn is_new(self) -> bool {
        self.searched == 0
    }

    /// The first line of `bytes` without its CRLF; `None` when its end is not there yet.
    ///
    /// `bytes` begin with the line and may only have grown since the last call; `line_max` counts
    /// the CRLF. After a line or an error, the search begins anew.
    pub(super) fn poll<'a>(
        &mut self,
        bytes: &'a [u8],
        line_max: usize,
    ) -> Result<Option<&'a [u8]>, LineError> {
        let window = &bytes[..bytes.len().min(line_max)];
        let searched = std::mem::take(&mut self.searched);
        match find_line_feed(&window[searched..]) {
            Some(at) => {
                let line = window[..searched + at].strip_suffix(b"\r");
                line.map(Some).ok_or(LineError::BareLf)
            }
            None if window.len() == line_max => Err(LineError::TooLong),
            None => {
                self.searched = window.len();
                Ok(None)
            }
        }
    }
}

/// Where the first LF is.
pub(super) fn find_line_feed(bytes: &[u8]) -> Option<usize> {
    memchr::memchr(b'\n', bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_whichever_way_it_arrives() {
        let mut scan = LineScan::default();
        assert_eq!(scan.poll(b"ab", 10), Ok(None));
        assert_eq!(scan.poll(b"ab\r", 10), Ok(None));
        assert_eq!(scan.poll(b"ab\r\ncd\r\n", 10), Ok(Some(&b"ab"[..])));
        assert_eq!(scan.poll(b"cd\r\n", 10), Ok(Some(&b"cd"[..])));
    }

    #[test]
    fn the_longest_line_counts_its_crlf() {
        assert_eq!(LineScan::default().poll(b"ab\r\n", 4), Ok(Some(&b"ab"[..])));
        assert_eq!(LineScan::default().poll(b"ab\r\n", 3), Err(LineError::TooLong));
        assert_eq!(LineScan::default().poll(b"ab\r", 3), Err(LineError::TooLong));
    }

    #[test]
    fn a_line_feed_alone_ends_no_line() {
        assert_eq!(LineScan::default().poll(b"\n", 10), Err(LineError::BareLf));
        assert_eq!(LineScan::default().poll(b"ab\n", 10), Err(LineError::BareLf));
    }
}
