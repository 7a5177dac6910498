//! The page in English.

mod event;
mod scenario;
mod why;

use scheduler_model::scenario::OnFull;
use scheduler_model::{Model, Outcome, WorkerState};

use super::{Legend, Messages, RowFacts};
use crate::number::NumberFormat;
use crate::parts::annex::Judgement;
use crate::run::Duty;
use crate::session::Cause;
use crate::url::Sent;
use crate::views::stage::{Acceptor, Tally};
use crate::views::timeline::TrackName;

pub(super) const NUMBERS: NumberFormat = NumberFormat {
    decimal: '.',
    group: ',',
    seconds: "s",
    milliseconds: "ms",
    microseconds: "µs",
    kib: "KiB",
    mib: "MiB",
};

/// All texts.
pub(super) const MESSAGES: Messages = Messages {
    numbers: NUMBERS,

    scenario: "Scenario",
    scenario_title: scenario::title,
    scenario_hint: scenario::hint,
    models: "Models",
    model_title,
    language: "Language",
    theme_to_dark: "Use the dark theme",
    theme_to_light: "Use the light theme",
    theme_to_projector: "Use the projector’s theme: large type",
    open: "Open…",
    open_hint: "A trace (JSON Lines) that the server recorded or this page saved. Dropping it anywhere works too.",
    download: "Download",
    download_refused: "This frame may not save files.",
    code: "The server’s code",
    code_hint: "From native-server/src/serve, as it is built: the line that each thread is at.",
    code_coming: "The code is on its way…",
    code_missing: "The server’s code could not be fetched.",
    code_server: "Noticing and deciding",
    code_acceptor: "acceptor",
    code_decided: "now",
    code_timers: |n| plural(n, "timer", "timers"),
    live: "Live",
    live_hint: "Shows what the server this page came from does right now. Stepping back pauses it.",
    live_name: "Live server",
    live_follows: "Following the server. Pause, or step back, to look at what was seen.",
    live_paused: "Paused: look at what was seen. “Live” goes on with what happens then.",
    live_over: "The server has stopped. What was seen last stays here.",
    live_lost: "The server cannot be followed: it is gone, it does not observe itself, or as many as may follow it already.",
    lessons: "Lessons",
    lessons_coming: "The lesson is on its way…",
    lessons_missing: "The texts of the lessons could not be fetched. The run itself is here, and works.",
    first_lesson: "Predict first, then run: the lessons",
    share: "Share",
    link: "A link to this moment",
    link_long: "So much was sent that some programs will cut this link.",
    link_file: "The file that you opened is not in the link: send it along.",
    embed: "To show this in another page",
    embed_into: "A page made with",
    copy: "Copy",
    copied: "Copied",
    copy_refused: "The browser refuses to copy: select the text and copy it yourself.",
    keys: "Keys",
    close: "Close",
    drop_here: "Drop a trace to open it",
    recorded: "recorded",
    simulated: "simulated",
    conformance,
    ends_early,
    shortened: |played, all| {
        format!(
            "The first {} of its {} requests; the command line simulates all of them.",
            NUMBERS.count(played),
            NUMBERS.count(all)
        )
    },
    incomplete: "The last line of the file was cut short and is left out.",
    part_missing: "This part of the page could not be fetched. Try again.",
    part_of_other_build: "The page was updated meanwhile: load it anew.",
    bad_parameter: |bad| {
        format!(
            "{}: “{}” given in the address, allowed is {}",
            bad.parameter.name(),
            bad.given,
            bad.allowed
        )
    },
    unreadable: |name| format!("{name}: the browser could not read it"),
    reading: |name, events| {
        format!("Reading {name}: {} so far.", plural(events, "event", "events"))
    },
    full_page: "Open the full page",

    stage: "Stage",
    row_title,
    row_facts,
    clients: "Clients",
    backlog: "Accept backlog",
    acceptor: "Acceptor",
    run_queue: "Run queue",
    threads: |model| match model {
        Model::Pool | Model::ForkJoin => "Workers",
        Model::Single | Model::Spawn => "Threads",
        Model::Async | Model::Sharded => "Loops",
    },
    deque: |parts| format!("deque: {}", NUMBERS.count(parts)),
    helps: "helps",
    ready: "ready",
    on_timers: "asleep",
    connections: |n| plural(n, "connection", "connections"),
    cores: "Cores",
    left: "Answered",
    unseen: "unseen in a recording",
    acceptor_state: |state| match state {
        Acceptor::Accepts => "waits to accept",
        Acceptor::Answers => "busy answering",
        Acceptor::Stopped => "stopped: no room",
        Acceptor::Draining => "draining",
        Acceptor::Drained => "drained",
    },
    duty: |state| match state {
        WorkerState::Starting => "starting",
        WorkerState::Idle => "idle",
        WorkerState::Scheduled => "scheduled",
        WorkerState::Busy => "busy",
        WorkerState::Blocked => "blocked",
        WorkerState::Joining => "joining",
    },
    time_left: |span| format!("{span} left"),
    core: |number| format!("core {number}"),
    core_free: "free",
    core_switches: "switching",
    core_shared: "shared",
    cores_shared: |n| format!("{} share them", plural(n, "thread", "threads")),
    waits: |span| format!("waits {span}"),
    served: |span| format!("for {span}"),
    will_ask: |span| format!("in {span}"),
    asks_now: "asks now",
    nobody: "nobody is waiting for an answer",
    nobody_yet: "none yet",
    empty: "empty",
    more_clients: |waiting, served| {
        let parts = [(waiting, "waiting"), (served, "being served")];
        let parts: Vec<_> = parts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{} {what}", NUMBERS.count(*n)))
            .collect();
        format!("and {} more: {}", NUMBERS.count(waiting + served), parts.join(", "))
    },
    more_lanes,
    more_cores: |n, busy| format!("and {n} more: {busy} busy"),
    of_bound: |n, max| match max {
        Some(max) => format!("{} of {}", NUMBERS.count(n), NUMBERS.count(max)),
        None => format!("{} of ∞", NUMBERS.count(n)),
    },
    outcome: |outcome| match outcome {
        Outcome::Answered => "answered",
        Outcome::Failed => "failed (500)",
        Outcome::Rejected => "rejected (503)",
        Outcome::Dropped => "dropped",
        Outcome::Lost => "client left",
    },
    outcomes: |outcome, n| format!("{} {}", NUMBERS.count(n), (MESSAGES.outcome)(outcome)),
    no_threads: "no thread",
    ask_why: |id| format!("Why is request {id} where it is?"),
    state_waiting: "waiting",

    now: "Now",
    why_title: |why| {
        if why.waits {
            format!("Why does request {} wait?", why.request)
        } else {
            format!("Where is request {}?", why.request)
        }
    },
    why: why::why,
    links: why::links,
    waited: why::waited,
    left_title: |id| format!("What became of request {id}?"),
    left_how: why::left_how,
    fate: why::fate,
    nobody_waits: "Nobody waits: every request in the system is being served.",
    all_done,
    recorded_intro: "This is what a real server did, as it recorded it.",
    simulated_intro: "This is a run that was simulated and saved earlier.",
    intro_title: "Who has to wait?",
    intro: [
        "Three clients ask a web server: the first for the slow /sleep, the other two for the quick /.",
        "Each row above is the same server, scheduling its connections in another way.",
        "Play it and watch who has to wait; you can step back at any time.",
    ],
    intro_button: "Play the experiment",
    show_difference: "Show where they first differ",
    next_moment: |id| format!("Next moment of request {id}"),
    any_request: "Whoever waits longest",
    event: event::event,
    before_first: "Nothing has happened yet.",

    timeline: "Timeline",
    timeline_summary: |events, span| {
        format!(
            "{} in {span}, a track for each thread and each request.",
            plural(events, "event", "events")
        )
    },
    track: |name| match name {
        TrackName::Model(run) => MESSAGES.asking(run, model_title(run.model).to_owned()),
        TrackName::Thread(thread) => thread.to_string(),
        TrackName::MoreThreads { n, .. } => format!("{} more", NUMBERS.count(n)),
        TrackName::Request(id) => format!("req {id}"),
        TrackName::Waiting { most } => format!("waiting ≤ {}", NUMBERS.count(most)),
    },
    first_difference: "first difference",
    zoom_in: "Zoom in",
    zoom_out: "Zoom out",
    fit: "Fit",
    stretched: "Stretch busy moments",
    stretched_hint: "Ten times longer is one step wider; otherwise a second is a second.",
    legend: |legend| match legend {
        Legend::Duty(Duty::Busy) => "busy",
        Legend::Duty(Duty::Blocked) => "blocked",
        Legend::Duty(Duty::Scheduled) => "scheduled",
        Legend::Duty(Duty::Idle) => "idle",
        Legend::Steal => "stolen",
        Legend::Waiting => "waiting",
    },
    events_table: "Events as a table",
    requests_table: "Requests as a table",
    column_event: "Event",
    column_time: "Time",
    column_model: "Model",
    column_what: "What happened",
    column_request: "Request",
    column_arrived: "Arrived",
    column_waited: "Waited",
    column_end: "Outcome",

    controls: "Controls",
    to_start: "To the start",
    step_back: "Step back",
    step: "Step",
    to_end: "To the end",
    play: "Play",
    pause: "Pause",
    speed: "Speed",
    speed_factor: |factor| match factor {
        "0.25" => "¼×".to_owned(),
        "0.5" => "½×".to_owned(),
        factor => format!("{factor}×"),
    },
    send: |path| format!("Send {path}"),
    burst: "Burst ×10",
    burst_hint: |path| format!("Sends {path} ten times at once"),
    cannot_send_closed: "These clients ask again only when they have been answered: nobody else sends.",
    cannot_send_trace: "A trace is what happened: nothing can be sent into it.",
    position: |done, all| format!("event {} of {}", NUMBERS.count(done), NUMBERS.count(all)),
    futures: "Futures",
    branch: |cause, path, at| match cause {
        Cause::Opened => "as opened".to_owned(),
        Cause::Sent(Sent { count: 1, .. }) => format!("+ {path} at {at}"),
        Cause::Sent(Sent { count, .. }) => format!("+ {count} × {path} at {at}"),
        Cause::Set => "other settings".to_owned(),
    },

    settings: "Server and computer",
    settings_hint: "A change runs everything again from the same seed.",
    workers: "Workers",
    queue_bound: "Queue holds",
    unbounded: "any number",
    on_full: "When it is full",
    policy: |policy| match policy {
        OnFull::DropOldest => "drop the oldest",
        OnFull::Reject => "reject (503)",
        OnFull::Wait => "stop accepting",
    },
    costs: "Costs of this computer",
    costs_hint: "“native-server calibrate” measures a real one and prints a link that sets these.",
    costs_own: "As in the scenario",
    cost_switch: "Changing threads",
    cost_spawn: "Starting a thread",
    cost_dispatch: "Handing a request to a worker",
    cost_accept: "The server’s own work on a request",
    for_pool: "pools",
    for_workers: "pools, loops",
    so_far: "So far",
    answered: "answered",
    throughput: "answered/\u{2060}s",
    in_system: "in the system",
    waiting_now: "waiting",
    longest_now: "longest wait now",
    rejected: "rejected (503)",
    failed: "failed (500)",
    dropped: "dropped by the kernel",
    lost: "client left",
    threads_most: "threads, most",
    wait_median: "wait, median",
    wait_p99: "wait, p99",
    stacks: "memory in stacks",
    digest: "digest",
    theory: "What theory says of the whole run",
    computing: "Computing…",
    checker: "Check every order of events",
    checker_hint: "Tries all orders in which these few requests can come, be run and end, under the first model shown.",
    flaw: "With this flaw",
    no_flaw: "none",
    check: "Check",
    check_stop: "Stop",
    holds: "holds",
    is_broken: "is broken",
    not_reached: "did not come up",
    check_progress: |states, depth| {
        format!(
            "{} so far, {} deep.",
            plural(states, "state", "states"),
            plural(depth, "step", "steps")
        )
    },
    check_over: |states, broken| {
        let states = plural(states, "state", "states");
        format!("Seen: {states}. Broken: {}.", plural(broken, "property", "properties"))
    },
    counterexample: |events| format!("Show how, in {}", plural(events, "event", "events")),

    what_if: "What if?",
    what_if_hint: "What another server would have done with the same requests: they come and cost as in this trace, and are simulated here.",
    what_if_one: "Try this server",
    what_if_all: "Try all six models",
    on_stage: "On the stage",

    keys_title: "Keys",
    key_list: [
        ("→", "step"),
        ("←", "step back"),
        ("Home", "to the start"),
        ("End", "to the end"),
        ("Space", "play or pause"),
        ("n", "next moment of the request that is asked about"),
        ("d", "where the models first differ"),
        ("l", "follow the server that this page came from"),
        ("f", "send the fast request"),
        ("s", "send the slow request"),
        ("b", "burst of ten"),
        ("Esc", "ask about no request in particular"),
        ("?", "this list"),
    ],
    letter_keys: "Use letters, ? and the space bar as keys",
};

const fn model_title(model: Model) -> &'static str {
    match model {
        Model::Single => "One thread",
        Model::Spawn => "A thread for each connection",
        Model::Pool => "A pool of workers",
        Model::ForkJoin => "A pool that splits requests",
        Model::Async => "An event loop",
        Model::Sharded => "Several event loops",
    }
}

fn row_title(model: Model, workers: u64) -> String {
    match model {
        Model::Pool => format!("A pool of {workers}"),
        _ => model_title(model).to_owned(),
    }
}

fn row_facts(facts: &RowFacts) -> String {
    let threads = match facts.model {
        Model::Pool => plural(facts.n_threads, "worker", "workers"),
        _ => plural(facts.n_threads, "thread", "threads"),
    };
    let cores = facts.n_cores.map(|n| plural(n, "core", "cores"));
    let stacks = format!("{} of stacks", facts.stack);
    let queue = facts.queue.map(|(n, max)| format!("queue {}", (MESSAGES.of_bound)(n, max)));
    let parts = [Some(threads), queue, cores, Some(stacks)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn more_lanes(tally: &Tally) -> String {
    let parts = [
        (tally.blocked, "blocked"),
        (tally.busy, "busy"),
        (tally.scheduled, "scheduled"),
        (tally.idle, "idle"),
    ];
    let parts: Vec<_> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{} {what}", NUMBERS.count(*n)))
        .collect();
    format!("and {} more: {}", NUMBERS.count(tally.n), parts.join(", "))
}

fn conformance(judgement: &Judgement) -> String {
    match &judgement.difference {
        None => {
            let decisions = plural(judgement.decisions, "decision", "decisions");
            format!("conforms to the model: {decisions}")
        }
        Some(difference) => format!(
            "differs from the model at event {}: the model has {}, the file has {}",
            difference.seq, difference.expected, difference.found
        ),
    }
}

fn ends_early(seq: usize, why: &str) -> String {
    format!("Shown up to event {}: event {seq} cannot follow, {why}.", seq - 1)
}

fn all_done(arrived: u64, answered: u64) -> String {
    if arrived == answered {
        format!("All {} are answered. The longest wait:", plural(arrived, "request", "requests"))
    } else {
        let arrived = plural(arrived, "request", "requests");
        format!("{} of {arrived} are answered. The longest wait:", NUMBERS.count(answered))
    }
}

fn instant(at: scheduler_model::SimTime) -> String {
    NUMBERS.about(at.since(scheduler_model::SimTime::ZERO))
}

fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", NUMBERS.count(n), if n == 1 { one } else { many })
}
