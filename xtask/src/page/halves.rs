//! The page's WebAssembly in two: what its first step runs, and the rest. The work is the crate
//! `splitter`'s, which a build for release compiles and no other.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use super::fetch_crates;
use crate::places::Places;
use crate::steps;
use crate::tools::{self, Tool, chromium};

/// `cargo xtask split`: Trunk's hook, which splits the page that Trunk has built for release.
///
/// # Errors
///
/// When Trunk does not call it, and when the page cannot be split.
pub(crate) fn split(places: &Places) -> Result<()> {
    let folder = env::var_os("TRUNK_STAGING_DIR")
        .context("TRUNK_STAGING_DIR is not set: Trunk calls this when it has built the page")?;
    if env::var_os("TRUNK_PROFILE").is_none_or(|profile| profile != "release") {
        return Ok(());
    }
    let mut splitter = splitter(places);
    if env::var_os(COUNT).is_some() {
        splitter.arg("count").arg(folder);
    } else {
        splitter.arg("split").arg(folder).arg(profile(places));
    }
    steps::run(&mut splitter)
}

/// `cargo xtask first-step`: learns what the first step runs, from a page that counts it.
///
/// # Errors
///
/// When a tool is missing, the page does not build or does not step.
pub(crate) fn first_step(places: &Places) -> Result<()> {
    tools::ensure(Tool::OF_PAGE, places)?;
    tools::ensure(Tool::OF_BROWSER, places)?;
    fetch_crates(places)?;
    let folder = places.target()?.join("first-step");
    let mut trunk = places.command("trunk");
    trunk.args(["build", "--release", "--offline", "--dist"]).arg(&folder).env(COUNT, "1");
    steps::run(&mut trunk)?;

    let mut node = places.command("node");
    node.current_dir(places.e2e()).arg("first-step.mjs").env("DIST", &folder);
    if let Some(browser) = chromium(places) {
        node.env("CHROMIUM", browser);
    }
    let ran = steps::keep(&mut node)?;
    learn(places, &folder, &ran)?;
    println!("xtask: what the first step runs is in {}", places.short(&profile(places)).display());
    Ok(())
}

fn learn(places: &Places, folder: &Path, ran: &str) -> Result<()> {
    let mut splitter = splitter(places);
    splitter.arg("learn").arg(folder).arg(profile(places)).stdin(Stdio::piped());
    let mut child = splitter.spawn().context("cannot start the splitter")?;
    let mut stdin = child.stdin.take().expect("standard input was asked for as a pipe");
    stdin.write_all(ran.as_bytes()).context("the splitter does not read what has run")?;
    drop(stdin);
    let status = child.wait().context("cannot wait for the splitter")?;
    ensure!(status.success(), "the splitter ended with {status}");
    Ok(())
}

fn splitter(places: &Places) -> std::process::Command {
    places.cargo(&["run", "--quiet", "--package", "splitter", "--"])
}

fn profile(places: &Places) -> PathBuf {
    places.root.join("web-sim/first-step.txt")
}

/// Says to the hook that the page is to count what it runs, and not to be split.
const COUNT: &str = "SCHEDULER_LAB_COUNT";
