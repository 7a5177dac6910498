//! What happened by an event, in Russian.

use scheduler_model::{RejectReason, Timer};

use super::{MESSAGES, plural};
use crate::views::events::{Happened, What};

pub(super) fn event(happened: &Happened) -> String {
    let text = what(happened.what, &happened.path);
    match happened.run {
        Some(run) => format!("{}: {text}", MESSAGES.run_name(run)),
        None => text,
    }
}

fn what(what: What, path: &str) -> String {
    let asks = if path.is_empty() { String::new() } else { format!(" за {path}") };
    match what {
        What::Opened { connection } => format!("сервер принимает соединение {connection}"),
        What::Arrived { request } => format!("пришёл запрос {request}{asks}"),
        What::Finished { request, thread } => format!("{thread} отвечает на запрос {request}"),
        What::FoundNoRequest { thread } => format!("{thread} не находит целого запроса"),
        What::Panicked { request, thread } => {
            format!("паника в запросе {request}; {thread} перехватывает её и отвечает 500")
        }
        What::Blocked { request, thread } => format!("запрос {request} спит и держит {thread}"),
        What::Woke { request, thread } => format!("запрос {request} просыпается на {thread}"),
        What::Started { thread } => format!("поток {thread} запущен"),
        What::Died { thread } => format!("поток {thread} погиб"),
        What::SpawnFailed { thread } => format!("поток {thread} запустить не удалось"),
        What::AcceptFailed => "система отказывает в приёме соединения".to_owned(),
        What::PeerClosed { connection } => format!("клиент соединения {connection} уходит"),
        What::Expired { connection } => format!("соединение {connection} слишком долго молчало"),
        What::TimerDue { timer } => format!("сработал таймер: {}", timer_name(timer)),
        What::Resize { workers } => {
            format!(
                "размер пула теперь: {}",
                plural(workers.into(), ["поток", "потока", "потоков"])
            )
        }
        What::Drain => "серверу пора завершать работу".to_owned(),
        What::StopAccepting => "решение: не принимать новых соединений".to_owned(),
        What::ResumeAccepting => "решение: снова принимать соединения".to_owned(),
        What::Spawn { thread, request: Some(request) } => {
            format!("решение: запустить поток {thread} для запроса {request}")
        }
        What::Spawn { thread, request: None } => format!("решение: запустить поток {thread}"),
        What::Assign { request, thread } => format!("решение: запрос {request} получает {thread}"),
        What::Queue { request } => format!("решение: запрос {request} ждёт в очереди"),
        What::Reject { request, reason } => {
            format!("решение: отклонить запрос {request}, {}", reject_reason(reason))
        }
        What::RunOnCaller { request } => {
            format!("решение: задание {request} выполнит сам вызвавший")
        }
        What::Park { thread } => format!("решение: для {thread} дел нет"),
        What::Retire { thread } => format!("решение: {thread} завершается"),
        What::Close { connection } => format!("решение: закрыть соединение {connection}"),
        What::ArmTimer { timer } => format!("решение: поставить таймер: {}", timer_name(timer)),
        What::Drained => "решение: работа завершена".to_owned(),
        What::Backlogged { request } => format!("запрос {request}{asks} ждёт в очереди ядра"),
        What::Dropped { request } => format!("ядро отбрасывает запрос {request}"),
        What::Abandoned { request } => format!("клиент запроса {request} уходит из очереди ядра"),
        What::Forked { request, thread } => format!("{thread} делит запрос {request}"),
        What::Joined { request, thread } => {
            format!("{thread} выполнил свою часть запроса {request}")
        }
        What::FoundNothing { thread } => format!("{thread} не находит, что украсть"),
        What::Steal { thread } => format!("решение: {thread} ищет, что украсть"),
        What::Pushed { request, thread } => {
            format!("часть запроса {request} лежит в деке {thread}")
        }
        What::Popped { request, thread } => {
            format!("{thread} забирает часть запроса {request} из своего дека")
        }
        What::Stolen { request, thread, victim } => {
            format!("{thread} крадёт часть запроса {request} у {victim}")
        }
        What::JoinBegun { request, thread } => {
            format!("{thread} ждёт украденную часть запроса {request}")
        }
        What::JoinEnded { request, thread } => {
            format!("украденная часть запроса {request} готова, {thread} продолжает")
        }
        What::Slept { request } => format!("запрос {request} спит и освобождает цикл"),
        What::Switched { thread, core } => format!("ядро {core} переключается на {thread}"),
        What::CoreGiven { thread, core } => format!("{thread} идёт на ядре {core}"),
        What::Preempted { thread, core } => format!("время {thread} на ядре {core} истекло"),
        What::CoreReleased { thread, core } => format!("{thread} больше не нужно ядро {core}"),
        What::SharingBegun { thread } => format!("{thread} получает свою долю ядер"),
        What::SharingEnded { thread } => format!("{thread} больше не нужна доля ядер"),
    }
}

const fn timer_name(timer: Timer) -> &'static str {
    match timer {
        Timer::DrainDeadline => "срок завершения",
        Timer::AcceptRetry => "снова принимать",
        Timer::SpawnRetry => "снова запустить поток",
    }
}

const fn reject_reason(reason: RejectReason) -> &'static str {
    match reason {
        RejectReason::QueueFull => "очередь полна",
        RejectReason::DroppedOldest => "он был старейшим в полной очереди",
        RejectReason::SpawnFailed => "для него нет потока",
        RejectReason::Draining => "сервер завершает работу",
        RejectReason::DrainDeadline => "срок завершения наступил",
    }
}
