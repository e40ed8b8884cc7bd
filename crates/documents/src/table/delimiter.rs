//! The character between cells is the one that splits the first rows most evenly.
//!
//! Counting alone fails on decimal commas and on commas in addresses, so each candidate is tried
//! as if it were the one, quotes respected: the first row must have two cells or more, and the
//! share of rows with as many cells as the first decides. On equal shares more cells win. A first
//! line `sep=;`, which Excel writes and obeys, decides alone.

use super::records::{Found, Rest, find_row, split_plain, split_quoted};

const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Looking at more rows decides nothing that these don't.
const N_ROWS_TRIED: usize = 200;

/// Returns how a delimiter is called where it is shown to a person.
pub fn delimiter_name(delimiter: u8) -> String {
    match delimiter {
        b',' => "comma".into(),
        b';' => "semicolon".into(),
        b'\t' => "tab".into(),
        b'|' => "pipe".into(),
        b' ' => "space".into(),
        other => format!("{:?}", char::from(other)),
    }
}

/// Returns the delimiter of a file that begins with `block`; a comma if nothing is divided.
pub(super) fn recognise(block: &[u8], rest: Rest) -> u8 {
    let mut best = (0, 0, b',');
    for candidate in CANDIDATES {
        let (share, n_cells) = evenness(block, candidate, rest);
        // The first candidate wins a tie, so the order of the candidates is the last word.
        if n_cells >= 2 && (share, n_cells) > (best.0, best.1) {
            best = (share, n_cells, candidate);
        }
    }
    best.2
}

/// Returns the delimiter that a first line `sep=;` announces, and the length of that line.
pub(super) fn announced(block: &[u8]) -> Option<(u8, usize)> {
    let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter, after @ ..] = block else {
        return None;
    };
    match after {
        _ if !is_usable(*delimiter) => None,
        [b'\r', b'\n', ..] => Some((*delimiter, 7)),
        [b'\r' | b'\n', ..] => Some((*delimiter, 6)),
        _ => None,
    }
}

/// Returns whether a byte can stand between cells: ASCII, no letter, no quote, no line break.
pub(super) fn is_usable(delimiter: u8) -> bool {
    delimiter.is_ascii() && !delimiter.is_ascii_alphanumeric() && !b"\"\r\n\0".contains(&delimiter)
}

/// Returns how many of 1000 rows have as many cells as the first, and how many that has.
fn evenness(block: &[u8], delimiter: u8, rest: Rest) -> (usize, usize) {
    let counts = cell_counts(block, delimiter, rest);
    let Some(&first) = counts.first() else { return (0, 0) };
    let n_alike = counts.iter().filter(|n_cells| **n_cells == first).count();
    (n_alike * 1000 / counts.len(), first)
}

fn cell_counts(block: &[u8], delimiter: u8, rest: Rest) -> Vec<usize> {
    let mut counts = Vec::new();
    let mut bytes = block;
    while counts.len() < N_ROWS_TRIED && !bytes.is_empty() {
        let Found::Row(row) = find_row(bytes, delimiter, rest) else { break };
        if !bytes[..row.len].trim_ascii().is_empty() {
            counts.push(n_cells(&bytes[..row.len], delimiter, row.is_quoted));
        }
        bytes = &bytes[row.len_with_break..];
    }
    counts
}

fn n_cells(row: &[u8], delimiter: u8, is_quoted: bool) -> usize {
    let row = String::from_utf8_lossy(row);
    let mut spans = Vec::new();
    if is_quoted {
        split_quoted(&row, delimiter, &mut String::new(), &mut spans);
    } else {
        split_plain(&row, delimiter, &mut spans);
    }
    spans.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: u8) {
        let found = recognise(text.as_bytes(), Rest::None);
        assert_eq!(delimiter_name(found), delimiter_name(expected), "{text:?}");
    }

    #[test]
    fn each_delimiter_is_recognised() {
        check("id,onset\n1,2020-03-01\n", b',');
        check("id;onset\n1;2020-03-01\n", b';');
        check("id\tonset\n1\t2020-03-01\n", b'\t');
        check("id|onset\n1|2020-03-01\n", b'|');
    }

    #[test]
    fn decimal_commas_and_addresses_do_not_mislead() {
        check("id;distance\n1;0,5\n2;1,5\n3;2,5\n", b';');
        check("id;place\n1;Berlin, Mitte\n2;Bonn, Nord, Haus 3\n", b';');
        check("id\tnote\n1\ta, b; c\n", b'\t');
    }

    #[test]
    fn delimiters_in_quotes_do_not_count() {
        check("id,note\n1,\"a;b\"\n2,\"c;d;\ne\"\n", b',');
    }

    #[test]
    fn a_table_of_one_column_has_commas() {
        check("id\n1\n2\n", b',');
    }

    #[test]
    fn a_cut_off_last_row_is_not_counted() {
        assert_eq!(recognise(b"a;b\n1;2\n3", Rest::MayFollow), b';');
    }
}
