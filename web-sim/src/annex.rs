//! The annex: the part of the page that reads and writes files and computes what takes long.
//!
//! A program of its own, which keeps nothing between two questions unless it says so. What it can
//! be asked is in [`crate::parts::annex`].

mod check;
mod live;
mod theory;
mod trace;
mod what_if;

use scheduler_model::wire::Put as _;

use crate::parts::{Question, annex, greeting};

#[cfg(test)]
pub(crate) use trace::judge;
pub use trace::open;
pub use what_if::{run_again, what_if};

/// The answer to a question of the page; nothing to what it does not understand.
pub fn answer(question: &[u8]) -> Vec<u8> {
    let Some((number, asked)) = question.split_first() else { return greeting() };
    let answer = match *number {
        annex::Follow::NUMBER => to(asked, live::follow),
        annex::Write::NUMBER => to(asked, trace::write),
        annex::Compare::NUMBER => to(asked, theory::compare),
        annex::Flaws::NUMBER => to(asked, check::flaws),
        annex::CheckBegins::NUMBER => to(asked, check::begin),
        annex::CheckGoesOn::NUMBER => to(asked, check::go_on),
        annex::CheckReport::NUMBER => to(asked, check::report),
        annex::Counterexample::NUMBER => to(asked, check::counterexample),
        _ => None,
    };
    answer.unwrap_or_default()
}

/// What the annex answers, as the page would hear it.
#[cfg(test)]
pub(crate) fn asked<Q: Question>(question: &Q) -> Vec<u8> {
    let mut bytes = vec![Q::NUMBER];
    question.put(&mut bytes);
    answer(&bytes)
}

fn to<Q: Question>(asked: &[u8], answer: impl FnOnce(Q) -> Q::Answer) -> Option<Vec<u8>> {
    Some(answer(Q::from_wire(asked)?).to_wire())
}
