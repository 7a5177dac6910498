//! The thread pool of the Rust book, grown up: [`ThreadPool::new`] and [`ThreadPool::execute`].
//!
//! Who runs which job, and when, is said by the [`scheduler_model::Scheduler`] that schedules the
//! server too; a job is a request without a connection. This file is what a program sees; the
//! threads are in [`shared`]. Left out: results of jobs (send them through a channel) and a number
//! of workers that changes.

mod shared;

use std::error::Error;
use std::sync::Arc;
use std::{fmt, io};

use scheduler_model::Model;
use scheduler_model::scenario::{OnFull, QueueBound, Ranged, Server};

use shared::{Refused, Shared};

/// A fixed number of threads that run jobs, first come, first served.
///
/// Dropping the pool finishes every job it accepted. A job that panics costs only itself.
///
/// ```
/// use std::sync::mpsc;
///
/// use native_server::ThreadPool;
///
/// let (answer, answers) = mpsc::channel();
/// let pool = ThreadPool::new(4);
/// for number in 1..=3 {
///     let answer = answer.clone();
///     pool.execute(move || answer.send(number * number).expect("somebody listens"));
/// }
/// drop(pool);
/// assert_eq!(answers.try_iter().sum::<i32>(), 14);
/// ```
pub struct ThreadPool {
    shared: Arc<Shared>,
    when_full: WhenFull,
}

/// What [`ThreadPool::execute`] does with a job when the run queue is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// Gives it back: [`ThreadPool::try_execute`] returns it, and `execute` panics.
    Error,
    /// Runs it on the thread that called, which so cannot bring the next one meanwhile.
    RunOnCaller,
    /// Waits until there is room.
    #[default]
    Wait,
}

/// A pool to be: [`ThreadPool::builder`].
#[derive(Clone, Copy, Debug)]
pub struct Builder {
    workers: usize,
    queue: QueueBound,
    when_full: WhenFull,
}

/// Why there is no pool.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// No workers, or more than a pool may have.
    #[error("workers: {0}")]
    Workers(#[from] scheduler_model::scenario::OutOfRange),
    /// The system did not give as many threads.
    #[error("the system refused a thread: {0}")]
    Spawn(#[from] io::Error),
}

/// The run queue was full. Holds the job, which has not run.
pub struct Full<F>(F);

impl ThreadPool {
    /// Creates a pool of `workers` threads, whose run queue has no bound.
    ///
    /// # Panics
    ///
    /// When `workers` is 0 or above 1024, or when the system refuses to start a thread.
    pub fn new(workers: usize) -> Self {
        Self::build(workers).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Creates a pool of `workers` threads, whose run queue has no bound.
    ///
    /// # Errors
    ///
    /// [`PoolError`], where [`ThreadPool::new`] panics.
    pub fn build(workers: usize) -> Result<Self, PoolError> {
        Self::builder().workers(workers).build()
    }

    /// Begins a pool with other bounds; four workers and no bound unless told otherwise.
    ///
    /// ```
    /// use native_server::{ThreadPool, WhenFull};
    /// use scheduler_model::scenario::{QueueBound, Ranged};
    ///
    /// let sixteen = QueueBound::Bounded(Ranged::of::<16>());
    /// let pool = ThreadPool::builder().workers(2).queue(sixteen).when_full(WhenFull::Error);
    /// let pool = pool.build()?;
    /// assert!(pool.try_execute(|| println!("there is room")).is_ok());
    /// # Ok::<(), native_server::PoolError>(())
    /// ```
    pub const fn builder() -> Builder {
        Builder { workers: 4, queue: QueueBound::Unbounded, when_full: WhenFull::Wait }
    }

    /// Runs `job` on a worker: now if one is free, else when its turn comes.
    ///
    /// What happens when the run queue has a bound and is full was said to the builder.
    ///
    /// # Panics
    ///
    /// When the queue is full under [`WhenFull::Error`]: a job is never lost in silence. Such a
    /// pool is better asked with [`ThreadPool::try_execute`]. Under [`WhenFull::RunOnCaller`], when
    /// `job` ran on the caller and panicked.
    pub fn execute<F>(&self, job: F)
    where
        F: FnOnce() + Send + 'static,
    {
        if let Err(full) = self.try_execute(job) {
            panic!("{full}");
        }
    }

    /// Runs `job` as [`ThreadPool::execute`] does, and gives it back if it has no place.
    ///
    /// # Errors
    ///
    /// [`Full`] when the queue is full under [`WhenFull::Error`], and never otherwise.
    ///
    /// # Panics
    ///
    /// Under [`WhenFull::RunOnCaller`], when `job` ran on the caller and panicked.
    pub fn try_execute<F>(&self, job: F) -> Result<(), Full<F>>
    where
        F: FnOnce() + Send + 'static,
    {
        match (self.shared.offer(job), self.when_full) {
            (Ok(()), _) => Ok(()),
            (Err(Refused(job)), WhenFull::RunOnCaller) => {
                job();
                Ok(())
            }
            (Err(Refused(job)), WhenFull::Error | WhenFull::Wait) => Err(Full(job)),
        }
    }
}

impl Drop for ThreadPool {
    /// Finishes every job that was accepted, then ends the threads.
    ///
    /// A pool that is dropped by one of its own jobs cannot wait for it: it ends later.
    fn drop(&mut self) {
        self.shared.shut_down();
    }
}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPool").field("when_full", &self.when_full).finish_non_exhaustive()
    }
}

impl Builder {
    /// The number of threads, 1..=1024.
    #[must_use]
    pub const fn workers(self, workers: usize) -> Self {
        Self { workers, ..self }
    }

    /// How many jobs may wait.
    #[must_use]
    pub const fn queue(self, queue: QueueBound) -> Self {
        Self { queue, ..self }
    }

    /// What a full queue does to a job.
    #[must_use]
    pub const fn when_full(self, when_full: WhenFull) -> Self {
        Self { when_full, ..self }
    }

    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// [`PoolError`] when the number of workers is not allowed, or not to be had.
    pub fn build(self) -> Result<ThreadPool, PoolError> {
        let workers = Ranged::new(u64::try_from(self.workers).unwrap_or(u64::MAX))?;
        let on_full = match self.when_full {
            WhenFull::Error | WhenFull::RunOnCaller => OnFull::Reject,
            WhenFull::Wait => OnFull::Wait,
        };
        let server = Server { workers, queue: self.queue, on_full, ..Server::new(Model::Pool) };
        // Were a thread refused, the pool's `Drop` ends those that were started.
        let pool = ThreadPool { shared: Shared::new(&server), when_full: self.when_full };
        pool.shared.start_all()?;
        Ok(pool)
    }
}

impl<F> Full<F> {
    /// The job, which has not run.
    pub fn into_job(self) -> F {
        self.0
    }
}

impl<F> fmt::Debug for Full<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Full(..)")
    }
}

impl<F> fmt::Display for Full<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the run queue of the pool is full")
    }
}

impl<F> Error for Full<F> {}

#[cfg(test)]
mod tests;
