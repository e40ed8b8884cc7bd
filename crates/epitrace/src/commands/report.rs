//! `epitrace report outbreak`: the figures of one disease, with what each counts.

use crate::cli::{Common, Report};
use crate::screen::{self, figure};
use crate::session::Session;
use app::outbreak::{OutbreakQuery, OutbreakReport};
use std::process::ExitCode;

pub async fn run(common: &Common, report: Report) -> anyhow::Result<ExitCode> {
    let Report::Outbreak { disease, serial_interval, window } = report;
    let session = Session::open(common).await?;
    let query = OutbreakQuery { disease, serial_interval, window_days: window as usize };
    let report = session.app.outbreak_report(&session.worker, &query).await?;
    session.close().await?;
    if common.json {
        screen::say_json(&report)?;
    } else {
        print(&report);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(report: &OutbreakReport) {
    if report.cases == 0 {
        screen::say(format!("no case of {} is known here", report.disease));
        screen::say("import a line list first: epitrace import cases FILE --columns id=…,onset=…");
        return;
    }
    screen::say(screen::table(["outbreak", "", ""], &[1], figures(report)));
    if !report.offspring.most.is_empty() {
        let most: Vec<String> =
            report.offspring.most.iter().map(|spreader| format!("{} {}", spreader.id, spreader.n)).collect();
        screen::say(format!("\ninfected most: {}", most.join(", ")));
    }
    print_delays(report);
    print_curve(report);
}

fn figures(report: &OutbreakReport) -> Vec<[String; 3]> {
    let line = |name: &str, value: String, says: String| [name.to_owned(), value, says];
    let or = |reason: &Option<String>, otherwise: String| reason.clone().unwrap_or(otherwise);
    let serial = &report.serial_interval;
    let k = &report.dispersion_k;
    let attack = &report.secondary_attack_rate.overall;
    vec![
        line("cases", report.cases.to_string(), report.disease.clone()),
        line("infection links", report.links.to_string(), format!("{} refused", report.links_rejected)),
        line("generations", report.generations.to_string(), "largest depth; a primary case is 0".to_owned()),
        line("largest chain", report.largest_chain.to_string(), "cases".to_owned()),
        line("primary cases", report.primary_cases.to_string(), "no infector is known".to_owned()),
        line(
            "serial interval",
            figure(serial.mean, 1),
            or(
                &serial.reason,
                format!(
                    "days; sd {}, median {}, {}",
                    figure(serial.sd, 1),
                    figure(serial.median, 0),
                    screen::counted(serial.n, "pair", "pairs")
                ),
            ),
        ),
        line(
            "offspring",
            figure(report.offspring.mean, 2),
            or(
                &report.offspring.reason,
                format!("people infected by a case; {} infected nobody", report.offspring.n_without),
            ),
        ),
        line(
            "dispersion k",
            figure(k.estimate, 4),
            or(&k.reason, format!("95 %: {} to {}", figure(k.lower, 4), figure(k.upper, 4))),
        ),
        line(
            "doubling time",
            figure(report.doubling_time.days, 1),
            or(&report.doubling_time.reason, "days, at the end of the complete curve".to_owned()),
        ),
        line(
            "secondary attack rate",
            figure(attack.estimate, 3),
            or(&attack.reason, format!("{} of {} exposed at risk", attack.new_cases, attack.at_risk)),
        ),
    ]
}

fn print_delays(report: &OutbreakReport) {
    let delays = [
        ("onset to test", &report.delays.onset_to_test),
        ("test to report", &report.delays.test_to_report),
        ("onset to report", &report.delays.onset_to_report),
    ];
    let rows: Vec<[String; 5]> = delays
        .into_iter()
        .filter(|(_, delay)| delay.n > 0)
        .map(|(name, delay)| {
            let percent = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |s| format!("{:.0} %", s * 100.0));
            [
                name.to_owned(),
                delay.n.to_string(),
                figure(delay.median, 1),
                figure(delay.p90, 1),
                percent(delay.share_within_2_days),
            ]
        })
        .collect();
    if !rows.is_empty() {
        screen::say("");
        screen::say(screen::table(["delay (days)", "cases", "median", "90 %", "within 2 days"], &[1, 2, 3, 4], rows));
    }
}

fn print_curve(report: &OutbreakReport) {
    let left_out = match report.cases_without_onset {
        0 => String::new(),
        n => format!("; {n} of {} without onset are left out", report.cases),
    };
    let cori = &report.reproduction_number_cori;
    let rests_on = match (&cori.serial_interval, &cori.reason) {
        (Some(used), None) => format!(
            "R: Cori et al. 2013, window {}, serial interval {:.1} (sd {:.1}, {})",
            screen::counted(cori.window, "day", "days"),
            used.mean,
            used.sd,
            used.source
        ),
        (_, reason) => format!("R: {}", reason.as_deref().unwrap_or("not estimated")),
    };
    screen::say(format!("\ncases by onset{left_out}; {rests_on}"));
    for line in screen::curve::draw(report) {
        screen::say(line);
    }
    if let Some(day) = &report.incomplete_from {
        screen::say(format!("from {day} on (░) not all cases are known yet"));
    }
}
