//! The head of a lesson: which of how many it is, and all of them to choose from.

use yew::prelude::*;

use crate::lessons::{Lesson, Progress, Texts};

/// Shows where on the way this lesson is; unfolds into all of them.
pub(crate) fn lesson_list(
    texts: &Texts,
    lesson: Lesson,
    progress: Progress,
    on_lesson: &Callback<Lesson>,
    on_leave: &Callback<()>,
) -> Html {
    let page = |key: &str| texts.get("page", key).to_owned();
    let number = (lesson.place() + 1).to_string();
    let of = page("of").replace("{n}", &number).replace("{all}", &Lesson::ALL.len().to_string());
    html! {
        <header class="lesson__head">
            // Keyed by the lesson: the list folds up when one was chosen.
            <details key={lesson.name()} class="lesson__list">
                <summary class="lesson__place">{ of }</summary>
                <ol class="lesson__all">
                    for one in Lesson::ALL {
                        <li key={one.name()}>
                            <button type="button" class="lesson__one" aria-current={(one == lesson).then_some("step")}
                                onclick={on_lesson.reform(move |_| one)}>
                                <span class="lesson__number" aria-hidden="true">{ one.place() + 1 }</span>
                                <span>{ texts.get(one.name(), "title").to_owned() }</span>
                                if progress.has(one) {
                                    <span key="done" class="lesson__done">{ page("done") }</span>
                                }
                            </button>
                        </li>
                    }
                </ol>
            </details>
            <button key="leave" type="button" class="button button--quiet button--small lesson__leave" onclick={on_leave.reform(|_| ())}>
                { page("leave") }
            </button>
        </header>
    }
}
