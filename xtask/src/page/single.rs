//! The whole page in one file: the built page with its script and its WebAssembly inside.
//!
//! A module script is fetched under the rules for strangers, which neither a file from a disk nor a
//! sandboxed frame on a host without CORS headers can meet. A classic script in the document is not
//! fetched at all. What wasm-bindgen writes as a module becomes one by taking a few words out of it.
//! The parts that the page would fetch later are inside as well, and start when they are asked for.

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

    let glue = classic(&read(&dist.join(glue))?)?.body;
    let script = format!(
        "<script>\n(() => {{\n{glue}\nconst text = \"{}\";\n\
         const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));\n\
         addEventListener(\"DOMContentLoaded\", () => __wbg_init({{ module_or_path: bytes }}));\n\
         }})();\n",
        base64(&bytes(&dist.join(wasm))?)
    );
    let rest = &html[end..];
    // What Trunk adds so that the two files are fetched early.
    let hints = rest.find("<link rel=\"modulepreload\"").context("index.html has no preload")?;
    let head = rest.find("</head>").context("index.html has no end of its head")?;
    ensure!(hints < head, "index.html preloads after its head");
    let loader = rest.find(LOADER_START).context("index.html has no loader of parts")?;
    let loader_end = loader + rest[loader..].find(SCRIPT_END).context("the loader has no end")?;
    ensure!(loader_end < hints, "index.html preloads before it loads parts");
    let parts = parts(dist, wasm)?;
    let after = &rest[loader_end..hints];
    let texts = texts(dist)?;
    Ok([&html[..start], &script, &rest[..loader], &parts, after, &texts, &rest[head..]].concat())
}

/// What the page fetches when it is asked for, as scripts that no browser runs. The page looks there
/// first.
fn texts(dist: &Path) -> Result<String> {
    let names = names(dist)?;
    let is_later = |name: &&String| FETCHED_LATER.iter().any(|end| name.ends_with(end));
    let inlined = names.iter().filter(is_later).map(|name| {
        let file = dist.join(name);
        let text = if name.ends_with(REST_END) { base64(&bytes(&file)?) } else { read(&file)? };
        ensure!(!text.contains("</script"), "{name} would end the script that it is put into");
        Ok(format!("<script type=\"text/plain\" data-file=\"{name}\">{text}</script>\n"))
    });
    inlined.collect()
}

/// A loader of all parts, which has them inside.
fn parts(dist: &Path, main: &str) -> Result<String> {
    let part = |name: &String| -> Result<String> {
        let Classic { body, exported } = classic(&read(&dist.join(format!("{name}.js")))?)?;
        let exported = exported.join(", ");
        let wasm = base64(&bytes(&dist.join(format!("{name}{WASM_END}")))?);
        Ok(format!(
            "{name}: [() => {{\n{body}\nreturn {{ default: __wbg_init, {exported} }};\n}}, \"{wasm}\"],\n"
        ))
    };
    let parts = part_names(dist, main)?.iter().map(part).collect::<Result<String>>()?;
    Ok(format!(
        "<script>\nconst parts = {{\n{parts}}};\nconst started = {{}};\n\
         window.schedulerLabPart = (name) => (started[name] ??= (async () => {{\n\
         const [start, text] = parts[name];\nconst part = start();\n\
         const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));\n\
         await part.default({{ module_or_path: bytes }});\nreturn part;\n}})());\n"
    ))
}

/// The names of all WebAssembly in the folder but `main`, without their end.
fn part_names(dist: &Path, main: &str) -> Result<Vec<String>> {
    let names = names(dist)?;
    let parts = names.iter().filter(|name| *name != main);
    Ok(parts.filter_map(|name| Some(name.strip_suffix(WASM_END)?.to_owned())).collect())
}

/// What is in the folder, in the same order everywhere.
fn names(folder: &Path) -> Result<Vec<String>> {
    let files = fs::read_dir(folder)
        .with_context(|| format!("cannot list {}", folder.display()))?
        .map(|file| Ok(file?.file_name().to_string_lossy().into_owned()));
    let mut names = files.collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// What stands between `before` and the next quotation mark.
fn quoted<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    let rest = &text[text.find(before)? + before.len()..];
    rest.split_once('\'').map(|(inside, _)| inside)
}

/// A module without imports as the body of a function, and the names of the functions it exports.
struct Classic {
    body: String,
    exported: Vec<String>,
}

fn classic(module: &str) -> Result<Classic> {
    let export = module.rfind("\nexport {").context("the glue exports nothing")?;
    // Its first line may be one of those that are looked for.
    let body = format!("\n{}", &module[..export]).replace("import.meta.url", "document.baseURI");
    let exported = body.split(EXPORTED).skip(1);
    let exported = exported.filter_map(|rest| Some(rest.split_once('(')?.0.to_owned())).collect();
    let body = body.replace(EXPORTED, "\nfunction ");
    for word in ["\nimport ", "\nexport ", "</script"] {
        ensure!(!body.contains(word), "the glue has {word:?} in it, which no inline script can");
    }
    Ok(Classic { body, exported })
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

/// How the files end that lie beside the page and that it fetches late.
const FETCHED_LATER: [&str; 3] = [".rs", ".toml", REST_END];
/// How the file ends that has the functions which the first step does not run.
const REST_END: &str = "_rest.wasm";
const SCRIPT_START: &str = "<script type=\"module\">";
const SCRIPT_END: &str = "</script>";
const LOADER_START: &str = "<script>\nwindow.schedulerLabPart";
const WASM_END: &str = "_bg.wasm";
const EXPORTED: &str = "\nexport function ";

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
        let module = "let wasm;\nexport function ask(a) {}\nnew URL('x', import.meta.url);\n\
                      export { a as default };\n";
        let Classic { body, exported } = classic(module).unwrap();
        assert_eq!(body, "\nlet wasm;\nfunction ask(a) {}\nnew URL('x', document.baseURI);");
        assert_eq!(exported, ["ask"]);
        let first = classic("export function ask() {}\nexport { a as default };\n").unwrap();
        assert_eq!((first.body.as_str(), first.exported.len()), ("\nfunction ask() {}", 1));
        assert!(classic("\nimport './snippet.js';\nexport { a };\n").is_err());
        assert!(classic("let a;").is_err());
    }
}
