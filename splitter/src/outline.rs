//! Makes functions of regions, so that a split by functions can move what is only a part of one.
//!
//! In place of a region stands a call. The locals that the region reads are its arguments, those that are
//! read afterwards its results; where it can be left in several ways the last result says which was taken,
//! and the caller goes there.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::Result;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{BlockType, Function, InstructionSink};
use wasmparser::{FuncType, Operator, ValType};

use crate::code::{Code, Step};
use crate::region::{Exit, Region};

/// The function that a region becomes.
pub(crate) struct Outlined {
    pub(crate) ty: FuncType,
    pub(crate) code: Function,
}

/// Makes a function of each region. `number` is the number of the first. Returns the function that they
/// were taken out of, and them.
///
/// # Errors
///
/// When the code has something that is not known here.
pub(crate) fn outline(
    code: &Code<'_>,
    regions: &[Region],
    number: u32,
) -> Result<(Function, Vec<Outlined>)> {
    let mut locals = code.locals[code.n_arguments..].to_vec();
    let first_new = u32::try_from(code.locals.len())?;
    // What a call of a region gives that has to be kept until it is known which way it was left.
    let way = first_new;
    locals.push(ValType::I32);
    locals.extend(&code.results);

    let mut caller = function(&locals)?;
    let mut step = 0;
    let mut outlined = Vec::new();
    for (region, number) in regions.iter().zip(number..) {
        copy(&mut caller, code, step..region.start)?;
        call(&mut caller.instructions(), code, region, number, way);
        outlined.push(callee(code, region)?);
        step = region.end;
    }
    copy(&mut caller, code, step..code.steps.len())?;
    Ok((caller, outlined))
}

fn copy(into: &mut Function, code: &Code<'_>, steps: Range<usize>) -> Result<()> {
    for step in &code.steps[steps] {
        into.instruction(&RoundtripReencoder.instruction(step.operator.clone())?);
    }
    Ok(())
}

/// What stands in place of a region.
fn call(sink: &mut InstructionSink<'_>, code: &Code<'_>, region: &Region, number: u32, way: u32) {
    for local in &region.ins {
        sink.local_get(*local);
    }
    sink.call(number);
    let n_results = u32::try_from(code.results.len()).expect("a function has few results");
    let returned = way + 1..way + 1 + n_results;
    if region.is_left_in_several_ways() {
        sink.local_set(way);
    }
    if region.exits.contains(&Exit::Return) {
        for local in returned.clone().rev() {
            sink.local_set(local);
        }
    }
    for local in region.outs.iter().rev() {
        sink.local_set(*local);
    }
    // What it leaves on the stack is there now.
    let n_ways = region.exits.len() + usize::from(region.falls.is_some());
    for (nth, exit) in (i32::from(region.falls.is_some())..).zip(&region.exits) {
        let is_last = region.falls.is_none() && region.exits.last() == Some(exit);
        if !is_last {
            sink.local_get(way);
            if n_ways > 2 {
                sink.i32_const(nth).i32_eq();
            } else if nth == 0 {
                sink.i32_eqz();
            }
        }
        match exit {
            Exit::To(label) if is_last => drop(sink.br(*label)),
            Exit::To(label) => drop(sink.br_if(*label)),
            Exit::Return => {
                if !is_last {
                    sink.if_(BlockType::Empty);
                }
                for local in returned.clone() {
                    sink.local_get(local);
                }
                sink.return_();
                if !is_last {
                    sink.end();
                }
            }
        }
    }
    if n_ways == 0 {
        sink.unreachable();
    }
}

/// The function that a region becomes.
fn callee(code: &Code<'_>, region: &Region) -> Result<Outlined> {
    let ty_of = |local: &u32| code.locals[*local as usize];
    let falls = region.falls.as_deref().unwrap_or_default();
    let returns = region.exits.contains(&Exit::Return);
    let returned = if returns { code.results.as_slice() } else { &[] };
    let ways: &[ValType] = if region.is_left_in_several_ways() { &[ValType::I32] } else { &[] };
    let outs: Vec<ValType> = region.outs.iter().map(ty_of).collect();
    let arguments: Vec<ValType> = region.ins.iter().map(ty_of).collect();

    // Its locals: those of the region, then what it leaves on the stack, what it returns, and the way.
    let others = region.locals.iter().filter(|local| !region.ins.contains(local)).map(ty_of);
    let mut locals: Vec<ValType> = others.collect();
    let first_fall = u32::try_from(arguments.len() + locals.len())?;
    let first_returned = first_fall + u32::try_from(falls.len())?;
    let way = first_returned + u32::try_from(returned.len())?;
    locals.extend(falls.iter().chain(returned).chain(ways));

    let mut callee = Callee {
        region,
        numbers: region.numbers(),
        depth: code.steps[region.start].depth,
        returned: first_returned..way,
        function: function(&locals)?,
    };
    let n_exits = u32::try_from(region.exits.len())?;
    // Around it all, and then a construct for each way out, to whose end that way goes.
    for _ in 0..=n_exits {
        callee.function.instructions().block(BlockType::Empty);
    }
    for step in &code.steps[region.start..region.end] {
        callee.step(step)?;
    }
    let Callee { numbers, returned: returned_locals, mut function, .. } = callee;
    let mut sink = function.instructions();
    if region.falls.is_some() {
        for local in (first_fall..first_returned).rev() {
            sink.local_set(local);
        }
        sink.br(n_exits);
    } else {
        // Values that nothing can take any more may be left.
        sink.unreachable();
    }
    for nth in 0..n_exits {
        sink.end();
        if !ways.is_empty() {
            let number = i32::try_from(nth)? + i32::from(region.falls.is_some());
            sink.i32_const(number).local_set(way);
        }
        if nth + 1 < n_exits {
            sink.br(n_exits - 1 - nth);
        }
    }
    sink.end();
    let outs_now = region.outs.iter().map(|local| numbers[local]);
    let ways_now = (way..).take(ways.len());
    for local in (first_fall..first_returned).chain(outs_now).chain(returned_locals).chain(ways_now)
    {
        sink.local_get(local);
    }
    if region.falls.is_none() && region.exits.is_empty() {
        sink.unreachable();
    }
    sink.end();
    let results = [falls, &outs, returned, ways].concat();
    Ok(Outlined { ty: FuncType::new(arguments, results), code: function })
}

/// The function that a region becomes, while its code is written.
struct Callee<'a> {
    region: &'a Region,
    /// The new numbers of the region's locals.
    numbers: BTreeMap<u32, u32>,
    /// How many constructs the region is in.
    depth: u32,
    /// Where that is kept which the whole function is to return.
    returned: Range<u32>,
    function: Function,
}

impl Callee<'_> {
    fn step(&mut self, step: &Step<'_>) -> Result<()> {
        let inside = step.depth - self.depth;
        let label = |label| self.label(label, inside);
        match &step.operator {
            Operator::LocalGet { local_index } => {
                self.function.instructions().local_get(self.numbers[local_index]);
            }
            Operator::LocalSet { local_index } => {
                self.function.instructions().local_set(self.numbers[local_index]);
            }
            Operator::LocalTee { local_index } => {
                self.function.instructions().local_tee(self.numbers[local_index]);
            }
            Operator::Return => self.leave(self.whole() + inside, inside),
            Operator::Br { relative_depth } => self.leave(*relative_depth, inside),
            Operator::BrIf { relative_depth } => {
                let target = label(*relative_depth);
                self.function.instructions().br_if(target);
            }
            Operator::BrTable { targets } => {
                let others = targets.targets().map(|target| Ok(label(target?)));
                let others = others.collect::<Result<Vec<u32>>>()?;
                let default = label(targets.default());
                self.function.instructions().br_table(others, default);
            }
            other => {
                self.function.instruction(&RoundtripReencoder.instruction(other.clone())?);
            }
        }
        Ok(())
    }

    /// A branch that is always taken; out of the function it takes the results along.
    fn leave(&mut self, label: u32, inside: u32) {
        if label == self.whole() + inside {
            for local in self.returned.clone().rev() {
                self.function.instructions().local_set(local);
            }
        }
        let target = self.label(label, inside);
        self.function.instructions().br(target);
    }

    /// Where a branch goes now that went to this label.
    fn label(&self, label: u32, inside: u32) -> u32 {
        let Some(out) = label.checked_sub(inside) else { return label };
        let exit = if out == self.whole() { Exit::Return } else { Exit::To(out) };
        let place = self.region.exits.iter().position(|other| *other == exit);
        inside + u32::try_from(place.expect("all exits were found")).expect("they are few")
    }

    /// The label of the function itself, seen from the beginning of the region.
    fn whole(&self) -> u32 {
        self.depth - 1
    }
}

/// A function without code, with these locals.
fn function(locals: &[ValType]) -> Result<Function> {
    let mut types = Vec::new();
    for ty in locals {
        types.push(RoundtripReencoder.val_type(*ty)?);
    }
    Ok(Function::new_with_locals_types(types))
}
