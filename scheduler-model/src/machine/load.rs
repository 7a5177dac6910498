//! Who asks, and when: listed, open and closed loads as a source of arrivals.

use super::agenda::{Agenda, Class, Due};
use super::sample::{Purpose, Stream, to_span};
use crate::scenario::{Fork, Load, Mix, Model, Replayed, Scenario};
use crate::{RequestId, RouteId, ShardId, SimTime, Span};

/// Where arrivals come from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Listed { arrivals: Vec<(SimTime, RouteId, u32)>, entry: usize, of_entry: u32 },
    Replayed { requests: Vec<Replayed>, asked: usize },
    Open { between: Stream, mean_ns: f64, mix: Mix, seed: u64, asked: u64, total: u64 },
    Closed { clients: Vec<Stream>, mix: Mix, seed: u64, asked: u64, total: u64 },
}

/// Somebody asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    pub(super) route: RouteId,
    /// Who waits for the answer, in a closed load.
    pub(super) client: Option<u64>,
    /// What it cost in the run that is replayed; otherwise that is drawn.
    cost: Option<(Span, Span)>,
}

/// What a request costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// CPU time, spent first.
    pub cpu: Span,
    /// Time asleep, after the CPU time.
    pub sleep: Span,
    /// What is split between the two, under a model that does.
    pub fork: Option<Fork>,
}

impl Source {
    /// The source of a scenario's load, its first arrivals on the agenda.
    pub(super) fn new(scenario: &Scenario, agenda: &mut Agenda) -> Self {
        let seed = scenario.seed;
        let mut source = match &scenario.load {
            Load::None => Self::Listed { arrivals: Vec::new(), entry: 0, of_entry: 0 },
            Load::Listed(listed) => {
                let entries = listed.iter();
                let mut arrivals: Vec<_> = entries
                    .map(|arrival| (arrival.at, arrival.route, arrival.count.get()))
                    .collect();
                arrivals.sort_by_key(|&(at, ..)| at); // stable: file order at one instant
                Self::Listed { arrivals, entry: 0, of_entry: 0 }
            }
            Load::Replayed(replayed) => {
                let mut requests = replayed.clone();
                requests.sort_by_key(|request| request.at);
                Self::Replayed { requests, asked: 0 }
            }
            Load::Open { rate_per_s, requests, mix } => Self::Open {
                between: Stream::new(seed, Purpose::Arrivals, 0),
                mean_ns: 1e9 / rate_per_s,
                mix: mix.clone(),
                seed,
                asked: 0,
                total: *requests,
            },
            Load::Closed { clients, requests, mix, .. } => Self::Closed {
                clients: (0..u64::from(clients.get()))
                    .map(|client| Stream::new(seed, Purpose::Think, client))
                    .collect(),
                mix: mix.clone(),
                seed,
                asked: 0,
                total: *requests,
            },
        };
        if let Self::Closed { clients, .. } = &source {
            for client in 0..clients.len() as u64 {
                source.think(client, SimTime::ZERO, scenario, agenda);
            }
        } else {
            source.schedule_next(SimTime::ZERO, agenda);
        }
        source
    }

    /// The arrival that is due, with the next one put on the agenda. `None` when all that shall
    /// be asked has been asked.
    pub(super) fn ask(
        &mut self,
        client: Option<u64>,
        now: SimTime,
        agenda: &mut Agenda,
    ) -> Option<Ask> {
        let mut cost = None;
        let route = match self {
            Self::Replayed { requests, asked } => {
                let &Replayed { route, cpu, sleep, .. } = requests.get(*asked)?;
                *asked += 1;
                cost = Some((cpu, sleep));
                route
            }
            Self::Listed { arrivals, entry, of_entry } => {
                let &(_, route, count) = arrivals.get(*entry)?;
                *of_entry += 1;
                if *of_entry == count {
                    (*entry, *of_entry) = (*entry + 1, 0);
                }
                route
            }
            Self::Open { mix, seed, asked, total, .. }
            | Self::Closed { mix, seed, asked, total, .. } => {
                if asked == total {
                    return None;
                }
                *asked += 1;
                match mix[..] {
                    // Nothing else is drawn from that stream, so that it need not be begun.
                    [(route, _)] => route,
                    _ => Stream::new(*seed, Purpose::Mix, *asked).route(mix),
                }
            }
        };
        if client.is_none() {
            self.schedule_next(now, agenda);
        }
        Some(Ask { route, client, cost })
    }

    /// A client has its answer, or none: it thinks, and will ask again.
    pub(super) fn think(
        &mut self,
        client: u64,
        now: SimTime,
        scenario: &Scenario,
        agenda: &mut Agenda,
    ) {
        let (Self::Closed { clients, .. }, Load::Closed { think, .. }) = (self, &scenario.load)
        else {
            return;
        };
        let index = usize::try_from(client).expect("there are at most a million clients");
        let thinks: Span = clients[index].span(think);
        agenda.add(now + thinks, Class::Arrival, client, Due::ClientAsks(client));
    }

    /// Whether nobody will ask any more.
    pub(super) fn is_exhausted(&self) -> bool {
        match self {
            Self::Listed { arrivals, entry, .. } => *entry == arrivals.len(),
            Self::Replayed { requests, asked } => *asked == requests.len(),
            Self::Open { asked, total, .. } | Self::Closed { asked, total, .. } => asked == total,
        }
    }

    fn schedule_next(&mut self, now: SimTime, agenda: &mut Agenda) {
        let at = match self {
            Self::Listed { arrivals, entry, .. } => arrivals.get(*entry).map(|&(at, ..)| at),
            Self::Replayed { requests, asked } => requests.get(*asked).map(|request| request.at),
            Self::Open { between, mean_ns, asked, total, .. } => {
                (asked < total).then(|| now + to_span(between.exponential(*mean_ns)))
            }
            Self::Closed { .. } => None,
        };
        if let Some(at) = at {
            agenda.add(at, Class::Arrival, 0, Due::NextArrival);
        }
    }
}

/// What a request costs: its own stream gives the same whatever model runs it.
pub(super) fn demand(scenario: &Scenario, request: RequestId, ask: Ask) -> Demand {
    let (cpu, sleep) = ask.cost.unwrap_or_else(|| drawn(scenario, request, ask.route));
    match scenario.requests[usize::from(ask.route.0)].fork {
        Some(fork) if scenario.server.model != Model::ForkJoin => {
            Demand { cpu: cpu + fork.work(), sleep, fork: None }
        }
        fork => Demand { cpu, sleep, fork },
    }
}

/// CPU time and sleep of a request, beside what it splits into; that of one that is replayed is
/// listed, and not drawn.
pub(crate) fn drawn(scenario: &Scenario, request: RequestId, route: RouteId) -> (Span, Span) {
    if let Load::Replayed(requests) = &scenario.load {
        let index = request.0.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        let listed = index.and_then(|index| requests.get(index));
        return listed.map_or((Span::ZERO, Span::ZERO), |one| (one.cpu, one.sleep));
    }
    let kind = &scenario.requests[usize::from(route.0)];
    let mut stream = Stream::new(scenario.seed, Purpose::Demand, request.0);
    let cpu = stream.span(&kind.cpu);
    (cpu, stream.span(&kind.sleep))
}

/// Which shard the kernel gives a request's connection to: each as likely as any other, as a hash
/// of addresses has it.
pub(super) fn shard(scenario: &Scenario, request: RequestId) -> ShardId {
    let n = scenario.server.n_shards();
    if n == 1 {
        return ShardId(0);
    }
    let index = Stream::new(scenario.seed, Purpose::Shard, request.0).below(n);
    ShardId::from_index(index)
}
