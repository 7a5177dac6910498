//! Which keys change nothing under a model: they are accepted, and the user is told once.
//!
//! One file is meant to be run under every model, so a pool's bound is no mistake in a run of
//! `spawn`; but who changes it and sees nothing happen shall know why.

use super::Note;
use crate::scenario::document::Fields;
use crate::scenario::{Model, ScenarioError};

/// The note about this file, if there is something to say.
pub(super) fn note(root: &Fields<'_>, model: Model) -> Result<Option<Note>, ScenarioError> {
    let mut keys = Vec::new();
    for (section, name, used_by) in USED_BY {
        let Some(table) = root.get(section) else { continue };
        let given = table.table("a table")?.iter().any(|(given, _)| *given == name);
        if given && !used_by.contains(&model) {
            keys.push(format!("{section}.{name}"));
        }
    }
    if let Some(faults) = root.get("fault") {
        for at in faults.list("a list")? {
            let table = at.table("a table")?;
            let kind = table.iter().find(|(name, _)| *name == "kind");
            let Some((_, kind)) = kind else { continue };
            let used_by: &[Model] = match kind.text("")? {
                "resize" => POOLS,
                "spawn-fails" => THREADED,
                _ => continue,
            };
            if !used_by.contains(&model) {
                keys.push(at.key().to_owned());
            }
        }
    }
    Ok((!keys.is_empty()).then_some(Note::UnusedKeys { model, keys }))
}

/// The keys that only some models use; all others use every key.
const USED_BY: [(&str, &str, &[Model]); 8] = [
    ("server", "workers", &[Model::Pool, Model::ForkJoin, Model::Sharded]),
    ("server", "queue", POOLS),
    ("server", "on_full", POOLS),
    ("server", "threads_max", &[Model::Spawn]),
    ("machine", "spawn_us", THREADED),
    ("machine", "dispatch_us", POOLS),
    ("machine", "stack_kib", THREADED),
    ("machine", "memory_mib", THREADED),
];

/// The models with a fixed number of workers behind a run queue.
const POOLS: &[Model] = &[Model::Pool, Model::ForkJoin];

/// The models that start threads while they serve.
const THREADED: &[Model] = &[Model::Spawn, Model::Pool, Model::ForkJoin, Model::Sharded];
