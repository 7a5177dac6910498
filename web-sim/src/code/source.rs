//! A source file with marks in it: its regions, and the lines of each.

/// A source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source(String);

/// A line of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Its number in the file, from 1.
    pub(crate) number: usize,
    /// Its text, less the indentation of the region.
    pub(crate) text: &'a str,
    /// The mark before it; empty: none.
    pub(crate) mark: &'a str,
}

impl Source {
    /// A file by its text.
    pub(crate) const fn new(text: String) -> Self {
        Self(text)
    }

    /// The lines of a region, from its documentation to the brace that closes it; marks are no lines
    /// of their own. Empty where there is no such region.
    pub(crate) fn region(&self, name: &str) -> Vec<Line<'_>> {
        let mut lines = self.0.lines().zip(1..);
        let Some((first, _)) = lines.find(|(line, _)| after(line, CODE) == Some(name)) else {
            return Vec::new();
        };
        let indent = first.len() - first.trim_start().len();
        let mut mark = "";
        let mut region = Vec::new();
        for (line, number) in lines {
            if let Some(name) = after(line, MARK) {
                mark = name;
                continue;
            }
            let text = line.get(indent..).unwrap_or_default();
            region.push(Line { number, text, mark: std::mem::take(&mut mark) });
            if text == "}" {
                break;
            }
        }
        region
    }

    /// The names of all regions and marks, in the order of the file.
    #[cfg(test)]
    pub(crate) fn names(&self) -> Vec<&str> {
        let named = |line| after(line, CODE).or_else(|| after(line, MARK));
        self.0.lines().filter_map(named).collect()
    }
}

/// What follows this comment, on a line of its own.
fn after<'a>(line: &'a str, comment: &str) -> Option<&'a str> {
    line.trim_start().strip_prefix(comment)
}

const CODE: &str = "// code: ";
const MARK: &str = "// mark: ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_ends_with_its_brace_and_marks_are_no_lines_of_it() {
        let source = Source::new(
            "impl A {\n    // code: a\n    /// Does.\n    fn a() {\n        if b {\n        \
             }\n        // mark: c\n        d();\n    }\n\n    fn e() {}\n}\n"
                .to_owned(),
        );
        let region = source.region("a");
        let texts: Vec<_> = region.iter().map(|line| line.text).collect();
        assert_eq!(texts, ["/// Does.", "fn a() {", "    if b {", "    }", "    d();", "}"]);
        let marked: Vec<_> = region.iter().filter(|line| !line.mark.is_empty()).collect();
        assert_eq!(marked, [&Line { number: 8, text: "    d();", mark: "c" }]);
        assert_eq!(source.region("e"), []);
    }
}
