//! How many tests passed and failed, read from the closing lines of the runners.

use std::iter::Sum;
use std::ops::Add;

/// Tests or checks that passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// How many passed.
    pub(crate) passed: u64,
    /// How many failed.
    pub(crate) failed: u64,
}

impl Counts {
    /// One check that passed.
    pub(crate) const PASSED: Self = Self { passed: 1, failed: 0 };
    /// One check that failed.
    pub(crate) const FAILED: Self = Self { passed: 0, failed: 1 };

    /// Judges a finished run of tests by what its closing lines counted and by how it exited.
    ///
    /// A runner that crashed counts as one more failure, or the sum would hide it; so does one that
    /// ran no test, which is how a renamed file or a wrong filter looks.
    pub(crate) fn judge(counted: Self, exited_well: bool) -> Self {
        let ran = counted.passed + counted.failed;
        let unexplained = !exited_well && counted.failed == 0;
        if unexplained || ran == 0 { counted + Self::FAILED } else { counted }
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

/// A program that runs tests and says at its end how they went.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Runner {
    /// `cargo test`, and `wasm-bindgen-test-runner`, which speaks like it: one line a test binary.
    Cargo,
    /// `node --test --test-reporter=spec`: one line a number, once.
    Node,
}

impl Runner {
    /// Sums up the closing lines in `output`; zero of each when there are none.
    pub(crate) fn count(self, output: &str) -> Counts {
        match self {
            Self::Cargo => output.lines().filter_map(cargo_line).sum(),
            Self::Node => Counts {
                passed: node_number(output, "pass"),
                // A cancelled test is one that did not come to its end in time.
                failed: node_number(output, "fail") + node_number(output, "cancelled"),
            },
        }
    }
}

/// Reads `test result: ok. 5 passed; 0 failed; ...`.
fn cargo_line(line: &str) -> Option<Counts> {
    let (_verdict, numbers) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
    let number = |word: &str| {
        numbers.split(';').find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok())
    };
    Some(Counts { passed: number("passed")?, failed: number("failed")? })
}

/// Reads the last line like `ℹ pass 5`; a test may print such a line itself, the runner comes last.
fn node_number(output: &str, word: &str) -> u64 {
    let number = |line: &str| {
        let line = line.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
        line.strip_prefix(word)?.strip_prefix(' ')?.trim().parse().ok()
    };
    output.lines().rev().find_map(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_several_test_binaries_are_added_up() {
        let output = "\
running 3 tests
test a ... ok
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s

     Running tests/golden.rs
test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s
";
        assert_eq!(Runner::Cargo.count(output), Counts { passed: 7, failed: 2 });
    }

    #[test]
    fn the_line_of_the_wasm_runner_is_read() {
        let output =
            "test result: ok. 2 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.02s\n";
        assert_eq!(Runner::Cargo.count(output), Counts { passed: 2, failed: 0 });
    }

    #[test]
    fn the_numbers_of_node_are_read_and_cancelled_tests_fail() {
        let output = "✔ opens (5ms)\nℹ tests 7\nℹ suites 0\nℹ pass 4\nℹ fail 2\nℹ cancelled 1\n\
                      ℹ skipped 0\nℹ todo 0\nℹ duration_ms 100.5\n";
        assert_eq!(Runner::Node.count(output), Counts { passed: 4, failed: 3 });
    }

    #[test]
    fn a_line_that_a_test_printed_does_not_stand_for_the_closing_one() {
        let output = "pass 100\nℹ pass 1\nℹ fail 0\nℹ cancelled 0\n";
        assert_eq!(Runner::Node.count(output), Counts { passed: 1, failed: 0 });
    }

    #[test]
    fn a_crash_without_a_counted_failure_is_one_failure() {
        let counted = Counts { passed: 5, failed: 0 };
        assert_eq!(Counts::judge(counted, false), Counts { passed: 5, failed: 1 });
    }

    #[test]
    fn a_counted_failure_is_not_counted_twice() {
        let counted = Counts { passed: 5, failed: 2 };
        assert_eq!(Counts::judge(counted, false), counted);
    }

    #[test]
    fn a_run_of_no_test_is_a_failure() {
        assert_eq!(Counts::judge(Counts::default(), true), Counts::FAILED);
        assert_eq!(Counts::judge(Counts::default(), false), Counts::FAILED);
    }

    #[test]
    fn a_good_run_stays_as_counted() {
        let counted = Counts { passed: 5, failed: 0 };
        assert_eq!(Counts::judge(counted, true), counted);
    }
}
