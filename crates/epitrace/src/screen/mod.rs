//! What people read: sentences, aligned tables, a curve in the terminal, progress on long work.

pub mod curve;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};

/// Prints a line; a reader that has gone away (`| head`) is no failure.
pub fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Counts things in words: "1 row", "8 rows".
pub fn counted<N: std::fmt::Display + PartialEq + From<u8>>(n: N, one: &str, several: &str) -> String {
    let noun = if n == N::from(1) { one } else { several };
    format!("{n} {noun}")
}

/// Prints JSON for programs.
pub fn say_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    say(serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Makes a table without lines, columns aligned; those named in `numbers` to the right.
pub fn table<const N: usize>(header: [&str; N], numbers: &[usize], rows: Vec<[String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for (i, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if numbers.contains(&i) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// Shows progress of rows on a terminal, and nowhere else.
pub fn progress(quiet: bool, what: &str) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(what.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}: {human_pos} rows, {per_sec}, {elapsed}") {
        bar.set_style(style);
    }
    bar
}

/// Shows on a terminal, and nowhere else, how far a run has come: in seconds of nodes.
pub fn progress_toward(quiet: bool, node_seconds: u64) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(node_seconds);
    let template = "{bar:30} {percent} %: {human_pos} seconds of nodes, {per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// Rounds a figure for reading.
pub fn figure(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.decimals$}"))
}
