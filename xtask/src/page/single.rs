//! The whole page in one file: the built page with its script and its WebAssembly inside.
//!
//! A module script is fetched under the rules for strangers, which neither a file from a disk nor a
//! sandboxed frame on a host without CORS headers can meet. A classic script in the document is not
//! fetched at all. What wasm-bindgen writes as a module becomes one by taking two lines out of it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Makes one text of the page built into `dist`.
///
/// # Errors
///
/// When a file is missing, or is not what Trunk and wasm-bindgen are known to write.
pub(super) fn pack(dist: &Path) -> Result<String> {
    let html = read(&dist.join("index.html"))?;
    let start = html.find(SCRIPT_START).context("index.html has no module script")?;
    let end = start + html[start..].find(SCRIPT_END).context("the module script has no end")?;
    let starter = &html[start..end];
    let glue = quoted(starter, "from './").context("the module script imports nothing")?;
    let wasm =
        quoted(starter, "module_or_path: './").context("the module script fetches nothing")?;

    let glue = classic(&read(&dist.join(glue))?)?;
    let path = dist.join(wasm);
    let wasm = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let script = format!(
        "<script>\n(() => {{\n{glue}\nconst text = \"{}\";\n\
         const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));\n\
         addEventListener(\"DOMContentLoaded\", () => __wbg_init({{ module_or_path: bytes }}));\n\
         }})();\n",
        base64(&wasm)
    );
    let rest = &html[end..];
    // What Trunk adds so that the two files are fetched early.
    let hints = rest.find("<link rel=\"modulepreload\"").context("index.html has no preload")?;
    let head = rest.find("</head>").context("index.html has no end of its head")?;
    ensure!(hints < head, "index.html preloads after its head");
    let data = data(dist)?;
    Ok([&html[..start], &script, &rest[..hints], &data, &rest[head..]].concat())
}

/// What the page fetches when it is asked for, as scripts that no browser runs. The page looks there
/// first.
fn data(dist: &Path) -> Result<String> {
    let inlined = FETCHED_LATER.iter().map(|name| {
        let text = read(&dist.join(name))?;
        ensure!(!text.contains("</script"), "{name} would end the script that it is put into");
        Ok(format!("<script type=\"text/plain\" data-file=\"{name}\">{text}</script>\n"))
    });
    inlined.collect()
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// What stands between `before` and the next quotation mark.
fn quoted<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    let rest = &text[text.find(before)? + before.len()..];
    rest.split_once('\'').map(|(inside, _)| inside)
}

/// A module without imports as the body of a function.
fn classic(module: &str) -> Result<String> {
    let export = module.rfind("\nexport {").context("the glue exports nothing")?;
    let body = module[..export].replace("import.meta.url", "document.baseURI");
    for word in ["\nimport ", "\nexport ", "</script"] {
        ensure!(!body.contains(word), "the glue has {word:?} in it, which no inline script can");
    }
    Ok(body)
}

/// RFC 4648 §4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits: usize, place| {
            bits << 8 | usize::from(group.get(place).copied().unwrap_or(0))
        });
        for place in 0..4 {
            let digit = DIGITS[bits >> (18 - 6 * place) & 63];
            text.push(if place <= group.len() { digit.into() } else { '=' });
        }
    }
    text
}

/// The files beside the page that it fetches late; a browser test fails for one that is not here.
const FETCHED_LATER: [&str; 2] = ["lessons.en.toml", "lessons.ru.toml"];
const SCRIPT_START: &str = "<script type=\"module\">";
const SCRIPT_END: &str = "</script>";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (plain, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), text);
        }
    }

    #[test]
    fn a_module_becomes_a_classic_script() {
        let module = "let wasm;\nnew URL('x', import.meta.url);\nexport { a as default };\n";
        assert_eq!(classic(module).unwrap(), "let wasm;\nnew URL('x', document.baseURI);");
        assert!(classic("\nimport './snippet.js';\nexport { a };\n").is_err());
        assert!(classic("let a;").is_err());
    }
}
