//! Why a file is no trace: one line that names the place.

use std::io;

use crate::scenario::ScenarioError;
use crate::trace::EVENTS_MAX;

/// Why a file is no trace: one line that names the place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The first line is not the header of a trace, or has an illegal scenario.
    #[error(transparent)]
    Header(#[from] ScenarioError),
    /// A value that cannot stand where it does.
    #[error("{file}:{line}: {key}: {given} given, allowed is {allowed}")]
    Illegal {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// What stands there.
        given: u64,
        /// What might stand there.
        allowed: String,
    },
    /// Reading failed.
    #[error("{file}:{line}: {source}")]
    Io {
        /// The file's name.
        file: String,
        /// The line, from 1, that could not be read.
        line: usize,
        /// What the reader said.
        source: io::Error,
    },
    /// A line longer than any event or header.
    #[error("{file}:{line}: more than {max} bytes given, allowed is 1..={max}")]
    LineTooLong {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The most bytes that line may have.
        max: usize,
    },
    /// A line that is not an event.
    #[error("{file}:{line}: column {column}: {message}")]
    NoEvent {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The byte of the line at which that became clear, from 1.
        column: usize,
        /// What is wrong, and what is allowed.
        message: String,
    },
    /// The second line of a trace that does not begin with its run is no snapshot of it.
    #[error("{file}:2: snapshot: {message}")]
    NoSnapshot {
        /// The file's name.
        file: String,
        /// What is wrong, and what is allowed.
        message: String,
    },
    /// More events than are read.
    #[error("{file}:{line}: more than {EVENTS_MAX} events given, allowed is 0..={EVENTS_MAX}")]
    TooManyEvents {
        /// The file's name.
        file: String,
        /// The line, from 1, of the first one too many.
        line: usize,
    },
}
