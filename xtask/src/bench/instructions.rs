//! Instruction counts under callgrind: the figure that a busy computer does not change.
//!
//! A program is counted twice, the second time with twice the work; the difference is the work's
//! own, without start-up. What was counted last is in a file, so that a change shows.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::row::{Better, Row};
use crate::places::Places;

/// Instructions for each of `n` units of work: `program(n)` against `program(2 × n)`.
///
/// # Errors
///
/// When valgrind cannot be run, or does not say what it counted.
pub(super) fn per_unit(
    places: &Places,
    n: u32,
    program: impl Fn(u32) -> Result<Command>,
) -> Result<f64> {
    let once = count(places, &program(n)?)?;
    let twice = count(places, &program(2 * n)?)?;
    Ok((twice - once) / f64::from(n))
}

fn count(places: &Places, program: &Command) -> Result<f64> {
    let mut valgrind = places.command("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(program.get_program()).args(program.get_args());
    let output = valgrind.output().context("cannot start valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "valgrind ended with {}: {said}", output.status);
    collected(&said).with_context(|| format!("valgrind did not say what it counted: {said}"))
}

/// The total in `==123== Collected : 456`.
pub(super) fn collected(said: &str) -> Option<f64> {
    let line = said.lines().find_map(|line| line.split_once("Collected :"))?;
    line.1.trim().parse().ok()
}

/// The counts that were written down: a line each, the name, two spaces at least, the number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Recorded(BTreeMap<String, f64>);

impl Recorded {
    /// What was written down last; nothing where there is no file.
    ///
    /// # Errors
    ///
    /// When the file has something else in it.
    pub(super) fn read(places: &Places) -> Result<Self> {
        let file = places.bench_peers().join(FILE);
        if !file.exists() {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(&file).context("cannot read the recorded counts")?;
        Self::parse(&text).with_context(|| places.short(&file).display().to_string())
    }

    /// Writes them down.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(super) fn write(&self, places: &Places) -> Result<()> {
        fs::write(places.bench_peers().join(FILE), self.text()).context("cannot write the counts")
    }

    /// Takes a new count in; the row that holds it against the one that was there.
    pub(super) fn replace(&mut self, name: &str, count: f64) -> Row {
        let last = self.0.insert(name.to_owned(), count);
        let figures = match last {
            Some(last) => format!("{count:.1} and {last:.1} instructions"),
            None => format!("{count:.1} instructions, none were written down"),
        };
        let ratio = last.map_or(1.0, |last| count / last);
        let row = format!("instructions of {name}, now / last");
        Row::new(row, &[ratio], RATIO_MAX, Better::Lower, figures)
    }

    fn text(&self) -> String {
        let lines = self.0.iter().map(|(name, count)| format!("{name}  {count:.1}\n"));
        std::iter::once(HEAD.to_owned()).chain(lines).collect()
    }

    fn parse(text: &str) -> Result<Self> {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let counts = lines.map(|line| {
            let (name, count) = line.rsplit_once("  ").with_context(|| format!("{line:?}"))?;
            let count = count.trim().parse().with_context(|| format!("{line:?}"))?;
            Ok((name.trim_end().to_owned(), count))
        });
        Ok(Self(counts.collect::<Result<_>>()?))
    }
}

/// How many more a unit of work may take than it last did.
const RATIO_MAX: f64 = 1.05;

const FILE: &str = "instructions.txt";

const HEAD: &str = "# Instructions a unit of work, written by `cargo xtask bench model --record` and `… server --record`.\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callgrinds_total_is_found() {
        let said = "==7== Events    : Ir\n==7== Collected : 123456\n==7==\n";
        assert_eq!(collected(said), Some(123_456.0));
        assert_eq!(collected("valgrind: no such file"), None);
    }

    #[test]
    fn counts_are_read_as_they_are_written() {
        let mut recorded = Recorded::parse("# a comment\nsimulated request  1234.5\n").unwrap();
        let one = Recorded(BTreeMap::from([("simulated request".to_owned(), 1234.5)]));
        assert_eq!(recorded, one);
        assert!(Recorded::parse("simulated request many").is_err());
        recorded.replace("simulated request", 1000.0);
        recorded.replace("another", 1.0);
        assert_eq!(recorded.text(), format!("{HEAD}another  1.0\nsimulated request  1000.0\n"));
    }
}
