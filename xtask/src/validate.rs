//! `cargo xtask validate`: writes into `docs/VALIDATION.md` how the model's numbers compare with
//! numbers found elsewhere.
//!
//! The page has a section for each command that writes to it, between two marks; what another
//! command wrote stays.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use crate::places::Places;
use crate::steps;

/// Compares, and writes the section; success if all numbers hold.
///
/// # Errors
///
/// When the comparison cannot be built or says nothing, or the page cannot be written.
pub(crate) fn run(places: &Places) -> Result<ExitCode> {
    let mut cargo = places.cargo(&["run", "--release", "--quiet", "--package", "scheduler-model"]);
    let finished = steps::run_and_keep(cargo.args(["--example", "validate"]))?;
    ensure!(finished.output.starts_with("## "), "the comparison printed no section");
    write_section(places, "numbers", &finished.output)?;
    Ok(if finished.exited_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Writes one section of `docs/VALIDATION.md`.
///
/// # Errors
///
/// When the page cannot be read or written.
pub(crate) fn write_section(places: &Places, name: &str, body: &str) -> Result<()> {
    let path = places.root.join("docs/VALIDATION.md");
    let page = if path.exists() {
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?
    } else {
        OPENING.to_owned()
    };
    fs::write(&path, with_section(&page, name, body))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// The page with this section in its place, or at the end if it had none.
fn with_section(page: &str, name: &str, body: &str) -> String {
    let (begin, end) = (format!("<!-- begin: {name} -->"), format!("<!-- end: {name} -->"));
    let section = format!("{begin}\n\n{}\n\n{end}", body.trim());
    let place = page.find(&begin).zip(page.find(&end)).filter(|(from, to)| from < to);
    match place {
        Some((from, to)) => format!("{}{section}{}", &page[..from], &page[to + end.len()..]),
        None => format!("{}\n\n{section}\n", page.trim_end()),
    }
}

const OPENING: &str = "\
# Validation

What is written here is written by commands, and each section by one of them; nothing is typed in. To
regenerate the numbers of queueing theory: `cargo xtask validate`; the ledger of experiments:
`cargo xtask experiment`.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_and_the_others_stay() {
        let one = with_section("# Page\n", "one", "first\n");
        let both = with_section(&one, "two", "second");
        assert_eq!(
            both,
            "# Page\n\n<!-- begin: one -->\n\nfirst\n\n<!-- end: one -->\n\n\
             <!-- begin: two -->\n\nsecond\n\n<!-- end: two -->\n"
        );
        let again = with_section(&both, "one", "third");
        assert_eq!(again, both.replace("first", "third"));
    }
}
