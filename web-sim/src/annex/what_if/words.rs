//! What is said of other servers, in each language.

use scheduler_model::scenario::Server;

use super::{Refused, english, russian};
use crate::messages::Language;
use crate::views::what_if::Would;

/// The words of one language.
pub(super) struct Words {
    /// How it was, and where other figures come from.
    pub(super) as_it_was: &'static str,
    pub(super) simulated: &'static str,
    /// Over the share of those that got neither an answer nor a 503.
    pub(super) without_answer: &'static str,
    /// A server, as a sentence begins with it.
    pub(super) server: fn(&Server) -> String,
    pub(super) would: fn(&Would) -> String,
    /// How many requests have the cost of another one.
    pub(super) guessed: fn(u64) -> String,
    pub(super) refused: fn(&Refused) -> String,
}

impl Words {
    pub(super) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &english::WORDS,
            Language::Russian => &russian::WORDS,
        }
    }
}

#[cfg(test)]
mod tests {
    use scheduler_model::scenario::{OnFull, QueueBound, Ranged};
    use scheduler_model::{Model, Span};

    use super::*;
    use crate::views::what_if::Figures;

    /// Everything that can be said, of servers that fared in different ways.
    fn texts(language: Language) -> Vec<String> {
        let words = Words::of(language);
        let Words { as_it_was, simulated, without_answer, server, would, guessed, refused } =
            *words;
        let mut texts = [as_it_was, simulated, without_answer].map(str::to_owned).to_vec();
        texts.push(guessed(1));
        let reasons = [
            Refused::Broken { seq: 3 },
            Refused::InTheMiddle,
            Refused::NoRequest,
            Refused::NumbersMissing,
            Refused::NoneServed { requests: 2 },
            Refused::TooLong { events: 300_000, events_max: 200_000 },
        ];
        texts.extend(reasons.iter().map(refused));
        let policies = OnFull::ALL.into_iter().cycle();
        for (model, on_full) in Model::ALL.into_iter().zip(policies) {
            let one = Server { on_full, ..Server::new(model) };
            texts.push(server(&one));
            for answered in [0, 5, 10] {
                let p99 = Some(Span::from_millis(41)).filter(|_| answered > 0);
                let figures = Figures { arrived: 10, answered, rejected: 0, p50: p99, p99 };
                texts.push(would(&Would { server: one, figures, is_best: answered == 10 }));
            }
        }
        texts
    }

    #[test]
    fn every_text_differs_between_the_languages() {
        let (english, russian) = (texts(Language::English), texts(Language::Russian));
        assert_eq!(english.len(), russian.len());
        for (one, other) in english.iter().zip(&russian) {
            assert_ne!(one, other);
            assert!(!one.is_empty() && !other.is_empty());
        }
    }

    #[test]
    fn another_server_is_a_sentence() {
        let queue = QueueBound::Bounded(Ranged::clamped(64));
        let workers = Ranged::clamped(8);
        let server = Server { workers, queue, ..Server::new(Model::Pool) };
        let p99 = Some(Span::from_millis(41));
        let figures = Figures { arrived: 1000, answered: 997, rejected: 3, p50: p99, p99 };
        let would = Would { server, figures, is_best: false };
        let said = |language| (Words::of(language).would)(&would);
        assert_eq!(
            said(Language::English),
            "8 workers and a queue of 64 would have had p99 41\u{a0}ms and 0.3\u{a0}% of 503."
        );
        assert_eq!(
            said(Language::Russian),
            "8 рабочих потоков и очередь на 64: было бы p99 41\u{a0}мс и 0,3\u{a0}% ответов 503."
        );
    }
}
