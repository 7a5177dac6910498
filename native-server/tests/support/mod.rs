//! Real servers on free ports, and clients that read whole answers.
#![allow(dead_code, reason = "each test file uses a part of this")]

pub(crate) mod feed;
#[cfg(unix)]
pub(crate) mod process;
#[cfg(unix)]
pub(crate) mod proxy;
pub(crate) mod served;
#[cfg(target_os = "linux")]
pub(crate) mod vitals;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use native_server::http::{Request, Response, Status};
use native_server::options::Options;
use native_server::site::{self, Site};
use scheduler_model::scenario::{Ranged, Scenario, Server};
use scheduler_model::trace::Trace;
use scheduler_model::{Model, RouteId};
use socket2::{Domain, Socket, Type};

/// A client's connection.
pub(crate) struct Client {
    address: SocketAddr,
    reader: BufReader<TcpStream>,
}

/// What a client got.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { address, reader: BufReader::new(stream) }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> &mut Self {
        self.reader.get_mut().write_all(bytes).unwrap();
        self
    }

    pub(crate) fn get(&mut self, path: &str) -> Option<Answer> {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes()).answer()
    }

    /// The next answer; none when the server has closed the connection.
    pub(crate) fn answer(&mut self) -> Option<Answer> {
        let mut answer = self.answer_head()?;
        if answer.field("Transfer-Encoding") == Some("chunked") {
            while let Some(chunk) = self.chunk() {
                answer.body.extend(chunk);
            }
        } else {
            answer.body = self.read_exactly(answer.length());
        }
        Some(answer)
    }

    /// The next chunk of a body; none at its end.
    fn chunk(&mut self) -> Option<Vec<u8>> {
        let mut size = String::new();
        self.reader.read_line(&mut size).unwrap();
        let size = usize::from_str_radix(size.trim_end(), 16).unwrap();
        let chunk = self.read_exactly(size);
        assert_eq!(self.read_exactly(2), b"\r\n");
        Some(chunk).filter(|_| size > 0)
    }

    /// The next answer to a HEAD, or what comes before a body that is to be read otherwise.
    pub(crate) fn answer_head(&mut self) -> Option<Answer> {
        let mut head = String::new();
        loop {
            let n = self.reader.read_line(&mut head).unwrap_or(0);
            if n == 0 {
                return None;
            }
            if head.ends_with("\r\n\r\n") {
                break;
            }
        }
        let status = head[9..12].parse().unwrap();
        if status >= 200 {
            served::note(self.address, status);
        }
        Some(Answer { status, head, body: Vec::new() })
    }

    /// The connection, to write to it from another thread.
    pub(crate) fn stream(&self) -> TcpStream {
        self.reader.get_ref().try_clone().unwrap()
    }

    /// So many bytes of what comes.
    pub(crate) fn read_exactly(&mut self, n: usize) -> Vec<u8> {
        let mut bytes = vec![0; n];
        self.reader.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// What comes until the server closes, as text.
    pub(crate) fn read_all(&mut self) -> String {
        let mut bytes = Vec::new();
        self.reader.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// How many bytes come until the server closes.
    pub(crate) fn read_to_end(&mut self) -> usize {
        let mut bytes = Vec::new();
        // A reset ends it as well.
        let _ = self.reader.read_to_end(&mut bytes);
        bytes.len()
    }

    pub(crate) fn is_closed(&mut self) -> bool {
        matches!(self.reader.read(&mut [0]), Ok(0) | Err(_))
    }
}

impl Answer {
    /// The value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// What its head says of its body.
    pub(crate) fn length(&self) -> usize {
        self.field("Content-Length").map_or(0, |length| length.parse().unwrap())
    }
}

/// The models that serve real traffic.
pub(crate) const MODELS: [Model; 6] = Model::ALL;

/// Their names, for programs.
pub(crate) const NAMES: [&str; 6] = ["single", "spawn", "pool", "fork-join", "async", "sharded"];

/// The models under which a client that is slow holds no thread.
pub(crate) const POLLED: [&str; 4] = ["pool", "fork-join", "async", "sharded"];

/// The models that keep a connection for its next request.
pub(crate) const KEEPING: [&str; 5] = ["spawn", "pool", "fork-join", "async", "sharded"];

/// Whether a server that is full turns requests away; under other models they wait.
pub(crate) const fn turns_away(model: Model) -> bool {
    matches!(model, Model::Spawn | Model::Pool | Model::ForkJoin)
}

/// An empty folder of this test's own.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Whether tests may take long: `cargo xtask test --long`.
pub(crate) fn is_long() -> bool {
    std::env::var_os("LONG_TESTS").is_some()
}

/// A number for every day, or the one that robustness is stated for.
pub(crate) fn n(usual: usize, long: usize) -> usize {
    if is_long() { long } else { usual }
}

/// Waits until something holds that is about to: for what no event tells of.
pub(crate) fn wait_until(holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "it does not come to hold");
        std::thread::yield_now();
    }
}

/// A connection with the smallest buffer there is for what comes.
pub(crate) fn narrow(to: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    socket.connect(&to.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// What metrics say of a series that counts.
pub(crate) fn counted(metrics: &str, series: &str) -> u64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map_or(0, |number| number.parse().unwrap())
}

/// Options of a server with this model, on a free port.
pub(crate) fn options(model: Model, workers: u64) -> Options {
    let server = Server { workers: Ranged::clamped(workers), ..Server::new(model) };
    Options::new(Scenario::new("test", server))
}

/// A place for a recording, gone with the test's folder.
pub(crate) fn place(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    folder.join(format!("{name}-{}.jsonl", std::process::id()))
}

pub(crate) fn read_trace(path: &Path) -> Trace {
    let text = std::fs::read_to_string(path).unwrap();
    Trace::read_str(&path.display().to_string(), &text).unwrap()
}

/// A site whose handlers wait until the test lets them go: `/hold` says that it runs, then waits;
/// `/panic` panics; anything else answers its path.
pub(crate) struct Gate {
    running: SyncSender<()>,
    permits: Mutex<Receiver<()>>,
}

/// The test's side of a [`Gate`].
pub(crate) struct Keeper {
    pub(crate) running: Receiver<()>,
    permits: SyncSender<()>,
}

impl Gate {
    pub(crate) fn new() -> (Arc<Self>, Keeper) {
        let (running, seen) = sync_channel(1024);
        let (permits, waiting) = sync_channel(1024);
        (
            Arc::new(Self { running, permits: Mutex::new(waiting) }),
            Keeper { running: seen, permits },
        )
    }
}

impl Keeper {
    /// Waits until a handler holds.
    pub(crate) fn wait_until_one_holds(&self) {
        self.running.recv_timeout(Duration::from_secs(20)).expect("a handler begins to hold");
    }

    pub(crate) fn let_one_go(&self) {
        self.permits.send(()).unwrap();
    }
}

impl Site for Gate {
    fn route(&self, _path: &str) -> Option<RouteId> {
        None
    }

    fn answer(&self, request: &Request<'_>) -> site::Answer {
        match &*request.path() {
            "/hold" => {
                self.running.send(()).unwrap();
                let permit = self.permits.lock().unwrap().recv_timeout(Duration::from_secs(20));
                permit.expect("the test lets it go");
            }
            "/panic" => panic!("a handler of the test panics"),
            _ => {}
        }
        Response::new(Status::OK).with_body(request.path().into_owned()).into()
    }
}
