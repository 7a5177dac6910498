//! Why a request waits, and what it waited for, in Russian.

use scheduler_model::{Model, Outcome, RequestId, WorkerState};

use super::{MESSAGES, NUMBERS, instant, plural};
use crate::run::{CauseKind, Part, Waited};
use crate::views::RunName;
use crate::views::why::{Fate, Held, Hold, Holder, Link, Reason, Why};

pub(super) fn why(why: &Why) -> String {
    match &why.reason {
        Reason::Asleep { thread, until } => {
            let until = until.map(|at| format!(" до {}", instant(at))).unwrap_or_default();
            format!("Он обслуживается: {thread} спит ради него{until} и больше ничего не делает.")
        }
        Reason::OnTimer => {
            "Он обслуживается: обработчик спит по таймеру, цикл свободен.".to_owned()
        }
        Reason::Joining { thread } => {
            format!("Он обслуживается: {thread} ждёт часть, которую украл другой поток.")
        }
        Reason::Running { thread } => format!("Он обслуживается: его выполняет {thread}."),
        Reason::Dispatched { thread } => format!("Его получил {thread} и вот-вот начнёт."),
        Reason::ThreadStarting { thread } => {
            format!("Его собственный поток {thread} как раз запускается.")
        }
        Reason::WaitsForCore { thread, running, cores } => {
            let all = if *cores == 1 {
                "единственное ядро занято"
            } else {
                "все ядра заняты"
            };
            format!("Его получил {thread}, но {all}: на {running} из {cores} идут другие потоки.")
        }
        Reason::WaitsForWorker { ahead, held } => {
            format!("{} {}", holders(why.model, held), before_it(*ahead))
        }
        Reason::NotAccepting { ahead, queued, held } if why.model != Model::Single => format!(
            "Сервер перестал принимать соединения: в его очереди {queued}, больше не помещается. {} {}",
            holders(why.model, held),
            before_it(*ahead)
        ),
        Reason::NotAccepting { ahead, held, .. } => {
            let before = before_it(*ahead);
            format!("{} Принимать соединения пока некому. {before}", holders(why.model, held))
        }
    }
}

fn holders(model: Model, held: &Held) -> String {
    let (only, all) = if model == Model::Pool {
        ("Единственный рабочий поток", ["рабочий поток", "рабочих потока", "рабочих потоков"])
    } else {
        ("Единственный поток", ["поток", "потока", "потоков"])
    };
    let Some(first) = &held.first else {
        return "Свободных потоков нет.".to_owned();
    };
    if held.workers == 1 {
        return format!("{only} {} {}.", first.thread, doing(first));
    }
    let all = if held.workers == 2 {
        format!("оба {}", if model == Model::Pool { "рабочих потока" } else { "потока" })
    } else {
        format!("все {}", plural(held.workers, all))
    };
    if held.blocked == held.workers {
        let sleepers: Vec<_> = held.sleepers.iter().map(ToString::to_string).collect();
        let more = if held.blocked > sleepers.len() as u64 { ", …" } else { "" };
        let until = first
            .until
            .map(|at| format!("; первым, в {}, проснётся {}", instant(at), first.thread));
        return format!(
            "Спят {all}, ради запросов {}{more}{}.",
            sleepers.join(", "),
            until.unwrap_or_default()
        );
    }
    format!(
        "Заняты {all}: {}, {}. Первым освободится {}: он {}.",
        plural(held.blocked, ["спит", "спят", "спят"]),
        plural(held.working, ["работает", "работают", "работают"]),
        first.thread,
        doing(first)
    )
}

/// Что делает поток: конец предложения.
fn doing(holder: &Holder) -> String {
    let until = holder.until.map(|at| format!(" до {}", instant(at))).unwrap_or_default();
    let request = holder.request.map(|id| format!(" ради запроса {id}")).unwrap_or_default();
    let path = if holder.path.is_empty() { String::new() } else { format!(" в {}", holder.path) };
    match holder.state {
        WorkerState::Blocked => format!("спит{path}{request}{until}"),
        WorkerState::Busy => format!("работает{path}{request}{until}"),
        WorkerState::Joining => format!("ждёт украденную часть{path}{request}"),
        WorkerState::Starting => "как раз запускается".to_owned(),
        WorkerState::Idle | WorkerState::Scheduled => format!("вот-вот начнёт{path}{request}"),
    }
}

fn before_it(ahead: u64) -> String {
    match ahead {
        0 => "Он следующий.".to_owned(),
        n => format!("Перед ним {}.", plural(n, ["запрос", "запроса", "запросов"])),
    }
}

pub(super) fn fate(run: RunName, fate: &Fate) -> String {
    let there = there(run);
    match *fate {
        Fate::NotYet => format!("{there} он ещё не пришёл."),
        Fate::Waiting(span) => format!("{there} он тоже ждёт, уже {}.", NUMBERS.span(span)),
        Fate::Served { asleep: true } => format!("{there} он обслуживается: спит."),
        Fate::Served { asleep: false } => format!("{there} он уже выполняется."),
        Fate::Left { outcome: Outcome::Answered, waited } => {
            format!("{there} на него уже ответили; он ждал {}.", NUMBERS.span(waited))
        }
        Fate::Left { outcome, .. } => {
            format!("{there} его уже нет: {}.", (MESSAGES.outcome)(outcome))
        }
    }
}

pub(super) fn left_how(run: RunName, outcome: Option<Outcome>) -> String {
    match outcome {
        Some(outcome) => format!("{}: {}.", there(run), (MESSAGES.outcome)(outcome)),
        None => format!("{}: запроса не было.", there(run)),
    }
}

fn there(run: RunName) -> String {
    let there = match run.model {
        Model::Single => "На одном потоке",
        Model::Spawn => "Со своим потоком",
        Model::Pool => "В пуле",
        Model::ForkJoin => "В пуле с разделением запросов",
        Model::Async => "В цикле событий",
        Model::Sharded => "С несколькими циклами событий",
    };
    MESSAGES.asking(run, there.to_owned())
}

/// `W1 занят запросом 1, который ждёт своей очереди на ядро; W2 занимает ядро ради запроса 2, …`
pub(super) fn links(links: &[Link]) -> String {
    let links: Vec<_> = links
        .iter()
        .map(|&Link { request, thread, hold, kind }| {
            let has = match hold {
                Hold::Core { only: true } => "занимает ядро ради запроса",
                Hold::Core { only: false } => "занимает одно из ядер ради запроса",
                Hold::Worker => "занят запросом",
            };
            format!("{thread} {has} {request}, который {}", does(kind))
        })
        .collect();
    if links.is_empty() { String::new() } else { format!("{}.", links.join("; ")) }
}

const fn does(kind: CauseKind) -> &'static str {
    match kind {
        CauseKind::Asleep => "спит",
        CauseKind::Dispatched => "вот-вот начнёт выполняться",
        CauseKind::Joining => "ждёт часть, украденную другим потоком",
        CauseKind::NotAccepting => "ждёт, пока его примут",
        CauseKind::OnTimer => "спит по таймеру",
        CauseKind::Running => "выполняется",
        CauseKind::ThreadStarting => "ждёт запуска своего потока",
        CauseKind::WaitsForCore => "ждёт своей очереди на ядро",
        CauseKind::WaitsForWorker => "ждёт свободного потока",
    }
}

/// `Он ждал 1,98 с: 980 мс, пока спал запрос 1; 1 с, пока выполнялся запрос 2.`
pub(super) fn waited(waited: &Waited) -> String {
    if waited.total.is_zero() {
        return "Он не ждал.".to_owned();
    }
    let total = NUMBERS.span(waited.total);
    let of_part = |length: &str, part: &Part| {
        let place =
            if part.own == CauseKind::NotAccepting { " в очереди ядра" } else { "" };
        format!("{length}{place}, пока {}", while_what(part.own, &part.links))
    };
    match &waited.parts[..] {
        [] => format!("Он ждал {total}."),
        [one] if waited.others.is_zero() => format!("Он ждал {}.", of_part(&total, one)),
        parts => {
            let mut parts: Vec<_> =
                parts.iter().map(|part| of_part(&NUMBERS.span(part.length), part)).collect();
            if !waited.others.is_zero() {
                parts.push(format!("{} по другим причинам", NUMBERS.span(waited.others)));
            }
            format!("Он ждал {total}: {}.", parts.join("; "))
        }
    }
}

fn while_what(own: CauseKind, links: &[(RequestId, CauseKind)]) -> String {
    let Some((&(request, kind), deeper)) = links.split_first() else {
        return match own {
            CauseKind::Dispatched => "к нему шёл его поток",
            CauseKind::NotAccepting | CauseKind::WaitsForWorker => "не было свободного потока",
            CauseKind::ThreadStarting => "запускался его поток",
            CauseKind::WaitsForCore => "не было свободного ядра",
            _ => "до него не дошла очередь",
        }
        .to_owned();
    };
    if own == CauseKind::WaitsForCore {
        return format!("ядро занимал запрос {request}");
    }
    match kind {
        CauseKind::Asleep => format!("спал запрос {request}"),
        CauseKind::Dispatched => format!("готовился к запуску запрос {request}"),
        CauseKind::Joining => {
            format!("запрос {request} ждал часть, украденную другим потоком")
        }
        CauseKind::NotAccepting => format!("принимали запрос {request}"),
        CauseKind::OnTimer => format!("спал по таймеру запрос {request}"),
        CauseKind::Running => format!("выполнялся запрос {request}"),
        CauseKind::ThreadStarting => format!("запускался поток запроса {request}"),
        CauseKind::WaitsForCore => match deeper.first() {
            Some((other, _)) => {
                format!("запрос {request} ждал ядро, которое занимал запрос {other}")
            }
            None => format!("запрос {request} ждал ядро"),
        },
        CauseKind::WaitsForWorker => format!("ждал потока запрос {request}"),
    }
}
