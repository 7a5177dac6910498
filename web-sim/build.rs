//! Turns the repository's scenarios into bytes for the page, and says of which sources it is built.
//!
//! The page has to read scenarios as bytes anyway, since what it fetches later hands them over so.
//! A reader of text would be a tenth of all that a visitor fetches at first.

use std::collections::hash_map::DefaultHasher;
use std::error::Error;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use scheduler_model::Scenario;
use scheduler_model::wire::Put;

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let folder = Path::new("../scenarios");
    translate(folder, &out)?;
    translate(&folder.join("lessons"), &out.join("lessons"))?;
    println!("cargo::rustc-env=WEB_SIM_BUILD={:016x}", hash_of_sources()?);
    Ok(())
}

/// Every scenario in `from`, as bytes in `to`.
fn translate(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", from.display());
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "toml") {
            println!("cargo::rerun-if-changed={}", path.display());
            let name = path.display().to_string();
            let (scenario, _) = Scenario::from_toml(&name, &fs::read_to_string(&path)?)?;
            let bytes = to.join(path.with_extension("wire").file_name().unwrap_or_default());
            fs::write(bytes, scenario.to_wire())?;
        }
    }
    Ok(())
}

/// Parts of the page that were built of the same sources understand each other.
fn hash_of_sources() -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    for folder in ["src", "../scheduler-model/src"] {
        println!("cargo::rerun-if-changed={folder}");
        for path in files(Path::new(folder))? {
            hasher.write(path.as_os_str().as_encoded_bytes());
            hasher.write(&fs::read(path)?);
        }
    }
    Ok(hasher.finish())
}

/// The files in a folder and in those below it, in the same order everywhere.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut paths =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}
