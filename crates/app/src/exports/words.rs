//! Our words in those of other systems.

use super::columns::personal;
use super::source::ExportedCase;
use documents::fhir::{FhirCase, FhirEntry};
use documents::sormas::{SormasCase, SormasContact, SormasPerson};
use domain::cases::{CaseClassification, CaseStatus};
use domain::contacts::ContactKind;
use domain::diseases::Disease;
use domain::languages::Language;
use domain::persons::PersonalField;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use storage::authorities::Authority;
use storage::declared_contacts::DeclaredContact;
use storage::diary::DiaryEntry;

fn born(case: &ExportedCase) -> Option<Date> {
    personal(case, PersonalField::Born).parse().ok()
}

fn postcode(case: &ExportedCase) -> String {
    case.person.as_ref().and_then(|person| person.postcode.clone()).unwrap_or_default()
}

/// Which of a system's four words a sex is; files call it as they like.
fn sex_of(case: &ExportedCase, [female, male, other, unknown]: [&'static str; 4]) -> &'static str {
    match case.listed.sex.as_deref().map(str::to_lowercase).as_deref() {
        Some("female" | "f" | "w" | "weiblich") => female,
        Some("male" | "m" | "männlich") => male,
        Some("other" | "d" | "divers" | "diverse") => other,
        _ => unknown,
    }
}

fn sormas_disease(disease: Disease) -> &'static str {
    match disease {
        Disease::Covid19 => "CORONAVIRUS",
        Disease::Ebola => "EVD",
        Disease::Measles => "MEASLES",
        Disease::Mpox => "MONKEYPOX",
        Disease::Influenza => "NEW_INFLUENZA",
        Disease::Mers => "OTHER",
    }
}

fn sormas_person(case: &ExportedCase) -> SormasPerson {
    SormasPerson {
        first_name: personal(case, PersonalField::FirstName),
        last_name: personal(case, PersonalField::LastName),
        sex: sex_of(case, ["FEMALE", "MALE", "OTHER", "UNKNOWN"]),
        born: born(case),
        phone: [PersonalField::Phone, PersonalField::Mobile]
            .map(|field| personal(case, field))
            .into_iter()
            .find(|number| !number.is_empty())
            .unwrap_or_default(),
        email: personal(case, PersonalField::Email),
        person_id: case.work.person_id.to_string(),
        street: personal(case, PersonalField::Street),
        house_number: personal(case, PersonalField::HouseNumber),
        postcode: postcode(case),
        city: personal(case, PersonalField::City),
    }
}

pub(super) fn sormas_case(case: &ExportedCase, authority: &Authority) -> SormasCase {
    SormasCase {
        disease: sormas_disease(case.work.disease),
        external_id: case.work.case_id.to_string(),
        external_token: case.work.file_number.as_ref().map_or_else(String::new, ToString::to_string),
        reported: case.listed.dates.reported_on,
        classification: match case.listed.classification {
            CaseClassification::Suspected => "SUSPECT",
            CaseClassification::Probable => "PROBABLE",
            CaseClassification::Confirmed => "CONFIRMED",
        },
        region: authority.region.clone(),
        district: authority.name.clone(),
        quarantine: case.work.quarantine.map(|days| (days.first, days.last)),
        person: sormas_person(case),
        sampled: case.listed.dates.tested_on,
        onset: case.listed.dates.symptom_onset,
    }
}

/// Returns a contact once for each case that named them, and once where none did.
pub(super) fn sormas_contacts(case: &ExportedCase, authority: &Authority) -> Vec<SormasContact> {
    let contact = SormasContact {
        source_case_id: String::new(),
        disease: sormas_disease(case.work.disease),
        external_id: case.work.case_id.to_string(),
        reported: case.listed.dates.reported_on,
        region: authority.region.clone(),
        district: authority.name.clone(),
        met: case.exposed.map(|days| (days.first, days.last)),
        proximity: "",
        relation: "",
        quarantine: case.work.quarantine.map(|days| (days.first, days.last)),
        person: sormas_person(case),
    };
    if case.origins.is_empty() {
        return vec![contact];
    }
    let named = |origin: &DeclaredContact| {
        let (proximity, relation) = sormas_closeness(origin.kind);
        let met = Some((origin.days.first, origin.days.last));
        SormasContact { source_case_id: origin.case_id.to_string(), met, proximity, relation, ..contact.clone() }
    };
    case.origins.iter().map(named).collect()
}

/// What SORMAS calls how two met: proximity and relation. Where it has no word for what we know, it is told none.
fn sormas_closeness(kind: ContactKind) -> (&'static str, &'static str) {
    match kind {
        ContactKind::Household => ("SAME_ROOM", "SAME_HOUSEHOLD"),
        ContactKind::FaceToFace => ("FACE_TO_FACE_LONG", ""),
        ContactKind::SameRoom => ("SAME_ROOM", ""),
        ContactKind::Care | ContactKind::Transport | ContactKind::Other => ("", ""),
    }
}

/// The code of WHO's ICD-10 for a disease; none for one that it has no code of its own for.
fn icd_10(disease: Disease) -> (&'static str, &'static str) {
    match disease {
        Disease::Covid19 => ("U07.1", "COVID-19"),
        Disease::Ebola => ("A98.4", "Ebola virus disease"),
        Disease::Measles => ("B05", "Measles"),
        Disease::Mpox => ("B04", "Mpox"),
        Disease::Influenza => ("J11", "Influenza"),
        Disease::Mers => ("", "MERS"),
    }
}

pub(super) fn fhir_case(case: &ExportedCase, zone: &TimeZone) -> FhirCase {
    let (icd_10, disease) = icd_10(case.work.disease);
    let numbers = [
        ("phone", "home", PersonalField::Phone),
        ("phone", "mobile", PersonalField::Mobile),
        ("email", "home", PersonalField::Email),
    ];
    let telecom = numbers.into_iter().map(|(system, kind, field)| (system, kind, personal(case, field)));
    let street = [PersonalField::Street, PersonalField::HouseNumber].map(|field| personal(case, field)).join(" ");
    FhirCase {
        person_id: case.work.person_id.to_string(),
        case_id: case.work.case_id.to_string(),
        reference: case.work.file_number.as_ref().map_or_else(String::new, ToString::to_string),
        first_name: personal(case, PersonalField::FirstName),
        last_name: personal(case, PersonalField::LastName),
        gender: sex_of(case, ["female", "male", "other", "unknown"]),
        born: born(case),
        telecom: telecom.filter(|(_, _, value)| !value.is_empty()).collect(),
        street: street.trim().to_owned(),
        postcode: postcode(case),
        city: personal(case, PersonalField::City),
        is_over: matches!(case.work.status, CaseStatus::Concluded | CaseStatus::Anonymised),
        verification: match case.listed.classification {
            CaseClassification::Confirmed => "confirmed",
            CaseClassification::Probable | CaseClassification::Suspected => "provisional",
        },
        icd_10,
        disease: disease.to_owned(),
        onset: case.listed.dates.symptom_onset,
        reported: case.listed.dates.reported_on,
        entries: case.diary.iter().map(|entry| fhir_entry(entry, zone)).collect(),
    }
}

fn fhir_entry(entry: &DiaryEntry, zone: &TimeZone) -> FhirEntry {
    FhirEntry {
        entry_id: entry.entry_id.to_string(),
        at: entry.slot.begins_at(zone).to_string(),
        temperature_c: entry.temperature.map(domain::diary::Temperature::celsius),
        symptoms: entry.symptoms.iter().map(|symptom| (symptom.as_str(), symptom.name(Language::En))).collect(),
    }
}
