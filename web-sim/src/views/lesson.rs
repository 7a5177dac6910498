//! A lesson as it stands: what it asks, what was predicted, and what came of it.

use std::rc::Rc;

use crate::lessons::{Lesson, Texts, fill};
use crate::run::Run;
use crate::session::Prediction;

/// All that a lesson's card says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) title: String,
    pub(crate) phase: Phase,
}

/// How far the reader is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing was predicted yet.
    Asking {
        /// Sentences on what is about to happen.
        story: String,
        question: String,
        answers: Vec<String>,
    },
    /// It was, and the run has not come to its end.
    Watching {
        /// The answer that was given.
        guess: String,
        /// Where to look meanwhile.
        watch: String,
    },
    /// The run is over, and says who was right.
    Told {
        is_right: bool,
        question: String,
        /// The answer that is right.
        right: String,
        /// On the answer that was given.
        on_guess: String,
        /// What the run has shown.
        happened: String,
        /// The sentence to take along.
        remember: String,
        /// The title of the lesson that follows.
        next: Option<String>,
    },
}

/// The card of a lesson; `runs` are those of its own scenario, whatever was changed since.
pub(crate) fn card(
    texts: &Texts,
    lesson: Lesson,
    runs: &[Rc<Run>],
    prediction: Option<Prediction>,
) -> Card {
    let text = |key: &str| fill(texts.get(lesson.name(), key), texts.language(), runs);
    let answer = |place: usize| text(&format!("answer-{}", place + 1));
    let stop = lesson.stop();
    let phase = match prediction {
        None => Phase::Asking {
            story: text("story"),
            question: text("question"),
            answers: (0..stop.n_answers()).map(answer).collect(),
        },
        Some(Prediction { answer: guess, is_told: false }) => {
            Phase::Watching { guess: answer(guess), watch: text("watch") }
        }
        Some(Prediction { answer: guess, is_told: true }) => {
            let right = stop.right(runs);
            Phase::Told {
                is_right: guess == right,
                question: text("question"),
                right: answer(right),
                on_guess: text(&format!("on-{}", guess + 1)),
                happened: text("happened"),
                remember: text("remember"),
                next: lesson.next().map(|next| texts.get(next.name(), "title").to_owned()),
            }
        }
    };
    Card { title: text("title"), phase }
}
