//! The file of SORMAS' contact import: a row for each case that named somebody.
//!
//! A contact in SORMAS hangs on one case: `caseIdExternalSystem` is the id by which that case went there, so that SORMAS
//! finds it or keeps the id. `@Required` of `ContactDto` are the report and the last contact.

use super::{SormasPerson, at_home, write_names, written};
use crate::csv_out::{CsvError, CsvWriter};
use jiff::civil::Date;
use std::io::Write;

/// A contact in the words of SORMAS; what is not known stays empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SormasContact {
    /// Id here of the case that named them.
    pub source_case_id: String,
    /// `CORONAVIRUS`, `EVD`, …
    pub disease: &'static str,
    /// Id here of the contact's own case.
    pub external_id: String,
    /// Day of report.
    pub reported: Option<Date>,
    /// Region, as SORMAS calls it.
    pub region: String,
    /// District, as SORMAS calls it.
    pub district: String,
    /// First and last day on which they met.
    pub met: Option<(Date, Date)>,
    /// A word of `ContactProximity`.
    pub proximity: &'static str,
    /// A word of `ContactRelation`.
    pub relation: &'static str,
    /// Days of quarantine.
    pub quarantine: Option<(Date, Date)>,
    /// Who it is.
    pub person: SormasPerson,
}

/// Entity, property.
const COLUMNS: [(&str, &str); 14] = [
    ("Contact", "caseIdExternalSystem"),
    ("Contact", "disease"),
    ("Contact", "externalID"),
    ("Contact", "reportDateTime"),
    ("Contact", "region"),
    ("Contact", "district"),
    ("Contact", "multiDayContact"),
    ("Contact", "firstContactDate"),
    ("Contact", "lastContactDate"),
    ("Contact", "contactProximity"),
    ("Contact", "relationToCase"),
    ("Contact", "quarantine"),
    ("Contact", "quarantineFrom"),
    ("Contact", "quarantineTo"),
];

/// Writes the two rows above the contacts.
///
/// # Errors
///
/// [`CsvError`] if they can't be written.
pub fn write_contact_head<W: Write>(out: &mut CsvWriter<W>) -> Result<(), CsvError> {
    write_names(out, &COLUMNS, &[])
}

/// Writes a contact.
///
/// # Errors
///
/// [`CsvError`] if it can't be written.
pub fn write_contact<W: Write>(out: &mut CsvWriter<W>, contact: &SormasContact) -> Result<(), CsvError> {
    let (first, last) = contact.quarantine.unzip();
    let over_days = contact.met.filter(|(first, last)| first != last);
    let own = [
        contact.source_case_id.clone(),
        contact.disease.to_owned(),
        contact.external_id.clone(),
        written(contact.reported),
        contact.region.clone(),
        contact.district.clone(),
        over_days.is_some().to_string(),
        written(over_days.map(|(first, _)| first)),
        written(contact.met.map(|(_, last)| last)),
        contact.proximity.to_owned(),
        contact.relation.to_owned(),
        at_home(first),
        written(first),
        written(last),
    ];
    out.write_row(own.into_iter().chain(contact.person.cells()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_contact_stands_with_the_case_that_named_them_and_the_days_on_which_they_met() {
        let mut out = CsvWriter::with_delimiter(Vec::new(), b';');
        write_contact_head(&mut out).unwrap();
        let contact = SormasContact {
            source_case_id: "source".to_owned(),
            met: Some((date(2020, 3, 1), date(2020, 3, 3))),
            relation: "SAME_HOUSEHOLD",
            quarantine: Some((date(2020, 3, 4), date(2020, 3, 17))),
            person: SormasPerson { last_name: "=Meier".to_owned(), ..SormasPerson::default() },
            ..SormasContact::default()
        };
        write_contact(&mut out, &contact).unwrap();
        let one_day = Some((date(2020, 3, 1), date(2020, 3, 1)));
        write_contact(&mut out, &SormasContact { met: one_day, quarantine: None, ..contact }).unwrap();
        let text = String::from_utf8(out.finish().unwrap()).unwrap();
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(';').collect()).collect();
        assert!(rows.iter().all(|row| row.len() == COLUMNS.len() + 13));
        let cell = |row: usize, property: &str| rows[row][rows[1].iter().position(|one| *one == property).unwrap()];
        assert_eq!((cell(0, "relationToCase"), cell(0, "person.lastName")), ("Contact", "Person"));
        assert_eq!((cell(2, "caseIdExternalSystem"), cell(2, "person.lastName")), ("source", "'=Meier"));
        assert_eq!((cell(2, "multiDayContact"), cell(2, "firstContactDate")), ("true", "01/03/2020"));
        assert_eq!((cell(2, "lastContactDate"), cell(2, "quarantineTo")), ("03/03/2020", "17/03/2020"));
        assert_eq!((cell(3, "multiDayContact"), cell(3, "firstContactDate")), ("false", ""));
        assert_eq!((cell(3, "lastContactDate"), cell(3, "quarantine")), ("01/03/2020", ""));
    }
}
