//! One event's line: an object with `seq`, `at_ns`, exactly one of the three kinds, and under
//! `sharded` a `shard`.
//!
//! Read by hand: serde's flattened and untagged types would do, but say only that no variant
//! matched.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::{Event, EventKind, ShardId, SimTime};

/// A line that is an event, whatever its place.
pub(super) struct EventLine {
    pub(super) seq: u64,
    pub(super) event: Event,
    pub(super) has_shard: bool,
}

impl<'de> Deserialize<'de> for EventLine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EventLineVisitor)
    }
}

struct EventLineVisitor;

impl<'de> Visitor<'de> for EventLineVisitor {
    type Value = EventLine;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with seq, at_ns and one of stimulus, decision, machine")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<EventLine, A::Error> {
        let (mut seq, mut at, mut shard, mut kind) = (None, None, None, None);
        while let Some(field) = map.next_key::<Field>()? {
            let duplicate = match field {
                Field::Seq => seq.replace(map.next_value::<u64>()?).map(|_| "seq"),
                Field::AtNs => at.replace(map.next_value::<SimTime>()?).map(|_| "at_ns"),
                Field::Shard => shard.replace(map.next_value::<ShardId>()?).map(|_| "shard"),
                Field::Stimulus => kind.replace(EventKind::Stimulus(map.next_value()?)).map(name),
                Field::Decision => kind.replace(EventKind::Decision(map.next_value()?)).map(name),
                Field::Machine => kind.replace(EventKind::Machine(map.next_value()?)).map(name),
            };
            if let Some(earlier) = duplicate {
                let message = format!("a second of {earlier} given, allowed is one");
                return Err(A::Error::custom(message));
            }
        }
        let missing = |what| A::Error::custom(format_args!("no {what} given, allowed is one"));
        Ok(EventLine {
            seq: seq.ok_or_else(|| missing("seq"))?,
            has_shard: shard.is_some(),
            event: Event {
                shard: shard.unwrap_or_default(),
                at: at.ok_or_else(|| missing("at_ns"))?,
                kind: kind.ok_or_else(|| missing("stimulus, decision or machine"))?,
            },
        })
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    AtNs,
    Decision,
    Machine,
    Seq,
    Shard,
    Stimulus,
}

/// Three keys of which there may be one.
fn name(_: EventKind) -> &'static str {
    "stimulus, decision, machine"
}
