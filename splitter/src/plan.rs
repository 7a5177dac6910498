//! Which function goes where.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasmparser::{Export, ExternalKind};

use crate::module::{Module, Named, named};
use crate::names::short;

/// Who goes where. Functions have the numbers of the whole module.
pub(crate) struct Plan {
    /// Has the rest fetched.
    pub(crate) loader: u32,
    /// What goes into the rest.
    pub(crate) moved: BTreeSet<u32>,
    /// Which of these the first module names.
    pub(crate) stand_ins: BTreeSet<u32>,
    /// Where in the table those are that were moved and can be called from the first module.
    pub(crate) places: BTreeMap<u32, Vec<u32>>,
    /// The table of functions.
    pub(crate) table: u32,
    /// How many places it gets in addition.
    pub(crate) n_places: u32,
    /// What the rest calls that is not in it.
    pub(crate) borrowed: BTreeSet<u32>,
    /// Functions of the first module that the rest has too: they are so small that it costs less.
    pub(crate) copied: BTreeSet<u32>,
    /// Functions to which the code of the rest takes a reference.
    pub(crate) references: BTreeSet<u32>,
}

/// What is not larger than what would stand in for it may as well stay.
const N_BYTES_OF_STAND_IN: u64 = 16;

/// What is not larger is in both modules rather than exported by one and imported by the other. The first
/// module is what has to be small.
const N_BYTES_OF_COPY: u64 = 120;

/// What the rest needs of the functions that are not in it.
struct Wanted {
    borrowed: BTreeSet<u32>,
    copied: BTreeSet<u32>,
    references: BTreeSet<u32>,
}

/// Something of the first module that the rest imports.
pub(crate) struct Lent {
    pub(crate) kind: ExternalKind,
    /// Its number in the whole module.
    pub(crate) number: u32,
    /// What the first module exports it as.
    pub(crate) name: String,
    /// Whether the whole module exported it already.
    pub(crate) was_exported: bool,
}

impl Plan {
    /// # Errors
    ///
    /// When the module has no such export, or something that cannot be split.
    pub(crate) fn make(
        module: &Module<'_>,
        loader: &str,
        stays: impl Fn(u32, Option<&str>) -> bool,
    ) -> Result<Self> {
        let context = || format!("the module exports no function {loader:?}");
        let loader = module.exported(loader).with_context(context)?;
        ensure!(loader as usize >= module.n_imported(), "what fetches the rest is imported itself");
        let ty = module.type_of(loader);
        ensure!(
            ty.params().is_empty() && ty.results().is_empty(),
            "what fetches the rest is {ty}, not a function without arguments and results"
        );

        let mut code = BTreeMap::new();
        let mut moved = BTreeSet::new();
        for (function, body) in module.written() {
            let named = named(body)?;
            let has_to_stay = named.segments || module.n_bytes(function) <= N_BYTES_OF_STAND_IN;
            if !has_to_stay && !stays(function, module.name(function)) {
                moved.insert(function);
            }
            code.insert(function, named);
        }
        let mut needed = vec![loader];
        while let Some(function) = needed.pop() {
            moved.remove(&function);
            needed.extend(code[&function].functions.intersection(&moved));
        }

        let mut named_first = module.named_outside_code()?;
        for (_, named) in code.iter().filter(|(function, _)| !moved.contains(function)) {
            named_first.extend(&named.functions);
        }
        let stand_ins: BTreeSet<u32> = named_first.intersection(&moved).copied().collect();
        let table = module.function_table()?;
        let mut places = module.places(table)?;
        places.retain(|function, _| moved.contains(function));
        let n_old = u32::try_from(module.tables[table as usize].initial)?;
        let mut n_places = 0;
        for function in &stand_ins {
            places.entry(*function).or_insert_with(|| {
                n_places += 1;
                vec![n_old + n_places - 1]
            });
        }
        let Wanted { borrowed, copied, references } = Wanted::of(module, &code, &moved);
        Ok(Self { loader, moved, stand_ins, places, table, n_places, borrowed, copied, references })
    }

    /// A table as it is in both, with the new places.
    ///
    /// # Errors
    ///
    /// When it has something that is not known here.
    pub(crate) fn table(
        &self,
        module: &Module<'_>,
        number: usize,
    ) -> Result<wasm_encoder::TableType> {
        let mut table = module.tables[number];
        if number == self.table as usize {
            table.initial += u64::from(self.n_places);
            table.maximum = table.maximum.map(|most| most + u64::from(self.n_places));
        }
        Ok(RoundtripReencoder.table_type(table)?)
    }

    /// What the rest has of the first, in the order in which it imports it.
    pub(crate) fn lent(&self, module: &Module<'_>) -> Vec<Lent> {
        let all = |kind, n: usize| (0..).take(n).map(move |number| (kind, number));
        let is_free = |name: &String| module.exports.iter().all(|export| export.name != name);
        let mut names = short("").filter(is_free);
        let mut lent = |(kind, number)| {
            let is = |export: &&Export<'_>| export.kind == kind && export.index == number;
            let exported = module.exports.iter().find(is).map(|export| export.name.to_owned());
            let was_exported = exported.is_some();
            let name = exported.or_else(|| names.next()).expect("there is always another name");
            Lent { kind, number, name, was_exported }
        };
        let things = all(ExternalKind::Table, module.tables.len())
            .chain(all(ExternalKind::Memory, module.memories.len()))
            .chain(all(ExternalKind::Global, module.globals.len()));
        let functions = self.borrowed.iter().map(|function| (ExternalKind::Func, *function));
        things.chain(functions).map(&mut lent).collect()
    }
}

impl Wanted {
    fn of(module: &Module<'_>, code: &BTreeMap<u32, Named>, moved: &BTreeSet<u32>) -> Self {
        let mut wanted = Self {
            borrowed: BTreeSet::new(),
            copied: BTreeSet::new(),
            references: BTreeSet::new(),
        };
        let mut left: Vec<u32> = moved.iter().copied().collect();
        while let Some(function) = left.pop() {
            let Named { functions, references, .. } = &code[&function];
            wanted.references.extend(references);
            for called in functions.difference(moved) {
                let is_copied = code.get(called).is_some_and(|named| {
                    !named.segments && module.n_bytes(*called) <= N_BYTES_OF_COPY
                });
                if !is_copied {
                    wanted.borrowed.insert(*called);
                } else if wanted.copied.insert(*called) {
                    left.push(*called);
                }
            }
        }
        wanted
    }
}
