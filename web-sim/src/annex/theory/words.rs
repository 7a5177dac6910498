//! What is said of theory, in each language. English has the model's own words.

use scheduler_model::theory::{Basis, Reason};

use crate::messages::Language;

/// The words of one language.
pub(super) struct Words {
    /// Over the figures: their name, the run's, the theory's.
    pub(super) columns: [&'static str; 3],
    /// Mean and 99th percentile of waiting and of staying, who waited, and utilisation.
    pub(super) figures: [&'static str; 6],
    /// Answered, rejected, dropped, threads.
    pub(super) counts: [&'static str; 4],
    /// What the figures stand on.
    pub(super) basis: fn(&Basis) -> String,
    /// Why there are none.
    pub(super) reason: fn(&Reason) -> String,
    pub(super) no_theory: fn(&str) -> String,
    /// The run breaks a law of the model.
    pub(super) broken: &'static str,
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
    columns: ["", "simulated, with its 99 % interval", "theory"],
    figures: [
        "mean wait",
        "wait, p99",
        "mean time in the system",
        "time in the system, p99",
        "had to wait",
        "utilisation",
    ],
    counts: ["answered", "rejected (503)", "dropped by the kernel", "threads, most"],
    basis: |basis| basis.to_string(),
    reason: |reason| reason.to_string(),
    no_theory: |reason| format!("Theory has no exact figures here: {reason}."),
    broken: "The run breaks a law of the model: there are no figures to compare.",
};

const RUSSIAN: Words = Words {
    columns: ["", "симуляция, с 99-процентным интервалом", "теория"],
    figures: [
        "среднее ожидание",
        "ожидание, p99",
        "среднее время в системе",
        "время в системе, p99",
        "пришлось ждать",
        "загрузка",
    ],
    counts: ["отвечено", "отклонено (503)", "сброшено ядром", "потоков, наибольшее"],
    basis: russian_basis,
    reason: russian_reason,
    no_theory: |reason| format!("Точных значений теория здесь не даёт: {reason}."),
    broken: "Прогон нарушает закон модели: сравнивать нечего.",
};

fn russian_basis(basis: &Basis) -> String {
    match *basis {
        Basis::Closed { clients, workers } => {
            format!("замкнутая система: клиентов {clients}, рабочих {workers} (задача о ремонте)")
        }
        Basis::ClosedLoops { clients, loops } => format!(
            "замкнутая сеть: клиентов {clients}, циклов {loops}, задержки (анализ средних значений)"
        ),
        Basis::ClosedSharing { clients, cores } => {
            format!("замкнутая сеть: клиентов {clients}, общих ядер {cores}, задержки (BCMP)")
        }
        Basis::Counted => "перечисленные запросы с постоянной работой, сосчитаны по одному".into(),
        Basis::Loops { loops: 1 } => {
            "M/G/1 для процессорного времени цикла (Поллачек — Хинчин), затем задержка, которая \
             ничего не занимает"
                .into()
        }
        Basis::Loops { loops } => format!(
            "M/G/1 для каждого из циклов ({loops}; Поллачек — Хинчин), затем задержка, которая \
             ничего не занимает"
        ),
        Basis::Loss { workers } => format!("M/G/{workers}/{workers} (формула Эрланга B)"),
        Basis::Mg1 => "M/G/1 (Поллачек — Хинчин)".into(),
        Basis::Mmc { workers } => format!("M/M/{workers} (формула Эрланга C)"),
        Basis::Mmck { workers, capacity } => format!("M/M/{workers}/{capacity}"),
        Basis::Sharing { cores } => format!(
            "разделение процессора (ядер: {cores}) с границей на число потоков и задержкой (BCMP)"
        ),
        ref other => other.to_string(),
    }
}

fn russian_reason(reason: &Reason) -> String {
    match *reason {
        Reason::BoundedRoom { capacity } => format!(
            "мест всего {capacity}, иногда они заняты все, а у M/G/1/K с неэкспоненциальным \
             обслуживанием простой формулы нет"
        ),
        Reason::ClosedGeneral => "клиенты ждут обслуживания друг друга, а оно не экспоненциально: \
             у такой замкнутой системы с очередью формулы нет"
            .into(),
        Reason::CoresShared { workers, cores } => format!(
            "рабочие ({workers}) делят ядра ({cores}), а процессорное время не экспоненциально: \
             нельзя забыть ни их число, ни сколько каждый уже отработал"
        ),
        Reason::DropsOldest => {
            "отбрасывание самого старого меняет, кто ждёт, и времена оставшихся \
             неизвестны"
                .into()
        }
        Reason::Faults => {
            "в сценарии случаются неполадки (`[[fault]]`), а теория очередей — о том, \
             что длится вечно"
                .into()
        }
        Reason::Forks { workers } => format!(
            "запросы делятся на части, которые рабочие ({workers}) крадут друг у друга: известны \
             лишь границы, снизу T₁/P и T∞, сверху T₁/P + T∞"
        ),
        Reason::GeneralService { workers } => {
            format!("у M/G/{workers} нет точной формулы: время обслуживания не экспоненциально")
        }
        Reason::Horizon => {
            "прогон остановлен раньше, чем отвечен последний запрос (`horizon_ms`)".into()
        }
        Reason::ManyListed { requests, max } => {
            format!("перечисленных запросов {requests}: по одному считают не больше {max}")
        }
        Reason::NoLoad => "никто ничего не просит: нагрузки нет".into(),
        Reason::NoRoom => "места нет ни для одного запроса".into(),
        Reason::NoTime => "клиенты не думают, а обслуживают их или отклоняют тут же: в одно \
             мгновение они просят без конца"
            .into(),
        Reason::Overhead { key } => format!(
            "`{key}` не равно 0: учебная очередь не знает других затрат, кроме обслуживания, а \
             приближение выглядело бы точным"
        ),
        Reason::Patience => {
            "клиенты уходят (`patience_ms`) через постоянное время, для этого простой формулы нет"
                .into()
        }
        Reason::RandomDemand => "у перечисленных запросов со случайной работой нет ни \
             установившегося режима, ни времён, которые можно сосчитать"
            .into(),
        Reason::RandomLoop { loops } => format!(
            "какому из циклов ({loops}) достанется перечисленный запрос, решает жребий, и теории \
             он неизвестен"
        ),
        Reason::SleepHoldsWorker { workers, cores } => format!(
            "сон занимает рабочего, и запросу нужны рабочий (их {workers}), а часть времени ещё и \
             ядро (их {cores}): двое сразу, для этого формулы нет"
        ),
        Reason::Replayed => {
            "у каждого запроса своя работа, какой она была записана: таких законов нет".into()
        }
        Reason::StillFilling { capacity } => format!(
            "приходит больше, чем можно обслужить, и прогон кончается раньше или вскоре после \
             того, как заняты все места ({capacity}): установившегося режима нет"
        ),
        Reason::ThreadsRunOut { threads } => {
            format!("запросов сразу больше {threads}, и потока для каждого не найти")
        }
        Reason::Turns => "потоки сменяются на ядрах по очереди, а теория точна лишь для смен без \
             длины (`quantum_us = 0`) или для экспоненциального процессорного времени"
            .into(),
        Reason::Unstable { utilisation } => {
            let times = format!("{utilisation:.3}").replace('.', ",");
            format!("очередь растёт без конца: приходит в {times} раза больше, чем можно обслужить")
        }
        ref other => other.to_string(),
    }
}
