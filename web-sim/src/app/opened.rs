//! What an address was opened as, and the look that the page has at first.

use super::{LANGUAGE_KEY, Look, THEME_KEY};
use crate::browser;
use crate::messages::Language;
use crate::parts::PartError;
use crate::session::Session;
use crate::url::{BadParameter, Query, Theme};

/// What an address was opened as.
pub(super) struct Opened {
    pub(super) query: Query,
    pub(super) look: Look,
    pub(super) session: Session,
    pub(super) bad: Vec<BadParameter>,
}

impl Opened {
    pub(super) fn by(address: &str) -> Self {
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
