//! The steps of a run of checks: their results, their times, the table and the closing line.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::count::Counts;

/// What the steps so far came to.
pub(crate) struct Report {
    rows: Vec<Row>,
}

/// One finished step.
struct Row {
    name: &'static str,
    counts: Counts,
    took: Duration,
}

impl Report {
    /// A report without steps.
    pub(crate) fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Performs a step and keeps its result; an error is printed and counts as one failure.
    ///
    /// Returns whether nothing in it failed, so that a step standing on this one can be left out.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<Counts>,
    ) -> bool {
        println!("\nxtask: {name}");
        let start = Instant::now();
        let counts = work().unwrap_or_else(|error| {
            println!("xtask: {name}: {error:#}");
            Counts::FAILED
        });
        self.rows.push(Row { name, counts, took: start.elapsed() });
        counts.failed == 0
    }

    /// Prints the table, then `N passed, N failed` as the very last line; success if none failed.
    pub(crate) fn close(&self) -> ExitCode {
        println!("\n{}", self.table());
        let total = self.total();
        println!("{} passed, {} failed", total.passed, total.failed);
        if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn total(&self) -> Counts {
        self.rows.iter().map(|row| row.counts).sum()
    }

    fn table(&self) -> String {
        let mut lines = vec![format!("{:<28}{:>8}{:>8}{:>10}", "step", "passed", "failed", "time")];
        for Row { name, counts: Counts { passed, failed }, took } in &self.rows {
            lines.push(format!("{name:<28}{passed:>8}{failed:>8}{:>8.1} s", took.as_secs_f64()));
        }
        let took: Duration = self.rows.iter().map(|row| row.took).sum();
        let Counts { passed, failed } = self.total();
        lines.push(format!("{:<28}{passed:>8}{failed:>8}{:>8.1} s", "total", took.as_secs_f64()));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_in_a_step_counts_as_one_failure() {
        let mut report = Report::new();
        assert!(!report.step("server", || anyhow::bail!("does not build")));
        assert!(report.step("formatting", || Ok(Counts::PASSED)));
        assert_eq!(report.total(), Counts { passed: 1, failed: 1 });
        assert_eq!(report.close(), ExitCode::FAILURE);
    }

    #[test]
    fn the_table_has_a_row_a_step_and_a_total() {
        let mut report = Report::new();
        report.step("native tests", || Ok(Counts { passed: 41, failed: 2 }));
        let table = report.table();
        assert_eq!(table.lines().count(), 3, "{table}");
        assert!(table.contains("native tests                      41       2"), "{table}");
    }
}
