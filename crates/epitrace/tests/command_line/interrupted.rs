use super::*;
use std::io::Write;

/// `kill -9` in the middle of an import, three times; run again it completes and every row is there once.
#[test]
fn an_import_killed_in_the_middle_completes_when_run_again() {
    let n_rows = 120_000;
    let desk = Desk::new();
    let mut text = String::from("t,a,b\n");
    for i in 0..n_rows {
        text.push_str(&format!("{},P{},Q{}\n", 1_600_000_000 + 40 * i, i % 7, i % 11));
    }
    let file = desk.write("many.csv", &text);
    let args = ["import", "encounters", &file, "--columns", "time=t,a=a,b=b", "--interval", "20s"];
    for _ in 0..3 {
        let mut import = desk.command(&args).spawn().unwrap();
        wait_for_rows(&desk, &mut import);
        import.kill().unwrap();
        import.wait().unwrap();
    }
    desk.ok(&args);
    let again = desk.json(&args);
    assert_eq!((&again["already_there"], &again["stored"]), (&n_rows.into(), &0.into()));
    let minutes: f64 = (0..7)
        .flat_map(|p| desk.json(&["exposed", &format!("P{p}")]).as_array().unwrap().clone())
        .map(|row| row["minutes"].as_f64().unwrap())
        .sum();
    assert!((minutes - f64::from(n_rows) / 3.0).abs() < 0.01, "{minutes}");
    desk.ok(&["audit", "verify"]);
}

/// Waits until the import has written something into the log of the database, or has ended.
fn wait_for_rows(desk: &Desk, import: &mut std::process::Child) {
    let wal = desk.data().join("epitrace.sqlite-wal");
    let before = std::fs::metadata(&wal).map_or(0, |meta| meta.len());
    loop {
        let now = std::fs::metadata(&wal).map_or(0, |meta| meta.len());
        if now > before.max(300_000) || import.try_wait().unwrap().is_some() {
            return;
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let desk = Desk::new();
    desk.import_mers();
    let mut report = desk
        .command(&["report", "outbreak", "--disease", "mers"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(report.stdout.take());
    assert!(report.wait().unwrap().success());
}

#[test]
fn a_torn_gzip_is_refused_with_a_sentence_and_what_was_read_before_stays_once() {
    let desk = Desk::new();
    let mut file = std::fs::File::create(desk.path("torn.gz")).unwrap();
    file.write_all(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2]).unwrap();
    let path = desk.path("torn.gz").display().to_string();
    let said = desk.run(&["import", "encounters", &path, "--columns", "time=1,a=2,b=3", "--interval", "20s"]);
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with("epitrace: ") && !said.err.contains("panicked"), "{}", said.err);
}
