//! A region: a stretch of code up to the end of the construct that it is in, which can become a function
//! of its own. What has to go in and out is found here.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use wasmparser::{FuncType, Operator, ValType};

use crate::code::{Code, Frame};

/// A stretch of a function's code.
#[derive(Debug)]
pub(crate) struct Region {
    /// Its first step.
    pub(crate) start: usize,
    /// The step behind its last: where its construct ends.
    pub(crate) end: usize,
    /// Locals of the function that it may read before it writes them.
    pub(crate) ins: Vec<u32>,
    /// Locals that it may write and that may be read afterwards.
    pub(crate) outs: Vec<u32>,
    /// All locals that occur in it.
    pub(crate) locals: BTreeSet<u32>,
    /// What it leaves on the stack when it comes to its end; nothing where it never does.
    pub(crate) falls: Option<Vec<ValType>>,
    /// How it is left otherwise, in this order.
    pub(crate) exits: Vec<Exit>,
}

/// A way out of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// To a construct around it, counted from the innermost.
    To(u32),
    /// Out of the function.
    Return,
}

impl Region {
    /// The region from `start` on; nothing where it cannot become a function.
    ///
    /// # Errors
    ///
    /// When the code has something that is not known here.
    pub(crate) fn of(code: &Code<'_>, start: usize, types: &[FuncType]) -> Result<Option<Self>> {
        let end = code.end(start);
        let first = &code.steps[start];
        if first.height > 0 || first.is_dead || end == start {
            return Ok(None);
        }
        let frames = code.frames(start, types)?;
        let mut survey = Survey::new(code, &frames);
        for step in &code.steps[start..end] {
            if !survey.take(&step.operator, step.depth - first.depth)? {
                return Ok(None);
            }
        }
        let Survey { mut ins, written, locals, exits, .. } = survey;

        let falls = (!code.steps[end].is_dead).then(|| frames[0].results.clone());
        let goes_on = falls.is_some() || exits.iter().any(|exit| matches!(exit, Exit::To(_)));
        // Read afterwards: behind the region, or from where a loop around it begins.
        let loops = frames.iter().filter(|frame| frame.is_loop).map(|frame| frame.start);
        let around = code.steps[loops.min().unwrap_or(end)..].iter().map(|step| &step.operator);
        let read: BTreeSet<u32> = around
            .filter_map(|operator| match operator {
                Operator::LocalGet { local_index } => Some(*local_index),
                _ => None,
            })
            .collect();
        let outs: Vec<u32> = written.intersection(&read).copied().filter(|_| goes_on).collect();
        // On some way out it may still have what it had.
        ins.extend(&outs);
        Ok(Some(Self {
            start,
            end,
            ins: ins.into_iter().collect(),
            outs,
            locals,
            falls,
            exits: exits.into_iter().collect(),
        }))
    }

    /// About how many bytes a call of it has instead, and what it takes that it can be called.
    pub(crate) fn n_bytes_of_call(&self) -> u64 {
        let moves = 3 * self.ins.len() + 2 * self.outs.len();
        (moves + 8 * self.exits.len() + 20) as u64
    }

    /// Whether its caller has to be told which way it was left.
    pub(crate) fn is_left_in_several_ways(&self) -> bool {
        usize::from(self.falls.is_some()) + self.exits.len() > 1
    }

    /// The new numbers of the locals in the function that it becomes: arguments first.
    pub(crate) fn numbers(&self) -> BTreeMap<u32, u32> {
        let others = self.locals.iter().filter(|local| !self.ins.contains(local));
        self.ins.iter().chain(others).copied().zip(0..).collect()
    }
}

/// What is found in a region, step by step.
struct Survey<'a> {
    code: &'a Code<'a>,
    frames: &'a [Frame],
    ins: BTreeSet<u32>,
    written: BTreeSet<u32>,
    /// Written on every way through what has been seen.
    surely: BTreeSet<u32>,
    locals: BTreeSet<u32>,
    exits: BTreeSet<Exit>,
}

impl<'a> Survey<'a> {
    fn new(code: &'a Code<'a>, frames: &'a [Frame]) -> Self {
        Self {
            code,
            frames,
            ins: BTreeSet::new(),
            written: BTreeSet::new(),
            surely: BTreeSet::new(),
            locals: BTreeSet::new(),
            exits: BTreeSet::new(),
        }
    }

    /// Takes a step, which is in `inside` constructs of the region. Says whether it can be in a function of
    /// its own.
    fn take(&mut self, operator: &Operator<'_>, inside: u32) -> Result<bool> {
        match operator {
            Operator::Br { relative_depth } => Ok(self.leave(*relative_depth, inside, true)),
            Operator::BrIf { relative_depth } => Ok(self.leave(*relative_depth, inside, false)),
            Operator::BrTable { targets } => {
                let mut can_leave = self.leave(targets.default(), inside, false);
                for target in targets.targets() {
                    can_leave &= self.leave(target?, inside, false);
                }
                Ok(can_leave)
            }
            Operator::Return => Ok(self.leave(self.whole() + inside, inside, true)),
            Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. }
            | Operator::BrOnNull { .. }
            | Operator::BrOnNonNull { .. } => Ok(false),
            Operator::LocalGet { local_index } => {
                self.locals.insert(*local_index);
                if !self.surely.contains(local_index) {
                    self.ins.insert(*local_index);
                }
                Ok(true)
            }
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                self.locals.insert(*local_index);
                self.written.insert(*local_index);
                // Nothing in the region can go around what is not nested in it.
                if inside == 0 {
                    self.surely.insert(*local_index);
                }
                Ok(true)
            }
            _ => Ok(true),
        }
    }

    /// A branch to this label. Where it always branches, and only there, values that it takes along are the last
    /// ones on the stack.
    fn leave(&mut self, label: u32, inside: u32, always: bool) -> bool {
        let Some(out) = label.checked_sub(inside) else { return true };
        let (exit, can_leave) = if out == self.whole() {
            // A branch to the function itself is a return.
            (Exit::Return, always || self.code.results.is_empty())
        } else {
            (Exit::To(out), self.frames[out as usize].n_carried == 0)
        };
        self.exits.insert(exit);
        can_leave
    }

    /// The label of the function itself, seen from the beginning of the region.
    fn whole(&self) -> u32 {
        u32::try_from(self.frames.len() - 1).expect("nesting is not that deep")
    }
}

/// The regions of a function of which nothing has run, that are worth to be moved; `has_run` tells of each step.
///
/// # Errors
///
/// When the code has something that is not known here.
pub(crate) fn cold(code: &Code<'_>, has_run: &[bool], types: &[FuncType]) -> Result<Vec<Region>> {
    let mut regions = Vec::new();
    let mut step = 0;
    while step < code.steps.len() {
        let mut next = step + 1;
        let may_start = !has_run[step] && code.steps[step].height == 0 && !code.steps[step].is_dead;
        let end = if may_start { code.end(step) } else { step };
        let n_bytes = code.steps[end].offset - code.steps[step].offset;
        let region = if n_bytes > N_BYTES_MIN { Region::of(code, step, types)? } else { None };
        let is_worth_it = |region: &Region| n_bytes > region.n_bytes_of_call();
        if let Some(region) = region.filter(is_worth_it) {
            next = region.end;
            regions.push(region);
        }
        step = next;
    }
    Ok(regions)
}

/// Less is never worth it: no reason to look closer.
const N_BYTES_MIN: u64 = 20;
