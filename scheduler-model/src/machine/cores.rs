//! The cores of the simulated computer: who runs, who could, and for how long.
//!
//! With a quantum, threads that could run wait in one line and take turns; giving a core to
//! another thread costs a context switch. With none, all threads that could run share the cores
//! evenly at every instant, which is the processor sharing of the textbooks (L. Kleinrock,
//! *Queueing Systems, Volume 2* (1976), §4.4).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::agenda::{Agenda, Class, Due};
use crate::scenario::MachineConfig;
use crate::{CoreId, Machine, RequestId, SimTime, Span, WorkerId};

/// A thread's CPU time that is still to be spent on a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Burst {
    pub(super) worker: WorkerId,
    pub(super) request: RequestId,
    pub(super) left: Span,
}

/// The cores, in one of their two disciplines.
#[derive(Clone, Debug)]
pub(super) enum Cores {
    Turns(Turns),
    Sharing(Sharing),
}

/// Round robin.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    quantum: Span,
    context_switch: Span,
    cores: Vec<Core>,
    run_line: VecDeque<Burst>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Core {
    current: Option<(Burst, SimTime)>,
    last: Option<WorkerId>,
}

/// Ideal processor sharing, by virtual time: every thread has attained the same service since it
/// joined, so that the order of completions never changes and only the earliest is scheduled.
#[derive(Clone, Debug)]
pub(super) struct Sharing {
    n_cores: u64,
    /// Service attained by a thread that was always there, in 2⁻³² ns.
    attained: u128,
    updated: SimTime,
    /// Threads by the attained service at which they are done.
    threads: BinaryHeap<Reverse<(u128, RequestId, WorkerId)>>,
    generation: u64,
}

impl Cores {
    pub(super) fn new(machine: &MachineConfig) -> Self {
        if machine.quantum.is_zero() {
            return Self::Sharing(Sharing {
                n_cores: u64::from(machine.cores.get()),
                attained: 0,
                updated: SimTime::ZERO,
                threads: BinaryHeap::new(),
                generation: 0,
            });
        }
        Self::Turns(Turns {
            quantum: machine.quantum,
            context_switch: machine.context_switch,
            cores: vec![Core::default(); machine.cores.get() as usize],
            run_line: VecDeque::new(),
        })
    }

    /// A thread could run from now on. Machine events that follow go to `seen`.
    pub(super) fn add(
        &mut self,
        burst: Burst,
        now: SimTime,
        agenda: &mut Agenda,
        seen: &mut Vec<Machine>,
    ) {
        match self {
            Self::Turns(turns) => {
                turns.run_line.push_back(burst);
                turns.fill(now, agenda, seen);
            }
            Self::Sharing(sharing) => {
                sharing.attain(now);
                let done = sharing.attained + (u128::from(burst.left.as_nanos()) << 32);
                sharing.threads.push(Reverse((done, burst.request, burst.worker)));
                seen.push(Machine::SharingBegun { worker: burst.worker });
                sharing.schedule(now, agenda);
            }
        }
    }

    /// The worker's burst is over: its core is free, and next in line runs after [`Cores::fill`].
    pub(super) fn done(&mut self, worker: WorkerId, seen: &mut Vec<Machine>) {
        let Self::Turns(turns) = self else { return };
        let runs = |core: &Core| core.current.is_some_and(|(burst, _)| burst.worker == worker);
        let index =
            turns.cores.iter().position(runs).expect("a burst ends on the core that runs it");
        turns.cores[index].current = None;
        seen.push(Machine::CoreReleased { worker, core: core_id(index) });
    }

    /// The earliest completion under sharing; `None` when shares changed since it was scheduled.
    pub(super) fn share_done(
        &mut self,
        generation: u64,
        now: SimTime,
        agenda: &mut Agenda,
        seen: &mut Vec<Machine>,
    ) -> Option<WorkerId> {
        let Self::Sharing(sharing) = self else { return None };
        if generation != sharing.generation {
            return None;
        }
        sharing.attain(now);
        let Reverse((_, _, worker)) = sharing.threads.pop()?;
        seen.push(Machine::SharingEnded { worker });
        sharing.schedule(now, agenda);
        Some(worker)
    }

    /// A core has changed to the thread it was given to.
    pub(super) fn switched(
        &mut self,
        core: CoreId,
        now: SimTime,
        agenda: &mut Agenda,
        seen: &mut Vec<Machine>,
    ) {
        if let Self::Turns(turns) = self {
            turns.run(usize::from(core.0), now, agenda, seen);
        }
    }

    /// A quantum is over: the thread goes to the end of the line, if there is one.
    pub(super) fn quantum_over(
        &mut self,
        core: CoreId,
        now: SimTime,
        agenda: &mut Agenda,
        seen: &mut Vec<Machine>,
    ) {
        let Self::Turns(turns) = self else { return };
        let index = usize::from(core.0);
        let (mut burst, since) =
            turns.cores[index].current.expect("a quantum ends on a core at work");
        burst.left = burst.left - now.since(since);
        if turns.run_line.is_empty() {
            turns.begin_quantum(index, burst, now, agenda);
        } else {
            turns.cores[index].current = None;
            seen.push(Machine::Preempted { worker: burst.worker, core });
            turns.run_line.push_back(burst);
            turns.fill(now, agenda, seen);
        }
    }

    /// Gives free cores to threads that wait.
    #[inline]
    pub(super) fn fill(&mut self, now: SimTime, agenda: &mut Agenda, seen: &mut Vec<Machine>) {
        if let Self::Turns(turns) = self
            && !turns.run_line.is_empty()
        {
            turns.fill(now, agenda, seen);
        }
    }
}

impl Turns {
    fn fill(&mut self, now: SimTime, agenda: &mut Agenda, seen: &mut Vec<Machine>) {
        while let Some(&burst) = self.run_line.front() {
            let Some(index) = self.free_core(burst.worker) else { return };
            self.run_line.pop_front();
            let core = &mut self.cores[index];
            core.current = Some((burst, now));
            if core.last == Some(burst.worker) || self.context_switch.is_zero() {
                core.last = Some(burst.worker);
                self.run(index, now, agenda, seen);
            } else {
                core.last = Some(burst.worker);
                seen.push(Machine::Switched { worker: burst.worker, core: core_id(index) });
                let due = Due::Switched(core_id(index));
                agenda.add(now + self.context_switch, Class::Core, index as u64, due);
            }
        }
    }

    /// The core this thread last ran on, if it is free: no switch is needed there. Else the lowest.
    fn free_core(&self, worker: WorkerId) -> Option<usize> {
        let free = |core: &&Core| core.current.is_none();
        let warm = self.cores.iter().position(|core| free(&core) && core.last == Some(worker));
        warm.or_else(|| self.cores.iter().position(|core| core.current.is_none()))
    }

    /// The core's thread begins to run.
    fn run(&mut self, index: usize, now: SimTime, agenda: &mut Agenda, seen: &mut Vec<Machine>) {
        let (burst, _) = self.cores[index].current.expect("a core that begins has a thread");
        seen.push(Machine::CoreGiven { worker: burst.worker, core: core_id(index) });
        self.begin_quantum(index, burst, now, agenda);
    }

    /// The thread runs until it is done or its quantum is over.
    fn begin_quantum(&mut self, index: usize, burst: Burst, now: SimTime, agenda: &mut Agenda) {
        self.cores[index].current = Some((burst, now));
        if burst.left <= self.quantum {
            agenda.add(
                now + burst.left,
                Class::Completion,
                burst.request.0,
                Due::CpuDone(burst.worker),
            );
        } else {
            let due = Due::QuantumOver(core_id(index));
            agenda.add(now + self.quantum, Class::Core, index as u64, due);
        }
    }
}

impl Sharing {
    fn rate(&self) -> (u128, u128) {
        let n = self.threads.len() as u64;
        (u128::from(n.min(self.n_cores)), u128::from(n.max(1)))
    }

    fn attain(&mut self, now: SimTime) {
        let (cores, threads) = self.rate();
        let passed = u128::from(now.since(self.updated).as_nanos()) << 32;
        self.attained += passed * cores / threads;
        self.updated = now;
    }

    fn schedule(&mut self, now: SimTime, agenda: &mut Agenda) {
        self.generation += 1;
        let Some(&Reverse((done, request, _))) = self.threads.peek() else { return };
        let (cores, threads) = self.rate();
        let left = done.saturating_sub(self.attained) * threads;
        let ns = u64::try_from(left.div_ceil(cores << 32)).unwrap_or(u64::MAX);
        let due = Due::ShareDone(self.generation);
        agenda.add(now + Span::from_nanos(ns), Class::Completion, request.0, due);
    }
}

fn core_id(index: usize) -> CoreId {
    CoreId(u16::try_from(index).expect("there are at most 256 cores"))
}
