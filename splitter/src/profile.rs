//! What ran until a certain moment, as a file that outlives the build it was learnt from.
//!
//! A line is a function that ran: its name, which is the same in every build. Where whole stretches of its code
//! did not run, there follow the shape of its code and the steps at which the stretches begin: they mean
//! something only as long as the code has that shape.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use anyhow::{Context, Result, ensure};

use crate::code::{self, Code};
use crate::module::Module;
use crate::names::stable;
use crate::region;

/// The functions that ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    functions: HashMap<String, Vec<Idle>>,
}

/// Where a function was idle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Idle {
    shape: u64,
    starts: Vec<usize>,
}

impl Profile {
    /// Reads what [`Self`] prints.
    ///
    /// # Errors
    ///
    /// On a line that is none of it, with its number.
    pub fn parse(text: &str) -> Result<Self> {
        let mut profile = Self::default();
        for (line, number) in text.lines().zip(1..) {
            profile.add(line).with_context(|| format!("line {number}"))?;
        }
        Ok(profile)
    }

    fn add(&mut self, line: &str) -> Result<()> {
        let mut cells = line.split('\t');
        let name = cells.next().filter(|name| !name.is_empty()).context("no name")?.to_owned();
        let functions = self.functions.entry(name).or_default();
        if let Some(shape) = cells.next() {
            let shape = u64::from_str_radix(shape, 16).context("the shape is no number")?;
            let starts = cells.next().context("no steps after the shape")?.split(',');
            let starts: Result<Vec<usize>, _> = starts.map(str::parse).collect();
            functions.push(Idle { shape, starts: starts.context("a step is no number")? });
        }
        ensure!(cells.next().is_none(), "more than a name, a shape and steps");
        Ok(())
    }

    /// What a module's run says; `ran` are the numbers of places of [`crate::counted`] that ran.
    ///
    /// # Errors
    ///
    /// When the module has something that is not known here.
    pub fn learn(bytes: &[u8], ran: &BTreeSet<usize>) -> Result<Self> {
        let module = Module::read(bytes)?;
        let mut profile = Self::default();
        let mut number = 0;
        for ((function, _), code) in module.written().zip(code::all(bytes)?) {
            let mut has_run = vec![false; code.steps.len()];
            let places: Vec<usize> = code.places().collect();
            for (nth, place) in places.iter().enumerate() {
                let end = places.get(nth + 1).copied().unwrap_or(has_run.len());
                has_run[*place..end].fill(ran.contains(&number));
                number += 1;
            }
            let name = module.name(function).map(stable);
            if let Some(name) = name.filter(|_| has_run[0]) {
                let idle = profile.functions.entry(name).or_default();
                let regions = region::cold(&code, &has_run, &module.types)?;
                if !regions.is_empty() {
                    let starts = regions.iter().map(|region| region.start).collect();
                    idle.push(Idle { shape: code.shape(), starts });
                }
            }
        }
        Ok(profile)
    }

    /// Whether a function of this name ran.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.functions.contains_key(&stable(name))
    }

    /// The steps at which stretches of this function's code begin that did not run.
    pub(crate) fn idle(&self, name: &str, code: &Code<'_>) -> Vec<usize> {
        let Some(known) = self.functions.get(&stable(name)).filter(|known| !known.is_empty())
        else {
            return Vec::new();
        };
        let shape = code.shape();
        let known = known.iter().find(|idle| idle.shape == shape);
        known.map_or_else(Vec::new, |idle| idle.starts.clone())
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        for (name, idle) in &self.functions {
            if idle.is_empty() {
                lines.push(name.clone());
            }
            for Idle { shape, starts } in idle {
                let starts: Vec<String> = starts.iter().map(ToString::to_string).collect();
                lines.push(format!("{name}\t{shape:016x}\t{}", starts.join(",")));
            }
        }
        lines.sort();
        lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
