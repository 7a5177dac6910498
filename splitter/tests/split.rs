//! Small modules, whole and split in every way: the two halves do what the one did.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use splitter::{COUNTED, FIRST, Halves, Profile, counted, split};
use wasmi::{AsContextMut, Caller, Engine, Func, Instance, Linker, Module, Store, Val};

/// What can go wrong between two modules: calls both ways, calls through the table, two that call each
/// other, a reference to a function, memory, a global, an imported function, many arguments, one result
/// and several. `PAD` makes code long enough to be worth moving.
const WHOLE: &str = r#"(module
  (type $unary (func (param i32) (result i32)))
  (import "host" "fetch" (func $fetch))
  (import "host" "tell" (func $tell (param i32)))
  (memory (export "memory") 1)
  (table 6 6 funcref)
  (global $count (mut i32) (i32.const 0))
  (elem (i32.const 1) $double $triple)
  (elem (i32.const 4) func $triple)
  (elem declare func $double)
  (data (i32.const 8) "\07")
  (func $load (export "load") (call $fetch))
  (func $even (export "even") (param $n i32) (result i32) PAD
    (if (result i32) (i32.eqz (local.get $n))
      (then (i32.const 1))
      (else (call $odd (i32.sub (local.get $n) (i32.const 1))))))
  (func $odd (param $n i32) (result i32) PAD
    (if (result i32) (i32.eqz (local.get $n))
      (then (i32.const 0))
      (else (call $even (i32.sub (local.get $n) (i32.const 1))))))
  (func $double (param i32) (result i32) PAD
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.mul (local.get 0) (i32.const 2)))
  (func $triple (param i32) (result i32) PAD
    (call $tell (local.get 0))
    (i32.mul (local.get 0) (i32.const 3)))
  (func $indirect (export "indirect") (param $place i32) (param $with i32) (result i32) PAD
    (call_indirect (type $unary) (local.get $with) (local.get $place)))
  (func $refer (export "refer") (param i32) (result i32) PAD
    (table.set (i32.const 5) (ref.func $double))
    (call $indirect (i32.const 5) (local.get 0)))
  (func $many (param i32 i64 f32 f64) (result f64 i32) PAD
    (f64.add (f64.convert_i32_s (local.get 0))
      (f64.add (f64.convert_i64_s (local.get 1))
        (f64.add (f64.promote_f32 (local.get 2)) (local.get 3))))
    (global.get $count))
  (func $sum (export "sum") (param i32) (result i32)
    (local $n i32) PAD
    (call $many (local.get 0) (i64.const 20) (f32.const 0.5) (f64.const 1.5))
    (local.set $n)
    (i32.add (i32.trunc_f64_s) (local.get $n)))
  (func $remember (export "remember") (param i32) (result i32) PAD
    (i32.store (i32.const 8) (i32.add (local.get 0) (i32.load8_u (i32.const 8))))
    (i32.load (i32.const 8))))"#;

/// What can go wrong where a part of a function becomes a function: locals that go in and out, ways out to
/// constructs around it, one after the other and by table, out of loops and back to their beginning, returns
/// with a value, values left on the stack, code after which nothing follows.
const PARTS: &str = r#"(module
  (import "host" "fetch" (func $fetch))
  (import "host" "tell" (func $tell (param i32)))
  (memory (export "memory") 1)
  (table 0 funcref)
  (func $load (export "load") (call $fetch))
  (func $walk (export "walk") (param $n i32) (param $kind i32) (result i32)
    (local $sum i32) (local $i i32) (local $wide i64) (local $real f64)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (if (i32.and (local.get $i) (local.get $kind))
          (then PAD
            (local.set $sum (i32.add (local.get $sum) (local.get $i)))
            (local.set $wide (i64.add (local.get $wide) (i64.const 3)))
            (br_if $done (i32.gt_u (local.get $sum) (i32.const 50)))
            (br_if $next (i32.eq (local.get $i) (i32.const 3)))
            (if (i32.eq (local.get $sum) (i32.const 33)) (then PAD (return (i32.const 777))))
            (local.set $real (f64.add (local.get $real) (f64.const 0.5))))
          (else PAD
            (call $tell (local.get $i))
            (block $other
              (block $more
                (br_table $next $more $done $other (i32.rem_u (local.get $i) (i32.const 7))))
              PAD
              (local.set $sum (i32.add (local.get $sum) (i32.const 100)))
              (br $next))
            (local.set $sum (i32.mul (local.get $sum) (i32.const 2)))))
        (local.set $sum
          (i32.add (local.get $sum)
            (if (result i32) (i32.eq (local.get $kind) (i32.const 2))
              (then PAD (i32.mul (local.get $i) (i32.const 5)))
              (else PAD (i32.trunc_f64_s (local.get $real))))))
        (br $next)))
    (i32.add (local.get $sum) (i32.wrap_i64 (local.get $wide))))
  (func $choose (export "choose") (param $a i32) (param $b i32) (result i32)
    (block $first
      (block $second
        (br_if $second (i32.eqz (local.get $a)))
        PAD
        (br_if $first (i32.eq (local.get $b) (i32.const 1)))
        (if (i32.gt_u (local.get $b) (i32.const 5)) (then (unreachable)))
        (local.set $a (i32.const 40)))
      PAD
      (local.set $b (i32.add (local.get $a) (i32.const 2)))
      (return (local.get $b)))
    PAD
    (i32.sub (local.get $b) (local.get $a)))
  (func $tail (export "tail") (param $a i32) (param $b i32) (result i32)
    (if (i32.eq (local.get $a) (i32.const 9)) (then PAD (call $tell (local.get $a)) (unreachable)))
    (block $out (result i32)
      (drop (br_if $out (i32.const 5) (i32.eq (local.get $b) (i32.const 2))))
      PAD
      (i32.add (i32.const 1) (block $in (result i32)
        PAD (br_if $out (i32.const 6) (local.get $a)) (drop) (i32.const 70))))))"#;

/// Calls of what a module exports.
type Calls<'a> = &'a [(&'a str, &'a [i32])];

const CALLS: Calls<'_> = &[
    ("even", &[7]),
    ("indirect", &[1, 21]),
    ("indirect", &[2, 5]),
    ("sum", &[3]),
    ("remember", &[5]),
    ("indirect", &[4, 6]),
    ("refer", &[8]),
    ("even", &[10]),
    ("remember", &[1]),
    ("sum", &[4]),
];

/// What the host knows while a module runs.
#[derive(Default)]
struct Host {
    told: Vec<i32>,
    first: Option<Instance>,
    n_fetched: usize,
}

/// What came of something that ran: the result of each call where it had one, what the host was told,
/// and how often it was asked for the rest.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    results: Vec<Option<i32>>,
    told: Vec<i32>,
    n_fetched: usize,
}

fn run(first: &[u8], rest: Option<&[u8]>, calls: Calls<'_>) -> Outcome {
    let engine = Engine::default();
    let first = Module::new(&engine, first).unwrap();
    let rest = rest.map(|rest| Module::new(&engine, rest).unwrap());
    let mut store = Store::new(&engine, Host::default());
    let fetch = Func::wrap(&mut store, move |mut caller: Caller<'_, Host>| {
        caller.data_mut().n_fetched += 1;
        let first = caller.data().first.expect("it calls after it has started");
        add(&mut caller, first, rest.as_ref().expect("a whole module asks for no rest"));
    });
    let instance = start(&mut store, &first, fetch);
    store.data_mut().first = Some(instance);
    let call = |(name, arguments): &(&str, &[i32])| {
        let function = instance.get_func(&store, name).unwrap();
        let arguments: Vec<Val> = arguments.iter().copied().map(Val::I32).collect();
        let mut results = [Val::I32(0)];
        function.call(&mut store, &arguments, &mut results).ok()?;
        results[0].i32()
    };
    let results = calls.iter().map(call).collect();
    let Host { told, n_fetched, .. } = store.into_data();
    Outcome { results, told, n_fetched }
}

fn start(store: &mut Store<Host>, module: &Module, fetch: Func) -> Instance {
    let tell = Func::wrap(&mut *store, |mut caller: Caller<'_, Host>, what: i32| {
        caller.data_mut().told.push(what);
    });
    let mut linker = Linker::new(module.engine());
    linker.define("host", "fetch", fetch).unwrap().define("host", "tell", tell).unwrap();
    linker.instantiate_and_start(store, module).unwrap()
}

/// Starts the rest around the first.
fn add(mut store: impl AsContextMut<Data = Host>, first: Instance, rest: &Module) {
    let mut linker = Linker::new(rest.engine());
    let exports = first.exports(&store);
    let exports: Vec<_> =
        exports.map(|export| (export.name().to_owned(), export.into_extern())).collect();
    for (name, export) in exports {
        linker.define(FIRST, &name, export).unwrap();
    }
    linker.instantiate_and_start(&mut store, rest).unwrap();
}

fn module(text: &str) -> Vec<u8> {
    wat::parse_str(text.replace("PAD", &"(nop)".repeat(99))).unwrap()
}

fn profile(text: &str) -> Profile {
    Profile::parse(text).unwrap()
}

fn assert_split_alike(whole: &[u8], halves: &Halves, calls: Calls<'_>) {
    let mut expected = run(whole, None, calls);
    let outcome = run(&halves.first, Some(&halves.rest), calls);
    expected.n_fetched = outcome.n_fetched;
    assert_eq!(outcome, expected);
    assert!(outcome.n_fetched <= 1, "{outcome:?}");
}

#[test]
fn however_functions_are_split_they_do_what_they_did() {
    let whole = module(WHOLE);
    let Outcome { results, told, .. } = run(&whole, None, CALLS);
    let results: Vec<i32> = results.into_iter().flatten().collect();
    assert_eq!(results, [0, 42, 15, 26, 12, 18, 16, 1, 13, 28]);
    assert_eq!(told, [5, 6]);
    let free = ["even", "odd", "double", "triple", "indirect", "refer", "many", "sum", "remember"];
    for choice in 0..1_u32 << free.len() {
        let ran = (0..).zip(free).filter(|(place, _)| choice >> place & 1 == 1);
        let ran: Vec<&str> = ran.map(|(_, name)| name).collect();
        let halves = split(&whole, "load", &profile(&ran.join("\n"))).unwrap();
        assert_eq!(halves.n_moved, free.len() - ran.len());
        assert_split_alike(&whole, &halves, CALLS);
    }
}

proptest! {
    #[test]
    fn however_parts_of_functions_are_split_they_do_what_they_did(
        ran in prop::collection::btree_set(0_usize..70, 0..70),
    ) {
        static WHOLES: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| [module(WHOLE), module(PARTS)]);
        for (whole, text) in WHOLES.iter().zip([WHOLE, PARTS]) {
            let learnt = Profile::learn(whole, &ran).unwrap();
            prop_assert_eq!(&profile(&learnt.to_string()), &learnt);
            let halves = split(whole, "load", &learnt).unwrap();
            if text == WHOLE {
                assert_split_alike(whole, &halves, CALLS);
                continue;
            }
            let arguments: Vec<[i32; 2]> =
                (0..12).flat_map(|n| [0, 1, 2, 3].map(|kind| [n, kind])).collect();
            let calls = |with| ["walk", "choose", "tail"].map(|name| (name, with));
            let calls: Vec<(&str, &[i32])> =
                arguments.iter().flat_map(|with| calls(with.as_slice())).collect();
            assert_split_alike(whole, &halves, &calls);
        }
    }
}

/// What is learnt of [`PARTS`] when `choose` returns at its first branch, and nothing else runs.
fn profile_of_choose(whole: &[u8]) -> Profile {
    let counted = counted(whole).unwrap();
    let engine = Engine::default();
    let mut store = Store::new(&engine, Host::default());
    let fetch = Func::wrap(&mut store, || {});
    let instance = start(&mut store, &Module::new(&engine, &counted).unwrap(), fetch);
    let choose = instance.get_func(&store, "choose").unwrap();
    choose.call(&mut store, &[Val::I32(1), Val::I32(1)], &mut [Val::I32(0)]).unwrap();
    let memory = instance.get_memory(&store, COUNTED).unwrap();
    let ran = memory.data(&store).iter().enumerate().filter(|(_, ran)| **ran == 1);
    let ran: BTreeSet<usize> = ran.map(|(place, _)| place).collect();
    Profile::learn(whole, &ran).unwrap()
}

#[test]
fn a_part_that_did_not_run_is_moved_and_fetched_when_it_does() {
    let whole = module(PARTS);
    let halves = split(&whole, "load", &profile_of_choose(&whole)).unwrap();
    // Two functions, and the part of the third that leads to its first return.
    assert_eq!(halves.n_moved, 3);
    let run = |calls| run(&halves.first, Some(&halves.rest), calls);
    let seen = run(&[("choose", &[1, 1])]);
    assert_eq!((seen.results, seen.n_fetched), (vec![Some(0)], 0));
    let seen = run(&[("choose", &[1, 1]), ("choose", &[1, 2]), ("choose", &[1, 9])]);
    assert_eq!((seen.results, seen.n_fetched), (vec![Some(0), Some(42), None], 1));
}

#[test]
fn a_profile_of_other_code_moves_no_parts() {
    let whole = module(PARTS);
    let names = profile("walk\nchoose\t0123456789abcdef\t4\ntail");
    assert_eq!(split(&whole, "load", &names).unwrap().n_moved, 0);
}

#[test]
fn a_profile_with_steps_that_the_code_has_not_is_refused() {
    let whole = module(PARTS);
    let line = profile_of_choose(&whole).to_string();
    let (known, step) = line.trim_end().rsplit_once('\t').unwrap();
    for steps in ["9999".to_owned(), format!("{step},{step}")] {
        let error = split(&whole, "load", &profile(&format!("{known}\t{steps}"))).unwrap_err();
        assert!(format!("{error:#}").contains("allowed is"), "{error:#}");
    }
}

#[test]
fn a_line_that_is_none_of_a_profile_is_named() {
    for line in ["", "a\tno hash\t1", "a\t1", "a\t1\tone", "a\t1\t1\tmore"] {
        let error = Profile::parse(&format!("fine\n{line}\n")).unwrap_err();
        assert!(format!("{error:#}").starts_with("line 2"), "{error:#}");
    }
}

#[test]
fn what_fetches_the_rest_stays_with_all_that_it_calls() {
    let text = r#"(module (table 0 funcref)
        (func $deep PAD) (func $load (export "load") (call $helper)) (func $helper PAD (call $deep))
        (func $other (export "other") PAD))"#;
    let halves = split(&module(text), "load", &profile("")).unwrap();
    assert_eq!((halves.n_moved, halves.n_stand_ins), (1, 1));
}

#[test]
fn what_reads_a_segment_stays() {
    let text = r#"(module (memory 1) (table 0 funcref) (data $bytes "abc")
        (func $copy (export "copy") PAD (memory.init $bytes (i32.const 0) (i32.const 0) (i32.const 3)))
        (func $load (export "load")))"#;
    assert_eq!(split(&module(text), "load", &profile("")).unwrap().n_moved, 0);
}

#[test]
fn a_module_that_cannot_be_split_is_refused_with_the_reason() {
    for (text, reason) in [
        ("(module (table 0 funcref))", "exports no function \"load\""),
        (r#"(module (table 0 funcref) (func (export "load") (param i32)))"#, "without arguments"),
        (r#"(module (func (export "load")))"#, "no table of functions"),
        (
            r#"(module (import "a" "b" (func $f)) (table 0 funcref) (export "load" (func $f)))"#,
            "imported",
        ),
    ] {
        let error = split(&module(text), "load", &profile("")).unwrap_err();
        assert!(format!("{error:#}").contains(reason), "{error:#}");
    }
    assert!(split(b"no module", "load", &profile("")).is_err());
}
