//! Cases and contacts as SORMAS reads them: the files of its two imports, with the row of entities above that of properties.
//!
//! Property names and words are those of SORMAS' import templates (hzi-braunschweig/SORMAS-Project, `CaseDataDto`,
//! `ContactDto`, `PersonDto`, `SampleDto`, `SymptomsDto`), which Quarano wrote too. Days are `dd/MM/yyyy`.

mod contacts;
mod persons;

pub use contacts::{SormasContact, write_contact, write_contact_head};
pub use persons::SormasPerson;

use crate::csv_out::{CsvError, CsvWriter};
use jiff::civil::Date;
use std::io::Write;

/// A case in the words of SORMAS; what is not known stays empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SormasCase {
    /// `CORONAVIRUS`, `EVD`, …
    pub disease: &'static str,
    /// Id of the case here.
    pub external_id: String,
    /// The authority's own reference.
    pub external_token: String,
    /// Day of report.
    pub reported: Option<Date>,
    /// `SUSPECT`, `PROBABLE`, `CONFIRMED`.
    pub classification: &'static str,
    /// Region, as SORMAS calls it.
    pub region: String,
    /// District, as SORMAS calls it.
    pub district: String,
    /// Days of isolation.
    pub quarantine: Option<(Date, Date)>,
    /// Whose case it is.
    pub person: SormasPerson,
    /// Day of the specimen.
    pub sampled: Option<Date>,
    /// First day with symptoms.
    pub onset: Option<Date>,
}

/// Entity, property; those of the person stand between.
const BEFORE_PERSON: [(&str, &str); 11] = [
    ("CaseData", "disease"),
    ("CaseData", "externalID"),
    ("CaseData", "externalToken"),
    ("CaseData", "reportDate"),
    ("CaseData", "caseClassification"),
    ("CaseData", "region"),
    ("CaseData", "district"),
    ("CaseData", "healthFacility"),
    ("CaseData", "quarantine"),
    ("CaseData", "quarantineFrom"),
    ("CaseData", "quarantineTo"),
];
const AFTER_PERSON: [(&str, &str); 7] = [
    ("Sample", "sampleDateTime"),
    ("Sample", "pathogenTestResult"),
    ("Sample", "sampleMaterial"),
    ("Sample", "samplePurpose"),
    ("Sample", "lab"),
    ("Symptoms", "symptoms.onsetDate"),
    ("Symptoms", "symptoms.symptomatic"),
];

/// Writes the two rows above the cases.
///
/// # Errors
///
/// [`CsvError`] if they can't be written.
pub fn write_head<W: Write>(out: &mut CsvWriter<W>) -> Result<(), CsvError> {
    write_names(out, &BEFORE_PERSON, &AFTER_PERSON)
}

/// Writes the row of entities and that of properties, with the person's columns between.
fn write_names<W: Write>(
    out: &mut CsvWriter<W>,
    before: &[(&str, &str)],
    after: &[(&str, &str)],
) -> Result<(), CsvError> {
    let all = || before.iter().chain(&persons::COLUMNS).chain(after);
    out.write_row(all().map(|(entity, _)| *entity))?;
    out.write_row(all().map(|(_, property)| *property))
}

fn written(day: Option<Date>) -> String {
    day.map_or_else(String::new, |day| day.strftime("%d/%m/%Y").to_string())
}

/// Writes a case.
///
/// # Errors
///
/// [`CsvError`] if it can't be written.
pub fn write_case<W: Write>(out: &mut CsvWriter<W>, case: &SormasCase) -> Result<(), CsvError> {
    let if_sampled = |word: &'static str| if case.sampled.is_some() { word } else { "" }.to_owned();
    let (first, last) = case.quarantine.unzip();
    let before = [
        case.disease.to_owned(),
        case.external_id.clone(),
        case.external_token.clone(),
        written(case.reported),
        case.classification.to_owned(),
        case.region.clone(),
        case.district.clone(),
        "NO_FACILITY".to_owned(),
        at_home(first),
        written(first),
        written(last),
    ];
    let after = [
        written(case.sampled),
        if_sampled("POSITIVE"),
        if_sampled("OTHER"),
        if_sampled("EXTERNAL"),
        if_sampled("NO_FACILITY"),
        written(case.onset),
        if case.onset.is_some() { "YES" } else { "" }.to_owned(),
    ];
    out.write_row(before.into_iter().chain(case.person.cells()).chain(after))
}

/// Where somebody stays whose days are ordered.
fn at_home(first: Option<Date>) -> String {
    if first.is_some() { "HOME" } else { "" }.to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn two_rows_of_names_stand_above_the_cases_and_days_are_written_as_sormas_reads_them() {
        let mut out = CsvWriter::with_delimiter(Vec::new(), b';');
        write_head(&mut out).unwrap();
        let case = SormasCase {
            disease: "CORONAVIRUS",
            classification: "CONFIRMED",
            person: SormasPerson {
                first_name: "=Kim".to_owned(),
                last_name: "O'Neill".to_owned(),
                born: Some(date(1980, 5, 17)),
                ..SormasPerson::default()
            },
            sampled: Some(date(2020, 3, 1)),
            quarantine: Some((date(2020, 3, 1), date(2020, 3, 14))),
            ..SormasCase::default()
        };
        write_case(&mut out, &case).unwrap();
        write_case(&mut out, &SormasCase::default()).unwrap();
        let text = String::from_utf8(out.finish().unwrap()).unwrap();
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(';').collect()).collect();
        let at = |property: &str| rows[1].iter().position(|one| *one == property).unwrap();
        assert_eq!((rows[0][at("person.lastName")], rows[0][at("disease")]), ("Person", "CaseData"));
        assert_eq!(rows[2][at("person.firstName")], "'=Kim");
        assert_eq!(rows[2][at("quarantineTo")], "14/03/2020");
        assert_eq!((rows[2][at("person.birthdateDD")], rows[2][at("person.birthdateYYYY")]), ("17", "1980"));
        assert_eq!((rows[2][at("quarantine")], rows[2][at("pathogenTestResult")]), ("HOME", "POSITIVE"));
        assert_eq!((rows[3][at("quarantine")], rows[3][at("pathogenTestResult")]), ("", ""));
    }
}
