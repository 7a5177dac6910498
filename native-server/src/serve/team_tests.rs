//! What a [`Team`] tells its threads. Apart from it, which a model checker's tests compile with threads
//! of its own.

use std::thread::{self, Thread};
use std::time::Duration;

use scheduler_model::{SimTime, WorkerId};

use super::team::{BEGUN_WITHOUT_LEAD_MAX, Next, Seen, TICK_MAX, Team, WITHOUT_LEAD_MAX, Watch};

/// A thread that sleeps until it is asked to end.
fn threads<const N: usize>() -> [Thread; N] {
    // Only who they are matters: they may have ended.
    std::array::from_fn(|_| thread::spawn(|| ()).thread().clone())
}

fn team(n_assigned: u32) -> Team<u32> {
    let mut team = Team::new(2);
    assign(&mut team, 0..n_assigned);
    team
}

fn assign(team: &mut Team<u32>, jobs: std::ops::Range<u32>) {
    for job in jobs {
        team.assign(WorkerId::from_index(job as usize), job);
    }
}

/// What a thread does next while no time passes.
fn look(team: &mut Team<u32>, me: &Thread) -> Next<u32> {
    team.look(me, SimTime::ZERO)
}

fn taken(next: &Next<u32>) -> Option<u32> {
    match next {
        Next::Take(_, job) => Some(*job),
        Next::Lead | Next::Rest => None,
    }
}

#[test]
fn whoever_finds_nothing_leads_and_the_next_one_rests() {
    let [a, b] = threads();
    let mut team = team(0);
    assert_eq!(look(&mut team, &a), Next::Lead);
    assert_eq!(look(&mut team, &b), Next::Rest);
    team.give_up_lead(None);
    assert_eq!(look(&mut team, &a), Next::Lead);
}

#[test]
fn assignments_are_begun_in_their_order_by_whoever_comes() {
    let [a, b] = threads();
    let mut team = team(2);
    let order = [&a, &b].map(|thread| taken(&look(&mut team, thread)));
    assert_eq!(order, [Some(0), Some(1)]);
    assign(&mut team, 2..4);
    let order = [&b, &b].map(|thread| taken(&look(&mut team, thread)));
    assert_eq!(order, [Some(2), Some(3)], "a thread has no worker of its own");
}

#[test]
fn one_more_is_woken_when_what_waits_is_worth_it_and_one_at_a_time() {
    let [a, b, c] = threads();
    let mut team = team(0);
    assert_eq!(
        [look(&mut team, &a), look(&mut team, &b), look(&mut team, &c)],
        [Next::Lead, Next::Rest, Next::Rest]
    );
    team.give_up_lead(None);
    assign(&mut team, 0..3);
    let [short, long] = [5, 30].map(Duration::from_micros);
    assert_eq!(taken(&look(&mut team, &a)), Some(0));
    assert!(team.whom_to_wake(0, short).follower.is_none(), "two times 5 µs");
    assert!(team.whom_to_wake(8, short).follower.is_some(), "ten times 5 µs");
    assert!(team.whom_to_wake(8, long).follower.is_none(), "that one has not looked yet");
    team.rise(&c);
    assert_eq!(taken(&look(&mut team, &c)), Some(1));
    assert!(team.whom_to_wake(8, long).follower.is_none(), "two cores, and two that compute");
    assert!(team.whom_to_wake(0, TICK_MAX).follower.is_some(), "such services probably sleep");
}

#[test]
fn a_thread_that_wakes_up_by_itself_does_not_stand_for_the_one_that_was_woken() {
    let [a, b, c, d] = threads();
    let mut team = team(0);
    for thread in [&a, &b, &c, &d] {
        look(&mut team, thread);
    }
    assign(&mut team, 0..2);
    let woken = team.whom_to_wake(0, TICK_MAX).follower.expect("it is worth it");
    assert_eq!(woken.id(), d.id(), "the latest to rest");
    team.rise(&b);
    let woken = team.whom_to_wake(0, TICK_MAX).follower;
    assert!(woken.is_none(), "the other one is still on its way");
    team.rise(&d);
    let woken = team.whom_to_wake(0, TICK_MAX).follower.expect("it has looked");
    assert_eq!(woken.id(), c.id());
}

#[test]
fn a_handler_that_sleeps_has_the_lead_taken_over() {
    let [a, b, watcher] = threads();
    let mut team = team(0);
    team.set_watcher(watcher);
    assert_eq!([look(&mut team, &a), look(&mut team, &b)], [Next::Lead, Next::Rest]);
    assign(&mut team, 0..1);
    team.give_up_lead(None);
    assert_eq!(taken(&look(&mut team, &a)), Some(0));
    assert_eq!(team.blocks().follower.map(|thread| thread.id()), Some(b.id()));
    team.rise(&b);
    assert_eq!(look(&mut team, &b), Next::Lead);
    assert!(team.blocks().follower.is_none(), "somebody leads, and nothing is assigned");
}

#[test]
fn when_every_handler_sleeps_the_watcher_leads_at_once() {
    let [a, watcher] = threads();
    let mut team = team(1);
    team.set_watcher(watcher);
    assert_eq!(taken(&look(&mut team, &a)), Some(0));
    assert!(team.blocks().watcher.is_some());
    assert!(matches!(team.watch(&mut Seen::default()), Watch::Lead));
    assert_eq!(look(&mut team, &a), Next::Rest, "who comes back meanwhile");
    assign(&mut team, 1..2);
    assert!(team.pass_lead_on(None).follower.is_some(), "and does it from here on");
}

#[test]
fn the_watcher_finds_what_waited_from_one_look_to_the_next() {
    let [a, b] = threads();
    let mut team = team(0);
    let mut seen = Seen::default();
    assert_eq!([look(&mut team, &a), look(&mut team, &b)], [Next::Lead, Next::Rest]);
    assign(&mut team, 0..2);
    team.give_up_lead(None);
    assert_eq!(taken(&look(&mut team, &a)), Some(0));
    assert!(matches!(team.watch(&mut seen), Watch::Tick), "it has begun just now");
    assert!(matches!(team.watch(&mut seen), Watch::Wake(thread) if thread.id() == b.id()));
    team.rise(&b);
    assert_eq!(taken(&look(&mut team, &b)), Some(1));
    assert!(matches!(team.watch(&mut seen), Watch::Lead), "nobody rests, and nobody leads");
}

#[test]
fn the_watcher_rests_while_nothing_happens_until_the_lead_is_given_up() {
    let [a, watcher] = threads();
    let mut team = team(0);
    team.set_watcher(watcher);
    look(&mut team, &a);
    let mut seen = Seen::default();
    while !matches!(team.watch(&mut seen), Watch::Rest) {}
    assert!(team.whom_to_wake(0, TICK_MAX).watcher.is_none(), "somebody leads");
    team.give_up_lead(None);
    assign(&mut team, 0..1);
    assert_eq!(taken(&look(&mut team, &a)), Some(0));
    assert!(team.whom_to_wake(0, TICK_MAX).watcher.is_some());
    assert!(team.whom_to_wake(0, TICK_MAX).watcher.is_none(), "once is enough");
}

#[test]
fn the_kernel_is_asked_now_and_then_however_much_is_assigned() {
    let [a] = threads();
    let mut team = team(200);
    for job in 0..BEGUN_WITHOUT_LEAD_MAX {
        assert_eq!(taken(&look(&mut team, &a)).map(u64::from), Some(job));
    }
    assert_eq!(look(&mut team, &a), Next::Lead);
    assert!(team.has_assigned());
}

#[test]
fn the_kernel_is_asked_now_and_then_however_long_tasks_take() {
    let [a] = threads();
    let mut team = team(4);
    let mut now = SimTime::ZERO;
    assert_eq!(taken(&team.look(&a, now)), Some(0));
    now += WITHOUT_LEAD_MAX;
    assert_eq!(team.look(&a, now), Next::Lead);
    team.give_up_lead(None);
    assert_eq!(taken(&team.look(&a, now)), Some(1), "it has been asked just now");
}
