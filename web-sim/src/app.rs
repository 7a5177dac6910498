//! The page: it holds the session, tells it of keys and of time that passes, and lays out the rest.

mod hooks;
mod opened;

use std::rc::Rc;

use yew::prelude::*;

use crate::browser;
use crate::components::checker::CheckerPanel;
use crate::components::code_panel::CodePanel;
use crate::components::controls::controls;
use crate::components::drop_target::DropTarget;
use crate::components::header::header;
use crate::components::keys::Keys;
use crate::components::lesson::LessonCard;
use crate::components::metrics::metrics;
use crate::components::notices::notices;
use crate::components::settings::Settings;
use crate::components::share::Share;
use crate::components::stage::stage;
use crate::components::timeline::Timeline;
use crate::components::what_if::what_if;
use crate::components::why_panel::why_panel;
use crate::embed::use_outer_page;
use crate::lessons::{Lesson, Progress};
use crate::live::use_live;
use crate::messages::{Language, Messages};
use crate::session::Action;
use crate::url::{BadParameter, Theme};
use hooks::{use_document, use_frames, use_keys, use_new_look};
use opened::Opened;
pub(crate) use opened::language_to_open_in;

/// What every component needs to know: language, theme, and whether the page is in a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Look {
    pub(crate) language: Language,
    pub(crate) theme: Theme,
    pub(crate) is_embedded: bool,
}

/// Which dialogue is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialogue {
    Keys,
    Share,
}

impl Look {
    /// The texts.
    pub(crate) fn messages(self) -> &'static Messages {
        self.language.messages()
    }
}

/// The look that the page has now.
#[hook]
pub(crate) fn use_look() -> Look {
    use_context::<Look>().expect("the page provides its look to all of its components")
}

/// The whole page.
#[component]
pub(crate) fn App() -> Html {
    let opened = use_memo((), |()| Opened::by(&browser::query().unwrap_or_default()));
    let session = {
        let opened = Rc::clone(&opened);
        use_reducer(move || opened.session.clone())
    };
    let look = use_state(|| opened.look);
    let bad = use_state(|| opened.bad.clone());
    let dialogue = use_state(|| None::<Dialogue>);
    let letters = use_state(|| browser::stored(LETTERS_KEY).as_deref() != Some("off"));
    let progress = use_state(|| Progress::read(&browser::stored(LESSONS_KEY).unwrap_or_default()));
    let page = use_node_ref();

    let dispatch = {
        let dispatcher = session.dispatcher();
        use_callback((), move |action: Action, ()| dispatcher.dispatch(action))
    };
    use_frames(session.is_playing(), &dispatch);
    use_live(session.is_following(), look.messages(), &dispatch);
    use_keys(&session, &dispatch, *letters, &dialogue);
    use_document(*look);

    let on_look = use_new_look(&look, &dispatch);
    use_outer_page(&page, &session, opened.query.resize, *look, &dispatch, &on_look);
    let on_dialogue = {
        let state = dialogue.clone();
        Callback::from(move |open: Option<Dialogue>| state.set(open))
    };
    let on_letters = {
        let state = letters.clone();
        Callback::from(move |on: bool| {
            let _ = browser::store(LETTERS_KEY, if on { "on" } else { "off" });
            state.set(on);
        })
    };
    let on_read = {
        let bad = bad.clone();
        Callback::from(move |()| bad.set(Vec::<BadParameter>::new()))
    };
    let on_done = {
        let progress = progress.clone();
        Callback::from(move |lesson: Lesson| {
            let done = progress.with(lesson);
            let _ = browser::store(LESSONS_KEY, &done.written());
            progress.set(done);
        })
    };
    let session = Rc::new((*session).clone());
    let m = look.messages();
    html! {
        <ContextProvider<Look> context={*look}>
            <div ref={page} class={classes!("page", look.is_embedded.then_some("page--embedded"))}>
                { header(*look, &session, *progress, &dispatch, &on_look, &on_dialogue) }
                { notices(m, &session, &bad, &dispatch, &on_read) }
                <main class="page__main">
                    <div class="page__lesson">
                        if let Some(lesson) = session.lesson() {
                            <LessonCard key="lesson" {lesson} opened={session.branches()[0].clone()}
                                prediction={session.prediction()} is_playing={session.is_playing()}
                                progress={*progress} {on_done} on_action={dispatch.clone()} />
                        }
                    </div>
                    <div class="page__run">
                        { stage(m, &session, &dispatch) }
                        { why_panel(m, &session, &dispatch) }
                        // Before a prediction it would tell what is to be predicted.
                        if session.lesson().is_none() || session.prediction().is_some() {
                            <Timeline key="timeline" session={session.clone()} on_action={dispatch.clone()} />
                        } else {
                            <div key="none" hidden=true></div>
                        }
                        <CodePanel key="code" session={session.clone()} />
                    </div>
                    <aside class="page__side">
                        { metrics(m, &session) }
                        <Settings session={session.clone()} on_action={dispatch.clone()} />
                        <CheckerPanel session={session.clone()} on_action={dispatch.clone()} />
                        { what_if(*look, &session, &dispatch) }
                    </aside>
                </main>
                { controls(m, &session, &dispatch) }
                <Keys is_open={*dialogue == Some(Dialogue::Keys)} letters={*letters} {on_letters}
                    on_close={on_dialogue.reform(|()| None)} />
                <Share is_open={*dialogue == Some(Dialogue::Share)} session={session.clone()}
                    on_close={on_dialogue.reform(|()| None)} />
            </div>
            // Beside the page and not in it, where its place would be that of the page and not of the window.
            <DropTarget on_action={dispatch} />
        </ContextProvider<Look>>
    }
}

const LANGUAGE_KEY: &str = "scheduler-lab:language";
const THEME_KEY: &str = "scheduler-lab:theme";
const LESSONS_KEY: &str = "scheduler-lab:lessons";
const LETTERS_KEY: &str = "scheduler-lab:letter-keys";
