//! Clients of the inspect listener's answers that come in chunks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use scheduler_model::trace::Trace;

/// The body of a chunked answer, as it comes.
pub(crate) struct Chunked {
    reader: BufReader<TcpStream>,
    left: usize,
    ended: bool,
}

impl Chunked {
    /// Asks for a path; the answer has to be 200.
    pub(crate) fn get(address: SocketAddr, path: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        Self::ask(stream, address, path)
    }

    pub(crate) fn ask(mut stream: TcpStream, address: SocketAddr, path: &str) -> Self {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).unwrap() > 0, "{head}");
        }
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains("Transfer-Encoding: chunked\r\n"), "{head}");
        Self { reader, left: 0, ended: false }
    }
}

impl Read for Chunked {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 && !self.ended {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            if line == "\r\n" {
                line.clear();
                self.reader.read_line(&mut line)?;
            }
            self.left = usize::from_str_radix(line.trim_end(), 16).expect("a chunk's size");
            self.ended = self.left == 0;
        }
        let n = self.left.min(buffer.len());
        let n = self.reader.read(&mut buffer[..n])?;
        self.left -= n;
        Ok(n)
    }
}

/// What one watcher of a run is told.
pub(crate) struct Feed {
    lines: std::io::Lines<BufReader<Chunked>>,
}

/// A message: its event's name and its data.
pub(crate) type Message = (String, String);

impl Feed {
    pub(crate) fn follow(address: SocketAddr) -> Self {
        Self::of(Chunked::get(address, "/-/live"))
    }

    pub(crate) fn of(answer: Chunked) -> Self {
        Self { lines: BufReader::new(answer).lines() }
    }

    /// The next message; none at the end.
    pub(crate) fn next(&mut self) -> Option<Message> {
        let (mut name, mut data) = (String::new(), String::new());
        loop {
            let line = self.lines.next()?.unwrap();
            if let Some(given) = line.strip_prefix("event: ") {
                given.clone_into(&mut name);
            } else if let Some(given) = line.strip_prefix("data: ") {
                data.push_str(given);
                data.push('\n');
            } else if line.is_empty() && !name.is_empty() {
                return Some((name, data));
            }
        }
    }

    /// Messages until one of this name, which is the last of them.
    pub(crate) fn until(&mut self, name: &str) -> Vec<Message> {
        let mut all = Vec::new();
        while all.last().is_none_or(|(last, _): &Message| last != name) {
            all.push(self.next().expect("the feed goes on"));
        }
        all
    }
}

/// What messages say of the run: a trace for each section.
pub(crate) fn sections(messages: &[Message]) -> Vec<Trace> {
    let mut texts: Vec<String> = Vec::new();
    for (name, data) in messages {
        match &**name {
            "section" => texts.push(data.clone()),
            "events" => texts.last_mut().expect("a section is open").push_str(data),
            _ => {}
        }
    }
    texts.iter().map(|text| Trace::read_str("feed", text).unwrap()).collect()
}
