//! The built page and its files, out of the binary.

use std::borrow::Cow;

use rust_embed::RustEmbed;

use crate::{
    http::{Response, Status},
    site::{HTML, TEXT, media_type},
};

/// What Trunk built. In debug builds it is read from disk at each request, so that a page built
/// later is there at once.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../dist/"]
#[allow_missing = true]
pub(super) struct Page;

impl Page {
    /// A file by its path from the page's folder.
    pub(super) fn embedded(path: &str) -> Option<Cow<'static, [u8]>> {
        Self::get(path).map(|file| file.data)
    }
}

/// Answers with the file at a path.
///
/// A page that was never built is explained with status 200: that answer is what this address has to
/// show, and monitors ask `/-/health`. Its other files are 404 as ever.
pub(super) fn answer(path: &str, find: &dyn Fn(&str) -> Option<Cow<'static, [u8]>>) -> Response {
    let name = match path {
        "/" => INDEX,
        path => path.strip_prefix('/').unwrap_or(path),
    };
    match find(name).filter(|_| is_plain(name)) {
        Some(bytes) if name == INDEX => file(HTML, with_feed(&bytes).into()),
        Some(bytes) => file(media_type(name), bytes),
        None if name == INDEX => file(HTML, NOT_BUILT.as_bytes().into()),
        None => Response::new(Status::NOT_FOUND)
            .with_content_type(TEXT)
            .with_field("Cache-Control", "no-cache")
            .with_body("no such file\n"),
    }
}

/// The page, told that it comes from a running server and where that tells of itself.
fn with_feed(page: &[u8]) -> Vec<u8> {
    let head_ends = b"</head>";
    let at = page.windows(head_ends.len()).position(|window| window == head_ends);
    let (head, rest) = page.split_at(at.unwrap_or(page.len()));
    [head, FEED, rest].concat()
}

fn file(content_type: &'static str, bytes: Cow<'static, [u8]>) -> Response {
    let response = Response::new(Status::OK)
        .with_content_type(content_type)
        // Anybody may show the page: in a sandboxed frame its own files come from another origin.
        .with_field("Access-Control-Allow-Origin", "*")
        // The next build has the same address.
        .with_field("Cache-Control", "no-cache")
        .with_field("X-Content-Type-Options", "nosniff");
    match bytes {
        Cow::Borrowed(bytes) => response.with_body(bytes),
        Cow::Owned(bytes) => response.with_body(bytes),
    }
}

/// Whether a path stays in its folder on every system: debug builds read files by it.
fn is_plain(name: &str) -> bool {
    let is_plain_part = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '\0'])
    };
    name.split('/').all(is_plain_part)
}

const INDEX: &str = "index.html";
/// Where the page finds the feed, beside itself: it may stand behind a proxy's path.
const FEED: &[u8] = br#"<meta name="scheduler-lab-live" content="-/live">"#;
const NOT_BUILT: &str = include_str!("not_built.html");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Connection, HttpDate, Limits, Step};

    fn ask(path: &str, find: &dyn Fn(&str) -> Option<Cow<'static, [u8]>>) -> String {
        let date = HttpDate::new(std::time::UNIX_EPOCH);
        let mut connection = Connection::new(Limits::default());
        connection.receive(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(matches!(connection.poll(&date), Step::Request(_)));
        connection.respond(&answer(path, find), &date);
        String::from_utf8(connection.output().to_vec()).unwrap()
    }

    fn built(name: &str) -> Option<Cow<'static, [u8]>> {
        (name != "missing").then(|| Cow::Owned(format!("<{name}>").into_bytes()))
    }

    #[test]
    fn a_page_that_was_not_built_is_told_how_to_build() {
        for path in ["/", "/index.html"] {
            let answer = ask(path, &|_| None);
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
            assert!(answer.contains("cargo xtask start") && answer.contains("trunk build"));
        }
        assert!(ask("/web-sim.js", &|_| None).starts_with("HTTP/1.1 404 "));
    }

    #[test]
    fn files_have_their_type_and_may_be_read_from_anywhere() {
        for (path, content_type) in [
            ("/", "text/html; charset=utf-8"),
            ("/a.js", "text/javascript; charset=utf-8"),
            ("/a_bg.wasm", "application/wasm"),
            ("/style/a.css", "text/css; charset=utf-8"),
            ("/a.svg", "image/svg+xml"),
            ("/a.json", "application/json"),
            ("/LICENSE", "application/octet-stream"),
        ] {
            let answer = ask(path, &built);
            assert!(answer.contains(&format!("Content-Type: {content_type}\r\n")), "{answer}");
            assert!(answer.contains("Access-Control-Allow-Origin: *\r\n"));
            assert!(answer.contains("Cache-Control: no-cache\r\n"));
        }
        let feed = str::from_utf8(FEED).unwrap();
        assert!(ask("/", &built).ends_with(&format!("<index.html>{feed}")));
        let page = |_: &str| Some(b"<head></head><body>"[..].into());
        assert!(ask("/", &page).ends_with(&format!("\r\n\r\n<head>{feed}</head><body>")));
        assert!(ask("/missing", &built).starts_with("HTTP/1.1 404 "));
    }

    #[test]
    fn a_path_out_of_the_folder_is_no_file() {
        for path in [
            "/../Cargo.toml",
            "/a/../b",
            "//etc/passwd",
            "/a\\b",
            "/C:/a",
            "/.git/config",
            "/a/",
            "",
        ] {
            assert!(ask(path, &built).starts_with("HTTP/1.1 404 "), "{path}");
        }
    }
}
