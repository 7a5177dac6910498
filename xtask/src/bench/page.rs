//! The page in a browser: what it weighs, how soon it is there, how fast it steps and plays.
//!
//! There is nothing to compare with but the goals: a ratio of 1 is the goal itself. Measured by
//! `e2e/bench.mjs`.

use anyhow::{Context, Result, ensure};

use super::row::{Better, Row, median};
use crate::places::Places;
use crate::tools::{self, Tool, chromium};
use crate::{page, steps};

/// Installs what is missing, builds the page and measures it; `long` watches memory for longer.
///
/// # Errors
///
/// When the page does not build, or the browser cannot be driven.
pub(super) fn measure(places: &Places, long: bool) -> Result<Vec<Row>> {
    tools::ensure(Tool::OF_PAGE, places)?;
    tools::ensure(Tool::OF_BROWSER, places)?;
    page::compile(places)?;
    let mut node = places.command("node");
    node.current_dir(places.e2e()).arg("bench.mjs").env("DIST", places.dist());
    if long {
        node.arg("--long");
    }
    if let Some(browser) = chromium(places) {
        node.env("CHROMIUM", browser);
    }
    let printed = steps::keep(&mut node)?;
    let rows = printed.lines().map(row).collect::<Result<Vec<_>>>()?;
    ensure!(!rows.is_empty(), "e2e/bench.mjs measured nothing");
    Ok(rows)
}

/// A figure in units of its goal.
fn row(line: &str) -> Result<Row> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [name, unit, goal, values @ ..] = cells.as_slice() else {
        anyhow::bail!("{line:?} is no figure of e2e/bench.mjs");
    };
    let number = |text: &&str| -> Result<f64> {
        text.parse().with_context(|| format!("{text:?} in {line:?} is no number"))
    };
    let (goal, mut values) =
        (number(goal)?, values.iter().map(number).collect::<Result<Vec<_>>>()?);
    ensure!(!values.is_empty(), "{line:?} has no value");
    values.sort_by(f64::total_cmp);
    let figures = format!("{:.2} {unit}, goal {goal} {unit}", median(&values));
    let ratios: Vec<_> = values.iter().map(|value| value / goal).collect();
    Ok(Row::new(format!("{name} / goal"), &ratios, 1.0, Better::Lower, figures))
}

#[cfg(test)]
mod tests {
    use super::{super::row, row as row_of};

    #[test]
    fn a_figure_is_told_in_units_of_its_goal() {
        let row = row_of("first load\tkB\t200\t300\t100\t220").unwrap();
        let json = row::json(&[row]);
        assert!(
            json.contains(
                r#""name":"first load / goal","median_ratio":1.1,"min":0.5,"max":1.5,"goal":1,"#
            ),
            "{json}"
        );
        assert!(row_of("first load").is_err());
        assert!(row_of("first load\tkB\t200").is_err());
        assert!(row_of("first load\tkB\t200\tmany").is_err());
    }
}
