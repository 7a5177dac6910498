//! Files under `--root` on real sockets: what is served, and what nobody gets to see.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use native_server::http::HttpDate;
use native_server::site::{BookSite, Root};
use scheduler_model::Model;
use support::served::Server;
use support::{Client, MODELS, folder, options};

/// A server whose root is this folder.
fn serving(model: Model, root: &Path) -> Server {
    let options = options(model, 2);
    let site = BookSite::new(&options.scenario).with_root(Root::open(root).unwrap());
    Server::start(options, Arc::new(site)).unwrap()
}

fn end(server: Server) {
    server.handle().drain();
    server.wait().unwrap();
}

/// What a target is answered with, on a connection of its own.
fn status(server: &Server, target: &str) -> u16 {
    Client::new(server.address()).get(target).unwrap().status
}

#[test]
fn a_file_is_answered_with_its_bytes_its_type_and_its_date_under_every_model() {
    let root = folder("files-plain");
    fs::create_dir(root.join("a")).unwrap();
    fs::write(root.join("a/style.css"), "body {}\n").unwrap();
    fs::write(root.join("a/index.html"), "<p>index").unwrap();
    fs::write(root.join("ein wort.txt"), "wort").unwrap();
    let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    File::options()
        .write(true)
        .open(root.join("a/style.css"))
        .unwrap()
        .set_modified(modified)
        .unwrap();
    for model in MODELS {
        let server = serving(model, &root);
        let answer = Client::new(server.address()).get("/a/style.css?v=1").unwrap();
        assert_eq!((answer.status, &answer.body[..]), (200, &b"body {}\n"[..]));
        assert_eq!(answer.field("Content-Type"), Some("text/css; charset=utf-8"));
        assert_eq!(answer.field("Last-Modified"), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
        assert_eq!(answer.field("X-Content-Type-Options"), Some("nosniff"));
        assert_eq!(Client::new(server.address()).get("/a/").unwrap().body, b"<p>index");
        assert_eq!(Client::new(server.address()).get("/ein%20wort.txt").unwrap().body, b"wort");
        // The routes come first, and what is nowhere is the 404 page.
        assert!(Client::new(server.address()).get("/").unwrap().head.contains("text/html"));
        assert_eq!(status(&server, "/a/none.css"), 404);
        end(server);
    }
}

#[test]
fn head_has_the_length_of_the_file_and_not_the_file() {
    let root = folder("files-head");
    fs::write(root.join("small"), "12345").unwrap();
    File::create(root.join("large")).unwrap().set_len(1 << 20).unwrap();
    for model in MODELS {
        let server = serving(model, &root);
        for (path, length) in [("/small", 5), ("/large", 1 << 20)] {
            let mut client = Client::new(server.address());
            client.send(format!("HEAD {path} HTTP/1.0\r\n\r\n").as_bytes());
            let answer = client.answer_head().unwrap();
            assert_eq!((answer.status, answer.length()), (200, length));
            assert!(client.is_closed(), "nothing follows");
        }
        end(server);
    }
}

#[test]
fn a_copy_that_is_as_new_is_not_sent_again() {
    let root = folder("files-since");
    fs::write(root.join("f.txt"), "text").unwrap();
    let modified = fs::metadata(root.join("f.txt")).unwrap().modified().unwrap();
    let before = HttpDate::new(modified - Duration::from_secs(1));
    let server = serving(Model::Pool, &root);
    let ask = |fields: &str| {
        let mut client = Client::new(server.address());
        client.send(format!("GET /f.txt HTTP/1.1\r\nHost: test\r\n{fields}\r\n\r\n").as_bytes());
        client.answer().unwrap().status
    };
    let now = HttpDate::new(modified);
    assert_eq!(ask(&format!("If-Modified-Since: {now}")), 304);
    assert_eq!(ask(&format!("If-Modified-Since: {before}")), 200);
    assert_eq!(ask("If-Modified-Since: yesterday"), 200, "no date is no condition");
    let with_tag = format!("If-Modified-Since: {now}\r\nIf-None-Match: \"x\"");
    assert_eq!(ask(&with_tag), 200, "a tag takes precedence (RFC 9110 section 13.1.3)");
    end(server);
}

#[test]
fn a_condition_that_does_not_hold_is_412_and_a_copy_of_whatever_is_there_is_good() {
    let root = folder("files-conditions");
    fs::write(root.join("f.txt"), "text").unwrap();
    let modified = fs::metadata(root.join("f.txt")).unwrap().modified().unwrap();
    let now = HttpDate::new(modified);
    let before = HttpDate::new(modified - Duration::from_secs(1));
    let server = serving(Model::Pool, &root);
    let ask = |target: &str, fields: &str| {
        let mut client = Client::new(server.address());
        client.send(format!("GET {target} HTTP/1.1\r\nHost: test\r\n{fields}\r\n\r\n").as_bytes());
        client.answer().unwrap().status
    };
    for (fields, status) in [
        ("If-Match: *".to_owned(), 200),
        ("If-Match: \"x\"".to_owned(), 412),
        (format!("If-Unmodified-Since: {now}"), 200),
        (format!("If-Unmodified-Since: {before}"), 412),
        ("If-Unmodified-Since: tomorrow".to_owned(), 200),
        ("If-None-Match: *".to_owned(), 304),
        // The order of RFC 9110 section 13.2.2: a tag before a date, what must hold before a copy.
        (format!("If-Match: *\r\nIf-Unmodified-Since: {before}"), 200),
        (format!("If-Unmodified-Since: {before}\r\nIf-Modified-Since: {now}"), 412),
        (format!("If-None-Match: \"x\"\r\nIf-Modified-Since: {now}"), 200),
    ] {
        assert_eq!(ask("/f.txt", &fields), status, "{fields}");
        assert_eq!(ask("/none.txt", &fields), 404, "there is nothing to be judged");
    }
    end(server);
}

#[test]
fn a_folder_is_its_index_or_nothing_and_is_asked_for_with_its_slash() {
    let root = folder("files-folder");
    fs::create_dir_all(root.join("with")).unwrap();
    fs::create_dir_all(root.join("without")).unwrap();
    fs::create_dir_all(root.join("odd/index.html")).unwrap();
    fs::write(root.join("with/index.html"), "index").unwrap();
    let server = serving(Model::Pool, &root);
    for (target, location) in [
        ("/with", "/with/"),
        ("/with?a=/b", "/with/?a=/b"),
        ("http://evil.example/with", "/with/"),
        ("http://evil.example/with?a=b://c/d", "/with/?a=b://c/d"),
        // An address in the query stays there: it is no place to go to.
        ("/with?a=b://c//evil.example", "/with/?a=b://c//evil.example"),
    ] {
        let answer = Client::new(server.address()).get(target).unwrap();
        assert_eq!((answer.status, answer.field("Location")), (308, Some(location)));
    }
    assert_eq!(status(&server, "/with/"), 200);
    assert_eq!(status(&server, "/without/"), 404);
    assert_eq!(status(&server, "/odd/"), 404, "its index is a folder");
    // No target makes a redirect that leaves this host.
    for target in ["//evil.example", "//with", "/.//with", "//evil.example/%2e%2e"] {
        assert_eq!(status(&server, target), 404, "{target}");
    }
    end(server);
}

#[cfg(unix)]
#[test]
fn nothing_outside_the_folder_and_nothing_that_is_no_file_is_served() {
    let outside = folder("files-outside");
    fs::write(outside.join("secret.txt"), "secret").unwrap();
    let root = folder("files-inside");
    fs::create_dir(root.join("a")).unwrap();
    fs::write(root.join("a/f.txt"), "inside").unwrap();
    fs::write(root.join(".env"), "secret").unwrap();
    let link = |to: &Path, at: &str| std::os::unix::fs::symlink(to, root.join(at)).unwrap();
    link(&outside.join("secret.txt"), "absolute.txt");
    link(Path::new("../files-outside/secret.txt"), "relative.txt");
    link(&outside, "folder");
    link(Path::new("a/f.txt"), "within.txt");
    link(Path::new("loop.txt"), "loop.txt");
    link(Path::new("/dev/zero"), "zero");
    let (mode, kind) = (rustix::fs::Mode::RUSR, rustix::fs::FileType::Fifo);
    rustix::fs::mknodat(rustix::fs::CWD, root.join("pipe"), kind, mode, 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    for model in MODELS {
        let server = serving(model, &root);
        for target in [
            "/../files-outside/secret.txt",
            "/a/../../files-outside/secret.txt",
            "/%2e%2e/files-outside/secret.txt",
            "/%2E%2E%2Ffiles-outside%2Fsecret.txt",
            "/..%2ffiles-outside/secret.txt",
            "/a/%2e%2e/a/f.txt",
            "/%5c..%5cfiles-outside%5csecret.txt",
            "/a%5cf.txt",
            "/absolute.txt",
            "/relative.txt",
            "/folder/secret.txt",
            "/loop.txt",
            "/zero",
            "/pipe",
            "/socket",
            "/a/f.txt/",
            "/a/f.txt/x",
            "/.env",
            "/a/f.txt%0d%0aX-Injected:%201",
            "/%c3%28",
        ] {
            let answer = Client::new(server.address()).get(target).unwrap();
            let refused = [400, 404].contains(&answer.status);
            assert!(refused && !answer.head.contains("X-Injected"), "{target}: {}", answer.head);
            assert!(!answer.body.windows(6).any(|part| part == b"secret"), "{target}");
        }
        for target in ["/a/f.txt%00", "/%00", "/a\\f.txt"] {
            assert_eq!(status(&server, target), 400, "{target}");
        }
        let long = format!("/{}", "x".repeat(4000));
        assert_eq!(status(&server, &long), 404);
        assert_eq!(Client::new(server.address()).get("/within.txt").unwrap().body, b"inside");
        end(server);
    }
}

#[test]
fn a_large_file_goes_to_a_slow_client_in_pieces_while_others_are_served() {
    let root = folder("files-large");
    let bytes: Vec<u8> = (0..24_u32 << 20).map(|n| (n % 251) as u8).collect();
    fs::write(root.join("large.bin"), &bytes).unwrap();
    for model in MODELS {
        let server = serving(model, &root);
        let mut slow = Client::new(server.address());
        // The connection is kept where it can be, and the next request waits behind the file.
        slow.send(b"GET /large.bin HTTP/1.1\r\nHost: test\r\n\r\n");
        let head = slow.answer_head().unwrap();
        assert_eq!(head.length(), bytes.len());
        if !matches!(model, Model::Single | Model::Spawn) {
            // Every thread is free although nobody takes the rest of the file.
            let others: Vec<_> = (0..2).map(|_| Client::new(server.address())).collect();
            for mut other in others {
                assert_eq!(other.get("/").unwrap().status, 200);
            }
        }
        if model != Model::Single {
            slow.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        }
        assert!(slow.read_exactly(bytes.len()) == bytes, "{}", model.name());
        if model != Model::Single {
            assert_eq!(slow.answer().unwrap().status, 200);
        }
        drop(slow);
        end(server);
    }
}

#[test]
fn a_file_keeps_the_length_it_was_announced_with_or_its_connection_is_cut() {
    let root = folder("files-changing");
    let len = 32_u64 << 20;
    for model in MODELS {
        let place = root.join("changing.bin");
        let server = serving(model, &root);
        let begin = |how: &dyn Fn()| {
            File::create(&place).unwrap().set_len(len).unwrap();
            let mut client = Client::new(server.address());
            client.send(b"GET /changing.bin HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
            let head = client.answer_head().unwrap();
            assert_eq!(head.length() as u64, len);
            how();
            client.read_to_end() as u64
        };
        let grow =
            || File::options().append(true).open(&place).unwrap().write_all(b"more").unwrap();
        assert_eq!(begin(&grow), len, "what was added is not sent");
        assert_eq!(begin(&|| fs::remove_file(&place).unwrap()), len, "an open file stays");
        let shrink = || File::options().write(true).open(&place).unwrap().set_len(len / 2).unwrap();
        let n_got = begin(&shrink);
        assert!((len / 2..len).contains(&n_got), "{n_got} of {len}");
        assert_eq!(status(&server, "/"), 200);
        end(server);
    }
}

#[test]
fn a_drain_lets_a_file_come_to_its_end() {
    let root = folder("files-drain");
    let len = 16 << 20;
    File::create(root.join("f.bin")).unwrap().set_len(len).unwrap();
    for model in MODELS {
        let server = serving(model, &root);
        let mut client = Client::new(server.address());
        client.send(b"GET /f.bin HTTP/1.1\r\nHost: test\r\n\r\n");
        assert_eq!(client.answer_head().unwrap().length() as u64, len);
        server.handle().drain();
        let ending = thread::spawn(move || server.wait().unwrap());
        assert_eq!(client.read_to_end() as u64, len, "{model:?}");
        ending.join().unwrap();
    }
}

#[test]
fn fork_runs_its_tree_on_the_thread_that_has_the_request() {
    for model in MODELS {
        let server = serving(model, &folder("files-fork"));
        let answer = Client::new(server.address()).get("/fork?depth=3").unwrap();
        assert_eq!(answer.status, 200);
        let answer = Client::new(server.address()).get("/fork?depth=17").unwrap();
        assert_eq!(answer.status, 400);
        assert_eq!(answer.body, b"depth=17: a whole number from 0 to 16 is allowed\n");
        end(server);
    }
}
