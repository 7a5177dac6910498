//! The words after `cargo xtask`.
//!
//! They are few and take hardly a flag, so they are matched by hand: an argument parser would double
//! the time that the first command of a fresh clone spends compiling.

use anyhow::{Result, bail};

use crate::bench::{Options, Part, Subject};

/// What `cargo xtask --help` prints.
pub(crate) const USAGE: &str = "\
cargo xtask start [-- SERVER FLAGS]   install what is missing, build the page, run the server
cargo xtask test [--long]             install what is missing, run every check; --long: more generated cases,
                                      and robustness with the numbers that it is stated for
cargo xtask e2e                       the browser tests alone
cargo xtask bench model [--json] [--record]   compare the model with its peers; --record: write the
                                      instruction counts down
cargo xtask bench page [--json] [--long]   measure the page against its goals; --long: memory over ten minutes
cargo xtask bench server [--json] [--record] [--only=PART]  compare the server with its peers; --record as
                                      above; PART: clients, closing, instructions, keep-alive, observing
cargo xtask coverage                  the lines of scheduler-model that no test runs
cargo xtask mutants [-- FLAGS]        change scheduler-model in small ways; say which changes no test notices
cargo xtask validate                  hold the model against numbers found elsewhere; writes docs/VALIDATION.md
cargo xtask experiment                measure the real server against the model; writes docs/VALIDATION.md
cargo xtask dist [--single]           build the page into dist/; --single: also as one file
cargo xtask first-step                learn which code the page's first step runs; writes web-sim/first-step.txt
cargo xtask split                     Trunk's hook: split the page as that file says
cargo xtask doctor                    say which tools are there and which are missing";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Measure against peers.
    Bench(Options),
    /// Say which lines no test runs.
    Coverage,
    /// Build the page in release.
    Dist {
        /// Also as one file.
        single: bool,
    },
    /// List the tools.
    Doctor,
    /// Run the browser tests alone.
    E2e,
    /// Measure the real server against the model.
    Experiment,
    /// Learn which code the page's first step runs.
    FirstStep,
    /// Print the usage.
    Help,
    /// Run mutation tests.
    Mutants {
        /// Everything after `--`, for cargo-mutants.
        flags: Vec<String>,
    },
    /// Split the page that Trunk has built.
    Split,
    /// Build the page, then run the server in the foreground.
    Start {
        /// Everything after `--`, for the server.
        server_flags: Vec<String>,
    },
    /// Run every check.
    Test {
        /// Whether generated tests try many more cases, and tests of robustness their full numbers.
        long: bool,
    },
    /// Hold the model against numbers found elsewhere.
    Validate,
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
            ("bench", ["model", flags @ ..]) => bench(Subject::Model, flags).map(Self::Bench),
            ("bench", ["page", flags @ ..]) => bench(Subject::Page, flags).map(Self::Bench),
            ("bench", ["server", flags @ ..]) => bench(Subject::Server, flags).map(Self::Bench),
            ("coverage", []) => Ok(Self::Coverage),
            ("dist", []) => Ok(Self::Dist { single: false }),
            ("dist", ["--single"]) => Ok(Self::Dist { single: true }),
            ("doctor", []) => Ok(Self::Doctor),
            ("e2e", []) => Ok(Self::E2e),
            ("experiment", []) => Ok(Self::Experiment),
            ("first-step", []) => Ok(Self::FirstStep),
            ("help" | "--help" | "-h", _) => Ok(Self::Help),
            ("mutants", []) => Ok(Self::Mutants { flags: Vec::new() }),
            ("mutants", ["--", flags @ ..]) => {
                Ok(Self::Mutants { flags: flags.iter().map(ToString::to_string).collect() })
            }
            ("split", []) => Ok(Self::Split),
            ("start", []) => Ok(Self::Start { server_flags: Vec::new() }),
            ("start", ["--", flags @ ..]) => {
                Ok(Self::Start { server_flags: flags.iter().map(ToString::to_string).collect() })
            }
            ("test", []) => Ok(Self::Test { long: false }),
            ("test", ["--long"]) => Ok(Self::Test { long: true }),
            ("validate", []) => Ok(Self::Validate),
            ("start", [first, ..]) => {
                bail!("`start` does not know {first:?}; flags of the server go after `--`")
            }
            ("mutants", [first, ..]) => {
                bail!("`mutants` does not know {first:?}; flags of cargo-mutants go after `--`")
            }
            ("bench", rest) => {
                bail!(
                    "`bench` does not take {:?}; allowed is what to measure: model, page, server",
                    rest.join(" ")
                )
            }
            (
                "coverage" | "dist" | "doctor" | "e2e" | "experiment" | "first-step" | "split"
                | "test" | "validate",
                rest,
            ) => {
                bail!("`{word}` does not take {:?}; allowed:\n{USAGE}", rest.join(" "))
            }
            _ => bail!("no command {word:?}; allowed:\n{USAGE}"),
        }
    }
}

/// The flags of `bench`, in any order.
fn bench(subject: Subject, flags: &[&str]) -> Result<Options> {
    let mut options = Options { subject, json: false, record: false, long: false, only: None };
    for &flag in flags {
        match (flag, subject) {
            ("--json", _) => options.json = true,
            ("--record", Subject::Model | Subject::Server) => options.record = true,
            ("--long", Subject::Page) => options.long = true,
            ("--only=clients", Subject::Server) => options.only = Some(Part::Clients),
            ("--only=closing", Subject::Server) => options.only = Some(Part::Closing),
            ("--only=instructions", Subject::Server) => options.only = Some(Part::Instructions),
            ("--only=keep-alive", Subject::Server) => options.only = Some(Part::KeepAlive),
            ("--only=observing", Subject::Server) => options.only = Some(Part::Observing),
            (_, Subject::Model) => {
                bail!("`bench model` does not take {flag:?}; allowed are --json, --record")
            }
            (_, Subject::Page) => {
                bail!("`bench page` does not take {flag:?}; allowed are --json, --long")
            }
            (_, Subject::Server) => {
                bail!(
                    "`bench server` does not take {flag:?}; allowed are --json, --record, and --only= with \
                     clients, closing, instructions, keep-alive or observing"
                )
            }
        }
    }
    Ok(options)
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
    fn bench_takes_what_to_measure_and_its_flags() {
        let of = |subject| Options { subject, json: false, record: false, long: false, only: None };
        let options = Options { json: true, ..of(Subject::Model) };
        assert_eq!(parse("bench model --json").unwrap(), Task::Bench(options));
        let options = Options { long: true, ..of(Subject::Page) };
        assert_eq!(parse("bench page --long").unwrap(), Task::Bench(options));
        let options = Options { record: true, ..of(Subject::Server) };
        assert_eq!(parse("bench server --record").unwrap(), Task::Bench(options));
        let options = Options { only: Some(Part::Closing), ..of(Subject::Server) };
        assert_eq!(parse("bench server --only=closing").unwrap(), Task::Bench(options));
        assert!(parse("bench server --only=all").unwrap_err().to_string().contains("observing"));
        assert!(parse("bench page --record").unwrap_err().to_string().contains("--long"));
        assert!(parse("bench").unwrap_err().to_string().contains("model"));
        assert!(parse("bench model --fast").unwrap_err().to_string().contains("--record"));
    }

    #[test]
    fn a_stray_argument_is_refused() {
        assert!(parse("test --longer").is_err());
        assert!(parse("doctor now").is_err());
    }
}
