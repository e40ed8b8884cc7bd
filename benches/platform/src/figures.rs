//! Figures: printed as they are found, kept as JSON from which the page of benchmarks is printed.

use crate::Scale;
use serde_json::{Value, json};

/// What a figure should be.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, reason = "each program of benchmarks has goals of its own")]
pub enum Goal {
    /// Nothing was promised.
    None,
    /// The peer's time divided by ours.
    Ratio(f64),
    /// A ratio of less than that.
    RatioBelow(f64),
    /// The value, or more.
    AtLeast(f64),
    /// Less than that.
    Below(f64),
    /// That, or less.
    AtMost(f64),
}

/// One figure.
#[derive(Clone, Debug)]
pub struct Figure<'a> {
    /// What was measured, and on which database.
    pub figure: String,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: &'a str,
    /// What it is compared with; empty where there is none.
    pub peer: &'a str,
    /// The peer's time divided by ours.
    pub ratio: Option<f64>,
    /// What it should be.
    pub goal: Goal,
    /// How many of what.
    pub n: Value,
    /// How it was measured.
    pub method: &'a str,
}

/// The figures of one benchmark.
pub struct Figures {
    name: &'static str,
    folder: &'static str,
    rows: Vec<Value>,
}

impl Figures {
    /// Begins a table.
    pub fn begin(name: &'static str, scale: Scale) -> Self {
        println!("\n{name:<56}{:>14}  {:<12}{:>8}  {:<16}", "value", "unit", "ratio", "goal");
        let folder = if scale == Scale::Full { "target/bench" } else { "target/bench/small" };
        Self { name, folder, rows: Vec::new() }
    }

    /// Adds a figure and prints it.
    pub fn add(&mut self, figure: Figure<'_>) {
        let Figure { figure, value, unit, peer, ratio, goal, n, method } = figure;
        let (goal, met) = match goal {
            Goal::None => (None, None),
            Goal::RatioBelow(most) => (Some(format!("ratio < {most}")), ratio.map(|ratio| ratio < most)),
            Goal::Ratio(least) => {
                (Some(format!("ratio ≥ {}", (least * 1000.0).round() / 1000.0)), ratio.map(|ratio| ratio >= least))
            }
            Goal::AtLeast(least) => (Some(format!("≥ {least} {unit}")), Some(value >= least)),
            Goal::Below(most) => (Some(format!("< {most} {unit}")), Some(value < most)),
            Goal::AtMost(most) => (Some(format!("≤ {most} {unit}")), Some(value <= most)),
        };
        let verdict = match met {
            None => "",
            Some(true) => "met",
            Some(false) => "MISSED",
        };
        let shown = goal.clone().unwrap_or_default();
        let of_peer = ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        println!("{figure:<56}{:>14}  {unit:<12}{of_peer:>8}  {shown:<22}{verdict}", rounded(value));
        let peer = if peer.is_empty() { Value::Null } else { Value::from(peer) };
        self.rows.push(json!({
            "figure": figure, "value": value, "unit": unit, "peer": peer, "ratio": ratio, "goal": goal, "met": met,
            "n": n, "method": method,
        }));
    }

    /// Writes down what was measured so far.
    pub fn write(&self) {
        std::fs::create_dir_all(self.folder).unwrap();
        let path = format!("{}/{}.json", self.folder, self.name);
        std::fs::write(path, serde_json::to_string_pretty(&self.rows).unwrap()).unwrap();
    }
}

fn rounded(value: f64) -> String {
    match value.abs() {
        size if size >= 1000.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

/// Returns the middle value.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// Returns the value below which a share of them lies; the nearest rank above.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}
