//! Connections that wait for a worker, by the request they are in the queue as.
//!
//! Which of them is next is the scheduler's to say, and it nearly always says the one that came first:
//! so they stand in the order of their numbers, and no table has to be looked up.

use std::collections::VecDeque;

use scheduler_model::RequestId;

use crate::serve::conn::Conn;
use crate::serve::roomy::Roomy;

/// Who waits, the lowest number first.
#[derive(Debug, Default)]
pub(super) struct Waiting(VecDeque<(RequestId, Box<Conn>)>);

impl Waiting {
    /// One more waits. Numbers are given out in order: only who comes back from a sleep does not stand
    /// at the end.
    pub(super) fn insert(&mut self, request: RequestId, conn: Box<Conn>) {
        if self.0.back().is_none_or(|&(last, _)| last < request) {
            return self.0.push_back((request, conn));
        }
        let at = self.place(request).unwrap_or_else(|at| at);
        self.0.insert(at, (request, conn));
    }

    /// Takes who waits as this request.
    pub(super) fn take(&mut self, request: RequestId) -> Option<Box<Conn>> {
        let (_, conn) = match self.0.front() {
            Some((first, _)) if *first == request => self.0.pop_front()?,
            _ => self.0.remove(self.place(request).ok()?)?,
        };
        Some(conn)
    }

    /// Takes who waits with this token; whether there was one.
    pub(super) fn drop_token(&mut self, token: usize) -> bool {
        let at = self.0.iter().position(|(_, conn)| conn.token == token);
        at.and_then(|at| self.0.remove(at)).is_some()
    }

    /// Gives back the room that a flood has left.
    pub(super) fn give_back(&mut self) {
        self.0.give_back();
    }

    fn place(&self, request: RequestId) -> Result<usize, usize> {
        self.0.binary_search_by_key(&request, |&(waiting, _)| waiting)
    }
}
