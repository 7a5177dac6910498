//! What queueing theory says of a run, beside what came out of it.

mod words;

use scheduler_model::theory::{self, Expected};
use scheduler_model::{RunReport, Span, Stats};

use crate::number::NumberFormat;
use crate::parts::annex::{Compare, Compared, Comparison, Figure};
use words::Words;

/// Compares the figures of a whole run with those that theory expects of its scenario.
pub(super) fn compare(Compare { language, trace }: Compare) -> Comparison {
    let words = Words::of(language);
    let prediction = match theory::of(&trace.header.scenario) {
        Ok(prediction) => prediction,
        Err(reason) => return Err((words.no_theory)(&(words.reason)(&reason))),
    };
    let report = Stats::of(&trace).map_err(|_| words.broken.to_owned())?;
    let numbers = language.numbers();
    Ok(Compared {
        basis: (words.basis)(&prediction.basis),
        columns: words.columns.map(str::to_owned).to_vec(),
        figures: figures(words, &numbers, &report, &prediction.expected),
    })
}

/// The figures that theory knows.
fn figures(
    words: &Words,
    numbers: &NumberFormat,
    run: &RunReport,
    theory: &Expected,
) -> Vec<Figure> {
    let time = |secs: f64| numbers.span(span(secs));
    let interval = |half: Option<f64>| half.map(|half| format!("±\u{a0}{}", time(half)));
    let count = |n: f64| decimal(numbers, n);
    let share = |share: f64| format!("{}\u{a0}%", decimal(numbers, share * 100.0));
    let of_run = |n: u64| Some(to_f64(n));
    let (wait, stay) = (&run.waiting_time, &run.sojourn_time);
    let (wait_expected, stay_expected) = (&theory.waiting_time, &theory.sojourn_time);
    let shown =
        |name: &str, run: Option<f64>, expected: Option<f64>, show: &dyn Fn(f64) -> String| {
            let (run, theory) = (show(run?), show(expected?));
            Some(Figure { name: name.to_owned(), run, interval: None, theory })
        };
    let with = |figure: Option<Figure>, half: Option<f64>| {
        figure.map(|figure| Figure { interval: interval(half), ..figure })
    };
    let [wait_mean, wait_p99, stay_mean, stay_p99, waited, utilisation] = words.figures;
    let [answered, rejected, dropped, threads] = words.counts;
    let rows = [
        with(shown(wait_mean, wait.mean, wait_expected.mean, &time), wait.half_width_99),
        shown(wait_p99, wait.p99, wait_expected.p99, &time),
        with(shown(stay_mean, stay.mean, stay_expected.mean, &time), stay.half_width_99),
        shown(stay_p99, stay.p99, stay_expected.p99, &time),
        shown(waited, run.waited, theory.waited, &share),
        shown(utilisation, run.utilisation, theory.utilisation, &share),
        shown(answered, of_run(run.answered), theory.answered, &count),
        shown(rejected, of_run(run.rejected), theory.rejected, &count),
        shown(dropped, of_run(run.dropped), theory.dropped, &count),
        shown(threads, of_run(run.threads_peak), theory.threads_peak.map(to_f64), &count),
    ];
    rows.into_iter().flatten().collect()
}

/// With three digits that count, or whole.
fn decimal(numbers: &NumberFormat, n: f64) -> String {
    let decimals = match n.abs() {
        n if n.fract() == 0.0 || n >= 100.0 => 0,
        n if n >= 10.0 => 1,
        n if n >= 1.0 => 2,
        _ => 3,
    };
    format!("{n:.decimals$}").replace('.', &numbers.decimal.to_string())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time of a run, rounded to the nanosecond"
)]
fn span(secs: f64) -> Span {
    Span::from_nanos((secs * 1e9).round() as u64)
}

#[expect(clippy::cast_precision_loss, reason = "a count far below 2^53")]
const fn to_f64(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use scheduler_model::{Model, simulate};

    use super::*;
    use crate::messages::Language;
    use crate::scenarios::Shipped;

    fn compared(language: Language, shipped: Shipped, model: Model) -> Comparison {
        let (scenario, _) = shipped.load();
        compare(Compare { language, trace: simulate(&scenario.with_model(model)) })
    }

    #[test]
    fn a_random_load_on_a_pool_has_the_figures_of_erlang() {
        let compared = compared(Language::English, Shipped::Mm4, Model::Pool).unwrap();
        assert!(compared.basis.starts_with("M/M/4"), "{}", compared.basis);
        let wait = &compared.figures[0];
        assert_eq!(wait.name, "mean wait");
        assert!(wait.interval.is_some());
        assert!(compared.figures.len() > 5, "{:?}", compared.figures);
    }

    #[test]
    fn where_theory_has_nothing_to_say_it_says_why() {
        for (language, begins) in [
            (Language::English, "Theory has no exact figures here: "),
            (Language::Russian, "Точных значений теория здесь не даёт: "),
        ] {
            let reason = compared(language, Shipped::Drain, Model::Pool).unwrap_err();
            assert!(reason.starts_with(begins), "{reason}");
        }
    }

    #[test]
    fn every_scenario_of_the_page_is_compared_or_has_its_reason_in_both_languages() {
        for shipped in Shipped::ALL {
            for model in Model::ALL {
                let [english, russian] =
                    Language::ALL.map(|language| compared(language, shipped, model));
                assert_eq!(english.is_ok(), russian.is_ok(), "{shipped:?}, {model:?}");
                if let (Err(english), Err(russian)) = (english, russian) {
                    assert!(is_russian(&russian), "{russian}");
                    assert!(!is_russian(&english), "{english}");
                }
            }
        }
    }

    #[test]
    fn numbers_are_those_of_the_language() {
        assert_eq!(decimal(&Language::English.numbers(), 12.345), "12.3");
        assert_eq!(decimal(&Language::Russian.numbers(), 0.5), "0,500");
        assert_eq!(decimal(&Language::Russian.numbers(), 3.0), "3");
        let grows = theory::Reason::Unstable { utilisation: 1.25 };
        assert!((Words::of(Language::Russian).reason)(&grows).contains("1,250"));
    }

    fn is_russian(text: &str) -> bool {
        text.chars().any(|letter| ('а'..='я').contains(&letter))
    }
}
