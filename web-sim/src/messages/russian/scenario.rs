//! What the page's own scenarios are called, in Russian.

use crate::scenarios::Shipped;

pub(super) fn title(shipped: Shipped) -> &'static str {
    match shipped {
        Shipped::Book => "Один медленный, два быстрых",
        Shipped::TenSleeps => "Десять спящих",
        Shipped::Fork => "Работа, которую можно делить",
        Shipped::Flood => "Наплыв",
        Shipped::Drain => "Остановка сервера",
        Shipped::Panic => "Паника в обработчике",
        Shipped::Resize => "Другое число потоков",
        Shipped::Mm4 => "M/M/4: случайная нагрузка",
        Shipped::Closed => "Клиенты, ждущие ответа",
        Shipped::OfLesson(_) => "Урок",
    }
}

pub(super) fn hint(shipped: Shipped) -> &'static str {
    match shipped {
        Shipped::Book => "Опыт из книги: заставит ли один спящий запрос ждать остальных?",
        Shipped::TenSleeps => "Десять спящих запросов, а потоков, на которых спать, меньше.",
        Shipped::Fork => "Один большой запрос и четыре ядра: кто поможет его посчитать?",
        Shipped::Flood => "Запросов больше, чем памяти для потоков.",
        Shipped::Drain => "На начатое ответят, новое не принимается, а срок всё завершает.",
        Shipped::Panic => "Один запрос кончается сбоем; пул остаётся того же размера.",
        Shipped::Resize => "Потоки добавляются и уходят, пока идут запросы.",
        Shipped::Mm4 => "Случайные приходы и случайное обслуживание, как в теории очередей.",
        Shipped::Closed => {
            "Каждый клиент думает, спрашивает и ждёт ответа, прежде чем спросить снова."
        }
        Shipped::OfLesson(_) => "То, что показывает открытый урок.",
    }
}
