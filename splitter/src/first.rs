//! The first of the two modules: the whole one without what moved, and stand-ins for it.

use anyhow::Result;
use wasm_encoder::reencode::Reencode;
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection,
    MemorySection, StartSection, TableSection, ValType,
};
use wasmparser::TypeRef;

use crate::module::Module;
use crate::numbers::{Numbers, types};
use crate::plan::Plan;

/// Writes the module that is there from the start.
///
/// # Errors
///
/// When a part of the whole one cannot be read.
pub(crate) fn write(module: &Module<'_>, plan: &Plan) -> Result<Vec<u8>> {
    let stays = module.written().filter(|(function, _)| !plan.moved.contains(function));
    let mut stays: Vec<u32> = stays.map(|(function, _)| function).collect();
    // Like stands beside like, which a compressor finds: functions of one size, stand-ins of one type.
    stays.sort_by_key(|function| (module.n_bytes(*function), *function));
    let mut stand_ins: Vec<u32> = plan.stand_ins.iter().copied().collect();
    stand_ins
        .sort_by_key(|function| (module.functions[*function as usize], plan.places[function][0]));
    let imported = (0..).take(module.n_imported());
    let here = imported.chain(stays.iter().copied()).chain(stand_ins.iter().copied());
    let mut numbers = Numbers::of(here);
    let fetch = numbers.n;
    let fetched = u32::try_from(module.globals.len())?;
    let ty_of_loader = module.functions[plan.loader as usize];

    let mut imports = ImportSection::new();
    for import in &module.imports {
        numbers.parse_import(&mut imports, *import)?;
    }
    let mut functions = FunctionSection::new();
    for function in stays.iter().chain(&stand_ins) {
        functions.function(numbers.type_index(module.functions[*function as usize])?);
    }
    functions.function(numbers.type_index(ty_of_loader)?);

    let n_imported =
        |is: fn(&TypeRef) -> bool| module.imports.iter().filter(|import| is(&import.ty)).count();
    let mut tables = TableSection::new();
    for table in n_imported(|ty| matches!(ty, TypeRef::Table(_)))..module.tables.len() {
        tables.table(plan.table(module, table)?);
    }
    let mut memories = MemorySection::new();
    for memory in &module.memories[n_imported(|ty| matches!(ty, TypeRef::Memory(_)))..] {
        memories.memory(numbers.memory_type(*memory)?);
    }
    let mut globals = GlobalSection::new();
    if let Some(section) = &module.global_section {
        numbers.parse_global_section(&mut globals, section.clone())?;
    }
    let whether = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
    globals.global(whether, &ConstExpr::i32_const(0));

    let mut exports = ExportSection::new();
    for export in &module.exports {
        numbers.parse_export(&mut exports, *export)?;
    }
    for lent in plan.lent(module).iter().filter(|lent| !lent.was_exported) {
        let number = numbers.external_index(lent.kind, lent.number)?;
        exports.export(&lent.name, numbers.export_kind(lent.kind)?, number);
    }
    let mut elements = ElementSection::new();
    for element in &module.elements {
        numbers.parse_element(&mut elements, element.clone())?;
    }

    let mut code = CodeSection::new();
    for function in &stays {
        numbers.parse_function_body(&mut code, module.body(*function).clone())?;
    }
    for function in &stand_ins {
        code.function(&stand_in(module, plan, *function, fetch, &mut numbers)?);
    }
    code.function(&fetcher(fetched, numbers.function_index(plan.loader)?));

    let mut first = wasm_encoder::Module::new();
    first
        .section(&types(module, &mut numbers)?)
        .section(&imports)
        .section(&functions)
        .section(&tables);
    first.section(&memories).section(&globals).section(&exports);
    if let Some(start) = module.start {
        first.section(&StartSection { function_index: numbers.function_index(start)? });
    }
    first.section(&elements);
    if let Some(count) = module.data_count {
        first.section(&DataCountSection { count });
    }
    first.section(&code);
    if let Some(section) = &module.data {
        let mut data = DataSection::new();
        numbers.parse_data_section(&mut data, section.clone())?;
        first.section(&data);
    }
    Ok(first.finish())
}

/// What is called in place of a function that moved.
fn stand_in(
    module: &Module<'_>,
    plan: &Plan,
    function: u32,
    fetch: u32,
    numbers: &mut Numbers,
) -> Result<Function> {
    let place = i32::try_from(plan.places[&function][0])?;
    let mut code = Function::new([]);
    code.instructions().call(fetch);
    for argument in (0..).take(module.type_of(function).params().len()) {
        code.instructions().local_get(argument);
    }
    code.instructions()
        .i32_const(place)
        .call_indirect(plan.table, numbers.type_index(module.functions[function as usize])?)
        .end();
    Ok(code)
}

/// Has the rest fetched, once.
fn fetcher(fetched: u32, loader: u32) -> Function {
    let mut code = Function::new([]);
    code.instructions()
        .global_get(fetched)
        .i32_eqz()
        .if_(BlockType::Empty)
        .call(loader)
        .i32_const(1)
        .global_set(fetched)
        .end()
        .end();
    code
}
