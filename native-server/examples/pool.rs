//! The book's accept loop, before and after the pool.
//!
//! `spawn.rs` and `pool.rs` are this one program and differ in one line: who runs
//! `handle_connection`. The pool is made in both, so that nothing else has to change.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use native_server::ThreadPool;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on http://{}", listener.local_addr()?);
    let pool = ThreadPool::new(4);

    for stream in listener.incoming() {
        let stream = stream?;
        pool.execute(|| handle_connection(stream));
    }

    drop(pool); // waits for what it was given
    Ok(())
}

fn handle_connection(mut stream: TcpStream) {
    let mut request_line = String::new();
    if BufReader::new(&stream).read_line(&mut request_line).is_err() {
        return; // the client left: nobody to answer
    }
    let (status, body) = match request_line.trim_end() {
        "GET / HTTP/1.1" => ("200 OK", "Hello!\n"),
        "GET /sleep HTTP/1.1" => {
            thread::sleep(Duration::from_secs(5));
            ("200 OK", "Hello, at last!\n")
        }
        _ => ("404 Not Found", "Oops!\n"),
    };
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    // A client that left meanwhile loses its answer, and nobody else anything.
    let _ = stream.write_all(answer.as_bytes());
}
