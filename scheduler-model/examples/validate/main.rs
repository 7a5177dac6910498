//! Holds the model against numbers that were found elsewhere, and prints a table of them in Markdown.
//!
//! What is deterministic must be equal; what is sampled has fixed seeds and 99 % intervals. Exits
//! with 1 when a number does not hold. It takes a minute or two in a release build.

mod ciw;
mod formulas;
mod paths;
mod sample;
mod sampled;
mod table;

use std::process::ExitCode;

use table::{Section, Verdict};

fn main() -> ExitCode {
    let sections: Vec<Section> = formulas::sections()
        .into_iter()
        .chain(paths::sections())
        .chain(sampled::sections())
        .collect();
    let rows = || sections.iter().flat_map(|section| &section.rows);
    let count = |verdict: Verdict| rows().filter(|row| row.verdict() == verdict).count();
    let n_sampled = rows().filter(|row| row.is_sampled()).count();
    let (n_missed, n_failed) = (count(Verdict::Miss), count(Verdict::Fail));
    let n_may_miss = n_sampled.div_ceil(60);
    let holds = n_failed == 0 && n_missed <= n_may_miss;

    let mut out = String::new();
    for section in &sections {
        section.print(&mut out);
    }
    println!(
        "## Numbers of queueing theory\n\n\
         Each number in the column *reference* was found without this project: computed from its \
         formula by\nother code, or published. *Exact* rows are formulas and runs without chance; they \
         agree to the digits\nthat are printed. *±* rows are sampled by the simulation: the seeds were \
         fixed before the first run,\nand the interval is the 99 % one, by batch means of one long run \
         or from 32 runs. Of sixty such\nintervals one may miss, and none by more than four standard \
         errors.\n\n\
         {} numbers, {n_sampled} of them sampled: {n_missed} outside their interval (allowed: \
         {n_may_miss}), {n_failed} failed. **{}**\n",
        rows().count(),
        if holds { "All hold." } else { "They do not hold." },
    );
    print!("{out}");
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
