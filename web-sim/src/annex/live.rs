//! The lines of a running server's feed, read as those of a trace.

use std::cell::RefCell;

use scheduler_model::trace::{Trace, TraceReader};

use crate::parts::annex::{Follow, Heard};

thread_local! {
    /// The section that is being read: kept between two questions, for the next lines of it.
    static READER: RefCell<Option<TraceReader>> = const { RefCell::new(None) };
}

/// What these lines say; an error is a line that a trace cannot have there.
pub(super) fn follow(Follow { opens, lines }: Follow) -> Result<Heard, String> {
    READER.with_borrow_mut(|kept| {
        if opens {
            *kept = Some(TraceReader::new("live"));
        }
        let reader = kept.as_mut().ok_or("live: events before a section")?;
        let n_before = reader.events().len();
        let pushed = reader.push(lines.as_bytes()).and_then(|()| reader.push(b"\n"));
        if let Err(error) = pushed {
            *kept = None;
            return Err(error.to_string());
        }
        let header = reader.header().filter(|_| opens).cloned();
        Ok(Heard {
            section: header.map(|header| Trace::new(header, Vec::new())),
            events: reader.events()[n_before..].to_vec(),
            is_long: reader.events().len() >= SECTION_EVENTS_MAX,
        })
    })
}

/// A section of more events is begun anew: what was read of it is kept, though the page has dropped it.
const SECTION_EVENTS_MAX: usize = 100_000;

#[cfg(test)]
mod tests {
    use scheduler_model::{Model, Snapshot, World};

    use super::*;
    use crate::run::Run;
    use crate::scenarios::tests::book;

    #[test]
    fn lines_of_a_feed_are_a_trace_in_pieces() {
        let run = Run::simulated(&book(), Model::Pool);
        let whole = run.trace();
        let start = Snapshot::new(World::new(&whole.header)).unwrap();
        let section = Trace::new(whole.header.from(start), whole.events.clone());
        let mut text = Vec::new();
        section.write(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<_> = text.lines().collect();
        let heard = |opens, lines: &[&str]| follow(Follow { opens, lines: lines.join("\n") });
        let opened = heard(true, &lines[..2]).unwrap();
        assert_eq!(opened.section.unwrap().header, section.header);
        let events: Vec<_> =
            lines[2..].chunks(5).flat_map(|some| heard(false, some).unwrap().events).collect();
        assert_eq!(events, whole.events);
        assert!(heard(false, &["no event"]).is_err() && heard(false, &[]).is_err());
    }
}
