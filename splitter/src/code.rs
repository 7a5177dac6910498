//! The code of a function, instruction by instruction, with what a reader of it keeps in mind: how deep it
//! is nested, and what waits on the stack.

use std::hash::{Hash, Hasher};

use anyhow::{Context, Result, bail};
use wasmparser::{
    BlockType, FuncToValidate, FuncValidatorAllocations, FunctionBody, Operator, Parser, ValType,
    ValidPayload, Validator, ValidatorResources, WasmModuleResources,
};

use crate::fnv::Fnv;

/// A function's code.
pub(crate) struct Code<'a> {
    pub(crate) steps: Vec<Step<'a>>,
    /// The types of its arguments and other locals.
    pub(crate) locals: Vec<ValType>,
    /// How many of these are arguments.
    pub(crate) n_arguments: usize,
    /// What it returns.
    pub(crate) results: Vec<ValType>,
}

/// An instruction.
pub(crate) struct Step<'a> {
    pub(crate) operator: Operator<'a>,
    /// Where it is in the file.
    pub(crate) offset: u64,
    /// How many constructs it is in, the function itself being one.
    pub(crate) depth: u32,
    /// How many values are on the stack that were put there in the innermost of them.
    pub(crate) height: usize,
    /// Whether it stands behind one that never goes on.
    pub(crate) is_dead: bool,
}

/// A construct that can be branched to.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// What it leaves on the stack.
    pub(crate) results: Vec<ValType>,
    /// How many values a branch to it takes along.
    pub(crate) n_carried: usize,
    /// The step at which it begins.
    pub(crate) start: usize,
    /// Whether a branch to it goes back to its beginning.
    pub(crate) is_loop: bool,
}

/// Reads the code of all functions that are written in a module.
///
/// # Errors
///
/// When the module is not valid.
pub(crate) fn all(bytes: &[u8]) -> Result<Vec<Code<'_>>> {
    let mut validator = Validator::new();
    let mut allocations = FuncValidatorAllocations::default();
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        if let ValidPayload::Func(function, body) = validator.payload(&payload?)? {
            let (code, free) = Code::read(function, &body, allocations)?;
            found.push(code);
            allocations = free;
        }
    }
    Ok(found)
}

impl<'a> Code<'a> {
    fn read(
        function: FuncToValidate<ValidatorResources>,
        body: &FunctionBody<'a>,
        allocations: FuncValidatorAllocations,
    ) -> Result<(Self, FuncValidatorAllocations)> {
        let ty =
            function.resources.sub_type_at(function.ty).context("a function without a type")?;
        let ty = ty.unwrap_func();
        let (n_arguments, results) = (ty.params().len(), ty.results().to_vec());
        let mut validator = function.into_validator(allocations);
        let mut reader = body.get_binary_reader();
        validator.read_locals(&mut reader)?;
        let locals =
            (0..validator.len_locals()).filter_map(|local| validator.get_local_type(local));
        let locals = locals.collect();

        let mut steps = Vec::new();
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let (operator, offset) = operators.read_with_offset()?;
            let frame = validator.get_control_frame(0).context("code behind the function's end")?;
            steps.push(Step {
                offset,
                depth: validator.control_stack_height(),
                height: validator.operand_stack_height() as usize - frame.height,
                is_dead: frame.unreachable,
                operator: operator.clone(),
            });
            validator.op(offset, &operator)?;
        }
        Ok((Self { steps, locals, n_arguments, results }, validator.into_allocations()))
    }

    /// The places at which it is told that code has run: its beginning, and where it can go on in more than
    /// one way.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> + '_ {
        let forks = |step: &Step<'_>| forks(&step.operator);
        let after = self.steps.iter().enumerate().filter(move |(_, step)| forks(step));
        std::iter::once(0)
            .chain(after.map(|(place, _)| place + 1))
            .filter(|place| *place < self.steps.len())
    }

    /// The constructs that the step is in, the innermost first.
    ///
    /// # Errors
    ///
    /// When one has a type that is not known here.
    pub(crate) fn frames(&self, step: usize, types: &[wasmparser::FuncType]) -> Result<Vec<Frame>> {
        let whole = Frame {
            n_carried: self.results.len(),
            results: self.results.clone(),
            start: 0,
            is_loop: false,
        };
        let mut frames = vec![whole];
        for (start, Step { operator, .. }) in self.steps[..step].iter().enumerate() {
            match operator {
                Operator::Block { blockty } | Operator::If { blockty } => {
                    let (_, results) = signature(*blockty, types)?;
                    frames.push(Frame { n_carried: results.len(), results, start, is_loop: false });
                }
                Operator::Loop { blockty } => {
                    let (n_carried, results) = signature(*blockty, types)?;
                    frames.push(Frame { n_carried, results, start, is_loop: true });
                }
                Operator::End => drop(frames.pop()),
                Operator::Try { .. } | Operator::TryTable { .. } => bail!("code that catches"),
                _ => {}
            }
        }
        frames.reverse();
        Ok(frames)
    }

    /// Where the innermost construct ends that the step is in: its `end` or `else`.
    pub(crate) fn end(&self, step: usize) -> usize {
        let depth = self.steps[step].depth;
        let ends = |other: &Step<'_>| {
            other.depth == depth && matches!(other.operator, Operator::End | Operator::Else)
        };
        let n_steps = self.steps[step..].iter().position(ends);
        step + n_steps.expect("valid code ends each construct that it begins")
    }

    /// A number that changes when instructions come or go, and not when only what they name does: numbers
    /// of functions and addresses are others in each build. It is one of this version of wasmparser, which
    /// counts kinds of instructions: where another version counts otherwise, the profile is of other code.
    pub(crate) fn shape(&self) -> u64 {
        let mut hasher = Fnv::default();
        for step in &self.steps {
            std::mem::discriminant(&step.operator).hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// Whether code can go on in more than one way after it, or come to what follows it.
pub(crate) fn forks(operator: &Operator<'_>) -> bool {
    matches!(operator, Operator::If { .. } | Operator::Else | Operator::End | Operator::BrIf { .. })
}

fn signature(ty: BlockType, types: &[wasmparser::FuncType]) -> Result<(usize, Vec<ValType>)> {
    Ok(match ty {
        BlockType::Empty => (0, Vec::new()),
        BlockType::Type(result) => (0, vec![result]),
        BlockType::FuncType(number) => {
            let ty = types.get(number as usize).context("a construct without a type")?;
            (ty.params().len(), ty.results().to_vec())
        }
    })
}
