//! What each language must have.

use super::*;
use crate::player::Player;
use crate::run::Run;
use crate::scenarios::tests::book;
use crate::views::events;
use crate::views::why::{Panel, panel};

/// Texts that are the same in both languages on purpose.
const SAME: [&str; 1] = ["p99"];

#[test]
fn every_text_differs_between_the_languages() {
    let (english, russian) = (texts(Language::English), texts(Language::Russian));
    assert_eq!(english.len(), russian.len());
    for (one, other) in english.iter().zip(&russian) {
        assert!(one != other || SAME.contains(&one.as_str()), "{one:?} is in both languages");
    }
}

#[test]
fn russian_has_no_latin_words_but_names() {
    for text in texts(Language::Russian) {
        let latin = text
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| word.len() > 1 && word.chars().all(|c| c.is_ascii_alphabetic()));
        for word in latin {
            let names = [
                "JSON",
                "Lines",
                "TOML",
                "sleep",
                "Home",
                "End",
                "Space",
                "Esc",
                "req",
                "pool",
                "native",
                "server",
                "src",
                "serve",
                "calibrate",
            ];
            assert!(names.contains(&word), "{word:?} in {text:?}");
        }
    }
}

#[test]
fn a_browsers_language_is_found_by_its_primary_tag() {
    assert_eq!(Language::of_tag("ru-RU"), Some(Language::Russian));
    assert_eq!(Language::of_tag("EN"), Some(Language::English));
    assert_eq!(Language::of_tag("de"), None);
}

/// The plain texts of a language, and some of those that are made.
fn texts(language: Language) -> Vec<String> {
    let m = language.messages();
    let mut texts: Vec<String> = m.texts().chain(m.intro).map(str::to_owned).collect();
    texts.push(m.numbers.seconds.to_owned());
    for shipped in Shipped::ALL {
        texts.push((m.scenario_title)(shipped).to_owned());
        texts.push((m.scenario_hint)(shipped).to_owned());
    }
    for model in Model::ALL {
        texts.push((m.model_title)(model).to_owned());
        texts.push((m.fate)(RunName { model, what_if: false }, &Fate::NotYet));
    }
    texts.extend(m.key_list.iter().map(|(_, what)| (*what).to_owned()));
    texts.push((m.position)(1, 2));
    texts.push((m.more_clients)(3, 4));
    texts
}

#[test]
fn a_language_that_was_carried_says_the_same() {
    let direct = Language::Russian.messages();
    let carried = carried::carried(Box::new(|question| Some(russian(question)))).unwrap();
    assert!(direct.texts().eq(carried.texts()));
    assert_eq!((direct.intro, direct.key_list), (carried.intro, carried.key_list));
    assert_eq!(direct.numbers, carried.numbers);
    assert_eq!((carried.position)(1, 2_000_000), (direct.position)(1, 2_000_000));
    assert_eq!((carried.unreadable)("a\u{0}b"), (direct.unreadable)("a\u{0}b"));
    for model in Model::ALL {
        assert_eq!((carried.model_title)(model), (direct.model_title)(model));
        let mut player = Player::new(vec![Run::simulated(&book(), model)]);
        while !player.is_at_end() {
            player = player.at_step(player.cursor() + 1);
            let happened = events::last(&player).unwrap();
            assert_eq!((carried.event)(&happened), (direct.event)(&happened));
            for request in [None, Some(RequestId(1)), Some(RequestId(2))] {
                let Panel::Why(why) = panel(&player, request) else { continue };
                assert_eq!((carried.why)(&why), (direct.why)(&why));
                assert_eq!((carried.links)(&why.links), (direct.links)(&why.links));
                if let Some(waited) = &why.waited {
                    assert_eq!((carried.waited)(waited), (direct.waited)(waited));
                }
            }
        }
    }
}

#[test]
fn a_language_says_nothing_to_what_it_does_not_understand() {
    assert_eq!(russian(&[9]), b"");
    assert_eq!(russian(&[1, 255]), b"");
    assert_eq!(russian(&[1, 0]), b"", "without its argument");
}
