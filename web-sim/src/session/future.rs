//! Other futures: what the reader sends, sets, or asks other models about is computed at once, and
//! the future that was there is kept.

use scheduler_model::{Model, RouteId};

use super::{Branch, Cause, Session, Setting, branch};
use crate::player::{LastEvent, Player};
use crate::scenarios::{REQUESTS_MAX, n_requests};
use crate::url::Sent;

impl Session {
    pub(super) fn toggled(&self, model: Model) -> Option<Self> {
        if self.is_trace() {
            return None;
        }
        let mut models = self.models.clone();
        match models.iter().position(|&shown| shown == model) {
            Some(_) if models.len() == 1 => return None,
            Some(place) => {
                models.remove(place);
            }
            None => {
                models = Model::ALL
                    .into_iter()
                    .filter(|shown| *shown == model || self.models.contains(shown))
                    .collect();
            }
        }
        Some(Self { models, ..self.clone() }.recomputed())
    }

    pub(super) fn sent(&self, route: RouteId, count: u32) -> Option<Self> {
        if !self.can_send() || n_requests(self.scenario()) + u64::from(count) > REQUESTS_MAX {
            return None;
        }
        let at = self.player.moment();
        let sent = Sent { at, route, count };
        let scenario = branch::with_arrival(self.scenario(), &self.player.runs()[0], sent)?;
        let all = branch::with_sent(self.branches[self.branch].sent(), sent);
        let branch = Branch::new(scenario, Cause::Sent(sent)).having_sent(all);
        // At the end of the run there is no future to keep.
        let branched = self.branching(branch, self.player.is_at_end());
        // The reader sees what was sent arrive.
        let arrived = branched.player.runs().iter().enumerate().filter_map(|(run, found)| {
            let lives = found.history().requests();
            let life = lives[..lives.partition_point(|life| life.arrived <= at)].last()?;
            let index = life.stays.first().map(|stay| stay.from).or(life.end.map(|(by, ..)| by))?;
            branched.player.step_of(LastEvent { run, index })
        });
        let player = arrived.max().map(|step| branched.player.at_step(step + 1));
        let playing = self.playing;
        Some(match player {
            Some(player) => Self { player, playing, ..branched },
            None => Self { playing, ..branched },
        })
    }

    pub(super) fn changed(&self, setting: Setting) -> Option<Self> {
        if self.is_trace() {
            return None;
        }
        let scenario = branch::with_setting(self.scenario(), setting);
        if &scenario == self.scenario() {
            return None;
        }
        let shown = &self.branches[self.branch];
        let branch = Branch::new(scenario, Cause::Set).having_sent(shown.sent().to_vec());
        Some(self.branching(branch, shown.cause() == Cause::Set))
    }

    pub(super) fn on_branch(&self, branch: usize) -> Option<Self> {
        if branch >= self.branches.len() || branch == self.branch {
            return None;
        }
        Some(Self { branch, ..self.clone() }.recomputed())
    }

    /// Shows a new branch, in place of this one or beside it.
    pub(super) fn branching(&self, branch: Branch, replaces: bool) -> Self {
        let mut after = self.clone();
        if replaces && self.branch > 0 {
            after.branches[self.branch] = branch;
        } else {
            if after.branches.len() == BRANCHES_MAX {
                // The first one, as opened, always stays, and so does the one being left.
                after.branches.remove(if self.branch == 1 { 2 } else { 1 });
            }
            after.branches.push(branch);
            after.branch = after.branches.len() - 1;
        }
        after.recomputed()
    }

    /// The runs of the branch and the models that are shown, at the same moment as before.
    fn recomputed(mut self) -> Self {
        let moment = self.player.moment();
        let at_start = self.player.cursor() == 0;
        let player = Player::new(self.branches[self.branch].runs(&self.models));
        self.player = if at_start { player } else { player.at_moment(moment) };
        self.budget_ms = 0.0;
        self.playing = self.playing && !self.player.is_at_end();
        self
    }
}

/// Futures that are kept; the first one always is.
pub(super) const BRANCHES_MAX: usize = 6;
