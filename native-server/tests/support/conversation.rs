//! Bytes of a stranger on a connection: they never make it panic, cost bounded memory, and are
//! answered alike however they were cut.

use native_server::http::{Connection, HttpDate, Limits, Response, Status, Step};

/// Has the conversation twice: in one piece, and in pieces as long as the first byte says.
///
/// # Panics
///
/// When the answers differ, or a law of the connection is broken.
pub(crate) fn hold(input: &[u8]) {
    let Some((&piece, bytes)) = input.split_first() else { return };
    let whole = converse(bytes, usize::MAX);
    let cut = converse(bytes, usize::from(piece) + 1);
    assert_eq!(String::from_utf8_lossy(&whole), String::from_utf8_lossy(&cut));
}

/// All answers to these bytes, which come in pieces.
fn converse(bytes: &[u8], piece: usize) -> Vec<u8> {
    let date = HttpDate::new(std::time::UNIX_EPOCH);
    let mut connection = Connection::new(LIMITS);
    let mut answers = Vec::new();
    let mut rest = bytes;
    let mut ended = false;
    loop {
        match connection.poll(&date) {
            Step::Request(request) => {
                let _ = (request.path(), request.host(), request.query_value("a"));
                let n_fields = request.fields().count();
                let body = [request.body(), n_fields.to_string().as_bytes()].concat();
                connection.respond(&Response::new(Status::OK).with_body(body), &date);
            }
            Step::Closed | Step::Failed(_) => break,
            Step::SendBody => unreachable!("every answer here is whole"),
            Step::NeedMore if ended => break,
            Step::NeedMore => {
                let n = piece.min(connection.room()).min(rest.len());
                let (now, later) = rest.split_at(n);
                if now.is_empty() {
                    assert!(rest.is_empty(), "a connection that needs more has room for it");
                    connection.end_of_input();
                    ended = true;
                } else {
                    connection.receive(now);
                    rest = later;
                }
            }
        }
        answers.extend_from_slice(connection.output());
        connection.sent(connection.output().len());
        assert!(connection.memory() < MEMORY_MAX, "{} bytes are held", connection.memory());
    }
    answers.extend_from_slice(connection.output());
    // It depends on the cut whether a client is told to go on before it does.
    let text = String::from_utf8_lossy(&answers).replace("HTTP/1.1 100 Continue\r\n\r\n", "");
    text.into_bytes()
}

const LIMITS: Limits =
    Limits { head_max: 1 << 10, fields_max: 20, target_max: 256, body_max: 4 << 10 };
const MEMORY_MAX: usize = 64 << 10;
