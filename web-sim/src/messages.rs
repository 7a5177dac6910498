//! Every text of the page, once a language.
//!
//! A text is a field of [`Messages`], so that a language in which one is missing does not compile.
//! Texts that say a number or a name are functions. The words are those of the model: a thread
//! asleep in a handler is blocked, one that waits for a core is scheduled.

mod english;
mod russian;

use scheduler_model::scenario::OnFull;
use scheduler_model::{Conformance, Model, Outcome, RequestId, Span, WorkerState};

use crate::number::NumberFormat;
use crate::run::{Duty, Waited};
use crate::scenarios::Shipped;
use crate::session::Cause;
use crate::url::BadParameter;
use crate::views::events::Happened;
use crate::views::stage::{Acceptor, Tally};
use crate::views::timeline::TrackName;
use crate::views::why::{Fate, Link, Why};

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    English,
    Russian,
}

/// All texts in one language.
pub(crate) struct Messages {
    pub(crate) numbers: NumberFormat,

    // The header.
    pub(crate) scenario: &'static str,
    pub(crate) scenario_title: fn(Shipped) -> &'static str,
    pub(crate) scenario_hint: fn(Shipped) -> &'static str,
    pub(crate) models: &'static str,
    pub(crate) model_title: fn(Model) -> &'static str,
    pub(crate) language: &'static str,
    pub(crate) theme_to_dark: &'static str,
    pub(crate) theme_to_light: &'static str,
    pub(crate) open: &'static str,
    pub(crate) open_hint: &'static str,
    pub(crate) download: &'static str,
    pub(crate) download_refused: &'static str,
    pub(crate) lessons: &'static str,
    pub(crate) lessons_coming: &'static str,
    pub(crate) lessons_missing: &'static str,
    pub(crate) first_lesson: &'static str,
    pub(crate) share: &'static str,
    pub(crate) link: &'static str,
    pub(crate) link_long: &'static str,
    pub(crate) link_file: &'static str,
    pub(crate) embed: &'static str,
    pub(crate) embed_into: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) copied: &'static str,
    pub(crate) copy_refused: &'static str,
    pub(crate) keys: &'static str,
    pub(crate) close: &'static str,
    pub(crate) drop_here: &'static str,
    pub(crate) recorded: &'static str,
    pub(crate) simulated: &'static str,
    pub(crate) conformance: fn(&Conformance) -> String,
    pub(crate) ends_early: fn(usize, &str) -> String,
    pub(crate) shortened: fn(u64, u64) -> String,
    pub(crate) incomplete: &'static str,
    pub(crate) bad_parameter: fn(&BadParameter) -> String,
    pub(crate) unreadable: fn(&str) -> String,
    pub(crate) full_page: &'static str,

    // The stage.
    pub(crate) stage: &'static str,
    pub(crate) row_title: fn(Model, u64) -> String,
    pub(crate) row_facts: fn(&RowFacts) -> String,
    pub(crate) clients: &'static str,
    pub(crate) backlog: &'static str,
    pub(crate) acceptor: &'static str,
    pub(crate) run_queue: &'static str,
    pub(crate) threads: fn(Model) -> &'static str,
    pub(crate) cores: &'static str,
    pub(crate) left: &'static str,
    pub(crate) unseen: &'static str,
    pub(crate) acceptor_state: fn(Acceptor) -> &'static str,
    pub(crate) deque: fn(u64) -> String,
    pub(crate) helps: &'static str,
    pub(crate) ready: fn(&str) -> String,
    pub(crate) on_timers: fn(&str) -> String,
    pub(crate) and_more: fn(&str, u64) -> String,
    pub(crate) duty: fn(WorkerState) -> &'static str,
    pub(crate) time_left: fn(&str) -> String,
    pub(crate) core: fn(u32) -> String,
    pub(crate) core_free: &'static str,
    pub(crate) core_switches: &'static str,
    pub(crate) core_shared: &'static str,
    pub(crate) cores_shared: fn(u64) -> String,
    pub(crate) waits: fn(&str) -> String,
    pub(crate) served: fn(&str) -> String,
    pub(crate) will_ask: fn(&str) -> String,
    pub(crate) asks_now: &'static str,
    pub(crate) nobody: &'static str,
    pub(crate) nobody_yet: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) more_clients: fn(u64, u64) -> String,
    pub(crate) more_lanes: fn(&Tally) -> String,
    pub(crate) more_cores: fn(u64, u64) -> String,
    pub(crate) of_bound: fn(u64, Option<u64>) -> String,
    pub(crate) outcome: fn(Outcome) -> &'static str,
    pub(crate) outcomes: fn(Outcome, u64) -> String,
    pub(crate) no_threads: &'static str,
    pub(crate) ask_why: fn(u64) -> String,
    pub(crate) state_waiting: &'static str,

    // Why.
    pub(crate) now: &'static str,
    pub(crate) why_title: fn(&Why) -> String,
    pub(crate) why: fn(&Why) -> String,
    pub(crate) links: fn(&[Link]) -> String,
    pub(crate) waited: fn(&Waited) -> String,
    pub(crate) left_title: fn(RequestId) -> String,
    pub(crate) left_how: fn(Model, Option<Outcome>) -> String,
    pub(crate) fate: fn(Model, &Fate) -> String,
    pub(crate) nobody_waits: &'static str,
    pub(crate) all_done: fn(u64, u64) -> String,
    pub(crate) longest_wait: fn(Model, &str) -> String,
    pub(crate) intro: [&'static str; 3],
    pub(crate) recorded_intro: &'static str,
    pub(crate) simulated_intro: &'static str,
    pub(crate) intro_title: &'static str,
    pub(crate) intro_button: &'static str,
    pub(crate) show_difference: &'static str,
    pub(crate) next_moment: fn(u64) -> String,
    pub(crate) any_request: &'static str,
    pub(crate) event: fn(&Happened) -> String,
    pub(crate) before_first: &'static str,

    // The timeline.
    pub(crate) timeline: &'static str,
    pub(crate) timeline_summary: fn(u64, &str) -> String,
    pub(crate) track: fn(TrackName) -> String,
    pub(crate) first_difference: &'static str,
    pub(crate) zoom_in: &'static str,
    pub(crate) zoom_out: &'static str,
    pub(crate) fit: &'static str,
    pub(crate) stretched: &'static str,
    pub(crate) stretched_hint: &'static str,
    pub(crate) legend: fn(Legend) -> &'static str,
    pub(crate) events_table: &'static str,
    pub(crate) requests_table: &'static str,
    pub(crate) column_event: &'static str,
    pub(crate) column_time: &'static str,
    pub(crate) column_model: &'static str,
    pub(crate) column_what: &'static str,
    pub(crate) column_request: &'static str,
    pub(crate) column_arrived: &'static str,
    pub(crate) column_waited: &'static str,
    pub(crate) column_end: &'static str,

    // Controls.
    pub(crate) controls: &'static str,
    pub(crate) to_start: &'static str,
    pub(crate) step_back: &'static str,
    pub(crate) step: &'static str,
    pub(crate) to_end: &'static str,
    pub(crate) play: &'static str,
    pub(crate) pause: &'static str,
    pub(crate) speed: &'static str,
    pub(crate) speed_factor: fn(f64) -> String,
    pub(crate) send: fn(&str) -> String,
    pub(crate) burst: &'static str,
    pub(crate) burst_hint: fn(&str) -> String,
    pub(crate) cannot_send_closed: &'static str,
    pub(crate) cannot_send_trace: &'static str,
    pub(crate) position: fn(u64, u64) -> String,
    pub(crate) futures: &'static str,
    pub(crate) branch: fn(Cause, &str, &str) -> String,

    // Settings and figures.
    pub(crate) settings: &'static str,
    pub(crate) settings_hint: &'static str,
    pub(crate) workers: &'static str,
    pub(crate) queue_bound: &'static str,
    pub(crate) unbounded: &'static str,
    pub(crate) on_full: &'static str,
    pub(crate) policy: fn(OnFull) -> &'static str,
    pub(crate) for_pool: &'static str,
    pub(crate) for_workers: &'static str,
    pub(crate) so_far: &'static str,
    pub(crate) answered: &'static str,
    pub(crate) waiting_now: &'static str,
    pub(crate) longest_now: &'static str,
    pub(crate) rejected: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) dropped: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) threads_most: &'static str,
    pub(crate) wait_median: &'static str,
    pub(crate) wait_p99: &'static str,
    pub(crate) stacks: &'static str,
    pub(crate) digest: &'static str,

    // The keys.
    pub(crate) keys_title: &'static str,
    pub(crate) key_list: [(&'static str, &'static str); 11],
    pub(crate) letter_keys: &'static str,
}

/// What stands beside a row's title.
pub(crate) struct RowFacts {
    pub(crate) model: Model,
    pub(crate) n_threads: u64,
    pub(crate) n_cores: Option<u64>,
    pub(crate) stack: String,
    pub(crate) queue: Option<(u64, Option<u64>)>,
}

/// What a colour and a pattern mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Legend {
    Duty(Duty),
    Waiting,
}

impl Language {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::Russian];

    /// Its name in links and in the document, as in RFC 5646.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Russian => "ru",
        }
    }

    /// What its speakers call it.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Russian => "Русский",
        }
    }

    /// The language a browser asks for, if the page has it.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or(tag);
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// Its texts.
    pub(crate) const fn messages(self) -> &'static Messages {
        match self {
            Self::English => &english::MESSAGES,
            Self::Russian => &russian::MESSAGES,
        }
    }
}

impl Messages {
    /// A length of time.
    pub(crate) fn span(&self, span: Span) -> String {
        self.numbers.span(span)
    }

    /// A whole number.
    pub(crate) fn count(&self, n: u64) -> String {
        self.numbers.count(n)
    }
}

#[cfg(test)]
mod tests;
