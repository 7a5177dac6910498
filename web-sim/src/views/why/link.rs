//! The chain from a request that waits to what is at the root of it: a link for each request that
//! stands in the way.

use scheduler_model::{Cause, Explanation, Model, RequestId};

use super::ThreadName;
use crate::run::CauseKind;

/// A request that has what the one before it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) request: RequestId,
    /// The thread that has this request.
    pub(crate) thread: ThreadName,
    /// What the one before it waits for.
    pub(crate) hold: Hold,
    /// Why it keeps that.
    pub(crate) kind: CauseKind,
}

/// What stands in the way of another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The thread is on a core, and whether there is no other.
    Core { only: bool },
    /// The thread itself.
    Worker,
}

/// The links of a chain that begins with the request asked about.
pub(super) fn links(model: Model, chain: &[Explanation]) -> Vec<Link> {
    let pairs = chain.windows(2).map_while(|pair| {
        let hold = match pair[0].cause {
            Cause::WaitsForCore { cores, .. } => Hold::Core { only: cores == 1 },
            _ => Hold::Worker,
        };
        let thread = ThreadName::of(model, pair[1].cause.worker()?);
        Some(Link {
            request: pair[1].request.id,
            thread,
            hold,
            kind: CauseKind::of(&pair[1].cause),
        })
    });
    pairs.collect()
}

/// Whether the sentence on who holds the workers says all that these links could.
pub(super) fn are_told(links: &[Link]) -> bool {
    match links {
        [] => true,
        [one] => one.hold == Hold::Worker && one.kind != CauseKind::WaitsForCore,
        _ => false,
    }
}
