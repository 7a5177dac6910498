//! What nobody who gets a file reads: indentation, and comments that have lines of their own.

/// The text without comments that begin a line or a style sheet, in HTML, CSS and JavaScript, and without
/// indentation and empty lines. It is for files in which no string and no text goes over several lines.
pub fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut ends_with = None;
    for line in text.lines() {
        let mut line = line.trim();
        if let (None, Some(after)) = (ends_with, line.strip_prefix(SHEET)) {
            tidied.push_str(SHEET);
            line = after;
        }
        loop {
            if let Some(end) = ends_with {
                let Some((_, after)) = line.split_once(end) else {
                    line = "";
                    break;
                };
                (line, ends_with) = (after.trim_start(), None);
            }
            let comment = COMMENTS.iter().find(|(start, _)| line.starts_with(start));
            let Some((start, end)) = comment else { break };
            (line, ends_with) = (&line[start.len()..], Some(*end));
        }
        if !line.is_empty() && !line.starts_with("//") {
            tidied.push_str(line);
            tidied.push('\n');
        }
    }
    tidied
}

/// How a style sheet begins that Trunk puts into the document.
const SHEET: &str = "<style>";

/// How comments begin and end that may go over several lines.
const COMMENTS: [(&str, &str); 2] = [("/*", "*/"), ("<!--", "-->")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_go() {
        let text = "<!-- one --> <p>\n  a  // stays\n\n  // goes\n/* of\n two */ /* more */ b {\n   c\n}\n";
        assert_eq!(tidy(text), "<p>\na  // stays\nb {\nc\n}\n");
        assert_eq!(tidy("/* never ends\na\n"), "");
        assert_eq!(
            tidy("<style>/* A sheet. */\n\n  a {\n</style><style>b {\n"),
            "<style>a {\n</style><style>b {\n"
        );
    }
}
