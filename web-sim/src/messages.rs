//! Every text of the page, once a language.
//!
//! A text is a field of [`Messages`], so that a language in which one is missing does not compile.
//! Texts that say a number or a name are made by functions. The words are those of the model: a
//! thread asleep in a handler is blocked, one that waits for a core is scheduled.
//!
//! English comes with the page; any other language is fetched when it is asked for ([`carried`]).
//! To add a text is to list it here and to say it in each language; what it is made of needs a line
//! in [`wire`].

mod carried;
mod english;
mod russian;
mod wire;

use std::cell::Cell;

use scheduler_model::scenario::OnFull;
use scheduler_model::{Model, Outcome, RequestId, Span, WorkerState};

use crate::number::NumberFormat;
use crate::parts::annex::Judgement;
use crate::parts::{Part, PartError};
use crate::run::{Duty, Waited};
use crate::scenarios::Shipped;
use crate::session::Cause;
use crate::url::BadParameter;
use crate::views::RunName;
use crate::views::events::Happened;
use crate::views::stage::{Acceptor, Tally};
use crate::views::timeline::TrackName;
use crate::views::why::{Fate, Link, Why};
use carried::{kept, messages};
pub(crate) use russian::plural as russian_plural;

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    English,
    Russian,
}

messages! {
    texts {
        // The header.
        scenario,
        models,
        language,
        theme_to_dark,
        theme_to_light,
        theme_to_projector,
        open,
        open_hint,
        download,
        download_refused,
        live,
        live_hint,
        live_name,
        live_follows,
        live_paused,
        live_over,
        live_lost,
        lessons,
        lessons_coming,
        lessons_missing,
        first_lesson,
        share,
        link,
        link_long,
        link_file,
        embed,
        embed_into,
        copy,
        copied,
        copy_refused,
        keys,
        close,
        drop_here,
        recorded,
        simulated,
        incomplete,
        part_missing,
        part_of_other_build,
        full_page,
        // The stage.
        stage,
        clients,
        backlog,
        acceptor,
        run_queue,
        cores,
        left,
        unseen,
        helps,
        ready,
        on_timers,
        core_free,
        core_switches,
        core_shared,
        asks_now,
        nobody,
        nobody_yet,
        empty,
        no_threads,
        state_waiting,
        // Why.
        now,
        nobody_waits,
        recorded_intro,
        simulated_intro,
        intro_title,
        intro_button,
        show_difference,
        any_request,
        before_first,
        // The timeline.
        timeline,
        first_difference,
        zoom_in,
        zoom_out,
        fit,
        stretched,
        stretched_hint,
        events_table,
        requests_table,
        column_event,
        column_time,
        column_model,
        column_what,
        column_request,
        column_arrived,
        column_waited,
        column_end,
        // The code.
        code,
        code_hint,
        code_coming,
        code_missing,
        code_server,
        code_acceptor,
        code_decided,
        // Controls.
        controls,
        to_start,
        step_back,
        step,
        to_end,
        play,
        pause,
        speed,
        burst,
        cannot_send_closed,
        cannot_send_trace,
        futures,
        // Settings and figures.
        settings,
        settings_hint,
        workers,
        queue_bound,
        unbounded,
        on_full,
        costs,
        costs_hint,
        costs_own,
        cost_switch,
        cost_spawn,
        cost_dispatch,
        cost_accept,
        for_pool,
        for_workers,
        so_far,
        answered,
        throughput,
        in_system,
        waiting_now,
        longest_now,
        rejected,
        failed,
        dropped,
        lost,
        threads_most,
        wait_median,
        wait_p99,
        stacks,
        digest,
        theory,
        computing,
        checker,
        checker_hint,
        flaw,
        no_flaw,
        check,
        check_stop,
        holds,
        is_broken,
        not_reached,
        // What if.
        what_if,
        what_if_hint,
        what_if_one,
        what_if_all,
        on_stage,
        // The keys.
        keys_title,
        letter_keys,
    }
    made {
        // The header.
        scenario_title(shipped: Shipped) -> &'static str;
        scenario_hint(shipped: Shipped) -> &'static str;
        model_title(model: Model) -> &'static str;
        conformance(judgement: &Judgement) -> String;
        ends_early(seq: usize, why: &str) -> String;
        shortened(played: u64, all: u64) -> String;
        bad_parameter(bad: &BadParameter) -> String;
        unreadable(name: &str) -> String;
        reading(name: &str, events: u64) -> String;
        // The stage.
        row_title(model: Model, workers: u64) -> String;
        row_facts(facts: &RowFacts) -> String;
        threads(model: Model) -> &'static str;
        acceptor_state(state: Acceptor) -> &'static str;
        deque(parts: u64) -> String;
        connections(n: u64) -> String;
        duty(state: WorkerState) -> &'static str;
        time_left(span: &str) -> String;
        core(number: u32) -> String;
        cores_shared(n: u64) -> String;
        waits(span: &str) -> String;
        served(span: &str) -> String;
        will_ask(span: &str) -> String;
        more_clients(waiting: u64, served: u64) -> String;
        more_lanes(tally: &Tally) -> String;
        more_cores(n: u64, busy: u64) -> String;
        of_bound(n: u64, max: Option<u64>) -> String;
        outcome(outcome: Outcome) -> &'static str;
        outcomes(outcome: Outcome, n: u64) -> String;
        ask_why(id: u64) -> String;
        // Why.
        why_title(why: &Why) -> String;
        why(why: &Why) -> String;
        links(links: &[Link]) -> String;
        waited(waited: &Waited) -> String;
        left_title(request: RequestId) -> String;
        left_how(run: RunName, outcome: Option<Outcome>) -> String;
        fate(run: RunName, fate: &Fate) -> String;
        all_done(arrived: u64, answered: u64) -> String;
        next_moment(id: u64) -> String;
        event(happened: &Happened) -> String;
        // The timeline.
        timeline_summary(events: u64, span: &str) -> String;
        track(name: TrackName) -> String;
        legend(legend: Legend) -> &'static str;
        // The code.
        code_timers(n: u64) -> String;
        // Controls.
        speed_factor(factor: &str) -> String;
        send(path: &str) -> String;
        burst_hint(path: &str) -> String;
        position(done: u64, all: u64) -> String;
        branch(cause: Cause, path: &str, at: &str) -> String;
        // Settings and figures.
        check_progress(states: u64, depth: u64) -> String;
        check_over(states: u64, broken: u64) -> String;
        counterexample(events: u64) -> String;
        policy(policy: OnFull) -> &'static str;
    }
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
    Steal,
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

    /// How it writes numbers, wherever its texts are.
    pub(crate) const fn numbers(self) -> NumberFormat {
        match self {
            Self::English => english::NUMBERS,
            Self::Russian => russian::NUMBERS,
        }
    }

    /// Its texts, once they are here: [`Language::fetch`]. English until then.
    pub(crate) fn messages(self) -> &'static Messages {
        match self {
            Self::English => &english::MESSAGES,
            // Natively, for tests, all languages are here.
            #[cfg(not(target_arch = "wasm32"))]
            Self::Russian => &russian::MESSAGES,
            #[cfg(target_arch = "wasm32")]
            Self::Russian => match FETCHED.get() {
                Some((language, messages)) if language == self => messages,
                _ => &english::MESSAGES,
            },
        }
    }

    /// Whether its texts are here.
    pub(crate) fn is_here(self) -> bool {
        self == Self::English || FETCHED.get().is_some_and(|(language, _)| language == self)
    }

    /// Fetches its texts.
    ///
    /// # Errors
    ///
    /// [`PartError`] when they cannot be had.
    pub(crate) async fn fetch(self) -> Result<(), PartError> {
        let part = match self {
            Self::English => return Ok(()),
            Self::Russian => Part::Russian,
        };
        if !self.is_here() {
            let speaker = part.fetch().await?;
            let messages = carried::carried(Box::new(move |question| speaker.answer(question)));
            FETCHED.set(Some((self, messages.ok_or(PartError::OtherBuild)?)));
        }
        Ok(())
    }
}

/// The program that is the Russian language: takes a question and gives its answer.
pub(crate) fn russian(question: &[u8]) -> Vec<u8> {
    carried::answer(&russian::MESSAGES, question)
}

thread_local! {
    static FETCHED: Cell<Option<(Language, &'static Messages)>> = const { Cell::new(None) };
}

impl Messages {
    /// A length of time.
    pub(crate) fn span(&self, span: Span) -> String {
        self.numbers.span(span)
    }

    /// A run, in a word.
    pub(crate) fn run_name(&self, name: RunName) -> &'static str {
        let model = name.model.name();
        if name.what_if { kept(self.asking(name, model.to_owned())) } else { model }
    }

    /// A run, over its row.
    pub(crate) fn run_title(&self, name: RunName, workers: u64) -> String {
        self.asking(name, (self.row_title)(name.model, workers))
    }

    /// What is said of a run, as the question that it answers.
    fn asking(&self, name: RunName, said: String) -> String {
        if name.what_if { format!("{} {said}", self.what_if) } else { said }
    }

    /// A whole number.
    pub(crate) fn count(&self, n: u64) -> String {
        self.numbers.count(n)
    }
}

#[cfg(test)]
mod tests;
