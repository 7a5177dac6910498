//! What the reader does, and the page's state that follows from it: pure, and tested natively.
//!
//! What dies with a panel (a zoom, an open dialogue) is that component's own and not here.

mod branch;
mod live;

use std::rc::Rc;

use scheduler_model::scenario::{OnFull, QueueBound};
use scheduler_model::{Model, RequestId, RouteId, Scenario, SimTime};
use yew::Reducible;

use crate::lessons::Lesson;
use crate::parts::annex::Judgement;
use crate::player::Player;
use crate::run::Run;
use crate::scenarios::{REQUESTS_MAX, Shipped, n_requests};
use crate::url::{BadParameter, Changes, Parameter, Query, Sent};

pub(crate) use branch::{Branch, Cause};
use live::Live;
pub(crate) use live::{LiveState, News};

/// Everything a reader can do to the runs.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Goes back to a future that another action has replaced.
    ChooseBranch(usize),
    /// Starts one of the page's own scenarios afresh.
    ChooseScenario(Shipped),
    /// Says that a message was read.
    Dismiss,
    /// Says that a file could not be read.
    Fail(String),
    /// Follows the server that the page came from, or goes on with that.
    Follow,
    /// Goes to where the models first treat a request differently, and asks about that request.
    GoToFirstDifference,
    /// Goes to the next event that changes something for this request.
    GoToNextOf(RequestId),
    /// Goes to this moment.
    GoToMoment(SimTime),
    /// Goes to after this many events.
    GoToStep(usize),
    /// Something was heard of the server that is followed.
    Hear(News),
    /// Shows a run that was read from a file.
    Open { name: String, run: Rc<Run>, conformance: Rc<Judgement> },
    /// Stands still.
    Pause,
    /// Plays, from the beginning if the end is reached.
    Play,
    /// Says which answer of the lesson will turn out right.
    Predict(usize),
    /// Asks about a request, or about none in particular.
    Select(Option<RequestId>),
    /// Sends requests at this moment.
    Send { route: RouteId, count: u32 },
    /// Changes the server or the computer.
    Set(Setting),
    /// Plays faster or slower.
    SetSpeed(Speed),
    /// A file is being read: its name, and how many events there are so far.
    Read { name: String, n_events: u64 },
    /// Goes one event on.
    Step,
    /// Goes one event back.
    StepBack,
    /// Time passes while it plays, gliding or from event to event.
    Tick { elapsed_ms: f64, glides: bool },
    /// Shows a model, or shows it no more.
    ToggleModel(Model),
}

/// A value that a slider or a list changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    Cores(u32),
    OnFull(OnFull),
    Queue(QueueBound),
    Workers(u32),
}

/// How fast a run is played: a place in [`Speed::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Speed(usize);

/// Where the runs come from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Origin {
    /// A scenario that came with the page; how many requests its file asks for, if not all are
    /// played; and what was changed in it before it was opened.
    Shipped { shipped: Shipped, shortened: Option<u64>, changes: Changes },
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
        let scenario = branch::with_changes(&scenario, &changes);
        let origin = Origin::Shipped { shipped, shortened, changes };
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

    fn toggled(&self, model: Model) -> Option<Self> {
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

    fn sent(&self, route: RouteId, count: u32) -> Option<Self> {
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
            branched.player.step_of(crate::player::LastEvent { run, index })
        });
        let player = arrived.max().map(|step| branched.player.at_step(step + 1));
        let playing = self.playing;
        Some(match player {
            Some(player) => Self { player, playing, ..branched },
            None => Self { playing, ..branched },
        })
    }

    fn changed(&self, setting: Setting) -> Option<Self> {
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

    fn on_branch(&self, branch: usize) -> Option<Self> {
        if branch >= self.branches.len() || branch == self.branch {
            return None;
        }
        Some(Self { branch, ..self.clone() }.recomputed())
    }

    /// Shows a new branch, in place of this one or beside it.
    fn branching(&self, branch: Branch, replaces: bool) -> Self {
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

impl Speed {
    /// Each by its name, and how many times as fast as normal it is.
    pub(crate) const ALL: [(&str, f64); 9] = [
        ("0.25", 0.25),
        ("0.5", 0.5),
        ("1", 1.0),
        ("2", 2.0),
        ("4", 4.0),
        ("16", 16.0),
        ("64", 64.0),
        ("256", 256.0),
        ("1024", 1024.0),
    ];

    /// The speed at this place.
    pub(crate) fn at(place: usize) -> Self {
        Self(place.min(Self::ALL.len() - 1))
    }

    /// Its place.
    pub(crate) const fn place(self) -> usize {
        self.0
    }

    /// Its name in links.
    pub(crate) const fn name(self) -> &'static str {
        Self::ALL[self.0].0
    }

    /// How many times as fast as normal.
    pub(crate) const fn factor(self) -> f64 {
        Self::ALL[self.0].1
    }
}

impl Default for Speed {
    fn default() -> Self {
        Self(2)
    }
}

/// Futures that are kept; the first one always is.
const BRANCHES_MAX: usize = 6;
/// The longest time that counts as one frame.
const FRAME_MS_MAX: f64 = 100.0;

#[cfg(test)]
mod tests;
