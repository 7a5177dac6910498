//! The inspect listener: the page and the server's health, from a thread of its own.
//!
//! It answers when every worker sleeps, for it shares none of them. Few clients and short answers:
//! each connection gets a short-lived thread and one answer, within fixed times. What it says of the
//! run (metrics, why a request waits, what happens and what has happened lately) it asks the run's
//! observer.

mod about;
mod exchange;
mod files;
mod host;
mod last;
mod live;
mod outgoing;
mod seats;
mod token;

use std::{
    fmt,
    io::{self, ErrorKind},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle, Scope},
    time::Duration,
};

use anyhow::Context;
use mio::{Events, Interest, Poll, Token, Waker, net::TcpListener};
use slab::Slab;

use crate::{
    http::{Request, Response, Status},
    serve::Probe,
    site::{TEXT, method_not_allowed},
    warn::warn,
};

use self::{
    exchange::Reply,
    files::Page,
    host::HostCheck,
    outgoing::{Outgoing, Stream},
    seats::Seats,
    token::Secret,
};

/// The running listener; dropping it stops it, and cuts the clients that are in the middle of
/// something.
pub struct Inspect {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// An address that nobody else can have any more; nobody is answered yet.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

/// What a listener may tell, and to whom.
#[derive(Clone, Default)]
pub struct Source {
    /// What it asks about the run; without it there is only the page.
    pub probe: Option<Probe>,
    /// What a client has to know; none where everybody may ask.
    pub token: Option<String>,
}

/// Takes the address of an inspect listener.
///
/// `asked` tells an address that somebody asked for from the default one. At an address that is not
/// to be had, the former is an error and the latter a warning on standard error and `None`: a second
/// server on this computer is no reason not to serve.
///
/// # Errors
///
/// When the address was asked for and cannot be listened at.
pub fn bind(address: SocketAddr, asked: bool) -> anyhow::Result<Option<Bound>> {
    let listener = match TcpListener::bind(address) {
        Ok(listener) => listener,
        Err(error) if asked => {
            return Err(error).with_context(|| {
                format!("--inspect {address}: allowed are a free address, one with port 0, and off")
            });
        }
        Err(error) => {
            warn(format_args!(
                "warning: no inspect page, for {address} cannot be listened at ({error}); \
                 --inspect gives it another address"
            ));
            return Ok(None);
        }
    };
    let address = listener.local_addr().context("inspect listener")?;
    Ok(Some(Bound { listener, address }))
}

impl Bound {
    /// Where it will listen, with the port it got for port 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts to answer.
    ///
    /// # Errors
    ///
    /// When the system has no thread or no descriptor left.
    pub fn serve(self, source: Source) -> anyhow::Result<Inspect> {
        let Self { mut listener, address } = self;
        let poll = Poll::new().context("inspect listener")?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        let shared = Arc::new(Shared {
            waker: Waker::new(poll.registry(), WAKER).context("inspect listener")?,
            host_check: HostCheck::new(address),
            token: Secret::new(source.token),
            probe: source.probe,
            clients: Mutex::new(Slab::new()),
            is_ready: AtomicBool::new(true),
            watchers: Seats::new(WATCHERS_MAX),
            readers: Seats::new(READERS_MAX),
            stops: AtomicBool::new(false),
        });
        let thread = thread::Builder::new().name("inspect".into()).spawn({
            let shared = Arc::clone(&shared);
            move || listen(&listener, poll, &shared)
        });
        let thread = thread.context("inspect listener: its thread")?;
        Ok(Inspect { address, shared, thread: Some(thread) })
    }
}

impl Inspect {
    /// What `/-/ready` answers from now on: 200, as from the start, or 503 while the server drains.
    pub fn set_ready(&self, is_ready: bool) {
        self.shared.is_ready.store(is_ready, Ordering::Relaxed);
    }

    /// Waits until those that follow a run which is over have been told so, or so long.
    pub fn wait_for_watchers(&self, at_most: Duration) {
        self.shared.watchers.wait_until_empty(at_most);
    }

    /// Where it listens, with the port it got for port 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Inspect {
    fn drop(&mut self) {
        self.shared.stops.store(true, Ordering::Release);
        // Waiting for a thread that nothing wakes would be for ever.
        if self.shared.waker.wake().is_ok()
            && let Some(thread) = self.thread.take()
        {
            // A panic in it was printed when it happened, and is no reason to end the server.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Inspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspect").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What the listening thread, its clients' threads and the owner have in common.
struct Shared {
    waker: Waker,
    host_check: HostCheck,
    token: Secret,
    probe: Option<Probe>,
    clients: Mutex<Slab<Arc<TcpStream>>>,
    is_ready: AtomicBool,
    /// Who follows the run now, and who fetches its trace.
    watchers: Seats,
    readers: Seats,
    stops: AtomicBool,
}

impl Shared {
    fn clients(&self) -> MutexGuard<'_, Slab<Arc<TcpStream>>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request: any path under `/-/` is about this server, any other is a file.
    fn answer(&self, request: &Request<'_>) -> Reply<'_> {
        match self.whole(request) {
            Ok(response) => response.into(),
            Err(probe) => self.stream(probe, request),
        }
    }

    /// An answer that is given at once; an error is what the others are about.
    fn whole(&self, request: &Request<'_>) -> Result<Response, &Probe> {
        if !self.host_check.accepts(request.host()) {
            return Ok(text(
                Status::MISDIRECTED_REQUEST,
                "this server is not known by that name\n",
            ));
        }
        match request.method() {
            "GET" | "HEAD" => {}
            "OPTIONS" => {
                return Ok(Response::new(Status::NO_CONTENT).with_field("Allow", ALLOWED));
            }
            _ => return Ok(method_not_allowed(ALLOWED)),
        }
        let path = request.path();
        Ok(match (&*path, &self.probe) {
            ("/-/health", _) => text(Status::OK, "ok\n"),
            ("/-/ready", _) if self.is_ready.load(Ordering::Relaxed) => text(Status::OK, "ready\n"),
            ("/-/ready", _) => text(Status::SERVICE_UNAVAILABLE, "draining\n"),
            _ if !self.token.accepts(request) => Response::new(Status::UNAUTHORIZED)
                .with_content_type(TEXT)
                .with_field("WWW-Authenticate", "Basic realm=\"native-server\"")
                .with_body("the token of --inspect-token is missing or wrong\n"),
            ("/-/live" | "/-/trace", Some(probe)) => return Err(probe),
            ("/-/metrics", Some(probe)) => about::metrics(probe),
            (path, probe) if path.starts_with("/-/") => {
                match (path.strip_prefix("/-/why/"), probe) {
                    (Some(number), Some(probe)) => about::why(probe, number),
                    _ => text(Status::NOT_FOUND, "no such page\n"),
                }
            }
            (path, _) => files::answer(path, &Page::embedded),
        })
    }

    /// The feed of the run, or what is held of it.
    fn stream<'a>(&'a self, probe: &'a Probe, request: &Request<'_>) -> Reply<'a> {
        if !probe.is_observed() {
            return text(Status::NOT_FOUND, "nobody observes this server\n").into();
        }
        let seconds = request.query_value("seconds").map(str::parse);
        let Ok(seconds) = seconds.transpose() else {
            return text(
                Status::BAD_REQUEST,
                "seconds: allowed is a whole number in 0..=4294967295\n",
            )
            .into();
        };
        let is_live = &*request.path() == "/-/live";
        let seats = if is_live { &self.watchers } else { &self.readers };
        let Some(seat) = seats.take() else {
            return text(Status::SERVICE_UNAVAILABLE, "as many as there may be ask for that now\n")
                .into();
        };
        let content_type = if is_live { live::CONTENT_TYPE } else { last::CONTENT_TYPE };
        let write = move |outgoing: &mut Outgoing<'_>| {
            if is_live {
                live::follow(probe, outgoing)
            } else {
                last::write(probe, seconds, outgoing)
            }
        };
        Reply::Streamed(Stream { content_type, write: Box::new(write), seat })
    }
}

/// A client's place among those that are served at once.
struct Place<'a> {
    shared: &'a Shared,
    at: usize,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.shared.clients().remove(self.at);
        // Somebody may wait for the place. Should this fail, the next client or the retry takes it.
        let _ = self.shared.waker.wake();
    }
}

/// Accepts until it is told to stop, and then waits for the clients' threads.
fn listen(listener: &TcpListener, mut poll: Poll, shared: &Shared) {
    let mut events = Events::with_capacity(4);
    thread::scope(|scope| {
        let mut retry = None;
        loop {
            match poll.poll(&mut events, retry) {
                Err(error) if error.kind() != ErrorKind::Interrupted => {
                    warn(format_args!("warning: the inspect listener stops: {error}"));
                    break;
                }
                _ => {}
            }
            if shared.stops.load(Ordering::Acquire) {
                break;
            }
            // Readiness is told once: whoever is not accepted now has to be asked for again.
            retry = accept_all(scope, listener, shared).err().map(|_| RETRY);
        }
        for (_, client) in &*shared.clients() {
            // Its thread finds the end of its input; one that is gone needs no telling.
            let _ = client.shutdown(Shutdown::Both);
        }
    });
}

/// Gives each client that waits a thread, as long as there is a place.
///
/// Those beyond wait in the kernel; a place that becomes free wakes the listening thread.
fn accept_all<'scope>(
    scope: &'scope Scope<'scope, '_>,
    listener: &TcpListener,
    shared: &'scope Shared,
) -> io::Result<()> {
    while shared.clients().len() < CLIENTS_MAX {
        let stream = match listener.accept() {
            Ok((stream, _)) => TcpStream::from(stream),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => return Ok(()),
                // The client left before it was accepted.
                ErrorKind::ConnectionAborted | ErrorKind::Interrupted => continue,
                // Out of descriptors: there may be one in a moment.
                _ => return Err(error),
            },
        };
        let client = Arc::new(stream);
        let place = Place { shared, at: shared.clients().insert(Arc::clone(&client)) };
        // A client that gets no thread is cut; the page asks again.
        let _ =
            thread::Builder::new().name("inspect client".into()).spawn_scoped(scope, move || {
                // The whole of it, or the closure would hold only the reference in it.
                let place = place;
                // Errors are the client's: it left or was too slow, and there is nobody to tell.
                let _ = exchange::serve(&client, |request| place.shared.answer(request));
            });
    }
    Ok(())
}

fn text(status: Status, text: &'static str) -> Response {
    Response::new(status)
        .with_content_type(TEXT)
        .with_field("Cache-Control", "no-cache")
        .with_body(text)
}

const LISTENER: Token = Token(0);
const WAKER: Token = Token(1);

const ALLOWED: &str = "GET, HEAD, OPTIONS";

/// A browser opens six connections to a host.
const CLIENTS_MAX: usize = 32;
/// Watchers at once; each has a thread.
const WATCHERS_MAX: usize = 8;
/// Fetches of the trace at once: a slow one holds on to what it began with.
const READERS_MAX: usize = 2;
/// When to try again after an accept that failed.
const RETRY: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::Ipv4Addr,
    };

    use super::*;

    fn started() -> Inspect {
        at((Ipv4Addr::LOCALHOST, 0).into(), Source::default())
    }

    fn at(address: SocketAddr, source: Source) -> Inspect {
        bind(address, true).unwrap().unwrap().serve(source).unwrap()
    }

    fn ask_as(inspect: &Inspect, path: &str, host: &str) -> String {
        let mut client = TcpStream::connect(inspect.address()).unwrap();
        client
            .write_all(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())
            .unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        answer
    }

    fn ask(inspect: &Inspect, path: &str) -> String {
        ask_as(inspect, path, &inspect.address().to_string())
    }

    #[test]
    fn health_is_ok() {
        let answer = ask(&started(), "/-/health");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nok\n"));
    }

    #[test]
    fn a_server_that_drains_is_not_ready() {
        let inspect = started();
        assert!(ask(&inspect, "/-/ready").starts_with("HTTP/1.1 200 "));
        inspect.set_ready(false);
        assert!(ask(&inspect, "/-/ready").starts_with("HTTP/1.1 503 "));
    }

    #[test]
    fn a_name_that_is_not_this_computer_is_refused() {
        let inspect = started();
        let port = inspect.address().port();
        let answer = ask_as(&inspect, "/-/health", &format!("evil.example:{port}"));
        assert!(answer.starts_with("HTTP/1.1 421 "), "{answer}");
        assert!(ask_as(&inspect, "/", &format!("localhost:{port}")).starts_with("HTTP/1.1 200 "));
    }

    #[test]
    fn whoever_does_not_know_the_token_learns_of_the_health_and_of_nothing_else() {
        let token = Some("sixteen-or-more!".to_owned());
        let inspect = at((Ipv4Addr::UNSPECIFIED, 0).into(), Source { token, ..Source::default() });
        let port = inspect.address().port();
        let ask = |path: &str, field: &str| {
            let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            let text = format!("GET {path} HTTP/1.1\r\nHost: server.example\r\n{field}\r\n");
            client.write_all(text.as_bytes()).unwrap();
            let mut answer = String::new();
            client.read_to_string(&mut answer).unwrap();
            answer[9..12].to_owned()
        };
        assert_eq!(ask("/-/health", ""), "200");
        for path in ["/", "/-/metrics", "/-/why/1", "/-/live", "/-/trace", "/web-sim.js"] {
            assert_eq!(ask(path, ""), "401");
            assert_eq!(ask(path, "Authorization: Bearer sixteen-or-more?\r\n"), "401");
        }
        assert_eq!(ask("/", "Authorization: Bearer sixteen-or-more!\r\n"), "200");
        assert_eq!(ask("/", "Authorization: Basic bWU6c2l4dGVlbi1vci1tb3JlIQ==\r\n"), "200");
    }

    #[test]
    fn clients_that_say_nothing_block_nobody_else() {
        let inspect = started();
        let connect = |_| TcpStream::connect(inspect.address()).unwrap();
        let silent: Vec<_> = (0..CLIENTS_MAX - 1).map(connect).collect();
        assert!(ask(&inspect, "/-/health").ends_with("ok\n"));
        drop(silent);
    }

    #[test]
    fn more_clients_than_places_are_all_answered() {
        let inspect = started();
        thread::scope(|scope| {
            for _ in 0..3 * CLIENTS_MAX {
                scope.spawn(|| assert!(ask(&inspect, "/-/health").ends_with("ok\n")));
            }
        });
    }

    #[test]
    fn dropping_it_cuts_a_client_that_says_nothing_and_frees_the_address() {
        let inspect = started();
        let address = inspect.address();
        let mut silent = TcpStream::connect(address).unwrap();
        assert!(ask(&inspect, "/-/health").ends_with("ok\n"));
        drop(inspect);
        assert!(matches!(silent.read(&mut [0]), Ok(0) | Err(_)));
        assert!(bind(address, true).unwrap().is_some());
    }

    #[test]
    fn a_busy_address_is_an_error_only_when_it_was_asked_for() {
        let inspect = started();
        let error = bind(inspect.address(), true).unwrap_err();
        assert!(error.to_string().starts_with(&format!("--inspect {}: ", inspect.address())));
        assert!(bind(inspect.address(), false).unwrap().is_none());
    }
}
