//! A running server that is followed: the run grows at its end, and loses what is long past.
//!
//! What the server tells comes in sections, each of which opens with a state of the run; between two
//! of them something was left out. One section is shown, of which the last events are kept.

use std::rc::Rc;

use scheduler_model::trace::Trace;
use scheduler_model::{Event, EventKind, Snapshot, World};

use super::{Branch, Origin, Session};
use crate::player::Player;
use crate::run::Run;

/// A server that is, or was, followed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Live {
    state: LiveState,
    /// A section of which nothing has happened yet: until it has, the one before stays.
    next: Option<Rc<Trace>>,
}

/// How that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LiveState {
    /// It goes on.
    Follows,
    /// It could not be had, or said what no server says.
    Lost,
    /// The server has stopped.
    Over,
    /// The reader looks at what was.
    Paused,
}

/// What was heard of a server.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// More has happened.
    Events(Vec<Event>),
    Lost,
    Over,
    /// It goes on from this state, with something left out before.
    Section(Rc<Trace>),
}

impl Session {
    /// Whether the server that this page came from is to be followed now.
    pub(crate) fn is_following(&self) -> bool {
        self.live_state() == Some(LiveState::Follows)
    }

    /// How following a server stands; none before anybody asked for it.
    pub(crate) fn live_state(&self) -> Option<LiveState> {
        self.live.as_ref().map(|live| live.state)
    }

    /// Begins to follow, or goes on.
    pub(super) fn following(&self) -> Self {
        let live = Some(Live { state: LiveState::Follows, next: None });
        Self { live, playing: false, failure: None, ..self.clone() }
    }

    /// Stands still at what was seen.
    pub(super) fn standing(mut self) -> Self {
        if let Some(live) = &mut self.live
            && live.state == LiveState::Follows
        {
            *live = Live { state: LiveState::Paused, next: None };
        }
        self
    }

    /// The state after some news; `None` when nobody waits for any.
    pub(super) fn heard(&self, news: News) -> Option<Self> {
        let mut live = self.live.clone().filter(|_| self.is_following())?;
        match news {
            News::Lost | News::Over => {
                live.state =
                    if matches!(news, News::Lost) { LiveState::Lost } else { LiveState::Over };
                Some(Self { live: Some(live), ..self.clone() })
            }
            News::Section(trace) if matches!(self.origin, Origin::Live) => {
                live.next = Some(trace);
                Some(Self { live: Some(live), ..self.clone() })
            }
            News::Section(trace) => Some(self.showing(live, Trace::clone(&trace))),
            News::Events(events) => {
                let shown = || self.player.runs()[0].trace().clone();
                let mut trace = live.next.take().map_or_else(shown, |next| Trace::clone(&next));
                trace.events.extend(events);
                Some(self.showing(live, shortened(trace)))
            }
        }
    }

    /// Shows a section at its end.
    fn showing(&self, mut live: Live, trace: Trace) -> Self {
        let scenario = trace.header.scenario.clone();
        let model = scenario.server.model;
        let run = Rc::new(Run::new(trace));
        if run.violation().is_some() {
            live.state = LiveState::Lost;
        }
        let player = Player::new(vec![Rc::clone(&run)]).at_step(usize::MAX);
        let known = |&request: &_| run.history().request(request).is_some();
        let selected = self.selected.filter(known);
        let branch = Branch::with_run(scenario, Rc::clone(&run));
        let session = Self::starting(Origin::Live, vec![model], branch, player);
        Self { live: Some(live), selected, speed: self.speed, ..session }
    }
}

/// The section without what is long past: it opens with a later state then.
fn shortened(trace: Trace) -> Trace {
    if trace.events.len() <= EVENTS_MAX {
        return trace;
    }
    let Trace { header, mut events, complete } = trace;
    let is_decision = |event: &Event| matches!(event.kind, EventKind::Decision(_));
    let mut n_past = events.len() - EVENTS_KEPT;
    n_past += events[n_past..].iter().take_while(|event| is_decision(event)).count();
    let mut world = World::new(&header);
    let is_run = events[..n_past].iter().all(|event| world.apply(event).is_ok());
    match Snapshot::new(world) {
        Ok(snapshot) if is_run => {
            events.drain(..n_past);
            Trace { header: header.from(snapshot), events, complete }
        }
        _ => Trace { header, events, complete },
    }
}

/// Events that are shown at most: so many are gone through ten times a second.
const EVENTS_MAX: usize = 4096;
/// When there are more, these stay.
const EVENTS_KEPT: usize = 3072;

#[cfg(test)]
mod tests {
    use scheduler_model::Model;
    use yew::Reducible as _;

    use super::*;
    use crate::scenarios::tests::{book, flood};
    use crate::session::Action;
    use crate::url::Query;

    fn after(session: &Session, action: Action) -> Session {
        (*Rc::new(session.clone()).reduce(action)).clone()
    }

    fn hears(session: &Session, news: News) -> Session {
        after(session, Action::Hear(news))
    }

    /// A run as a server would tell it: the section, and its events.
    fn told(run: &Run) -> (Rc<Trace>, Vec<Event>) {
        let trace = run.trace();
        let start = Snapshot::new(World::new(&trace.header)).unwrap();
        (Rc::new(Trace::new(trace.header.from(start), Vec::new())), trace.events.clone())
    }

    #[test]
    fn a_server_is_followed_at_its_end_and_looked_at_while_that_stands_still() {
        for model in Model::ALL {
            let (section, events) = told(&Run::simulated(&book(), model));
            let start = after(&Session::new(&Query::default()).0, Action::Follow);
            assert!(start.is_following() && !start.is_recording());
            let mut session = hears(&start, News::Section(section));
            assert_eq!(session.origin(), &Origin::Live);
            for some in events.chunks(7) {
                session = hears(&session, News::Events(some.to_vec()));
                assert!(session.player().is_at_end() && session.is_following());
            }
            assert_eq!(session.player().n_steps(), events.len());
            let back = after(&session, Action::StepBack);
            assert_eq!(back.live_state(), Some(LiveState::Paused));
            assert_eq!(back.player().cursor(), events.len() - 1);
            assert_eq!(hears(&back, News::Events(events.clone())), back, "nobody listens");
            assert!(after(&back, Action::Follow).is_following());
            assert!(!session.can_send());
        }
    }

    #[test]
    fn what_is_long_past_is_dropped_and_the_rest_is_as_it_was() {
        let mut scenario = flood();
        scenario.requests[0].cpu = scheduler_model::scenario::Distribution::Constant(
            scheduler_model::Span::from_micros(20),
        );
        let whole = Run::simulated(&scenario, Model::Spawn);
        let (section, events) = told(&whole);
        let mut session = hears(
            &after(&Session::new(&Query::default()).0, Action::Follow),
            News::Section(section),
        );
        let mut n_told = 0;
        while n_told < 3 * EVENTS_MAX {
            let some: Vec<_> = events.iter().skip(n_told).take(500).copied().collect();
            if some.is_empty() {
                break;
            }
            n_told += some.len();
            session = hears(&session, News::Events(some));
            assert!(session.player().n_steps() <= EVENTS_MAX);
        }
        assert!(n_told > EVENTS_MAX, "{n_told} events");
        let shown = &session.player().runs()[0];
        assert!(shown.violation().is_none());
        let world = whole.world_after(n_told);
        let seen = shown.world_after(usize::MAX);
        assert!(Snapshot::new(world).unwrap() == Snapshot::new(seen).unwrap());
        // Requests that were there before are known, and those that left are not.
        for request in shown.world_after(0).requests() {
            assert_eq!(shown.history().request(request.id).unwrap().arrived, request.arrived);
        }
    }

    #[test]
    fn a_gap_leaves_what_was_seen_until_there_is_more() {
        let (section, events) = told(&Run::simulated(&book(), Model::Pool));
        let start = after(&Session::new(&Query::default()).0, Action::Follow);
        let session = hears(&start, News::Section(Rc::clone(&section)));
        let seen = hears(&session, News::Events(events[..9].to_vec()));
        let gap = hears(&seen, News::Section(section));
        assert_eq!(gap.player(), seen.player());
        let more = hears(&gap, News::Events(events[..3].to_vec()));
        assert_eq!(more.player().n_steps(), 3);
        assert_eq!(hears(&more, News::Over).live_state(), Some(LiveState::Over));
        let broken = hears(&more, News::Events(events[..1].to_vec()));
        assert_eq!(broken.live_state(), Some(LiveState::Lost), "no server says that");
        let elsewhere = after(&more, Action::ChooseScenario(crate::scenarios::Shipped::Book));
        assert_eq!(elsewhere.live_state(), None);
    }
}
