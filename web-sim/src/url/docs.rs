//! `docs/EMBEDDING.md` against the types that the page parses.

use super::*;
use crate::embed::{Asked, Said};
use crate::session::Session;

const DOCS: &str = include_str!("../../../docs/EMBEDDING.md");

/// The cells of each row of a table whose first cell is a name in backquotes.
fn rows() -> Vec<(String, Vec<String>)> {
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    let rows = DOCS.lines().filter(|line| line.starts_with("| `")).map(cells);
    rows.map(|cells| (cells[0].trim_matches('`').to_owned(), cells)).collect()
}

/// Every query in the file that is written out: in the table and in the snippets.
fn queries() -> Vec<String> {
    let text = DOCS.replace("&amp;", "&");
    let starts = text.match_indices('?').map(|(at, _)| &text[at..]);
    let queries = starts.map(|rest| {
        let end = rest.find(['`', '"', ' ', '\n']).unwrap_or(rest.len());
        rest[..end].to_owned()
    });
    queries.filter(|query| query.contains('=')).collect()
}

#[test]
fn every_parameter_is_documented_with_an_example_that_has_it() {
    let rows = rows();
    for parameter in Parameter::ALL {
        let row = rows.iter().find(|(name, _)| name == parameter.name());
        let (_, cells) = row.unwrap_or_else(|| panic!("no row for `{}`", parameter.name()));
        let example = cells[3].trim_matches('`');
        let (query, bad) = Query::parse(example);
        assert_eq!(bad, [], "{example}");
        assert!(example.contains(&format!("{}=", parameter.name())), "{example}");
        assert_eq!(Query::parse(&query.to_string()).0, query, "{example}");
    }
}

#[test]
fn every_address_in_the_documentation_opens_what_it_says() {
    let queries = queries();
    assert!(queries.len() > Parameter::ALL.len(), "{queries:?}");
    for query in queries {
        let (parsed, bad) = Query::parse(&query);
        assert_eq!(bad, [], "{query}");
        let (session, bad) = Session::new(&parsed);
        assert_eq!(bad, [], "{query}");
        assert_eq!(session.selected(), parsed.request, "{query}");
    }
}

#[test]
fn what_is_documented_as_allowed_is_allowed() {
    for (parameter, values) in [
        ("resize", Resize::ALL.map(Resize::name).to_vec()),
        ("lesson", Lesson::ALL.map(Lesson::name).to_vec()),
        ("on-full", OnFull::ALL.map(OnFull::name).to_vec()),
        ("lang", Language::ALL.map(Language::tag).to_vec()),
        ("theme", Theme::ALL.map(Theme::name).to_vec()),
    ] {
        let rows = rows();
        let (_, cells) = rows.iter().find(|(name, _)| name == parameter).unwrap();
        for value in values {
            assert!(cells[2].contains(&format!("`{value}`")), "{parameter}: {value}");
        }
    }
    for (name, _) in Speed::ALL {
        assert!(DOCS.contains(&format!("`{name}`")), "speed {name}");
    }
}

#[test]
fn every_message_is_documented() {
    let rows = rows();
    for kind in Said::TYPES.into_iter().chain(Asked::TYPES) {
        assert!(rows.iter().any(|(name, _)| name == kind), "no row for `{kind}`");
    }
}
