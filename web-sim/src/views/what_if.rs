//! Which servers a question of what if is about, and what its answer shows.

use scheduler_model::scenario::Server;
use scheduler_model::{Model, Span};

/// What is asked about a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Each model, with the same workers, queue and policy.
    AllModels(Server),
    /// One server.
    One(Server),
}

/// How a server fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) arrived: u64,
    pub(crate) answered: u64,
    pub(crate) rejected: u64,
    /// From arrival to answer; `None` when nobody was answered.
    pub(crate) p50: Option<Span>,
    pub(crate) p99: Option<Span>,
}

/// A server that was not there, and how it would have fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Would {
    pub(crate) server: Server,
    pub(crate) figures: Figures,
    /// Whether it is the best of several: fewest without an answer, then the lowest p99, then p50.
    pub(crate) is_best: bool,
}

/// A row of the answer's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) server: Server,
    pub(crate) figures: Figures,
    /// Whether this is how it was; the others are simulated.
    pub(crate) was: bool,
}

impl Asked {
    /// The servers to simulate. The first is the run's own: beside what was, it tells how far the
    /// others can be believed.
    pub(crate) fn servers(self, own: Server) -> Vec<Server> {
        let asked = match self {
            Self::AllModels(server) => Model::ALL.map(|model| Server { model, ..server }).to_vec(),
            Self::One(server) => vec![server],
        };
        let mut servers = vec![told(own, own)];
        for server in asked.into_iter().map(|server| told(server, own)) {
            if !servers.contains(&server) {
                servers.push(server);
            }
        }
        servers
    }

    /// The one server that the sentence is about.
    pub(crate) fn would(self, own: Server, would: &[Figures]) -> Option<Would> {
        let servers = self.servers(own);
        let all = servers.into_iter().zip(would.iter().copied());
        match self {
            Self::One(server) => {
                let server = told(server, own);
                let (_, figures) = all.into_iter().find(|(found, _)| *found == server)?;
                Some(Would { server, figures, is_best: false })
            }
            Self::AllModels(asked) => {
                // The run's own server is there to compare with, and may have another size.
                let asked = Model::ALL.map(|model| told(Server { model, ..asked }, own));
                let all = all.filter(|(server, _)| asked.contains(server));
                let (server, figures) = all.min_by_key(|(_, figures)| {
                    let nanos = |span: Option<Span>| span.map_or(u64::MAX, Span::as_nanos);
                    (figures.unanswered(), nanos(figures.p99), nanos(figures.p50))
                })?;
                Some(Would { server, figures, is_best: true })
            }
        }
    }

    /// What the table shows: how it was, then what was simulated.
    pub(crate) fn rows(self, own: Server, was: Figures, would: &[Figures]) -> Vec<Row> {
        let was = Row { server: told(own, own), figures: was, was: true };
        let would = self.servers(own).into_iter().zip(would.iter().copied());
        let would = would.map(|(server, figures)| Row { server, figures, was: false });
        std::iter::once(was).chain(would).collect()
    }
}

impl Figures {
    /// Those without the answer that they asked for, for whatever reason.
    pub(crate) const fn unanswered(&self) -> u64 {
        self.arrived.saturating_sub(self.answered)
    }

    /// Those of them that got no 503 either.
    pub(crate) const fn otherwise_lost(&self) -> u64 {
        self.unanswered().saturating_sub(self.rejected)
    }
}

/// The server without what its model does not know of: two that differ only there are the same.
fn told(server: Server, own: Server) -> Server {
    let workers = if server.model.has_workers() { server.workers } else { own.workers };
    let (queue, on_full) = if server.model.has_run_queue() {
        (server.queue, server.on_full)
    } else {
        (own.queue, own.on_full)
    };
    Server { workers, queue, on_full, ..server }
}

#[cfg(test)]
mod tests {
    use scheduler_model::scenario::Ranged;

    use super::*;

    fn pool(workers: u64) -> Server {
        Server { workers: Ranged::clamped(workers), ..Server::new(Model::Pool) }
    }

    fn figures(answered: u64, p99_ms: u64) -> Figures {
        let p99 = Some(Span::from_millis(p99_ms));
        Figures { arrived: 10, answered, rejected: 10 - answered, p50: p99, p99 }
    }

    #[test]
    fn the_runs_own_server_is_simulated_first_and_only_once() {
        let own = pool(4);
        assert_eq!(Asked::One(pool(8)).servers(own), [own, pool(8)]);
        assert_eq!(Asked::One(own).servers(own), [own]);
        let models = |asked: Asked| {
            asked.servers(own).into_iter().map(|server| server.model).collect::<Vec<_>>()
        };
        assert_eq!(models(Asked::AllModels(own)).len(), 6);
        assert_eq!(models(Asked::AllModels(pool(8))).len(), 7);
        // A thread for each connection has no workers to differ in.
        let spawn = |workers| Server { model: Model::Spawn, ..pool(workers) };
        assert_eq!(Asked::One(spawn(8)).servers(spawn(4)), [spawn(4)]);
    }

    #[test]
    fn the_sentence_is_about_the_server_asked_for_and_the_best_of_all() {
        let own = pool(4);
        let asked = Asked::One(pool(8));
        let two = [figures(9, 8), figures(10, 5)];
        let expected = Would { server: pool(8), figures: figures(10, 5), is_best: false };
        assert_eq!(asked.would(own, &two), Some(expected));
        let asked = Asked::AllModels(own);
        let mut all = [figures(9, 1); 6];
        (all[3], all[4]) = (figures(10, 7), figures(10, 6));
        let best = asked.would(own, &all).unwrap();
        assert_eq!((best.server, best.figures), (asked.servers(own)[4], figures(10, 6)));
        assert_eq!(asked.would(own, &[]), None);
        // Of a few requests the slowest may take as long anywhere: no reason to praise the first.
        let mut alike = [figures(10, 6); 6];
        alike[2].p50 = Some(Span::from_micros(1));
        assert_eq!(asked.would(own, &alike).unwrap().server, asked.servers(own)[2]);
    }

    #[test]
    fn the_table_opens_with_how_it_was() {
        let own = pool(4);
        let would = [figures(9, 8), figures(10, 5)];
        let rows = Asked::One(pool(8)).rows(own, figures(9, 9), &would);
        let shown: Vec<_> = rows.iter().map(|row| (row.server, row.was, row.figures.p99)).collect();
        let ms = |ms| Some(Span::from_millis(ms));
        assert_eq!(shown, [(own, true, ms(9)), (own, false, ms(8)), (pool(8), false, ms(5))]);
    }
}
