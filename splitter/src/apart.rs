//! A module in which what never runs is apart: functions of which some parts have not run lose them to new
//! functions without names.

use std::convert::Infallible;

use anyhow::{Result, ensure};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, Function, FunctionSection, Module as Written, TypeSection};
use wasmparser::{CodeSectionReader, FuncType, FunctionSectionReader, Parser, TypeSectionReader};

use crate::code::{self, Code};
use crate::module::Module;
use crate::outline::{Outlined, outline};
use crate::region::Region;

/// Takes regions out of functions: of each written function those whose first steps `starts` gives. The
/// new functions have the numbers from the one that is returned on.
///
/// # Errors
///
/// When the module has something that is not known here, and when a step is none of its function's code, or
/// lies in the region before.
pub(crate) fn apart(
    bytes: &[u8],
    starts: impl Fn(&str, &Code<'_>) -> Vec<usize>,
) -> Result<(Vec<u8>, u32)> {
    let module = Module::read(bytes)?;
    let mut apart = Apart { types: module.types.clone(), ..Apart::default() };
    let n_before = u32::try_from(module.functions.len())?;
    let mut n_functions = n_before;
    for ((function, _), code) in module.written().zip(code::all(bytes)?) {
        let starts = module.name(function).map_or_else(Vec::new, |name| starts(name, &code));
        let mut regions: Vec<Region> = Vec::new();
        for start in starts {
            let from = regions.last().map_or(0, |last| last.end);
            ensure!(
                (from..code.steps.len()).contains(&start),
                "step {start} of function {function} given, allowed is {from}..{}",
                code.steps.len()
            );
            regions.extend(Region::of(&code, start, &module.types)?);
        }
        if regions.is_empty() {
            apart.callers.push(None);
            continue;
        }
        let (caller, outlined) = outline(&code, &regions, n_functions)?;
        apart.callers.push(Some(caller));
        n_functions += u32::try_from(outlined.len())?;
        for Outlined { ty, code } in outlined {
            let number = apart.number_of(ty)?;
            apart.new.push((number, code));
        }
    }
    apart.callers.reverse();
    let mut written = Written::new();
    apart.parse_core_module(&mut written, Parser::new(0), bytes)?;
    Ok((written.finish(), n_before))
}

#[derive(Default)]
struct Apart {
    /// The functions in the module, the last first, where they are no longer what they were.
    callers: Vec<Option<Function>>,
    /// The functions that come in addition, with their types.
    new: Vec<(u32, Function)>,
    /// The module's types, and those that come in addition.
    types: Vec<FuncType>,
}

impl Apart {
    fn number_of(&mut self, ty: FuncType) -> Result<u32> {
        let known = self.types.iter().position(|known| *known == ty);
        Ok(u32::try_from(known.unwrap_or_else(|| {
            self.types.push(ty);
            self.types.len() - 1
        }))?)
    }
}

impl Reencode for Apart {
    type Error = Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        _: TypeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for ty in self.types.clone() {
            types.ty().func_type(&self.func_type(ty)?);
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for ty in section {
            functions.function(ty?);
        }
        for (ty, _) in &self.new {
            functions.function(*ty);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for body in section {
            match self.callers.pop().flatten() {
                Some(caller) => drop(code.function(&caller)),
                None => self.parse_function_body(code, body?)?,
            }
        }
        for (_, function) in &self.new {
            code.function(function);
        }
        Ok(())
    }
}
