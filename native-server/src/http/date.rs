//! The `Date` field's value; the clock it was read from is the driver's.

use std::{
    fmt,
    io::Write,
    time::{Duration, SystemTime},
};

use super::grammar::checked_ascii;

/// A moment as HTTP writes it, in whole seconds: always 29 bytes, so it is formatted once a second
/// and copied into each answer (IMF-fixdate, RFC 9110 §5.6.7).
///
/// ```
/// use native_server::http::HttpDate;
///
/// let date = HttpDate::new(std::time::UNIX_EPOCH);
/// assert_eq!(date.as_str(), "Thu, 01 Jan 1970 00:00:00 GMT");
/// ```
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct HttpDate {
    /// The line of an answer's head, with the end of the one before it: copied as it is.
    line: [u8; LINE_LEN],
}

impl HttpDate {
    /// Formats a moment; one before 1970 is taken as 1970, one after 9999 as the last of 9999.
    pub fn new(moment: SystemTime) -> Self {
        let since_epoch = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let moment = SystemTime::UNIX_EPOCH + since_epoch.min(LAST);
        let mut line = [0; LINE_LEN];
        write!(&mut line[..], "\r\nDate: {}\r\n", httpdate::HttpDate::from(moment))
            .expect("an IMF-fixdate has 29 bytes");
        Self { line }
    }

    /// The 29 characters.
    pub fn as_str(&self) -> &str {
        checked_ascii(&self.line[TEXT_START..TEXT_START + TEXT_LEN])
    }

    /// The end of the line before it, its own line, and the end of that.
    pub(super) fn line(&self) -> &[u8; LINE_LEN] {
        &self.line
    }
}

impl fmt::Debug for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HttpDate").field(&self.as_str()).finish()
    }
}

impl fmt::Display for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

const TEXT_START: usize = "\r\nDate: ".len();
const TEXT_LEN: usize = 29;
const LINE_LEN: usize = TEXT_START + TEXT_LEN + "\r\n".len();

/// 9999-12-31 23:59:59: a fifth digit of the year has no place in the format.
const LAST: Duration = Duration::from_secs(253_402_300_799);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc_is_written_as_there() {
        let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(HttpDate::new(moment).as_str(), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn moments_out_of_range_are_clamped() {
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(HttpDate::new(before).as_str(), "Thu, 01 Jan 1970 00:00:00 GMT");
        let after = SystemTime::UNIX_EPOCH + LAST + Duration::from_secs(1);
        assert_eq!(HttpDate::new(after).as_str(), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
