//! The marks in the server's own files.

use scheduler_model::{Model, WorkerState};

use super::*;

const STATES: [WorkerState; 6] = [
    WorkerState::Starting,
    WorkerState::Idle,
    WorkerState::Scheduled,
    WorkerState::Busy,
    WorkerState::Blocked,
    WorkerState::Joining,
];
/// Marks that a decision lights.
const OF_DECISIONS: [&str; 4] = ["assign", "queue", "reject", "spawn"];

fn source(file: File) -> Source {
    Source::new(
        match file {
            File::Decisions => {
                include_str!("../../../native-server/src/serve/core/decisions.rs")
            }
            File::EventLoop => include_str!("../../../native-server/src/serve/event_loop.rs"),
            File::ForkJoin => include_str!("../../../native-server/src/serve/fork_join.rs"),
            File::Poller => include_str!("../../../native-server/src/serve/poller.rs"),
            File::Turns => include_str!("../../../native-server/src/serve/turns.rs"),
            File::Worker => include_str!("../../../native-server/src/serve/worker.rs"),
        }
        .to_owned(),
    )
}

/// Every mark that can be lit.
fn lit() -> Vec<Mark> {
    let mut all = vec![on_timer(), polls()];
    for model in Model::ALL {
        for state in STATES {
            all.extend(
                [false, true].map(|in_part| at(model, state, in_part)).into_iter().flatten(),
            );
        }
    }
    all.extend(OF_DECISIONS.map(|name| DECISIONS.mark(name)));
    all
}

#[test]
fn every_model_has_its_path_through_the_server() {
    for model in Model::ALL {
        for region in regions(model) {
            let source = source(region.file);
            let lines = source.region(region.name);
            assert!((4..=70).contains(&lines.len()), "{region:?} has {} lines", lines.len());
            assert_eq!(lines[lines.len() - 1].text, "}", "{region:?}");
        }
    }
}

#[test]
fn every_mark_that_is_lit_stands_once_in_its_region() {
    for mark in lit() {
        let source = source(mark.region.file);
        let lines = source.region(mark.region.name);
        let n = lines.iter().filter(|line| line.mark == mark.name).count();
        assert_eq!(n, 1, "{mark:?}");
    }
}

#[test]
fn what_is_lit_for_a_model_is_shown_for_it() {
    for model in Model::ALL {
        let seldom = |state| match state {
            WorkerState::Joining => model != Model::ForkJoin,
            WorkerState::Blocked => matches!(model, Model::Async | Model::Sharded),
            _ => false,
        };
        for state in STATES.into_iter().filter(|&state| !seldom(state)) {
            for in_part in [false, model == Model::ForkJoin] {
                let Some(mark) = at(model, state, in_part) else { continue };
                assert!(regions(model).contains(&mark.region), "{model:?} {state:?}: {mark:?}");
            }
        }
    }
}

#[test]
fn no_mark_in_the_server_is_used_by_nobody() {
    let lit = lit();
    for file in File::ALL {
        for name in source(file).names() {
            let is_region = Model::ALL
                .into_iter()
                .flat_map(regions)
                .any(|region| (region.file, region.name) == (file, name));
            let is_mark = lit.iter().any(|mark| (mark.region.file, mark.name) == (file, name));
            assert!(is_region || is_mark, "{name} in {}", file.name());
        }
    }
}
