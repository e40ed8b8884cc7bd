//! What holds for every file: what was written is read back, and no bytes make the reader panic.
#![allow(clippy::unwrap_used)]

use std::io::Write;

use documents::cell::Cell;
use documents::table::{Header, Table, TableOptions};
use documents::values::{self, DateOrder};
use flate2::{Compression, write::GzEncoder};
use jiff::tz::TimeZone;
use proptest::prelude::*;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

fn cells_of(bytes: Vec<u8>, options: TableOptions) -> Vec<Vec<String>> {
    let mut table = Table::from_bytes(bytes, options).unwrap();
    let mut rows = Vec::new();
    while let Some(row) = table.next_row().unwrap() {
        rows.push(row.cells().map(shown).collect());
    }
    rows
}

fn shown(cell: Cell<'_>) -> String {
    match cell {
        Cell::Text(text) => text.into(),
        _ => String::new(),
    }
}

/// Reads all that can be read and asks each cell for each kind of value.
fn exhaust(bytes: Vec<u8>) {
    for header in [Header::FirstRow, Header::None] {
        let options = TableOptions { delimiter: None, header };
        let Ok(mut table) = Table::from_bytes(bytes.clone(), options) else { continue };
        while let Ok(Some(row)) = table.next_row() {
            row.cells().for_each(ask_everything);
        }
    }
}

fn ask_everything(cell: Cell<'_>) {
    for order in [DateOrder::Iso, DateOrder::DayFirst, DateOrder::MonthFirst] {
        let _ = values::day(cell, order);
        let _ = values::instant(cell, &TimeZone::UTC, order);
    }
    let _ = (values::number(cell), values::age(cell), values::distance(cell));
    let _ = (values::text(cell), values::word(cell), values::identifier(cell));
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Any text without zero bytes, with more than its share of the characters that matter.
fn any_cell() -> impl Strategy<Value = String> {
    prop_oneof!["[ ,;\t|\"\r\na=é']{0,8}", "[^\0]{0,6}"]
}

fn any_table() -> impl Strategy<Value = Vec<Vec<String>>> {
    (1_usize..5).prop_flat_map(|n_columns| prop::collection::vec(prop::collection::vec(any_cell(), n_columns), 1..8))
}

fn written(table: &[Vec<String>], delimiter: u8) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    // A first row without surprises, so that no cell is mistaken for the mark of an encoding.
    writer.write_record(table[0].iter().map(|_| "name")).unwrap();
    table.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}

proptest! {
    #[test]
    fn what_was_written_as_csv_is_read_back_trimmed(table in any_table(), which in 0_usize..4) {
        let delimiter = DELIMITERS[which];
        let options =
            TableOptions { delimiter: Some(delimiter), header: Header::FirstRow };
        let mut expected: Vec<Vec<String>> = table
            .iter()
            .map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect())
            .collect();
        expected.retain(|row: &Vec<String>| row.iter().any(|cell| !cell.is_empty()));
        let bytes = written(&table, delimiter);
        prop_assert_eq!(&cells_of(bytes.clone(), options), &expected);
        prop_assert_eq!(&cells_of(packed(&bytes), options), &expected);
    }

    #[test]
    fn quotes_are_understood_as_the_csv_crate_does(text in "([ab,é]|\"[ab,\n]*\"|\n|\r\n){0,20}") {
        // Behind a comma, so that every quote opens where a cell begins or stands in a word.
        let text = format!("h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h\n,{text}");
        let options = TableOptions { delimiter: Some(b','), header: Header::FirstRow };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let mut theirs: Vec<Vec<String>> = reader
            .records()
            .map(|row| row.unwrap().iter().map(|cell| cell.trim().to_owned()).collect())
            .collect();
        theirs.retain(|row| row.iter().any(|cell| !cell.is_empty()));
        match Table::from_bytes(text.clone().into_bytes(), options).map(rows_of) {
            Ok(Some(ours)) => prop_assert_eq!(ours, theirs),
            // An open quote is an error here and the rest of the file there.
            _ => prop_assert!(text.contains('"')),
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        exhaust(bytes.clone());
        exhaust(packed(&bytes));
        exhaust([&[0x1f, 0x8b, 8, 0][..], &bytes].concat());
        exhaust([&b"PK\x03\x04"[..], &bytes].concat());
        exhaust([&[0xff, 0xfe][..], &bytes].concat());
        exhaust([&[0xfe, 0xff][..], &bytes].concat());
    }

    #[test]
    fn no_text_makes_a_value_panic(text in "([0-9./,:TZ+ -]|é|März|pm){0,24}") {
        ask_everything(Cell::Text(&text));
    }

    #[test]
    fn no_number_makes_a_value_panic(number in any::<f64>()) {
        ask_everything(Cell::Number(number));
    }

    #[test]
    fn no_damage_to_a_workbook_makes_the_reader_panic(
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        kept in any::<prop::sample::Index>(),
    ) {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, ["id", "onset"]).unwrap();
        sheet.write(1, 1, 43891).unwrap();
        let mut bytes = workbook.save_to_buffer().unwrap();
        exhaust(bytes[..kept.index(bytes.len())].to_vec());
        for (at, value) in damages {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        exhaust(bytes);
    }
}

fn rows_of(mut table: Table) -> Option<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    loop {
        match table.next_row() {
            Ok(None) => return Some(rows),
            Ok(Some(row)) => rows.push(row.cells().map(shown).collect()),
            Err(_) => return None,
        }
    }
}
