//! What the server answers: the book's pages, and a few routes to try a scheduling model on.
//!
//! A site knows nothing of scheduling. How long a handler sleeps it says, and how that is done is the
//! driver's affair: on a thread that is held meanwhile, or with a timer. So its answers are the same
//! bytes under every model.

mod conditions;
mod cpu_clock;
mod media_type;
mod root;
mod tree;

use std::{borrow::Cow, fmt, time::Duration};

use scheduler_model::{
    RouteId, Scenario,
    scenario::{Distribution, Ranged, RequestKind},
};

use crate::http::{Body, Request, Response, Status};

pub(crate) use self::cpu_clock::burn;
pub(crate) use self::media_type::media_type;
pub use self::root::Root;
pub use self::tree::Tree;

/// What answers requests.
pub trait Site: Send + Sync + 'static {
    /// The route that a path belongs to, for recordings; `None` for a path that no scenario names.
    fn route(&self, path: &str) -> Option<RouteId>;

    /// Answers a request. What costs CPU time is done here; a sleep is part of the answer.
    fn answer(&self, request: &Request<'_>) -> Answer;
}

/// What a request is answered, and what its handler does before: a tree of tasks, then a sleep.
///
/// ```
/// use native_server::http::{Response, Status};
/// use native_server::site::Answer;
/// use std::time::Duration;
///
/// let at_once = Answer::from(Response::new(Status::OK));
/// assert_eq!(at_once.sleep, Duration::ZERO);
/// let late = Answer::after(Duration::from_secs(5), Response::new(Status::OK));
/// assert_eq!(late.sleep, Duration::from_secs(5));
/// ```
#[derive(Debug)]
pub struct Answer {
    /// Work that can be shared out, if there is any.
    pub tree: Option<Tree>,
    /// How long it sleeps; zero for not at all.
    pub sleep: Duration,
    /// What the client gets.
    pub response: Response,
}

impl Answer {
    /// An answer that is given after a sleep.
    pub const fn after(sleep: Duration, response: Response) -> Self {
        Self { tree: None, sleep, response }
    }

    /// The same answer, given after the work of this tree.
    #[must_use]
    pub fn with_tree(self, tree: Tree) -> Self {
        Self { tree: Some(tree), ..self }
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self::after(Duration::ZERO, response)
    }
}

/// The book's site: each path of a scenario answers with the hello page, after its sleep.
///
/// A sleep that the scenario draws is its mean here: a request is then the same work whoever
/// answers it. A scenario's CPU time is for the simulator; real CPU time is asked for with `/spin`.
///
/// | path | answers |
/// |---|---|
/// | a scenario's | the hello page, after its sleep |
/// | `/sleep?ms=` | the hello page after so long, up to 60,000; without `ms` the scenario's sleep, or 5 s |
/// | `/spin?us=` | the hello page after so much CPU time, up to 1,000,000; without `us` the scenario's, or none |
/// | `/fork?depth=` | the hello page after a binary tree of tasks so deep, up to 16, has run: each leaf costs the scenario's CPU time, or 100 µs |
/// | `POST /echo` | the body that came, in chunks if it came so |
/// | anything else | the file there, if the site has a [`Root`]; the 404 page |
///
/// ```
/// use native_server::site::{BookSite, Site};
/// use scheduler_model::{Model, RouteId, Scenario, scenario::Server};
///
/// let site = BookSite::new(&Scenario::new("book", Server::new(Model::Pool)));
/// assert_eq!(site.route("/sleep"), Some(RouteId(1)));
/// assert_eq!(site.route("/nowhere"), None);
/// ```
#[derive(Clone, Debug)]
pub struct BookSite {
    /// By [`RouteId`]: a path and what it does.
    mounted: Vec<(String, Resource)>,
    root: Option<Root>,
}

impl BookSite {
    /// The largest `ms` of `/sleep`.
    pub const SLEEP_MS_MAX: u32 = 60_000;
    /// The largest `us` of `/spin`.
    pub const SPIN_US_MAX: u32 = 1_000_000;
    /// The largest `depth` of `/fork`.
    pub const FORK_DEPTH_MAX: u32 = 16;

    /// A site with each path of this scenario.
    pub fn new(scenario: &Scenario) -> Self {
        let mount = |kind: &RequestKind| (kind.path.clone(), Resource::of_scenario(kind));
        Self { mounted: scenario.requests.iter().map(mount).collect(), root: None }
    }

    /// The same site, which answers other paths with the files of this folder.
    #[must_use]
    pub fn with_root(self, root: Root) -> Self {
        Self { root: Some(root), ..self }
    }

    /// The scenario's own paths come before those that are there under every scenario.
    fn resource(&self, path: &str) -> Option<Resource> {
        let mounted = self.route(path).map(|route| self.mounted[usize::from(route.0)].1);
        mounted.or(match path {
            "/echo" => Some(Resource::Echo),
            "/fork" => Some(Resource::Fork { usual: 0, leaf: LEAF_USUAL }),
            "/sleep" => Some(Resource::Sleep { usual: SLEEP_USUAL }),
            "/spin" => Some(Resource::Spin { usual: Duration::ZERO }),
            _ => None,
        })
    }
}

impl Site for BookSite {
    fn route(&self, path: &str) -> Option<RouteId> {
        // A scenario has a handful of paths: a table would cost more than the walk.
        let at = self.mounted.iter().position(|(other, _)| other == path)?;
        u16::try_from(at).ok().map(RouteId)
    }

    fn answer(&self, request: &Request<'_>) -> Answer {
        let method = request.method();
        if !is_known(method) {
            return Response::new(Status::NOT_IMPLEMENTED)
                .with_content_type(TEXT)
                .with_body("this server does not know the method\n")
                .into();
        }
        let path = request.path();
        if path == "*" {
            let allowed = ALLOWED_SOMEWHERE;
            return Response::new(Status::NO_CONTENT).with_field("Allow", allowed).into();
        }
        if method == "CONNECT" {
            return method_not_allowed(ALLOWED_SOMEWHERE).into();
        }
        let Some(resource) = self.resource(&path) else { return self.file(request, &path).into() };
        match method {
            "OPTIONS" => Response::new(Status::NO_CONTENT)
                .with_field("Allow", resource.allowed_methods())
                .into(),
            method if resource.allows(method) => {
                resource.answer(request).unwrap_or_else(|bad| bad.response().into())
            }
            _ => method_not_allowed(resource.allowed_methods()).into(),
        }
    }
}

impl BookSite {
    /// What is at a path that no route has: a file, or the 404 page.
    fn file(&self, request: &Request<'_>, path: &str) -> Response {
        let Some(root) = &self.root else { return not_found() };
        match request.method() {
            "GET" | "HEAD" => root.answer(request).unwrap_or_else(not_found),
            _ if !root.has(path) => not_found(),
            "OPTIONS" => Response::new(Status::NO_CONTENT).with_field("Allow", ALLOWED_OF_PAGES),
            _ => method_not_allowed(ALLOWED_OF_PAGES),
        }
    }
}

/// What a path stands for.
#[derive(Clone, Copy, Debug)]
enum Resource {
    /// Gives back what it was sent.
    Echo,
    /// The hello page, after a tree of tasks whose depth the query may set.
    Fork { usual: u32, leaf: Duration },
    /// The hello page, after a sleep.
    Page { sleep: Duration },
    /// The hello page, after a sleep that the query may set.
    Sleep { usual: Duration },
    /// The hello page, after CPU time that the query may set.
    Spin { usual: Duration },
}

impl Resource {
    fn of_scenario(kind: &RequestKind) -> Self {
        match (kind.path.as_str(), kind.fork) {
            (_, Some(fork)) => Self::Fork { usual: fork.depth.get(), leaf: fork.leaf_cpu.into() },
            ("/fork", None) => Self::Fork { usual: 0, leaf: LEAF_USUAL },
            ("/sleep", None) => Self::Sleep { usual: mean(&kind.sleep) },
            ("/spin", None) => Self::Spin { usual: mean(&kind.cpu) },
            _ => Self::Page { sleep: mean(&kind.sleep) },
        }
    }

    fn answer<'a>(self, request: &Request<'a>) -> Result<Answer, BadParameter<'a>> {
        let mut sleep = Duration::ZERO;
        match self {
            Self::Echo => return Ok(echo(request).into()),
            Self::Fork { usual, leaf } => {
                let asked = parameter(request, "depth", BookSite::FORK_DEPTH_MAX)?;
                let depth = Ranged::clamped(asked.unwrap_or(usual).into());
                let hello = Answer::from(page(Status::OK, HELLO));
                return Ok(hello.with_tree(Tree::new(depth, move |_| burn(leaf))));
            }
            Self::Page { sleep: span } => sleep = span,
            Self::Sleep { usual } => {
                let asked = parameter(request, "ms", BookSite::SLEEP_MS_MAX)?;
                sleep = asked.map_or(usual, |ms| Duration::from_millis(ms.into()));
            }
            Self::Spin { usual } => {
                let asked = parameter(request, "us", BookSite::SPIN_US_MAX)?;
                burn(asked.map_or(usual, |us| Duration::from_micros(us.into())));
            }
        }
        Ok(Answer::after(sleep, page(Status::OK, HELLO)))
    }

    fn allows(self, method: &str) -> bool {
        match method {
            "GET" | "HEAD" => !matches!(self, Self::Echo),
            "POST" => matches!(self, Self::Echo),
            _ => method == "OPTIONS",
        }
    }

    /// Those that it allows, as `Allow` names them.
    fn allowed_methods(self) -> &'static str {
        match self {
            Self::Echo => "OPTIONS, POST",
            Self::Fork { .. } | Self::Page { .. } | Self::Sleep { .. } | Self::Spin { .. } => {
                ALLOWED_OF_PAGES
            }
        }
    }
}

/// A parameter of the query that is not what it may be.
struct BadParameter<'a> {
    name: &'static str,
    given: Cow<'a, str>,
    max: u32,
}

impl BadParameter<'_> {
    fn response(&self) -> Response {
        Response::new(Status::BAD_REQUEST)
            .with_content_type(TEXT)
            // What a stranger wrote is in it: no browser may take it for a page.
            .with_field("X-Content-Type-Options", "nosniff")
            .with_body(format!("{self}\n"))
    }
}

impl fmt::Display for BadParameter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, given, max } = self;
        write!(f, "{name}={given}: a whole number from 0 to {max} is allowed")
    }
}

/// A whole number of the query; `None` where the name is not there.
fn parameter<'a>(
    request: &Request<'a>,
    name: &'static str,
    max: u32,
) -> Result<Option<u32>, BadParameter<'a>> {
    let Some(given) = request.query_value(name) else { return Ok(None) };
    // `parse` alone would take a sign.
    let is_number = given.bytes().all(|byte| byte.is_ascii_digit());
    match given.parse() {
        Ok(number) if is_number && number <= max => Ok(Some(number)),
        _ => Err(BadParameter { name, given: shortened(given), max }),
    }
}

/// Enough of a text to know it by.
fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(GIVEN_SHOWN_MAX) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

fn mean(distribution: &Distribution) -> Duration {
    match distribution {
        Distribution::Constant(span) | Distribution::Exponential(span) => (*span).into(),
        Distribution::Hyperexponential(phases) => Duration::from_secs_f64(
            phases.iter().map(|(mean, weight)| mean.as_secs_f64() * weight).sum(),
        ),
        Distribution::Uniform(low, high) => (Duration::from(*low) + Duration::from(*high)) / 2,
    }
}

fn page(status: Status, html: &'static str) -> Response {
    Response::new(status).with_content_type(HTML).with_body(html)
}

fn not_found() -> Response {
    page(Status::NOT_FOUND, NOT_FOUND)
}

/// RFC 9110 §9.3 and RFC 5789: these are known, and allowed or not; any other is 501.
fn is_known(method: &str) -> bool {
    matches!(
        method,
        "CONNECT" | "DELETE" | "GET" | "HEAD" | "OPTIONS" | "PATCH" | "POST" | "PUT" | "TRACE"
    )
}

/// The body that came, as it came: in chunks if it did.
fn echo(request: &Request<'_>) -> Response {
    let body = match request.field("transfer-encoding") {
        Some(_) => Body::Chunked(request.body().chunks(CHUNK).map(<[u8]>::to_vec).collect()),
        None => Body::from(request.body().to_vec()),
    };
    Response::new(Status::OK).with_content_type("application/octet-stream").with_body(body)
}

/// The most that is sent as one chunk.
const CHUNK: usize = 16 << 10;

/// 405, with the methods that would do (RFC 9110 §15.5.6).
pub(crate) fn method_not_allowed(allowed: &'static str) -> Response {
    Response::new(Status::METHOD_NOT_ALLOWED)
        .with_content_type(TEXT)
        .with_field("Allow", allowed)
        .with_body(format!("allowed here: {allowed}\n"))
}

/// Plain text.
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
/// A page.
pub(crate) const HTML: &str = "text/html; charset=utf-8";

const HELLO: &str = include_str!("site/pages/hello.html");
const NOT_FOUND: &str = include_str!("site/pages/404.html");

/// What a page and a file allow.
const ALLOWED_OF_PAGES: &str = "GET, HEAD, OPTIONS";
/// What some path allows.
const ALLOWED_SOMEWHERE: &str = "GET, HEAD, OPTIONS, POST";

/// How long the book's `/sleep` sleeps.
const SLEEP_USUAL: Duration = Duration::from_secs(5);
/// CPU time of a leaf of `/fork` where no scenario says it: long beside what a join costs.
const LEAF_USUAL: Duration = Duration::from_micros(100);
/// Characters of a bad value in the answer.
const GIVEN_SHOWN_MAX: usize = 40;

#[cfg(test)]
mod tests {
    use scheduler_model::{Model, Span, scenario::Server};

    use super::*;
    use crate::http::{Connection, HttpDate, Limits, Step};

    /// The answer's text, and how long its handler sleeps.
    fn ask(site: &BookSite, method: &str, target: &str, body: &str) -> (String, Duration) {
        let date = HttpDate::new(std::time::UNIX_EPOCH);
        let mut connection = Connection::new(Limits::default());
        let length = body.len();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
        );
        connection.receive(head.as_bytes());
        connection.receive(body.as_bytes());
        let Step::Request(request) = connection.poll(&date) else { panic!("{method} {target}") };
        let Answer { sleep, response, .. } = site.answer(&request);
        connection.respond(&response, &date);
        (String::from_utf8(connection.output().to_vec()).unwrap(), sleep)
    }

    fn status(site: &BookSite, method: &str, target: &str) -> u16 {
        ask(site, method, target, "").0[9..12].parse().unwrap()
    }

    fn book() -> BookSite {
        BookSite::new(&Scenario::new("book", Server::new(Model::Pool)))
    }

    #[test]
    fn each_path_of_the_scenario_answers_with_the_hello_page_after_its_sleep() {
        let (answer, sleep) = ask(&book(), "GET", "/", "");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with(HELLO));
        assert_eq!(sleep, Duration::ZERO);
        let (answer, sleep) = ask(&book(), "GET", "/sleep", "");
        assert!(answer.ends_with(HELLO));
        assert_eq!(sleep, Duration::from_secs(5));
    }

    #[test]
    fn head_has_the_length_of_the_page_and_not_the_page() {
        let (answer, _) = ask(&book(), "HEAD", "/", "");
        assert!(answer.contains(&format!("Content-Length: {}\r\n", HELLO.len())));
        assert!(answer.ends_with("\r\n\r\n"));
    }

    #[test]
    fn a_drawn_sleep_is_its_mean() {
        let ms = Span::from_millis;
        let cases = [
            (Distribution::Exponential(ms(3)), 3),
            (Distribution::Uniform(ms(2), ms(6)), 4),
            (Distribution::Hyperexponential(vec![(ms(2), 0.5), (ms(10), 0.5)]), 6),
        ];
        for (sleep, expected) in cases {
            let mut scenario = Scenario::new("drawn", Server::new(Model::Single));
            scenario.requests[0].sleep = sleep;
            let (_, sleep) = ask(&BookSite::new(&scenario), "GET", "/", "");
            assert_eq!(sleep, Duration::from_millis(expected));
        }
    }

    #[test]
    fn ms_says_how_long_to_sleep() {
        for ms in [0, 20, 60_000] {
            let (_, sleep) = ask(&book(), "GET", &format!("/sleep?ms={ms}"), "");
            assert_eq!(sleep, Duration::from_millis(ms));
        }
    }

    #[test]
    fn a_bad_parameter_is_named_with_what_was_given_and_what_is_allowed() {
        for given in ["60001", "-1", "+1", "", "2s", "1e3", "99999999999999999999"] {
            let (answer, sleep) = ask(&book(), "GET", &format!("/sleep?ms={given}"), "");
            assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
            let text = format!("ms={given}: a whole number from 0 to 60000 is allowed\n");
            assert!(answer.ends_with(&text), "{answer}");
            assert_eq!(sleep, Duration::ZERO);
        }
        let (answer, _) = ask(&book(), "GET", "/spin?us=1000001", "");
        assert!(answer.ends_with("us=1000001: a whole number from 0 to 1000000 is allowed\n"));
    }

    #[test]
    fn spin_takes_at_least_the_time_asked_for() {
        let begin = std::time::Instant::now();
        let (answer, sleep) = ask(&book(), "GET", "/spin?us=2000", "");
        assert!(begin.elapsed() >= Duration::from_millis(2));
        assert!(answer.ends_with(HELLO) && sleep.is_zero());
    }

    #[test]
    fn echo_gives_the_body_back() {
        let (answer, _) = ask(&book(), "POST", "/echo", "<b>hi</b>");
        assert!(answer.contains("Content-Type: application/octet-stream\r\n"));
        assert!(answer.ends_with("\r\n\r\n<b>hi</b>"));
    }

    #[test]
    fn any_other_path_is_the_404_page() {
        for (method, target) in [("GET", "/nope"), ("DELETE", "/sleep/"), ("GET", "/a%20b")] {
            let (answer, _) = ask(&book(), method, target, "");
            assert!(answer.starts_with("HTTP/1.1 404 ") && answer.ends_with(NOT_FOUND));
        }
    }

    #[test]
    fn a_method_is_allowed_or_refused_with_those_that_are() {
        assert_eq!(status(&book(), "CONNECT", "localhost:80"), 405);
        assert_eq!(status(&book(), "BREW", "/"), 501);
        assert_eq!(status(&book(), "get", "/"), 501);
        for (method, target, code, allow) in [
            ("DELETE", "/", 405, "GET, HEAD, OPTIONS"),
            ("GET", "/echo", 405, "OPTIONS, POST"),
            ("POST", "/sleep", 405, "GET, HEAD, OPTIONS"),
            ("OPTIONS", "/echo", 204, "OPTIONS, POST"),
            ("OPTIONS", "*", 204, "GET, HEAD, OPTIONS, POST"),
        ] {
            let (answer, sleep) = ask(&book(), method, target, "");
            assert!(answer.starts_with(&format!("HTTP/1.1 {code} ")), "{answer}");
            assert!(answer.contains(&format!("\r\nAllow: {allow}\r\n")), "{answer}");
            assert_eq!(sleep, Duration::ZERO);
        }
    }

    #[test]
    fn answers_do_not_depend_on_the_model() {
        for target in ["/", "/sleep", "/nope", "/sleep?ms=x"] {
            let answers = Model::ALL.map(|model| {
                let site = BookSite::new(&Scenario::new("book", Server::new(model)));
                ask(&site, "GET", target, "")
            });
            assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
        }
    }
}
