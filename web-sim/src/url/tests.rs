use super::*;
use scheduler_model::scenario::Ranged;

/// A query in which nothing is at its default.
fn full() -> Query {
    Query {
        embed: true,
        resize: Resize::Lti,
        scenario: Some(Shipped::TenSleeps),
        lesson: Some(Lesson::ForkJoin),
        models: vec![Model::Single, Model::Pool],
        step: Some(12),
        changes: Changes {
            seed: Some(7),
            cores: Some(4),
            context_switch: Some(Span::from_nanos(1_250)),
            spawn: Some(Span::from_micros(40)),
            dispatch: Some(Span::ZERO),
            accept: Some(Span::from_nanos(66_825)),
            workers: Some(8),
            queue: Some(QueueBound::Bounded(Ranged::clamped(16))),
            on_full: Some(OnFull::DropOldest),
        },
        sent: vec![sent(1, 5_000_200_000, 1), sent(0, 5_000_200_001, 10)],
        request: Some(RequestId(3)),
        speed: Speed::at(0),
        language: Some(Language::Russian),
        theme: Some(Theme::Dark),
    }
}

fn sent(route: u16, at: u64, count: u32) -> Sent {
    Sent { at: SimTime::from_nanos(at), route: RouteId(route), count }
}

#[test]
fn a_link_means_what_it_was_written_from() {
    let link = full().to_string();
    assert_eq!(
        link,
        "?embed=1&resize=lti&scenario=ten-sleeps&lesson=fork-join&model=single,pool&step=12&seed=7&cores=4\
         &context-switch-us=1.25&spawn-us=40&dispatch-us=0&accept-us=66.825\
         &workers=8&queue=16&on-full=drop-oldest&sent=1@5000200000,0@5000200001x10&request=3&speed=0.25\
         &lang=ru&theme=dark"
    );
    assert_eq!(Query::parse(&link), (full(), Vec::new()));
    assert_eq!(Query::parse(""), (Query::default(), Vec::new()));
    for parameter in Parameter::ALL {
        assert!(parameter.write(&full()).is_some(), "{parameter:?} is not in the full query");
    }
}

#[test]
fn a_link_of_the_first_version_of_the_page_still_opens() {
    let (query, bad) = Query::parse("?scenario=ten-sleeps&model=single,pool&step=12&lang=ru");
    assert_eq!(bad, []);
    assert_eq!((query.scenario, query.step), (Some(Shipped::TenSleeps), Some(12)));
    assert_eq!(query.models, [Model::Single, Model::Pool]);
}

#[test]
fn models_are_repeated_or_listed_and_come_in_the_books_order() {
    let models = |query| Query::parse(query).0.models;
    assert_eq!(models("model=pool&model=single"), [Model::Single, Model::Pool]);
    assert_eq!(models("model=pool%2Cspawn,pool"), [Model::Spawn, Model::Pool]);
}

#[test]
fn a_bad_value_is_named_with_what_is_allowed() {
    let bad = |query: &str| Query::parse(query).1.remove(0);
    let model = bad("model=pool,quantum");
    assert_eq!((model.parameter.name(), model.given.as_str()), ("model", "pool,quantum"));
    assert_eq!(model.allowed, Model::ALL.map(Model::name).join(", "));
    assert_eq!(bad("step=-1").allowed, "0..=4294967295");
    assert_eq!(bad("seed=9223372036854775808").allowed, "0..=9223372036854775807");
    assert_eq!(bad("cores=0").allowed, "1..=256");
    assert_eq!(bad("workers=1025").allowed, "1..=1024");
    assert_eq!(bad("queue=-1").allowed, "0..=1000000, unbounded");
    assert_eq!(bad("on-full=panic").allowed, "reject, wait, drop-oldest");
    for value in ["1", "1@", "@1", "1@-5", "70000@1", "1@1x0", "1@99999999999999999", "1@1,"] {
        assert!(bad(&format!("sent={value}")).allowed.starts_with("ROUTE@NANOSECONDS"), "{value}");
    }
    assert_eq!(bad("speed=3").allowed, "0.25, 0.5, 1, 2, 4, 16, 64, 256, 1024");
    assert_eq!(bad("lang=de").allowed, "en, ru");
    assert_eq!(bad("theme").given, "");
    assert_eq!(bad("embed=yes").allowed, "0, 1");
    assert_eq!(bad("scenario=%D1%8F%zz").given, "я%zz");
}

#[test]
fn a_cost_is_told_in_microseconds_to_the_nanosecond() {
    let cost = |value: &str| Query::parse(&format!("accept-us={value}")).0.changes.accept;
    assert_eq!(cost("66.8"), Some(Span::from_nanos(66_800)));
    assert_eq!(cost("0.001"), Some(Span::from_nanos(1)));
    assert_eq!(cost("1000000"), Some(Span::from_millis(1_000)));
    for bad in ["", ".", "1.", ".5", "-1", "1e3", "1.0000", "1000000.001", "99999999999999999999"] {
        assert_eq!(cost(bad), None, "{bad}");
    }
}

#[test]
fn a_bad_value_leaves_the_others_alone() {
    let (query, bad) = Query::parse("step=x&scenario=flood&utm_source=mail&lang=xx");
    assert_eq!(query.scenario, Some(Shipped::Flood));
    assert_eq!((query.step, query.language, bad.len()), (None, None, 2));
}

#[test]
fn a_huge_value_is_told_in_short() {
    let (_, bad) = Query::parse(&format!("theme={}", "я".repeat(1_000_000)));
    assert_eq!(bad[0].given.chars().count(), GIVEN_CHARS_MAX + 1);
}

#[test]
fn a_lesson_may_be_asked_for_as_a_scenario() {
    let (query, bad) = Query::parse("?scenario=sleep&model=pool");
    assert_eq!((query.scenario, bad), (Some(Shipped::OfLesson(Lesson::Sleep)), vec![]));
    assert_eq!(Query::parse(&query.to_string()).0, query);
    // What is offered by itself comes first.
    assert_eq!(Query::parse("?scenario=flood").0.scenario, Some(Shipped::Flood));
}
