//! What texts are made of, as bytes: for languages that are programs of their own.

use scheduler_model::wire;
use scheduler_model::wire::{Put, Take};

use super::carried::kept;
use super::{Language, Legend, RowFacts};
use crate::lessons::Lesson;
use crate::number::NumberFormat;
use crate::run::{CauseKind, Duty, Part, Waited};
use crate::scenarios::Shipped;
use crate::session::Cause;
use crate::url::{BadParameter, Parameter, Sent};
use crate::views::events::{Happened, What};
use crate::views::stage::{Acceptor, Tally};
use crate::views::timeline::TrackName;
use crate::views::why::{Fate, Held, Hold, Holder, Link, Reason, Why};
use crate::views::{RunName, ThreadName};

wire!(enum Language { 0 English, 1 Russian });
wire!(enum Legend { 0 Duty(duty), 1 Waiting, 2 Steal });
wire!(struct RowFacts { model, n_threads, n_cores, stack, queue });
wire!(enum Duty { 0 Blocked, 1 Busy, 2 Idle, 3 Scheduled });
wire!(enum Shipped {
    0 Book, 1 TenSleeps, 2 Fork, 3 Flood, 4 Drain, 5 Panic, 6 Resize, 7 Mm4, 8 Closed,
    9 OfLesson(lesson),
});
wire!(enum Cause { 0 Opened, 1 Sent(sent), 2 Set });
wire!(struct Sent { at, route, count });
wire!(struct BadParameter { parameter, given, allowed });
wire!(enum Parameter {
    0 Embed, 1 Resize, 2 Scenario, 3 Model, 4 Step, 5 Seed, 6 Cores, 7 Workers, 8 Queue, 9 OnFull,
    10 Sent, 11 Request, 12 Speed, 13 Lang, 14 Theme, 15 Lesson, 16 ContextSwitch,
    17 Spawn, 18 Dispatch, 19 Accept,
});
wire!(enum Lesson {
    0 Sleep, 1 Threads, 2 Flood, 3 Pool, 4 Queue, 5 Workers, 6 Kept, 7 Shutdown, 8 Panic, 9 ForkJoin,
    10 Loop, 11 Blocking, 12 Loops,
});
wire!(enum Acceptor { 0 Accepts, 1 Answers, 2 Stopped, 3 Draining, 4 Drained });
wire!(struct Tally { n, blocked, busy, idle, scheduled });
wire!(enum TrackName {
    0 Model(model), 1 Thread(name), 2 MoreThreads { from, n }, 3 Request(request),
    4 Waiting { most },
});
wire!(struct ThreadName { letter, number });
wire!(struct RunName { model, what_if });

wire!(struct Why { model, request, path, waits, time, reason, links, waited, elsewhere });
wire!(enum Reason {
    0 Asleep { thread, until },
    1 Dispatched { thread },
    2 Joining { thread },
    3 NotAccepting { ahead, queued, held },
    4 OnTimer,
    5 Running { thread },
    6 ThreadStarting { thread },
    7 WaitsForCore { thread, running, cores },
    8 WaitsForWorker { ahead, held },
});
wire!(struct Held { workers, blocked, working, first, sleepers });
wire!(struct Holder { thread, state, request, path, until });
wire!(enum Fate { 0 NotYet, 1 Waiting(span), 2 Served { asleep }, 3 Left { outcome, waited } });
wire!(struct Link { request, thread, hold, kind });
wire!(enum Hold { 0 Core { only }, 1 Worker });
wire!(struct Waited { total, parts, others });
wire!(struct Part { length, own, links });
wire!(enum CauseKind {
    0 Asleep, 1 Dispatched, 2 Joining, 3 NotAccepting, 4 OnTimer, 5 Running, 6 ThreadStarting,
    7 WaitsForCore, 8 WaitsForWorker,
});
wire!(struct Happened { run, path, what });
wire!(enum What {
    0 Opened { connection },
    1 Arrived { request },
    2 Finished { request, thread },
    3 FoundNoRequest { thread },
    4 Panicked { request, thread },
    5 Blocked { request, thread },
    6 Woke { request, thread },
    7 Started { thread },
    8 Died { thread },
    9 SpawnFailed { thread },
    10 AcceptFailed,
    11 PeerClosed { connection },
    12 Expired { connection },
    13 TimerDue { timer },
    14 Resize { workers },
    15 Drain,
    16 StopAccepting,
    17 ResumeAccepting,
    18 Spawn { thread, request },
    19 Assign { request, thread },
    20 Queue { request },
    21 Reject { request, reason },
    22 RunOnCaller { request },
    23 Park { thread },
    24 Retire { thread },
    25 Close { connection },
    26 ArmTimer { timer },
    27 Drained,
    28 Backlogged { request },
    29 Dropped { request },
    30 Abandoned { request },
    31 Forked { request, thread },
    32 Joined { request, thread },
    33 FoundNothing { thread },
    34 Steal { thread },
    35 Pushed { request, thread },
    36 Popped { request, thread },
    37 Stolen { request, thread, victim },
    38 JoinBegun { request, thread },
    39 JoinEnded { request, thread },
    40 Slept { request },
    41 Switched { thread, core },
    42 CoreGiven { thread, core },
    43 Preempted { thread, core },
    44 CoreReleased { thread, core },
    45 SharingBegun { thread },
    46 SharingEnded { thread },
});

impl Put for NumberFormat {
    fn put(&self, out: &mut Vec<u8>) {
        let Self { decimal, group, seconds, milliseconds, microseconds, kib, mib } = self;
        (*decimal, *group).put(out);
        [*seconds, *milliseconds, *microseconds, *kib, *mib].as_slice().put(out);
    }
}

impl Take for NumberFormat {
    fn take(from: &mut &[u8]) -> Option<Self> {
        let (decimal, group) = Take::take(from)?;
        let units: Vec<String> = Take::take(from)?;
        let units: Vec<_> = units.into_iter().map(kept).collect();
        let [seconds, milliseconds, microseconds, kib, mib] = units.try_into().ok()?;
        Some(Self { decimal, group, seconds, milliseconds, microseconds, kib, mib })
    }
}
