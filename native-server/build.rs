//! The page is embedded in the binary: a page that was built anew makes a new binary.

fn main() {
    println!("cargo::rerun-if-changed=../dist");
}
