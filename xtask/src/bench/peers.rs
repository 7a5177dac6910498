//! The programs in `bench-peers/`: built, run, and what they print read.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::places::Places;
use crate::steps;
use crate::tools::Tool;

/// Builds the contestants that are Rust programs, in release; what cargo says goes to standard error.
///
/// # Errors
///
/// When one does not build.
pub(super) fn build(places: &Places, packages: &[&str]) -> Result<()> {
    // Not `--locked`: a dependency that our server gains is no reason to refuse to measure it. What
    // the lock file has keeps its version.
    let mut cargo = places.cargo(&["build", "--release"]);
    in_workspace(&mut cargo, places)?;
    for package in packages {
        cargo.args(["--package", package]);
    }
    steps::run(&mut cargo)
}

/// Builds a contestant for wasm and writes its JavaScript for Node; the path of that.
///
/// # Errors
///
/// When it does not build.
pub(super) fn build_wasm(places: &Places, package: &str) -> Result<PathBuf> {
    let target = Tool::WasmTarget.name();
    let mut cargo = places.cargo(&["build", "--release", "--lib", "--target", target]);
    in_workspace(&mut cargo, places)?;
    steps::run(cargo.args(["--package", package]))?;
    let folder = folder(places)?.join(target).join("release");
    let out = folder.join("node");
    let mut bindgen = places.command("wasm-bindgen");
    bindgen.arg(folder.join(format!("{package}.wasm"))).args(["--target", "nodejs"]);
    steps::run(bindgen.arg("--out-dir").arg(&out))?;
    Ok(out.join(format!("{package}.js")))
}

/// A contestant's program, once it has been built.
///
/// # Errors
///
/// When the target folder is not known.
pub(super) fn program(places: &Places, name: &str) -> Result<Command> {
    Ok(places.command(folder(places)?.join("release").join(name)))
}

/// The figures that a contestant printed: a name and a number a line.
#[derive(Debug)]
pub(super) struct Figures(Vec<(String, f64)>);

impl Figures {
    /// Runs a contestant to its end.
    ///
    /// # Errors
    ///
    /// When it fails, or prints something else.
    pub(super) fn of(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let output = command.output().with_context(|| format!("cannot start {name}"))?;
        ensure!(
            output.status.success(),
            "{name} ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Self::parse(&String::from_utf8_lossy(&output.stdout)).with_context(|| name)
    }

    fn parse(text: &str) -> Result<Self> {
        let figure = |line: &str| {
            let (name, number) = line.split_once(' ')?;
            Some((name.to_owned(), number.parse().ok()?))
        };
        let figures = text.lines().map(|line| {
            figure(line).with_context(|| format!("{line:?} printed, expected a name and a number"))
        });
        Ok(Self(figures.collect::<Result<_>>()?))
    }

    /// The figure of this name.
    ///
    /// # Errors
    ///
    /// When it was not printed.
    pub(super) fn get(&self, name: &str) -> Result<f64> {
        let found = self.0.iter().find(|(given, _)| given == name);
        found.map(|&(_, figure)| figure).with_context(|| format!("no figure {name:?} was printed"))
    }

    /// Requests a second of real time.
    ///
    /// # Errors
    ///
    /// When one of the two figures is missing.
    pub(super) fn rate(&self) -> Result<f64> {
        Ok(self.get("requests")? / self.get("seconds")?)
    }
}

fn in_workspace(cargo: &mut Command, places: &Places) -> Result<()> {
    cargo.arg("--manifest-path").arg(places.bench_peers().join("Cargo.toml"));
    cargo.arg("--target-dir").arg(folder(places)?);
    Ok(())
}

/// Where peers are built: in the target folder that this program is in, so that `cargo clean` and a
/// shared target folder mean what they say.
fn folder(places: &Places) -> Result<PathBuf> {
    Ok(places.target()?.join("bench-peers"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_by_their_names() {
        let figures = Figures::parse("requests 1000\nseconds 0.5\n").unwrap();
        assert!((figures.rate().unwrap() - 2000.0).abs() < 1e-9);
        assert!(figures.get("utilisation").is_err());
    }

    #[test]
    fn a_line_without_a_number_is_refused() {
        assert!(Figures::parse("requests many\n").is_err());
        assert!(Figures::parse("Traceback\n").is_err());
    }
}
