//! Splits the page that Trunk has built, after everything is built and before it is in place.
//!
//! - `splitter split FOLDER PROFILE` splits the page in FOLDER as what is in PROFILE says.
//! - `splitter count FOLDER` makes it a page that counts which places of its code run.
//! - `splitter learn FOLDER PROFILE` reads from standard input which did, and writes PROFILE.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, stdin};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use splitter::{Pair, Profile, stamp};

fn main() -> Result<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let arguments: Vec<&Path> = arguments.iter().map(PathBuf::as_path).collect();
    match arguments.as_slice() {
        [task, folder, profile] if *task == "split" => split(folder, profile),
        [task, folder] if *task == "count" => count(folder),
        [task, folder, profile] if *task == "learn" => learn(folder, profile),
        _ => bail!(
            "{arguments:?}; allowed: split FOLDER PROFILE, count FOLDER, learn FOLDER PROFILE"
        ),
    }
}

/// Splits the page in `folder`. The new files have names of their own content: halves of two builds
/// never meet, whatever a browser or a host keeps.
fn split(folder: &Path, profile: &Path) -> Result<()> {
    let page = Page::read(folder)?;
    let text = read_text(profile)?;
    let profile = Profile::parse(&text).with_context(|| format!("{}", profile.display()))?;
    let Pair { wasm, script } = splitter::shorten(&page.wasm, &page.script)?;
    let script = splitter::tidy(&script);
    let halves = splitter::split(&wasm, LOADER, &profile)
        .with_context(|| format!("cannot split {}", page.wasm_name()))?;

    ensure!(page.html.contains(REST), "index.html does not say where the rest is: {REST:?}");
    let new = format!("web-sim-{:016x}", stamp(&[&halves.first, &halves.rest, script.as_bytes()]));
    let html = page.html.replace(REST, &format!("{new}_rest.wasm")).replace(&page.name, &new);
    for old in [page.wasm_name(), page.script_name()] {
        fs::remove_file(folder.join(&old)).with_context(|| format!("cannot remove {old}"))?;
    }
    write(&folder.join(format!("{new}{WASM_END}")), &halves.first)?;
    write(&folder.join(format!("{new}_rest.wasm")), &halves.rest)?;
    write(&folder.join(format!("{new}.js")), script.as_bytes())?;
    write(&folder.join(INDEX), splitter::tidy(&html).as_bytes())
}

/// Makes the page in `folder` count, and leaves what it was beside it.
fn count(folder: &Path) -> Result<()> {
    let page = Page::read(folder)?;
    write(&folder.join(page.wasm_name()), &splitter::counted(&page.wasm)?)?;
    write(&folder.join(WHOLE), &page.wasm)
}

/// Writes the profile of what has run in a page that counts.
fn learn(folder: &Path, profile: &Path) -> Result<()> {
    let mut numbers = String::new();
    stdin().read_to_string(&mut numbers).context("cannot read what has run")?;
    let ran = numbers.lines().map(|line| line.parse().with_context(|| format!("{line:?}")));
    let ran = ran.collect::<Result<BTreeSet<usize>>>()?;
    ensure!(!ran.is_empty(), "nothing has run");
    let learnt = Profile::learn(&read(&folder.join(WHOLE))?, &ran)?;
    write(profile, learnt.to_string().as_bytes())
}

/// A page as Trunk builds it.
struct Page {
    html: String,
    /// What the names of its WebAssembly and its script begin with.
    name: String,
    wasm: Vec<u8>,
    script: String,
}

impl Page {
    fn read(folder: &Path) -> Result<Self> {
        let html = read_text(&folder.join(INDEX))?;
        let start = html.find(WASM).context("index.html starts no WebAssembly")? + WASM.len();
        let end = html[start..].find(WASM_END).context("the WebAssembly has an unusual name")?;
        let name = html[start..start + end].to_owned();
        let mut page = Self { html, name, wasm: Vec::new(), script: String::new() };
        page.wasm = read(&folder.join(page.wasm_name()))?;
        page.script = read_text(&folder.join(page.script_name()))?;
        Ok(page)
    }

    fn wasm_name(&self) -> String {
        format!("{}{WASM_END}", self.name)
    }

    fn script_name(&self) -> String {
        format!("{}.js", self.name)
    }
}

fn read_text(file: &Path) -> Result<String> {
    String::from_utf8(read(file)?).with_context(|| format!("{} is no UTF-8", file.display()))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn write(file: &Path, content: &[u8]) -> Result<()> {
    fs::write(file, content).with_context(|| format!("cannot write {}", file.display()))
}

const INDEX: &str = "index.html";
/// The WebAssembly of a page that counts, before it did.
const WHOLE: &str = "whole.wasm";
/// What fetches the rest: `web-sim/src/main.rs`.
const LOADER: &str = "load_rest";
/// What stands before the name of the WebAssembly where Trunk starts it.
const WASM: &str = "module_or_path: './";
/// What its name ends with.
const WASM_END: &str = "_bg.wasm";
/// What the document calls the rest until it is known.
const REST: &str = "web-sim_rest.wasm";
