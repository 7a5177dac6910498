//! What the reader does, tested without a browser.

use scheduler_model::scenario::{Load, QueueBound, Ranged};
use scheduler_model::wire::Take;
use scheduler_model::{Outcome, RouteId, SimTime, Span, Trace, World};

use super::future::BRANCHES_MAX;
use super::*;
use crate::annex;
use crate::lessons::Lesson;
use crate::parts::annex::Write;
use crate::scenarios::tests::{book, flood};

#[test]
fn an_action_that_changes_nothing_keeps_the_session() {
    let session = Rc::new(session(&[Model::Single, Model::Spawn]));
    let nothing = [
        Action::StepBack,
        Action::Pause,
        Action::Tick { elapsed_ms: 16.0, glides: true },
        Action::Dismiss,
        Action::Select(None),
        Action::GoToStep(0),
        Action::ChooseBranch(0),
        Action::ChooseBranch(9),
        Action::SetSpeed(Speed::default()),
        Action::Set(Setting::Cores(2)),
    ];
    for action in nothing {
        let after = Rc::clone(&session).reduce(action.clone());
        assert!(Rc::ptr_eq(&after, &session), "{action:?}");
    }
}

#[test]
fn to_the_end_and_back_is_where_it_was() {
    let start = session(&[Model::Single, Model::Spawn]);
    let end = start.then(Action::GoToStep(usize::MAX));
    assert!(end.player().is_at_end());
    let (_, world) = end.player().rows().next().unwrap();
    assert_eq!(world.counts().answered, 3);
    assert_eq!(end.then(Action::GoToStep(0)), start);
}

#[test]
fn a_request_sent_in_the_past_opens_a_branch_and_the_old_future_is_kept() {
    let start = session(&[Model::Single, Model::Spawn]);
    let at = start.then(Action::GoToMoment(SimTime::from_nanos(60_000_000)));
    let sent = at.then(Action::Send { route: RouteId(0), count: 1 });
    assert_eq!(sent.branches().len(), 2);
    assert_eq!(sent.player().moment(), at.player().moment());
    for ((_, old), (_, new)) in at.player().rows().zip(sent.player().rows()) {
        assert_eq!(new.counts().arrived, old.counts().arrived + 1);
    }
    let back = sent.then(Action::ChooseBranch(0)).then(Action::GoToStep(0));
    let digests = |session: &Session| -> Vec<_> {
        session.player().runs().iter().map(|run| run.digest().to_owned()).collect()
    };
    assert_eq!(digests(&back), digests(&start));
    assert_ne!(digests(&sent), digests(&start));
}

#[test]
fn what_happened_before_a_request_was_sent_stays_as_it_was() {
    let mut scenario = book();
    scenario.load = Load::Open {
        rate_per_s: 40.0,
        requests: 30,
        mix: vec![(RouteId(0), 0.7), (RouteId(1), 0.3)],
    };
    let start = Session::of(as_shipped(Shipped::Book), scenario, vec![Model::Pool]);
    let at = start.then(Action::GoToStep(60));
    let sent = at.then(Action::Send { route: RouteId(1), count: 3 });
    let prefix = |session: &Session| session.player().runs()[0].events()[..60].to_vec();
    assert_eq!(prefix(&sent), prefix(&start));
    assert_eq!(sent.player().runs()[0].history().requests().len(), 33);
}

#[test]
fn a_request_sent_at_the_end_keeps_one_branch_growing() {
    let start = session(&[Model::Pool]).then(Action::GoToStep(usize::MAX));
    let once = start.then(Action::Send { route: RouteId(0), count: 1 });
    let twice =
        once.then(Action::GoToStep(usize::MAX)).then(Action::Send { route: RouteId(0), count: 10 });
    assert_eq!(twice.branches().len(), 2);
    assert_eq!(twice.player().runs()[0].history().requests().len(), 14);
}

#[test]
fn a_slider_that_is_dragged_opens_one_branch() {
    let mut session = session(&[Model::Pool]);
    for workers in [3, 2, 1] {
        session = session.then(Action::Set(Setting::Workers(workers)));
    }
    assert_eq!(session.branches().len(), 2);
    assert_eq!(session.scenario().server.workers.get(), 1);
}

#[test]
fn no_more_branches_are_kept_than_can_be_shown() {
    let mut session = session(&[Model::Pool]);
    for _ in 0..20 {
        session =
            session.then(Action::GoToStep(4)).then(Action::Send { route: RouteId(0), count: 1 });
    }
    assert_eq!(session.branches().len(), BRANCHES_MAX);
    assert_eq!(session.branches()[0].cause(), Cause::Opened);
}

#[test]
fn the_last_model_cannot_be_hidden() {
    let session = session(&[Model::Single, Model::Pool]);
    let one = session.then(Action::ToggleModel(Model::Single));
    assert_eq!(one.models(), [Model::Pool]);
    assert_eq!(one.then(Action::ToggleModel(Model::Pool)), one);
    assert_eq!(one.then(Action::ToggleModel(Model::Spawn)).models(), [Model::Spawn, Model::Pool]);
}

#[test]
fn playing_goes_to_the_end_and_stops_and_starts_again_from_the_beginning() {
    let mut session = session(&[Model::Spawn]).then(Action::Play);
    for _ in 0..10_000 {
        session = session.then(Action::Tick { elapsed_ms: 50.0, glides: true });
    }
    assert!(!session.is_playing() && session.player().is_at_end());
    let again = session.then(Action::Play);
    assert!(again.is_playing());
    assert_eq!(again.player().cursor(), 0);
}

#[test]
fn a_file_is_read_until_it_fails_and_what_was_there_stays() {
    let start = session(&[Model::Pool]).then(Action::GoToStep(5));
    let reading = start.then(Action::Read { name: "x.jsonl".to_owned(), n_events: 100 });
    assert_eq!(reading.reading(), Some(("x.jsonl", 100)));
    let bad = reading.then(Action::Fail("x.jsonl:1: no trace".to_owned()));
    assert_eq!(bad.failure(), Some("x.jsonl:1: no trace"));
    assert_eq!(bad.then(Action::Dismiss), start);
}

#[test]
fn a_saved_trace_opens_as_it_was_and_is_only_looked_at() {
    let start = session(&[Model::Pool]);
    let question = Write { trace: start.player().runs()[0].trace().clone() };
    let file = Vec::<u8>::from_wire(&annex::asked(&question)).unwrap();
    let trace = Trace::read("book.jsonl", file.as_slice()).unwrap();
    let conformance = Rc::new(annex::judge(&trace));
    let run = Rc::new(Run::new(trace));
    let opened = start.then(Action::Open { name: "book.jsonl".to_owned(), run, conformance });
    assert_eq!(opened.failure(), None);
    assert_eq!(opened.player().runs()[0].digest(), start.player().runs()[0].digest());
    let Origin::Trace { conformance, recorded: false, .. } = opened.origin() else {
        panic!("{:?}", opened.origin());
    };
    assert_eq!(conformance.difference, None);
    assert!(!opened.can_send());
    for action in [
        Action::Send { route: RouteId(0), count: 1 },
        Action::Set(Setting::Cores(9)),
        Action::ToggleModel(Model::Spawn),
    ] {
        assert_eq!(opened.then(action), opened);
    }
}

#[test]
fn the_next_moment_of_a_request_changes_something_for_it() {
    let mut session = session(&[Model::Single]);
    let mut moments = 0;
    while let after = session.then(Action::GoToNextOf(RequestId(2)))
        && after != session
    {
        session = after;
        moments += 1;
    }
    assert!((3..8).contains(&moments), "{moments}");
    let life = session.player().runs()[0].history().request(RequestId(2)).unwrap().clone();
    assert_eq!(life.end.map(|(by, ..)| by + 1), Some(session.player().cursor()));
    assert_eq!(life.end.and_then(|(.., how)| how), Some(Outcome::Answered));
}

#[test]
fn the_first_difference_is_about_the_request_that_waits_in_one_model_only() {
    let session = session(&[Model::Single, Model::Spawn]).then(Action::GoToFirstDifference);
    assert_eq!(session.selected(), Some(RequestId(2)));
    let waits = |world: &World| world.request(RequestId(2)).unwrap().started.is_none();
    let worlds: Vec<_> = session.player().rows().map(|(_, world)| Rc::clone(world)).collect();
    assert!(waits(&worlds[0]));
    assert_eq!(worlds[1].request(RequestId(2)).unwrap().waited, Some(false));
}

#[test]
fn a_thousand_threads_are_stepped_through_without_a_word() {
    let session = Session::of(as_shipped(Shipped::Flood), flood(), vec![Model::Spawn, Model::Pool]);
    let end = session.then(Action::GoToStep(usize::MAX));
    assert!(end.player().cursor() > 3_000);
    assert_eq!(end.then(Action::StepBack).player().cursor() + 1, end.player().cursor());
}

fn as_shipped(shipped: Shipped) -> Origin {
    let costs = Costs::of(&shipped.load().0.machine);
    Origin::Shipped { shipped, shortened: None, changes: Changes::default(), costs }
}

fn session(models: &[Model]) -> Session {
    Session::of(as_shipped(Shipped::Book), book(), models.to_vec())
}

impl Session {
    fn then(&self, action: Action) -> Self {
        self.after(action).unwrap_or_else(|| self.clone())
    }
}

#[test]
fn a_link_opens_the_future_it_was_made_in_at_its_moment() {
    let query = "?scenario=book&model=spawn,pool&workers=1&cores=1&seed=5";
    let (opened, bad) = Session::new(&Query::parse(query).0);
    assert_eq!(bad, []);
    let there = opened
        .then(Action::Set(Setting::Queue(QueueBound::Bounded(Ranged::clamped(2)))))
        .then(Action::GoToStep(9))
        .then(Action::Send { route: RouteId(1), count: 1 })
        .then(Action::Send { route: RouteId(1), count: 10 })
        .then(Action::GoToMoment(SimTime::from_nanos(400_000_000)))
        .then(Action::Send { route: RouteId(0), count: 1 })
        .then(Action::Select(Some(RequestId(2))))
        .then(Action::SetSpeed(Speed::at(4)));
    let link = there.link().unwrap();
    assert!(link.to_string().contains("x11,"), "{link}: what was sent at one moment is one");
    assert_eq!(link.changes.workers, Some(1), "what the first link changed stays changed");
    let (query, bad) = Query::parse(&link.to_string());
    assert_eq!(bad, []);
    let (back, bad) = Session::new(&query);
    assert_eq!(bad, []);
    assert_eq!(back.link(), Some(link));
    let worlds = |session: &Session| -> Vec<String> {
        session.player().rows().map(|(_, world)| format!("{world:?}")).collect()
    };
    assert_eq!(worlds(&back), worlds(&there));
    let digest = |session: &Session| session.player().runs()[1].digest().to_owned();
    assert_eq!(digest(&back), digest(&there));
    assert_eq!(back.branches().len(), 2, "the future without what was sent is kept");
}

#[test]
fn requests_sent_into_an_open_load_are_in_its_link() {
    let (opened, _) = Session::new(&Query::parse("?scenario=mm4").0);
    let there =
        opened.then(Action::GoToStep(500)).then(Action::Send { route: RouteId(0), count: 3 });
    let (back, _) = Session::new(&Query::parse(&there.link().unwrap().to_string()).0);
    assert_eq!(back.player().runs()[0].digest(), there.player().runs()[0].digest());
}

#[test]
fn what_cannot_be_sent_is_told_and_the_rest_of_the_address_holds() {
    for (query, allowed) in [
        ("?scenario=book&sent=0@5,9@5&step=3", "routes 0..=1, at most 100000 requests in all"),
        ("?scenario=book&sent=0@5x100000&step=3", "routes 0..=1, at most 100000 requests in all"),
        ("?scenario=closed&sent=0@5&step=3", "nothing: these clients ask when they are answered"),
    ] {
        let (session, bad) = Session::new(&Query::parse(query).0);
        assert_eq!((bad.len(), bad[0].allowed.as_str()), (1, allowed), "{query}");
        assert_eq!(session.player().cursor(), 3, "{query}");
    }
}

#[test]
fn an_address_that_asks_about_a_request_nobody_makes_asks_about_none() {
    assert_eq!(Session::new(&Query::parse("?request=77").0).0.selected(), None);
    assert_eq!(Session::new(&Query::parse("?request=2").0).0.selected(), Some(RequestId(2)));
}

#[test]
fn a_lesson_opens_with_its_models_where_it_begins() {
    let shutdown = lesson(Lesson::Shutdown);
    assert_eq!(shutdown.lesson(), Some(Lesson::Shutdown));
    assert_eq!(shutdown.models(), Lesson::Shutdown.stop().models);
    assert_eq!(Some(shutdown.player().moment()), Lesson::Shutdown.stop().begins);
    let (asked, _) = Session::new(&Query { step: Some(0), ..query(Lesson::Shutdown) });
    assert_eq!(asked.player().cursor(), 0);
    let back = Session::new(&asked.link().unwrap()).0;
    assert_eq!((back.lesson(), back.player().cursor()), (Some(Lesson::Shutdown), 0));
    assert_eq!(shutdown.link().unwrap().to_string(), "?lesson=shutdown&model=pool");
}

#[test]
fn a_prediction_is_said_once_and_told_at_the_end_for_good() {
    let asking = lesson(Lesson::Sleep);
    assert!(asking.is_untold());
    assert!(asking.after(Action::Predict(3)).is_none(), "there are three answers");
    let said = asking.after(Action::Predict(1)).unwrap();
    assert_eq!(said.prediction(), Some(Prediction { answer: 1, is_told: false }));
    assert!(said.after(Action::Predict(2)).is_none(), "said is said");
    let told = said.after(Action::GoToStep(usize::MAX)).unwrap();
    assert!(!told.is_untold());
    let again = told.after(Action::GoToStep(0)).unwrap();
    assert_eq!(again.prediction(), Some(Prediction { answer: 1, is_told: true }));
    let anew = again.after(Action::ChooseScenario(Shipped::OfLesson(Lesson::Sleep))).unwrap();
    assert_eq!(anew.prediction(), None);
}

#[test]
fn whoever_has_seen_the_end_may_still_predict() {
    let seen = lesson(Lesson::Flood).after(Action::GoToStep(usize::MAX)).unwrap();
    assert!(seen.is_untold());
    assert!(!seen.after(Action::Predict(0)).unwrap().is_untold());
}

#[test]
fn without_a_lesson_there_is_nothing_to_predict() {
    let (book, _) = Session::new(&Query::default());
    assert!(book.after(Action::Predict(0)).is_none());
    assert!(!book.is_untold() && book.offers_lessons());
}

fn lesson(lesson: Lesson) -> Session {
    Session::new(&query(lesson)).0
}

fn query(lesson: Lesson) -> Query {
    Query { lesson: Some(lesson), ..Query::default() }
}

#[test]
fn a_link_sets_what_the_computer_costs_and_the_scenarios_own_costs_are_a_click_away() {
    let opened = Session::new(&Query::parse("?model=spawn&spawn-us=40&accept-us=66.825").0).0;
    let own = opened.own_costs().unwrap();
    let linked = Costs { spawn: Span::from_micros(40), accept: Span::from_nanos(66_825), ..own };
    let of = |session: &Session| Costs::of(&session.scenario().machine);
    assert!(opened.opened_with_costs());
    assert_eq!(of(&opened), linked);
    let slower = Costs { context_switch: Span::from_micros(5), ..linked };
    let set = opened.then(Action::Set(Setting::Costs(slower)));
    assert_eq!((of(&set), set.branches().len()), (slower, 2));
    let link = set.link().unwrap().to_string();
    assert_eq!(of(&Session::new(&Query::parse(&link).0).0), slower, "{link}");
    let back = set.then(Action::Set(Setting::Costs(own)));
    assert_eq!((of(&back), back.opened_with_costs()), (own, true));
    assert!(!session(&[Model::Spawn]).opened_with_costs());
}

#[test]
fn what_another_server_would_have_done_stands_beside_a_trace_until_it_is_put_away() {
    let run = Run::simulated(&book(), Model::Single);
    let would = Run::what_if(Run::simulated(&book(), Model::Pool).trace().clone());
    let judgement = Rc::new(annex::judge(run.trace()));
    let start = session(&[Model::Spawn]);
    assert_eq!(start.then(Action::Beside(Rc::clone(&would))).beside(), None, "no trace is open");
    let name = "run.jsonl".to_owned();
    let open = start.then(Action::Open { name, run, conformance: judgement });
    let moment = SimTime::from_nanos(110_000_000);
    let there = open.then(Action::GoToMoment(moment));
    let beside = there.then(Action::Beside(Rc::clone(&would)));
    assert_eq!(beside.beside(), Some(would.scenario().server));
    assert_eq!((beside.player().runs().len(), beside.player().moment()), (2, moment));
    assert_eq!(beside.player().first_difference().unwrap().0, RequestId(2));
    let other = Run::what_if(Run::simulated(&book(), Model::Async).trace().clone());
    let instead = beside.then(Action::Beside(other));
    assert_eq!(instead.player().runs().len(), 2);
    let alone = instead.then(Action::Alone);
    assert_eq!((alone.beside(), alone.player().runs().len()), (None, 1));
    assert_eq!(alone.player().cursor(), there.player().cursor());
}
