//! An event log that isn't as it was written: `doctor` says where and what to do, and a server refuses it.

use super::serve::Server;
use super::*;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;

/// Runs nodes until the log has some records, and ends the server. Returns the log's first file.
fn reported(desk: &Desk) -> PathBuf {
    let server = Server::on(desk, &[]);
    desk.ok(&["runs", "new", "--safe", "2", "--infected", "0", "--second", "50ms", "--lifetime", "1000000"]);
    let run = desk.json(&["runs", "list"])[0]["run_id"].as_str().unwrap().to_owned();
    runs::until(desk, &run, |shown| shown["second"].as_u64() > Some(20));
    let beside = event_log(desk);
    assert_eq!(beside["verdict"], "fine", "beside the server that writes it: {beside}");
    server.stop();
    desk.data().join("log/coronaz/00000000000000000000.log")
}

fn event_log(desk: &Desk) -> Value {
    let said = desk.run(&["doctor", "--json"]);
    let findings: Value = serde_json::from_str(&said.out).unwrap();
    let found = findings.as_array().unwrap().iter().find(|finding| finding["check"] == "event log");
    found.unwrap_or_else(|| panic!("{}{}", said.out, said.err)).clone()
}

fn flip(path: &Path, at: u64) {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
}

#[test]
fn a_record_that_is_damaged_is_told_with_its_place_and_what_to_do() {
    let desk = Desk::new();
    assert_eq!(event_log(&desk)["found"], "there is none yet");
    let file = reported(&desk);
    let whole = event_log(&desk);
    assert_eq!(whole["verdict"], "fine", "{whole}");
    let found = whole["found"].as_str().unwrap();
    assert!(found.ends_with("records in 1 file are as they were written"), "{found}");
    // The first record begins behind the head of the file.
    flip(&file, 56 + 20);
    let told = event_log(&desk);
    assert_eq!(told["verdict"], "broken", "{told}");
    let found = told["found"].as_str().unwrap();
    assert!(
        found.starts_with(&format!("{} is damaged at byte 56, where offset 0 should be", file.display())),
        "{found}"
    );
    let log = file.parent().unwrap();
    let advice = told["advice"].as_str().unwrap();
    assert!(advice.contains(&format!("stop the server and move {} away", log.display())), "{advice}");
    assert_eq!(desk.run(&["doctor"]).code, 1);

    let refused = desk.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(refused.code == 1 && refused.err.contains("is damaged at byte 56"), "{}", refused.err);
    assert!(refused.err.contains("epitrace doctor"), "{}", refused.err);
    // What is advised helps.
    std::fs::rename(log, desk.path("kept")).unwrap();
    Server::on(&desk, &[]).stop();
    assert_eq!(event_log(&desk)["verdict"], "fine");
}

#[test]
fn a_log_whose_end_is_gone_is_told_and_one_that_was_torn_is_not_damaged() {
    let desk = Desk::new();
    let file = reported(&desk);
    let n_bytes = file.metadata().unwrap().len();
    let whole = std::fs::read(&file).unwrap();
    // Written, and not yet synced when the power failed.
    std::fs::write(&file, [&whole[..], &whole[56..90]].concat()).unwrap();
    let torn = event_log(&desk);
    assert_eq!(torn["verdict"], "fine", "{torn}");
    assert!(torn["found"].as_str().unwrap().contains("34 bytes at the end"), "{torn}");
    OpenOptions::new().write(true).open(&file).unwrap().set_len(n_bytes - 1).unwrap();
    let shortened = event_log(&desk);
    assert_eq!(shortened["verdict"], "broken", "{shortened}");
    assert!(shortened["found"].as_str().unwrap().contains("1 record is gone"), "{shortened}");
}
