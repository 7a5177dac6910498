//! The configurations of docs/OPERATIONS.md, as they stand there: two servers behind nginx and behind
//! `HAProxy`, one of which is restarted under load. With `cargo xtask test --long` only, which brings the
//! proxies along.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use support::process::{Serving, program};
use support::proxy::{Proxy, around_http, free_addresses};
use support::{Client, folder, is_long, wait_until};

#[test]
fn nobody_notices_that_a_server_behind_a_proxy_is_restarted() {
    if !is_long() {
        return;
    }
    for name in ["nginx", "haproxy"] {
        let folder = folder(&format!("behind-{name}"));
        let servers = free_addresses();
        let [mut one, _other] = servers.map(start);
        let proxy = Proxy::start(name, &folder, |listen| {
            let config = documented(name, &servers, listen);
            if name == "nginx" { around_http(&folder, &config) } else { config }
        });
        let n_answered = AtomicUsize::new(0);
        let wait_for = |n| wait_until(|| n_answered.load(Ordering::Relaxed) >= n);
        thread::scope(|scope| {
            for _ in 0..N_CLIENTS {
                scope.spawn(|| ask(proxy.address, &n_answered));
            }
            wait_for(N_CLIENTS * N_REQUESTS / 4);
            assert_eq!(one.terminate(), Some(0), "{name}");
            wait_for(N_CLIENTS * N_REQUESTS / 2);
            one = start(servers[0]);
        });
        assert_eq!(n_answered.load(Ordering::Relaxed), N_CLIENTS * N_REQUESTS, "{name}");
    }
}

fn start(address: SocketAddr) -> Serving {
    let address = address.to_string();
    let flags = ["--listen", &address, "--inspect", "off", "--model", "pool"];
    let mut command = program(&flags);
    command.args(["--idle-seconds", "75"]);
    Serving::start_command(command)
}

/// A client of the proxy, who keeps its connection as long as that is kept.
fn ask(proxy: SocketAddr, n_answered: &AtomicUsize) {
    let mut kept = None;
    for _ in 0..N_REQUESTS {
        let mut client = kept.take().unwrap_or_else(|| Client::new(proxy));
        let answer = client.get("/").unwrap();
        assert_eq!(answer.status, 200, "{}", answer.head);
        n_answered.fetch_add(1, Ordering::Relaxed);
        kept = Some(client).filter(|_| answer.field("Connection") != Some("close"));
    }
}

/// The block that the documentation has for this proxy, with these places in place of its own.
fn documented(name: &str, servers: &[SocketAddr; 2], listen: SocketAddr) -> String {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/OPERATIONS.md");
    let docs = fs::read_to_string(docs).unwrap();
    let (_, block) = docs.split_once(&format!("```{name}\n")).unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let listen = listen.to_string();
    let places = [
        ("127.0.0.1:7901", servers[0].to_string()),
        ("127.0.0.1:7902", servers[1].to_string()),
        ("listen 80;", format!("listen {listen};")),
        ("bind :80", format!("bind {listen}")),
    ];
    places.iter().fold(block.to_owned(), |text, (there, here)| text.replace(there, here))
}

const N_CLIENTS: usize = 8;
const N_REQUESTS: usize = 400;
