//! One event's line: an object with `seq`, `at_ns`, exactly one of the three kinds, and under
//! `sharded` a `shard`.
//!
//! What a server under load does over and over is put together by hand, since a recording is written
//! while others are served; everything else goes through serde, and the tests compare the two.

use serde::Serialize;

use crate::{Decision, Ending, Event, EventKind, ShardId, Stimulus};

/// Appends the line.
pub(super) fn append(out: &mut Vec<u8>, seq: u64, shard: Option<ShardId>, event: &Event) {
    number(out, b"{\"seq\":", seq);
    number(out, b",\"at_ns\":", event.at.as_nanos());
    if let Some(shard) = shard {
        number(out, b",\"shard\":", shard.0.into());
    }
    if !append_usual(out, &event.kind) {
        match &event.kind {
            EventKind::Stimulus(stimulus) => append_any(out, b",\"stimulus\":", stimulus),
            EventKind::Decision(decision) => append_any(out, b",\"decision\":", decision),
            EventKind::Machine(machine) => append_any(out, b",\"machine\":", machine),
        }
    }
    out.extend_from_slice(b"}\n");
}

/// Appends one of the kinds that nearly all are; false, and nothing, if it is another.
fn append_usual(out: &mut Vec<u8>, kind: &EventKind) -> bool {
    match *kind {
        EventKind::Stimulus(Stimulus::RequestArrived { request, connection, route, seen_by }) => {
            number(out, b",\"stimulus\":{\"request_arrived\":{\"request\":", request.0);
            if let Some(connection) = connection {
                number(out, b",\"connection\":", connection.get().into());
            }
            if let Some(route) = route {
                number(out, b",\"route\":", route.0.into());
            }
            if let Some(worker) = seen_by {
                number(out, b",\"seen_by\":", worker.get().into());
            }
        }
        EventKind::Stimulus(Stimulus::TaskFinished { request, worker, route, ending }) => {
            number(out, b",\"stimulus\":{\"task_finished\":{\"request\":", request.0);
            number(out, b",\"worker\":", worker.get().into());
            if let Some(route) = route {
                number(out, b",\"route\":", route.0.into());
            }
            out.extend_from_slice(b",\"ending\":\"");
            out.extend_from_slice(match ending {
                Ending::KeepAlive => b"keep_alive",
                Ending::Close => b"close",
                Ending::Empty => b"empty",
                Ending::Incomplete => b"incomplete",
                Ending::Gone => b"gone",
            });
            out.push(b'"');
        }
        EventKind::Decision(Decision::Assign { request, worker }) => {
            number(out, b",\"decision\":{\"assign\":{\"request\":", request.0);
            number(out, b",\"worker\":", worker.get().into());
        }
        EventKind::Decision(Decision::Queue { request }) => {
            number(out, b",\"decision\":{\"queue\":{\"request\":", request.0);
        }
        EventKind::Decision(Decision::Park { worker }) => {
            number(out, b",\"decision\":{\"park\":{\"worker\":", worker.get().into());
        }
        _ => return false,
    }
    out.extend_from_slice(b"}}");
    true
}

fn append_any(out: &mut Vec<u8>, key: &[u8], kind: &impl Serialize) {
    out.extend_from_slice(key);
    serde_json::to_writer(out, kind).expect("a Vec takes everything, and keys are texts");
}

/// Appends a number in decimal behind what it is, two digits at a time.
fn number(out: &mut Vec<u8>, key: &[u8], mut number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    while number >= 10 {
        let pair = 2 * (number % 100) as usize;
        number /= 100;
        at -= 2;
        digits[at..at + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    }
    // What is left is one digit; none is left of a number that ended with a pair.
    if number > 0 || at == digits.len() {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
    }
    out.extend_from_slice(key);
    out.extend_from_slice(&digits[at..]);
}

/// 00 to 99.
const PAIRS: [u8; 200] = {
    let mut pairs = [0; 200];
    let mut number = 0_u8;
    while number < 100 {
        pairs[2 * number as usize] = b'0' + number / 10;
        pairs[2 * number as usize + 1] = b'0' + number % 10;
        number += 1;
    }
    pairs
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConnectionId, RequestId, RouteId, SimTime, WorkerId};

    /// What serde makes of it.
    fn by_serde(kind: &EventKind) -> String {
        match kind {
            EventKind::Stimulus(it) => {
                format!("\"stimulus\":{}", serde_json::to_string(it).unwrap())
            }
            EventKind::Decision(it) => {
                format!("\"decision\":{}", serde_json::to_string(it).unwrap())
            }
            EventKind::Machine(it) => format!("\"machine\":{}", serde_json::to_string(it).unwrap()),
        }
    }

    #[test]
    fn numbers_are_written_in_decimal() {
        for value in [0, 1, 9, 10, 99, 100, 101, 999, 1000, 123_456_789, u64::MAX] {
            let mut out = Vec::new();
            number(&mut out, b"=", value);
            assert_eq!(String::from_utf8(out).unwrap(), format!("={value}"));
        }
    }

    #[test]
    fn what_is_put_together_by_hand_is_what_serde_writes() {
        let (request, worker) = (RequestId(u64::MAX), WorkerId::from_index(41));
        let connections = [None, Some(ConnectionId::from_index(0))];
        let (routes, workers) = ([None, Some(RouteId(7))], [None, Some(worker)]);
        let mut kinds = vec![
            EventKind::Decision(Decision::Assign { request, worker }),
            EventKind::Decision(Decision::Queue { request }),
            EventKind::Decision(Decision::Park { worker }),
            EventKind::Decision(Decision::Drained),
            EventKind::Stimulus(Stimulus::Drain { deadline: SimTime::from_nanos(5) }),
        ];
        for route in routes {
            for connection in connections {
                for seen_by in workers {
                    kinds.push(EventKind::Stimulus(Stimulus::RequestArrived {
                        request,
                        connection,
                        route,
                        seen_by,
                    }));
                }
            }
            for ending in
                [Ending::KeepAlive, Ending::Close, Ending::Empty, Ending::Incomplete, Ending::Gone]
            {
                let finished = Stimulus::TaskFinished { request, worker, route, ending };
                kinds.push(EventKind::Stimulus(finished));
            }
        }
        for kind in kinds {
            let event = Event { at: SimTime::from_nanos(1_000), shard: ShardId(3), kind };
            for (shard, said) in [(None, ""), (Some(event.shard), "\"shard\":3,")] {
                let mut line = Vec::new();
                append(&mut line, 10, shard, &event);
                let expected = format!("{{\"seq\":10,\"at_ns\":1000,{said}{}}}\n", by_serde(&kind));
                assert_eq!(String::from_utf8(line).unwrap(), expected);
            }
        }
    }
}
