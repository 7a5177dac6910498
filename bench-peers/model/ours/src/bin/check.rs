//! The search through every order of events of a small server: `check`.
//!
//! Prints a name and a number a line: how many states there are, and how long it took to find them.

use anyhow::ensure;
use ours::Stopwatch;
use scheduler_model::{Scenario, check};

fn main() -> anyhow::Result<()> {
    let (scenario, _notes) =
        Scenario::from_toml("check.toml", include_str!("../../../check.toml"))?;
    let start = Stopwatch::start();
    let checked = check(&scenario)?;
    let seconds = start.seconds();
    ensure!(checked.complete, "the search gave up after {} states", checked.states);
    for found in &checked.properties {
        ensure!(found.holds != Some(false), "{:?} does not hold", found.property);
    }
    println!("states {}", checked.states);
    println!("transitions {}", checked.transitions);
    println!("seconds {seconds}");
    Ok(())
}
