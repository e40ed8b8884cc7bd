//! Letters as a reader gets them: the text of the PDF, read by poppler's `pdftotext`.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use domain::letters::{CannotSet, LetterCode, LetterFact, LetterPart, LetterSheet};
use std::io::Write;
use std::process::{Command, Stdio};

fn of(text: &str) -> String {
    text.to_owned()
}

fn part(language: &str, subject: &str, text: &str) -> LetterPart {
    let strong = vec![of("03.05.2026")];
    LetterPart { language: of(language), caption: of("Caption"), subject: of(subject), text: of(text), strong }
}

fn sheet(name: &str) -> LetterSheet {
    let fact = |label: &str, value: &str| LetterFact { label: of(label), value: of(value) };
    LetterSheet {
        language: of("de"),
        sender: of("Gesundheitsamt Mannheim"),
        sender_lines: vec![of("R1, 12"), of("68161 Mannheim")],
        return_line: of("Gesundheitsamt Mannheim · R1, 12 · 68161 Mannheim"),
        recipient: vec![of(name), of("Hauptstraße 3"), of("68161 Mannheim")],
        facts: vec![fact("Unser Zeichen", "A-17/2026"), fact("Datum", "03.05.2026")],
        parts: vec![
            part("tr", "Karantina kararı", "Sayın ilgili,\n\n- Evinizde kalın.\n- Ziyaretçi kabul etmeyin."),
            part("de", "Anordnung der Quarantäne", "Guten Tag,\n\n- Bleiben Sie zu Hause.\n- Kein Besuch."),
        ],
        place_and_day: of("Mannheim, 03.05.2026"),
        signature: of("Unterschrift"),
        legal_note: of("Rechtsgrundlage: § 30 IfSG."),
        page_words: [of("Seite"), of("von")],
        code: None,
    }
}

/// Runs a program of poppler on a PDF; gives what it prints.
fn poppler(program: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; scripts/setup test installs it"));
    child.stdin.take().unwrap().write_all(pdf).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program} can't read it");
    String::from_utf8(output.stdout).unwrap()
}

fn text_of(pdf: &[u8]) -> String {
    poppler("pdftotext", &["-", "-"], pdf)
}

fn n_pages(pdf: &[u8]) -> usize {
    text_of(pdf).matches('\u{c}').count()
}

#[test]
fn everything_on_the_sheet_can_be_read_and_searched() {
    let pdf = letters::set(&sheet("Kim Beispiel")).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    let text = text_of(&pdf);
    for words in [
        "Kim Beispiel",
        "A-17/2026",
        "Karantina kararı",
        "Anordnung der Quarantäne",
        "Bleiben Sie zu Hause",
        "§ 30 IfSG",
        "Mannheim, 03.05.2026",
        "Seite 1 von 1",
        "Unterschrift",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn names_of_many_scripts_are_drawn_and_a_character_that_no_font_has_is_named() {
    for name in
        ["Dr. von der Höh-Şahin", "Γιώργος Παπαδόπουλος", "Владимир Жуков", "Łukasz Gąśńć", "Ștefan Țuțea", "O’Neill"]
    {
        let pdf = letters::set(&sheet(name)).unwrap();
        assert!(text_of(&pdf).contains(name), "{name}");
    }
    assert_eq!(letters::set(&sheet("Li 李 明")), Err(CannotSet::NoGlyph(vec!['明', '李'])));
}

/// Each of these means something to typst.
#[test]
fn what_comes_from_data_is_never_read_as_markup() {
    let tricks = [
        "#set page(width: 1cm)",
        "$ x^2 $",
        "*bold*",
        "_it_",
        "@ref",
        "<label>",
        "= Heading",
        "+ item",
        "\\u{41}",
        "a \\ b \\# c",
        "`raw`",
        "https://example.org",
        "// comment",
        "/* comment */",
        "~",
        "a--b",
        "'quoted' \"quoted\"",
        "#panic(1)",
        "[x]{y}",
    ];
    let mut one = sheet("Kim");
    one.recipient = tricks.iter().map(|trick| of(trick)).take(5).collect();
    one.legal_note = tricks.join("\n");
    one.parts[0].text = format!("Sayın ilgili,\n\n{}", tricks.join("\n\n"));
    one.sender = of("Amt #1 $ * @");
    let text = text_of(&letters::set(&one).unwrap());
    for trick in tricks {
        let found = text.lines().filter(|line| line.contains(trick)).count();
        assert!(found >= 2, "{trick}: {found} in {text}");
    }
}

#[test]
fn a_letter_with_a_long_text_goes_on_overleaf_and_every_page_has_its_number() {
    let mut long = sheet("Kim");
    let paragraph = "Bleiben Sie zu Hause, empfangen Sie keinen Besuch, und rufen Sie uns an. ".repeat(6);
    long.parts[1].text = vec![paragraph; 16].join("\n\n");
    let pdf = letters::set(&long).unwrap();
    let pages = n_pages(&pdf);
    assert!(pages >= 2, "{pages}");
    let text = text_of(&pdf);
    for page in 1..=pages {
        assert!(text.contains(&format!("Seite {page} von {pages}")), "{page}: {text}");
    }
    assert_eq!(n_pages(&letters::set(&sheet("Kim")).unwrap()), 1);
}

#[test]
fn it_can_be_read_aloud_and_carries_its_fonts() {
    let pdf = letters::set(&sheet("Kim")).unwrap();
    let facts = poppler("pdfinfo", &["-"], &pdf);
    let fact = |name: &str| facts.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).unwrap_or_default();
    assert_eq!(fact("Tagged:"), "yes", "{facts}");
    assert!(fact("Page size:").contains("A4"), "{facts}");
    assert_eq!(fact("Title:"), "Karantina kararı", "{facts}");
    assert!(!facts.contains("Kim"), "no name stands in what describes the file: {facts}");
    let fonts = poppler("pdffonts", &["-"], &pdf);
    let lines: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!lines.is_empty(), "{fonts}");
    for line in lines {
        let columns: Vec<&str> = line.split_whitespace().rev().collect();
        // From the right: object number (two), uni, sub, emb.
        assert_eq!((columns[2], columns[4]), ("yes", "yes"), "{line}");
    }
}

#[test]
fn the_address_lies_behind_the_window_of_an_envelope() {
    let pdf = letters::set(&sheet("Kim Beispiel")).unwrap();
    let boxes = poppler("pdftotext", &["-bbox", "-", "-"], &pdf);
    let word = |text: &str| {
        let line = boxes.lines().find(|line| line.contains(&format!(">{text}<"))).unwrap_or_else(|| panic!("{boxes}"));
        let mm = |name: &str| {
            let (_, rest) = line.split_once(&format!("{name}=\"")).unwrap();
            rest.split('"').next().unwrap().parse::<f64>().unwrap() * 25.4 / 72.0
        };
        (mm("xMin"), mm("yMin"), mm("xMax"), mm("yMax"))
    };
    // DIN 5008, form B: the zone of the address is 62.7 to 90 mm from the top and 20 to 105 mm from the left.
    for text in ["Beispiel", "Hauptstraße"] {
        let (left, top, right, bottom) = word(text);
        assert!(
            left >= 20.0 && right <= 105.0 && top >= 62.7 && bottom <= 90.0,
            "{text}: {left} {top} {right} {bottom}"
        );
    }
    let (_, top, ..) = word("Karantina");
    assert!(top >= 98.0, "{top}");
}

/// The same letter is the same file, so that a copy can be compared.
#[test]
fn the_same_sheet_gives_the_same_bytes() {
    assert_eq!(letters::set(&sheet("Kim")), letters::set(&sheet("Kim")));
}

#[test]
fn a_code_is_printed_in_groups_beside_a_picture_that_has_a_text_of_its_own() {
    let mut one = sheet("Kim");
    one.code = Some(LetterCode {
        code: of("ABCD-EFGH-JKMN-PQRS"),
        address: of("https://example.org/MA/enrol"),
        picture: of(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><path d="M0 0h1v1h-1z"/></svg>"#),
        lines: vec![of("Mit dem Telefon aufnehmen"), of("oder abtippen:")],
    });
    let pdf = letters::set(&one).unwrap();
    let text = text_of(&pdf);
    for words in ["ABCD-EFGH-JKMN-PQRS", "https://example.org/MA/enrol", "oder abtippen:"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(pdf.windows(4).any(|bytes| bytes == b"/Alt"), "who can't see the picture hears where it leads");
}
