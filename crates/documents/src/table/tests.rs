//! Files as they come: encodings, delimiters, blank and ragged rows, packed files, workbooks.
#![allow(clippy::unwrap_used)]

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use jiff::civil::date;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::*;
use crate::cell::Cell;
use crate::values::{DateOrder, day};

const WITH_HEADER: TableOptions = TableOptions { delimiter: None, header: Header::FirstRow };
const HEADERLESS: TableOptions = TableOptions { delimiter: None, header: Header::None };

fn open(bytes: &[u8]) -> Table {
    Table::from_bytes(bytes.to_vec(), WITH_HEADER).unwrap()
}

/// Prints each row as `number:cell|cell`, errors as their sentence.
fn rows(mut table: Table) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        match table.next_row() {
            Ok(None) => return lines,
            Ok(Some(row)) => {
                let cells: Vec<String> = row.cells().map(|c| values::name(c).into()).collect();
                lines.push(format!("{}:{}", row.number, cells.join("|")));
            }
            Err(error) => lines.push(error.to_string()),
        }
    }
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(rows(open(text.as_bytes())), expected, "{text:?}");
}

fn refusal(bytes: &[u8]) -> String {
    Table::from_bytes(bytes.to_vec(), WITH_HEADER).unwrap_err().to_string()
}

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(to_bytes).collect()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn rows_are_numbered_as_in_the_file() {
    check("a,b\n1,2\n\n,\n \n3,4", &["2:1|2", "6:3|4"]);
    check("a,b\r\n1,2\r\n\r\n3,4\r\n", &["2:1|2", "4:3|4"]);
    check("a,b\r1,2\r3,4\r", &["2:1|2", "3:3|4"]);
    check("\n\na,b\n1,2\n", &["4:1|2"]);
    check("a,b\n\"1\n1\",2\n3,4\n", &["2:1\n1|2", "4:3|4"]);
}

#[test]
fn quotes_hold_delimiters_line_breaks_and_doubled_quotes() {
    check("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", &["2:x,y|say \"hi\""]);
    check("a,b\n1, \"x,y\" \n", &["2:1|x,y"]);
    check("a,b\n5\" pipe,\"x\"y\n", &["2:5\" pipe|xy"]);
}

#[test]
fn spaces_around_values_are_removed_but_kept_for_the_author() {
    let mut table = open(b" a , b \n 1 ,\t2\n");
    assert_eq!(table.header().unwrap(), ["a", "b"]);
    let row = table.next_row().unwrap().unwrap();
    assert_eq!(row.get(0), Cell::Text("1"));
    assert_eq!(row.raw(0), " 1 ");
    assert_eq!(row.get(None), Cell::Empty);
}

#[test]
fn a_short_row_ends_with_empty_cells() {
    let mut table = open(b"a,b,c\n1\n");
    let row = table.next_row().unwrap().unwrap();
    assert_eq!((row.get(0), row.get(2)), (Cell::Text("1"), Cell::Empty));
    assert_eq!(row.fault(), None);
}

#[test]
fn a_row_with_too_many_cells_is_at_fault_and_the_file_goes_on() {
    let mut table = open(b"a,b\n1,2,3\n4,5,,\n6,7\n");
    let fault = table.next_row().unwrap().unwrap().fault().unwrap();
    assert_eq!(fault.to_string(), "has 3 cells, but the table has 2 columns");
    assert_eq!(table.next_row().unwrap().unwrap().fault(), None, "empty cells do no harm");
    assert_eq!(table.next_row().unwrap().unwrap().get(0), Cell::Text("6"));
}

#[test]
fn without_a_header_the_first_row_is_data() {
    let mut table = Table::from_bytes(b"\n1\t2\n3\t4\n".to_vec(), HEADERLESS).unwrap();
    assert_eq!((table.header(), table.n_columns()), (None, 2));
    assert_eq!(table.next_row().unwrap().unwrap().number, 2);
    assert_eq!(rows(table), ["3:3|4"]);
}

#[test]
fn the_delimiter_is_recognised_given_or_announced() {
    assert_eq!(open(b"a;b\n1;2,5\n").delimiter(), Some(b';'));
    assert_eq!(rows(open(b"sep=|\na|b\n1|2\n")), ["3:1|2"]);
    let given = TableOptions { delimiter: Some(b' '), header: Header::None };
    assert_eq!(rows(Table::from_bytes(b"1 2\n".to_vec(), given).unwrap()), ["1:1|2"]);
}

#[test]
fn a_delimiter_that_would_cut_letters_is_refused() {
    for delimiter in [0xe9, b'"', b'\n', b'a'] {
        let options = TableOptions { delimiter: Some(delimiter), header: Header::None };
        let refused = Table::from_bytes(b"1,2\n".to_vec(), options);
        assert!(matches!(refused, Err(TableError::Delimiter)), "{delimiter}");
    }
    let table = open(b"sep=\xe9\na,b\n1,2\n");
    assert_eq!(table.delimiter(), Some(b','), "an announced one is ignored");
}

#[test]
fn each_encoding_is_recognised_and_reported() {
    let expected = ["2:Jörg|€"];
    for (bytes, encoding) in [
        ("a;b\nJörg;€\n".as_bytes().to_vec(), Encoding::Utf8),
        ("\u{feff}a;b\nJörg;€\n".as_bytes().to_vec(), Encoding::Utf8),
        (utf16("a;b\nJörg;€\n", u16::to_le_bytes), Encoding::Utf16Le),
        (utf16("a;b\nJörg;€\n", u16::to_be_bytes), Encoding::Utf16Be),
        (b"a;b\nJ\xf6rg;\x80\n".to_vec(), Encoding::Windows1252),
    ] {
        let table = open(&bytes);
        assert_eq!(table.encoding(), Some(encoding));
        assert_eq!(table.header().unwrap(), ["a", "b"], "{encoding}");
        assert_eq!(rows(table), expected, "{encoding}");
    }
}

#[test]
fn windows_1252_is_recognised_also_behind_the_first_block() {
    let mut bytes = b"a,b\n".to_vec();
    bytes.extend(b"1,plain\n".repeat(300_000));
    bytes.extend(b"2,J\xf6rg\n");
    let mut table = open(&bytes);
    assert_eq!(table.encoding(), Some(Encoding::Utf8), "as far as it is known");
    let mut last = String::new();
    while let Some(row) = table.next_row().unwrap() {
        last = values::name(row.get(1)).into();
    }
    assert_eq!((last.as_str(), table.encoding()), ("Jörg", Some(Encoding::Windows1252)));
}

#[test]
fn a_byte_without_a_letter_is_named_by_row_and_byte() {
    assert_eq!(
        rows(open(b"a,b\n1,x\n2,\x81\n3,y\n")),
        ["2:1|x", "row 3, byte 3: 0x81 is neither UTF-8 nor Windows-1252; save the file as UTF-8"]
    );
}

#[test]
fn a_file_of_two_encodings_is_refused_where_the_second_begins() {
    let expected = "row 3, byte 4: 0xf6 is not UTF-8, but what stands before it is; \
                    save the file as UTF-8";
    assert_eq!(rows(open(b"a,b\n1,J\xc3\xb6rg\n2,J\xf6rg\n"))[1], expected);
    assert!(rows(open(b"a,b\n\xc3\xb6,\xf6\n"))[0].contains("row 2, byte 4: 0xf6 is not UTF-8"));
}

#[test]
fn half_a_character_of_utf16_is_damage() {
    let mut bytes = utf16("a,b\n1,2\n3,", u16::to_le_bytes);
    bytes.extend([0x00, 0xd8, b'x', 0x00]);
    assert_eq!(rows(open(&bytes))[1], "row 3 is damaged UTF-16; save the file as UTF-8");
}

#[test]
fn what_is_no_table_is_refused() {
    assert_eq!(refusal(b""), "the file is empty");
    assert_eq!(refusal(b"\n , \n"), "the file is empty");
    assert!(refusal(b"a\0b\n").starts_with("the file is not a table of text"));
    assert!(refusal(b"\xd0\xcf\x11\xe0....").starts_with("the file is an old Excel workbook"));
    assert!(refusal(b"PK\x03\x04....").starts_with("the file is not a readable XLSX workbook"));
}

#[test]
fn a_quote_that_is_never_closed_is_refused() {
    assert_eq!(rows(open(b"a,b\n1,2\n3,\"x\n4,y\n")), ["2:1|2", "row 3: a quote is opened and never closed"]);
    let mut endless = b"a,b\n1,\"".to_vec();
    endless.extend(b"x\n".repeat(2 << 20));
    assert_eq!(rows(open(&endless)), ["row 2 is longer than 1 MiB; perhaps a quote is not closed"]);
}

#[test]
fn a_packed_file_is_unpacked_while_reading() {
    let bytes = packed(b"a\tb\n1\t2\n");
    assert_eq!(rows(open(&bytes)), ["2:1|2"]);
    let two_parts = [packed(b"a,b\n1,2\n"), packed(b"3,4\n")].concat();
    assert_eq!(rows(open(&two_parts)), ["2:1|2", "3:3|4"], "as cat joins them");
}

#[test]
fn a_packed_file_that_was_cut_short_is_an_error_and_no_end() {
    let mut text = String::from("a,b\n");
    for number in 0..200_000_u64 {
        text += &format!("{number},{}\n", number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    }
    let bytes = packed(text.as_bytes());
    let lines = rows(open(&bytes[..bytes.len() / 2]));
    assert!(lines.last().unwrap().starts_with("cannot read the file beyond row"));
}

fn workbook() -> Workbook {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("Fälle").unwrap();
    let as_date = Format::new().set_num_format("dd.mm.yyyy");
    let as_time = Format::new().set_num_format("hh:mm");
    sheet.write_row(0, 0, ["id", "onset", "plz", "ok"]).unwrap();
    let onset = ExcelDateTime::from_ymd(2020, 3, 1).unwrap();
    sheet.write_datetime_with_format(1, 1, &onset, &as_date).unwrap();
    sheet.write(1, 0, 7).unwrap();
    sheet.write(1, 2, 49621).unwrap();
    sheet.write(1, 3, true).unwrap();
    sheet.write(3, 1, 43891).unwrap();
    sheet.write(3, 0, "007").unwrap();
    sheet.write(4, 1, "43891").unwrap();
    sheet.write(5, 1, "1.3.2020").unwrap();
    let onset = ExcelDateTime::from_ymd(2020, 3, 1).unwrap().and_hms(14, 30, 0).unwrap();
    sheet.write_datetime_with_format(6, 1, &onset, &as_date).unwrap();
    sheet.write_with_format(7, 2, 0.5, &as_time).unwrap();
    sheet.write(8, 6, "beyond").unwrap();
    workbook.add_worksheet().write(0, 0, "other").unwrap();
    workbook
}

#[test]
fn a_workbook_gives_its_first_sheet_by_its_rows() {
    let table = open(&workbook().save_to_buffer().unwrap());
    assert_eq!(table.sheet(), Some("Fälle"));
    assert_eq!((table.encoding(), table.delimiter()), (None, None));
    assert_eq!(
        rows(table),
        [
            "2:7|2020-03-01|49621|true",
            "4:007|43891",
            "5:|43891",
            "6:|1.3.2020",
            "7:|2020-03-01T14:30:00",
            "8:||12:00:00",
            "9:||||||beyond",
        ]
    );
}

#[test]
fn dates_serial_numbers_and_text_of_one_column_are_the_same_day() {
    let mut table = open(&workbook().save_to_buffer().unwrap());
    for number in [2, 4, 5, 6, 7] {
        let row = table.next_row().unwrap().unwrap();
        assert_eq!(row.number, number);
        assert_eq!(day(row.get(1), DateOrder::Iso), Ok(Some(date(2020, 3, 1))), "{number}");
    }
}

#[test]
fn a_row_of_a_workbook_can_have_too_many_cells() {
    let mut table = open(&workbook().save_to_buffer().unwrap());
    let mut faults = Vec::new();
    while let Some(row) = table.next_row().unwrap() {
        faults.extend(row.fault().map(|fault| (row.number, fault)));
    }
    assert_eq!(faults, [(9, RowFault::TooManyCells { found: 7, expected: 4 })]);
}

#[test]
fn a_packed_workbook_is_a_workbook() {
    let bytes = workbook().save_to_buffer().unwrap();
    assert_eq!(open(&packed(&bytes)).sheet(), Some("Fälle"));
}
