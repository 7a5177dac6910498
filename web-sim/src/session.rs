//! What the reader does, and the page's state that follows from it: pure, and tested natively.
//!
//! What dies with a panel (a zoom, an open dialogue) is that component's own and not here.

mod action;
mod branch;
mod costs;
mod future;
mod live;
mod speed;

use std::rc::Rc;

use scheduler_model::scenario::Server;
use scheduler_model::{Model, RequestId, Scenario};
use yew::Reducible;

use crate::lessons::Lesson;
use crate::parts::annex::Judgement;
use crate::player::Player;
use crate::run::Run;
use crate::scenarios::{REQUESTS_MAX, Shipped, n_requests};
use crate::url::{BadParameter, Changes, Parameter, Query, Sent};

pub(crate) use action::{Action, Setting};
pub(crate) use branch::{Branch, Cause};
pub(crate) use costs::Costs;
use live::Live;
pub(crate) use live::{LiveState, News};
pub(crate) use speed::Speed;

/// Where the runs come from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Origin {
    /// A scenario that came with the page; how many requests its file asks for, if not all are
    /// played; what was changed in it before it was opened; and the costs that its file has.
    Shipped { shipped: Shipped, shortened: Option<u64>, changes: Changes, costs: Costs },
    /// A running server, which is or was followed.
    Live,
    /// A trace that the reader opened, and whether it is a path of the model.
    Trace { name: String, recorded: bool, conformance: Rc<Judgement> },
}

/// What a reader said before the run of a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prediction {
    /// Which answer, from 0.
    pub(crate) answer: usize,
    /// Whether the run has come to its end since, and so has told what is right.
    pub(crate) is_told: bool,
}

/// The page's state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Session {
    origin: Origin,
    models: Vec<Model>,
    branches: Vec<Branch>,
    branch: usize,
    player: Player,
    playing: bool,
    speed: Speed,
    /// Playing time that was too short for the next event.
    budget_ms: f64,
    selected: Option<RequestId>,
    prediction: Option<Prediction>,
    live: Option<Live>,
    failure: Option<String>,
    reading: Option<(String, u64)>,
}

impl Session {
    /// What an address asks for, and what of it cannot be had.
    pub(crate) fn new(query: &Query) -> (Self, Vec<BadParameter>) {
        let session = Self::of_shipped(query.shipped(), &query.models, query.changes);
        let (session, bad) = session.having_sent(&query.sent);
        let player = query.step.map_or(session.player.clone(), |step| session.player.at_step(step));
        let known = query.request.filter(|request| session.selectable(*request));
        (Self { player, selected: known, speed: query.speed, ..session }, bad)
    }

    fn of_shipped(shipped: Shipped, models: &[Model], changes: Changes) -> Self {
        let models = if models.is_empty() { shipped.models() } else { models };
        let (scenario, shortened) = shipped.load();
        let costs = Costs::of(&scenario.machine);
        let scenario = branch::with_changes(&scenario, &changes);
        let origin = Origin::Shipped { shipped, shortened, changes, costs };
        let session = Self::of(origin, scenario, models.to_vec());
        let player = begun(&session.player, shipped);
        Self { player, ..session }
    }

    /// The future in which these were sent, beside the one without; the first that cannot be sent
    /// ends it.
    fn having_sent(self, sent: &[Sent]) -> (Self, Vec<BadParameter>) {
        let mut scenario = self.scenario().clone();
        let mut done = Vec::new();
        let mut bad = Vec::new();
        for &one in sent {
            let fits = n_requests(&scenario) + u64::from(one.count) <= REQUESTS_MAX;
            let run = &self.player.runs()[0];
            let Some(with) = branch::with_arrival(&scenario, run, one).filter(|_| fits) else {
                let given = format!("{}@{}x{}", one.route.0, one.at.as_nanos(), one.count);
                bad.push(BadParameter::new(Parameter::Sent, &given, self.sendable()));
                break;
            };
            scenario = with;
            done = branch::with_sent(&done, one);
        }
        let Some(&last) = done.last() else { return (self, bad) };
        let branch = Branch::new(scenario, Cause::Sent(last)).having_sent(done);
        (self.branching(branch, false), bad)
    }

    /// What may be sent, in words.
    fn sendable(&self) -> String {
        if !branch::takes_arrivals(self.scenario()) {
            return "nothing: these clients ask when they are answered".to_owned();
        }
        let last = self.scenario().requests.len().saturating_sub(1);
        format!("routes 0..={last}, at most {REQUESTS_MAX} requests in all")
    }

    /// Whether one of the runs has this request.
    fn selectable(&self, request: RequestId) -> bool {
        self.player.runs().iter().any(|run| run.history().request(request).is_some())
    }

    fn of(origin: Origin, scenario: Scenario, models: Vec<Model>) -> Self {
        let mut branch = Branch::new(scenario, Cause::Opened);
        let player = Player::new(branch.runs(&models));
        Self::starting(origin, models, branch, player)
    }

    fn starting(origin: Origin, models: Vec<Model>, branch: Branch, player: Player) -> Self {
        Self {
            origin,
            models,
            branches: vec![branch],
            branch: 0,
            player,
            playing: false,
            speed: Speed::default(),
            budget_ms: 0.0,
            selected: None,
            prediction: None,
            live: None,
            failure: None,
            reading: None,
        }
    }

    /// The same with something that went wrong.
    pub(crate) fn failing(self, failure: &str) -> Self {
        Self { failure: Some(failure.to_owned()), ..self }
    }

    /// The state after an action; `None` when it changes nothing.
    fn after(&self, action: Action) -> Option<Self> {
        match action {
            Action::Alone => self.staging(None),
            Action::Beside(run) => self.staging(Some(run)),
            Action::ChooseBranch(branch) => self.on_branch(branch),
            Action::ChooseScenario(shipped) => Some(Self {
                speed: self.speed,
                ..Self::of_shipped(shipped, &[], Changes::default())
            }),
            Action::Dismiss => {
                self.failure.as_ref().map(|_| Self { failure: None, ..self.clone() })
            }
            Action::Fail(failure) => {
                Some(Self { failure: Some(failure), reading: None, ..self.clone() })
            }
            Action::Follow => Some(self.following()),
            Action::Hear(news) => self.heard(news),
            Action::GoToFirstDifference => {
                let (request, at) = self.player.first_difference()?;
                let there = self.at(self.player.at_moment(at));
                Some(Self { selected: Some(request), ..there })
            }
            Action::GoToNextOf(request) => {
                let step = self.next_of(request)?;
                Some(Self { selected: Some(request), ..self.at(self.player.at_step(step + 1)) })
            }
            Action::GoToMoment(moment) => Some(self.at(self.player.at_moment(moment))),
            Action::GoToStep(step) => Some(self.at(self.player.at_step(step))),
            Action::Open { name, run, conformance } => Some(self.opened(name, run, conformance)),
            Action::Pause => Some(Self { playing: false, ..self.clone() }.standing()),
            Action::Play => self.played(),
            Action::Predict(answer) => self.predicted(answer),
            Action::Read { name, n_events } => {
                Some(Self { reading: Some((name, n_events)), ..self.clone() })
            }
            Action::Select(selected) => {
                (selected != self.selected).then(|| Self { selected, ..self.clone() })
            }
            Action::Send { route, count } => self.sent(route, count),
            Action::Set(setting) => self.changed(setting),
            Action::SetSpeed(speed) => {
                (speed != self.speed).then(|| Self { speed, ..self.clone() })
            }
            Action::Step => Some(self.at(self.player.at_step(self.player.cursor() + 1))),
            Action::StepBack => {
                Some(self.at(self.player.at_step(self.player.cursor().saturating_sub(1))))
            }
            Action::Tick { elapsed_ms, glides } => self.ticked(elapsed_ms, glides),
            Action::ToggleModel(model) => self.toggled(model),
        }
        .map(Self::having_told)
        .filter(|after| after != self)
    }

    /// Where the runs come from.
    pub(crate) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The lesson that is shown.
    pub(crate) const fn lesson(&self) -> Option<Lesson> {
        match self.origin {
            Origin::Shipped { shipped: Shipped::OfLesson(lesson), .. } => Some(lesson),
            _ => None,
        }
    }

    /// What was said before the run of the lesson.
    pub(crate) const fn prediction(&self) -> Option<Prediction> {
        self.prediction
    }

    /// Whether the run of a lesson has yet to tell which answer is right: until then nothing shows what
    /// is to come.
    pub(crate) fn is_untold(&self) -> bool {
        self.lesson().is_some() && self.prediction.is_none_or(|said| !said.is_told)
    }

    /// Whether what is shown leads to the lessons: the book's experiment does.
    pub(crate) const fn offers_lessons(&self) -> bool {
        matches!(self.origin, Origin::Shipped { shipped: Shipped::Book, .. })
    }

    /// The models that are shown, in the book's order.
    pub(crate) fn models(&self) -> &[Model] {
        &self.models
    }

    /// The futures that were kept, the first one as opened.
    pub(crate) fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// Which of them is shown.
    pub(crate) const fn branch(&self) -> usize {
        self.branch
    }

    /// The scenario of the branch that is shown.
    pub(crate) fn scenario(&self) -> &Scenario {
        self.branches[self.branch].scenario()
    }

    /// The runs and the cursor.
    pub(crate) const fn player(&self) -> &Player {
        &self.player
    }

    /// Whether it plays.
    pub(crate) const fn is_playing(&self) -> bool {
        self.playing
    }

    /// How fast.
    pub(crate) const fn speed(&self) -> Speed {
        self.speed
    }

    /// The request that was asked about.
    pub(crate) const fn selected(&self) -> Option<RequestId> {
        self.selected
    }

    /// What went wrong last, in one line.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// The file that is being read, and how many events of it are.
    pub(crate) fn reading(&self) -> Option<(&str, u64)> {
        self.reading.as_ref().map(|(name, n_events)| (name.as_str(), *n_events))
    }

    /// What the scenario's own file says of the costs of its computer; `None` for a trace.
    pub(crate) const fn own_costs(&self) -> Option<Costs> {
        match self.origin {
            Origin::Shipped { costs, .. } => Some(costs),
            Origin::Live | Origin::Trace { .. } => None,
        }
    }

    /// Whether both have the same server, computer and models, and the same of them can be changed.
    pub(crate) fn is_set_like(&self, other: &Self) -> bool {
        let (own, others) = (self.scenario(), other.scenario());
        own.server == others.server
            && own.machine == others.machine
            && self.models == other.models
            && self.origin == other.origin
    }

    /// Whether the address has set one of them.
    pub(crate) fn opened_with_costs(&self) -> bool {
        let opened = Costs::of(&self.branches[0].scenario().machine);
        self.own_costs().is_some_and(|own| own != opened)
    }

    /// Whether the runs are a trace that is only looked at.
    pub(crate) const fn is_trace(&self) -> bool {
        matches!(self.origin, Origin::Live | Origin::Trace { .. })
    }

    /// Whether the runs are what a real server recorded.
    pub(crate) const fn is_recording(&self) -> bool {
        matches!(self.origin, Origin::Live | Origin::Trace { recorded: true, .. })
    }

    /// Whether requests can be added: not to a trace, nor where clients wait for answers first.
    pub(crate) fn can_send(&self) -> bool {
        !self.is_trace() && branch::takes_arrivals(self.scenario())
    }

    /// The link to this moment; `None` for what the reader opened from a file.
    pub(crate) fn link(&self) -> Option<Query> {
        let Origin::Shipped { shipped, changes, .. } = self.origin else { return None };
        let (opened, shown) = (&self.branches[0], &self.branches[self.branch]);
        let (cursor, begun) = (self.player.cursor(), begun(&self.player, shipped).cursor());
        Some(Query {
            scenario: Some(shipped).filter(|_| self.lesson().is_none()),
            lesson: self.lesson(),
            models: self.models.clone(),
            step: Some(cursor).filter(|&step| step != begun),
            changes: branch::changes_between(opened.scenario(), shown.scenario(), changes),
            sent: shown.sent().to_vec(),
            request: self.selected,
            speed: self.speed,
            ..Query::default()
        })
    }

    fn predicted(&self, answer: usize) -> Option<Self> {
        let n_answers = self.lesson()?.stop().n_answers();
        let said = Prediction { answer, is_told: false };
        (answer < n_answers && self.prediction.is_none())
            .then(|| Self { prediction: Some(said), ..self.clone() })
    }

    /// The end of a lesson's run tells which answer was right, and that stays told.
    fn having_told(mut self) -> Self {
        if let Some(said) = &mut self.prediction {
            said.is_told |= self.player.is_at_end();
        }
        self
    }

    fn at(&self, player: Player) -> Self {
        Self { player, playing: false, budget_ms: 0.0, ..self.clone() }.standing()
    }

    fn next_of(&self, request: RequestId) -> Option<usize> {
        let rows = self.player.runs().iter().enumerate();
        rows.filter_map(|(run, found)| {
            let index = found.history().request(request)?.next_moment(self.player.done_of(run))?;
            self.player.step_of(crate::player::LastEvent { run, index })
        })
        .min()
    }

    fn played(&self) -> Option<Self> {
        if self.playing || self.player.n_steps() == 0 {
            return None;
        }
        let at_end = self.player.is_at_end();
        let player = if at_end { self.player.at_step(0) } else { self.player.clone() };
        Some(Self { player, playing: true, budget_ms: 0.0, ..self.clone() }.standing())
    }

    fn ticked(&self, elapsed_ms: f64, glides: bool) -> Option<Self> {
        if !self.playing {
            return None;
        }
        // A tab that was hidden for a minute goes on where it was.
        let elapsed_ms = elapsed_ms.clamp(0.0, FRAME_MS_MAX);
        let budget_ms = self.budget_ms + elapsed_ms * self.speed.factor();
        let (player, budget_ms) = self.player.played(budget_ms, glides);
        let playing = !player.is_at_end();
        Some(Self { player, playing, budget_ms, ..self.clone() })
    }

    /// What another server would have done, in the same stepper at the same moment; or no longer.
    fn staging(&self, beside: Option<Rc<Run>>) -> Option<Self> {
        if !matches!(self.origin, Origin::Trace { .. }) {
            return None; // another was opened while it was computed
        }
        let runs = self.player.runs().first().cloned().into_iter().chain(beside).collect();
        let player = Player::new(runs).at_moment(self.player.moment());
        Some(self.at(player))
    }

    /// The server that stands beside the trace that is open.
    pub(crate) fn beside(&self) -> Option<Server> {
        let run = self.player.runs().iter().find(|run| run.is_what_if())?;
        Some(run.scenario().server)
    }

    /// A run from a file, which can only be looked at.
    fn opened(&self, name: String, run: Rc<Run>, conformance: Rc<Judgement>) -> Self {
        let recorded = run.is_recorded();
        let origin = Origin::Trace { name, recorded, conformance };
        let branch = Branch::with_run(run.scenario().clone(), Rc::clone(&run));
        let session = Self::starting(origin, vec![run.model()], branch, Player::new(vec![run]));
        Self { speed: self.speed, ..session }
    }
}

/// The player where this scenario is opened.
fn begun(player: &Player, shipped: Shipped) -> Player {
    shipped.begins().map_or_else(|| player.at_step(0), |moment| player.at_moment(moment))
}

impl Reducible for Session {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        self.after(action).map_or(self, Rc::new)
    }
}

/// The longest time that counts as one frame.
const FRAME_MS_MAX: f64 = 100.0;

#[cfg(test)]
mod tests;
