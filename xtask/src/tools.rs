//! The tools that building and checking need: how each is found, and how it is installed.
//!
//! Nothing is installed that is there already, and nothing is downloaded but packages, by the
//! clients that the user has: rustup, cargo, npm and, on Debian as root, apt.

mod recipe;

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::places::Places;
use crate::steps::ask;
use crate::tools::recipe::Recipe;
use crate::version::{Version, Wanted};

/// A tool of the set-up, in the order of installing: a later one may need an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// `cargo fmt`.
    Rustfmt,
    /// `cargo clippy`.
    Clippy,
    /// The standard library for the browser's target.
    WasmTarget,
    /// The standard library for Windows: what is only checked for it is never linked.
    WindowsTarget,
    /// The same for macOS.
    MacTarget,
    /// Builds the server's allocator.
    Make,
    /// Builds and serves the page.
    Trunk,
    /// Writes the JavaScript side of the page, and runs tests in wasm.
    WasmBindgen,
    /// Runs `wasm-opt`, the wasm tests and the browser tests.
    Node,
    /// Installs packages for Node.
    Npm,
    /// Makes the page's wasm small.
    WasmOpt,
    /// The browser of the browser tests.
    Chromium,
    /// Drives the browser for tests that run in wasm.
    Chromedriver,
    /// The npm packages of the browser tests.
    TestPackages,
    /// Builds the book among the examples.
    MdBook,
    /// Stands in front of the server.
    HaProxy,
    /// Stands in front of the server.
    Nginx,
    /// Attacks the server slowly.
    SlowHttpTest,
    /// Has the kernel refuse what a program asks for.
    Strace,
    /// Runs the engines that are measured against.
    Python,
    /// The engines themselves, in an environment of their own.
    PythonPeers,
    /// Counts instructions.
    Valgrind,
    /// Loads servers.
    Wrk,
    /// Gives programs their cores.
    Taskset,
    /// Reads what a compiler wrote down about executed lines.
    LlvmTools,
    /// Runs tests and shows the lines that none of them ran.
    LlvmCov,
    /// Runs tests on changed code.
    Mutants,
}

impl Tool {
    /// What `cargo xtask test` needs, and with it `cargo xtask start`.
    pub(crate) const OF_TESTS: &[Self] = &[
        Self::Rustfmt,
        Self::Clippy,
        Self::WasmTarget,
        Self::WindowsTarget,
        Self::MacTarget,
        Self::Make,
        Self::Trunk,
        Self::WasmBindgen,
        Self::Node,
        Self::Npm,
        Self::WasmOpt,
        Self::Chromium,
        Self::Chromedriver,
        Self::TestPackages,
        Self::MdBook,
    ];

    /// What `cargo xtask bench model` needs.
    pub(crate) const OF_BENCH_MODEL: &[Self] = &[
        Self::WasmTarget,
        Self::WasmBindgen,
        Self::Node,
        Self::Python,
        Self::PythonPeers,
        Self::Valgrind,
    ];

    /// What drives the page in a browser needs beside [`Tool::OF_PAGE`].
    pub(crate) const OF_BROWSER: &[Self] = &[Self::Chromium, Self::TestPackages];

    /// What `cargo xtask bench server` needs.
    pub(crate) const OF_BENCH_SERVER: &[Self] =
        &[Self::Make, Self::Taskset, Self::Valgrind, Self::Wrk];

    /// What `cargo xtask coverage` needs.
    pub(crate) const OF_COVERAGE: &[Self] = &[Self::LlvmTools, Self::LlvmCov];

    /// What `cargo xtask test --long` needs beside [`Tool::OF_TESTS`].
    pub(crate) const OF_LONG_TESTS: &[Self] = &[
        Self::HaProxy,
        Self::Nginx,
        Self::Python,
        Self::PythonPeers,
        Self::SlowHttpTest,
        Self::Strace,
    ];

    /// What the page's build needs.
    pub(crate) const OF_PAGE: &[Self] =
        &[Self::WasmTarget, Self::Trunk, Self::WasmBindgen, Self::Node, Self::Npm, Self::WasmOpt];

    /// What the server's build needs beside the page's.
    pub(crate) const OF_SERVER: &[Self] = &[Self::Make];

    /// Looks whether the tool is there, in a version that will do.
    ///
    /// # Errors
    ///
    /// When the workspace does not say which version it wants.
    pub(crate) fn detect(self, places: &Places) -> Result<State> {
        let found = match self {
            Self::Chromium => {
                chromium(places).and_then(|browser| ask(places.command(browser).arg("--version")))
            }
            Self::Clippy => ask(&mut places.cargo(&["clippy", "--version"])),
            Self::LlvmCov => ask(&mut places.cargo(&["llvm-cov", "--version"])),
            Self::LlvmTools => return Ok(llvm_tools(places)),
            // Only there has the server an allocator of its own.
            Self::Make if !cfg!(target_os = "linux") => {
                return Ok(State::Ready("not needed".to_owned()));
            }
            Self::Mutants => ask(&mut places.cargo(&["mutants", "--version"])),
            // Debian's python3 comes without what makes an environment.
            Self::Python => {
                let program = "import ensurepip, platform, venv; print(platform.python_version())";
                ask(places.command("python3").args(["-c", program]))
            }
            Self::PythonPeers => return python_peers(places),
            // It prints `valgrind-3.19.0`.
            Self::Valgrind => ask(places.command(self.program()).arg("--version"))
                .map(|printed| printed.replace('-', " ")),
            Self::Rustfmt => ask(&mut places.cargo(&["fmt", "--version"])),
            Self::TestPackages => return Ok(test_packages(places)),
            Self::MacTarget | Self::WasmTarget | Self::WindowsTarget => {
                return Ok(target(self, places));
            }
            // It prints its version with its usage, and ends with 1.
            Self::HaProxy | Self::Nginx | Self::SlowHttpTest | Self::Strace | Self::Wrk => {
                return Ok(on_path(self, places));
            }
            _ => ask(places.command(self.program()).arg("--version")),
        };
        let Some(version) = found.as_deref().and_then(Version::first_in) else {
            return Ok(State::Missing);
        };
        let wanted = self.wanted(places)?;
        if wanted.accepts(&version) {
            Ok(State::Ready(version.to_string()))
        } else {
            Ok(State::Wrong { found: version, wanted })
        }
    }

    /// The name that people know it by.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Clippy => "clippy",
            Self::LlvmCov => "cargo-llvm-cov",
            Self::LlvmTools => "llvm-tools",
            Self::MacTarget => "aarch64-apple-darwin",
            Self::Mutants => "cargo-mutants",
            Self::Python => "python3",
            Self::PythonPeers => "Python packages of bench-peers/",
            Self::Rustfmt => "rustfmt",
            Self::TestPackages => "npm packages of e2e/",
            Self::WasmTarget => "wasm32-unknown-unknown",
            Self::WindowsTarget => "x86_64-pc-windows-gnu",
            _ => self.program(),
        }
    }

    /// How the tool would be installed here.
    ///
    /// # Errors
    ///
    /// When the workspace does not say which version it wants.
    pub(crate) fn recipe(self, places: &Places) -> Result<Recipe> {
        Ok(match self {
            Self::Chromedriver | Self::Chromium => Recipe::debian(&["chromium", "chromium-driver"]),
            Self::Clippy | Self::LlvmTools | Self::Rustfmt => {
                Recipe::rustup(&["component", "add", self.name()])
            }
            Self::LlvmCov | Self::Mutants => {
                Recipe::command(&["cargo", "install", self.name(), "--locked"])
            }
            Self::Make => Recipe::debian(&["make"]),
            // Its default features are a server and a watcher.
            Self::MdBook => {
                Recipe::cargo_install("mdbook", MDBOOK, &["--locked", "--no-default-features"])
            }
            Self::Python => Recipe::debian(&["python3", "python3-venv"]),
            Self::PythonPeers => Recipe::python_packages(
                &places.bench_peers().join(REQUIREMENTS),
                &places.python_prefix,
            ),
            Self::Valgrind => Recipe::debian(&["valgrind"]),
            Self::Taskset => Recipe::debian(&["util-linux"]),
            Self::HaProxy => Recipe::debian(&["haproxy"]),
            Self::Nginx => Recipe::debian(&["nginx-light"]),
            Self::SlowHttpTest => Recipe::debian(&["slowhttptest"]),
            Self::Strace => Recipe::debian(&["strace"]),
            Self::Wrk => Recipe::debian(&["wrk"]),
            Self::Node | Self::Npm => Recipe::debian(&["nodejs", "npm"]),
            Self::TestPackages => Recipe::command(&[
                "npm",
                "ci",
                "--prefix",
                "e2e",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
            ]),
            // Trunk's default features bring a second TLS library and a look for newer versions.
            Self::Trunk => Recipe::cargo_install(
                "trunk",
                TRUNK,
                &["--locked", "--no-default-features", "--features", "rustls"],
            ),
            Self::WasmBindgen => {
                Recipe::cargo_install("wasm-bindgen-cli", &wasm_bindgen(places)?.to_string(), &[])
            }
            Self::WasmOpt => Recipe::npm_program(
                &format!("binaryen@{BINARYEN}"),
                "wasm-opt",
                &places.npm_prefix,
                &places.cargo_bin,
            ),
            Self::MacTarget | Self::WasmTarget | Self::WindowsTarget => {
                Recipe::rustup(&["target", "add", self.name()])
            }
        })
    }

    fn program(self) -> &'static str {
        match self {
            Self::Chromedriver => "chromedriver",
            Self::HaProxy => "haproxy",
            Self::Make => "make",
            Self::MdBook => "mdbook",
            Self::Nginx => "nginx",
            Self::SlowHttpTest => "slowhttptest",
            Self::Strace => "strace",
            Self::Node => "node",
            Self::Npm => "npm",
            Self::Taskset => "taskset",
            Self::Trunk => "trunk",
            Self::Valgrind => "valgrind",
            Self::WasmBindgen => "wasm-bindgen",
            Self::WasmOpt => "wasm-opt",
            Self::Wrk => "wrk",
            Self::Chromium
            | Self::Clippy
            | Self::LlvmCov
            | Self::LlvmTools
            | Self::MacTarget
            | Self::Mutants
            | Self::Python
            | Self::PythonPeers
            | Self::Rustfmt
            | Self::TestPackages
            | Self::WasmTarget
            | Self::WindowsTarget => {
                unreachable!("{self:?} is not found by one program's name")
            }
        }
    }

    fn wanted(self, places: &Places) -> Result<Wanted> {
        let version = |text| Version::first_in(text).expect("the constants below are versions");
        Ok(match self {
            Self::MdBook => Wanted::AtLeast(version(MDBOOK)),
            Self::Node => Wanted::AtLeast(version(NODE_MIN)),
            Self::Trunk => Wanted::AtLeast(version(TRUNK)),
            // The generated JavaScript and the crate must agree to the last number.
            Self::WasmBindgen => Wanted::Exactly(wasm_bindgen(places)?),
            // Debian's 108 fails on what today's compiler emits.
            Self::WasmOpt => Wanted::AtLeast(version(BINARYEN)),
            _ => Wanted::Any,
        })
    }
}

/// Whether a tool is there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It is not found.
    Missing,
    /// It is there; the text says which.
    Ready(String),
    /// It is there in a version that does not do.
    Wrong {
        /// The version that is there.
        found: Version,
        /// What is wanted.
        wanted: Wanted,
    },
}

/// Installs those of `tools` that are missing, with one line for each.
///
/// # Errors
///
/// When a tool cannot be installed; those after it are tried all the same, and the error has a line
/// for each that is still missing.
pub(crate) fn ensure(tools: &[Tool], places: &Places) -> Result<()> {
    let mut failures = Vec::new();
    for &tool in tools {
        if let Err(error) = ensure_one(tool, places) {
            failures.push(format!("{}: {error:#}", tool.name()));
        }
    }
    if failures.is_empty() { Ok(()) } else { bail!("{}", failures.join("\n")) }
}

/// The system's Chromium: `CHROMIUM` if set, or the first of its usual names.
pub(crate) fn chromium(places: &Places) -> Option<PathBuf> {
    if let Some(browser) = env::var_os("CHROMIUM").filter(|value| !value.is_empty()) {
        return Some(PathBuf::from(browser));
    }
    let mac = Path::new("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
    CHROMIUM_NAMES
        .iter()
        .find_map(|name| places.on_path(name))
        .or_else(|| mac.is_file().then(|| mac.to_owned()))
}

fn ensure_one(tool: Tool, places: &Places) -> Result<()> {
    let why = match tool.detect(places)? {
        State::Ready(_) => return Ok(()),
        State::Missing => "is missing".to_owned(),
        State::Wrong { found, wanted } => format!("is {found}, wanted is {wanted}"),
    };
    let recipe = tool.recipe(places)?;
    eprintln!("xtask: {} {why}: {recipe}", tool.name());
    recipe.follow(places)?;
    match tool.detect(places)? {
        State::Ready(_) => Ok(()),
        State::Missing => bail!("was installed and is still not found"),
        State::Wrong { found, wanted } => bail!("{found} was found, wanted is {wanted}"),
    }
}

/// The version of wasm-bindgen that the page is compiled with.
fn wasm_bindgen(places: &Places) -> Result<Version> {
    let lock =
        fs::read_to_string(places.root.join("Cargo.lock")).context("cannot read Cargo.lock")?;
    Version::locked(&lock, "wasm-bindgen").context("Cargo.lock names no wasm-bindgen")
}

/// Asked of rustc and not of rustup, so that a distribution's Rust will do.
fn target(tool: Tool, places: &Places) -> State {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let args = ["--print", "target-libdir", "--target", tool.name()];
    match ask(places.command(rustc).args(args)) {
        Some(folder) if Path::new(folder.trim()).is_dir() => State::Ready("installed".to_owned()),
        _ => State::Missing,
    }
}

fn on_path(tool: Tool, places: &Places) -> State {
    // Debian puts servers where an ordinary user does not look.
    let servers = Path::new("/usr/sbin").join(tool.program());
    match places.on_path(tool.program()).or_else(|| servers.is_file().then_some(servers)) {
        Some(file) => State::Ready(file.display().to_string()),
        None => State::Missing,
    }
}

/// npm writes a lock of its own into `node_modules`: older than ours means that ours has changed.
fn test_packages(places: &Places) -> State {
    let modified =
        |file: &str| fs::metadata(places.e2e().join(file)).and_then(|meta| meta.modified());
    match (modified("node_modules/.package-lock.json"), modified("package-lock.json")) {
        (Ok(installed), Ok(asked)) if installed >= asked => State::Ready("installed".to_owned()),
        _ => State::Missing,
    }
}

/// rustup puts them into the compiler's own folder, where nothing on `PATH` shows them.
fn llvm_tools(places: &Places) -> State {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let folder = ask(places.command(rustc).args(["--print", "target-libdir"]));
    let program = format!("llvm-profdata{}", env::consts::EXE_SUFFIX);
    let found = folder.is_some_and(|libdir| {
        let bin = Path::new(libdir.trim()).parent().map(|target| target.join("bin"));
        bin.is_some_and(|bin| bin.join(program).is_file())
    });
    if found { State::Ready("installed".to_owned()) } else { State::Missing }
}

/// Whether the environment has every package in the release that is asked for.
fn python_peers(places: &Places) -> Result<State> {
    let file = places.bench_peers().join(REQUIREMENTS);
    let wanted = fs::read_to_string(&file)
        .with_context(|| format!("cannot read {}", places.short(&file).display()))?;
    let pip = ["-m", "pip", "--disable-pip-version-check", "freeze"];
    let Some(found) = ask(places.command(places.python()).args(pip)) else {
        return Ok(State::Missing);
    };
    let found = found.to_lowercase();
    let there = wanted.lines().all(|line| found.lines().any(|found| found == line));
    Ok(if there { State::Ready("installed".to_owned()) } else { State::Missing })
}

/// What is in Python and measured against, or asked for its opinion, each in one release.
const REQUIREMENTS: &str = "requirements.txt";

/// The release that the page was last built with; 0.22 wants a newer compiler than ours.
const TRUNK: &str = "0.21.14";

/// The release that the example's book was last built with.
const MDBOOK: &str = "0.5.4";

/// The release of Binaryen, which `wasm-opt` belongs to.
const BINARYEN: &str = "132";

/// Has the built-in test runner with its reporters.
const NODE_MIN: &str = "20";

const CHROMIUM_NAMES: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
