//! The numbers of functions in a module that has not all of them, and what both modules have alike.

use std::fmt;

use anyhow::Result;
use wasm_encoder::TypeSection;
use wasm_encoder::reencode::{Error, Reencode};

use crate::module::Module;

/// From the numbers of the whole module to those of one of the two.
pub(crate) struct Numbers {
    new: Vec<Option<u32>>,
    /// How many functions it has.
    pub(crate) n: u32,
    /// The types that were named so far, by their new numbers.
    types: Vec<u32>,
}

/// A function that is not in this module and was named there all the same.
#[derive(Debug)]
pub(crate) struct NotHere(u32);

impl Numbers {
    /// For a module with these functions, in this order.
    pub(crate) fn of(functions: impl Iterator<Item = u32>) -> Self {
        let mut numbers = Self { new: Vec::new(), n: 0, types: Vec::new() };
        for function in functions {
            let old = function as usize;
            if numbers.new.len() <= old {
                numbers.new.resize(old + 1, None);
            }
            numbers.new[old] = Some(numbers.n);
            numbers.n += 1;
        }
        numbers
    }
}

impl Reencode for Numbers {
    type Error = NotHere;

    fn function_index(&mut self, old: u32) -> Result<u32, Error<NotHere>> {
        let new = self.new.get(old as usize).copied().flatten();
        new.ok_or(Error::UserError(NotHere(old)))
    }

    fn type_index(&mut self, old: u32) -> Result<u32, Error<NotHere>> {
        let place = self.types.iter().position(|known| *known == old).unwrap_or_else(|| {
            self.types.push(old);
            self.types.len() - 1
        });
        Ok(u32::try_from(place).expect("types have numbers of this size"))
    }
}

impl fmt::Display for NotHere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "function {} is not in this module", self.0)
    }
}

impl std::error::Error for NotHere {}

/// The types that were named: to be called when everything else is written.
pub(crate) fn types(module: &Module<'_>, numbers: &mut Numbers) -> Result<TypeSection> {
    let mut types = TypeSection::new();
    for ty in numbers.types.clone() {
        types.ty().func_type(&numbers.func_type(module.types[ty as usize].clone())?);
    }
    Ok(types)
}
