//! What `serve::sync` is in the server, for threads that park: a flag and a bell for each.

use std::cell::RefCell;
use std::time::Duration;

use loom::sync::{Arc, Condvar, Mutex};
use loom::thread::{self, JoinHandle};

/// One look stands for ten.
pub(crate) const QUIET_TICKS: u32 = 1;

/// A thread, as others know it.
#[derive(Clone, Debug)]
pub(crate) struct Thread(Arc<Token>);

#[derive(Debug)]
struct Token {
    number: usize,
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Whether it was unparked, and has not parked since.
    given: bool,
    parked: bool,
}

loom::thread_local! {
    static ME: RefCell<Option<Thread>> = RefCell::new(None);
}

/// A thread with this number among those of a test.
pub(crate) fn spawn<T: 'static>(
    number: usize,
    body: impl FnOnce() -> T + 'static,
) -> (Thread, JoinHandle<T>) {
    let (state, bell) = (Mutex::default(), Condvar::new());
    let thread = Thread(Arc::new(Token { number, state, bell }));
    let me = thread.clone();
    let handle = thread::spawn(move || {
        ME.with(|place| place.replace(Some(me)));
        let done = body();
        ME.with(RefCell::take);
        done
    });
    (thread, handle)
}

impl Thread {
    pub(crate) fn id(&self) -> usize {
        self.0.number
    }

    pub(crate) fn unpark(&self) {
        self.0.state.lock().unwrap().given = true;
        self.0.bell.notify_all();
    }

    pub(crate) fn wait_until_parked(&self) {
        let mut state = self.0.state.lock().unwrap();
        while !state.parked {
            state = self.0.bell.wait(state).unwrap();
        }
    }
}

pub(crate) fn current() -> Thread {
    ME.with(|me| me.borrow().clone().expect("only threads of the test ask"))
}

pub(crate) fn park() {
    let me = current();
    let mut state = me.0.state.lock().unwrap();
    state.parked = true;
    me.0.bell.notify_all();
    while !state.given {
        state = me.0.bell.wait(state).unwrap();
    }
    *state = State::default();
}

/// No time passes here: others have their turn, and then it is over.
pub(crate) fn park_timeout(_: Duration) {
    let me = current();
    let take = || std::mem::take(&mut me.0.state.lock().unwrap().given);
    if !take() {
        thread::yield_now();
        take();
    }
}
