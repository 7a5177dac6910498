//! What holds for every input: no panic, one outcome, bounded memory.

use std::time::UNIX_EPOCH;

use native_server::http::{Connection, HttpDate, Limits, Response, Status, Step};
use proptest::{collection::vec, prelude::*, sample::Index};

/// Limits that short inputs reach.
const LIMITS: Limits = Limits { head_max: 96, fields_max: 4, target_max: 24, body_max: 48 };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..512), cuts in vec(any::<Index>(), 0..8)) {
        prop_assert_eq!(run(&bytes, &cuts), run(&bytes, &[]));
    }

    #[test]
    fn near_requests_have_one_outcome_however_they_are_cut(
        bytes in near_requests(), cuts in vec(any::<Index>(), 0..8),
    ) {
        prop_assert_eq!(run(&bytes, &cuts), run(&bytes, &[]));
    }

    #[test]
    fn a_byte_at_a_time_is_one_of_those_cuts(bytes in near_requests()) {
        let mut machine = Machine::default();
        for byte in &bytes {
            machine.feed(std::slice::from_ref(byte));
        }
        prop_assert_eq!(machine.steps, run(&bytes, &[]));
    }

    #[test]
    fn memory_stays_bounded_for_a_driver_that_asks_for_room(bytes in vec(near_requests(), 0..64)) {
        let mut machine = Machine::default();
        machine.feed(&bytes.concat());
        // Twice the least input, for vectors double, a body and its copy.
        prop_assert!(machine.memory_max <= 2 * (4096 + 96) + 4 * 48, "{}", machine.memory_max);
    }

    #[test]
    fn a_body_comes_out_as_it_went_in(body in vec(any::<u8>(), 0..48), sizes in vec(1..9_usize, 1..9)) {
        let whole = [
            format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes(),
            body.clone(),
        ]
        .concat();
        let mut chunked = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        let mut rest = &body[..];
        for size in sizes.into_iter().cycle() {
            let (chunk, after) = rest.split_at(size.min(rest.len()));
            chunked.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            chunked.extend_from_slice(chunk);
            chunked.extend_from_slice(b"\r\n");
            rest = after;
            if chunk.is_empty() {
                break;
            }
        }
        for input in [whole, chunked] {
            let mut connection = Connection::new(LIMITS);
            connection.receive(&input);
            let date = HttpDate::new(UNIX_EPOCH);
            let Step::Request(request) = connection.poll(&date) else { panic!("no request") };
            prop_assert_eq!(request.body(), &body[..]);
        }
    }

    #[test]
    fn no_value_of_a_field_breaks_the_answer(value in any::<String>()) {
        let mut connection = Connection::new(LIMITS);
        connection.receive(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        let date = HttpDate::new(UNIX_EPOCH);
        let Step::Request(_) = connection.poll(&date) else { panic!("no request") };
        connection.respond(&Response::new(Status::OK).with_field("X", value), &date);
        let n_line_ends = connection.output().iter().filter(|&&byte| byte < b' ' && byte != b'\t').count();
        // Status, length, date, the field, the empty line: each a CR and an LF.
        prop_assert_eq!(n_line_ends, 10);
    }
}

/// Pieces of requests in an order that often is one: random bytes alone seldom get past the first.
fn near_requests() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(PIECES).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..4),
    ];
    let head = prop::sample::select(HEADS).prop_map(<[u8]>::to_vec);
    vec(prop_oneof![1 => head, 3 => piece], 0..16).prop_map(|pieces| pieces.concat())
}

const HEADS: &[&[u8]] = &[
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"HEAD /a%20b?c HTTP/1.1\r\nHost: a\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
];

const PIECES: &[&[u8]] = &[
    b"\r\n",
    b"\r\n\r\n",
    b"\r",
    b"\n",
    b" ",
    b"\t",
    b":",
    b";",
    b",",
    b"\0",
    b"\xff",
    b"%",
    b"a",
    b"hello",
    b"GET ",
    b"/ ",
    b"* ",
    b"http://a/ ",
    b"HTTP/1.1\r\n",
    b"HTTP/1.0\r\n",
    b"Host: a\r\n",
    b"Connection: close\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 49\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Expect: 100-continue\r\n",
    b"A: b\r\n",
    b"0\r\n",
    b"0\r\n\r\n",
    b"5\r\nhello\r\n",
    b"5;a=\"b\"\r\n",
    b"20\r\n",
    b"tttttttttttttttttttttttt",
];

fn run(bytes: &[u8], cuts: &[Index]) -> Vec<String> {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    cuts.sort_unstable();
    let mut machine = Machine::default();
    let mut start = 0;
    for end in cuts.into_iter().chain([bytes.len()]) {
        machine.feed(&bytes[start..end]);
        start = end;
    }
    machine.steps
}

struct Machine {
    connection: Connection,
    steps: Vec<String>,
    memory_max: usize,
}

impl Default for Machine {
    fn default() -> Self {
        Self { connection: Connection::new(LIMITS), steps: Vec::new(), memory_max: 0 }
    }
}

impl Machine {
    fn feed(&mut self, mut bytes: &[u8]) {
        let date = HttpDate::new(UNIX_EPOCH);
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(self.connection.room().min(bytes.len()));
            assert!(!now.is_empty(), "a driver that answers always has room");
            self.connection.receive(now);
            bytes = later;
            loop {
                let step = self.connection.poll(&date);
                let text = format!("{step:?}");
                match step {
                    Step::Request(_) => {
                        self.connection.respond(&Response::new(Status::OK), &date);
                    }
                    Step::Failed(_) => {}
                    Step::Closed | Step::NeedMore | Step::SendBody => break,
                }
                self.steps.push(text);
                let n = self.connection.output().len();
                self.connection.sent(n);
            }
            let n = self.connection.output().len();
            self.connection.sent(n);
            self.memory_max = self.memory_max.max(self.connection.memory());
        }
    }
}
