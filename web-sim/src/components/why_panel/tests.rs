//! What the panel says, in both languages, of runs of every model.

use std::rc::Rc;

use scheduler_model::{Model, RequestId, Scenario, SimTime};

use super::*;
use crate::messages::Language;
use crate::player::Player;
use crate::run::Run;

/// `/sleep` sleeps a second, `/spin` computes for one, `/sum` is split once; at these ms.
fn run(model: Model, workers: u32, cores: u32, asked: &[(u32, &str)]) -> Rc<Run> {
    let arrivals: Vec<_> = asked
        .iter()
        .map(|(at_ms, path)| format!("[[arrive]]\nat_ms = {at_ms}\npath = '{path}'\n"))
        .collect();
    let text = format!(
        "[server]\nmodel = '{}'\nworkers = {workers}\n\
         [machine]\ncores = {cores}\ncontext_switch_us = 0\ndispatch_us = 0\nspawn_us = 0\n\
         [[request]]\npath = '/sleep'\nsleep_ms = 1000\n\
         [[request]]\npath = '/spin'\ncpu_us = 1000000\n\
         [[request]]\npath = '/sum'\ncpu_us = 0\nfork = {{ depth = 1, leaf_cpu_us = 500000 }}\n{}",
        model.name(),
        arrivals.concat()
    );
    Run::simulated(&Scenario::from_toml("why.toml", &text).unwrap().0, model)
}

/// What is said at this ms about a request, in English and in Russian, without the title, and with a
/// plain space before each unit.
fn said(runs: &[Rc<Run>], at_ms: u64, request: u64) -> [String; 2] {
    let player = Player::new(runs.to_vec()).at_moment(SimTime::from_nanos(at_ms * 1_000_000));
    let panel = why::panel(&player, Some(RequestId(request)));
    Language::ALL.map(|language| {
        let text = sentence(language.messages(), &panel).replace('\u{a0}', " ");
        text.split_once("? ").map(|(_, text)| text.to_owned()).unwrap_or(text)
    })
}

/// What is said of a request is this, in English and in Russian.
#[track_caller]
fn assert_said(runs: &[Rc<Run>], at_ms: u64, request: u64, english: &str, russian: &str) {
    assert_eq!(said(runs, at_ms, request), [english, russian]);
}

#[test]
fn one_that_waits_for_a_core_is_told_who_has_it() {
    let pool = [run(Model::Pool, 2, 1, &[(0, "/spin"), (0, "/spin"), (1, "/sleep")])];
    assert_said(
        &pool,
        2,
        2,
        "W2 has it, but the only core is taken: 1 of 1 run other threads. W1 has the core for request 1, which runs.",
        "Его получил W2, но единственное ядро занято: на 1 из 1 идут другие потоки. W1 занимает ядро ради запроса 1, который выполняется.",
    );
}

#[test]
fn one_that_waits_for_a_worker_is_told_what_that_one_waits_for() {
    let pool = [run(Model::Pool, 2, 1, &[(0, "/spin"), (0, "/spin"), (1, "/sleep")])];
    assert_said(
        &pool,
        4,
        3,
        "Both workers are taken (0 asleep, 2 at work). The first to be free is W1, about to run in /spin for request 1. It is next. W1 has request 1, which waits for its turn on a core; W2 has the core for request 2, which runs.",
        "Заняты оба рабочих потока: 0 спят, 2 работают. Первым освободится W1: он вот-вот начнёт в /spin ради запроса 1. Он следующий. W1 занят запросом 1, который ждёт своей очереди на ядро; W2 занимает ядро ради запроса 2, который выполняется.",
    );
    assert_said(
        &pool,
        2000,
        3,
        "It is being served: W1 sleeps for it until 2.999 s, and does nothing else meanwhile. It waited 2.00 s: 999 ms for request 1, which ran; 999 ms for request 1, which waited for a core that request 2 had.",
        "Он обслуживается: W1 спит ради него до 2,999 с и больше ничего не делает. Он ждал 2,00 с: 999 мс, пока выполнялся запрос 1; 999 мс, пока запрос 1 ждал ядро, которое занимал запрос 2.",
    );
}

#[test]
fn behind_a_single_thread_it_waited_in_the_backlog_for_one_after_the_other() {
    let single = [run(Model::Single, 1, 1, &[(0, "/sleep"), (10, "/spin"), (20, "/sleep")])];
    assert_said(
        &single,
        5000,
        3,
        "On one thread: answered. It waited 1.98 s: 980 ms in the accept backlog for request 1, which slept; 1.00 s in the accept backlog for request 2, which ran.",
        "На одном потоке: отвечен. Он ждал 1,98 с: 980 мс в очереди ядра, пока спал запрос 1; 1,00 с в очереди ядра, пока выполнялся запрос 2.",
    );
    assert_said(
        &single,
        5000,
        1,
        "On one thread: answered. It did not wait.",
        "На одном потоке: отвечен. Он не ждал.",
    );
}

#[test]
fn with_a_thread_of_its_own_it_waited_for_a_core() {
    let spawn = [run(Model::Spawn, 1, 1, &[(0, "/spin"), (10, "/spin")])];
    assert_said(
        &spawn,
        11,
        2,
        "T2 has it, but the only core is taken: 1 of 1 run other threads. T1 has the core for request 1, which runs.",
        "Его получил T2, но единственное ядро занято: на 1 из 1 идут другие потоки. T1 занимает ядро ради запроса 1, который выполняется.",
    );
    assert_said(
        &spawn,
        1500,
        2,
        "It is being served: T2 runs it. It waited 2 ms for a core that request 1 had.",
        "Он обслуживается: его выполняет T2. Он ждал 2 мс, пока ядро занимал запрос 1.",
    );
}

#[test]
fn in_a_loop_it_waited_for_the_loop_and_then_sleeps_on_a_timer() {
    let looped = [run(Model::Async, 1, 1, &[(0, "/spin"), (10, "/sleep")])];
    assert_said(
        &looped,
        11,
        2,
        "The only thread, L1, is busy in /spin for request 1 until 1.000 s. It is next.",
        "Единственный поток L1 работает в /spin ради запроса 1 до 1,000 с. Он следующий.",
    );
    assert_said(
        &looped,
        1500,
        2,
        "It is being served: its handler sleeps on a timer, and the loop is free. It waited 990 ms for request 1, which ran.",
        "Он обслуживается: обработчик спит по таймеру, цикл свободен. Он ждал 990 мс, пока выполнялся запрос 1.",
    );
}

#[test]
fn behind_a_join_it_waited_for_the_part_that_was_stolen() {
    let split = [run(Model::ForkJoin, 2, 1, &[(0, "/sum"), (10, "/spin"), (20, "/sleep")])];
    assert_said(
        &split,
        1500,
        2,
        "It is being served: W2 runs it. It waited 990 ms: 494 ms for request 1, which waited for its turn on a core; 494 ms for request 1, which ran; 2 ms for request 1, which waited for a part that another worker had stolen.",
        "Он обслуживается: его выполняет W2. Он ждал 990 мс: 494 мс, пока запрос 1 ждал ядро; 494 мс, пока выполнялся запрос 1; 2 мс, пока запрос 1 ждал часть, украденную другим потоком.",
    );
    assert_said(
        &split,
        999,
        2,
        "Both threads are taken (0 asleep, 2 at work). The first to be free is W1, waiting for a stolen part in /sum for request 1. It is next.",
        "Заняты оба потока: 0 спят, 2 работают. Первым освободится W1: он ждёт украденную часть в /sum ради запроса 1. Он следующий.",
    );
}

#[test]
fn one_that_has_left_every_run_is_told_of_in_each() {
    let asked = [(0, "/sleep"), (10, "/sleep")];
    let both = [run(Model::Single, 1, 1, &asked), run(Model::Spawn, 1, 1, &asked)];
    assert_said(
        &both,
        5000,
        2,
        "On one thread: answered. It waited 990 ms in the accept backlog for request 1, which slept. With a thread of its own: answered. It did not wait.",
        "На одном потоке: отвечен. Он ждал 990 мс в очереди ядра, пока спал запрос 1. Со своим потоком: отвечен. Он не ждал.",
    );
}

#[test]
fn of_many_reasons_a_few_are_named() {
    let many = [run(Model::Pool, 1, 1, &[(0, "/sleep"); 6])];
    assert_said(
        &many,
        20_000,
        6,
        "In the pool: answered. It waited 5.00 s: 1.00 s for request 1, which slept; 1.00 s for request 2, which slept; 1.00 s for request 3, which slept; 1.00 s for request 4, which slept; 1.00 s for other reasons.",
        "В пуле: отвечен. Он ждал 5,00 с: 1,00 с, пока спал запрос 1; 1,00 с, пока спал запрос 2; 1,00 с, пока спал запрос 3; 1,00 с, пока спал запрос 4; 1,00 с по другим причинам.",
    );
}
