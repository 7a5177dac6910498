//! Where things are: the workspace, cargo's bin folder, the folder of our own npm tools.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The folders that set-up and checks use.
pub(crate) struct Places {
    /// The root of the workspace.
    pub(crate) root: PathBuf,
    /// Cargo's bin folder: a tool in it is found by a bare `trunk` too.
    pub(crate) cargo_bin: PathBuf,
    /// Where npm installs tools of ours; outside `target`, so that `cargo clean` keeps them.
    pub(crate) npm_prefix: PathBuf,
    /// The virtual environment of what is measured against in Python.
    pub(crate) python_prefix: PathBuf,
    /// `PATH` with cargo's bin folder in front.
    path: std::ffi::OsString,
}

impl Places {
    /// Finds them from the environment.
    ///
    /// # Errors
    ///
    /// When there is no home folder, or `PATH` cannot be extended.
    pub(crate) fn find() -> Result<Self> {
        // Cargo sets it for `cargo run`, and it stays right in a clone that shares a target folder
        // with another one; the compiled-in path is for a binary started by hand.
        let manifest_dir = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest_dir.parent().context("xtask has no parent folder")?.to_owned();

        let home = env::home_dir().context("no home folder: HOME is not set")?;
        let folder = |variable: &str| {
            env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
        };
        let cargo_home = folder("CARGO_HOME").unwrap_or_else(|| home.join(".cargo"));
        let cargo_bin = folder("CARGO_INSTALL_ROOT").unwrap_or(cargo_home).join("bin");
        let cache = folder("XDG_CACHE_HOME").unwrap_or_else(|| home.join(".cache"));
        let cache = cache.join("scheduler-lab");
        let (npm_prefix, python_prefix) = (cache.join("npm"), cache.join("python"));

        let old_path = env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(cargo_bin.clone()).chain(env::split_paths(&old_path));
        let path = env::join_paths(folders).context("cargo's bin folder cannot be put on PATH")?;
        Ok(Self { root, cargo_bin, npm_prefix, python_prefix, path })
    }

    /// A command that runs in the root and finds our tools.
    ///
    /// `NO_COLOR` is taken away: Trunk 0.21 takes it for a flag of its own and refuses the value 1.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("PATH", &self.path).env_remove("NO_COLOR");
        command
    }

    /// `cargo`, the one that runs us.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(args);
        command
    }

    /// The path of a program on `PATH`, cargo's bin folder first.
    pub(crate) fn on_path(&self, program: &str) -> Option<PathBuf> {
        env::split_paths(&self.path).map(|folder| folder.join(program)).find(|file| file.is_file())
    }

    /// The browser tests' folder.
    pub(crate) fn e2e(&self) -> PathBuf {
        self.root.join("e2e")
    }

    /// The built page.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// What the project is measured against: a workspace of its own.
    pub(crate) fn bench_peers(&self) -> PathBuf {
        self.root.join("bench-peers")
    }

    /// The interpreter of our own Python environment.
    pub(crate) fn python(&self) -> PathBuf {
        self.python_prefix.join("bin/python")
    }

    /// Cargo's target folder: this program lies in it, two levels down, wherever it is.
    ///
    /// # Errors
    ///
    /// When the path of this program is not known.
    #[expect(clippy::unused_self, reason = "it is a place")]
    pub(crate) fn target(&self) -> Result<PathBuf> {
        let own = env::current_exe().context("the path of xtask itself is not known")?;
        let folder = own.ancestors().nth(2).context("xtask lies in no target folder")?;
        Ok(folder.to_owned())
    }

    /// The path of `file` as seen from the root, for messages.
    pub(crate) fn short<'a>(&self, file: &'a Path) -> &'a Path {
        file.strip_prefix(&self.root).unwrap_or(file)
    }
}
