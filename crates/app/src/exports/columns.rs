//! The columns of tables: what they are called in German and in English, and where their values come from.

use super::source::ExportedCase;
use domain::exports::ExportKind;
use domain::languages::Language;
use domain::persons::{Age, PersonalField};
use jiff::civil::Date;

/// A column.
pub struct Column {
    /// Its name for programs: that of the import's field where there is one.
    pub name: &'static str,
    /// Its header in German.
    de: &'static str,
    /// Its header in English.
    en: &'static str,
    /// What stands in the template.
    pub(super) sample: &'static str,
    pub(super) value: fn(&ExportedCase) -> String,
}

impl std::fmt::Debug for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Column {
    /// Returns its header in a language; English where there is none.
    #[must_use]
    pub fn header(&self, language: Language) -> &'static str {
        if language == Language::De { self.de } else { self.en }
    }
}

fn day(day: Option<Date>) -> String {
    day.map_or_else(String::new, |day| day.to_string())
}

fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

pub(super) fn personal(case: &ExportedCase, field: PersonalField) -> String {
    let person = case.person.as_ref();
    person.and_then(|person| person.personal.get(&field)).map_or_else(String::new, |value| value.expose().clone())
}

/// The ten-year band on the day by which a case counts, so that no date of birth leaves.
fn age_band(case: &ExportedCase) -> String {
    let dates = &case.listed.dates;
    let counts_on = dates.symptom_onset.or(dates.tested_on).or(dates.reported_on);
    let born = case.listed.born.as_ref().and_then(|born| born.expose().parse::<Date>().ok());
    let by_birth = counts_on.zip(born).and_then(|(on, born)| Age::on(on, born));
    let by_age = || case.listed.age.as_ref().and_then(|age| age.expose().parse().ok()).and_then(Age::new);
    by_birth.or_else(by_age).map_or_else(String::new, Age::band)
}

macro_rules! columns {
    ($($constant:ident: $name:literal, $de:literal, $en:literal, $sample:literal, $value:expr;)*) => {$(
        const $constant: Column = Column { name: $name, de: $de, en: $en, sample: $sample, value: $value };
    )*};
}

columns! {
    CASE_ID: "case_id", "Fall-ID", "Case id", "", |case| case.work.case_id.to_string();
    FILE_NUMBER: "file_number", "Aktenzeichen", "File number", "", |case| text(case.work.file_number.as_ref().map(|number| number.as_str()));
    REFERENCE: "id", "Kennung", "Reference", "MA-0001", |case| text(case.reference.as_deref());
    TYPE: "case_type", "Art", "Type", "", |case| case.work.case_type.to_string();
    STATUS: "status", "Status", "Status", "", |case| case.work.status.to_string();
    CLASSIFICATION: "classification", "Einstufung", "Classification", "", |case| case.listed.classification.to_string();
    DISEASE: "disease", "Krankheit", "Disease", "", |case| case.work.disease.to_string();
    LAST_NAME: "last_name", "Nachname", "Last name", "Mustermann", |case| personal(case, PersonalField::LastName);
    FIRST_NAME: "first_name", "Vorname", "First name", "Erika", |case| personal(case, PersonalField::FirstName);
    BORN: "born", "Geboren", "Born", "1980-05-17", |case| personal(case, PersonalField::Born);
    AGE: "age", "Alter", "Age", "", |case| case.listed.age.as_ref().map_or_else(String::new, |age| age.expose().clone());
    AGE_BAND: "age_band", "Altersgruppe", "Age band", "", age_band;
    SEX: "sex", "Geschlecht", "Sex", "female", |case| text(case.listed.sex.as_deref());
    STREET: "street", "Straße", "Street", "Musterweg", |case| personal(case, PersonalField::Street);
    HOUSE_NUMBER: "house_number", "Hausnummer", "House number", "1", |case| personal(case, PersonalField::HouseNumber);
    POSTCODE: "postcode", "Postleitzahl", "Postcode", "68161", |case| text(case.person.as_ref().and_then(|person| person.postcode.as_deref()));
    CITY: "city", "Ort", "City", "Mannheim", |case| personal(case, PersonalField::City);
    PHONE: "phone", "Telefon", "Phone", "0621 12345", |case| personal(case, PersonalField::Phone);
    MOBILE: "mobile", "Mobiltelefon", "Mobile", "", |case| personal(case, PersonalField::Mobile);
    EMAIL: "email", "E-Mail", "E-mail", "erika@example.org", |case| personal(case, PersonalField::Email);
    LANGUAGE: "language", "Sprache", "Language", "", |case| text(case.person.as_ref().and_then(|person| person.language.as_deref()));
    ONSET: "onset", "Erkrankt am", "Onset", "2026-01-05", |case| day(case.listed.dates.symptom_onset);
    TESTED: "tested", "Getestet am", "Tested", "2026-01-06", |case| day(case.listed.dates.tested_on);
    REPORTED: "reported", "Gemeldet am", "Reported", "2026-01-07", |case| day(case.listed.dates.reported_on);
    DIED: "died", "Verstorben am", "Died", "", |case| day(case.listed.died_on);
    OUTCOME: "outcome", "Ausgang", "Outcome", "", |case| text(case.listed.outcome.as_deref());
    SETTING: "setting", "Umfeld", "Setting", "", |case| text(case.listed.setting.as_deref());
    PLACE: "place", "Ort der Ansteckung", "Place", "", |case| case.listed.place.as_ref().map_or_else(String::new, |(_, name)| name.clone());
    QUARANTINE_KIND: "quarantine_kind", "Angeordnet", "Ordered", "", |case| case.work.quarantine_set().map_or_else(String::new, |set| set.kind.to_string());
    QUARANTINE_FIRST: "quarantine_first", "Von", "First day", "", |case| day(case.work.quarantine.map(|days| days.first));
    QUARANTINE_LAST: "quarantine_last", "Bis", "Last day", "", |case| day(case.work.quarantine.map(|days| days.last));
    ORDER_SENT: "order_sent", "Mitgeteilt am", "Told on", "", |case| day(case.work.order_sent.map(|sent| sent.on));
    CONCLUSION: "conclusion", "Abschluss", "Conclusion", "", |case| case.work.conclusion.map_or_else(String::new, |why| why.to_string());
    CONCLUDED: "concluded", "Abgeschlossen am", "Concluded", "", |case| day(case.work.concluded_on);
    CREATED: "created", "Angelegt", "Created", "", |case| case.listed.created_at.to_string();
    OFFICE: "responsible", "Zuständiges Amt", "Responsible authority", "", |case| case.office.as_ref().map_or_else(String::new, |office| office.name.clone());
    OFFICE_CODE: "responsible_code", "Kennziffer des Amts", "Code of the authority", "", |case| case.office.as_ref().map_or_else(String::new, |office| office.code.as_str().to_owned());
    OFFICE_EMAIL: "responsible_email", "E-Mail des Amts", "E-mail of the authority", "", |case| case.office.as_ref().map_or_else(String::new, |office| office.email.clone());
}

const CASES: &[Column] = &[
    CASE_ID,
    FILE_NUMBER,
    REFERENCE,
    TYPE,
    STATUS,
    CLASSIFICATION,
    DISEASE,
    LAST_NAME,
    FIRST_NAME,
    BORN,
    AGE,
    SEX,
    STREET,
    HOUSE_NUMBER,
    POSTCODE,
    CITY,
    PHONE,
    MOBILE,
    EMAIL,
    LANGUAGE,
    ONSET,
    TESTED,
    REPORTED,
    DIED,
    OUTCOME,
    SETTING,
    PLACE,
    QUARANTINE_KIND,
    QUARANTINE_FIRST,
    QUARANTINE_LAST,
    ORDER_SENT,
    CONCLUSION,
    CONCLUDED,
    CREATED,
];

/// No name, no number that people know, no day of birth, no place that somebody may be known by.
const LINE_LIST: &[Column] = &[
    CASE_ID,
    TYPE,
    STATUS,
    CLASSIFICATION,
    DISEASE,
    AGE_BAND,
    SEX,
    ONSET,
    TESTED,
    REPORTED,
    DIED,
    OUTCOME,
    SETTING,
    QUARANTINE_KIND,
    QUARANTINE_FIRST,
    QUARANTINE_LAST,
    CONCLUSION,
    CONCLUDED,
];

const QUARANTINES: &[Column] = &[
    POSTCODE,
    CITY,
    STREET,
    HOUSE_NUMBER,
    LAST_NAME,
    FIRST_NAME,
    BORN,
    EMAIL,
    PHONE,
    MOBILE,
    LANGUAGE,
    TYPE,
    QUARANTINE_KIND,
    QUARANTINE_FIRST,
    QUARANTINE_LAST,
    ORDER_SENT,
    CASE_ID,
    FILE_NUMBER,
];

const CONTACTS: &[Column] = &[
    LAST_NAME,
    FIRST_NAME,
    BORN,
    PHONE,
    MOBILE,
    EMAIL,
    STREET,
    HOUSE_NUMBER,
    POSTCODE,
    CITY,
    LANGUAGE,
    TYPE,
    STATUS,
    DISEASE,
    CREATED,
    CASE_ID,
    FILE_NUMBER,
];

const EXTERNAL: &[Column] = &[
    OFFICE_CODE,
    OFFICE,
    OFFICE_EMAIL,
    TYPE,
    CLASSIFICATION,
    DISEASE,
    LAST_NAME,
    FIRST_NAME,
    BORN,
    SEX,
    STREET,
    HOUSE_NUMBER,
    POSTCODE,
    CITY,
    PHONE,
    MOBILE,
    EMAIL,
    LANGUAGE,
    ONSET,
    TESTED,
    REPORTED,
    QUARANTINE_KIND,
    QUARANTINE_FIRST,
    QUARANTINE_LAST,
    CASE_ID,
    FILE_NUMBER,
];

const TEMPLATE: &[Column] = &[
    REFERENCE,
    FIRST_NAME,
    LAST_NAME,
    BORN,
    SEX,
    PHONE,
    EMAIL,
    STREET,
    HOUSE_NUMBER,
    POSTCODE,
    CITY,
    ONSET,
    TESTED,
    REPORTED,
    PLACE,
    SETTING,
    OUTCOME,
];

/// Returns the columns of a kind of table; none where the file is no table of ours.
#[must_use]
pub fn columns_of(kind: ExportKind) -> &'static [Column] {
    match kind {
        ExportKind::Cases => CASES,
        ExportKind::LineList => LINE_LIST,
        ExportKind::Quarantines => QUARANTINES,
        ExportKind::ContactsWithoutQuarantine => CONTACTS,
        ExportKind::External => EXTERNAL,
        ExportKind::Template => TEMPLATE,
        ExportKind::Sormas | ExportKind::SormasContacts | ExportKind::Fhir => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_list_has_no_column_by_which_somebody_is_known() {
        let naming = [
            "id",
            "file_number",
            "first_name",
            "last_name",
            "born",
            "age",
            "street",
            "house_number",
            "postcode",
            "city",
            "phone",
            "mobile",
            "email",
            "place",
        ];
        for column in columns_of(ExportKind::LineList) {
            assert!(!naming.contains(&column.name), "{column:?}");
        }
    }

    #[test]
    fn no_two_columns_of_a_table_have_one_header() {
        for kind in ExportKind::ALL {
            for language in [Language::De, Language::En] {
                let mut headers: Vec<&str> = columns_of(*kind).iter().map(|column| column.header(language)).collect();
                let n_columns = headers.len();
                headers.sort_unstable();
                headers.dedup();
                assert_eq!(headers.len(), n_columns, "{kind}");
            }
        }
    }
}
