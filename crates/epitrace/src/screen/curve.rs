//! An epidemic curve in the terminal: one line a day or week, a bar of cases.

use app::outbreak::OutbreakReport;

/// Most lines that are drawn; a longer curve is drawn by week.
const MOST_LINES: usize = 62;
/// Columns of the longest bar.
const BAR: usize = 46;

/// Draws the curve by onset, with the reproduction number beside it.
pub fn draw(report: &OutbreakReport) -> Vec<String> {
    let days = &report.epi_curve_by_onset;
    let per_line = if days.len() > MOST_LINES { 7 } else { 1 };
    let lines: Vec<(String, u32, bool)> = days
        .chunks(per_line)
        .map(|chunk| {
            let complete = chunk.iter().all(|day| day.complete);
            (chunk[0].date.clone(), chunk.iter().map(|day| day.count).sum(), complete)
        })
        .collect();
    let most = lines.iter().map(|(_, count, _)| *count).max().unwrap_or(0).max(1) as usize;
    let r_on = |date: &str| {
        let day = report.reproduction_number_cori.days.iter().find(|day| day.date == date)?;
        Some(format!("R {:.2} ({:.2} to {:.2})", day.mean?, day.lower?, day.upper?))
    };
    lines
        .into_iter()
        .map(|(date, count, complete)| {
            let width = (count as usize * BAR).div_ceil(most);
            let bar = if complete { "█".repeat(width) } else { "░".repeat(width) };
            let r = r_on(&date).unwrap_or_default();
            format!("{date}  {count:>4}  {bar:<BAR$}  {r}").trim_end().to_owned()
        })
        .collect()
}
