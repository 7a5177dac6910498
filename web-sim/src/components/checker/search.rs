//! The search itself: the annex tries a slice of all orders, the browser has its turn, and so on.

use std::rc::Rc;

use crate::browser;
use crate::messages::{Language, Messages};
use crate::parts::annex::{
    CheckBegins, CheckGoesOn, CheckProgress, CheckReport, Counterexample, PropertyFound,
};
use crate::parts::{Fetched, Part, PartError};
use crate::run::Run;
use crate::session::Action;

/// How a check stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Standing {
    Ready,
    /// Not begun, or ended, with this to say.
    Refused(String),
    Searching(CheckProgress),
    Over(CheckProgress, Vec<PropertyFound>),
}

/// Searches until all is seen or `goes_on` says no more; the browser has its turn between two slices.
pub(super) async fn search(
    question: &CheckBegins,
    m: &'static Messages,
    goes_on: impl Fn() -> bool,
    told: impl Fn(Standing),
) -> Standing {
    let annex = match Part::Annex.fetch().await {
        Ok(annex) => annex,
        Err(error) => return refused(error, m),
    };
    if let Err(why) = annex.ask(question).unwrap_or_else(|| Err(m.part_missing.to_owned())) {
        return Standing::Refused(why);
    }
    while goes_on() {
        let Some(Some(progress)) = annex.ask(&CheckGoesOn { states: SLICE_STATES }) else { break };
        if !progress.goes_on {
            return over(&annex, question.language, progress);
        }
        told(Standing::Searching(progress));
        browser::turn().await;
    }
    Standing::Ready
}

fn over(annex: &Fetched, language: Language, progress: CheckProgress) -> Standing {
    Standing::Over(progress, annex.ask(&CheckReport { language }).unwrap_or_default())
}

pub(super) fn refused(error: PartError, m: &Messages) -> Standing {
    Standing::Refused(error.text(m).to_owned())
}

/// The counterexample, to be played like any trace.
pub(super) fn opened(annex: &Fetched, place: usize, name: String) -> Result<Action, PartError> {
    let place = u8::try_from(place).map_err(|_| PartError::OtherBuild)?;
    let found = annex.ask(&Counterexample { place }).flatten().ok_or(PartError::OtherBuild)?;
    let (trace, judgement) = found;
    Ok(Action::Open { name, run: Rc::new(Run::new(trace)), conformance: Rc::new(judgement) })
}

/// States between two turns of the browser: some milliseconds of work.
const SLICE_STATES: u16 = 200;
