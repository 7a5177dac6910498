//! Answers byte by byte, and what a connection does between them.

use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use native_server::http::{
    Body, Connection, HttpDate, Limits, Phase, Refusal, Response, Status, Step,
};

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn an_answer_has_length_date_and_body() {
    let response = Response::new(Status::OK)
        .with_content_type("text/plain; charset=utf-8")
        .with_field("X-Request-Id", 7)
        .with_body("hello\n");
    assert_eq!(
        answered(GET, &response),
        "HTTP/1.1 200 OK\r\n\
         Content-Length: 6\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
         X-Request-Id: 7\r\n\
         \r\n\
         hello\n"
    );
}

#[test]
fn an_answer_without_a_body_says_so() {
    assert_eq!(
        answered(GET, &Response::new(Status::NOT_FOUND)),
        "HTTP/1.1 404 Not Found\r\n\
         Content-Length: 0\r\n\
         Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
         \r\n"
    );
}

#[test]
fn a_refusal_says_why_and_closes() {
    let mut connection = Connection::new(Limits::default());
    connection.receive(b"GET / HTTP/1.1\r\n\r\n");
    assert!(matches!(connection.poll(&date()), Step::Failed(Refusal::HostMissing)));
    assert!(connection.closes_after_output());
    assert_eq!(
        written(&mut connection),
        "HTTP/1.1 400 Bad Request\r\n\
         Content-Length: 33\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
         Connection: close\r\n\
         \r\n\
         400 Bad Request: Host is missing\n"
    );
    assert!(matches!(connection.poll(&date()), Step::Closed));
}

#[test]
fn a_client_that_closes_is_told_so() {
    let close = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answer = answered(close, &Response::new(Status::OK));
    assert!(answer.ends_with("GMT\r\nConnection: close\r\n\r\n"), "{answer}");
}

#[test]
fn http_1_0_is_told_either_way() {
    let response = Response::new(Status::OK);
    let answer = answered(b"GET / HTTP/1.0\r\n\r\n", &response);
    assert!(answer.ends_with("GMT\r\nConnection: close\r\n\r\n"), "{answer}");
    let answer = answered(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &response);
    assert!(answer.ends_with("GMT\r\nConnection: keep-alive\r\n\r\n"), "{answer}");
}

#[test]
fn head_is_answered_with_the_length_alone() {
    let head = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
    for body in [Body::from("hello"), Body::Later(5), Body::from(Arc::<[u8]>::from(&b"hello"[..]))]
    {
        let answer = answered(head, &Response::new(Status::OK).with_body(body));
        assert!(answer.contains("Content-Length: 5\r\n"), "{answer}");
        assert!(answer.ends_with("GMT\r\n\r\n"), "{answer}");
    }
}

#[test]
fn a_refused_head_request_gets_no_body() {
    let answer = answered(b"HEAD / HTTP/1.1\r\n\r\n", &Response::new(Status::OK));
    assert!(answer.ends_with("Connection: close\r\n\r\n"), "{answer}");
}

#[test]
fn no_content_and_not_modified_have_neither_length_nor_body() {
    for status in [Status::NO_CONTENT, Status::NOT_MODIFIED] {
        let answer = answered(GET, &Response::new(status).with_body("ignored"));
        assert_eq!(
            answer,
            format!("HTTP/1.1 {status}\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n")
        );
    }
}

#[test]
fn a_status_without_a_phrase_keeps_its_space() {
    let answer = answered(GET, &Response::new(Status::new(599).unwrap()));
    assert!(answer.starts_with("HTTP/1.1 599 \r\n"), "{answer}");
    assert_eq!((Status::new(199), Status::new(600)), (None, None));
}

#[test]
fn a_value_cannot_begin_another_field() {
    let response = Response::new(Status::SEE_OTHER).with_field("Location", "/a\r\nSet-Cookie: b\0");
    let answer = answered(GET, &response);
    assert!(answer.contains("\r\nLocation: /a  Set-Cookie: b \r\n"), "{answer}");
}

#[test]
#[should_panic(expected = "the connection's to write")]
fn a_handler_does_not_write_the_length() {
    let _ = Response::new(Status::OK).with_field("content-length", 5);
}

#[test]
#[should_panic(expected = "an answer without a request")]
fn nothing_is_answered_twice() {
    let mut connection = Connection::new(Limits::default());
    connection.respond(&Response::new(Status::OK), &date());
}

#[test]
fn a_body_in_pieces_is_sent_in_chunks_or_ends_with_its_connection() {
    let pieces = || Body::Chunked(vec![b"hello, ".to_vec(), Vec::new(), vec![b'x'; 26]]);
    let response = Response::new(Status::OK).with_body(pieces());
    let xs = "x".repeat(26);

    let answer = answered(GET, &response);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("\r\nTransfer-Encoding: chunked\r\n"), "{head}");
    assert!(!head.contains("Content-Length") && !head.contains("Connection"), "{head}");
    assert_eq!(body, format!("7\r\nhello, \r\n1a\r\n{xs}\r\n0\r\n\r\n"));

    // HTTP/1.0 knows no chunks, even if it would stay (RFC 9112 §6.1, §6.3).
    let answer = answered(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &response);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(!head.contains("Transfer-Encoding") && !head.contains("Content-Length"), "{head}");
    assert!(head.contains("\r\nConnection: close"), "{head}");
    assert_eq!(body, format!("hello, {xs}"));

    let answer = answered(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", &response);
    assert!(answer.contains("\r\nTransfer-Encoding: chunked\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n") && answer.matches("\r\n\r\n").count() == 1, "{answer}");

    let none = Response::new(Status::NO_CONTENT).with_body(pieces());
    assert!(!answered(GET, &none).contains("Transfer-Encoding"));
    let nothing = Response::new(Status::OK).with_body(Body::Chunked(Vec::new()));
    assert!(answered(GET, &nothing).ends_with("\r\n\r\n0\r\n\r\n"));
}

#[test]
fn a_body_may_be_written_from_elsewhere() {
    let mut connection = with_input(&[GET, GET].concat());
    poll_request(&mut connection);
    connection.respond(&Response::new(Status::OK).with_body(Body::Later(5)), &date());
    assert!(matches!(connection.poll(&date()), Step::SendBody));
    assert!(written(&mut connection).contains("\r\nContent-Length: 5\r\n"));
    connection.body_sent(3);
    assert_eq!((connection.body_owed(), connection.phase()), (2, Phase::Answering));
    connection.body_sent(2);
    assert_eq!(connection.body_owed(), 0);
    poll_request(&mut connection);
}

#[test]
fn a_body_that_breaks_off_closes_and_adds_nothing() {
    let mut connection = with_input(GET);
    poll_request(&mut connection);
    connection.respond(&Response::new(Status::OK).with_body(Body::Later(5)), &date());
    written(&mut connection);
    connection.body_sent(3);
    connection.fail(Refusal::BodyTimeout, &date());
    assert!(connection.closes_after_output());
    assert_eq!(written(&mut connection), "");
}

#[test]
fn an_expected_100_comes_before_the_body_and_once() {
    let mut connection = Connection::new(Limits::default());
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    connection.receive(head);
    assert!(matches!(connection.poll(&date()), Step::NeedMore));
    assert_eq!(written(&mut connection), "HTTP/1.1 100 Continue\r\n\r\n");
    connection.receive(b"h");
    assert!(matches!(connection.poll(&date()), Step::NeedMore));
    connection.receive(b"i");
    poll_request(&mut connection);
    assert_eq!(connection.output(), b"");
}

#[test]
fn no_100_is_sent_when_the_body_has_begun() {
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nh";
    let mut connection = with_input(head);
    assert!(matches!(connection.poll(&date()), Step::NeedMore));
    assert_eq!(connection.output(), b"");
}

#[test]
fn a_drain_lets_one_more_answer_out_and_says_close() {
    let mut connection = with_input(&[GET, GET].concat());
    poll_request(&mut connection);
    connection.close_after_this();
    connection.respond(&Response::new(Status::OK), &date());
    assert!(written(&mut connection).contains("Connection: close\r\n"));
    assert!(connection.closes_after_output());
    assert!(matches!(connection.poll(&date()), Step::Closed));
    assert_eq!(connection.requests_served(), 1);
}

#[test]
fn a_half_closed_client_has_all_its_answers_and_the_last_says_close() {
    let mut connection = with_input(&[GET, GET].concat());
    connection.end_of_input();
    for said in [false, true] {
        poll_request(&mut connection);
        connection.respond(&Response::new(Status::OK), &date());
        assert_eq!(written(&mut connection).contains("Connection: close\r\n"), said);
        assert_eq!(connection.closes_after_output(), said);
    }
}

#[test]
fn a_client_that_leaves_between_requests_gets_nothing() {
    for input in [&b""[..], b"\r\n"] {
        let mut connection = with_input(input);
        connection.end_of_input();
        assert!(matches!(connection.poll(&date()), Step::Closed));
        assert!(connection.closes_after_output());
        assert_eq!(connection.output(), b"");
    }
}

#[test]
fn a_request_that_is_cut_off_is_refused() {
    for input in [&b"G"[..], &GET[..GET.len() - 1], b"\r"] {
        let mut connection = with_input(input);
        connection.end_of_input();
        assert!(matches!(connection.poll(&date()), Step::Failed(Refusal::CutOff)));
    }
}

#[test]
fn a_deadline_is_answered_with_408() {
    let mut connection = with_input(b"GET / HT");
    assert!(matches!(connection.poll(&date()), Step::NeedMore));
    connection.fail(Refusal::HeadTimeout, &date());
    assert!(written(&mut connection).starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    assert!(connection.closes_after_output());
}

#[test]
fn a_connection_is_rejected_before_it_said_anything() {
    let mut connection = Connection::new(Limits::default());
    let response = Response::new(Status::SERVICE_UNAVAILABLE).with_field("Retry-After", 3);
    connection.reject(&response, &date());
    connection.reject(&response, &date());
    assert_eq!(
        written(&mut connection),
        "HTTP/1.1 503 Service Unavailable\r\n\
         Content-Length: 0\r\n\
         Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
         Retry-After: 3\r\n\
         Connection: close\r\n\
         \r\n"
    );
}

#[test]
fn what_comes_after_the_last_answer_is_forgotten() {
    let mut connection = with_input(b"\0");
    assert!(matches!(connection.poll(&date()), Step::Failed(_)));
    let memory = connection.memory();
    assert!(connection.room() > 0);
    connection.receive(&vec![b'a'; connection.room()]);
    assert_eq!(connection.memory(), memory);
}

#[test]
fn phases_tell_which_deadline_applies() {
    let mut connection = Connection::new(Limits::default());
    let mut phase_after = |bytes: &[u8]| {
        connection.receive(bytes);
        let _ = connection.poll(&date());
        (connection.phase(), connection.body_received())
    };
    assert_eq!(phase_after(b""), (Phase::Idle, 0));
    assert_eq!(phase_after(b"\r\n"), (Phase::Idle, 0));
    assert_eq!(phase_after(b"P"), (Phase::Head, 0));
    assert_eq!(phase_after(b"OST / HTTP/1.1\r\nHost: a\r\n"), (Phase::Head, 0));
    assert_eq!(phase_after(b"Content-Length: 3\r\n\r\n"), (Phase::Body, 0));
    assert_eq!(phase_after(b"ab"), (Phase::Body, 2));
    assert_eq!(phase_after(b"c"), (Phase::Answering, 0));
    connection.respond(&Response::new(Status::OK), &date());
    assert!(connection.is_idle());
    connection.abort();
    assert_eq!(connection.phase(), Phase::Closed);
}

#[test]
fn a_chunked_body_counts_what_it_decodes_to() {
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut connection = with_input(&[&head[..], b"3;a=b\r\nab"].concat());
    assert!(matches!(connection.poll(&date()), Step::NeedMore));
    assert_eq!((connection.phase(), connection.body_received()), (Phase::Body, 2));
}

#[test]
fn no_more_of_a_body_is_asked_for_than_there_is() {
    let mut connection =
        with_input(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nb");
    let _ = connection.poll(&date());
    assert_eq!(connection.room(), 99_999);
}

#[test]
fn an_idle_connection_is_small_whatever_it_did() {
    let mut connection = Connection::new(Limits::default());
    assert_eq!(connection.memory(), 0);
    let large = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
    for input in [&[&large[..], "b".repeat(100_000).as_bytes()].concat(), GET] {
        connection.receive(input);
        poll_request(&mut connection);
        connection.respond(&Response::new(Status::OK).with_body("hello"), &date());
        let _ = written(&mut connection);
        assert!(connection.is_idle());
        assert!(connection.memory() + size_of::<Connection>() < 1536);
    }
}

#[test]
fn small_requests_reuse_their_buffers() {
    let mut connection = Connection::new(Limits::default());
    let mut memories = (0..3).map(|_| {
        connection.receive(GET);
        poll_request(&mut connection);
        connection.respond(&Response::new(Status::OK).with_body("hello"), &date());
        let _ = written(&mut connection);
        connection.memory()
    });
    let first = memories.next().unwrap();
    assert!(first > 0 && memories.all(|memory| memory == first));
}

#[test]
fn a_request_is_the_same_until_it_is_answered() {
    let mut connection = with_input(GET);
    for _ in 0..2 {
        let Step::Request(request) = connection.poll(&date()) else { panic!("no request") };
        assert_eq!(request.fields().collect::<Vec<_>>(), [("Host", &b"a"[..])]);
    }
    assert_eq!(connection.request().unwrap().method(), "GET");
}

#[test]
fn output_may_leave_in_any_pieces() {
    let mut connection = with_input(&[GET, GET].concat());
    let mut out = Vec::new();
    for _ in 0..2 {
        poll_request(&mut connection);
        connection.respond(&Response::new(Status::OK), &date());
        out.push(connection.output()[0]);
        connection.sent(1);
    }
    out.extend_from_slice(connection.output());
    let twice = answered(GET, &Response::new(Status::OK)).repeat(2);
    // Of the first answer one byte left before the second came, and one after.
    assert_eq!(String::from_utf8(out).unwrap(), twice);
}

fn date() -> HttpDate {
    HttpDate::new(UNIX_EPOCH + Duration::from_secs(784_111_777))
}

fn with_input(bytes: &[u8]) -> Connection {
    let mut connection = Connection::new(Limits::default());
    connection.receive(bytes);
    connection
}

fn poll_request(connection: &mut Connection) {
    let step = connection.poll(&date());
    assert!(matches!(step, Step::Request(_)), "{step:?}");
}

/// Everything in the output, which is empty afterwards.
fn written(connection: &mut Connection) -> String {
    let text = String::from_utf8(connection.output().to_vec()).expect("text");
    connection.sent(text.len());
    text
}

/// The bytes that answer one request.
fn answered(input: &[u8], response: &Response) -> String {
    let mut connection = with_input(input);
    if let Step::Request(_) = connection.poll(&date()) {
        connection.respond(response, &date());
    }
    written(&mut connection)
}
