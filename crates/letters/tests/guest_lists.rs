//! Guest lists on paper, as a reader gets them: the text of the PDF, read by poppler's `pdftotext`.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use domain::guest_lists::ListSheet;
use std::io::Write;
use std::process::{Command, Stdio};

fn of(text: &str) -> String {
    text.to_owned()
}

fn sheet(names: &[&str]) -> ListSheet {
    let row = |name: &&str| {
        let contact = of("+49 621 1\nada@example.org");
        vec![of("01.03. 19:00"), of("01.03. 21:00"), of("Terrasse"), of(name), contact, of("vielleicht gegangen")]
    };
    ListSheet {
        language: of("de"),
        title: of("Gästeliste"),
        lines: vec![(of("Betrieb"), of("Café Rosa")), (of("Grund"), of("anderer: *nichts* #1"))],
        columns: ["Gekommen", "Bis", "Bereich", "Name", "Kontakt", "Hinweise"].map(of).to_vec(),
        rows: names.iter().map(row).collect(),
        empty: of("Da hat niemand eingecheckt."),
        foot: of("Nur für das Gesundheitsamt."),
        unprintable: of("Manche Zeichen stehen als ?."),
    }
}

fn text(pdf: &[u8]) -> String {
    let mut reader = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    reader.stdin.take().unwrap().write_all(pdf).unwrap();
    String::from_utf8(reader.wait_with_output().unwrap().stdout).unwrap()
}

#[test]
fn every_guest_stands_on_it_as_they_wrote_themselves() {
    let printed = text(&letters::set_guest_list(&sheet(&["Ada Öztürk", "#eval[$x$]"])).unwrap());
    for words in ["Gästeliste", "Café Rosa", "*nichts* #1", "Ada Öztürk", "#eval[$x$]", "ada@example.org", "Terrasse"]
    {
        assert!(printed.contains(words), "{words} in {printed}");
    }
    assert!(!printed.contains("Manche Zeichen") && !printed.contains("niemand"), "{printed}");
}

#[test]
fn a_name_that_no_font_has_keeps_nobody_off_the_list() {
    let printed = text(&letters::set_guest_list(&sheet(&["李 Wang", "Ben"])).unwrap());
    for words in ["? Wang", "Ben", "Manche Zeichen stehen als ?."] {
        assert!(printed.contains(words), "{words} in {printed}");
    }
}

#[test]
fn an_empty_list_says_so_and_a_long_one_repeats_its_head() {
    assert!(text(&letters::set_guest_list(&sheet(&[])).unwrap()).contains("niemand eingecheckt"));
    let many = vec!["Ada"; 120];
    let printed = text(&letters::set_guest_list(&sheet(&many)).unwrap());
    assert_eq!(printed.matches("Ada").count(), 120);
    assert!(printed.matches("Gekommen").count() > 2, "{printed}");
}
