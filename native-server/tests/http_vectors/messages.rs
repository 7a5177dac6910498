//! Whole messages: bodies on any method, `Connection`, `Expect`, pipelining.

use super::{Row, Vector};

pub(crate) fn vectors() -> impl Iterator<Item = Vector> {
    ROWS.iter().map(|&(claim, input, outcome)| Vector::new(claim, input, outcome))
}

const ROWS: &[Row] = &[
    // Bodies on methods that seldom have one (RFC 9110 §9.3.1).
    (
        "GET with a body",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / body=hello | GET /b",
    ),
    (
        "GET with chunks",
        b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        "GET / body=a",
    ),
    (
        "HEAD with a body",
        b"HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na",
        "HEAD / body=a",
    ),
    (
        "DELETE with a body",
        b"DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na",
        "DELETE / body=a",
    ),
    (
        "OPTIONS of the server with a body",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na",
        "OPTIONS * body=a",
    ),
    (
        "a body without a length is the next request",
        b"POST / HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / | GET /b",
    ),
    (
        "a body without a length is refused if it is none",
        b"POST / HTTP/1.1\r\nHost: a\r\n\r\n{\"a\": 1}",
        "POST / | 400 NotHttp",
    ),
    (
        "HTTP/1.0 with a body",
        b"POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello",
        "POST / 1.0 close body=hello",
    ),
    // Connection (RFC 9112 §9.3).
    (
        "close closes",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / close",
    ),
    (
        "what follows close is not read",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / close",
    ),
    (
        "close in capitals",
        b"GET / HTTP/1.1\r\nHost: a\r\nconnection: CLOSE\r\n\r\n",
        "GET / close",
    ),
    (
        "close in a list",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: TE , close\r\n\r\n",
        "GET / close",
    ),
    (
        "close in a second field",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: TE\r\nConnection: close\r\n\r\n",
        "GET / close",
    ),
    (
        "close wins over keep-alive",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n",
        "GET / close",
    ),
    (
        "a word that begins like close",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n",
        "GET /",
    ),
    (
        "keep-alive changes nothing in HTTP/1.1",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
        "GET /",
    ),
    (
        "HTTP/1.0 stays when asked to",
        b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n",
        "GET / 1.0 | GET /b 1.0 close",
    ),
    (
        "HTTP/1.0 closes when asked both",
        b"GET / HTTP/1.0\r\nConnection: close, keep-alive\r\n\r\n",
        "GET / 1.0 close",
    ),
    (
        "a wish for another protocol is not granted",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        "GET /",
    ),
    (
        "a wish for HTTP/2 is not granted",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
        "GET /",
    ),
    // Expect (RFC 9110 §10.1.1).
    (
        "100-continue with its body",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na",
        "POST / body=a",
    ),
    (
        "100-continue in capitals with chunks",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /",
    ),
    (
        "100-continue without a body",
        b"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        "GET /",
    ),
    (
        "100-continue of HTTP/1.0 is ignored",
        b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na",
        "POST / 1.0 close body=a",
    ),
    (
        "100-continue before too large a body",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1048577\r\n\r\n",
        "413 BodyTooLarge",
    ),
    (
        "another expectation",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\na",
        "417 Expectation",
    ),
    (
        "another expectation beside 100-continue",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue, x=y\r\nContent-Length: 1\r\n\r\na",
        "417 Expectation",
    ),
    (
        "another expectation in a second field",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nExpect: x\r\nContent-Length: 1\r\n\r\na",
        "417 Expectation",
    ),
    ("an empty expectation", b"GET / HTTP/1.1\r\nHost: a\r\nExpect:\r\n\r\n", "417 Expectation"),
    // Pipelining (RFC 9112 §9.3.2).
    (
        "three requests in one read",
        b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /1 | GET /2 | GET /3",
    ),
    (
        "a request after a body after a request",
        b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET /3 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /1 | POST /2 body=hi | GET /3",
    ),
    (
        "a bad request after a good one",
        b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
        "GET /1 | 400 HostMissing",
    ),
    (
        "nothing is read after a bad request",
        b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        "400 HostMissing",
    ),
    (
        "half a request after a good one",
        b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HT",
        "GET /1 | ...",
    ),
    (
        "an empty line between requests",
        b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /1 | GET /2",
    ),
    (
        "an empty line too many after a body",
        b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /1 body=a | GET /2",
    ),
    (
        "two empty lines between requests",
        b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /1 | 400 NotHttp",
    ),
    (
        "a space between requests",
        b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n GET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /1 | 400 NotHttp",
    ),
    // What else strangers try.
    ("an expectation in HTTP/1.0 is left alone", b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na", "POST / 1.0 close body=a"),
    ("a request behind two framings is not read", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n", "400 FramedTwice"),
    ("a request behind a refused expectation is not read", b"POST / HTTP/1.1\r\nHost: a\r\nExpect: x\r\nContent-Length: 1\r\n\r\naGET /b HTTP/1.1\r\nHost: a\r\n\r\n", "417 Expectation"),
    ("a request behind too large a body is not read", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n", "413 BodyTooLarge"),
    ("a request after a length of 0", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n", "POST / | GET /b"),
    ("a framing named by Connection still frames", b"POST / HTTP/1.1\r\nHost: a\r\nConnection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", "POST / body=a"),
    ("a host named by Connection is still the host", b"GET / HTTP/1.1\r\nHost: b\r\nConnection: Host\r\n\r\n", "GET / host=b"),
    ("an absolute target needs Host as well", b"GET http://a/ HTTP/1.1\r\n\r\n", "400 HostMissing"),
    ("an absolute target with two Hosts", b"GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400 HostRepeated"),
    ("an absolute target with a bad Host", b"GET http://a/ HTTP/1.1\r\nHost: a b\r\n\r\n", "400 HostInvalid"),
    ("CONNECT without Host", b"CONNECT a:1 HTTP/1.1\r\n\r\n", "400 HostMissing"),
    ("TRACE is a method like others", b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", "TRACE /"),
    ("an LF between requests", b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /1 | 400 NotHttp"),
    ("HTTP/1.0 after HTTP/1.1", b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.0\r\n\r\n", "GET /1 | GET /2 1.0 close"),
    ("HTTP/2 after HTTP/1.1", b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /1 | 505 Version"),
    ("Connection of nothing", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: , ,\r\n\r\n", "GET /"),
    ("close in quotes is another word", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: \"close\"\r\n\r\n", "GET /"),
];
