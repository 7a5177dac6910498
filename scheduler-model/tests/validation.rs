//! Ciw's published sample paths, scheduled by this project: another simulator's waits, to the digit.
//! The longer comparisons are in `examples/validate`.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../examples/validate/ciw.rs"]
mod ciw;

use ciw::{PythonRandom, mean_wait, records};

#[test]
fn the_generator_is_pythons() {
    let mut random = PythonRandom::seed(1);
    let drawn: [f64; 3] = std::array::from_fn(|_| random.random());
    let python = [0.134_364_244_112_401_22, 0.847_433_736_937_232_7, 0.763_774_618_976_614];
    assert_eq!(drawn.map(f64::to_bits), python.map(f64::to_bits));
}

#[test]
fn one_path_of_mm3_has_its_customers_and_their_mean_wait() {
    let records = records(1, 1440.0);
    assert_eq!(records.len(), 304);
    let mean = mean_wait(&records, f64::NEG_INFINITY, f64::INFINITY);
    assert!((mean - 4.230_543_089_827_278).abs() < 1e-6, "{mean}");
}

#[test]
fn ten_paths_of_mm3_have_their_mean_wait_within_a_window() {
    let means = (0..10).map(|seed| mean_wait(&records(seed, 1640.0), 100.0, 1540.0));
    let mean = means.sum::<f64>() / 10.0;
    assert!((mean - 5.626_497_616_829_948).abs() < 1e-6, "{mean}");
}
