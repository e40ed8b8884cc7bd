//! Lists of offices and the postcodes that they serve: the German list of the Robert Koch Institute, as XML, and a
//! table for any other country. What comes out are texts; whether a postcode can be one is not decided here.

use crate::table::{Header, Table, TableError, TableOptions};
use flate2::read::MultiGzDecoder;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::Read;

/// Columns of a table of offices; the first three are needed.
pub const COLUMNS: [&str; 6] = ["postcode", "code", "name", "address", "phone", "email"];
const N_NEEDED: usize = 3;

/// Most bytes of a list, unpacked: the German one has a fifth of a mebibyte.
const MOST_BYTES: u64 = 64 << 20;

/// An office, and postcodes that it serves, as a list has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfficeEntry {
    /// Where it stands: the row of a table, or the number of the entry.
    pub at: u64,
    /// Its code.
    pub code: String,
    /// As people call it.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// Telephone.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// Postcodes, and in the German list also other words by which people search.
    pub postcodes: Vec<String>,
}

/// Why a list can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It is no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// It is no XML.
    #[error("the list is no XML, or breaks off")]
    NotXml,
    /// It is another XML.
    #[error("the list has no TransmittingSite: it is not the one of the Robert Koch Institute")]
    NotTheList,
    /// An entry lacks its code or its name.
    #[error("entry {at} of the list lacks its {what}")]
    Lacks {
        /// Number of the entry, or of the row.
        at: u64,
        /// What it lacks.
        what: &'static str,
    },
    /// A column is missing.
    #[error("the list has no column {0}; it needs postcode, code and name, and may have address, phone and email")]
    NoColumn(&'static str),
    /// A row has more cells than the header.
    #[error("row {0} of the list has more cells than its header")]
    TooManyCells(u64),
    /// It is far too large for one.
    #[error("the list is larger than {} MiB", MOST_BYTES >> 20)]
    TooLarge,
    /// It can't be read to its end.
    #[error("the list can't be read to its end")]
    Unreadable(#[source] std::io::Error),
}

/// Reads the list of the Robert Koch Institute, packed with gzip or not. Entries come as they stand there: several may
/// have one code, and some have no postcode.
///
/// # Errors
///
/// [`ListError`] if it is no such list, or breaks off.
pub fn read_rki(bytes: &[u8]) -> Result<Vec<OfficeEntry>, ListError> {
    let unpacked;
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut all = Vec::new();
        MultiGzDecoder::new(bytes).take(MOST_BYTES + 1).read_to_end(&mut all).map_err(ListError::Unreadable)?;
        unpacked = all;
        &unpacked[..]
    } else {
        bytes
    };
    if bytes.len() as u64 > MOST_BYTES {
        return Err(ListError::TooLarge);
    }
    let mut reader = Reader::from_reader(bytes);
    let mut entries: Vec<OfficeEntry> = Vec::new();
    let (mut depth, mut has_root) = (0u32, false);
    loop {
        match reader.read_event().map_err(|_| ListError::NotXml)? {
            Event::Start(tag) => {
                (depth, has_root) = (depth + 1, true);
                take(&tag, &mut entries)?;
            }
            Event::Empty(tag) => take(&tag, &mut entries)?,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Eof => break,
            _ => {}
        }
    }
    match (has_root, depth) {
        (true, 0) if entries.is_empty() => Err(ListError::NotTheList),
        (true, 0) => Ok(entries),
        _ => Err(ListError::NotXml),
    }
}

fn take(tag: &BytesStart<'_>, entries: &mut Vec<OfficeEntry>) -> Result<(), ListError> {
    match tag.local_name().as_ref() {
        "TransmittingSite" => {
            let at = entries.len() as u64 + 1;
            let of = |names: &[&str]| first_attribute(tag, names);
            let (street, postcode, place) = (of(&["Street"])?, of(&["Postalcode"])?, of(&["Place"])?);
            let place = format!("{postcode} {place}");
            let parts = [of(&["Department"])?, street, place.trim().to_owned()];
            let address = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
            let entry = OfficeEntry {
                at,
                code: of(&["Code"])?,
                name: of(&["Name"])?,
                address,
                phone: of(&["Phone", "Covid19Hotline"])?,
                email: of(&["Email", "Covid19EMail"])?,
                postcodes: Vec::new(),
            };
            entries.push(complete(entry)?);
        }
        "SearchText" => {
            let text = first_attribute(tag, &["Value"])?;
            if let Some(entry) = entries.last_mut().filter(|_| !text.is_empty()) {
                entry.postcodes.push(text);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Returns the first of these attributes that says something, spaces around it removed.
fn first_attribute(tag: &BytesStart<'_>, names: &[&str]) -> Result<String, ListError> {
    for name in names {
        let found = tag.try_get_attribute(name).map_err(|_| ListError::NotXml)?;
        let Some(found) = found else { continue };
        let text = found.normalized_value(quick_xml::XmlVersion::Explicit1_0).map_err(|_| ListError::NotXml)?;
        if !text.trim().is_empty() {
            return Ok(text.trim().to_owned());
        }
    }
    Ok(String::new())
}

fn complete(entry: OfficeEntry) -> Result<OfficeEntry, ListError> {
    for (value, what) in [(&entry.code, "code"), (&entry.name, "name")] {
        if value.is_empty() {
            return Err(ListError::Lacks { at: entry.at, what });
        }
    }
    Ok(entry)
}

/// Reads a table of offices, CSV or XLSX, packed with gzip or not: a row for each postcode and office. An office without
/// a postcode may stand there too, its postcode empty.
///
/// # Errors
///
/// [`ListError`] if it is no table, lacks a column, or a row lacks code or name.
pub fn read_table(bytes: Vec<u8>) -> Result<Vec<OfficeEntry>, ListError> {
    let mut table = Table::from_bytes(bytes, TableOptions { delimiter: None, header: Header::FirstRow })?;
    let header: Vec<String> = table.header().unwrap_or_default().iter().map(|name| name.to_lowercase()).collect();
    let mut places = [None; COLUMNS.len()];
    for (i, (place, name)) in places.iter_mut().zip(COLUMNS).enumerate() {
        *place = header.iter().position(|column| column == name || (name == "email" && column == "e-mail"));
        if place.is_none() && i < N_NEEDED {
            return Err(ListError::NoColumn(name));
        }
    }
    let mut entries = Vec::new();
    while let Some(row) = table.next_row()? {
        if row.fault().is_some() {
            return Err(ListError::TooManyCells(row.number));
        }
        let [postcode, code, name, address, phone, email] =
            places.map(|place| place.map_or_else(String::new, |column| row.raw(column).trim().to_owned()));
        let postcodes = if postcode.is_empty() { Vec::new() } else { vec![postcode] };
        entries.push(complete(OfficeEntry { at: row.number, code, name, address, phone, email, postcodes })?);
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const MADE_UP: &str = "<?xml version=\"1.0\"?><TransmittingSites xmlns=\"http://example.org/x\">\
        <TransmittingSite Name=\"Kreis Muster &amp; Umland\" Code=\"9.01.\" Department=\"Gesundheitsamt\" \
          Street=\"Am Markt 1\" Postalcode=\"99001\" Place=\"Musterstädt\" Phone=\"0123 4\" Email=\"a@example.org\">\
          <SearchText Value=\"99001\"/><SearchText Value=\"Ortsteil 3\"/></TransmittingSite>\
        <TransmittingSite Name=\"Hafen\" Code=\"9.02.\" Phone=\"\" Covid19Hotline=\"0800 1\"><SearchText/></TransmittingSite>\
        </TransmittingSites>";

    #[test]
    fn the_german_list_gives_offices_with_what_people_search_for() {
        let entries = read_rki(MADE_UP.as_bytes()).unwrap();
        assert_eq!(entries[0].name, "Kreis Muster & Umland");
        assert_eq!(entries[0].address, "Gesundheitsamt, Am Markt 1, 99001 Musterstädt");
        assert_eq!(entries[0].postcodes, ["99001", "Ortsteil 3"]);
        assert_eq!((entries[1].phone.as_str(), entries[1].address.as_str()), ("0800 1", ""));
        assert!(entries[1].postcodes.is_empty());
    }

    #[test]
    fn a_list_that_breaks_off_or_is_another_one_is_refused() {
        for cut in [30, 200, MADE_UP.len() - 5] {
            assert!(matches!(read_rki(&MADE_UP.as_bytes()[..cut]), Err(ListError::NotXml)), "{cut}");
        }
        assert!(matches!(read_rki(b"<html></html>"), Err(ListError::NotTheList)));
        assert!(matches!(read_rki(b"postcode,code,name\n"), Err(ListError::NotXml)));
        assert!(matches!(read_rki(b""), Err(ListError::NotXml)));
        let nameless = MADE_UP.replace("Name=\"Hafen\"", "");
        assert!(matches!(read_rki(nameless.as_bytes()), Err(ListError::Lacks { at: 2, what: "name" })));
    }

    #[test]
    fn a_table_has_its_columns_in_any_order_and_needs_three_of_them() {
        let text = "Name;code;POSTCODE;e-mail\nBezirk Eins;1;1010;x@example.org\nBezirk Eins;1;;\n";
        let entries = read_table(text.into()).unwrap();
        assert_eq!((entries[0].postcodes[0].as_str(), entries[0].email.as_str()), ("1010", "x@example.org"));
        assert!(entries[1].postcodes.is_empty());
        assert!(matches!(read_table(b"postcode,name\n1,2\n".to_vec()), Err(ListError::NoColumn("code"))));
        let lacking = read_table(b"postcode,code,name\n1010,,Eins\n".to_vec());
        assert!(matches!(lacking, Err(ListError::Lacks { at: 2, what: "code" })));
        assert!(matches!(read_table(Vec::new()), Err(ListError::Table(TableError::Empty))));
    }
}
