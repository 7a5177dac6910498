//! The words of the lessons in one language, and how a sentence takes its figures from the run.
//!
//! A file of texts is TOML of the plainest kind: sections, and texts in double quotes without an escape,
//! one a line. The page reads no more than that, since a reader of all of TOML would be a tenth of what a
//! visitor fetches; a test reads the same files with one.

use std::rc::Rc;

use super::Figure;
use crate::messages::Language;
use crate::run::Run;

/// The texts of one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Texts {
    language: Language,
    /// Section, key and text.
    entries: Vec<[String; 3]>,
}

impl Texts {
    /// Reads a file of texts.
    ///
    /// # Errors
    ///
    /// The number of the first line that is none.
    pub(crate) fn parse(language: Language, file: &str) -> Result<Self, usize> {
        let mut section = "";
        let mut entries = Vec::new();
        for (line, number) in file.lines().zip(1_usize..) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name;
                continue;
            }
            let (key, quoted) = line.split_once(" = ").ok_or(number)?;
            let text = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let text = text.filter(|text| !text.contains(['"', '\\'])).ok_or(number)?;
            entries.push([section, key, text].map(str::to_owned));
        }
        Ok(Self { language, entries })
    }

    /// The file of a language, as it lies beside the page.
    pub(crate) const fn file(language: Language) -> &'static str {
        match language {
            Language::English => "lessons.en.toml",
            Language::Russian => "lessons.ru.toml",
        }
    }

    /// Whose words they are.
    pub(crate) const fn language(&self) -> Language {
        self.language
    }

    /// A text; empty where there is none, which tests rule out.
    pub(crate) fn get(&self, section: &str, key: &str) -> &str {
        let found = self
            .entries
            .iter()
            .find(|[in_section, name, _]| (in_section.as_str(), name.as_str()) == (section, key));
        found.map_or("", |[_, _, text]| text)
    }

    /// Section, key and text of all, in the order of the file.
    #[cfg(test)]
    pub(crate) fn entries(&self) -> &[[String; 3]] {
        &self.entries
    }
}

/// A sentence with its figures: `{single.wait.2}`, or `{spawn.threads|thread|threads}` with the word
/// that follows the number in each of its forms. What is no figure is shown as it stands.
pub(crate) fn fill(text: &str, language: Language, runs: &[Rc<Run>]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, next) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(&figure(inside, language, runs).unwrap_or_else(|| format!("{{{inside}}}")));
        rest = next;
    }
    filled.push_str(rest);
    filled
}

fn figure(inside: &str, language: Language, runs: &[Rc<Run>]) -> Option<String> {
    let mut parts = inside.split('|');
    let value = Figure::parse(parts.next()?)?.value(runs)?;
    let shown = value.shown(&language.messages().numbers);
    let forms: Vec<_> = parts.collect();
    if forms.is_empty() {
        return Some(shown);
    }
    let form = forms.get(plural_form(language, value.scalar()))?;
    Some(format!("{shown}\u{a0}{form}"))
}

/// Which form of a word follows a number.
const fn plural_form(language: Language, n: u64) -> usize {
    match (language, n % 10, n % 100) {
        (Language::English, ..) => (n != 1) as usize,
        (Language::Russian, _, 11..=14) => 2,
        (Language::Russian, 1, _) => 0,
        (Language::Russian, 2..=4, _) => 1,
        (Language::Russian, ..) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_no_text_is_named() {
        let parse = |file| Texts::parse(Language::English, file).map(|texts| texts.entries.len());
        assert_eq!(parse("# a\n\n[b]\nc = \"d\"\n"), Ok(1));
        assert_eq!(parse("[b]\nc: d\n"), Err(2));
        assert_eq!(parse("c = \"d\ne\"\n"), Err(1));
        assert_eq!(parse("c = \"\\n\"\n"), Err(1));
    }

    #[test]
    fn what_is_no_figure_stays_as_it_stands() {
        assert_eq!(fill("a {b.c} d", Language::English, &[]), "a {b.c} d");
        assert_eq!(fill("a {b", Language::English, &[]), "a {b}");
    }

    #[test]
    fn the_word_after_a_number_has_the_form_of_its_language() {
        let forms = |language| [0, 1, 2, 5, 11, 21, 22].map(|n| plural_form(language, n));
        assert_eq!(forms(Language::English), [1, 0, 1, 1, 1, 1, 1]);
        assert_eq!(forms(Language::Russian), [2, 0, 1, 2, 2, 0, 1]);
    }
}
