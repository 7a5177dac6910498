//! Numbers and times as a language writes them.
//!
//! The two languages differ in three characters, so this asks no `Intl`: it is pure, runs in native
//! tests, and gives the same text in every browser.

use scheduler_model::Span;

/// How a language writes numbers and units; no line breaks between the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NumberFormat {
    /// Between whole and decimals.
    pub(crate) decimal: char,
    /// Between groups of three digits, from five digits on.
    pub(crate) group: char,
    /// A second.
    pub(crate) seconds: &'static str,
    /// A thousandth of a second.
    pub(crate) milliseconds: &'static str,
    /// A millionth of a second.
    pub(crate) microseconds: &'static str,
    /// 1,024 bytes.
    pub(crate) kib: &'static str,
    /// 1,024 KiB.
    pub(crate) mib: &'static str,
}

impl NumberFormat {
    /// A whole number, grouped (`12,345`).
    pub(crate) fn count(&self, n: u64) -> String {
        let digits = n.to_string();
        if digits.len() < 5 {
            return digits;
        }
        let mut text = String::with_capacity(digits.len() + 6);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(self.group);
            }
            text.push(digit);
        }
        text
    }

    /// A length of time in the unit that suits it, with three digits that count (`202 ms`).
    pub(crate) fn span(&self, span: Span) -> String {
        let ns = span.as_nanos();
        match ns {
            0 => format!("0\u{a0}{}", self.milliseconds),
            1..999_500 => format!("{}\u{a0}{}", self.digits(ns, 1_000), self.microseconds),
            999_500..999_500_000 => {
                format!("{}\u{a0}{}", self.digits(ns, 1_000_000), self.milliseconds)
            }
            _ => format!("{}\u{a0}{}", self.digits(ns, 1_000_000_000), self.seconds),
        }
    }

    /// An instant, in seconds to the microsecond at which everything happens (`0.000215 s`).
    pub(crate) fn instant(&self, span: Span) -> String {
        let us = span.as_nanos() / 1_000;
        let (whole, micros) = (us / 1_000_000, us % 1_000_000);
        let decimals = format!("{micros:06}");
        let shown = decimals.trim_end_matches('0').len().max(3);
        let whole = self.count(whole);
        format!("{whole}{}{}\u{a0}{}", self.decimal, &decimals[..shown], self.seconds)
    }

    /// An instant as a sentence names it: to the millisecond once there are some (`0.300 s`).
    pub(crate) fn about(&self, span: Span) -> String {
        let ns = span.as_nanos();
        if ns < 10_000_000 {
            return self.instant(span);
        }
        let ms = (ns + 500_000) / 1_000_000;
        format!("{}{}{:03}\u{a0}{}", self.count(ms / 1_000), self.decimal, ms % 1_000, self.seconds)
    }

    /// How often in a second, when so often in this time (`12.3`); a dash where no time has passed.
    pub(crate) fn rate(&self, n: u64, span: Span) -> String {
        let per_1000_s = u128::from(n) * 1_000_000_000_000;
        match per_1000_s.checked_div(span.as_nanos().into()) {
            None => "–".to_owned(),
            Some(per_1000_s) => self.digits(u64::try_from(per_1000_s).unwrap_or(u64::MAX), 1_000),
        }
    }

    /// Memory given in KiB (`192 KiB`, `64 MiB`).
    pub(crate) fn memory(&self, kib: u64) -> String {
        if kib < 1024 {
            format!("{}\u{a0}{}", self.count(kib), self.kib)
        } else {
            format!("{}\u{a0}{}", self.digits(kib, 1024), self.mib)
        }
    }

    /// A share of a whole, in per cent (`0.3 %`).
    pub(crate) fn percent(&self, part: u64, whole: u64) -> String {
        let (part, whole) = (u128::from(part), u128::from(whole.max(1)));
        let tenths = (part * 1_000 + whole / 2) / whole;
        let (whole, tenth) = (tenths / 10, tenths % 10);
        // None at all and all of them are exact; a share that rounds to one of them is not.
        match tenths {
            0 if part > 0 => format!("<\u{a0}0{}1\u{a0}%", self.decimal),
            0 | 1_000 => format!("{whole}\u{a0}%"),
            _ => format!("{whole}{}{tenth}\u{a0}%", self.decimal),
        }
    }

    /// `n / unit` with as many decimals as make three digits, and no zeros at their end beyond.
    fn digits(&self, n: u64, unit: u64) -> String {
        let whole = n / unit;
        let decimals = match whole {
            0..10 => 2,
            10..100 => 1,
            _ => 0,
        };
        let scale = 10_u64.pow(decimals);
        // Rounded half up in whole numbers: 9.999 becomes 10.0, never 9.100.
        let scaled = (u128::from(n) * u128::from(scale) + u128::from(unit) / 2) / u128::from(unit);
        let scaled = u64::try_from(scaled).unwrap_or(u64::MAX);
        let (whole, part) = (scaled / scale, scaled % scale);
        if decimals == 0 || (part == 0 && unit <= 1_000_000) {
            return self.count(whole);
        }
        format!("{whole}{}{part:0width$}", self.decimal, width = decimals as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Language;

    #[test]
    fn a_time_has_the_unit_that_suits_it() {
        let english = Language::English.messages().numbers;
        let russian = Language::Russian.messages().numbers;
        let shown = |ns| english.span(Span::from_nanos(ns));
        assert_eq!(shown(0), "0\u{a0}ms");
        assert_eq!(shown(2_000), "2\u{a0}µs");
        assert_eq!(shown(202_000_000), "202\u{a0}ms");
        // Rounded, it is of the next unit.
        assert_eq!(
            (shown(999_800_000), shown(999_600)),
            ("1.00\u{a0}s".to_owned(), "1\u{a0}ms".to_owned())
        );
        assert_eq!(shown(1_234_000), "1.23\u{a0}ms");
        assert_eq!(shown(4_998_000_000), "5.00\u{a0}s");
        assert_eq!(shown(10_000_000_000), "10.0\u{a0}s");
        assert_eq!(russian.span(Span::from_nanos(4_321_000_000)), "4,32\u{a0}с");
    }

    #[test]
    fn an_instant_is_exact_to_the_microsecond() {
        let english = Language::English.messages().numbers;
        assert_eq!(english.instant(Span::from_nanos(5_000_215_400)), "5.000215\u{a0}s");
        assert_eq!(english.instant(Span::ZERO), "0.000\u{a0}s");
        assert_eq!(english.about(Span::from_nanos(300_203_000)), "0.300\u{a0}s");
        assert_eq!(english.about(Span::from_nanos(5_000_500_000)), "5.001\u{a0}s");
        assert_eq!(english.about(Span::from_nanos(218_000)), "0.000218\u{a0}s");
    }

    #[test]
    fn a_share_has_one_decimal_unless_it_is_none_or_all() {
        let english = Language::English.messages().numbers;
        let shown = |part, whole| english.percent(part, whole);
        assert_eq!(
            (shown(0, 0), shown(0, 7), shown(7, 7)),
            ("0\u{a0}%".into(), "0\u{a0}%".into(), "100\u{a0}%".into())
        );
        assert_eq!(
            (shown(3, 1_000), shown(1, 3)),
            ("0.3\u{a0}%".to_owned(), "33.3\u{a0}%".to_owned())
        );
        assert_eq!(shown(1, 10_000_000), "<\u{a0}0.1\u{a0}%");
        assert_eq!(Language::Russian.messages().numbers.percent(3, 1_000), "0,3\u{a0}%");
    }

    #[test]
    fn a_rate_is_of_a_second() {
        let english = Language::English.messages().numbers;
        let shown = |n, ms| english.rate(n, Span::from_millis(ms));
        assert_eq!((shown(3, 300), shown(1, 3_000)), ("10".to_owned(), "0.33".to_owned()));
        assert_eq!((shown(0, 5), shown(7, 0)), ("0".to_owned(), "–".to_owned()));
        assert_eq!(shown(500, 21), "23,810");
    }

    #[test]
    fn long_numbers_are_grouped() {
        let english = Language::English.messages().numbers;
        assert_eq!(english.count(1234), "1234");
        assert_eq!(english.count(1_234_567), "1,234,567");
        assert_eq!(english.memory(192), "192\u{a0}KiB");
        assert_eq!(english.memory(64 * 1024), "64\u{a0}MiB");
    }
}
