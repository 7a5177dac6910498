//! The page's release build, and its weight.

mod halves;
mod single;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::places::Places;
use crate::steps;
use crate::tools::{self, Tool};

pub(crate) use halves::{first_step, split};

/// `cargo xtask dist`: installs what the build needs, builds the page, says where it is. `single`
/// adds the page in one file.
///
/// # Errors
///
/// When a tool cannot be installed or the page does not build.
pub(crate) fn dist(places: &Places, single: bool) -> Result<()> {
    tools::ensure(Tool::OF_PAGE, places)?;
    build(places)?;
    if single {
        pack(places, &places.dist())?;
    }
    println!("xtask: the page is in {}", places.short(&places.dist()).display());
    Ok(())
}

/// Builds the page into `dist/` and prints what it weighs.
///
/// # Errors
///
/// When the page does not build.
pub(crate) fn build(places: &Places) -> Result<()> {
    compile(places)?;
    weigh(places)
}

/// Builds the page into `dist/`, with nothing on standard output.
///
/// # Errors
///
/// When the page does not build.
pub(crate) fn compile(places: &Places) -> Result<()> {
    fetch_crates(places)?;
    let mut trunk = places.command("trunk");
    // Its log comes on standard output, where others may wait for figures.
    steps::run(trunk.args(["build", "--release", "--offline"]).stdout(std::io::stderr()))
}

/// Trunk goes offline so that it never downloads tools of its own choice, and takes cargo along: the
/// crates have to be there before.
fn fetch_crates(places: &Places) -> Result<()> {
    steps::run(&mut places.cargo(&["fetch", "--quiet", "--target", Tool::WasmTarget.name()]))
}

/// Writes the page that is in `dist/` into `folder` as one file, `single.html`.
///
/// # Errors
///
/// When the page was not built, or not as it is known to be, and when the file cannot be written.
pub(crate) fn pack(places: &Places, folder: &Path) -> Result<()> {
    let packed = single::pack(&places.dist())?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let file = folder.join("single.html");
    fs::write(&file, packed).with_context(|| format!("cannot write {}", file.display()))
}

fn weigh(places: &Places) -> Result<()> {
    let dist = places.dist();
    let mut files: Vec<_> = fs::read_dir(&dist)
        .and_then(Iterator::collect::<std::io::Result<_>>)
        .with_context(|| format!("cannot list {}", dist.display()))?;
    files.retain(|file| file.path().is_file());
    files.sort_by_key(std::fs::DirEntry::file_name);

    let mut total = 0;
    for file in files {
        if let Some(n_bytes) = gzipped(&file.path()) {
            println!("xtask: {:>9} gzipped  {}", kilobytes(n_bytes), file.file_name().display());
            total += n_bytes;
        }
    }
    println!("xtask: {:>9} gzipped  in all", kilobytes(total));
    Ok(())
}

/// How many bytes `gzip` makes of a file; `None` where there is no such program, since a build
/// should not fail for want of a figure.
fn gzipped(file: &Path) -> Option<usize> {
    let output = Command::new("gzip").arg("-9c").arg(file).stderr(Stdio::null()).output().ok()?;
    output.status.success().then_some(output.stdout.len())
}

/// In units of 1,000 bytes, rounded up.
fn kilobytes(n_bytes: usize) -> String {
    format!("{} kB", n_bytes.div_ceil(1000))
}
