//! Where a row of a text file ends, and where its cells are.
//!
//! A quote counts only where a cell begins, perhaps after spaces; inside quotes, line breaks and
//! delimiters are letters and two quotes are one. After the closing quote the rest of the cell is
//! taken as it is. Rows end with CR, LF or both. This is what Excel writes and reads.
//!
//! Finding the end works on bytes, before their encoding is known: delimiter, quote and line
//! breaks are ASCII, which UTF-8 and Windows-1252 share.

use std::ops::Range;

/// Whether bytes follow after those at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    MayFollow,
    None,
}

/// The first row of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// Its length in bytes, without the line break.
    pub len: usize,
    /// Its length with the line break.
    pub len_with_break: usize,
    /// How many lines it covers.
    pub n_lines: u64,
    /// Whether a cell is in quotes.
    pub is_quoted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Row(Extent),
    /// The row goes on beyond the bytes at hand.
    NeedsMore,
    /// The file ends inside quotes.
    OpenQuote,
}

/// Finds the end of the first row; `bytes` must not be empty unless more may follow.
pub(super) fn find_row(bytes: &[u8], delimiter: u8, rest: Rest) -> Found {
    let mut at = 0;
    let mut n_lines = 1;
    let mut is_quoted = false;
    let mut cell_begins = true;
    while let Some(&byte) = bytes.get(at) {
        if byte == delimiter {
            cell_begins = true;
        } else if byte == b'\n' || byte == b'\r' {
            return match break_len(&bytes[at..], rest) {
                None => Found::NeedsMore,
                Some(n) => Found::Row(Extent { len: at, len_with_break: at + n, n_lines, is_quoted }),
            };
        } else if byte == b'"' && cell_begins {
            is_quoted = true;
            cell_begins = false;
            match find_closing_quote(bytes, at + 1, rest) {
                Closing::At(quote, n_breaks) => {
                    n_lines += n_breaks;
                    at = quote;
                }
                Closing::NeedsMore => return Found::NeedsMore,
                Closing::Never => return Found::OpenQuote,
            }
        } else if !is_padding(byte) {
            cell_begins = false;
        }
        at += 1;
    }
    match rest {
        Rest::MayFollow => Found::NeedsMore,
        Rest::None => Found::Row(Extent { len: at, len_with_break: at, n_lines, is_quoted }),
    }
}

/// Returns whether a byte may stand between a delimiter and an opening quote.
fn is_padding(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Returns the length of the line break that begins here; `None` if an LF may still follow the CR.
fn break_len(bytes: &[u8], rest: Rest) -> Option<usize> {
    match bytes {
        [b'\r', b'\n', ..] => Some(2),
        [b'\r'] if rest == Rest::MayFollow => None,
        _ => Some(1),
    }
}

enum Closing {
    /// Position of the quote, and the line breaks before it.
    At(usize, u64),
    NeedsMore,
    Never,
}

fn find_closing_quote(bytes: &[u8], from: usize, rest: Rest) -> Closing {
    let mut at = from;
    let mut n_breaks = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, bytes.get(at + 1)) {
            (b'"', Some(b'"')) => at += 1,
            (b'"', None) if rest == Rest::MayFollow => return Closing::NeedsMore,
            (b'"', _) => return Closing::At(at, n_breaks),
            // A CR before an LF is counted with the LF.
            (b'\r', Some(b'\n')) => {}
            (b'\r' | b'\n', _) => n_breaks += 1,
            _ => {}
        }
        at += 1;
    }
    match rest {
        Rest::MayFollow => Closing::NeedsMore,
        Rest::None => Closing::Never,
    }
}

/// Finds the cells of a row without quotes.
pub(super) fn split_plain(row: &str, delimiter: u8, spans: &mut Vec<Range<usize>>) {
    let mut from = 0;
    for (at, byte) in row.bytes().enumerate() {
        if byte == delimiter {
            spans.push(from..at);
            from = at + 1;
        }
    }
    spans.push(from..row.len());
}

/// Finds the cells of a row with quotes; their text, quotes removed, is appended to `text`.
pub(super) fn split_quoted(row: &str, delimiter: u8, text: &mut String, spans: &mut Vec<Range<usize>>) {
    let mut rest = row;
    loop {
        let from = text.len();
        rest = push_cell(rest, delimiter, text);
        spans.push(from..text.len());
        if rest.is_empty() {
            return;
        }
        rest = &rest[1..];
    }
}

/// Appends the first cell and returns what follows it: nothing, or the delimiter and more.
fn push_cell<'r>(row: &'r str, delimiter: u8, text: &mut String) -> &'r str {
    let padding = row.bytes().take_while(|byte| is_padding(*byte) && *byte != delimiter).count();
    let rest = match row[padding..].strip_prefix('"') {
        Some(quoted) => push_quoted(quoted, text),
        None => row,
    };
    let end = rest.bytes().position(|byte| byte == delimiter).unwrap_or(rest.len());
    text.push_str(&rest[..end]);
    &rest[end..]
}

/// Appends what stands before the closing quote and returns what stands behind it.
fn push_quoted<'r>(quoted: &'r str, text: &mut String) -> &'r str {
    let mut rest = quoted;
    while let Some((before, behind)) = rest.split_once('"') {
        text.push_str(before);
        match behind.strip_prefix('"') {
            Some(more) => {
                text.push('"');
                rest = more;
            }
            None => return behind,
        }
    }
    text.push_str(rest);
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], rest: Rest, expected: Found) {
        assert_eq!(find_row(bytes, b',', rest), expected, "{}", bytes.escape_ascii());
    }

    fn row(len: usize, len_with_break: usize, n_lines: u64, is_quoted: bool) -> Found {
        Found::Row(Extent { len, len_with_break, n_lines, is_quoted })
    }

    #[test]
    fn a_row_ends_with_either_line_break_or_with_the_file() {
        check(b"a,b\nc", Rest::MayFollow, row(3, 4, 1, false));
        check(b"a,b\r\nc", Rest::MayFollow, row(3, 5, 1, false));
        check(b"a,b\rc", Rest::MayFollow, row(3, 4, 1, false));
        check(b"a,b", Rest::None, row(3, 3, 1, false));
    }

    #[test]
    fn a_row_that_may_go_on_needs_more_bytes() {
        check(b"a,b", Rest::MayFollow, Found::NeedsMore);
        check(b"a,b\r", Rest::MayFollow, Found::NeedsMore);
        check(b"a,\"b", Rest::MayFollow, Found::NeedsMore);
        check(b"a,\"b\"", Rest::MayFollow, Found::NeedsMore);
    }

    #[test]
    fn line_breaks_in_quotes_belong_to_the_row_and_are_counted() {
        check(b"a,\"b\r\nc\nd\re\"\nf", Rest::None, row(12, 13, 4, true));
    }

    #[test]
    fn a_quote_inside_a_word_is_a_letter() {
        check(b"a\"b\nc", Rest::None, row(3, 4, 1, false));
    }

    #[test]
    fn a_quote_that_never_closes_is_found_at_the_end_of_the_file() {
        check(b"a,\"b\nc\n", Rest::None, Found::OpenQuote);
    }
}
