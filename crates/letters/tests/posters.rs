//! Posters as a telephone sees them: rendered by poppler, decoded by a reader that knows nothing of who drew the code.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use domain::authorities::ShortCode;
use domain::letters::CannotSet;
use domain::venues::{Instruction, Poster, PosterFormat, PosterSheet, guest_address};
use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

const NAME: &str = "Café Grün & Söhne, „Zum Ägir“";

fn poster(area: Option<(&str, &str)>) -> Poster {
    let (venue, code) = ("7K3M9QX2AB".parse().unwrap(), ShortCode::new("MA").unwrap());
    let area_id = area.map(|(id, name)| (id.parse().unwrap(), name));
    let address = guest_address("https://epitrace.example", &code, (venue, NAME), area_id);
    let qr = fast_qr::QRBuilder::new(address.as_str()).ecl(fast_qr::ECL::M).build().unwrap();
    Poster {
        area: area.map(|(_, name)| name.to_owned()),
        picture: fast_qr::convert::svg::SvgBuilder::default().to_str(&qr),
        typed: address.split_once('#').unwrap().0.to_owned(),
        address,
        short_id: area.map_or("7K3M9 QX2AB", |_| "00000 00001").to_owned(),
    }
}

fn sheet(format: PosterFormat, posters: Vec<Poster>) -> PosterSheet {
    let say = |language: &str, head: &str, text: &str| Instruction {
        language: language.to_owned(),
        head: head.to_owned(),
        text: text.to_owned(),
    };
    PosterSheet {
        format,
        name: NAME.to_owned(),
        instructions: vec![
            say("de", "Bitte einchecken", "Code mit der Kamera des Telefons öffnen und Kontaktdaten angeben."),
            say("en", "Please check in", "Open the code with your phone’s camera and leave your contact details."),
            say("tr", "Lütfen giriş yapın", "Kodu telefonunuzun kamerasıyla açın ve iletişim bilgilerinizi bırakın."),
        ],
        authority: "Gesundheitsamt Mannheim".to_owned(),
        posters,
    }
}

/// Runs a program of poppler on a PDF; gives what it prints.
fn poppler(program: &str, arguments: &[&str], pdf: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; scripts/setup test installs it"));
    let mut stdin = child.stdin.take().unwrap();
    let pdf = pdf.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&pdf).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "{program} can't read it");
    output.stdout
}

/// Decodes every code on a page; addresses in their order. Like a telephone, it looks at the page more than once: what is
/// unclear at one resolution is clear at another.
fn scanned(pdf: &[u8], page: usize) -> Vec<String> {
    let seen: BTreeSet<String> =
        ["110", "130", "150", "175", "200"].into_iter().flat_map(|dots| scanned_at(pdf, page, dots)).collect();
    seen.into_iter().collect()
}

fn scanned_at(pdf: &[u8], page: usize, dots: &str) -> Vec<String> {
    let page = page.to_string();
    let image = poppler("pdftoppm", &["-gray", "-r", dots, "-f", &page, "-l", &page, "-"], pdf);
    let mut fields = image.splitn(4, |byte| byte.is_ascii_whitespace());
    let mut field = || String::from_utf8(fields.next().unwrap().to_vec()).unwrap();
    assert_eq!(field(), "P5");
    let (width, height): (usize, usize) = (field().parse().unwrap(), field().parse().unwrap());
    let pixels = &image[image.len() - width * height..];
    let mut page = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    page.detect_grids().iter().filter_map(|grid| Some(grid.decode().ok()?.1)).collect()
}

fn text_of(pdf: &[u8]) -> String {
    String::from_utf8(poppler("pdftotext", &["-", "-"], pdf)).unwrap()
}

#[test]
fn each_area_has_a_page_whose_code_is_its_whole_address() {
    let posters = vec![poster(None), poster(Some(("0000000001", "Straßen-Terrasse & Biergarten")))];
    let pdf = letters::set_posters(&sheet(PosterFormat::A4, posters)).unwrap();
    let whole = "https://epitrace.example/g/MA/7K3M9QX2AB\
                 #name=Caf%C3%A9%20Gr%C3%BCn%20%26%20S%C3%B6hne%2C%20%E2%80%9EZum%20%C3%84gir%E2%80%9C";
    assert_eq!(scanned(&pdf, 1), [whole]);
    let part = whole.replace('#', "/0000000001#") + "&area=Stra%C3%9Fen-Terrasse%20%26%20Biergarten";
    assert_eq!(scanned(&pdf, 2), [part]);
    assert_eq!(text_of(&pdf).matches('\u{c}').count(), 2, "pages");
}

#[test]
fn what_is_printed_is_the_name_the_id_and_three_languages() {
    for format in [PosterFormat::A4, PosterFormat::A6] {
        let pdf = letters::set_posters(&sheet(format, vec![poster(Some(("0000000001", "Terrasse")))])).unwrap();
        let text = text_of(&pdf).split_whitespace().collect::<Vec<_>>().join(" ");
        for printed in [NAME, "Terrasse", "00000 00001", "epitrace.example/g/MA/7K3M9QX2AB/0000000001"] {
            assert!(text.contains(printed), "{format}: {printed} in {text}");
        }
        for language in ["Bitte einchecken", "Please check in", "Lütfen giriş yapın"] {
            assert!(text.contains(language), "{format}: {language} in {text}");
        }
    }
}

#[test]
fn four_cards_are_on_a_page_and_the_fifth_on_the_next() {
    let ids = ["0000000001", "0000000002", "0000000003", "0000000004", "0000000005"];
    let names = ["Tisch 1", "Tisch 2", "Tisch 3", "Tisch 4", "Tisch 5 & 6"];
    let posters: Vec<Poster> = ids.iter().zip(names).map(|(id, name)| poster(Some((id, name)))).collect();
    let mut wanted: Vec<String> = posters.iter().map(|one| one.address.clone()).collect();
    let pdf = letters::set_posters(&sheet(PosterFormat::A6, posters)).unwrap();
    let (mut first, second) = (scanned(&pdf, 1), scanned(&pdf, 2));
    first.sort();
    assert_eq!(second, [wanted.pop().unwrap()]);
    assert_eq!(first, wanted);
    assert_eq!(text_of(&pdf).matches('\u{c}').count(), 2, "pages");
}

#[test]
fn the_longest_names_stay_on_their_page() {
    for name in ["W".repeat(80), "Wirtshaus zur Linde ".repeat(4).trim().to_owned()] {
        for format in [PosterFormat::A4, PosterFormat::A6] {
            let posters = vec![poster(Some(("0000000001", &"Ä".repeat(40)))), poster(None)];
            let pdf = letters::set_posters(&PosterSheet { name: name.clone(), ..sheet(format, posters) }).unwrap();
            let pages = if format == PosterFormat::A4 { 2 } else { 1 };
            assert_eq!(text_of(&pdf).matches('\u{c}').count(), pages, "{format} {name}");
            assert_eq!(scanned(&pdf, 1).len(), 3 - pages, "{format} {name}");
        }
    }
}

#[test]
fn a_name_that_no_font_can_write_is_told() {
    let odd = PosterSheet { name: "李家 Garden".to_owned(), ..sheet(PosterFormat::A4, vec![poster(None)]) };
    assert_eq!(letters::set_posters(&odd), Err(CannotSet::NoGlyph(vec!['家', '李'])));
}
