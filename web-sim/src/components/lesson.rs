//! The card of a lesson: a prediction, then the run, then what came of it. One thing at a time, and
//! nothing that stands in the way of the page.

use std::rc::Rc;

use web_sys::HtmlElement;
use yew::prelude::*;

use super::lesson_list::lesson_list;
use super::lesson_phases::{asking, spoken, told, watching};
use crate::app::use_look;
use crate::browser;
use crate::lessons::{Lesson, Progress, Texts};
use crate::messages::Language;
use crate::run::Run;
use crate::scenarios::Shipped;
use crate::session::{Action, Branch, Prediction};
use crate::views::lesson::{Phase, card};

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct LessonCardProps {
    /// Which lesson.
    pub(crate) lesson: Lesson,
    /// What it opened, whatever was changed since.
    pub(crate) opened: Branch,
    /// What was said before the run.
    pub(crate) prediction: Option<Prediction>,
    /// Whether it plays.
    pub(crate) is_playing: bool,
    /// The lessons that were done.
    pub(crate) progress: Progress,
    /// Takes one that was done now.
    pub(crate) on_done: Callback<Lesson>,
    /// Takes what is to happen to the run.
    pub(crate) on_action: Callback<Action>,
}

/// Shows a lesson.
#[component]
pub(crate) fn LessonCard(props: &LessonCardProps) -> Html {
    let look = use_look();
    let m = look.messages();
    let LessonCardProps { opened, prediction, is_playing, progress, .. } = props;
    let (lesson, prediction) = (props.lesson, *prediction);
    let texts = use_texts(look.language);
    let choice = use_state(|| None::<(Lesson, usize)>);
    // What was chosen in another lesson is not chosen here.
    let chosen = choice.filter(|&(of, _)| of == lesson).map(|(_, answer)| answer);
    let title = use_node_ref();
    let is_used = use_mut_ref(|| false);
    let known = (texts.clone(), lesson, opened.clone(), prediction);
    let shown = use_memo(known, |(texts, _, opened, _)| {
        let texts = texts.as_ref()?.as_ref().ok()?;
        let models = lesson.stop().models.iter();
        let runs: Vec<Rc<Run>> = models.map(|&model| opened.run(model)).collect();
        Some(card(texts, lesson, &runs, prediction))
    });
    let is_told = prediction.is_some_and(|said| said.is_told);
    use_effect_with((is_told, lesson), {
        let on_done = props.on_done.clone();
        move |&(is_told, lesson)| {
            if is_told {
                on_done.emit(lesson);
            }
        }
    });
    // What had the focus may be gone with the phase before. A page that was only opened takes none.
    use_effect_with((lesson, prediction), {
        let (title, is_used) = (title.clone(), is_used.clone());
        move |_| {
            if *is_used.borrow()
                && browser::has_no_focus()
                && let Some(title) = title.cast::<HtmlElement>()
            {
                // Refused only to an element that is not in the document.
                let _ = title.focus();
            }
        }
    });
    let (Some(Ok(texts)), Some(card)) = (texts.as_ref(), shown.as_ref()) else {
        let note = if texts.is_some() { m.lessons_missing } else { m.lessons_coming };
        return html! {
            <section class="lesson panel" aria-label={m.lessons}><p role="status">{ note }</p></section>
        };
    };
    let page = |key: &str| texts.get("page", key).to_owned();
    let open = {
        let (choice, on_action) = (choice.clone(), props.on_action.clone());
        Callback::from(move |shipped: Shipped| {
            choice.set(None);
            on_action.emit(Action::ChooseScenario(shipped));
        })
    };
    let on_lesson = open.reform(Shipped::OfLesson);
    let on_commit = props.on_action.reform(Action::Predict);
    let on_choose = Callback::from(move |answer| choice.set(Some((lesson, answer))));
    let on_use = Callback::from(move |_: FocusEvent| *is_used.borrow_mut() = true);
    html! {
        <section class="lesson panel" aria-label={page("lesson")} data-lesson={lesson.name()} onfocusin={on_use}>
            { lesson_list(texts, lesson, *progress, &on_lesson, &open.reform(|()| Shipped::Book)) }
            <h2 ref={title} class="lesson__title" tabindex="-1">{ card.title.clone() }</h2>
            { match &card.phase {
                Phase::Asking { .. } => asking(&page, &card.phase, lesson, chosen, &on_choose, &on_commit),
                Phase::Watching { .. } => watching(&page, &card.phase, *is_playing, &props.on_action),
                Phase::Told { .. } => told(&page, &card.phase, lesson, &on_lesson),
            } }
            <p class="visually-hidden" role="status">{ spoken(&page, &card.phase) }</p>
        </section>
    }
}

/// The texts in a language; none while they are fetched, an error where they cannot be had.
#[hook]
fn use_texts(language: Language) -> Option<Result<Rc<Texts>, ()>> {
    let texts = use_state(|| None);
    use_effect_with(language, {
        let texts = texts.clone();
        move |&language| {
            let wanted = Rc::new(());
            let still = Rc::downgrade(&wanted);
            texts.set(None);
            browser::fetch(
                Texts::file(language),
                Callback::from(move |file: Option<String>| {
                    // Another language may have been chosen meanwhile.
                    if still.upgrade().is_some() {
                        let read = file.and_then(|file| Texts::parse(language, &file).ok());
                        texts.set(Some(read.map(Rc::new).ok_or(())));
                    }
                }),
            );
            move || drop(wanted)
        }
    });
    (*texts).clone()
}
