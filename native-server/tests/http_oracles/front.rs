//! A proxy in front of the server, and what the server reads of what is thrown at it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use crate::support::folder;
use crate::support::process::{Serving, program};
use crate::support::proxy::{Proxy, around_http};

/// A proxy that passes on what it takes for requests, each with a number of its own as
/// `X-Request-Id`, over connections that it keeps.
pub(crate) struct Front {
    pub(crate) name: &'static str,
    config: fn(&Path, listen: SocketAddr, server: SocketAddr) -> String,
}

/// A request that the server read.
#[derive(Debug, Deserialize)]
pub(crate) struct Arrival {
    method: Option<String>,
    #[serde(rename = "x_request_id")]
    pub(crate) id: Option<String>,
}

impl Front {
    pub(crate) fn nginx() -> Self {
        Self {
            name: "nginx",
            config: |folder, listen, server| {
                let http = format!(
                    "client_header_timeout 2s; client_body_timeout 2s;\n\
                     upstream lab {{ server {server}; keepalive 4; }}\n\
                     server {{ listen {listen}; location / {{\n\
                     proxy_pass http://lab; proxy_http_version 1.1; proxy_set_header Connection \"\";\n\
                     proxy_set_header X-Request-Id $request_id; proxy_request_buffering off;\n\
                     proxy_next_upstream off; proxy_ignore_client_abort on; proxy_read_timeout 5s;\n\
                     }} }}"
                );
                around_http(folder, &http)
            },
        }
    }

    pub(crate) fn haproxy() -> Self {
        Self {
            name: "haproxy",
            config: |_, listen, server| {
                format!(
                    "global\n  maxconn 256\n\
                     defaults\n  mode http\n  timeout connect 5s\n  timeout client 2s\n  timeout server 5s\n\
                     \x20 timeout http-request 2s\n  option http-keep-alive\n  retries 0\n\
                     frontend f\n  bind {listen}\n  unique-id-format %[uuid()]\n\
                     \x20 http-request set-header X-Request-Id %[unique-id]\n  default_backend b\n\
                     backend b\n  http-reuse always\n  server lab {server}\n"
                )
            },
        }
    }

    /// Throws each input at it over a connection of its own, and gives what the server read.
    pub(crate) fn pass_on(&self, inputs: Vec<Vec<u8>>) -> Vec<Arrival> {
        let folder = folder(&format!("front-{}", self.name));
        let log = folder.join("access.jsonl");
        let mut command = program(&["--listen", "127.0.0.1:0", "--inspect", "off"]);
        command.args(["--model", "pool", "--access-log"]).arg(&log);
        let mut server = Serving::start_command(command);
        let config = |listen| (self.config)(&folder, listen, server.address);
        let mut proxy = Proxy::start(self.name, &folder, config);
        for input in inputs {
            throw(proxy.address, &input);
        }
        assert!(proxy.is_alive(), "{} died of it", self.name);
        drop(proxy);
        assert_eq!(server.terminate(), Some(0));
        let text = std::fs::read_to_string(&log).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Arrival>(line).unwrap());
        lines.filter(|line| line.method.is_some()).collect()
    }
}

/// Sends it all, and reads until the proxy has nothing more to say.
fn throw(address: SocketAddr, input: &[u8]) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    // A proxy that refuses it does not read on.
    let _ = stream.write_all(input);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read_to_end(&mut Vec::new());
}
