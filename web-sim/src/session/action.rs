//! What a reader, a file or a server does to the page's state.

use std::rc::Rc;

use scheduler_model::scenario::{OnFull, QueueBound};
use scheduler_model::{Model, RequestId, RouteId, SimTime};

use super::{Costs, News, Speed};
use crate::parts::annex::Judgement;
use crate::run::Run;
use crate::scenarios::Shipped;

/// Everything a reader can do to the runs.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Shows the open trace alone again.
    Alone,
    /// Puts what another server would have done beside the trace that is open.
    Beside(Rc<Run>),
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
    Costs(Costs),
    OnFull(OnFull),
    Queue(QueueBound),
    Workers(u32),
}
