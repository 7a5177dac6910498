//! A thread for each connection, and nothing else.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

fn main() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    servers::announce(listener.local_addr()?)?;
    let answer: Arc<[u8]> = servers::answer(true).into();
    for stream in listener.incoming() {
        let (stream, answer) = (stream?, Arc::clone(&answer));
        thread::spawn(move || servers::handle_connection(stream, &answer));
    }
    Ok(())
}
