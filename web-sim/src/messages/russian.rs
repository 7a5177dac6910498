//! The page in Russian.

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
    decimal: ',',
    group: '\u{a0}',
    seconds: "с",
    milliseconds: "мс",
    microseconds: "мкс",
    kib: "КиБ",
    mib: "МиБ",
};

/// All texts.
pub(super) const MESSAGES: Messages = Messages {
    numbers: NUMBERS,

    scenario: "Сценарий",
    scenario_title: scenario::title,
    scenario_hint: scenario::hint,
    models: "Модели",
    model_title,
    language: "Язык",
    theme_to_dark: "Включить тёмную тему",
    theme_to_light: "Включить светлую тему",
    theme_to_projector: "Включить тему для проектора: крупный шрифт",
    open: "Открыть…",
    open_hint: "Трасса (JSON Lines), записанная сервером или сохранённая этой страницей. Файл можно просто перетащить на страницу.",
    download: "Скачать",
    download_refused: "Этому фрейму не разрешено сохранять файлы.",
    code: "Код сервера",
    code_hint: "Из native-server/src/serve, как собран: строка, на которой стоит каждый поток.",
    code_coming: "Код загружается…",
    code_missing: "Код сервера получить не удалось.",
    code_server: "Заметить и решить",
    code_acceptor: "приём",
    code_decided: "сейчас",
    code_timers: |n| plural(n, ["таймер", "таймера", "таймеров"]),
    live: "Вживую",
    live_hint: "Показывает, что прямо сейчас делает сервер, с которого открыта эта страница. Шаг назад ставит на паузу.",
    live_name: "Работающий сервер",
    live_follows: "Показывается работающий сервер. Чтобы рассмотреть увиденное, поставьте на паузу или шагните назад.",
    live_paused: "Пауза: можно рассмотреть увиденное. «Вживую» продолжит с того, что будет тогда.",
    live_over: "Сервер остановился. Здесь остаётся то, что было видно последним.",
    live_lost: "Следить за сервером нельзя: его больше нет, он за собой не наблюдает или за ним уже следят столько, сколько можно.",
    lessons: "Уроки",
    lessons_coming: "Урок загружается…",
    lessons_missing: "Тексты уроков получить не удалось. Сам прогон на месте и работает.",
    first_lesson: "Сначала угадать, потом запустить: уроки",
    share: "Ссылка",
    link: "Ссылка на этот момент",
    link_file: "Открытый вами файл в ссылку не входит: передайте его отдельно.",
    link_long: "Послано столько, что иные программы эту ссылку обрежут.",
    embed: "Чтобы показать это на другой странице",
    embed_into: "Страница сделана в",
    copy: "Копировать",
    copied: "Скопировано",
    copy_refused: "Браузер не даёт копировать: выделите текст и скопируйте его сами.",
    keys: "Клавиши",
    close: "Закрыть",
    drop_here: "Отпустите трассу, чтобы открыть",
    recorded: "запись",
    simulated: "симуляция",
    conformance,
    ends_early,
    shortened: |played, all| {
        format!(
            "Первые {} запросов из {}; командная строка просчитывает все.",
            NUMBERS.count(played),
            NUMBERS.count(all)
        )
    },
    incomplete: "Последняя строка файла обрезана и пропущена.",
    part_missing: "Эту часть страницы не удалось загрузить. Попробуйте ещё раз.",
    part_of_other_build: "Страница тем временем обновилась: загрузите её заново.",
    bad_parameter: |bad| {
        format!(
            "{}: в адресе указано «{}», допустимо: {}",
            bad.parameter.name(),
            bad.given,
            bad.allowed
        )
    },
    unreadable: |name| format!("{name}: браузер не смог прочитать файл"),
    reading: |name, events| {
        format!("Читается {name}: пока {}.", plural(events, ["событие", "события", "событий"]))
    },
    full_page: "Открыть страницу целиком",

    stage: "Сцена",
    row_title,
    row_facts,
    clients: "Клиенты",
    backlog: "Очередь ядра",
    acceptor: "Приём",
    run_queue: "Очередь",
    threads: |model| match model {
        Model::Async | Model::Sharded => "Циклы",
        Model::Pool | Model::ForkJoin => "Рабочие потоки",
        Model::Single | Model::Spawn => "Потоки",
    },
    deque: |parts| format!("дек: {}", NUMBERS.count(parts)),
    helps: "помогает",
    ready: "готовы",
    on_timers: "спят",
    connections: |n| plural(n, ["соединение", "соединения", "соединений"]),
    cores: "Ядра",
    left: "Отвечено",
    unseen: "в записи не видно",
    acceptor_state: |state| match state {
        Acceptor::Accepts => "ждёт соединений",
        Acceptor::Answers => "занят ответом",
        Acceptor::Stopped => "стоит: нет места",
        Acceptor::Draining => "завершает работу",
        Acceptor::Drained => "работа завершена",
    },
    duty: |state| match state {
        WorkerState::Starting => "запускается",
        WorkerState::Idle => "свободен",
        WorkerState::Scheduled => "готов",
        WorkerState::Busy => "работает",
        WorkerState::Blocked => "спит",
        WorkerState::Joining => "ждёт часть",
    },
    time_left: |span| format!("ещё {span}"),
    core: |number| format!("ядро {number}"),
    core_free: "свободно",
    core_switches: "смена",
    core_shared: "общее",
    cores_shared: |n| format!("их делят {}", plural(n, ["поток", "потока", "потоков"])),
    waits: |span| format!("ждёт {span}"),
    served: |span| format!("уже {span}"),
    will_ask: |span| format!("через {span}"),
    asks_now: "сейчас",
    nobody: "никто не ждёт ответа",
    nobody_yet: "пока нет",
    empty: "пусто",
    more_clients: |waiting, served| {
        let parts = [
            (waiting, ["ждёт", "ждут", "ждут"]),
            (served, ["обслуживается", "обслуживаются", "обслуживаются"]),
        ];
        let parts: Vec<_> =
            parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| plural(n, what)).collect();
        format!("и ещё {}: {}", NUMBERS.count(waiting + served), parts.join(", "))
    },
    more_lanes,
    more_cores: |n, busy| format!("и ещё {n}: занято {busy}"),
    of_bound: |n, max| match max {
        Some(max) => format!("{} из {}", NUMBERS.count(n), NUMBERS.count(max)),
        None => format!("{} из ∞", NUMBERS.count(n)),
    },
    outcome: |outcome| match outcome {
        Outcome::Answered => "отвечен",
        Outcome::Failed => "сбой (500)",
        Outcome::Rejected => "отклонён (503)",
        Outcome::Dropped => "отброшен",
        Outcome::Lost => "клиент ушёл",
    },
    outcomes: |outcome, n| match outcome {
        Outcome::Answered => plural(n, ["отвечен", "отвечены", "отвечено"]),
        Outcome::Failed => plural(n, ["сбой (500)", "сбоя (500)", "сбоев (500)"]),
        Outcome::Rejected => plural(n, ["отклонён (503)", "отклонены (503)", "отклонено (503)"]),
        Outcome::Dropped => plural(n, ["отброшен", "отброшены", "отброшено"]),
        Outcome::Lost => plural(n, ["клиент ушёл", "клиента ушли", "клиентов ушло"]),
    },
    no_threads: "потоков нет",
    ask_why: |id| format!("Почему запрос {id} там, где он есть?"),
    state_waiting: "ждёт",

    now: "Сейчас",
    why_title: |why| {
        if why.waits {
            format!("Почему ждёт запрос {}?", why.request)
        } else {
            format!("Где запрос {}?", why.request)
        }
    },
    why: why::why,
    links: why::links,
    waited: why::waited,
    left_title: |id| format!("Что стало с запросом {id}?"),
    left_how: why::left_how,
    fate: why::fate,
    nobody_waits: "Никто не ждёт: каждый запрос в системе уже обслуживается.",
    all_done,
    recorded_intro: "Это запись того, что делал настоящий сервер.",
    simulated_intro: "Это прогон, просчитанный и сохранённый раньше.",
    intro_title: "Кому придётся ждать?",
    intro: [
        "Три клиента обращаются к веб-серверу: первый — за медленным /sleep, двое других — за быстрым /.",
        "Каждый ряд выше — тот же сервер, но соединения он распределяет по-своему.",
        "Запустите опыт и посмотрите, кому придётся ждать; шаг назад возможен всегда.",
    ],
    intro_button: "Запустить опыт",
    show_difference: "Показать, где они впервые расходятся",
    next_moment: |id| format!("Следующий момент запроса {id}"),
    any_request: "Тот, кто ждёт дольше всех",
    event: event::event,
    before_first: "Ещё ничего не произошло.",

    timeline: "Шкала времени",
    timeline_summary: |events, span| {
        let events = plural(events, ["событие", "события", "событий"]);
        format!("{events} за {span}; дорожка для каждого потока и каждого запроса.")
    },
    track: |name| match name {
        TrackName::Model(run) => MESSAGES.asking(run, model_title(run.model).to_owned()),
        TrackName::Thread(thread) => thread.to_string(),
        TrackName::MoreThreads { n, .. } => format!("ещё {}", NUMBERS.count(n)),
        TrackName::Request(id) => format!("запр. {id}"),
        TrackName::Waiting { most } => format!("ждут ≤ {}", NUMBERS.count(most)),
    },
    first_difference: "первое расхождение",
    zoom_in: "Ближе",
    zoom_out: "Дальше",
    fit: "Целиком",
    stretched: "Растянуть важное",
    stretched_hint: "Вдесятеро дольше — на шаг шире; иначе секунда есть секунда.",
    legend: |legend| match legend {
        Legend::Duty(Duty::Busy) => "работает",
        Legend::Duty(Duty::Blocked) => "заблокирован",
        Legend::Duty(Duty::Scheduled) => "готов",
        Legend::Duty(Duty::Idle) => "свободен",
        Legend::Steal => "украдено",
        Legend::Waiting => "ждёт",
    },
    events_table: "События таблицей",
    requests_table: "Запросы таблицей",
    column_event: "Событие",
    column_time: "Время",
    column_model: "Модель",
    column_what: "Что произошло",
    column_request: "Запрос",
    column_arrived: "Пришёл",
    column_waited: "Ждал",
    column_end: "Исход",

    controls: "Управление",
    to_start: "В начало",
    step_back: "Шаг назад",
    step: "Шаг",
    to_end: "В конец",
    play: "Пуск",
    pause: "Пауза",
    speed: "Скорость",
    speed_factor: |factor| match factor {
        "0.25" => "¼×".to_owned(),
        "0.5" => "½×".to_owned(),
        factor => format!("{factor}×"),
    },
    send: |path| format!("Послать {path}"),
    burst: "Залп ×10",
    burst_hint: |path| format!("Посылает {path} десять раз сразу"),
    cannot_send_closed: "Эти клиенты спрашивают снова, лишь получив ответ: больше никто не шлёт запросов.",
    cannot_send_trace: "Трасса — это то, что уже было: послать в неё ничего нельзя.",
    position: |done, all| format!("событие {} из {}", NUMBERS.count(done), NUMBERS.count(all)),
    futures: "Варианты будущего",
    branch: |cause, path, at| match cause {
        Cause::Opened => "исходный".to_owned(),
        Cause::Sent(Sent { count: 1, .. }) => format!("+ {path} в {at}"),
        Cause::Sent(Sent { count, .. }) => format!("+ {count} × {path} в {at}"),
        Cause::Set => "другие настройки".to_owned(),
    },

    settings: "Сервер и компьютер",
    settings_hint: "Любое изменение пересчитывает всё заново с тем же зерном.",
    workers: "Рабочие потоки",
    queue_bound: "В очереди помещается",
    unbounded: "сколько угодно",
    on_full: "Когда она полна",
    policy: |policy| match policy {
        OnFull::DropOldest => "выбросить старейший",
        OnFull::Reject => "отклонять (503)",
        OnFull::Wait => "не принимать новых",
    },
    costs: "Издержки этого компьютера",
    costs_hint: "«native-server calibrate» измеряет настоящий компьютер и печатает ссылку с этими величинами.",
    costs_own: "Как в сценарии",
    cost_switch: "Переключение потоков",
    cost_spawn: "Запуск потока",
    cost_dispatch: "Передача запроса рабочему потоку",
    cost_accept: "Работа сервера над запросом",
    for_pool: "пулы",
    for_workers: "пулы, циклы",
    so_far: "На этот момент",
    answered: "отвечено",
    throughput: "отвечено/\u{2060}с",
    in_system: "в системе",
    waiting_now: "ждут",
    longest_now: "дольше всех ждёт",
    rejected: "отклонено (503)",
    failed: "сбоев (500)",
    dropped: "отброшено ядром",
    lost: "клиент ушёл",
    threads_most: "потоков, макс.",
    wait_median: "ожидание, медиана",
    wait_p99: "ожидание, p99",
    stacks: "память под стеки",
    digest: "дайджест",
    theory: "Что об этом прогоне говорит теория",
    computing: "Вычисляется…",
    checker: "Проверить все порядки событий",
    checker_hint: "Перебирает все порядки, в которых эти немногие запросы могут прийти, выполняться и завершиться при первой из показанных моделей.",
    flaw: "С изъяном",
    no_flaw: "без изъяна",
    check: "Проверить",
    check_stop: "Остановить",
    holds: "верно",
    is_broken: "нарушено",
    not_reached: "не встретилось",
    check_progress: |states, depth| {
        let states = plural(states, ["состояние", "состояния", "состояний"]);
        format!("Пока {states}, глубина {}.", plural(depth, ["шаг", "шага", "шагов"]))
    },
    check_over: |states, broken| {
        let states = plural(states, ["состояние", "состояния", "состояний"]);
        format!("Просмотрено: {states}. Нарушено свойств: {}.", NUMBERS.count(broken))
    },
    counterexample: |events| {
        format!("Показать: {}", plural(events, ["событие", "события", "событий"]))
    },

    what_if: "А если бы?",
    what_if_hint: "Что с теми же запросами сделал бы другой сервер: приходы и затраты — из этой трассы, остальное считается здесь.",
    what_if_one: "Испытать этот сервер",
    what_if_all: "Испытать все шесть моделей",
    on_stage: "На сцену",

    keys_title: "Клавиши",
    key_list: [
        ("→", "шаг"),
        ("←", "шаг назад"),
        ("Home", "в начало"),
        ("End", "в конец"),
        ("Space", "пуск или пауза"),
        ("n", "следующий момент запроса, о котором спрошено"),
        ("d", "где модели впервые расходятся"),
        ("l", "следить за сервером, с которого открыта страница"),
        ("f", "послать быстрый запрос"),
        ("s", "послать медленный запрос"),
        ("b", "залп из десяти"),
        ("Esc", "не спрашивать о каком-то одном запросе"),
        ("?", "этот список"),
    ],
    letter_keys: "Буквы, ? и пробел работают как клавиши",
};

const fn model_title(model: Model) -> &'static str {
    match model {
        Model::Single => "Один поток",
        Model::Spawn => "Поток на каждое соединение",
        Model::Pool => "Пул потоков",
        Model::ForkJoin => "Пул, разделяющий запросы",
        Model::Async => "Цикл событий",
        Model::Sharded => "Несколько циклов событий",
    }
}

fn row_title(model: Model, workers: u64) -> String {
    match model {
        Model::Pool => format!("Пул: {}", plural(workers, ["поток", "потока", "потоков"])),
        _ => model_title(model).to_owned(),
    }
}

fn row_facts(facts: &RowFacts) -> String {
    let threads = plural(facts.n_threads, ["поток", "потока", "потоков"]);
    let cores = facts.n_cores.map(|n| plural(n, ["ядро", "ядра", "ядер"]));
    let stacks = format!("{} под стеки", facts.stack);
    let queue = facts.queue.map(|(n, max)| format!("в очереди {}", (MESSAGES.of_bound)(n, max)));
    let parts = [Some(threads), queue, cores, Some(stacks)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn more_lanes(tally: &Tally) -> String {
    let parts = [
        (tally.blocked, ["заблокирован", "заблокированы", "заблокировано"]),
        (tally.busy, ["работает", "работают", "работают"]),
        (tally.scheduled, ["готов", "готовы", "готовы"]),
        (tally.idle, ["свободен", "свободны", "свободны"]),
    ];
    let parts: Vec<_> =
        parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| plural(n, what)).collect();
    format!("и ещё {}: {}", NUMBERS.count(tally.n), parts.join(", "))
}

fn conformance(judgement: &Judgement) -> String {
    match &judgement.difference {
        None => {
            let decisions = plural(judgement.decisions, ["решение", "решения", "решений"]);
            format!("соответствует модели: {decisions}")
        }
        Some(difference) => format!(
            "расходится с моделью на событии {}: у модели {}, в файле {}",
            difference.seq, difference.expected, difference.found
        ),
    }
}

fn ends_early(seq: usize, why: &str) -> String {
    format!("Показано до события {}: событие {seq} не может следовать ({why}).", seq - 1)
}

fn all_done(arrived: u64, answered: u64) -> String {
    if arrived == answered {
        let arrived = plural(arrived, ["запрос", "запроса", "запросов"]);
        format!("Ответы получены: {arrived}. Дольше всего ждали:")
    } else {
        format!(
            "Ответов {} на {}. Дольше всего ждали:",
            NUMBERS.count(answered),
            plural(arrived, ["запрос", "запроса", "запросов"])
        )
    }
}

fn instant(at: scheduler_model::SimTime) -> String {
    NUMBERS.about(at.since(scheduler_model::SimTime::ZERO))
}

/// Один поток, два потока, пять потоков; одиннадцать потоков, двадцать один поток.
pub(crate) fn plural(n: u64, forms: [&str; 3]) -> String {
    let form = match (n % 10, n % 100) {
        (_, 11..=14) => forms[2],
        (1, _) => forms[0],
        (2..=4, _) => forms[1],
        _ => forms[2],
    };
    format!("{} {form}", NUMBERS.count(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_client_waits_and_two_wait() {
        let shown =
            [(1, 0), (2, 1)].map(|(waiting, served)| (MESSAGES.more_clients)(waiting, served));
        assert_eq!(shown, ["и ещё 1: 1 ждёт", "и ещё 3: 2 ждут, 1 обслуживается"]);
    }

    #[test]
    fn plurals_follow_the_last_digits() {
        let threads = |n| plural(n, ["поток", "потока", "потоков"]);
        let shown: Vec<_> = [0, 1, 2, 5, 11, 12, 21, 22, 111, 1001].map(threads).to_vec();
        let expected = [
            "0 потоков",
            "1 поток",
            "2 потока",
            "5 потоков",
            "11 потоков",
            "12 потоков",
            "21 поток",
            "22 потока",
            "111 потоков",
            "1001 поток",
        ];
        assert_eq!(shown, expected);
    }
}
