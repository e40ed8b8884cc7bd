//! What the layout is given: texts taken apart into paragraphs and points.

use domain::letters::{LetterPart, LetterSheet};
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
        "legal_note": blocks(&sheet.legal_note),
        "page_words": sheet.page_words,
    }))
}

/// Lists every text that is printed.
pub(super) fn words_of(sheet: &LetterSheet) -> impl Iterator<Item = &str> {
    let single = [&sheet.sender, &sheet.return_line, &sheet.place_and_day, &sheet.signature, &sheet.legal_note];
    let lists = sheet.sender_lines.iter().chain(&sheet.recipient).chain(&sheet.page_words);
    let facts = sheet.facts.iter().flat_map(|fact| [&fact.label, &fact.value]);
    let parts = sheet.parts.iter().flat_map(|part| [&part.caption, &part.subject, &part.text]);
    single.into_iter().chain(lists).chain(facts).chain(parts).map(String::as_str)
}

fn part(part: &LetterPart) -> Value {
    json!({
        "language": part.language,
        "caption": part.caption,
        "subject": part.subject,
        "blocks": blocks(&part.text),
    })
}

/// A text is paragraphs, a blank line between them. One whose lines all begin with `- ` is a list of points.
fn blocks(text: &str) -> Vec<Value> {
    let text = text.replace("\r\n", "\n");
    let paragraphs = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    paragraphs.map(block).collect()
}

fn block(paragraph: &str) -> Value {
    let lines: Vec<&str> = paragraph.lines().map(str::trim).collect();
    let points: Option<Vec<&str>> = lines.iter().map(|line| line.strip_prefix("- ")).collect();
    match points {
        Some(points) => json!({ "points": points }),
        None => json!({ "lines": lines }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_paragraphs_lines_and_points() {
        let found = blocks("Dear Kim,\n\n\nfirst\nsecond\r\n\r\n- one\n- two\n\n- no\npoint");
        assert_eq!(
            found,
            [
                json!({ "lines": ["Dear Kim,"] }),
                json!({ "lines": ["first", "second"] }),
                json!({ "points": ["one", "two"] }),
                json!({ "lines": ["- no", "point"] }),
            ]
        );
        assert!(blocks(" \n ").is_empty());
    }
}
