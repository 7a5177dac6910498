//! Clients that ask once and then say nothing: as many as the first argument says, of the server at
//! the address that the second one says, until standard input ends.

use std::io::{Read, Write, stdin};
use std::net::TcpStream;

use anyhow::{Context, Result, ensure};
use rustix::process::{Resource, getrlimit, setrlimit};

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let n_clients: usize = args.next().context("how many?")?.parse()?;
    let address = args.next().context("of which server?")?;
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit)?;
    let clients: Result<Vec<_>> = (0..n_clients).map(|_| ask_once(&address)).collect();
    println!("clients {}", clients?.len());
    stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn ask_once(address: &str) -> Result<TcpStream> {
    let mut client = TcpStream::connect(address)?;
    client.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut answer = [0; 4096];
    ensure!(client.read(&mut answer)? > servers::PAGE.len(), "no answer");
    Ok(client)
}
