//! The browser tests: node's runner over `e2e/tests`, the built page and the real server.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result};

use crate::count::{Counts, Runner};
use crate::places::Places;
use crate::steps;
use crate::tools::chromium;

/// Builds the server that the tests start, once, in the dev profile the native tests have built.
///
/// # Errors
///
/// When it does not build.
pub(crate) fn build_server(places: &Places) -> Result<()> {
    steps::run(&mut places.cargo(&["build", "--package", "native-server"]))
}

/// Runs the tests; the page and the server have to be built.
///
/// # Errors
///
/// When the runner cannot be started.
pub(crate) fn run(places: &Places) -> Result<Counts> {
    let mut node = places.command("node");
    node.current_dir(places.e2e())
        // One file after the other: the tests measure waits, and a second browser would add some. The
        // time limit is one for a file, against a hang; Playwright has its own for each action.
        .args(["--test", "--test-concurrency=1", "--test-reporter=spec", "--test-timeout=600000"])
        .args(test_files(places)?)
        .env("DIST", places.dist())
        .env("NATIVE_SERVER", server()?);
    if let Some(browser) = chromium(places) {
        node.env("CHROMIUM", browser);
    }
    if let Some(mdbook) = places.on_path("mdbook") {
        node.env("MDBOOK", mdbook);
    }
    let finished = steps::run_and_keep(&mut node)?;
    Ok(Counts::judge(Runner::Node.count(&finished.output), finished.exited_well))
}

/// The built server. It lies beside this program, which cargo built in the same profile, wherever the
/// target folder is.
fn server() -> Result<PathBuf> {
    let own = env::current_exe().context("the path of xtask itself is not known")?;
    Ok(own.with_file_name(format!("native-server{}", env::consts::EXE_SUFFIX)))
}

/// Named one by one: what `node --test` does with a folder differs between its releases.
fn test_files(places: &Places) -> Result<Vec<PathBuf>> {
    let folder = places.e2e().join("tests");
    let mut files = Vec::new();
    for entry in
        fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        let file = entry?.path();
        if file.to_string_lossy().ends_with(".test.mjs") {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}
