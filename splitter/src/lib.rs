//! Splits a WebAssembly module in two: what runs until a certain moment, and the rest.
//!
//! A program is fetched whole before its first line runs, though most of it may never be asked for.
//! Here a module that was compiled and linked as always is taken apart by function. The *first* module is
//! the whole one without the functions that move. In place of each of those that something names there
//! is a *stand-in*: it has the rest fetched if it is not there, and calls the function through its place in
//! the table, which is where the second module, the *rest*, puts it. The rest imports everything else
//! from the first: memory, tables, globals, and the functions that its own call.
//!
//! So the two do what the one did, whichever functions are in which: that only decides what is fast.
//! Which they should be is learnt by [`counted`]: a module that notes which of its functions run.
//!
//! What the page makes of it is in `main.rs`.

mod apart;
mod code;
mod counted;
mod first;
mod fnv;
mod glue;
mod module;
mod names;
mod numbers;
mod outline;
mod plan;
mod profile;
mod region;
mod rest;
mod tidy;

use anyhow::{Context, Result};

pub use counted::{COUNTED, counted};
pub use fnv::stamp;
pub use glue::{Pair, shorten};
pub use profile::Profile;
pub use tidy::tidy;

use crate::apart::apart;
use crate::module::Module;
use crate::plan::Plan;

/// The two modules.
#[derive(Clone, Debug)]
pub struct Halves {
    /// What is there from the start.
    pub first: Vec<u8>,
    /// What is fetched when one of its functions is called. It imports from [`FIRST`] what the first
    /// module exports.
    pub rest: Vec<u8>,
    /// How many functions are in the rest.
    pub n_moved: usize,
    /// How many of them have a stand-in in the first.
    pub n_stand_ins: usize,
}

/// The name of the first module, for the rest.
pub const FIRST: &str = "p";

/// Splits a module: what ran stays, and so does what fetches the rest, the function that is exported as
/// `loader`. It is called without arguments, and when it returns the rest has to be there.
///
/// # Errors
///
/// When the module has something that is not known here, or no such export.
pub fn split(bytes: &[u8], loader: &str, ran: &Profile) -> Result<Halves> {
    let (bytes, n_before) = apart(bytes, |name, code| ran.idle(name, code))?;
    let module = Module::read(&bytes)?;
    // What has no name is not known to be idle.
    let stays = |function: u32, name: Option<&str>| {
        function < n_before && name.is_none_or(|name| ran.has(name))
    };
    let plan = Plan::make(&module, loader, stays)?;
    let halves = Halves {
        first: first::write(&module, &plan)?,
        rest: rest::write(&module, &plan)?,
        n_moved: plan.moved.len(),
        n_stand_ins: plan.stand_ins.len(),
    };
    for half in [&halves.first, &halves.rest] {
        wasmparser::validate(half).context("what was made of the module is no module")?;
    }
    Ok(halves)
}
