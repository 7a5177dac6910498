//! Turns the repository's scenarios into JSON for the page.
//!
//! The page has to read JSON anyway, since every trace carries its scenario as JSON. A reader of
//! TOML as well would be a tenth of all that a visitor fetches.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use scheduler_model::Scenario;

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let folder = Path::new("../scenarios");
    translate(folder, &out)?;
    translate(&folder.join("lessons"), &out.join("lessons"))
}

/// Every scenario in `from`, as JSON in `to`.
fn translate(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", from.display());
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "toml") {
            println!("cargo::rerun-if-changed={}", path.display());
            let name = path.display().to_string();
            let (scenario, _) = Scenario::from_toml(&name, &fs::read_to_string(&path)?)?;
            let json = to.join(path.with_extension("json").file_name().unwrap_or_default());
            fs::write(json, scenario.to_json())?;
        }
    }
    Ok(())
}
