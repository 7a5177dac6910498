//! The code of one model as it stands: which line is lit, and for whom.

use std::rc::Rc;

use scheduler_model::{EventKind, Model, Place, RequestId, World};

use super::ThreadName;
use crate::code::{self, Mark, Region, Source};
use crate::player::Player;
use crate::run::Run;

/// A function that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) region: Region,
    pub(crate) lines: Vec<CodeLine>,
}

/// A line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodeLine {
    pub(crate) number: usize,
    pub(crate) text: String,
    /// Who is there now.
    pub(crate) who: Vec<Who>,
}

/// Who a line is lit for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The decision that was the last event.
    Decision,
    /// Who accepts and polls, where that is no worker: a thread of its own, or under `pool` whoever leads.
    Poller,
    /// A thread.
    Thread(ThreadName),
    /// So many requests, which sleep on timers.
    OnTimers(u64),
    /// So many threads more.
    More(u64),
}

/// The blocks of a model; `row` is its place among the runs that are shown.
pub(crate) fn blocks(
    player: &Player,
    row: usize,
    source: impl Fn(code::File) -> Option<Rc<Source>>,
) -> Vec<Block> {
    let Some((run, world)) = player.rows().nth(row) else { return Vec::new() };
    let lit = lit(player, row, run, world);
    let regions = code::regions(run.model()).iter();
    let block = |&region: &Region| {
        let source = source(region.file)?;
        let lines = source.region(region.name).into_iter().map(|line| {
            let is_here = |mark: &Mark| mark.region == region && mark.name == line.mark;
            let here = lit.iter().filter(|(mark, _)| is_here(mark)).map(|&(_, who)| who);
            CodeLine { number: line.number, text: line.text.to_owned(), who: few(here.collect()) }
        });
        Some(Block { region, lines: lines.collect() })
    };
    regions.filter_map(block).collect()
}

fn lit(player: &Player, row: usize, run: &Run, world: &World) -> Vec<(Mark, Who)> {
    let model = run.model();
    let polls_itself = matches!(model, Model::Single | Model::Async | Model::Sharded);
    let mut lit = Vec::new();
    if !polls_itself {
        lit.push((code::polls(), Who::Poller));
    }
    let last = player.last_event().filter(|last| last.run == row);
    if let Some(EventKind::Decision(decision)) = last.map(|last| player.event(last).kind) {
        lit.extend(code::carried_out(&decision).map(|mark| (mark, Who::Decision)));
    }
    for worker in world.workers() {
        let in_part = worker.request.is_some_and(|request| splits(run, request));
        let at = code::at(model, worker.state, in_part);
        lit.extend(at.map(|mark| (mark, Who::Thread(ThreadName::of(model, worker.id)))));
    }
    let asleep = world.requests().filter(|request| matches!(request.place, Place::Asleep { .. }));
    let n = asleep.count() as u64;
    if n > 0 {
        lit.push((code::on_timer(), Who::OnTimers(n)));
    }
    lit
}

/// Whether a request is run in parts, by who was assigned it and by thieves alike.
fn splits(run: &Run, request: RequestId) -> bool {
    let route = run.history().request(request).and_then(|life| life.route);
    let kind = route.and_then(|route| run.scenario().requests.get(usize::from(route.0)));
    run.model() == Model::ForkJoin && kind.is_some_and(|kind| kind.fork.is_some())
}

/// So many that their names fit beside a line.
fn few(mut who: Vec<Who>) -> Vec<Who> {
    if who.len() > NAMES_MAX + 1 {
        let more = (who.len() - NAMES_MAX) as u64;
        who.truncate(NAMES_MAX);
        who.push(Who::More(more));
    }
    who
}

/// Threads that are named beside a line.
const NAMES_MAX: usize = 4;
