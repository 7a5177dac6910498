//! What the splitter has to know of a module: its functions, where they are named, its tables.
//!
//! Read is what compilers write for a browser today: functions and memory that are not shared, and tables
//! that are filled when the module starts. Whatever else there is is refused.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{
    ConstExpr, DataSectionReader, Element, ElementItems, ElementKind, Export, ExternalKind,
    FuncType, FunctionBody, GlobalSectionReader, GlobalType, Import, KnownCustom, MemoryType, Name,
    NameSectionReader, Operator, Parser, Payload, TableType, TypeRef,
};

/// A module, in the order and with the numbers of its file; what is imported comes first.
#[derive(Default)]
pub(crate) struct Module<'a> {
    pub(crate) types: Vec<FuncType>,
    pub(crate) imports: Vec<Import<'a>>,
    /// The type of each function.
    pub(crate) functions: Vec<u32>,
    pub(crate) tables: Vec<TableType>,
    pub(crate) memories: Vec<MemoryType>,
    pub(crate) globals: Vec<GlobalType>,
    pub(crate) global_section: Option<GlobalSectionReader<'a>>,
    pub(crate) exports: Vec<Export<'a>>,
    pub(crate) start: Option<u32>,
    pub(crate) elements: Vec<Element<'a>>,
    pub(crate) data_count: Option<u32>,
    pub(crate) bodies: Vec<FunctionBody<'a>>,
    pub(crate) data: Option<DataSectionReader<'a>>,
    names: BTreeMap<u32, &'a str>,
}

/// What the code of a function names.
#[derive(Default)]
pub(crate) struct Named {
    /// Functions that it calls or takes a reference to.
    pub(crate) functions: BTreeSet<u32>,
    /// Those of them to which it takes a reference.
    pub(crate) references: BTreeSet<u32>,
    /// Whether it reads segments, which cannot be read from another module.
    pub(crate) segments: bool,
}

impl<'a> Module<'a> {
    /// # Errors
    ///
    /// When the bytes are no module, or one with something that is not known here.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            module.take(payload?)?;
        }
        ensure!(
            module.functions.len() == module.n_imported() + module.bodies.len(),
            "{} functions are declared and {} written",
            module.functions.len(),
            module.n_imported() + module.bodies.len()
        );
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::TypeSection(types) => {
                for ty in types.into_iter_err_on_gc_types() {
                    self.types.push(ty?);
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    self.import(import?)?;
                }
            }
            Payload::FunctionSection(functions) => {
                for ty in functions {
                    self.functions.push(ty?);
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    self.tables.push(table?.ty);
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    self.memories.push(memory?);
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals.clone() {
                    self.globals.push(global?.ty);
                }
                self.global_section = Some(globals);
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    self.exports.push(export?);
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(elements) => {
                for element in elements {
                    self.elements.push(element?);
                }
            }
            Payload::DataCountSection { count, .. } => self.data_count = Some(count),
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::DataSection(data) => self.data = Some(data),
            Payload::CustomSection(custom) => {
                if let KnownCustom::Name(names) = custom.as_known() {
                    self.take_names(names)?;
                }
            }
            Payload::Version { .. } | Payload::CodeSectionStart { .. } | Payload::End(_) => {}
            other => bail!("the module has a section that is not known here: {other:?}"),
        }
        Ok(())
    }

    fn take_names(&mut self, names: NameSectionReader<'a>) -> Result<()> {
        for name in names {
            // What is no name of a function, and what cannot be read, is no harm.
            if let Ok(Name::Function(functions)) = name {
                for function in functions {
                    let function = function?;
                    self.names.insert(function.index, function.name);
                }
            }
        }
        Ok(())
    }

    fn import(&mut self, import: Import<'a>) -> Result<()> {
        match import.ty {
            TypeRef::Func(ty) => self.functions.push(ty),
            TypeRef::Table(table) => self.tables.push(table),
            TypeRef::Memory(memory) => self.memories.push(memory),
            TypeRef::Global(global) => self.globals.push(global),
            other => bail!("the import {:?} is of a kind not known here: {other:?}", import.name),
        }
        self.imports.push(import);
        Ok(())
    }

    /// How many of the functions are imported.
    pub(crate) fn n_imported(&self) -> usize {
        self.imports.iter().filter(|import| matches!(import.ty, TypeRef::Func(_))).count()
    }

    /// The functions that are written here, with their code.
    pub(crate) fn written(&self) -> impl Iterator<Item = (u32, &FunctionBody<'a>)> {
        (0..).skip(self.n_imported()).zip(&self.bodies)
    }

    /// The code of a function that is not imported.
    pub(crate) fn body(&self, function: u32) -> &FunctionBody<'a> {
        &self.bodies[function as usize - self.n_imported()]
    }

    /// How many bytes the code of a function has that is not imported.
    pub(crate) fn n_bytes(&self, function: u32) -> u64 {
        let range = self.body(function).range();
        range.end - range.start
    }

    /// The type of a function.
    pub(crate) fn type_of(&self, function: u32) -> &FuncType {
        &self.types[self.functions[function as usize] as usize]
    }

    /// The name of a function as its sources have it, where the module knows.
    pub(crate) fn name(&self, function: u32) -> Option<&'a str> {
        self.names.get(&function).copied()
    }

    /// The function that is exported as `name`.
    pub(crate) fn exported(&self, name: &str) -> Option<u32> {
        let export = self.exports.iter().find(|export| export.name == name)?;
        (export.kind == ExternalKind::Func).then_some(export.index)
    }

    /// The one table of functions.
    ///
    /// # Errors
    ///
    /// When there is none, or more than one.
    pub(crate) fn function_table(&self) -> Result<u32> {
        let mut tables =
            (0..).zip(&self.tables).filter(|(_, table)| table.element_type.is_func_ref());
        let (number, _) = tables.next().context("the module has no table of functions")?;
        ensure!(tables.next().is_none(), "the module has more than one table of functions");
        Ok(number)
    }

    /// The places of each function in `table` when the module has started.
    ///
    /// # Errors
    ///
    /// When a segment goes to a place that is not a plain number.
    pub(crate) fn places(&self, table: u32) -> Result<BTreeMap<u32, Vec<u32>>> {
        let mut places: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for element in &self.elements {
            let ElementKind::Active { table_index, offset_expr } = &element.kind else { continue };
            if table_index.unwrap_or(0) != table {
                continue;
            }
            let first = number(offset_expr).context("a segment's place is no plain number")?;
            for (place, function) in (first..).zip(items(element)?) {
                if let Some(function) = function {
                    places.entry(function).or_default().push(place);
                }
            }
        }
        Ok(places)
    }

    /// The functions that something else than code names: exports, tables, globals, the start.
    ///
    /// # Errors
    ///
    /// When a section cannot be read.
    pub(crate) fn named_outside_code(&self) -> Result<BTreeSet<u32>> {
        let mut named: BTreeSet<u32> = self.start.into_iter().collect();
        let exports = self.exports.iter().filter(|export| export.kind == ExternalKind::Func);
        named.extend(exports.map(|export| export.index));
        for element in &self.elements {
            named.extend(items(element)?.into_iter().flatten());
        }
        for global in self.global_section.iter().flat_map(Clone::clone) {
            named.extend(reference(&global?.init_expr)?);
        }
        Ok(named)
    }
}

/// What a function's code names.
///
/// # Errors
///
/// When the code cannot be read.
pub(crate) fn named(body: &FunctionBody<'_>) -> Result<Named> {
    let mut named = Named::default();
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                named.functions.insert(function_index);
            }
            Operator::RefFunc { function_index } => {
                named.functions.insert(function_index);
                named.references.insert(function_index);
            }
            Operator::MemoryInit { .. }
            | Operator::DataDrop { .. }
            | Operator::TableInit { .. }
            | Operator::ElemDrop { .. } => named.segments = true,
            _ => {}
        }
    }
    Ok(named)
}

/// What a segment puts into a table, place by place.
fn items(element: &Element<'_>) -> Result<Vec<Option<u32>>> {
    let mut found = Vec::new();
    match &element.items {
        ElementItems::Functions(functions) => {
            for function in functions.clone() {
                found.push(Some(function?));
            }
        }
        ElementItems::Expressions(_, expressions) => {
            for expression in expressions.clone() {
                found.push(reference(&expression?)?);
            }
        }
    }
    Ok(found)
}

/// The function that an expression refers to.
fn reference(expression: &ConstExpr<'_>) -> Result<Option<u32>> {
    for operator in expression.get_operators_reader() {
        if let Operator::RefFunc { function_index } = operator? {
            return Ok(Some(function_index));
        }
    }
    Ok(None)
}

/// The number that an expression is.
fn number(expression: &ConstExpr<'_>) -> Option<u32> {
    match expression.get_operators_reader().read().ok()? {
        Operator::I32Const { value } => u32::try_from(value).ok(),
        _ => None,
    }
}
