//! What each language must have.

use super::*;

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
            let names =
                ["JSON", "Lines", "TOML", "sleep", "Home", "End", "Space", "Esc", "req", "pool"];
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
#[expect(clippy::too_many_lines, reason = "a list")]
fn texts(language: Language) -> Vec<String> {
    let m = language.messages();
    let plain = [
        m.scenario,
        m.models,
        m.language,
        m.theme_to_dark,
        m.theme_to_light,
        m.open,
        m.open_hint,
        m.download,
        m.download_refused,
        m.lessons,
        m.lessons_coming,
        m.lessons_missing,
        m.first_lesson,
        m.share,
        m.link,
        m.link_long,
        m.embed_into,
        m.link_file,
        m.embed,
        m.copy,
        m.copied,
        m.copy_refused,
        m.keys,
        m.close,
        m.drop_here,
        m.recorded,
        m.simulated,
        m.incomplete,
        m.full_page,
        m.stage,
        m.clients,
        m.backlog,
        m.acceptor,
        m.run_queue,
        m.cores,
        m.left,
        m.unseen,
        m.core_free,
        m.core_switches,
        m.core_shared,
        m.nobody,
        m.asks_now,
        m.nobody_yet,
        m.empty,
        m.no_threads,
        m.state_waiting,
        m.now,
        m.nobody_waits,
        m.intro_title,
        m.recorded_intro,
        m.simulated_intro,
        m.intro[0],
        m.intro[1],
        m.intro[2],
        m.intro_button,
        m.show_difference,
        m.any_request,
        m.before_first,
        m.timeline,
        m.first_difference,
        m.zoom_in,
        m.zoom_out,
        m.fit,
        m.stretched,
        m.stretched_hint,
        m.events_table,
        m.requests_table,
        m.column_event,
        m.column_time,
        m.column_model,
        m.column_what,
        m.column_request,
        m.column_arrived,
        m.column_waited,
        m.column_end,
        m.controls,
        m.to_start,
        m.step_back,
        m.step,
        m.to_end,
        m.play,
        m.pause,
        m.speed,
        m.burst,
        m.cannot_send_closed,
        m.cannot_send_trace,
        m.futures,
        m.settings,
        m.settings_hint,
        m.workers,
        m.queue_bound,
        m.unbounded,
        m.on_full,
        m.for_pool,
        m.for_workers,
        m.helps,
        m.so_far,
        m.answered,
        m.waiting_now,
        m.longest_now,
        m.rejected,
        m.failed,
        m.dropped,
        m.lost,
        m.threads_most,
        m.wait_median,
        m.wait_p99,
        m.stacks,
        m.digest,
        m.keys_title,
        m.letter_keys,
        m.own_name_of_numbers(),
    ];
    let mut texts: Vec<String> = plain.map(str::to_owned).to_vec();
    for shipped in Shipped::ALL {
        texts.push((m.scenario_title)(shipped).to_owned());
        texts.push((m.scenario_hint)(shipped).to_owned());
    }
    for model in Model::ALL {
        texts.push((m.model_title)(model).to_owned());
        texts.push((m.fate)(model, &Fate::NotYet));
    }
    texts.extend(m.key_list.iter().map(|(_, what)| (*what).to_owned()));
    texts.push((m.position)(1, 2));
    texts.push((m.more_clients)(3, 4));
    texts
}

impl Messages {
    fn own_name_of_numbers(&self) -> &'static str {
        self.numbers.seconds
    }
}
