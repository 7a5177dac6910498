//! Rows of reference and own values, their verdicts, and how they are printed.

use std::fmt::Write as _;

/// A number that was held against a reference.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) reference: f64,
    pub(crate) ours: f64,
    pub(crate) allowed: Allowed,
}

/// How far the two may lie apart.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Allowed {
    /// Half a unit of the last printed digit, or of the nanosecond.
    Exact(f64),
    /// A 99 % interval of a sampled value, and its standard error.
    Sampled { half_width: f64, standard_error: f64 },
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    /// Outside its interval, within four standard errors: some may be.
    Miss,
    Fail,
}

/// Rows that belong together.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) note: &'static str,
    pub(crate) rows: Vec<Row>,
}

impl Row {
    /// A value that is computed, or simulated without chance, against one printed to six decimals.
    pub(crate) fn printed(what: impl Into<String>, reference: f64, ours: f64) -> Self {
        Self::exact(what, reference, ours, 5.000_1e-7)
    }

    /// A value that must be the reference's, to this much.
    pub(crate) fn exact(
        what: impl Into<String>,
        reference: f64,
        ours: f64,
        tolerance: f64,
    ) -> Self {
        Self { what: what.into(), reference, ours, allowed: Allowed::Exact(tolerance) }
    }

    pub(crate) fn verdict(&self) -> Verdict {
        let off = (self.ours - self.reference).abs();
        match self.allowed {
            Allowed::Exact(tolerance) if off <= tolerance => Verdict::Pass,
            Allowed::Sampled { half_width, .. } if off <= half_width => Verdict::Pass,
            Allowed::Sampled { standard_error, .. } if off <= 4.0 * standard_error => Verdict::Miss,
            _ => Verdict::Fail, // also for what is no number
        }
    }

    pub(crate) const fn is_sampled(&self) -> bool {
        matches!(self.allowed, Allowed::Sampled { .. })
    }
}

impl Section {
    /// The section in Markdown.
    pub(crate) fn print(&self, out: &mut String) {
        let put = "writing to a string does not fail";
        writeln!(out, "### {}\n\n{}\n", self.title, self.note).expect(put);
        writeln!(out, "| | reference | ours | allowed | |\n|---|--:|--:|--:|---|").expect(put);
        for row in &self.rows {
            let allowed = match row.allowed {
                Allowed::Exact(_) => "exact".to_owned(),
                Allowed::Sampled { half_width, .. } => format!("± {}", number(half_width)),
            };
            let verdict = match row.verdict() {
                Verdict::Pass => "pass",
                Verdict::Miss => "miss",
                Verdict::Fail => "**fail**",
            };
            let (reference, ours) = (number(row.reference), number(row.ours));
            writeln!(out, "| {} | {reference} | {ours} | {allowed} | {verdict} |", row.what)
                .expect(put);
        }
        out.push('\n');
    }
}

/// Six decimals at most, and no zeros at their end.
fn number(x: f64) -> String {
    let digits = format!("{x:.6}");
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    digits.to_owned()
}
