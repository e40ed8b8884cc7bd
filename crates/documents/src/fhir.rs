//! Cases as HL7 FHIR R4 (4.0.1): a bundle of the type `collection`, written piece by piece.
//!
//! A case is a Patient, a Condition and an Observation for each temperature and each half day with symptoms. Codes: LOINC
//! 8310-5 (body temperature), UCUM `Cel`, ICD-10 (WHO) for diseases that have one; symptoms have Epitrace's own words,
//! with the text beside them.

use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};

/// System of Epitrace's own words.
const SYMPTOMS: &str = "urn:epitrace:symptom";

/// A case with its person, in the words of FHIR.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FhirCase {
    /// Id of the person, a UUID.
    pub person_id: String,
    /// Id of the case, a UUID.
    pub case_id: String,
    /// What the authority calls the case; may be empty.
    pub reference: String,
    /// Given names; may be empty.
    pub first_name: String,
    /// Family names; may be empty.
    pub last_name: String,
    /// `male`, `female`, `other`, `unknown`.
    pub gender: &'static str,
    /// Date of birth.
    pub born: Option<Date>,
    /// Telephone numbers and mail addresses: `phone` or `email`, use (`home`, `mobile`), value.
    pub telecom: Vec<(&'static str, &'static str, String)>,
    /// Street with number.
    pub street: String,
    /// Postcode.
    pub postcode: String,
    /// City.
    pub city: String,
    /// Whether the case is over.
    pub is_over: bool,
    /// `confirmed`, `provisional`.
    pub verification: &'static str,
    /// ICD-10 code; empty where there is none.
    pub icd_10: &'static str,
    /// Name of the disease.
    pub disease: String,
    /// First day with symptoms.
    pub onset: Option<Date>,
    /// Day of report.
    pub reported: Option<Date>,
    /// What the diary says.
    pub entries: Vec<FhirEntry>,
}

/// What stands in a diary for half a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FhirEntry {
    /// Its id, a UUID.
    pub entry_id: String,
    /// Instant, RFC 3339.
    pub at: String,
    /// °C.
    pub temperature_c: Option<f64>,
    /// Symptoms: word, text.
    pub symptoms: Vec<(&'static str, &'static str)>,
}

/// What stands before the first case.
pub const HEAD: &str = "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[";
/// What stands after the last one.
pub const TAIL: &str = "]}\n";

/// Returns the entries of a case in the bundle, with a comma between them.
///
/// # Errors
///
/// [`serde_json::Error`] if they can't be written.
pub fn entries(case: &FhirCase) -> Result<String, serde_json::Error> {
    let mut all = vec![entry(&case.person_id, patient(case)), entry(&case.case_id, condition(case))];
    for one in &case.entries {
        if let Some(celsius) = one.temperature_c {
            all.push(entry(&one.entry_id, temperature(case, one, celsius)));
        }
        if !one.symptoms.is_empty() {
            let id = format!("{}-symptoms", one.entry_id);
            let mut observation = entry(&one.entry_id, symptoms(case, one, &id));
            // The half day is named by its entry; its second observation by that of another space.
            observation["fullUrl"] = json!(format!("urn:epitrace:observation:{id}"));
            all.push(observation);
        }
    }
    let written: Result<Vec<String>, _> = all.iter().map(serde_json::to_string).collect();
    Ok(written?.join(","))
}

fn entry(id: &str, resource: impl Serialize) -> Value {
    json!({ "fullUrl": format!("urn:uuid:{id}"), "resource": resource })
}

fn patient(case: &FhirCase) -> Value {
    let mut patient = json!({ "resourceType": "Patient", "id": case.person_id, "gender": case.gender });
    let mut name = serde_json::Map::new();
    if !case.last_name.is_empty() {
        name.insert("family".to_owned(), json!(case.last_name));
    }
    if !case.first_name.is_empty() {
        name.insert("given".to_owned(), json!([case.first_name]));
    }
    if !name.is_empty() {
        patient["name"] = json!([name]);
    }
    if let Some(born) = case.born {
        patient["birthDate"] = json!(born.to_string());
    }
    if !case.telecom.is_empty() {
        let of =
            |(system, kind, value): &(&str, &str, String)| json!({ "system": system, "use": kind, "value": value });
        patient["telecom"] = case.telecom.iter().map(of).collect();
    }
    let mut address = serde_json::Map::new();
    if !case.street.is_empty() {
        address.insert("line".to_owned(), json!([case.street]));
    }
    for (field, value) in [("postalCode", &case.postcode), ("city", &case.city)] {
        if !value.is_empty() {
            address.insert(field.to_owned(), json!(value));
        }
    }
    if !address.is_empty() {
        patient["address"] = json!([address]);
    }
    patient
}

fn coded(system: &str, code: &str) -> Value {
    json!([{ "system": system, "code": code }])
}

fn subject(case: &FhirCase) -> Value {
    json!({ "reference": format!("urn:uuid:{}", case.person_id) })
}

fn condition(case: &FhirCase) -> Value {
    let clinical = if case.is_over { "resolved" } else { "active" };
    let mut code = json!({ "text": case.disease });
    if !case.icd_10.is_empty() {
        code["coding"] = coded("http://hl7.org/fhir/sid/icd-10", case.icd_10);
    }
    let status = |system: &str, code| json!({ "coding": coded(&format!("http://terminology.hl7.org/CodeSystem/{system}"), code) });
    let mut condition = json!({
        "resourceType": "Condition",
        "id": case.case_id,
        "clinicalStatus": status("condition-clinical", clinical),
        "verificationStatus": status("condition-ver-status", case.verification),
        "code": code,
        "subject": subject(case),
    });
    if !case.reference.is_empty() {
        condition["identifier"] = json!([{ "system": "urn:epitrace:reference", "value": case.reference }]);
    }
    if let Some(onset) = case.onset {
        condition["onsetDateTime"] = json!(onset.to_string());
    }
    if let Some(reported) = case.reported {
        condition["recordedDate"] = json!(reported.to_string());
    }
    condition
}

fn observation(case: &FhirCase, entry: &FhirEntry, id: &str, code: &Value) -> Value {
    json!({
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": code,
        "subject": subject(case),
        "effectiveDateTime": entry.at,
    })
}

fn temperature(case: &FhirCase, entry: &FhirEntry, celsius: f64) -> Value {
    let code = json!({ "coding": coded("http://loinc.org", "8310-5"), "text": "Body temperature" });
    let mut observation = observation(case, entry, &entry.entry_id, &code);
    let vital = coded("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs");
    observation["category"] = json!([{ "coding": vital }]);
    observation["valueQuantity"] =
        json!({ "value": celsius, "unit": "°C", "system": "http://unitsofmeasure.org", "code": "Cel" });
    observation
}

fn symptoms(case: &FhirCase, entry: &FhirEntry, id: &str) -> Value {
    let mut observation = observation(case, entry, id, &json!({ "text": "Symptoms" }));
    let component = |(word, text): &(&str, &str)| json!({ "code": { "coding": coded(SYMPTOMS, word), "text": text }, "valueBoolean": true });
    observation["component"] = entry.symptoms.iter().map(component).collect();
    observation
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// A bundle of a whole case and of one of which nothing is known.
    fn bundle() -> Value {
        let whole = FhirCase {
            person_id: "019c0000-0000-7000-8000-000000000001".to_owned(),
            case_id: "019c0000-0000-7000-8000-000000000002".to_owned(),
            reference: "MA-7".to_owned(),
            first_name: "Kim".to_owned(),
            last_name: "O'Neill \"Höh-Şahin\"".to_owned(),
            gender: "female",
            born: Some(date(1980, 5, 17)),
            telecom: vec![("phone", "home", "0621 1".to_owned())],
            street: "R1 12".to_owned(),
            postcode: "68161".to_owned(),
            city: "Mannheim".to_owned(),
            verification: "confirmed",
            icd_10: "U07.1",
            disease: "COVID-19".to_owned(),
            onset: Some(date(2020, 3, 1)),
            entries: vec![FhirEntry {
                entry_id: "019c0000-0000-7000-8000-000000000003".to_owned(),
                at: "2020-03-02T05:00:00Z".to_owned(),
                temperature_c: Some(38.5),
                symptoms: vec![("cough", "Cough")],
            }],
            ..FhirCase::default()
        };
        let bare = FhirCase {
            person_id: "019c0000-0000-7000-8000-000000000004".to_owned(),
            case_id: "019c0000-0000-7000-8000-000000000005".to_owned(),
            gender: "unknown",
            verification: "provisional",
            disease: "MERS".to_owned(),
            is_over: true,
            ..FhirCase::default()
        };
        let text = format!("{HEAD}{},{}{TAIL}", entries(&whole).unwrap(), entries(&bare).unwrap());
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_case_is_a_patient_a_condition_and_what_the_diary_says() {
        let bundle = bundle();
        let kinds: Vec<&str> = bundle["entry"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["resource"]["resourceType"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["Patient", "Condition", "Observation", "Observation", "Patient", "Condition"]);
        let condition = &bundle["entry"][1]["resource"];
        assert_eq!(condition["subject"]["reference"], bundle["entry"][0]["fullUrl"]);
        assert_eq!(condition["code"]["coding"][0]["code"], "U07.1");
        assert_eq!(bundle["entry"][2]["resource"]["valueQuantity"]["value"], 38.5);
        assert_eq!(bundle["entry"][5]["resource"]["clinicalStatus"]["coding"][0]["code"], "resolved");
    }

    #[test]
    fn what_is_not_known_is_left_out_and_never_empty() {
        fn empty(value: &Value) -> bool {
            match value {
                Value::Null => true,
                Value::String(text) => text.is_empty(),
                Value::Array(items) => items.is_empty() || items.iter().any(empty),
                Value::Object(fields) => fields.is_empty() || fields.values().any(empty),
                Value::Bool(_) | Value::Number(_) => false,
            }
        }
        assert!(!empty(&bundle()), "FHIR R4 allows no empty value");
    }
}
