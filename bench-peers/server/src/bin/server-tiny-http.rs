//! `tiny_http`: threads of its own read the requests, threads of ours answer them.

use std::thread;

use anyhow::anyhow;
use tiny_http::{Header, Response, Server};

fn main() -> anyhow::Result<()> {
    let server = Server::http("127.0.0.1:0").map_err(|error| anyhow!("{error}"))?;
    servers::announce(server.server_addr())?;
    thread::scope(|scope| {
        for _ in 0..servers::n_threads()? {
            scope.spawn(|| serve(&server));
        }
        Ok(())
    })
}

fn serve(server: &Server) {
    let html = Header::from_bytes("Content-Type", servers::CONTENT_TYPE).expect("it is ASCII");
    for request in server.incoming_requests() {
        let response = Response::from_data(servers::PAGE).with_header(html.clone());
        // A client that left is no news.
        let _ = request.respond(response);
    }
}
