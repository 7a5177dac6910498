//! Prints the ledger of experiments: `cargo xtask experiment` writes it into `docs/VALIDATION.md`.
//!
//! Each scenario is measured several times under each model, by the program that everybody has; what
//! is judged is the median of the errors, and every measured value is shown.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A scenario and how it is run.
struct Entry {
    file: &'static str,
    models: &'static [&'static str],
    /// At most so many requests.
    requests: Option<u32>,
    rounds: usize,
    /// Whether its errors are bounded; otherwise the reason why they are shown as they are.
    bounded: std::result::Result<(), &'static str>,
}

const ALL: &[&str] = &["single", "spawn", "pool", "fork-join", "async", "sharded"];
const NOT_SINGLE: &[&str] = &["spawn", "pool", "fork-join", "async", "sharded"];

const SLEEPS: &[Entry] = &[
    entry("experiment/steady", NOT_SINGLE, None, 3),
    entry("experiment/one-thread", &["single"], None, 3),
    entry("closed", ALL, Some(600), 3),
    entry("mm4", NOT_SINGLE, Some(1500), 3),
    entry("experiment/bounded", &["pool", "fork-join"], None, 3),
    entry("ten-sleeps", ALL, None, 1),
];

const COMPUTE: &[Entry] = &[
    Entry {
        bounded: Err(
            "two of three requests take 0.2 ms of CPU time and nothing else: the way there \
             and back is as long",
        ),
        ..entry("book", ALL, None, 3)
    },
    Entry {
        bounded: Err("8 ms of CPU time: whoever else wants the server's core gets his share of it"),
        ..entry("fork", &["pool", "fork-join"], None, 3)
    },
    Entry {
        bounded: Err("three times as much CPU time is asked for as the server's one core has"),
        ..entry("flood", &["spawn", "pool"], Some(3000), 1)
    },
];

const fn entry(
    file: &'static str,
    models: &'static [&'static str],
    requests: Option<u32>,
    rounds: usize,
) -> Entry {
    Entry { file, models, requests, rounds, bounded: Ok(()) }
}

/// How far p50 and p99 of the sojourn time may be off, in percent.
const BOUNDS: [(&str, f64); 2] = [("p50", 10.0), ("p99", 25.0)];

fn main() -> Result<ExitCode> {
    let program = program()?;
    let costs = std::env::temp_dir().join(format!("ledger-{}.toml", std::process::id()));
    let calibrated = Command::new(&program).arg("calibrate").output()?;
    std::fs::write(&costs, &calibrated.stdout)?;
    let printed = ledger(&program, &costs);
    std::fs::remove_file(&costs)?;
    let (text, holds) = printed?;
    println!("{}", text.replace("COSTS", String::from_utf8(calibrated.stdout)?.trim()));
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The whole section, and whether every bound holds.
fn ledger(program: &Path, costs: &Path) -> Result<(String, bool)> {
    let mut rows = Vec::new();
    let (mut n, mut n_off) = (0, 0);
    let mut others: Vec<f64> = Vec::new();
    let mut requests = String::new();
    for entry in SLEEPS {
        let rounds = measure(program, costs, entry)?;
        for (index, model) in entry.models.iter().enumerate() {
            let of_model: Vec<_> = rounds.iter().map(|runs| &runs[index]).collect();
            let row = row(entry, model, &of_model);
            for verdict in row.verdicts.into_iter().flatten() {
                n += 1;
                n_off += usize::from(!verdict);
            }
            rows.push(row.text);
            others.extend(of_model.iter().filter_map(|run| run["others"].as_f64()));
            if entry.file == "ten-sleeps" && *model == "pool" {
                requests = one_by_one(of_model[0]);
            }
        }
    }
    let mut computing = Vec::new();
    for entry in COMPUTE {
        let rounds = measure(program, costs, entry)?;
        for (index, model) in entry.models.iter().enumerate() {
            let of_model: Vec<_> = rounds.iter().map(|runs| &runs[index]).collect();
            computing.push(row(entry, model, &of_model).text);
            others.extend(of_model.iter().filter_map(|run| run["others"].as_f64()));
        }
        let why = entry.bounded.err().unwrap_or_default();
        computing.push(format!("| | *{why}* | | | | | | | |"));
    }
    others.sort_by(f64::total_cmp);
    let load = match others[..] {
        [] => "How busy other programs were is not known.".to_owned(),
        [.., most] => format!(
            "Other programs kept {:.1} to {most:.1} cores busy meanwhile (median {:.1}).",
            others[0],
            others[others.len() / 2]
        ),
    };
    let load = if is_real_time() {
        format!(
            "{load} The experiments had real-time priority\nover them (`chrt -r 1 cargo xtask experiment`)."
        )
    } else {
        load
    };
    let cores = std::thread::available_parallelism()?;
    let verdict = match n_off {
        0 => "**All hold.**".to_owned(),
        off => format!("**{off} do not hold.**"),
    };
    let head = "| scenario | model | answered: simulated, measured | p50 theory | simulated | measured | error | p99 simulated | measured | error |\n\
                |---|---|--:|--:|--:|--:|--:|--:|--:|--:|";
    let text = format!(
        "## Predicted, simulated, measured\n\n\
         Each scenario is computed, simulated and run on the real server, with the same draws; times are\n\
         sojourn times in ms, as the clients saw them. Rounds are shown one by one; the error is the median\n\
         over the rounds of measured against simulated. On loads that mostly sleep, at a utilisation of at\n\
         most 0.8 or with clients that wait for their answers, it is to be at most 10 % for p50 and 25 %\n\
         for p99; `closed` under `single` and the pools is busier than that. A row that has `–` for theory\n\
         has no law.\n\n\
         Taken on a computer with {cores} cores, one of them the server's.\n{load}\n\n\
         {n} bounds: {n_off} not kept. {verdict}\n\n\
         ### Loads that sleep\n\n{head}\n{}\n\n\
         ### Ten sleeps of 5 s at once on a pool of four\n\n\
         What a reader of the book would compute, request by request; sojourn times in s.\n\n{requests}\n\
         ### Loads that compute\n\n\
         Here the times are those of a shared core and have no bound: as measured, with the reason.\n\n\
         {head}\n{}\n\n\
         ### The costs of this computer\n\n```toml\nCOSTS\n```\n",
        rows.join("\n"),
        computing.join("\n"),
    );
    Ok((text, n_off == 0))
}

/// The runs of all models, round by round.
fn measure(program: &Path, costs: &Path, entry: &Entry) -> Result<Vec<Vec<Value>>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let file = file.join(format!("{}.toml", entry.file));
    let round = |round: usize| -> Result<Vec<Value>> {
        eprintln!("ledger: {}, round {} of {}", entry.file, round + 1, entry.rounds);
        let mut command = Command::new(program);
        command.arg("experiment").arg(&file).arg("--costs").arg(costs).arg("--json");
        for model in entry.models {
            command.args(["--model", model]);
        }
        if let Some(requests) = entry.requests {
            command.args(["--requests", &requests.to_string()]);
        }
        let output = command.stderr(std::process::Stdio::inherit()).output()?;
        let printed: Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("{}: {error}", entry.file))?;
        Ok(printed["runs"].as_array().cloned().unwrap_or_default())
    };
    (0..entry.rounds).map(round).collect()
}

/// A line of the table.
struct Row {
    text: String,
    /// Whether each bound holds, where there is one.
    verdicts: [Option<bool>; 2],
}

fn row(entry: &Entry, model: &str, runs: &[&Value]) -> Row {
    let first = runs[0];
    let name = entry.file.rsplit('/').next().unwrap_or(entry.file);
    let time = |report: &Value, name: &str| report["sojourn_time_s"][name].as_f64();
    let mut verdicts = [None; 2];
    let mut cells = Vec::new();
    for (index, (quantile, bound)) in BOUNDS.into_iter().enumerate() {
        let simulated = time(&first["simulated"], quantile);
        let measured: Vec<_> =
            runs.iter().filter_map(|run| time(&run["measured"], quantile)).collect();
        // Under `sharded` each round has a simulation of its own: the kernel drew the loops.
        let mut errors: Vec<f64> = runs
            .iter()
            .filter_map(|run| {
                let simulated = time(&run["simulated"], quantile)?;
                Some(100.0 * (time(&run["measured"], quantile)? / simulated - 1.0))
            })
            .collect();
        errors.sort_by(f64::total_cmp);
        let error = errors.get(errors.len() / 2).copied();
        let mut shown = error.map_or("–".to_owned(), |error| format!("{error:+.1} %"));
        if let (Ok(()), Some(error)) = (entry.bounded, error) {
            let holds = error.abs() <= bound;
            verdicts[index] = Some(holds);
            if !holds {
                shown = format!("**{shown}**");
            }
        }
        if quantile == "p50" {
            cells.push(ms(time(&first["theory"], quantile)));
        }
        cells.push(ms(simulated));
        cells.push(measured.iter().map(|&time| ms(Some(time))).collect::<Vec<_>>().join(" / "));
        cells.push(shown);
    }
    let answered = |report: &Value| report["answered"].to_string();
    let measured: Vec<_> = runs.iter().map(|run| answered(&run["measured"])).collect();
    let all_alike = measured.iter().all(|one| *one == measured[0]);
    let measured = if all_alike { measured[0].clone() } else { measured.join(" / ") };
    let answered = format!("{}, {measured}", answered(&first["simulated"]));
    Row { text: format!("| {name} | {model} | {answered} | {} |", cells.join(" | ")), verdicts }
}

/// The requests of one run, three times over.
fn one_by_one(run: &Value) -> String {
    let mut text = "| request | theory | simulated | measured |\n|--:|--:|--:|--:|\n".to_owned();
    for one in run["requests"].as_array().into_iter().flatten() {
        let cell = |name: &str| {
            one[name].as_f64().map_or("–".to_owned(), |seconds| format!("{seconds:.3}"))
        };
        let (theory, simulated) = (cell("theory_s"), cell("simulated_s"));
        let measured = cell("measured_s");
        let number = &one["request"];
        let _ = writeln!(text, "| {number} | {theory} | {simulated} | {measured} |");
    }
    text
}

fn ms(seconds: Option<f64>) -> String {
    seconds.map_or("–".to_owned(), |seconds| format!("{:.2}", 1e3 * seconds))
}

/// Whether this process, and so those that it starts, go before ordinary ones: `chrt -f` or `-r`.
fn is_real_time() -> bool {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // proc(5): the 41st field is the policy; the second, in brackets, may have spaces in it.
    let policy = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(38));
    matches!(policy, Some("1" | "2"))
}

/// The program that is measured: the one argument.
fn program() -> Result<PathBuf> {
    let program = std::env::args_os().nth(1).map(PathBuf::from);
    let program = program.ok_or("nothing given, allowed is the native-server to measure")?;
    if program.exists() {
        Ok(program)
    } else {
        Err(format!("{} is not there", program.display()).into())
    }
}
