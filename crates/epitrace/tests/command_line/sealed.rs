//! What a thief of the disk, the database's dump, its log or a backup finds: no personal value.

use super::*;
use aho_corasick::AhoCorasick;
use std::collections::BTreeSet;

/// The personal values of a demo, read from its own file.
fn personal_values(folder: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(folder.join("cases.csv")).unwrap();
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let mut values = BTreeSet::new();
    for line in text.lines().skip(1) {
        for (name, value) in header.iter().zip(line.split(',')) {
            let personal = ["first_name", "last_name", "born", "phone", "email", "street", "city", "note"];
            if personal.contains(name) && value.len() >= 4 {
                values.insert(value.to_owned());
            }
        }
    }
    values
}

/// Shorter values may stand by chance among the digits of sealed bytes.
const SHORTEST_IN_DIGITS: usize = 6;

/// The ways to write a value: its text in any case, and the digits that a dump has for bytes.
fn ways_to_write(value: &str) -> Vec<String> {
    let digits = |text: String| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let as_bytes = [value.to_owned(), value.to_lowercase(), value.to_uppercase()].map(digits);
    let is_long = value.len() >= SHORTEST_IN_DIGITS;
    std::iter::once(value.to_owned()).chain(as_bytes.into_iter().filter(|_| is_long)).collect()
}

/// Gives the values that stand in files in clear, or as the digits of bytes.
pub fn found_in(files: &[PathBuf], values: &BTreeSet<String>) -> Vec<String> {
    let ways: BTreeSet<String> = values.iter().flat_map(|value| ways_to_write(value)).collect();
    let search = AhoCorasick::builder().ascii_case_insensitive(true).build(&ways).unwrap();
    let in_file = |path: &PathBuf| {
        let held = std::fs::read(path).unwrap_or_default();
        let found =
            search.find_iter(&held).map(|found| format!("{} in {}", found.pattern().as_usize(), path.display()));
        found.collect::<Vec<_>>()
    };
    files.iter().flat_map(in_file).collect()
}

pub fn demo_values(desk: &Desk) -> BTreeSet<String> {
    let made = desk.path("made").display().to_string();
    desk.ok(&["demo", "--cases", "40", "--files", &made]);
    personal_values(&desk.path("made"))
}

pub fn assert_nothing_in(files: &[PathBuf], values: &BTreeSet<String>) {
    assert!(!files.is_empty(), "nothing was searched");
    assert_eq!(found_in(files, values), [""; 0]);
}

#[test]
fn neither_the_data_folder_nor_its_log_nor_a_backup_holds_a_personal_value() {
    let desk = Desk::new();
    let values = demo_values(&desk);
    assert!(values.len() > 150, "{} values", values.len());
    desk.ok(&["demo", "--cases", "40"]);
    desk.ok(&["backup", &desk.path("backup").display().to_string()]);
    assert_nothing_in(&files(&desk.data()), &values);
    assert_nothing_in(&files(&desk.path("backup")), &values);
    assert!(!found_in(&[desk.path("made/cases.csv")], &values).is_empty(), "the search itself works");
}
