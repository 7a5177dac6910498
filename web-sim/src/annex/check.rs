//! The checker, in slices: every order in which the events of a small scenario can come.
//!
//! One search at a time, which is kept between two questions.

mod words;

use std::cell::RefCell;

use scheduler_model::{CheckError, Checker, Mutant};

use super::trace::judge;
use crate::parts::annex::{
    CheckBegins, CheckGoesOn, CheckProgress, CheckReport, Counterexample, Flaws, Judgement,
    PropertyFound,
};
use words::Words;

/// What the server can be made to do wrong, in words.
pub(super) fn flaws(Flaws { language }: Flaws) -> Vec<String> {
    FLAWS.into_iter().map(|flaw| (Words::of(language).flaw)(flaw).to_owned()).collect()
}

/// Begins a search, and forgets the one before.
pub(super) fn begin(CheckBegins { language, scenario, flaw }: CheckBegins) -> Result<(), String> {
    let flaw = flaw.and_then(|place| FLAWS.get(usize::from(place)));
    let words = Words::of(language);
    let is_queued = matches!(scenario.server.model, scheduler_model::Model::Pool);
    if flaw.is_some() && !is_queued {
        return Err(words.flaw_of_pool.to_owned());
    }
    let checker = match flaw {
        None => Checker::new(&scenario),
        Some(&flaw) => Checker::mutant(&scenario, flaw),
    };
    let checker = checker.map_err(|error| match error {
        CheckError::Load { .. } => words.needs_list.to_owned(),
        CheckError::TooMany { key, given, min, max } => (words.too_many)(key, given, min, max),
        other => other.to_string(),
    })?;
    SEARCH.set(Some(checker.with_states_max(STATES_MAX)));
    Ok(())
}

/// Goes on for a few states.
pub(super) fn go_on(CheckGoesOn { states }: CheckGoesOn) -> Option<CheckProgress> {
    SEARCH.with_borrow_mut(|search| {
        let search = search.as_mut()?;
        let goes_on = search.advance(usize::from(states));
        Some(CheckProgress { states: search.states(), depth: search.depth(), goes_on })
    })
}

/// What was found, once the search is over.
pub(super) fn report(CheckReport { language }: CheckReport) -> Vec<PropertyFound> {
    let words = Words::of(language);
    SEARCH.with_borrow(|search| {
        let Some(search) = search else { return Vec::new() };
        let found = search.report().properties.into_iter().map(|found| PropertyFound {
            name: (words.property)(found.property).to_owned(),
            holds: found.holds,
            events: found.counterexample.map(|trace| trace.events.len()),
        });
        found.collect()
    })
}

/// A shortest run that breaks the property with this place in the report.
pub(super) fn counterexample(
    Counterexample { place }: Counterexample,
) -> Option<(scheduler_model::Trace, Judgement)> {
    SEARCH.with_borrow(|search| {
        let mut properties = search.as_ref()?.report().properties.into_iter();
        let trace = properties.nth(usize::from(place))?.counterexample?;
        let judgement = judge(&trace);
        Some((trace, judgement))
    })
}

/// The flaws of a pool.
const FLAWS: [Mutant; 6] = [
    Mutant::EarlyWakeUp,
    Mutant::AcceptorCountsIdle,
    Mutant::ReversedQueue,
    Mutant::JobLostOnPanic,
    Mutant::DrainForgetsParked,
    Mutant::DrainNeedsRoom,
];

/// More than a page should keep in memory, and than a reader waits for.
const STATES_MAX: usize = 1_000_000;

thread_local! {
    static SEARCH: RefCell<Option<Checker>> = const { RefCell::new(None) };
}

#[cfg(test)]
mod tests {
    use scheduler_model::scenario::Ranged;
    use scheduler_model::{Model, Scenario};

    use super::*;
    use crate::messages::Language;
    use crate::scenarios::tests::{book, flood};

    fn searched(scenario: Scenario, flaw: Option<u8>) -> Vec<PropertyFound> {
        begin(CheckBegins { language: Language::English, scenario, flaw }).unwrap();
        while go_on(CheckGoesOn { states: 500 }).unwrap().goes_on {}
        report(CheckReport { language: Language::English })
    }

    fn small() -> Scenario {
        let mut scenario = book().with_model(Model::Pool);
        scenario.server.workers = Ranged::of::<2>();
        scenario
    }

    #[test]
    fn the_books_pool_holds_what_it_promises_in_any_order() {
        let found = searched(small(), None);
        assert!(found.iter().all(|found| found.holds != Some(false)), "{found:?}");
        assert!(found.iter().any(|found| found.holds == Some(true)), "{found:?}");
    }

    #[test]
    fn a_lost_wake_up_is_found_with_a_run_that_shows_it() {
        let place = FLAWS.iter().position(|&flaw| flaw == Mutant::EarlyWakeUp).unwrap();
        let found = searched(small(), Some(u8::try_from(place).unwrap()));
        let (broken, property) =
            found.iter().enumerate().find(|(_, found)| found.holds == Some(false)).unwrap();
        assert!(property.events.is_some_and(|events| events > 0));
        let place = u8::try_from(broken).unwrap();
        let (trace, _) = counterexample(Counterexample { place }).unwrap();
        assert_eq!(Some(trace.events.len()), property.events);
    }

    #[test]
    fn what_is_too_large_is_refused_in_both_languages() {
        let begin = |language| begin(CheckBegins { language, scenario: flood(), flaw: None });
        let [english, russian] = Language::ALL.map(|language| begin(language).unwrap_err());
        assert!(english.contains('8') && russian.contains('8'), "{english} {russian}");
        assert_ne!(english, russian);
    }

    #[test]
    fn flaws_have_names_in_both_languages() {
        let [english, russian] = Language::ALL.map(|language| flaws(Flaws { language }));
        assert_eq!(english.len(), FLAWS.len());
        assert!(english.iter().zip(&russian).all(|(one, other)| one != other));
    }
}
