//! The names that a module and the script around it know each other's functions by, made short.
//!
//! wasm-bindgen gives an import the name of what it calls and a hash, and each hash is sent twice: in the
//! module and in the script. Nobody reads them.

use std::collections::HashMap;
use std::convert::Infallible;

use anyhow::{Context, Result};
use wasm_encoder::reencode::{Error, Reencode, RoundtripReencoder};
use wasm_encoder::{ExportSection, ImportSection, Module as Written};
use wasmparser::{Export, ImportSectionReader, Parser};

use crate::module::Module;
use crate::names::short;

/// A module and the script around it.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The module.
    pub wasm: Vec<u8>,
    /// The script that starts it.
    pub script: String,
}

/// Gives everything that the module imports, and exports under a long name, a short one in both.
///
/// # Errors
///
/// When the module has something that is not known here.
pub fn shorten(wasm: &[u8], script: &str) -> Result<Pair> {
    let module = Module::read(wasm)?;
    // A name that the script has in another place as well is not told apart from it: only those go that
    // nothing else can have.
    let is_ours = |name: &str| name.starts_with(MARK) || name.len() >= N_BYTES_LONG;
    let imports = module.imports.iter().map(|import| import.name).filter(|name| is_ours(name));
    let is_free = |name: &String| module.imports.iter().all(|import| import.name != name);
    let imports = imports.zip(short("").filter(is_free)).map(|(old, new)| (old.to_owned(), new));
    let exports = module.exports.iter().map(|export| export.name);
    let exports = exports.filter(|name| name.len() >= N_BYTES_LONG);
    let exports = exports.zip(short("_")).map(|(old, new)| (old.to_owned(), new));
    let mut shorter = Shorter { imports: imports.collect(), exports: exports.collect() };

    let mut written = Written::new();
    shorter.parse_core_module(&mut written, Parser::new(0), wasm)?;
    let wasm = written.finish();
    wasmparser::validate(&wasm).context("what was made of the module is no module")?;
    Ok(Pair { wasm, script: shorter.script(script) })
}

struct Shorter {
    imports: HashMap<String, String>,
    exports: HashMap<String, String>,
}

impl Shorter {
    /// The script with each of the names changed, where it is a whole word.
    fn script(&self, script: &str) -> String {
        let mut changed = String::with_capacity(script.len());
        let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        let mut left = script;
        while let Some(start) = left.find(is_of_word) {
            let (before, from) = left.split_at(start);
            let (word, after) = from.split_at(from.find(|c| !is_of_word(c)).unwrap_or(from.len()));
            changed.push_str(before);
            let new = self.imports.get(word).or_else(|| self.exports.get(word));
            changed.push_str(new.map_or(word, String::as_str));
            left = after;
        }
        changed.push_str(left);
        changed
    }
}

impl Reencode for Shorter {
    type Error = Infallible;

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for import in section.into_imports() {
            let import = import?;
            let name = self.imports.get(import.name).map_or(import.name, String::as_str);
            imports.import(import.module, name, RoundtripReencoder.entity_type(import.ty)?);
        }
        Ok(())
    }

    fn parse_export(
        &mut self,
        exports: &mut ExportSection,
        export: Export<'_>,
    ) -> Result<(), Error<Infallible>> {
        let name = self.exports.get(export.name).map_or(export.name, String::as_str);
        let kind = RoundtripReencoder.export_kind(export.kind)?;
        exports.export(name, kind, export.index);
        Ok(())
    }
}

/// How wasm-bindgen's own names begin.
const MARK: &str = "__wb";
/// Names that long are made by a tool.
const N_BYTES_LONG: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_in_the_module_and_in_the_script() {
        let text = r#"(module
            (import "./glue.js" "__wbg_log_0123456789abcdef" (func))
            (import "./glue.js" "now" (func))
            (memory (export "memory") 1)
            (func (export "convert_closures_invoke_0123456789abcdef")))"#;
        let script = "{ __wbg_log_0123456789abcdef: (a) => now(), x: '__wbg_log_0123456789abcdef2' }\n\
                      wasm.convert_closures_invoke_0123456789abcdef(wasm.memory);";
        let pair = shorten(&wat::parse_str(text).unwrap(), script).unwrap();
        assert_eq!(
            pair.script,
            "{ a: (a) => now(), x: '__wbg_log_0123456789abcdef2' }\nwasm._a(wasm.memory);"
        );
        let module = Module::read(&pair.wasm).unwrap();
        let imports: Vec<_> = module.imports.iter().map(|import| import.name).collect();
        assert_eq!(imports, ["a", "now"]);
        let exports: Vec<_> = module.exports.iter().map(|export| export.name).collect();
        assert_eq!(exports, ["memory", "_a"]);
    }
}
