//! Что сделал бы другой сервер, по-русски.

use scheduler_model::Model;
use scheduler_model::scenario::{OnFull, QueueBound, Server};

use super::Refused;
use super::words::Words;
use crate::messages::{Language, russian_plural as plural};
use crate::number::NumberFormat;
use crate::views::what_if::Would;

pub(super) const WORDS: Words = Words {
    as_it_was: "как было",
    simulated: "симуляция",
    without_answer: "без ответа",
    server,
    would,
    guessed,
    refused,
};

/// Сервер, как с него начинается предложение.
fn server(server: &Server) -> String {
    let n = server.workers.get().into();
    let workers = plural(n, ["рабочий поток", "рабочих потока", "рабочих потоков"]);
    match server.model {
        Model::Single => "Один поток".to_owned(),
        Model::Spawn => "Поток на каждое соединение".to_owned(),
        Model::Pool => format!("{workers} и {}", queue(server)),
        Model::ForkJoin => format!("{workers} с разделением запросов и {}", queue(server)),
        Model::Async => "Цикл событий".to_owned(),
        Model::Sharded => plural(n, ["цикл событий", "цикла событий", "циклов событий"]),
    }
}

fn queue(server: &Server) -> String {
    let queue = match server.queue {
        QueueBound::Bounded(bound) if bound.get() == 0 => "никакой очереди".to_owned(),
        QueueBound::Bounded(bound) => format!("очередь на {}", numbers().count(bound.get().into())),
        QueueBound::Unbounded => return "очередь без предела".to_owned(),
    };
    match server.on_full {
        OnFull::DropOldest => format!("{queue} (выбрасывается старейший)"),
        OnFull::Reject => queue,
        OnFull::Wait => format!("{queue} (полна — новых не принимать)"),
    }
}

fn would(would: &Would) -> String {
    let figures = &would.figures;
    let best = if would.is_best {
        "Меньше всего оставшихся без ответа, а при равенстве — наименьшие p99, затем p50: "
    } else {
        ""
    };
    let server = server(&would.server);
    let Some(p99) = figures.p99 else {
        return format!("{best}{server}: ответа не получил бы никто.");
    };
    let rejected = numbers().percent(figures.rejected, figures.arrived);
    let mut text =
        format!("{best}{server}: было бы p99 {} и {rejected} ответов 503", numbers().span(p99));
    if figures.otherwise_lost() > 0 {
        text += ", а совсем без ответа — ";
        text += &numbers().percent(figures.otherwise_lost(), figures.arrived);
    }
    text + "."
}

fn guessed(n: u64) -> String {
    let requests = plural(n, ["запрос", "запроса", "запросов"]);
    format!("Не обслужено в трассе: {requests}; каждому приписаны затраты одного из обслуженных.")
}

fn refused(refused: &Refused) -> String {
    match *refused {
        Refused::Broken { seq } => {
            format!("Эта трасса не годится: событие {seq} не может следовать за предыдущим.")
        }
        Refused::InTheMiddle => "Эта трасса не годится: в её начале запросы уже были, а когда они \
            пришли и чего стоили, в ней нет."
            .to_owned(),
        Refused::NoneServed { requests } => format!(
            "Эта трасса не годится: в ней {}, и ни один не обслужен до конца; чего они стоили, \
             неизвестно.",
            plural(requests, ["запрос", "запроса", "запросов"])
        ),
        Refused::NoRequest => "Эта трасса не годится: в ней нет ни одного запроса.".to_owned(),
        Refused::NumbersMissing => {
            "Рядом с этой трассой другой прогон не поставить: иные соединения \
            в ней ничего не спросили, и у запросов были бы другие номера."
                .to_owned()
        }
        Refused::TooLong { events, events_max } => format!(
            "В этой трассе {}, а страница считает не более чем с {}; команда native-server simulate \
             --from-trace возьмёт все.",
            plural(events, ["событие", "события", "событий"]),
            numbers().count(events_max)
        ),
    }
}

const fn numbers() -> NumberFormat {
    Language::Russian.numbers()
}
