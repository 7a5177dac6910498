//! A worker's deque, where a test puts a model checker's in its place.

use crossbeam_deque::Steal;
use scheduler_model::NodeId;

/// The parts that somebody pushed and has not popped; others steal the oldest.
pub(super) type Deque = crossbeam_deque::Worker<NodeId>;

/// The thieves' end of a deque.
pub(super) type Stealer = crossbeam_deque::Stealer<NodeId>;

/// Takes the oldest part of a deque, if there is one.
pub(super) fn oldest(parts: &Stealer) -> Option<NodeId> {
    loop {
        match parts.steal() {
            Steal::Empty => return None,
            // Another one took it first, and may have left more.
            Steal::Retry => {}
            Steal::Success(node) => return Some(node),
        }
    }
}
