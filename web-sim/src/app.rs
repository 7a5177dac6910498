//! The page: it holds the session, tells it of keys and of time that passes, and lays out the rest.

use std::rc::Rc;

use gloo_events::EventListener;
use yew::prelude::*;

use crate::browser::{self, Frames};
use crate::components::checker::CheckerPanel;
use crate::components::code_panel::CodePanel;
use crate::components::controls::controls;
use crate::components::drop_target::DropTarget;
use crate::components::header::header;
use crate::components::keys::{Keys, action_of_key};
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
use crate::parts::PartError;
use crate::session::{Action, Session};
use crate::url::{BadParameter, Query, Theme};

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

/// What an address was opened as.
struct Opened {
    query: Query,
    look: Look,
    session: Session,
    bad: Vec<BadParameter>,
}

impl Opened {
    fn by(address: &str) -> Self {
        let (query, mut bad) = Query::parse(address);
        let (session, not_had) = Session::new(&query);
        bad.extend(not_had);
        let asked = language_at_first(&query);
        let language = if asked.is_here() { asked } else { Language::default() };
        let look = Look { language, theme: theme_at_first(&query), is_embedded: query.embed };
        let session = if language == asked {
            session
        } else {
            session.failing(PartError::Missing.text(look.messages()))
        };
        Self { query, look, session, bad }
    }
}

/// The language that the page is to speak at first. Until that is here there is nothing to show.
pub(crate) fn language_to_open_in() -> Language {
    language_at_first(&Query::parse(&browser::query().unwrap_or_default()).0)
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
                <DropTarget on_action={dispatch} />
            </div>
        </ContextProvider<Look>>
    }
}

/// Takes a look as soon as its language is here.
#[hook]
fn use_new_look(state: &UseStateHandle<Look>, on_action: &Callback<Action>) -> Callback<Look> {
    let (state, on_action) = (state.clone(), on_action.clone());
    Callback::from(move |look: Look| {
        let taken = {
            let state = state.clone();
            move || {
                // Where storage is refused the choice lasts as long as the page.
                let _ = browser::store(LANGUAGE_KEY, look.language.tag());
                let _ = browser::store(THEME_KEY, look.theme.name());
                state.set(look);
            }
        };
        if look.language.is_here() {
            taken();
            return;
        }
        let (state, on_action) = (state.clone(), on_action.clone());
        wasm_bindgen_futures::spawn_local(async move {
            match look.language.fetch().await {
                Ok(()) => taken(),
                // In the language that is here.
                Err(error) => on_action.emit(Action::Fail(error.text(state.messages()).to_owned())),
            }
        });
    })
}

/// Time passes only while it plays.
#[hook]
fn use_frames(is_playing: bool, on_action: &Callback<Action>) {
    let on_action = on_action.clone();
    use_effect_with(is_playing, move |&is_playing| {
        let frames = is_playing.then(|| {
            let glides = browser::prefers_still() != Some(true);
            Frames::new(on_action.reform(move |elapsed_ms| Action::Tick { elapsed_ms, glides }))
        });
        move || drop(frames)
    });
}

/// Keys work wherever the focus is, but for what the focused element does with them itself.
#[hook]
fn use_keys(
    session: &UseReducerHandle<Session>,
    on_action: &Callback<Action>,
    letters: bool,
    dialogue: &UseStateHandle<Option<Dialogue>>,
) {
    let (on_action, open) = (on_action.clone(), dialogue.clone());
    let is_free = dialogue.is_none();
    use_effect_with((session.clone(), letters, is_free), move |(session, letters, is_free)| {
        let (session, letters, is_free) = (session.clone(), *letters, *is_free);
        let listener = browser::window().filter(|_| is_free).map(|window| {
            let options = gloo_events::EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&window, "keydown", options, move |event| {
                let Some(key) = action_of_key(event, &session, letters) else { return };
                event.prevent_default();
                match key {
                    crate::components::keys::Key::Act(action) => on_action.emit(action),
                    crate::components::keys::Key::Help => open.set(Some(Dialogue::Keys)),
                }
            })
        });
        move || drop(listener)
    });
}

/// Language, direction and theme are the document's own.
#[hook]
fn use_document(look: Look) {
    use_effect_with(look, |look| {
        let _ = browser::set_on_root("lang", look.language.tag());
        let _ = browser::set_on_root("dir", "ltr");
        let _ = browser::set_on_root("data-theme", look.theme.name());
    });
}

/// The address decides, then what was chosen earlier, then the browser.
fn language_at_first(asked: &Query) -> Language {
    let tag = || browser::stored(LANGUAGE_KEY).or_else(browser::language);
    asked.language.or_else(|| Language::of_tag(&tag()?)).unwrap_or_default()
}

/// The address decides, then what was chosen earlier, then the system.
fn theme_at_first(asked: &Query) -> Theme {
    let chosen = asked.theme.or_else(|| {
        let name = browser::stored(THEME_KEY)?;
        Theme::ALL.into_iter().find(|theme| theme.name() == name)
    });
    let by_system =
        || if browser::prefers_dark() == Some(true) { Theme::Dark } else { Theme::Light };
    chosen.unwrap_or_else(by_system)
}

const LANGUAGE_KEY: &str = "scheduler-lab:language";
const THEME_KEY: &str = "scheduler-lab:theme";
const LESSONS_KEY: &str = "scheduler-lab:lessons";
const LETTERS_KEY: &str = "scheduler-lab:letter-keys";
