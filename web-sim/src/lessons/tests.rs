//! What each lesson claims, asked of its scenario; and its words in both languages.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::rc::Rc;

use super::*;
use crate::messages::Language;
use crate::run::Run;
use crate::scenarios::Shipped;
use crate::session::Prediction;
use crate::views::lesson::{Card, Phase, card};

/// Which answer is right, from 0, and what the figure that it depends on is: the words of that
/// answer say the same.
const CLAIMS: [(Lesson, usize, &str); 13] = [
    (Lesson::Sleep, 2, "9.00\u{a0}s"),
    (Lesson::Threads, 2, "3"),
    (Lesson::Flood, 1, "16"),
    (Lesson::Pool, 1, "15\u{a0}s"),
    (Lesson::Queue, 1, "8"),
    (Lesson::Workers, 1, "4.8"),
    (Lesson::Kept, 1, "2.90\u{a0}s"),
    (Lesson::Shutdown, 2, "6"),
    (Lesson::Panic, 2, "2"),
    (Lesson::ForkJoin, 2, "3.9"),
    (Lesson::Loop, 0, "308\u{a0}ms"),
    (Lesson::Blocking, 2, "480\u{a0}ms"),
    (Lesson::Loops, 1, "2"),
];

#[test]
fn in_each_lesson_the_run_says_which_answer_is_right() {
    let numbers = &Language::English.messages().numbers;
    for (lesson, (claimed, right, figure)) in Lesson::ALL.into_iter().zip(CLAIMS) {
        assert_eq!(lesson, claimed, "every lesson has its claim");
        let (stop, runs) = (lesson.stop(), runs(lesson));
        let value = stop.asks.value(&runs).expect("the run has the figure that is asked for");
        assert_eq!(
            (stop.right(&runs), value.shown(numbers).as_str()),
            (right, figure),
            "{lesson:?}"
        );
    }
}

/// All that a lesson can say, with the figures of its run; a scenario that changes changes this.
#[test]
fn each_lesson_says_what_its_run_shows() {
    for language in Language::ALL {
        let texts = texts(language);
        let mut all = String::new();
        for lesson in Lesson::ALL {
            let runs = runs(lesson);
            writeln!(all, "[{}]", lesson.name()).unwrap();
            say(&mut all, &card(&texts, lesson, &runs, None));
            for answer in 0..lesson.stop().n_answers() {
                for is_told in [false, true] {
                    let prediction = Some(Prediction { answer, is_told });
                    say(&mut all, &card(&texts, lesson, &runs, prediction));
                }
            }
        }
        assert!(!all.contains(['{', '}']), "a figure has no value in {all}");
        insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(language.tag(), all);
        });
    }
}

#[test]
fn where_a_lesson_begins_nothing_is_decided_yet() {
    for lesson in Lesson::ALL {
        let Some(begins) = lesson.stop().begins else { continue };
        for run in runs(lesson) {
            let after = run.events().partition_point(|event| event.at <= begins);
            assert!((1..run.events().len()).contains(&after), "{lesson:?}");
        }
    }
}

#[test]
fn every_text_is_in_both_languages_and_differs() {
    let [english, russian] = Language::ALL.map(texts);
    let keys = |texts: &Texts| -> Vec<_> {
        texts.entries().iter().map(|[section, key, _]| format!("{section}.{key}")).collect()
    };
    assert_eq!(keys(&english), keys(&russian));
    for (one, other) in english.entries().iter().zip(russian.entries()) {
        assert_ne!(one[2], other[2], "{}.{}", one[0], one[1]);
        assert!(other[2].contains(|c: char| ('а'..='я').contains(&c)), "{other:?}");
        assert!(
            !one[2].is_empty() && !one[2].contains(|c: char| c.is_alphabetic() && !c.is_ascii())
        );
    }
}

#[test]
fn both_languages_take_the_same_figures_from_the_run() {
    let [english, russian] = Language::ALL.map(texts);
    let figures = |text: &str| -> Vec<String> {
        let parts = text.split('{').skip(1).filter_map(|rest| rest.split(['|', '}']).next());
        let mut all: Vec<_> = parts.map(str::to_owned).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    for (one, other) in english.entries().iter().zip(russian.entries()) {
        assert_eq!(figures(&one[2]), figures(&other[2]), "{}.{}", one[0], one[1]);
    }
}

#[test]
fn every_lesson_has_all_of_its_texts_and_none_besides() {
    let texts = texts(Language::English);
    for lesson in Lesson::ALL {
        let n = lesson.stop().n_answers();
        let numbered =
            |kind: &str| (1..=n).map(|place| format!("{kind}-{place}")).collect::<Vec<_>>();
        let plain =
            ["title", "story", "question", "watch", "happened", "remember"].map(str::to_owned);
        let mut wanted = [plain.to_vec(), numbered("answer"), numbered("on")].concat();
        let of_lesson = texts.entries().iter().filter(|[section, ..]| section == lesson.name());
        let mut found: Vec<_> = of_lesson.map(|[_, key, _]| key.clone()).collect();
        wanted.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, wanted, "{lesson:?}");
    }
}

#[test]
fn the_files_of_texts_are_toml() {
    for language in Language::ALL {
        let read: BTreeMap<String, BTreeMap<String, String>> =
            toml::from_str(file(language)).unwrap();
        let texts = texts(language);
        assert_eq!(read.values().map(BTreeMap::len).sum::<usize>(), texts.entries().len());
        for (section, keys) in &read {
            for (key, text) in keys {
                assert_eq!(texts.get(section, key), text);
            }
        }
    }
}

fn say(all: &mut String, card: &Card) {
    match &card.phase {
        Phase::Asking { story, question, answers } => {
            let answers = answers.join("\n? ");
            writeln!(all, "{}\n{story}\n{question}\n? {answers}", card.title).unwrap();
        }
        Phase::Watching { guess, watch } => writeln!(all, "{guess}: {watch}").unwrap(),
        Phase::Told { is_right, right, on_guess, happened, remember, .. } => {
            let sign = if *is_right { '+' } else { '-' };
            writeln!(all, "{sign} {right}. {on_guess} {happened} {remember}").unwrap();
        }
    }
}

fn runs(lesson: Lesson) -> Vec<Rc<Run>> {
    let (scenario, shortened) = Shipped::OfLesson(lesson).load();
    assert_eq!(shortened, None, "{lesson:?}");
    lesson.stop().models.iter().map(|&model| Run::simulated(&scenario, model)).collect()
}

fn texts(language: Language) -> Texts {
    Texts::parse(language, file(language)).unwrap()
}

const fn file(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../../texts/lessons.en.toml"),
        Language::Russian => include_str!("../../texts/lessons.ru.toml"),
    }
}
