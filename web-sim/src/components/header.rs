//! The head of the page: what is shown, and in which language and theme.

use std::rc::Rc;

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::files::Files;
use super::icon::{Icon, drawn};
use super::live::live_button;
use super::model_switch::model_switch;
use crate::app::{Dialogue, Look};
use crate::browser;
use crate::lessons::Progress;
use crate::messages::Language;
use crate::scenarios::Shipped;
use crate::session::{Action, Origin, Session};
use crate::url::{Query, Theme};

/// Shows the head of the page.
pub(crate) fn header(
    look: Look,
    session: &Rc<Session>,
    progress: Progress,
    on_action: &Callback<Action>,
    on_look: &Callback<Look>,
    on_dialogue: &Callback<Option<Dialogue>>,
) -> Html {
    let m = look.messages();
    let on_scenario = on_action.reform(|event: Event| {
        let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
        let shipped = Shipped::ALL.into_iter().find(|shipped| shipped.name() == chosen);
        Action::ChooseScenario(shipped.unwrap_or(Shipped::Book))
    });
    let shown = match session.origin() {
        Origin::Shipped { shipped, .. } if session.lesson().is_none() => Ok(*shipped),
        Origin::Shipped { shipped, .. } => Err((m.scenario_title)(*shipped).to_owned()),
        Origin::Live => Err(m.live_name.to_owned()),
        Origin::Trace { name, .. } => Err(name.clone()),
    };
    let (other, theme_name, theme_icon) = match look.theme {
        Theme::Dark => (Theme::Light, m.theme_to_light, Icon::Sun),
        Theme::Light => (Theme::Projector, m.theme_to_projector, Icon::Screen),
        Theme::Projector => (Theme::Dark, m.theme_to_dark, Icon::Moon),
    };
    let full = browser::address().map(|address| {
        let query = session.link().unwrap_or_default();
        format!("{address}{}", Query { language: Some(look.language), ..query })
    });
    html! {
        <header class="header">
            <h1 class="header__name">{ "Scheduler " }<span>{ "Lab" }</span></h1>
            <label class="header__scenario">
                <span class="visually-hidden">{ m.scenario }</span>
                <select class="select select--strong" onchange={on_scenario}
                    title={shown.as_ref().map_or("", |shipped| (m.scenario_hint)(*shipped))}>
                    if let Err(name) = &shown {
                        <option key="opened" value="" selected=true>{ name.clone() }</option>
                    }
                    for shipped in Shipped::ALL {
                        <option key={shipped.name()} value={shipped.name()} selected={shown == Ok(shipped)}>
                            { (m.scenario_title)(shipped) }
                        </option>
                    }
                </select>
            </label>
            { model_switch(m, session, on_action) }
            if look.is_embedded {
                <div key="full" class="header__tools">
                    <a class="header__full link" href={full} target="_blank" rel="noopener">{ m.full_page }</a>
                </div>
            } else {
                <div key="tools" class="header__tools">
                    <div class="header__actions">
                        <button type="button" class="button button--quiet" aria-pressed={session.lesson().is_some().to_string()}
                            onclick={on_action.reform(move |_| Action::ChooseScenario(Shipped::OfLesson(progress.next())))}>{ m.lessons }</button>
                        { live_button(m, session, on_action) }
                        <Files session={session.clone()} on_action={on_action.clone()} />
                        <button type="button" class="button button--quiet" onclick={on_dialogue.reform(|_| Some(Dialogue::Share))}>{ m.share }</button>
                    </div>
                    <div class="header__look">
                        <div class="languages" role="group" aria-label={m.language}>
                            for language in Language::ALL {
                                <button key={language.tag()} type="button" class="button button--quiet languages__one" lang={language.tag()}
                                    title={language.own_name()}
                                    aria-pressed={(look.language == language).to_string()}
                                    onclick={on_look.reform(move |_| Look { language, ..look })}>
                                    { language.tag().to_ascii_uppercase() }
                                </button>
                            }
                        </div>
                        <button type="button" class="button button--quiet button--icon" aria-label={theme_name} title={theme_name}
                            onclick={on_look.reform(move |_| Look { theme: other, ..look })}>{ drawn(theme_icon) }</button>
                        <button type="button" class="button button--quiet button--icon" aria-label={m.keys} title={m.keys}
                            aria-keyshortcuts="?" onclick={on_dialogue.reform(|_| Some(Dialogue::Keys))}>{ "?" }</button>
                    </div>
                </div>
            }
        </header>
    }
}
