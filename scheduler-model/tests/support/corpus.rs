//! The inputs that the fuzzer has gathered for a target (`fuzz/README.md`).

use std::fs;
use std::path::Path;

/// Tries every input of this target's corpus.
///
/// # Panics
///
/// When one does not hold, or hardly any are there.
pub(crate) fn each(target: &str, holds: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let inputs: Vec<_> = fs::read_dir(&folder)
        .expect("the corpus is kept")
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    assert!(inputs.len() > 100, "{} inputs in {}", inputs.len(), folder.display());
    for input in inputs {
        let bytes = fs::read(&input).expect("it can be read");
        // The harness shows what is printed only of a test that failed.
        println!("{}", input.display());
        holds(&bytes);
    }
}
