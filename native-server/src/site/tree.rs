//! A tree of tasks: what a handler gives out of hand, for idle workers to share.

use std::fmt;
use std::sync::Arc;

use scheduler_model::scenario::Ranged;

/// A binary tree of tasks of which the leaves are the work.
///
/// `fork-join` lets idle workers take parts of it; every other model runs the leaves one after the
/// other on the thread that has the request. A leaf that panics fails the request.
///
/// ```
/// use native_server::site::Tree;
/// use scheduler_model::scenario::Ranged;
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// let sum = Arc::new(AtomicU32::new(0));
/// let added = Arc::clone(&sum);
/// let tree = Tree::new(Ranged::of::<3>(), move |leaf| {
///     added.fetch_add(leaf, Ordering::Relaxed);
/// });
/// tree.run();
/// assert_eq!(sum.load(Ordering::Relaxed), 28, "0 + 1 + … + 7");
/// ```
#[derive(Clone)]
pub struct Tree {
    depth: Ranged<0, 16>,
    leaf: Arc<dyn Fn(u32) + Send + Sync>,
}

impl Tree {
    /// A tree with 2^`depth` leaves; `leaf` is called once with the number of each, from 0 on the
    /// left.
    pub fn new(depth: Ranged<0, 16>, leaf: impl Fn(u32) + Send + Sync + 'static) -> Self {
        Self { depth, leaf: Arc::new(leaf) }
    }

    /// Runs all of it on this thread.
    pub fn run(&self) {
        for leaf in 0..1 << self.depth() {
            self.run_leaf(leaf);
        }
    }

    /// How often it splits from the root to a leaf.
    pub fn depth(&self) -> u32 {
        self.depth.get()
    }

    pub(crate) fn run_leaf(&self, number: u32) {
        (self.leaf)(number);
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("depth", &self.depth).finish_non_exhaustive()
    }
}
