//! What is checked and what can be wrong, in each language.

use scheduler_model::{Mutant, Property};

use crate::messages::Language;

/// The words of one language.
pub(super) struct Words {
    pub(super) property: fn(Property) -> &'static str,
    pub(super) flaw: fn(Mutant) -> &'static str,
    /// The load is no list.
    pub(super) needs_list: &'static str,
    /// Of what, how many, and how many are allowed.
    pub(super) too_many: fn(&str, u64, u64, u64) -> String,
    pub(super) flaw_of_pool: &'static str,
}

impl Words {
    pub(super) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Russian => &RUSSIAN,
        }
    }
}

const ENGLISH: Words = Words {
    property: |property| match property {
        Property::EveryRequestEndsOnce => "every request ends once",
        Property::BoundsHold => "no queue is longer than its bound",
        Property::NobodyIdlesBesideAQueue => "nobody is idle beside a queue",
        Property::FirstComeFirstServed => "first come, first served",
        Property::NoWakeUpIsLost => "no wake-up is lost",
        Property::APanicCostsOneRequest => "a panic costs one request",
        Property::AFailedSpawnIsAnAnswer => "a failed spawn is an answer",
        Property::ADrainEnds => "a drain ends",
        Property::ADrainLosesNothing => "a drain loses nothing",
    },
    flaw: |flaw| match flaw {
        Mutant::AcceptorCountsIdle => "the acceptor hears too late that a worker is taken",
        Mutant::DrainForgetsParked => "a drain forgets parked connections",
        Mutant::DrainNeedsRoom => "the order to stop needs room in the queue",
        Mutant::EarlyWakeUp => "a worker called before it sleeps sleeps all the same",
        Mutant::JobLostOnPanic => "after a panic a worker drops the next request",
        Mutant::ReversedQueue => "the newest request is taken first",
        Mutant::UncountedSplits => "an idle worker misses that a request has split",
    },
    needs_list: "Only listed arrivals can be checked: a random load has no end of orders.",
    too_many: |key, given, min, max| {
        format!("Too much to check in every order: {key} is {given}, allowed is {min} to {max}.")
    },
    flaw_of_pool: "The known flaws are those of a pool: show that model alone.",
};

const RUSSIAN: Words = Words {
    property: |property| match property {
        Property::EveryRequestEndsOnce => "каждый запрос кончается ровно раз",
        Property::BoundsHold => "очередь не длиннее своей границы",
        Property::NobodyIdlesBesideAQueue => "никто не бездействует рядом с очередью",
        Property::FirstComeFirstServed => "первым пришёл — первым обслужен",
        Property::NoWakeUpIsLost => "ни одно пробуждение не теряется",
        Property::APanicCostsOneRequest => "паника стоит одного запроса",
        Property::AFailedSpawnIsAnAnswer => "неудачный запуск потока — тоже ответ",
        Property::ADrainEnds => "остановка заканчивается",
        Property::ADrainLosesNothing => "остановка ничего не теряет",
    },
    flaw: |flaw| match flaw {
        Mutant::AcceptorCountsIdle => "приёмщик узнаёт слишком поздно, что рабочий занят",
        Mutant::DrainForgetsParked => "остановка забывает простаивающие соединения",
        Mutant::DrainNeedsRoom => "приказу остановиться нужно место в очереди",
        Mutant::EarlyWakeUp => "рабочий, которого позвали до сна, всё равно засыпает",
        Mutant::JobLostOnPanic => "после паники рабочий роняет следующий запрос",
        Mutant::ReversedQueue => "первым берётся самый новый запрос",
        Mutant::UncountedSplits => "свободный рабочий не замечает, что запрос разделился",
    },
    needs_list: "Проверить можно лишь перечисленные запросы: у случайной нагрузки порядков без числа.",
    too_many: |key, given, min, max| {
        format!(
            "Слишком много, чтобы проверить все порядки: {key} = {given}, можно от {min} до {max}."
        )
    },
    flaw_of_pool: "Известные изъяны — у пула: оставьте только эту модель.",
};
