//! A world as bytes: every field of it as it is.
//!
//! Only between parts of one program that were built together ([`crate::wire`]): what a file says of
//! a world is looked at when the file is read (`snapshot`), and not a second time here.

use super::{Connection, Counts, Departure, Place, Request, Shard, Worker, World};
use crate::wire;

wire!(struct World {
    server, machine, n_routes, simulated, by_clients, now, requests, workers, cores, accept_backlog,
    shards, current, parts, workers_wanted, counts, departure,
});
wire!(struct Shard { connections, run_queue, accepting, drain, drained, armed, numbering });
wire!(struct Request { id, connection, route, arrived, started, waited, place });
wire!(enum Place {
    0 AcceptBacklog,
    1 Door,
    2 AwaitsThread(worker),
    3 RunQueue,
    4 Assigned(worker),
    5 Asleep { worker, since },
});
wire!(struct Connection { id, opened, request, begun, thread });
wire!(struct Worker { id, state, request, helps, since, core, connection });
wire!(struct Departure { request, at, outcome });
wire!(struct Counts {
    events, arrived, answered, failed, rejected, dropped, lost, turns_without_request, in_system,
    at_door, idle, starting, held, cores_busy, sharing, threads_peak, run_queue_peak, steals,
    accept_failures,
});
