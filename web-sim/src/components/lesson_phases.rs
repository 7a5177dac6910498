//! The three phases of a lesson: it asks, it lets the reader watch, it tells.

use yew::prelude::*;

use super::icon::{Icon, drawn};
use crate::lessons::Lesson;
use crate::session::Action;
use crate::views::lesson::Phase;

/// A text of the card by its key.
type Page<'a> = &'a dyn Fn(&str) -> String;

/// Asks for a prediction.
pub(crate) fn asking(
    page: Page<'_>,
    phase: &Phase,
    lesson: Lesson,
    chosen: Option<usize>,
    on_choose: &Callback<usize>,
    on_commit: &Callback<usize>,
) -> Html {
    let Phase::Asking { story, question, answers } = phase else { return Html::default() };
    html! {
        // No form: a sandbox that allows nothing but scripts would keep it from being submitted.
        <div key="asking" class="lesson__phase">
            <p class="lesson__story">{ story.clone() }</p>
            <fieldset class="lesson__question">
                <legend class="lesson__ask">{ question.clone() }</legend>
                for (place, answer) in answers.iter().enumerate() {
                    // Keyed by the lesson as well: what was chosen in another one is not chosen here.
                    <label key={format!("{}-{place}", lesson.name())} class="lesson__answer">
                        <input type="radio" name="answer" checked={chosen == Some(place)} onchange={on_choose.reform(move |_| place)} />
                        <span>{ answer.clone() }</span>
                    </label>
                }
            </fieldset>
            <button type="button" class="button button--main" disabled={chosen.is_none()}
                onclick={on_commit.reform(move |_| chosen.unwrap_or_default())}>{ page("commit") }</button>
        </div>
    }
}

/// Lets the reader watch.
pub(crate) fn watching(
    page: Page<'_>,
    phase: &Phase,
    is_playing: bool,
    on_action: &Callback<Action>,
) -> Html {
    let Phase::Watching { guess, watch } = phase else { return Html::default() };
    let act = |action: Action| on_action.reform(move |_: MouseEvent| action.clone());
    let (run, icon, name) = if is_playing {
        (Action::Pause, Icon::Pause, page("pause"))
    } else {
        (Action::Play, Icon::Play, page("run"))
    };
    html! {
        <div key="watching" class="lesson__phase">
            <p class="lesson__guess"><span class="lesson__label">{ page("guess") }</span>{ guess.clone() }</p>
            <p class="lesson__story">{ watch.clone() }</p>
            <div class="lesson__buttons">
                <button key="run" type="button" class="button button--main" onclick={act(run)}>{ drawn(icon) }<span>{ name }</span></button>
                <button key="end" type="button" class="link" onclick={act(Action::GoToStep(usize::MAX))}>{ page("to-end") }</button>
            </div>
        </div>
    }
}

/// Tells what came of it.
pub(crate) fn told(
    page: Page<'_>,
    phase: &Phase,
    lesson: Lesson,
    on_lesson: &Callback<Lesson>,
) -> Html {
    let Phase::Told { is_right, question, right, on_guess, happened, remember, next } = phase
    else {
        return Html::default();
    };
    let verdict = if *is_right { page("right") } else { page("otherwise") };
    let class = classes!("lesson__verdict", is_right.then_some("lesson__verdict--right"));
    html! {
        <div key="told" class="lesson__phase">
            <div class="lesson__told">
                <p {class}>{ verdict }</p>
                <p class="lesson__answered"><span class="visually-hidden">{ format!("{question} ") }</span>{ right.clone() }</p>
                <p class="lesson__story">{ format!("{on_guess} {happened}") }</p>
                <p class="lesson__remember">{ remember.clone() }</p>
            </div>
            <div class="lesson__buttons">
                if let (Some(title), Some(next)) = (next, lesson.next()) {
                    <button key="next" type="button" class="button button--main lesson__next" onclick={on_lesson.reform(move |_| next)}>
                        <span><span class="lesson__label">{ page("next") }</span>{ title.clone() }</span>
                    </button>
                } else {
                    <p key="last" class="lesson__story">{ page("last") }</p>
                }
                <button key="again" type="button" class="link" onclick={on_lesson.reform(move |_| lesson)}>{ page("again") }</button>
            </div>
        </div>
    }
}

/// What a screen reader is told when the run is over.
pub(crate) fn spoken(page: Page<'_>, phase: &Phase) -> String {
    let Phase::Told { is_right, right, on_guess, happened, remember, .. } = phase else {
        return String::new();
    };
    let verdict = if *is_right { page("right") } else { page("otherwise") };
    [&verdict, right, on_guess, happened, remember].map(String::as_str).join(" ")
}
