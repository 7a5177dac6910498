//! `cargo xtask doctor`: which tools are there, which are missing, and how they would be installed.

use std::process::ExitCode;

use crate::places::Places;
use crate::tools::{State, Tool};

/// Prints a line for each tool of the two commands that everybody needs; success if all of them are there.
pub(crate) fn run(places: &Places) -> ExitCode {
    let mut n_missing = 0;
    for &tool in Tool::OF_TESTS {
        let (mark, says) = match tool.detect(places) {
            Ok(State::Ready(version)) => ("ok", version),
            Ok(State::Missing) => ("missing", remedy(tool, places)),
            Ok(State::Wrong { found, wanted }) => {
                ("wrong", format!("{found}, wanted is {wanted}; {}", remedy(tool, places)))
            }
            Err(error) => ("unknown", format!("{error:#}")),
        };
        n_missing += u32::from(mark != "ok");
        println!("{mark:<8} {:<24} {says}", tool.name());
    }
    if n_missing == 0 {
        println!("all that `cargo xtask start` and `cargo xtask test` need is there");
        ExitCode::SUCCESS
    } else {
        println!(
            "{n_missing} missing; `cargo xtask start` and `cargo xtask test` install what they need"
        );
        ExitCode::FAILURE
    }
}

fn remedy(tool: Tool, places: &Places) -> String {
    match tool.recipe(places) {
        Ok(recipe) => recipe.to_string(),
        Err(error) => format!("{error:#}"),
    }
}
