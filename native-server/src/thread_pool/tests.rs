//! Claims about the pool. Nothing here sleeps: jobs are held at gates and heard through channels.

use std::panic;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Barrier};
use std::thread;

use scheduler_model::scenario::{QueueBound, Ranged};

use super::{ThreadPool, WhenFull};

#[test]
fn dropping_the_pool_finishes_every_accepted_job() {
    let (done, finished) = mpsc::channel();
    let pool = ThreadPool::new(3);
    for number in 0..100 {
        let done = done.clone();
        pool.execute(move || done.send(number).unwrap());
    }
    drop(pool);
    drop(done);
    assert_eq!(finished.iter().count(), 100);
}

#[test]
fn one_worker_runs_jobs_in_the_order_they_came() {
    let (done, finished) = mpsc::channel();
    let pool = ThreadPool::new(1);
    for number in 0..50 {
        let done = done.clone();
        pool.execute(move || done.send(number).unwrap());
    }
    drop(pool);
    assert_eq!(finished.try_iter().collect::<Vec<_>>(), (0..50).collect::<Vec<_>>());
}

#[test]
fn as_many_jobs_run_at_once_as_there_are_workers() {
    let all_here = Arc::new(Barrier::new(5));
    let pool = ThreadPool::new(4);
    for _ in 0..4 {
        let all_here = Arc::clone(&all_here);
        pool.execute(move || {
            all_here.wait();
        });
    }
    all_here.wait();
}

#[test]
fn a_panic_costs_only_its_own_job() {
    let (done, finished) = mpsc::channel();
    let pool = ThreadPool::new(1);
    pool.execute(|| panic::resume_unwind(Box::new("on purpose")));
    let same = thread_of_the_next_job(&pool);
    pool.execute(move || done.send(thread::current().id()).unwrap());
    assert_eq!(finished.recv().unwrap(), same);
}

#[test]
fn a_worker_that_dies_is_replaced() {
    let pool = ThreadPool::new(2);
    for _ in 0..10 {
        pool.execute(|| panic::resume_unwind(Box::new(PanicsWhenDropped)));
    }
    let both_here = Arc::new(Barrier::new(3));
    for _ in 0..2 {
        let both_here = Arc::clone(&both_here);
        pool.execute(move || {
            both_here.wait();
        });
    }
    both_here.wait();
}

#[test]
fn a_pool_whose_workers_die_still_finishes_what_it_accepted() {
    let (done, finished) = mpsc::channel();
    let pool = ThreadPool::new(1);
    for number in 0..10 {
        let done = done.clone();
        pool.execute(|| panic::resume_unwind(Box::new(PanicsWhenDropped)));
        pool.execute(move || done.send(number).unwrap());
    }
    drop(pool);
    assert_eq!(finished.try_iter().collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
}

#[test]
fn a_full_queue_gives_the_job_back() {
    let (pool, gate) = full_pool(WhenFull::Error);
    let (done, finished) = mpsc::channel();
    let full = pool.try_execute(move || done.send("ran").unwrap()).unwrap_err();
    assert_eq!(full.to_string(), "the run queue of the pool is full");
    (full.into_job())();
    assert_eq!(finished.recv().unwrap(), "ran");
    gate.send(()).unwrap();
}

#[test]
fn a_full_queue_lets_the_caller_run_the_job() {
    let (pool, gate) = full_pool(WhenFull::RunOnCaller);
    let (done, finished) = mpsc::channel();
    pool.execute(move || done.send(thread::current().id()).unwrap());
    assert_eq!(finished.try_recv().unwrap(), thread::current().id());
    gate.send(()).unwrap();
}

#[test]
fn a_full_queue_makes_the_caller_wait() {
    let (pool, gate) = full_pool(WhenFull::Wait);
    let (done, finished) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            pool.execute({
                let done = done.clone();
                move || done.send("job").unwrap()
            });
            done.send("caller").unwrap();
        });
        // Were the job not made to wait, it would run or be lost: the only worker stands at the gate.
        assert!(finished.try_recv().is_err());
        gate.send(()).unwrap();
    });
    drop(pool);
    let mut heard: Vec<_> = finished.try_iter().collect();
    heard.sort_unstable();
    assert_eq!(heard, ["caller", "job"]);
}

#[test]
fn a_pool_without_workers_does_not_exist() {
    let error = ThreadPool::build(0).unwrap_err();
    assert_eq!(error.to_string(), "workers: 0 given, allowed is 1..=1024");
    assert!(ThreadPool::build(1025).is_err());
    assert!(panic::catch_unwind(|| ThreadPool::new(0)).is_err());
}

#[test]
fn a_job_may_drop_the_pool_it_runs_on() {
    let (done, finished) = mpsc::channel();
    let pool = Arc::new(ThreadPool::new(2));
    let held = Arc::clone(&pool);
    let (gate, open) = mpsc::channel::<()>();
    pool.execute(move || {
        open.recv().unwrap();
        drop(held);
        done.send(()).unwrap();
    });
    drop(pool);
    gate.send(()).unwrap();
    finished.recv().unwrap();
}

/// One worker that stands at the gate, and a queue of one that is full.
fn full_pool(when_full: WhenFull) -> (ThreadPool, Sender<()>) {
    let one = QueueBound::Bounded(Ranged::of::<1>());
    let pool = ThreadPool::builder().workers(1).queue(one).when_full(when_full).build().unwrap();
    let (gate, open): (_, Receiver<()>) = mpsc::channel();
    pool.execute(move || open.recv().unwrap());
    pool.execute(|| ());
    (pool, gate)
}

fn thread_of_the_next_job(pool: &ThreadPool) -> thread::ThreadId {
    let (done, finished) = mpsc::channel();
    pool.execute(move || done.send(thread::current().id()).unwrap());
    finished.recv().unwrap()
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        if !thread::panicking() {
            panic::resume_unwind(Box::new("on purpose"));
        }
    }
}
