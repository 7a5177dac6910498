//! The second of the two modules: what moved, around the memory and the tables of the first.

use std::collections::BTreeMap;

use anyhow::Result;
use wasm_encoder::reencode::Reencode;
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, FunctionSection, ImportSection,
};
use wasmparser::ExternalKind;

use crate::FIRST;
use crate::module::Module;
use crate::numbers::{Numbers, types};
use crate::plan::{Lent, Plan};

/// Writes the module that is fetched.
///
/// # Errors
///
/// When a part of the whole one cannot be read.
pub(crate) fn write(module: &Module<'_>, plan: &Plan) -> Result<Vec<u8>> {
    let here = plan.borrowed.iter().chain(&plan.moved).chain(&plan.copied).copied();
    let mut numbers = Numbers::of(here);

    let mut imports = ImportSection::new();
    for Lent { kind, number, name, .. } in plan.lent(module) {
        let place = number as usize;
        let ty = match kind {
            ExternalKind::Table => EntityType::Table(plan.table(module, place)?),
            ExternalKind::Memory => {
                EntityType::Memory(numbers.memory_type(module.memories[place])?)
            }
            ExternalKind::Global => EntityType::Global(numbers.global_type(module.globals[place])?),
            _ => EntityType::Function(numbers.type_index(module.functions[place])?),
        };
        imports.import(FIRST, &name, ty);
    }
    let mut functions = FunctionSection::new();
    for function in plan.moved.iter().chain(&plan.copied) {
        functions.function(numbers.type_index(module.functions[*function as usize])?);
    }

    let mut elements = ElementSection::new();
    for (place, run) in runs(&plan.places) {
        let run = run.iter().map(|function| numbers.function_index(*function));
        let run = run.collect::<Result<Vec<_>, _>>()?;
        let place = ConstExpr::i32_const(i32::try_from(place)?);
        let table = (plan.table > 0).then_some(plan.table);
        elements.active(table, &place, Elements::Functions(run.into()));
    }
    if !plan.references.is_empty() {
        let referred = plan.references.iter().map(|function| numbers.function_index(*function));
        let referred = referred.collect::<Result<Vec<_>, _>>()?;
        elements.declared(Elements::Functions(referred.into()));
    }
    let mut code = CodeSection::new();
    for function in plan.moved.iter().chain(&plan.copied) {
        numbers.parse_function_body(&mut code, module.body(*function).clone())?;
    }

    let mut rest = wasm_encoder::Module::new();
    rest.section(&types(module, &mut numbers)?)
        .section(&imports)
        .section(&functions)
        .section(&elements);
    rest.section(&code);
    Ok(rest.finish())
}

/// What goes into the table: each run of functions that stand side by side, with its first place.
fn runs(places: &BTreeMap<u32, Vec<u32>>) -> Vec<(u32, Vec<u32>)> {
    let of = |(function, places): (&u32, &Vec<u32>)| {
        let function = *function;
        places.iter().map(move |place| (*place, function)).collect::<Vec<_>>()
    };
    let by_place: BTreeMap<u32, u32> = places.iter().flat_map(of).collect();
    let mut runs: Vec<(u32, Vec<u32>)> = Vec::new();
    for (place, function) in by_place {
        match runs.last_mut() {
            Some((first, run)) if *first as usize + run.len() == place as usize => {
                run.push(function);
            }
            _ => runs.push((place, vec![function])),
        }
    }
    runs
}
