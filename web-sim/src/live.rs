//! The connection to the server that this page came from, for as long as it is followed.

use std::cell::RefCell;
use std::rc::Rc;

use yew::prelude::*;

use crate::browser::{self, Feed};
use crate::messages::Messages;
use crate::parts::annex::Follow;
use crate::parts::{Fetched, Part};
use crate::session::{Action, News};

/// Follows the server while `follows`, and tells what is heard of it.
#[hook]
pub(crate) fn use_live(follows: bool, m: &'static Messages, on_action: &Callback<Action>) {
    // A section that has become long is asked for anew.
    let round = use_state(|| 0_u32);
    let on_action = on_action.clone();
    let again = {
        let round = round.clone();
        Callback::from(move |()| round.set(round.wrapping_add(1)))
    };
    use_effect_with((follows, *round), move |&(follows, _)| {
        let connection = Rc::new(RefCell::new(Connection::Wanted));
        if follows {
            let connection = Rc::clone(&connection);
            wasm_bindgen_futures::spawn_local(async move {
                let opened = Part::Annex
                    .fetch()
                    .await
                    .map_err(|error| error.text(m))
                    .and_then(|annex| open(annex, &on_action, again).ok_or(m.live_lost));
                match opened {
                    Ok(feed) if matches!(*connection.borrow(), Connection::Wanted) => {
                        *connection.borrow_mut() = Connection::Open(feed);
                    }
                    Ok(_) => {}
                    Err(why) => {
                        on_action.emit(Action::Hear(News::Lost));
                        on_action.emit(Action::Fail(why.to_owned()));
                    }
                }
            });
        }
        move || *connection.borrow_mut() = Connection::Over
    });
}

/// Whether there is a server to follow.
pub(crate) fn is_there() -> bool {
    browser::live_address().is_some()
}

#[derive(Debug)]
enum Connection {
    Wanted,
    Open(#[expect(dead_code, reason = "it is open for as long as it is kept")] Feed),
    Over,
}

fn open(annex: Fetched, on_action: &Callback<Action>, again: Callback<()>) -> Option<Feed> {
    let on_event = {
        let on_action = on_action.clone();
        Callback::from(move |(name, lines): (&'static str, String)| match name {
            END => on_action.emit(Action::Hear(News::Over)),
            _ => match annex.ask(&Follow { opens: name == SECTION, lines }) {
                Some(Ok(heard)) => {
                    if let Some(section) = heard.section {
                        on_action.emit(Action::Hear(News::Section(Rc::new(section))));
                    }
                    if !heard.events.is_empty() {
                        on_action.emit(Action::Hear(News::Events(heard.events)));
                    }
                    if heard.is_long {
                        again.emit(());
                    }
                }
                Some(Err(why)) => {
                    on_action.emit(Action::Hear(News::Lost));
                    on_action.emit(Action::Fail(why));
                }
                None => on_action.emit(Action::Hear(News::Lost)),
            },
        })
    };
    let on_lost = on_action.reform(|()| Action::Hear(News::Lost));
    Feed::open(&browser::live_address()?, &[SECTION, EVENTS, END], &on_event, on_lost).ok()
}

const SECTION: &str = "section";
const EVENTS: &str = "events";
const END: &str = "end";
