//! The page's address: what its parameters mean, and how a link to a moment is written.
//!
//! A query is parsed into [`Query`], every value of which is legal; what is not is told by
//! [`BadParameter`] and left at its default. Parameters of others (`utm_source` and its kin) pass.

use std::fmt;

use scheduler_model::Model;

use crate::messages::Language;
use crate::scenarios::Shipped;

/// What an address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// Shown in a frame of another page, without what that page has itself.
    pub(crate) embed: bool,
    /// The scenario; the book's unless told.
    pub(crate) scenario: Option<Shipped>,
    /// The models, in the book's order and each once; those of the scenario when empty.
    pub(crate) models: Vec<Model>,
    /// After how many events.
    pub(crate) step: usize,
    /// The language; the browser's when not told.
    pub(crate) language: Option<Language>,
    /// The theme; the system's when not told.
    pub(crate) theme: Option<Theme>,
}

/// A parameter whose value means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadParameter {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its value.
    pub(crate) given: String,
    /// What might stand there.
    pub(crate) allowed: String,
}

/// A theme that somebody chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    Dark,
    Light,
}

impl Query {
    /// Parses what follows the `?` of an address, with all that is wrong with it.
    pub(crate) fn parse(query: &str) -> (Self, Vec<BadParameter>) {
        let mut parsed = Self::default();
        let mut bad = Vec::new();
        let pairs = query.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty());
        for pair in pairs {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name), decoded(value));
            let wrong = match name.as_str() {
                "embed" => take(&mut parsed.embed, "embed", &value, &[("1", true), ("0", false)]),
                "scenario" => {
                    let all = Shipped::ALL.map(|shipped| (shipped.name(), Some(shipped)));
                    take(&mut parsed.scenario, "scenario", &value, &all)
                }
                "model" => parsed.take_models(&value),
                "step" => parsed.take_step(&value),
                "lang" => {
                    let all = Language::ALL.map(|language| (language.tag(), Some(language)));
                    take(&mut parsed.language, "lang", &value, &all)
                }
                "theme" => {
                    let all = Theme::ALL.map(|theme| (theme.name(), Some(theme)));
                    take(&mut parsed.theme, "theme", &value, &all)
                }
                _ => None,
            };
            bad.extend(wrong);
        }
        (parsed, bad)
    }

    fn take_models(&mut self, value: &str) -> Option<BadParameter> {
        let mut asked = Vec::new();
        for name in value.split(',') {
            let Some(model) = Model::ALL.into_iter().find(|model| model.name() == name) else {
                let allowed = Model::ALL.map(Model::name).join(", ");
                return Some(BadParameter { name: "model", given: value.to_owned(), allowed });
            };
            asked.push(model);
        }
        let shown = |model: &Model| asked.contains(model) || self.models.contains(model);
        self.models = Model::ALL.into_iter().filter(shown).collect();
        None
    }

    fn take_step(&mut self, value: &str) -> Option<BadParameter> {
        let step = value.parse::<u32>().ok().and_then(|step| usize::try_from(step).ok());
        let Some(step) = step else {
            let allowed = format!("0..={}", u32::MAX);
            return Some(BadParameter { name: "step", given: value.to_owned(), allowed });
        };
        self.step = step;
        None
    }
}

impl fmt::Display for Query {
    /// Writes the query with its `?`; parsing that gives the same again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        if self.embed {
            pairs.push(("embed", "1".to_owned()));
        }
        pairs.extend(self.scenario.map(|shipped| ("scenario", shipped.name().to_owned())));
        if !self.models.is_empty() {
            let names: Vec<_> = self.models.iter().map(|model| model.name()).collect();
            pairs.push(("model", names.join(",")));
        }
        if self.step > 0 {
            pairs.push(("step", self.step.to_string()));
        }
        pairs.extend(self.language.map(|language| ("lang", language.tag().to_owned())));
        pairs.extend(self.theme.map(|theme| ("theme", theme.name().to_owned())));
        for (index, (name, value)) in pairs.iter().enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            write!(f, "{mark}{name}={value}")?;
        }
        Ok(())
    }
}

impl Theme {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Dark, Self::Light];

    /// Its name in links, in storage and in style sheets.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }
}

fn take<T: Copy>(
    place: &mut T,
    name: &'static str,
    value: &str,
    all: &[(&str, T)],
) -> Option<BadParameter> {
    if let Some((_, found)) = all.iter().find(|(name, _)| *name == value) {
        *place = *found;
        return None;
    }
    let names: Vec<_> = all.iter().map(|(name, _)| *name).collect();
    Some(BadParameter { name, given: value.to_owned(), allowed: names.join(", ") })
}

/// Percent signs and pluses undone; what is no UTF-8 then becomes U+FFFD.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let hex = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = hex.filter(|pair| pair.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match (first, byte.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (b'+', _) => bytes.push(b' '),
            (&other, _) => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_means_what_it_was_written_from() {
        let query = Query {
            embed: true,
            scenario: Some(Shipped::TenSleeps),
            models: vec![Model::Single, Model::Pool],
            step: 12,
            language: Some(Language::Russian),
            theme: Some(Theme::Dark),
        };
        let link = query.to_string();
        assert_eq!(
            link,
            "?embed=1&scenario=ten-sleeps&model=single,pool&step=12&lang=ru&theme=dark"
        );
        assert_eq!(Query::parse(&link), (query, Vec::new()));
        assert_eq!(Query::parse(""), (Query::default(), Vec::new()));
    }

    #[test]
    fn models_are_repeated_or_listed_and_come_in_the_books_order() {
        let models = |query| Query::parse(query).0.models;
        assert_eq!(models("model=pool&model=single"), [Model::Single, Model::Pool]);
        assert_eq!(models("model=pool%2Cspawn,pool"), [Model::Spawn, Model::Pool]);
    }

    #[test]
    fn a_bad_value_is_named_with_what_is_allowed() {
        let bad = |query| Query::parse(query).1.remove(0);
        let expected = BadParameter {
            name: "model",
            given: "pool,fibres".to_owned(),
            allowed: "single, spawn, pool, fork-join, async, sharded".to_owned(),
        };
        assert_eq!(bad("model=pool,fibres"), expected);
        assert_eq!(bad("step=-1").allowed, "0..=4294967295");
        assert_eq!(bad("lang=de").allowed, "en, ru");
        assert_eq!(bad("theme").given, "");
        assert_eq!(bad("embed=yes").allowed, "1, 0");
        assert_eq!(bad("scenario=%D1%8F%zz").given, "я%zz");
    }

    #[test]
    fn a_bad_value_leaves_the_others_alone() {
        let (query, bad) = Query::parse("step=x&scenario=flood&utm_source=mail&lang=xx");
        assert_eq!(query.scenario, Some(Shipped::Flood));
        assert_eq!((query.step, query.language, bad.len()), (0, None, 2));
    }
}
