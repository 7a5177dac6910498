//! `cargo xtask test`: every check of the project, in the order of their cost.
//!
//! A failure does not stop the run; a step that stands on one that failed is left out and fails too.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use crate::count::{Counts, Runner};
use crate::places::Places;
use crate::report::Report;
use crate::tools::{self, Tool};
use crate::{e2e, page, steps};

/// Runs everything, prints the table and the closing line; success if nothing failed.
pub(crate) fn run(places: &Places, long: bool) -> ExitCode {
    let mut report = Report::new();
    set_up(&mut report, places, Tool::OF_TESTS);
    if long {
        report.step("set-up of long tests", || {
            tools::ensure(Tool::OF_LONG_TESTS, places).map(|()| Counts::default())
        });
    }
    report.step("formatting", || check(&mut places.cargo(&["fmt", "--all", "--check"])));
    report.step("clippy", || {
        let args = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        check(&mut places.cargo(&args))
    });
    report.step("clippy for wasm", || {
        // The library and the binary: what a native test alone depends on need not build for wasm.
        let args = ["clippy", "--package", "web-sim", "--target", WASM, "--", "-D", "warnings"];
        check(&mut places.cargo(&args))
    });
    for (step, target) in
        [("clippy for Windows", Tool::WindowsTarget), ("clippy for macOS", Tool::MacTarget)]
    {
        report.step(step, || {
            // The programs, and not their tests, some of which ask Linux what became of a server.
            let packages = ["--package", "native-server", "--package", "xtask"];
            let mut cargo = places.cargo(&["clippy"]);
            cargo.args(packages).args(["--target", target.name(), "--", "-D", "warnings"]);
            check(&mut cargo)
        });
    }
    report.step("documentation", || {
        // The crate that others might use; what it says must lead somewhere.
        let mut cargo = places.cargo(&["doc", "--no-deps", "--package", "scheduler-model"]);
        check(cargo.env("RUSTDOCFLAGS", "-D warnings"))
    });
    report.step("native tests", || {
        let mut cargo = places.cargo(&["test", "--workspace", "--no-fail-fast"]);
        cargo.env("ORACLE_PYTHON", places.python());
        count(&mut lengthened(cargo, long))
    });
    report.step("wasm tests: scheduler-model", || wasm_tests(places, "scheduler-model", long));
    report.step("wasm tests: web-sim", || wasm_tests(places, "web-sim", long));
    in_the_browser(&mut report, places);
    report.close()
}

/// Runs the browser tests and what they stand on.
pub(crate) fn browser_only(places: &Places) -> ExitCode {
    let mut report = Report::new();
    set_up(&mut report, places, Tool::OF_TESTS);
    in_the_browser(&mut report, places);
    report.close()
}

/// Counts only when it fails: a tool that is there is no check of the project.
fn set_up(report: &mut Report, places: &Places, tools: &[Tool]) {
    report.step("set-up", || tools::ensure(tools, places).map(|()| Counts::default()));
}

fn in_the_browser(report: &mut Report, places: &Places) {
    let page = report.step("page build", || {
        page::build(places)?;
        page::pack(places, &places.e2e().join("out")).map(|()| Counts::PASSED)
    });
    let server = report.step("server build", || e2e::build_server(places).map(|()| Counts::PASSED));
    report.step("browser tests", || {
        // Otherwise they would pass on what an earlier build left behind.
        ensure!(page && server, "not run: what they test did not build");
        e2e::run(places)
    });
}

/// A command that is one check.
fn check(command: &mut Command) -> Result<Counts> {
    steps::run(command).map(|()| Counts::PASSED)
}

/// A command that runs tests and counts them.
fn count(command: &mut Command) -> Result<Counts> {
    let finished = steps::run_and_keep(command)?;
    Ok(Counts::judge(Runner::Cargo.count(&finished.output), finished.exited_well))
}

/// Runs those integration tests of `package` that are written for wasm, in Node or, where a test
/// file asks for it, in the browser.
fn wasm_tests(places: &Places, package: &str, long: bool) -> Result<Counts> {
    let tests = wasm_test_names(&places.root.join(package).join("tests"))?;
    ensure!(!tests.is_empty(), "no file of {package}/tests uses wasm_bindgen_test");
    let mut cargo =
        places.cargo(&["test", "--package", package, "--target", WASM, "--no-fail-fast"]);
    for name in &tests {
        cargo.args(["--test", name]);
    }
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner");
    cargo.env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    // The same browser flags as in the browser tests: nothing calls home.
    cargo.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", places.e2e().join("webdriver.json"));
    if let Some(driver) = places.on_path("chromedriver") {
        cargo.env("CHROMEDRIVER", driver);
    }
    count(&mut lengthened(cargo, long))
}

/// The names of the test files in `folder` that have tests for wasm. A file says so by using the
/// macro; to run the others would be to build every native-only development dependency for wasm.
fn wasm_test_names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        let file = entry?.path();
        let Some(name) = file.file_stem().filter(|_| file.extension().is_some_and(|e| e == "rs"))
        else {
            continue;
        };
        let source =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        if source.contains("wasm_bindgen_test") {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Lets generated tests try more cases when `long`; `LONG_TESTS` is for tests that generate their
/// cases themselves, and for those of robustness.
fn lengthened(mut command: Command, long: bool) -> Command {
    if long {
        command.env("PROPTEST_CASES", "4096").env("LONG_TESTS", "1");
    }
    command
}

const WASM: &str = "wasm32-unknown-unknown";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_test_files_that_are_written_for_wasm_are_run_there() {
        let folder = std::env::temp_dir().join(format!("xtask-wasm-{}", std::process::id()));
        fs::create_dir_all(folder.join("snapshots")).unwrap();
        fs::write(folder.join("golden.rs"), "#[wasm_bindgen_test::wasm_bindgen_test]").unwrap();
        fs::write(folder.join("oracles.rs"), "#[test]").unwrap();
        fs::write(folder.join("notes.md"), "wasm_bindgen_test").unwrap();
        assert_eq!(wasm_test_names(&folder).unwrap(), ["golden"]);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_package_without_tests_is_an_error() {
        assert!(wasm_test_names(Path::new("no/such/folder")).is_err());
    }
}
