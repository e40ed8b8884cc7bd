//! What the layout is given: texts taken apart into paragraphs and points.

use domain::guest_lists::ListSheet;
use domain::letters::{LetterCode, LetterPart, LetterSheet};
use domain::venues::PosterSheet;
use serde_json::{Value, json};

/// Returns the sheet as the layout reads it.
pub(super) fn as_json(sheet: &LetterSheet) -> Result<String, serde_json::Error> {
    serde_json::to_string(&json!({
        "language": sheet.language,
        "sender": sheet.sender,
        "sender_lines": sheet.sender_lines,
        "return_line": sheet.return_line,
        "recipient": sheet.recipient,
        "facts": sheet.facts.iter().map(|fact| json!([fact.label, fact.value])).collect::<Vec<_>>(),
        "parts": sheet.parts.iter().map(part).collect::<Vec<_>>(),
        "place_and_day": sheet.place_and_day,
        "signature": sheet.signature,
        "legal_note": blocks(&sheet.legal_note, &[]),
        "page_words": sheet.page_words,
        "code": sheet.code.as_ref().map(code),
    }))
}

/// Returns posters as their layout reads them.
pub(super) fn posters_as_json(sheet: &PosterSheet) -> Result<String, serde_json::Error> {
    let instructions = sheet.instructions.iter();
    let posters = sheet.posters.iter();
    serde_json::to_string(&json!({
        "format": sheet.format.as_str(),
        "name": sheet.name,
        "authority": sheet.authority,
        "instructions": instructions
            .map(|one| json!({ "language": one.language, "head": one.head, "text": one.text }))
            .collect::<Vec<_>>(),
        "posters": posters
            .map(|one| {
                json!({ "area": one.area, "picture": one.picture, "address": one.address, "typed": one.typed,
                        "short_id": one.short_id })
            })
            .collect::<Vec<_>>(),
    }))
}

/// Returns a guest list as its layout reads it. Characters that no font has become `?`.
pub(super) fn list_as_json(sheet: &ListSheet, lacking: &[char]) -> Result<String, serde_json::Error> {
    let plain = |text: &String| text.replace(lacking, "?");
    let row = |row: &Vec<String>| row.iter().map(plain).collect::<Vec<_>>();
    let unprintable = if lacking.is_empty() { "" } else { &sheet.unprintable };
    serde_json::to_string(&json!({
        "language": sheet.language,
        "title": sheet.title,
        "lines": sheet.lines.iter().map(|(label, value)| json!([label, plain(value)])).collect::<Vec<_>>(),
        "columns": sheet.columns,
        "rows": sheet.rows.iter().map(row).collect::<Vec<_>>(),
        "empty": sheet.empty,
        "foot": sheet.foot,
        "unprintable": unprintable,
    }))
}

/// Lists every text of a guest list that somebody else wrote.
pub(super) fn words_of_list(sheet: &ListSheet) -> impl Iterator<Item = &str> {
    let lines = sheet.lines.iter().map(|(_, value)| value);
    lines.chain(sheet.rows.iter().flatten()).map(String::as_str)
}

/// Lists every text that is printed on posters.
pub(super) fn words_of_posters(sheet: &PosterSheet) -> impl Iterator<Item = &str> {
    let instructions = sheet.instructions.iter().flat_map(|one| [&one.head, &one.text]);
    let posters = sheet.posters.iter().flat_map(|one| [&one.typed, &one.short_id].into_iter().chain(&one.area));
    [&sheet.name, &sheet.authority].into_iter().chain(instructions).chain(posters).map(String::as_str)
}

/// Lists every text that is printed.
pub(super) fn words_of(sheet: &LetterSheet) -> impl Iterator<Item = &str> {
    let single = [&sheet.sender, &sheet.return_line, &sheet.place_and_day, &sheet.signature, &sheet.legal_note];
    let lists = sheet.sender_lines.iter().chain(&sheet.recipient).chain(&sheet.page_words);
    let facts = sheet.facts.iter().flat_map(|fact| [&fact.label, &fact.value]);
    let parts = sheet.parts.iter().flat_map(|part| [&part.caption, &part.subject, &part.text]);
    let code = sheet.code.iter().flat_map(|code| [&code.code, &code.address].into_iter().chain(&code.lines));
    single.into_iter().chain(lists).chain(facts).chain(parts).chain(code).map(String::as_str)
}

fn code(code: &LetterCode) -> Value {
    json!({ "code": code.code, "address": code.address, "picture": code.picture, "lines": code.lines })
}

fn part(part: &LetterPart) -> Value {
    json!({
        "language": part.language,
        "caption": part.caption,
        "subject": part.subject,
        "blocks": blocks(&part.text, &part.strong),
    })
}

/// A text is paragraphs, a blank line between them. One whose lines all begin with `- ` is a list of points.
fn blocks(text: &str, strong: &[String]) -> Vec<Value> {
    let text = text.replace("\r\n", "\n");
    let paragraphs = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    paragraphs.map(|paragraph| block(paragraph, strong)).collect()
}

fn block(paragraph: &str, strong: &[String]) -> Value {
    let lines: Vec<&str> = paragraph.lines().map(str::trim).collect();
    let points: Option<Vec<&str>> = lines.iter().map(|line| line.strip_prefix("- ")).collect();
    let runs = |lines: &[&str]| lines.iter().map(|line| runs(line, strong)).collect::<Vec<_>>();
    match points {
        Some(points) => json!({ "points": runs(&points) }),
        None => json!({ "lines": runs(&lines) }),
    }
}

/// Takes a line apart where something in it is bold: pairs of a text and whether it is.
fn runs(line: &str, strong: &[String]) -> Vec<(String, bool)> {
    let mut runs = Vec::new();
    let mut rest = line;
    while let Some((at, word)) = next_of(rest, strong) {
        runs.extend([(rest[..at].to_owned(), false), (word.to_owned(), true)]);
        rest = &rest[at + word.len()..];
    }
    runs.push((rest.to_owned(), false));
    runs.retain(|(text, _)| !text.is_empty());
    runs
}

/// Finds the first of these words; of two at one place the longer.
fn next_of<'w>(text: &str, words: &'w [String]) -> Option<(usize, &'w str)> {
    let found = words.iter().filter(|word| !word.is_empty()).filter_map(|word| Some((text.find(word.as_str())?, word)));
    found.min_by_key(|(at, word)| (*at, std::cmp::Reverse(word.len()))).map(|(at, word)| (at, word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_paragraphs_lines_and_points() {
        let found = blocks("Dear Kim,\n\n\nfirst\nsecond\r\n\r\n- one\n- two\n\n- no\npoint", &[]);
        let plain = |texts: &[&str]| texts.iter().map(|text| json!([[text, false]])).collect::<Vec<_>>();
        assert_eq!(
            found,
            [
                json!({ "lines": plain(&["Dear Kim,"]) }),
                json!({ "lines": plain(&["first", "second"]) }),
                json!({ "points": plain(&["one", "two"]) }),
                json!({ "lines": plain(&["- no", "point"]) }),
            ]
        );
        assert!(blocks(" \n ", &[]).is_empty());
    }

    #[test]
    fn days_are_bold_wherever_they_stand() {
        let strong = ["3 May 2026", "13 May 2026", ""].map(str::to_owned);
        let of = |text: &str, is_strong| (text.to_owned(), is_strong);
        assert_eq!(
            runs("from 3 May 2026 to 13 May 2026.", &strong),
            [of("from ", false), of("3 May 2026", true), of(" to ", false), of("13 May 2026", true), of(".", false)]
        );
        assert_eq!(runs("3 May 2026", &strong), [of("3 May 2026", true)]);
        assert_eq!(runs("", &strong), []);
    }
}
