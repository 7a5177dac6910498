//! Versions as tools print them, and as `Cargo.lock` pins them.

use std::fmt;

/// A dotted version such as `0.21.14`; compared number by number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(Vec<u32>);

impl Version {
    /// Finds the first word of `text` that starts like a version, with or without a leading `v`.
    ///
    /// What follows the numbers (`-stable`, a build's hash) is left out.
    pub(crate) fn first_in(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(|word| {
            let word = word.strip_prefix('v').unwrap_or(word);
            let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
            let numbers: Option<Vec<u32>> = word[..end]
                .trim_end_matches('.')
                .split('.')
                .map(|part| part.parse().ok())
                .collect();
            numbers.map(Self)
        })
    }

    /// Reads the version of `package` from the text of a `Cargo.lock`; the first one, if several.
    pub(crate) fn locked(lock: &str, package: &str) -> Option<Self> {
        let name = format!("name = \"{package}\"");
        let mut lines = lock.lines().skip_while(|line| *line != name);
        let version = lines.nth(1)?.strip_prefix("version = ")?;
        Self::first_in(version.trim_matches('"'))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&parts.join("."))
    }
}

/// Which versions of a tool will do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Whatever is there.
    Any,
    /// This one or a later one.
    AtLeast(Version),
    /// This one alone.
    Exactly(Version),
}

impl Wanted {
    /// Whether `version` will do.
    pub(crate) fn accepts(&self, version: &Version) -> bool {
        match self {
            Self::Any => true,
            Self::AtLeast(least) => version >= least,
            Self::Exactly(exact) => version == exact,
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any version"),
            Self::AtLeast(least) => write!(f, "{least} or later"),
            Self::Exactly(exact) => write!(f, "exactly {exact}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::first_in(text).unwrap()
    }

    #[test]
    fn a_version_is_found_in_what_each_tool_prints() {
        for (printed, expected) in [
            ("trunk 0.21.14\n", "0.21.14"),
            ("wasm-bindgen 0.2.130\n", "0.2.130"),
            ("wasm-opt version 132 (version_132)\n", "132"),
            ("v20.20.2\n", "20.20.2"),
            ("11.19.1\n", "11.19.1"),
            ("rustfmt 1.9.0-stable (59807616e1 2026-04-14)\n", "1.9.0"),
            ("clippy 0.1.95 (59807616e1 2026-04-14)\n", "0.1.95"),
            ("Chromium 156.0.8078.79 built on Debian GNU/Linux 12\n", "156.0.8078.79"),
            ("ChromeDriver 156.0.8078.79 (a21ce95c24-refs/branch-heads)\n", "156.0.8078.79"),
        ] {
            assert_eq!(version(printed).to_string(), expected);
        }
    }

    #[test]
    fn text_without_a_version_has_none() {
        assert_eq!(Version::first_in("command not found"), None);
        assert_eq!(Version::first_in(""), None);
    }

    #[test]
    fn versions_compare_by_number_and_not_by_letter() {
        assert!(version("0.21.14") > version("0.21.9"));
        assert!(version("20") <= version("20.20.2"));
        assert!(Wanted::AtLeast(version("132")).accepts(&version("133")));
        assert!(!Wanted::Exactly(version("0.2.130")).accepts(&version("0.2.131")));
    }

    #[test]
    fn the_lock_file_says_which_wasm_bindgen_is_wanted() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(Version::locked(lock, "wasm-bindgen"), Some(version("0.2.130")));
        assert_eq!(Version::locked(lock, "yew"), None);
    }
}
