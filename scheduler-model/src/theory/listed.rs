//! Listed jobs with known demands: when each begins and ends, by counting.
//!
//! This is what a reader does with pencil and paper. It knows nothing of the scheduler or of the
//! simulated computer, so that it can be held against them.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::num::NonZeroU32;

use crate::{SimTime, Span};

/// A job that is known in advance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// When it arrives.
    pub at: SimTime,
    /// How long a worker, or a core of its own, needs for it.
    pub service_time: Span,
}

/// When a job was served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    /// The start of its service.
    pub started: SimTime,
    /// The end.
    pub ended: SimTime,
}

/// Serves jobs first come first served on `workers`, with room for `queue_max` that wait (`None`:
/// for all). A job for which there is no room has no time. A worker that ends a job at the instant
/// of an arrival is free for it.
///
/// Jobs are given in the order of their arrival. J. Kiefer and J. Wolfowitz, "On the theory of
/// queues with many servers" (1955).
///
/// # Panics
///
/// When a job arrives before the one ahead of it.
///
/// ```
/// use std::num::NonZeroU32;
/// use scheduler_model::theory::{Job, first_come_first_served};
/// use scheduler_model::{SimTime, Span};
///
/// let sleep = Job { at: SimTime::ZERO, service_time: Span::from_millis(5_000) };
/// let four = NonZeroU32::new(4).expect("not zero");
/// let served = first_come_first_served(&[sleep; 10], four, None);
/// let ends: Vec<_> = served.iter().flatten().map(|job| job.ended.as_secs_f64()).collect();
/// assert_eq!(ends, [5., 5., 5., 5., 10., 10., 10., 10., 15., 15.]);
/// ```
pub fn first_come_first_served(
    jobs: &[Job],
    workers: NonZeroU32,
    queue_max: Option<u64>,
) -> Vec<Option<Served>> {
    let mut free: BinaryHeap<_> = (0..workers.get()).map(|_| Reverse(SimTime::ZERO)).collect();
    let mut starts_of_waiting = VecDeque::new();
    let mut last = SimTime::ZERO;
    let serve = |job: &Job| {
        assert!(job.at >= last, "a job at {} comes after one at {last}", job.at);
        last = job.at;
        while starts_of_waiting.front().is_some_and(|&start| start <= job.at) {
            starts_of_waiting.pop_front();
        }
        let Reverse(earliest) = *free.peek().expect("there is a worker");
        let started = earliest.max(job.at);
        if started > job.at {
            if queue_max.is_some_and(|max| starts_of_waiting.len() as u64 >= max) {
                return None;
            }
            starts_of_waiting.push_back(started);
        }
        let ended = started + job.service_time;
        free.pop();
        free.push(Reverse(ended));
        Some(Served { started, ended })
    };
    jobs.iter().map(serve).collect()
}

/// Serves jobs on `cores` that all jobs there share evenly at every instant, none faster than one
/// core: the end of each. Exact but for the rounding of `f64`, to the nearest nanosecond.
///
/// Jobs are given in the order of their arrival. L. Kleinrock, *Queueing Systems, Volume 2* (1976),
/// §4.4.
///
/// # Panics
///
/// When a job arrives before the one ahead of it.
pub fn processor_sharing(jobs: &[Job], cores: NonZeroU32) -> Vec<SimTime> {
    let mut ends = vec![SimTime::ZERO; jobs.len()];
    let mut shared =
        Shared { now: 0.0, attained: 0.0, cores: cores.get().into(), left: Vec::new() };
    let mut last = SimTime::ZERO;
    for (index, job) in jobs.iter().enumerate() {
        assert!(job.at >= last, "a job at {} comes after one at {last}", job.at);
        last = job.at;
        shared.run_until(nanos(job.at.as_nanos()), &mut ends);
        let done = shared.attained + nanos(job.service_time.as_nanos());
        let place = shared.left.partition_point(|&(other, _)| other > done);
        shared.left.insert(place, (done, index));
    }
    shared.run_until(f64::INFINITY, &mut ends);
    ends
}

/// Jobs that share cores; times in nanoseconds.
struct Shared {
    now: f64,
    /// Service that a job has had which was always there.
    attained: f64,
    cores: f64,
    /// The attained service at which each job ends, the next one last.
    left: Vec<(f64, usize)>,
}

impl Shared {
    fn run_until(&mut self, then: f64, ends: &mut [SimTime]) {
        while let Some(&(done, index)) = self.left.last() {
            let speed = (self.cores / super::finite::to_f64(self.left.len() as u64)).min(1.0);
            let end = self.now + (done - self.attained) / speed;
            // To a part in 10¹² an end that falls on an arrival is before it.
            if end > then * (1.0 + 1e-12) {
                self.attained += (then - self.now) * speed;
                break;
            }
            self.left.pop();
            (self.now, self.attained) = (end, done);
            ends[index] = to_time(end);
        }
        self.now = self.now.max(then);
    }
}

#[expect(clippy::cast_precision_loss, reason = "said in the documentation")]
fn nanos(ns: u64) -> f64 {
    ns as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn to_time(ns: f64) -> SimTime {
    SimTime::from_nanos(libm::round(ns) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs(of: &[(u64, u64)]) -> Vec<Job> {
        let job = |&(at, service): &(u64, u64)| Job {
            at: SimTime::ZERO + Span::from_millis(at),
            service_time: Span::from_millis(service),
        };
        of.iter().map(job).collect()
    }

    fn ms(time: SimTime) -> u64 {
        time.as_nanos() / 1_000_000
    }

    #[test]
    fn a_job_that_finds_no_room_is_not_served() {
        let one = NonZeroU32::MIN;
        let jobs = jobs(&[(0, 10), (1, 10), (2, 10), (10, 10)]);
        let served = first_come_first_served(&jobs, one, Some(1));
        let starts: Vec<_> = served.iter().map(|job| job.map(|job| ms(job.started))).collect();
        assert_eq!(starts, [Some(0), Some(10), None, Some(20)]);
        let served = first_come_first_served(&jobs, one, Some(0));
        let starts: Vec<_> = served.iter().map(|job| job.map(|job| ms(job.started))).collect();
        assert_eq!(starts, [Some(0), None, None, Some(10)]);
    }

    #[test]
    fn shared_jobs_end_in_the_order_of_their_size() {
        let three = jobs(&[(500, 1000), (500, 2000), (500, 3000)]);
        let ends = |cores: u32| -> Vec<_> {
            processor_sharing(&three, NonZeroU32::new(cores).unwrap()).into_iter().map(ms).collect()
        };
        assert_eq!(ends(1), [3500, 5500, 6500]);
        assert_eq!(ends(2), [2000, 3000, 4000]);
        assert_eq!(ends(3), [1500, 2500, 3500]);
    }

    #[test]
    fn a_job_that_comes_later_slows_those_that_are_there() {
        let two = jobs(&[(0, 10), (5, 10)]);
        let ends = processor_sharing(&two, NonZeroU32::MIN);
        assert_eq!(ends.into_iter().map(ms).collect::<Vec<_>>(), [15, 20]);
    }
}
