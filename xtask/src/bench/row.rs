//! A row of a benchmark: a ratio with its spread and its goal, as a table and as JSON.

use std::fmt::Write as _;

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Better {
    /// A greater ratio.
    Higher,
    /// A smaller ratio.
    Lower,
}

/// What one comparison came to.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    name: String,
    median: f64,
    min: f64,
    max: f64,
    goal: f64,
    better: Better,
    /// The figures behind the ratio, for a reader of the table.
    figures: String,
}

impl Row {
    /// A row of the ratios of all rounds.
    ///
    /// # Panics
    ///
    /// When there is no round.
    pub(super) fn new(
        name: impl Into<String>,
        ratios: &[f64],
        goal: f64,
        better: Better,
        figures: impl Into<String>,
    ) -> Self {
        let mut sorted = ratios.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (sorted[0], sorted[sorted.len() - 1]);
        Self {
            name: name.into(),
            median: median(&sorted),
            min,
            max,
            goal,
            better,
            figures: figures.into(),
        }
    }

    fn meets_its_goal(&self) -> bool {
        match self.better {
            Better::Higher => self.median >= self.goal,
            Better::Lower => self.median <= self.goal,
        }
    }
}

/// The middle of sorted values; of an even number of them the mean of the middle two.
pub(super) fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    } else {
        sorted[middle]
    }
}

/// `{"rows": [...]}`; a ratio that is no number is `null`.
pub(super) fn json(rows: &[Row]) -> String {
    let number =
        |value: f64| if value.is_finite() { format!("{value}") } else { "null".to_owned() };
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let better = match row.better {
                Better::Higher => "higher",
                Better::Lower => "lower",
            };
            format!(
                r#"{{"name":{},"median_ratio":{},"min":{},"max":{},"goal":{},"better":"{better}"}}"#,
                quoted(&row.name),
                number(row.median),
                number(row.min),
                number(row.max),
                number(row.goal),
            )
        })
        .collect();
    format!("{{\"rows\":[{}]}}", rows.join(","))
}

/// A line a row.
pub(super) fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let mut text =
        format!("{:<width$}  {:>8} {:>17}  {:>8}  met", "ratio", "median", "min to max", "goal");
    for row in rows {
        let sign = match row.better {
            Better::Higher => '≥',
            Better::Lower => '≤',
        };
        let spread = format!("{:.3} to {:.3}", row.min, row.max);
        let goal = format!("{sign} {}", row.goal);
        let met = if row.meets_its_goal() { "yes" } else { "no " };
        write!(
            text,
            "\n{:<width$}  {:>8.3} {spread:>17}  {goal:>8}  {met}  {}",
            row.name, row.median, row.figures
        )
        .expect("writing to a string does not fail");
    }
    text
}

/// A JSON string. Names are ours and short; what would need escaping is escaped all the same.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                write!(quoted, "\\u{:04x}", u32::from(c)).expect("a string takes it");
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_median_and_the_spread_of_its_rounds() {
        let row = Row::new("ours / theirs", &[3.0, 1.0, 2.0, 10.0], 2.5, Better::Higher, "");
        assert_eq!((row.median, row.min, row.max), (2.5, 1.0, 10.0));
        assert!(row.meets_its_goal());
        assert!(!Row::new("", &[2.0], 1.0, Better::Lower, "").meets_its_goal());
    }

    #[test]
    fn json_has_the_keys_of_the_contract() {
        let row = Row::new("a \"b\"", &[0.5], 1.0, Better::Lower, "not in it");
        assert_eq!(
            json(&[row]),
            r#"{"rows":[{"name":"a \"b\"","median_ratio":0.5,"min":0.5,"max":0.5,"goal":1,"better":"lower"}]}"#
        );
    }

    #[test]
    fn no_number_is_null() {
        let row = Row::new("", &[f64::INFINITY], 1.0, Better::Lower, "");
        assert!(json(&[row]).contains(r#""median_ratio":null,"#));
    }

    #[test]
    fn the_table_says_which_goals_are_met() {
        let table = table(&[
            Row::new("fast", &[2.0], 1.0, Better::Higher, "2 s and 1 s"),
            Row::new("slow", &[2.0], 1.0, Better::Lower, ""),
        ]);
        let lines: Vec<_> = table.lines().collect();
        assert!(lines[1].contains("≥ 1  yes  2 s and 1 s"), "{table}");
        assert!(lines[2].contains("≤ 1  no"), "{table}");
    }
}
