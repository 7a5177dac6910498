//! A module that notes which places of its code run.

use std::collections::VecDeque;
use std::convert::Infallible;

use anyhow::{Context, Result};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, MemArg, MemArgTarget, MemorySection, MemoryType, Module,
};
use wasmparser::{ExportSectionReader, FunctionBody, MemorySectionReader, Parser};

use crate::code::{self, Code};
use crate::module::Module as Read;

/// What the memory is exported as in which the byte of each place that has run is 1.
pub const COUNTED: &str = "counted";

/// The module with a second memory, exported as [`COUNTED`]. Places are the beginning of each function and
/// wherever its code can go on in more than one way; they are numbered through all functions.
///
/// # Errors
///
/// When the module has no memory or exports, or something that is not known here.
pub fn counted(bytes: &[u8]) -> Result<Vec<u8>> {
    let read = Read::read(bytes)?;
    let code = code::all(bytes)?;
    let mut counter = Counter {
        memory: u32::try_from(read.memories.len())?,
        n_places: code.iter().map(|code| code.places().count() as u64).sum(),
        next: 0,
        code: code.into(),
    };
    let mut module = Module::new();
    counter.parse_core_module(&mut module, Parser::new(0), bytes)?;
    let written = module.finish();
    wasmparser::validate(&written).context("what was made of the module is no module")?;
    Ok(written)
}

struct Counter<'a> {
    memory: u32,
    n_places: u64,
    next: u64,
    /// Of the functions that are still to come.
    code: VecDeque<Code<'a>>,
}

impl Reencode for Counter<'_> {
    type Error = Infallible;

    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        section: MemorySectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for memory in section {
            memories.memory(self.memory_type(memory?)?);
        }
        memories.memory(MemoryType {
            minimum: self.n_places.div_ceil(1 << 16),
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for export in section {
            self.parse_export(exports, export?)?;
        }
        exports.export(COUNTED, ExportKind::Memory, self.memory);
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error<Infallible>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let read = self.code.pop_front().expect("it was read once already");
        let mut places = read.places().peekable();
        for (step, read) in read.steps.iter().enumerate() {
            if places.next_if_eq(&step).is_some() {
                let place = MemArg {
                    offset: self.next,
                    align: 0,
                    target: MemArgTarget::Memory(self.memory),
                    ordering: None,
                };
                function.instructions().i32_const(0).i32_const(1).i32_store8(place);
                self.next += 1;
            }
            function.instruction(&self.instruction(read.operator.clone())?);
        }
        code.function(&function);
        Ok(())
    }
}
