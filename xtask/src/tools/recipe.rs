//! How a tool is installed, as data: the doctor prints it, the set-up follows it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::places::Places;
use crate::steps;

/// Commands that install a tool, or the words that tell a person what to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Recipe {
    /// Nothing that we may or can do ourselves.
    ByHand(String),
    /// Run these in order, then make the link.
    Run {
        /// Programs with their arguments.
        commands: Vec<Vec<String>>,
        /// A link to make at the end, so that a bare `trunk` finds the program.
        link: Option<Link>,
    },
}

/// A symbolic link.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// Where it is put.
    at: PathBuf,
    /// What it leads to.
    to: PathBuf,
}

impl Recipe {
    /// One command.
    pub(crate) fn command(words: &[&str]) -> Self {
        Self::Run { commands: vec![owned(words)], link: None }
    }

    /// `cargo install` of one release of a program.
    pub(crate) fn cargo_install(package: &str, version: &str, flags: &[&str]) -> Self {
        let words = ["cargo", "install", package, "--version", version];
        Self::Run { commands: vec![owned(&[&words, flags].concat())], link: None }
    }

    /// Debian packages: by apt as root, by hand otherwise, since xtask asks for no password.
    pub(crate) fn debian(packages: &[&str]) -> Self {
        let names = packages.join(" ");
        if !Path::new("/usr/bin/apt-get").exists() {
            return Self::ByHand(format!(
                "install what Debian calls {names} with this system's package manager \
                 (CHROMIUM=/path/to/browser names a browser elsewhere)"
            ));
        }
        if !is_root() {
            return Self::ByHand(format!(
                "run `sudo apt-get update && sudo apt-get install --yes {names}`"
            ));
        }
        let install =
            [&["apt-get", "install", "--yes", "--no-install-recommends"], packages].concat();
        Self::Run { commands: vec![owned(&["apt-get", "update"]), owned(&install)], link: None }
    }

    /// A program from an npm package, in a folder of our own and linked into `bin`.
    pub(crate) fn npm_program(package: &str, program: &str, prefix: &Path, bin: &Path) -> Self {
        let folder = prefix.to_string_lossy();
        let words = ["npm", "install", "--prefix", &*folder, "--no-audit", "--no-fund", package];
        let to = prefix.join("node_modules/.bin").join(program);
        Self::Run { commands: vec![owned(&words)], link: Some(Link { at: bin.join(program), to }) }
    }

    /// The packages that a file lists, in an environment of our own.
    pub(crate) fn python_packages(requirements: &Path, prefix: &Path) -> Self {
        let (folder, file) = (prefix.to_string_lossy(), requirements.to_string_lossy());
        let python = prefix.join("bin/python").to_string_lossy().into_owned();
        let make = ["python3", "-m", "venv", &*folder];
        let flags = ["-m", "pip", "install", "--disable-pip-version-check", "--requirement"];
        let install = [&[&*python], &flags[..], &[&*file]].concat();
        Self::Run { commands: vec![owned(&make), owned(&install)], link: None }
    }

    /// A rustup command; by hand where Rust did not come from rustup.
    pub(crate) fn rustup(args: &[&str]) -> Self {
        Self::command(&[&["rustup"], args].concat())
    }

    /// Does what the recipe says.
    ///
    /// # Errors
    ///
    /// When it is to be done by hand, and when a command or the link fails.
    pub(crate) fn follow(&self, places: &Places) -> Result<()> {
        match self {
            Self::ByHand(words) => bail!("please {words}"),
            Self::Run { commands, link } => {
                for words in commands {
                    let (program, args) = words.split_first().expect("a command has a program");
                    let mut command = places.command(program);
                    // Standard output is for what the task itself says, which may be JSON.
                    command.args(args).envs(ENVIRONMENT).stdout(std::io::stderr());
                    steps::run(&mut command)?;
                }
                link.as_ref().map_or(Ok(()), Link::make)
            }
        }
    }
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByHand(words) => f.write_str(words),
            Self::Run { commands, link } => {
                let lines: Vec<String> = commands.iter().map(|words| words.join(" ")).collect();
                write!(f, "`{}`", lines.join(" && "))?;
                link.as_ref().map_or(Ok(()), |link| write!(f, ", linked as {}", link.at.display()))
            }
        }
    }
}

impl Link {
    /// Makes the link, in place of an older link but never of a file that somebody else put there.
    fn make(&self) -> Result<()> {
        let Self { at, to } = self;
        ensure!(to.exists(), "{} is not there after its installation", to.display());
        if let Some(folder) = at.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        if at.is_symlink() {
            fs::remove_file(at).with_context(|| format!("cannot replace {}", at.display()))?;
        }
        ensure!(
            !at.exists(),
            "{} is a file that is not ours; remove it and try again",
            at.display()
        );
        symlink(to, at).with_context(|| format!("cannot link {}", at.display()))
    }
}

#[cfg(unix)]
fn symlink(to: &Path, at: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(not(unix))]
fn symlink(_to: &Path, _at: &Path) -> std::io::Result<()> {
    Err(std::io::Error::other("only Unix systems are set up automatically"))
}

/// Whether this process may write to the system: its own folder in /proc belongs to its user.
#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

/// apt asks no question; a compiled tool is wanted soon rather than fast, since it runs for seconds
/// and its own release profile would optimise it for many minutes.
const ENVIRONMENT: [(&str, &str); 4] = [
    ("DEBIAN_FRONTEND", "noninteractive"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_reads_as_one_would_type_it() {
        let recipe =
            Recipe::npm_program("binaryen@132", "wasm-opt", Path::new("/c/npm"), Path::new("/b"));
        assert_eq!(
            recipe.to_string(),
            "`npm install --prefix /c/npm --no-audit --no-fund binaryen@132`, linked as /b/wasm-opt"
        );
    }

    #[test]
    fn a_dead_link_is_replaced_and_a_file_is_not() {
        let folder = std::env::temp_dir().join(format!("xtask-link-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (at, to) = (folder.join("wasm-opt"), folder.join("program"));
        fs::write(&to, "").unwrap();
        symlink(&folder.join("gone"), &at).unwrap();
        let link = Link { at: at.clone(), to: to.clone() };
        link.make().unwrap();
        assert_eq!(fs::read_link(&at).unwrap(), to);

        fs::remove_file(&at).unwrap();
        fs::write(&at, "somebody else's").unwrap();
        assert!(link.make().is_err());
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_is_to_be_done_by_hand_is_an_error_that_says_so() {
        let places = Places::find().unwrap();
        let error = Recipe::ByHand("install it".to_owned()).follow(&places).unwrap_err();
        assert_eq!(error.to_string(), "please install it");
    }
}
