//! The words after `cargo xtask`.
//!
//! They are few and take hardly a flag, so they are matched by hand: an argument parser would double
//! the time that the first command of a fresh clone spends compiling.

use anyhow::{Result, bail};

/// What `cargo xtask --help` prints.
pub(crate) const USAGE: &str = "\
cargo xtask start [-- SERVER FLAGS]   install what is missing, build the page, run the server
cargo xtask test [--long]             install what is missing, run every check; --long: more generated cases
cargo xtask e2e                       the browser tests alone
cargo xtask dist                      build the page into dist/
cargo xtask doctor                    say which tools are there and which are missing";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Build the page in release.
    Dist,
    /// List the tools.
    Doctor,
    /// Run the browser tests alone.
    E2e,
    /// Print the usage.
    Help,
    /// Build the page, then run the server in the foreground.
    Start {
        /// Everything after `--`, for the server.
        server_flags: Vec<String>,
    },
    /// Run every check.
    Test {
        /// Whether generated tests try many more cases.
        long: bool,
    },
}

impl Task {
    /// Parses the arguments, the program's name not among them.
    ///
    /// # Errors
    ///
    /// On a word that is not a task, and on an argument that the task does not take.
    pub(crate) fn parse(args: impl IntoIterator<Item = String>) -> Result<Self> {
        let args: Vec<String> = args.into_iter().collect();
        let Some((word, rest)) = args.split_first() else {
            bail!("a command is missing; allowed:\n{USAGE}");
        };
        let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
        match (word.as_str(), rest.as_slice()) {
            ("dist", []) => Ok(Self::Dist),
            ("doctor", []) => Ok(Self::Doctor),
            ("e2e", []) => Ok(Self::E2e),
            ("help" | "--help" | "-h", _) => Ok(Self::Help),
            ("start", []) => Ok(Self::Start { server_flags: Vec::new() }),
            ("start", ["--", flags @ ..]) => {
                Ok(Self::Start { server_flags: flags.iter().map(ToString::to_string).collect() })
            }
            ("test", []) => Ok(Self::Test { long: false }),
            ("test", ["--long"]) => Ok(Self::Test { long: true }),
            ("start", [first, ..]) => {
                bail!("`start` does not know {first:?}; flags of the server go after `--`")
            }
            ("dist" | "doctor" | "e2e" | "test", rest) => {
                bail!("`{word}` does not take {:?}; allowed:\n{USAGE}", rest.join(" "))
            }
            _ => bail!("no command {word:?}; allowed:\n{USAGE}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Task> {
        Task::parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn flags_after_two_dashes_go_to_the_server() {
        let server_flags = vec!["--model".to_owned(), "pool".to_owned()];
        assert_eq!(parse("start -- --model pool").unwrap(), Task::Start { server_flags });
    }

    #[test]
    fn a_server_flag_without_two_dashes_is_explained() {
        let message = parse("start --model pool").unwrap_err().to_string();
        assert!(message.contains("after `--`"), "{message}");
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones() {
        let message = parse("deploy").unwrap_err().to_string();
        for known in ["start", "test", "e2e", "dist", "doctor"] {
            assert!(message.contains(known), "{message}");
        }
    }

    #[test]
    fn a_stray_argument_is_refused() {
        assert!(parse("test --longer").is_err());
        assert!(parse("doctor now").is_err());
    }
}
