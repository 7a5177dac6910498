//! Stories of servers with kept connections, as the real one has them and the simulation does not:
//! each says what happens and, indented, what is decided on it.
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/story.rs"]
mod story;

use scheduler_model::scenario::{OnFull, QueueBound, Ranged, Server};
use scheduler_model::{Ending, Model, RequestId, Stimulus, Timer};
use story::{Story, connection_id, worker_id};

/// A pool of two with this many places in its queue.
fn pool(queue: u64, on_full: OnFull) -> Story {
    Story::new(Server {
        workers: Ranged::clamped(2),
        queue: QueueBound::Bounded(Ranged::clamped(queue)),
        on_full,
        ..Server::new(Model::Pool)
    })
}

/// A thread for each connection, two at most.
fn spawn() -> Story {
    Story::new(Server { threads_max: Ranged::clamped(2), ..Server::new(Model::Spawn) })
}

fn single() -> Story {
    Story::new(Server::new(Model::Single))
}

/// One loop.
fn event_loop() -> Story {
    Story::new(Server::new(Model::Async))
}

/// Two workers that steal from each other.
fn fork_join() -> Story {
    Story::new(Server { workers: Ranged::clamped(2), ..Server::new(Model::ForkJoin) })
}

/// Both workers run; connections 3 and 4 are open.
fn busy(mut story: Story) -> Story {
    story.opened(1).opened(2).opened(3).opened(4).arrived(1, 1).arrived(2, 2);
    story
}

/// Reviewed like code: a story that is told otherwise is another scheduler.
macro_rules! told {
    ($story:expr) => {
        insta::with_settings!({
            snapshot_path => "snapshots/stories",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, { insta::assert_snapshot!($story.told()) })
    };
}

#[test]
fn the_worker_that_notices_a_request_keeps_it_if_it_is_free() {
    let mut story = pool(4, OnFull::Reject);
    story.opened(1).seen(1, 1, 2).finished(1, 2, Ending::KeepAlive).seen(2, 1, 2);
    story.opened(2).seen(3, 2, 2);
    told!(story);
}

#[test]
fn a_worker_that_is_through_takes_the_oldest_before_a_newer_one_may_queue() {
    let mut story = busy(pool(2, OnFull::Reject));
    story.arrived(3, 3).arrived(4, 4);
    assert_eq!(story.scheduler().backlog(), 2);
    story.finished(1, 1, Ending::KeepAlive).seen(5, 1, 1);
    story.finished(2, 2, Ending::Close).finished(3, 1, Ending::KeepAlive);
    told!(story);
}

#[test]
fn a_full_queue_turns_the_arrival_away_and_its_connection_with_it() {
    let mut story = busy(pool(1, OnFull::Reject));
    story.arrived(3, 3).arrived(4, 4).opened(4);
    told!(story);
}

#[test]
fn a_full_queue_drops_its_oldest() {
    let mut story = busy(pool(1, OnFull::DropOldest));
    story.arrived(3, 3).arrived(4, 4).finished(1, 1, Ending::Close);
    told!(story);
}

#[test]
fn a_queue_without_places_has_no_oldest_to_drop() {
    let mut story = busy(pool(0, OnFull::DropOldest));
    story.arrived(3, 3);
    told!(story);
}

#[test]
fn a_full_queue_that_waits_takes_nothing_until_there_is_room() {
    let mut story = busy(pool(1, OnFull::Wait));
    assert!(story.scheduler().is_accepting());
    story.arrived(3, 3);
    assert!(!story.scheduler().is_accepting());
    story.finished(1, 1, Ending::KeepAlive);
    assert!(story.scheduler().is_accepting());
    told!(story);
}

#[test]
fn a_pool_that_waits_without_a_queue_takes_nothing_while_nobody_is_idle() {
    let mut story = busy(pool(0, OnFull::Wait));
    story.finished(2, 2, Ending::Close);
    told!(story);
}

#[test]
fn a_client_that_leaves_the_queue_leaves_room() {
    let mut story = busy(pool(1, OnFull::Wait));
    story.arrived(3, 3).peer_closed(3).arrived(4, 4).finished(1, 1, Ending::Close);
    told!(story);
}

#[test]
fn a_client_that_leaves_its_worker_is_run_for_nobody_and_the_worker_goes_on() {
    let mut story = busy(pool(1, OnFull::Reject));
    story.arrived(3, 3).peer_closed(2).finished(2, 2, Ending::KeepAlive);
    story.finished(1, 1, Ending::Close).finished(3, 2, Ending::Close);
    told!(story);
}

#[test]
fn a_turn_without_a_request_is_a_turn() {
    let mut story = busy(pool(4, OnFull::Reject));
    story.finished(1, 1, Ending::Empty).arrived(3, 1).finished(3, 1, Ending::Incomplete);
    story.arrived(4, 1).finished(4, 1, Ending::Gone).opened(1).expired(1);
    told!(story);
}

#[test]
fn a_panic_costs_its_request_and_no_worker() {
    let mut story = busy(pool(4, OnFull::Reject));
    story.arrived(3, 3).tell(Stimulus::TaskPanicked {
        request: RequestId(1),
        worker: worker_id(1),
        ending: Ending::Close,
    });
    story.tell(Stimulus::TaskPanicked {
        request: RequestId(2),
        worker: worker_id(2),
        ending: Ending::KeepAlive,
    });
    story.arrived(4, 2);
    told!(story);
}

#[test]
fn a_sleep_is_heard_and_changes_nothing() {
    let mut story = busy(pool(4, OnFull::Reject));
    let (request, worker) = (RequestId(1), worker_id(1));
    story.tell(Stimulus::TaskBlocked { request, worker, route: None });
    story.tell(Stimulus::TaskWoke { request, worker }).finished(1, 1, Ending::KeepAlive);
    told!(story);
}

#[test]
fn a_worker_that_dies_is_replaced_as_often_as_it_takes() {
    let mut story = busy(pool(4, OnFull::Reject));
    story.arrived(3, 3).died(1).spawn_failed(1).ms(99);
    story.ms(1).due(Timer::SpawnRetry).started(1).finished(3, 1, Ending::Close).died(1).started(1);
    told!(story);
}

#[test]
fn a_refused_accept_is_tried_again_after_a_while() {
    let mut story = pool(4, OnFull::Reject);
    story.tell(Stimulus::AcceptFailed).ms(50).due(Timer::AcceptRetry);
    told!(story);
}

#[test]
fn a_pool_that_shrinks_ends_the_idle_at_once_and_the_busy_when_they_are_through() {
    let mut story = pool(4, OnFull::Reject);
    story.resized(4).started(3).started(4);
    story.opened(1).opened(2).arrived(1, 1).arrived(2, 2).resized(1);
    story.finished(1, 1, Ending::KeepAlive).finished(2, 2, Ending::KeepAlive).resized(2).started(1);
    told!(story);
}

#[test]
fn a_worker_that_is_started_for_a_pool_that_has_shrunk_since_ends() {
    let mut story = pool(4, OnFull::Reject);
    story.opened(1).opened(2).arrived(1, 1).arrived(2, 2).resized(3).resized(1).started(3);
    story.finished(2, 2, Ending::Close).finished(1, 1, Ending::Close).resized(1);
    told!(story);
}

#[test]
fn a_drain_closes_what_is_between_requests_and_waits_for_what_has_begun() {
    let mut story = busy(pool(4, OnFull::Reject));
    story.arrived(3, 3).arrived(4, 4).finished(1, 1, Ending::Incomplete);
    assert!(!story.scheduler().is_draining());
    story.drain(1_000).ms(1);
    assert!(story.scheduler().is_draining() && !story.scheduler().is_drained());
    story.finished(2, 2, Ending::KeepAlive).finished(3, 1, Ending::KeepAlive);
    story.arrived(5, 1).finished(4, 2, Ending::Close);
    assert!(!story.scheduler().is_drained());
    story.finished(5, 1, Ending::KeepAlive);
    assert!(story.scheduler().is_drained() && !story.scheduler().is_accepting());
    told!(story);
}

#[test]
fn a_drain_takes_no_new_request() {
    let mut story = pool(4, OnFull::Reject);
    story.opened(1).arrived(1, 1).drain(1_000).opened(2).arrived(2, 2);
    told!(story);
}

#[test]
fn a_drain_of_an_idle_pool_is_over_at_once() {
    let mut story = pool(4, OnFull::Reject);
    story.opened(1).drain(0);
    told!(story);
}

#[test]
fn the_deadline_of_a_drain_gives_up_what_is_left() {
    let mut story = busy(pool(4, OnFull::Reject));
    story.arrived(3, 3).finished(1, 1, Ending::Incomplete).drain(20).ms(20);
    story.due(Timer::DrainDeadline).finished(2, 2, Ending::Close).finished(3, 1, Ending::Close);
    told!(story);
}

#[test]
fn a_worker_that_dies_in_a_drain_is_replaced_while_somebody_waits_for_it() {
    let mut story = busy(pool(4, OnFull::Reject));
    story.arrived(3, 3).drain(1_000).died(1).started(1).finished(2, 2, Ending::Close);
    story.finished(3, 1, Ending::Close);
    told!(story);
}

#[test]
fn a_worker_that_is_started_after_a_drain_ends() {
    let mut story = pool(4, OnFull::Reject);
    story.resized(3).drain(1_000).started(3).resized(4);
    told!(story);
}

#[test]
fn jobs_of_a_program_have_no_connection() {
    let mut story = pool(1, OnFull::Reject);
    story.job(1).job(2).job(3).job(4).finished(1, 1, Ending::KeepAlive).drain(1_000);
    story.job(5).finished(2, 2, Ending::Close).finished(3, 1, Ending::Close);
    told!(story);
}

#[test]
fn single_takes_one_at_a_time_and_no_resize_changes_that() {
    let mut story = single();
    story.opened(1).resized(8).arrived(1, 1).finished(1, 1, Ending::Close);
    assert_eq!(story.scheduler().backlog(), 0);
    told!(story);
}

#[test]
fn spawn_starts_a_thread_for_the_first_request_and_keeps_it_for_the_connection() {
    let mut story = spawn();
    story.opened(1).arrived(1, 1).started(1).finished(1, 1, Ending::KeepAlive).arrived(2, 1);
    assert_eq!(story.scheduler().backlog(), 0);
    story.finished(2, 1, Ending::Empty).arrived(3, 1).finished(3, 1, Ending::Close);
    told!(story);
}

#[test]
fn spawn_turns_away_what_no_thread_can_be_had_for() {
    let mut story = spawn();
    story.opened(1).opened(2).opened(3).arrived(1, 1).arrived(2, 2).arrived(3, 3);
    story.spawn_failed(1).started(2).opened(1).arrived(4, 1).resized(9);
    told!(story);
}

#[test]
fn spawn_ends_a_thread_whose_client_leaves_when_it_has_nothing_to_do() {
    let mut story = spawn();
    story.opened(1).opened(2).arrived(1, 1).arrived(2, 2);
    // One leaves while its thread is being started, one while it runs, one between requests.
    story.peer_closed(1).started(1).started(2).peer_closed(2).finished(2, 2, Ending::KeepAlive);
    story.opened(1).arrived(3, 1).started(1).finished(3, 1, Ending::KeepAlive).peer_closed(1);
    told!(story);
}

#[test]
fn spawn_ends_a_thread_whose_connection_runs_out() {
    let mut story = spawn();
    story.opened(1).opened(2).expired(2).arrived(1, 1).started(1);
    story.finished(1, 1, Ending::KeepAlive).expired(1);
    told!(story);
}

#[test]
fn spawn_forgets_a_thread_that_could_not_be_had_for_a_client_that_left() {
    let mut story = spawn();
    story.opened(1).arrived(1, 1).peer_closed(1).spawn_failed(1).opened(1).arrived(2, 1);
    told!(story);
}

#[test]
fn spawn_fails_the_request_of_a_thread_that_dies_and_closes_the_connection_of_one_that_waits() {
    let mut story = spawn();
    story.opened(1).arrived(1, 1).started(1).died(1);
    story.opened(1).arrived(2, 1).started(1).finished(2, 1, Ending::KeepAlive).died(1);
    story.opened(1).arrived(3, 1).started(1).peer_closed(1).died(1).drain(1_000);
    told!(story);
}

#[test]
fn spawn_ends_in_a_drain_what_waits_and_gives_up_the_rest_at_the_deadline() {
    let mut story = spawn();
    story.opened(1).opened(2).arrived(1, 1).arrived(2, 2).started(1);
    story.finished(1, 1, Ending::KeepAlive).drain(20).ms(20).due(Timer::DrainDeadline).started(2);
    told!(story);
}

#[test]
fn spawn_gives_up_at_the_deadline_what_runs() {
    let mut story = spawn();
    story.opened(1).arrived(1, 1).started(1).drain(20).ms(20).due(Timer::DrainDeadline);
    story.finished(1, 1, Ending::Close);
    told!(story);
}

#[test]
fn spawn_waits_in_a_drain_for_a_request_that_has_begun_and_starts_a_thread_for_its_rest() {
    let mut story = spawn();
    story.opened(1).opened(2).arrived(1, 1).started(1).finished(1, 1, Ending::Incomplete);
    story.drain(1_000).arrived(2, 1).started(1).finished(2, 1, Ending::KeepAlive);
    told!(story);
}

#[test]
fn spawn_runs_a_job_on_a_thread_of_its_own() {
    let mut story = spawn();
    story.job(1).started(1).job(2).finished(1, 1, Ending::KeepAlive).started(2).drain(1_000);
    story.job(3).finished(2, 2, Ending::Close);
    told!(story);
}

#[test]
fn numbers_of_connections_are_used_again_the_lowest_first() {
    let mut story = pool(4, OnFull::Reject);
    story.opened(1).opened(2).opened(3).peer_closed(2).peer_closed(1);
    assert_eq!(story.scheduler().next_connection(), connection_id(1));
    story.opened(1);
    assert_eq!(story.scheduler().next_connection(), connection_id(2));
    told!(story);
}

#[test]
fn a_loop_runs_one_after_the_other_and_a_sleep_leaves_it_to_the_next() {
    let mut story = event_loop();
    story.opened(1).opened(2).arrived(1, 1).arrived(2, 2);
    assert_eq!(story.scheduler().backlog(), 1);
    story.blocked(1, 1).woke(1, 1).finished(2, 1, Ending::KeepAlive);
    story.finished(1, 1, Ending::KeepAlive).arrived(3, 2).blocked(3, 1).woke(3, 1);
    told!(story);
}

#[test]
fn a_loop_ends_a_request_that_needs_no_turn_after_its_sleep() {
    let mut story = event_loop();
    story.opened(1).opened(2).arrived(1, 1).blocked(1, 1).arrived(2, 2);
    story.finished(1, 1, Ending::KeepAlive).finished(2, 1, Ending::Close);
    told!(story);
}

#[test]
fn a_client_leaves_a_loop_while_it_sleeps_waits_or_runs() {
    let mut story = event_loop();
    story.opened(1).opened(2).opened(3).arrived(1, 1).blocked(1, 1).arrived(2, 2).arrived(3, 3);
    story.peer_closed(1).peer_closed(3).peer_closed(2).finished(2, 1, Ending::Close);
    story.opened(1).arrived(4, 1).peer_closed(1).blocked(4, 1).opened(1).expired(1);
    told!(story);
}

#[test]
fn a_loop_whose_thread_ends_is_started_anew_and_keeps_what_waits() {
    let mut story = event_loop();
    story.opened(1).opened(2).opened(3).arrived(1, 1).blocked(1, 1).arrived(2, 2).arrived(3, 3);
    story.died(1).peer_closed(1).spawn_failed(1).ms(100).due(Timer::SpawnRetry).started(1);
    told!(story);
}

#[test]
fn a_loop_that_is_drained_while_its_thread_is_missing_is_not_started_again() {
    let mut story = event_loop();
    story.opened(1).died(1).spawn_failed(1).drain(1_000).ms(100).due(Timer::SpawnRetry);
    told!(story);
}

#[test]
fn a_loop_gives_up_at_the_deadline_what_waits_sleeps_and_runs() {
    let mut story = event_loop();
    story.opened(1).opened(2).opened(3).arrived(1, 1).blocked(1, 1).arrived(2, 2).arrived(3, 3);
    assert_eq!(story.scheduler().backlog(), 1);
    story.opened(4).arrived(4, 4);
    assert_eq!(story.scheduler().backlog(), 2);
    story.drain(20).resized(3).ms(20).due(Timer::DrainDeadline).finished(2, 1, Ending::Close);
    told!(story);
}

#[test]
fn a_drained_loop_ends_its_thread() {
    let mut story = event_loop();
    story.opened(1).arrived(1, 1).blocked(1, 1).drain(1_000).finished(1, 1, Ending::KeepAlive);
    told!(story);
    let mut story = event_loop();
    story.opened(1).drain(1_000);
    assert!(story.told().contains("retire worker 1"), "{}", story.told());
}

#[test]
fn an_idle_worker_is_sent_to_steal_when_a_task_splits() {
    let mut story = fork_join();
    story.opened(1).arrived(1, 1).forked(1, 1, 3).stolen(1, 2, 1, 3).joined(1, 2);
    story.steal_failed(2).finished(1, 1, Ending::KeepAlive);
    told!(story);
}

#[test]
fn a_thief_that_missed_a_split_looks_again() {
    let mut story = fork_join();
    story.opened(1).arrived(1, 1).forked(1, 1, 3).forked(1, 1, 5).steal_failed(2);
    story.stolen(1, 2, 1, 3).joined(1, 2).steal_failed(2).forked(1, 1, 9);
    told!(story);
}

#[test]
fn a_whole_request_goes_before_a_part() {
    let mut story = fork_join();
    story.opened(1).opened(2).opened(3).arrived(1, 1).forked(1, 1, 3).arrived(2, 2).arrived(3, 3);
    story.steal_failed(2).finished(2, 2, Ending::Close).forked(1, 1, 5).finished(
        3,
        2,
        Ending::Close,
    );
    told!(story);
}

#[test]
fn whoever_is_through_with_its_own_request_steals_from_one_that_has_split() {
    let mut story = fork_join();
    story.opened(1).opened(2).arrived(1, 1).arrived(2, 2).forked(1, 1, 3);
    story.finished(2, 2, Ending::KeepAlive).stolen(1, 2, 1, 3).joined(1, 2).finished(
        1,
        1,
        Ending::Close,
    );
    told!(story);
}

#[test]
fn a_worker_that_dies_with_a_split_request_leaves_nothing_to_steal() {
    let mut story = fork_join();
    story.opened(1).opened(2).arrived(1, 1).forked(1, 1, 3).steal_failed(2);
    story.died(1).started(1).arrived(2, 2);
    told!(story);
}

#[test]
fn a_drain_of_workers_that_steal_waits_for_the_request_and_no_longer() {
    let mut story = fork_join();
    story.opened(1).opened(2).arrived(1, 1).forked(1, 1, 3).drain(1_000).stolen(1, 2, 1, 3);
    story.joined(1, 2).steal_failed(2).finished(1, 1, Ending::KeepAlive);
    told!(story);
}

#[test]
fn a_client_that_leaves_a_split_request_is_run_for_nobody() {
    let mut story = fork_join();
    story.opened(1).opened(2).arrived(1, 1).forked(1, 1, 3).peer_closed(1).stolen(1, 2, 1, 3);
    story.joined(1, 2).steal_failed(2).finished(1, 1, Ending::Close).opened(1).arrived(2, 1);
    told!(story);
}

#[test]
fn workers_that_steal_have_one_run_queue() {
    let mut story = busy(fork_join());
    story.arrived(3, 3).arrived(4, 4);
    assert_eq!(story.scheduler().backlog(), 2);
}

/// What a story that cannot be ends with.
fn bug(mut story: Story, told: impl FnOnce(&mut Story)) -> String {
    let told = std::panic::AssertUnwindSafe(|| told(&mut story));
    let panic = std::panic::catch_unwind(told).expect_err("the driver has a bug");
    match panic.downcast::<String>() {
        Ok(said) => *said,
        Err(panic) => (*panic.downcast::<&str>().expect("it says what")).to_owned(),
    }
}

#[test]
fn a_report_that_cannot_be_is_a_bug_of_the_driver_and_said_so() {
    let close = Ending::Close;
    let began = |mut story: Story| {
        story.opened(1).opened(2).arrived(1, 1);
        story
    };
    let left = |mut story: Story| {
        story.peer_closed(1);
        story
    };
    let started = || {
        let mut story = began(spawn());
        story.started(1);
        story
    };
    let pool = || pool(4, OnFull::Reject);
    let said = [
        bug(began(pool()), |story| _ = story.finished(2, 1, close)),
        bug(left(began(pool())), |story| _ = story.finished(2, 1, close)),
        bug(began(pool()), |story| _ = story.finished(1, 2, close)),
        bug(began(pool()), |story| _ = story.finished(1, 3, close)),
        bug(began(pool()), |story| _ = story.arrived(2, 1)),
        bug(began(pool()), |story| _ = story.arrived(2, 3)),
        bug(began(pool()), |story| _ = story.peer_closed(3)),
        bug(began(pool()), |story| _ = story.opened(4)),
        bug(began(pool()), |story| _ = story.started(1)),
        bug(began(fork_join()), |story| _ = story.joined(1, 1)),
        bug(began(fork_join()), |story| _ = story.steal_failed(2)),
        bug(began(event_loop()), |story| _ = story.finished(2, 1, close)),
        bug(left(began(event_loop())), |story| _ = story.finished(2, 1, close)),
        bug(began(event_loop()), |story| _ = story.blocked(2, 1)),
        bug(left(began(event_loop())), |story| _ = story.blocked(2, 1)),
        bug(began(event_loop()), |story| _ = story.woke(1, 1)),
        bug(began(event_loop()), |story| _ = story.started(1)),
        bug(began(event_loop()), |story| _ = story.steal_failed(1)),
        bug(began(spawn()), |story| _ = story.finished(1, 1, close)),
        bug(began(spawn()), |story| _ = story.finished(1, 2, close)),
        bug(started(), |story| _ = story.finished(2, 1, close)),
        bug(left(started()), |story| _ = story.finished(2, 1, close)),
        bug(started(), |story| _ = story.started(1)),
    ];
    insta::with_settings!({
        snapshot_path => "snapshots/stories",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, { insta::assert_snapshot!(said.join("\n")) });
}
