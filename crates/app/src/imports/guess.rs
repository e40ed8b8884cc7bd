//! Which column may be which field: by the words that people put over columns, in English, German and the shorthand of
//! published line lists. A guess is shown, never used unseen.

use super::Kind;

/// A field with what it is and the names by which files call it, in lower case without spaces and signs.
pub(super) struct FieldWords {
    pub(super) field: &'static str,
    pub(super) what: &'static str,
    names: &'static [&'static str],
}

const fn words(field: &'static str, what: &'static str, names: &'static [&'static str]) -> FieldWords {
    FieldWords { field, what, names }
}

// Words of details that stand in line lists and in laboratories' files alike.
const FIRST_NAME: FieldWords =
    words("first_name", "given names", &["firstname", "givenname", "given", "forename", "vorname"]);
const LAST_NAME: FieldWords = words(
    "last_name",
    "family name",
    &["lastname", "familyname", "family", "surname", "name", "nachname", "familienname"],
);
const BORN: FieldWords = words(
    "born",
    "date of birth",
    &[
        "born",
        "birthdate",
        "dateofbirth",
        "dob",
        "birthday",
        "geburtsdatum",
        "geburtstag",
        "geb",
        "gebdat",
        "gebdatum",
        "geboren",
        "geborenam",
    ],
);
const SEX: FieldWords =
    words("sex", "as written", &["sex", "gender", "geschlecht", "geschl", "mwd", "mw", "mfd", "mf"]);
const PHONE: FieldWords =
    words("phone", "telephone", &["phone", "telephone", "tel", "telefon", "telefonnummer", "festnetz", "landline"]);
const MOBILE: FieldWords = words(
    "mobile",
    "mobile telephone",
    &["mobile", "mobilephone", "cell", "handy", "mobil", "handynummer", "mobilnummer"],
);
const EMAIL: FieldWords = words("email", "e-mail", &["email", "mail", "emailadresse"]);
const STREET: FieldWords = words("street", "street, without the number", &["street", "road", "strasse", "straße"]);
const HOUSE_NUMBER: FieldWords = words("house_number", "house number", &["housenumber", "hausnummer", "hausnr"]);
const POSTCODE: FieldWords =
    words("postcode", "postal code", &["postcode", "zip", "zipcode", "postalcode", "plz", "postleitzahl"]);
const CITY: FieldWords = words("city", "town", &["city", "town", "ort", "stadt", "wohnort"]);
const DISEASE: FieldWords =
    words("disease", "of this row", &["disease", "krankheit", "erkrankung", "pathogen", "erreger"]);

const CASES: &[FieldWords] = &[
    words(
        "id",
        "what the file calls the person: a number or code, never a name",
        &[
            "id",
            "caseid",
            "caseno",
            "casenumber",
            "fallid",
            "fallnr",
            "fallnummer",
            "aktenzeichen",
            "reference",
            "ref",
            "lfdnr",
            "nr",
            "no",
            "number",
            "case",
            "fall",
        ],
    ),
    FIRST_NAME,
    LAST_NAME,
    BORN,
    SEX,
    words("age", "in years", &["age", "alter", "ageyears"]),
    PHONE,
    MOBILE,
    EMAIL,
    STREET,
    HOUSE_NUMBER,
    POSTCODE,
    CITY,
    DISEASE,
    words(
        "onset",
        "first day with symptoms",
        &[
            "onset",
            "dtonset",
            "dateonset",
            "dateofonset",
            "onsetdate",
            "symptomonset",
            "dateofprodrome",
            "erkrankungsbeginn",
            "symptombeginn",
            "krankheitsbeginn",
        ],
    ),
    words(
        "tested",
        "day of the specimen",
        &[
            "tested",
            "testdate",
            "dtdiag",
            "dttest",
            "datediagnosis",
            "diagnosisdate",
            "specimendate",
            "testdatum",
            "abstrich",
            "abstricham",
            "abstrichdatum",
            "probenahme",
            "getestet",
        ],
    ),
    words(
        "reported",
        "day on which the authority was told",
        &[
            "reported",
            "reportdate",
            "dtreport",
            "datereport",
            "reportingdate",
            "notificationdate",
            "meldedatum",
            "gemeldet",
            "meldung",
        ],
    ),
    words(
        "classification",
        "suspected, probable, confirmed",
        &[
            "classification",
            "casestatus",
            "caseclassification",
            "status",
            "klassifikation",
            "einstufung",
            "falldefinition",
        ],
    ),
    words(
        "place",
        "hospital, school, restaurant: never a private address",
        &[
            "place",
            "facility",
            "hospital",
            "lochosp",
            "location",
            "placeofinfection",
            "einrichtung",
            "krankenhaus",
            "infektionsort",
            "ortderansteckung",
        ],
    ),
    words("setting", "kind of place of the infection", &["setting", "exposure", "expositionsort", "umfeld"]),
    words("outcome", "as written", &["outcome", "verlauf", "ausgang"]),
    words(
        "died",
        "day of death",
        &["died", "dtdeath", "datedeath", "deathdate", "dateofdeath", "todesdatum", "sterbedatum", "verstorben"],
    ),
    words(
        "exposed_first",
        "first day on which the infection may have happened",
        &["exposedfirst", "dtstartexp", "exposurestart", "expositionvon", "expositionsbeginn"],
    ),
    words(
        "exposed_last",
        "last such day",
        &["exposedlast", "dtendexp", "exposureend", "expositionbis", "expositionsende"],
    ),
    words(
        "note",
        "anything else",
        &["note", "notes", "comment", "comments", "remark", "text", "notiz", "bemerkung", "kommentar"],
    ),
];

const INFECTIONS: &[FieldWords] = &[
    words("from", "who infected", &["from", "infector", "source", "quelle", "von", "infiziertvon"]),
    words("to", "whom", &["to", "infected", "infectee", "case", "caseid", "an", "nach", "fall"]),
    words("setting", "kind of place", &["setting", "exposure", "place", "umfeld", "ort"]),
    words("date", "day of the infection", &["date", "day", "infectiondate", "datum", "tag"]),
];

const ENCOUNTERS: &[FieldWords] = &[
    words("time", "beginning of a contact of fixed length", &["time", "timestamp", "t", "zeit", "zeitstempel"]),
    words("from", "beginning", &["from", "start", "begin", "von", "beginn"]),
    words("until", "end", &["until", "end", "to", "bis", "ende"]),
    words("a", "one of the two", &["a", "i", "id1", "person1", "personA", "tag1"]),
    words("b", "the other one", &["b", "j", "id2", "person2", "personB", "tag2"]),
    words("distance_m", "nearest distance in metres", &["distancem", "distance", "abstand", "abstandm", "entfernung"]),
];

const VISITS: &[FieldWords] = &[
    words("person", "who", &["person", "id", "guest", "gast", "personid"]),
    words(
        "venue",
        "where: a facility",
        &["venue", "place", "facility", "ward", "hospital", "location", "einrichtung", "station", "ort"],
    ),
    words("area", "ward, table, room", &["area", "room", "table", "bereich", "zimmer", "tisch", "raum"]),
    words("from", "arrival", &["from", "in", "arrival", "arrived", "start", "checkin", "von", "ankunft"]),
    words("until", "departure", &["until", "out", "departure", "left", "end", "checkout", "bis", "abreise"]),
];

const LABORATORY: &[FieldWords] = &[
    words("laboratory", "who examined the sample", &["laboratory", "lab", "labor", "sender", "einsender"]),
    words(
        "sample",
        "number of the sample there: a number or code, never a name",
        &[
            "sample",
            "sampleid",
            "specimenid",
            "barcode",
            "order",
            "probe",
            "probennummer",
            "auftrag",
            "auftragsnummer",
            "auftragsnr",
            "probennr",
        ],
    ),
    words(
        "result",
        "positive, negative or indeterminate",
        &["result", "finding", "ergebnis", "befund", "testergebnis"],
    ),
    words("method", "how it was examined", &["method", "test", "testtype", "assay", "methode", "verfahren", "testart"]),
    words(
        "specimen",
        "day on which the sample was taken",
        &[
            "specimen",
            "specimendate",
            "sampled",
            "collected",
            "collectiondate",
            "tested",
            "testdate",
            "entnahme",
            "entnahmedatum",
            "abnahme",
            "abnahmedatum",
            "testdatum",
        ],
    ),
    words(
        "reported",
        "when the laboratory reported it",
        &[
            "reported",
            "reportdate",
            "resultdate",
            "meldedatum",
            "gemeldet",
            "befunddatum",
            "datumbefund",
            "befundvom",
            "befundet",
        ],
    ),
    DISEASE,
    FIRST_NAME,
    LAST_NAME,
    BORN,
    SEX,
    PHONE,
    MOBILE,
    EMAIL,
    STREET,
    HOUSE_NUMBER,
    POSTCODE,
    CITY,
];

/// Lists the fields of a kind of file, with what they are.
pub(super) fn fields(kind: Kind) -> &'static [FieldWords] {
    match kind {
        Kind::Cases => CASES,
        Kind::Infections => INFECTIONS,
        Kind::Encounters => ENCOUNTERS,
        Kind::Visits => VISITS,
        Kind::Laboratory => LABORATORY,
    }
}

/// A guess: the field, its column, and whether the name says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The field.
    pub field: &'static str,
    /// Number of the column, from 0.
    pub column: usize,
    /// Whether the name of the column is one of the field's.
    pub sure: bool,
}

fn plain(name: &str) -> String {
    name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// "No" and "Nr" are numbers of cases, but behind a street they are numbers of houses.
fn house_numbers(mut names: Vec<String>) -> Vec<String> {
    let is_street = |name: &String| STREET.names.iter().any(|street| plain(street) == *name);
    for column in 1..names.len() {
        if ["nr", "no", "number"].contains(&names[column].as_str()) && is_street(&names[column - 1]) {
            names[column] = plain(HOUSE_NUMBER.names[0]);
        }
    }
    names
}

/// How near a name must be to one of a field's, to be guessed without being it: Jaro–Winkler, 0 to 1.
const NEAR_ENOUGH: f64 = 0.93;

/// Guesses which column is which field. No column and no field is guessed twice; sure guesses come first.
pub(super) fn guess(kind: Kind, header: Option<&[String]>, n_columns: usize) -> Vec<Guess> {
    let Some(header) = header else { return without_header(kind, n_columns) };
    let names = house_numbers(header.iter().map(|name| plain(name)).collect());
    let mut found: Vec<Guess> = Vec::new();
    let mut take = |field: &'static str, column: Option<usize>, sure: bool| {
        let Some(column) = column else { return };
        if !found.iter().any(|guess| guess.field == field || guess.column == column) {
            found.push(Guess { field, column, sure });
        }
    };
    for FieldWords { field, names: known, .. } in fields(kind) {
        // The order of a field's names is their order of preference.
        let by_name = known.iter().find_map(|known| names.iter().position(|name| name == &plain(known)));
        take(field, by_name, true);
    }
    for FieldWords { field, names: known, .. } in fields(kind) {
        let nearness = |name: &str| {
            let of = |known: &&str| strsim::jaro_winkler(name, &plain(known));
            known.iter().filter(|known| known.len() > 3).map(of).fold(0.0, f64::max)
        };
        let near = names.iter().enumerate().filter(|(_, name)| name.len() > 3 && nearness(name) >= NEAR_ENOUGH);
        let best = near.max_by(|a, b| nearness(a.1).total_cmp(&nearness(b.1))).map(|(column, _)| column);
        take(field, best, false);
    }
    found.sort_by_key(|guess| guess.column);
    found
}

/// Sensors write three columns without names: time and the two.
fn without_header(kind: Kind, n_columns: usize) -> Vec<Guess> {
    let fields: &[&'static str] = match (kind, n_columns) {
        (Kind::Encounters, 3) => &["time", "a", "b"],
        (Kind::Encounters, 4..) => &["from", "until", "a", "b"],
        (Kind::Infections, 2..) => &["from", "to"],
        _ => &[],
    };
    fields.iter().enumerate().map(|(column, field)| Guess { field, column, sure: false }).collect()
}

/// Says whether the first row names the columns: it has no cell that is a number or begins like a date.
pub(super) fn is_header(first_row: &[String]) -> bool {
    let is_value = |cell: &String| {
        let cell = cell.trim();
        cell.parse::<f64>().is_ok() || (cell.len() >= 8 && cell.chars().take(4).all(|c| c.is_ascii_digit()))
    };
    let used = first_row.iter().filter(|cell| !cell.trim().is_empty());
    used.clone().count() > 0 && !used.into_iter().any(is_value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(kind: Kind, header: &str) -> Vec<(String, usize)> {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        let n = header.len();
        guess(kind, Some(&header), n).into_iter().map(|guess| (guess.field.to_owned(), guess.column)).collect()
    }

    fn column_of(kind: Kind, header: &str, field: &str) -> Option<usize> {
        guessed(kind, header).into_iter().find(|(found, _)| found == field).map(|(_, column)| column)
    }

    #[test]
    fn every_field_of_every_kind_has_its_words() {
        for kind in Kind::ALL {
            let with_words: Vec<_> = fields(*kind).iter().map(|words| words.field).collect();
            let mut known = kind.fields().to_vec();
            let mut listed = with_words.clone();
            known.sort_unstable();
            listed.sort_unstable();
            assert_eq!(listed, known, "{kind:?}");
        }
    }

    #[test]
    fn the_short_words_of_a_laboratorys_header_are_understood() {
        let header = "Auftragsnr,Name,Vorname,Geb.-Datum,Geschl.,Entnahme,Ergebnis,Datum Befund";
        let sure = guess(Kind::Laboratory, Some(&header.split(',').map(str::to_owned).collect::<Vec<_>>()), 8);
        let fields: Vec<_> = sure.iter().filter(|guess| guess.sure).map(|guess| guess.field).collect();
        let expected = ["sample", "last_name", "first_name", "born", "sex", "specimen", "result", "reported"];
        assert_eq!(fields, expected);
    }

    #[test]
    fn the_header_of_a_published_line_list_is_understood() {
        let header = "id,age,sex,dt_onset,dt_report,dt_start_exp,dt_end_exp,dt_diag,outcome,dt_death,loc_hosp";
        for (field, column) in
            [("id", 0), ("onset", 3), ("reported", 4), ("exposed_first", 5), ("tested", 7), ("died", 9), ("place", 10)]
        {
            assert_eq!(column_of(Kind::Cases, header, field), Some(column), "{field}");
        }
    }

    #[test]
    fn german_and_misspelt_headers_are_understood() {
        let header = "Fallnummer,Nachname,Vorname,Geburtsdatum,Telefon-Nr.,Erkrankungs-Beginn,Meldedatumm";
        for (field, column) in
            [("id", 0), ("last_name", 1), ("first_name", 2), ("born", 3), ("onset", 5), ("reported", 6)]
        {
            assert_eq!(column_of(Kind::Cases, header, field), Some(column), "{field}");
        }
    }

    #[test]
    fn a_number_behind_a_street_is_that_of_a_house() {
        let header = "Fall-Nr.,Nachname,m/w/d,Straße,Nr,PLZ,Ort,Abstrich am,Ort der Ansteckung";
        for (field, column) in
            [("id", 0), ("sex", 2), ("street", 3), ("house_number", 4), ("city", 6), ("tested", 7), ("place", 8)]
        {
            assert_eq!(column_of(Kind::Cases, header, field), Some(column), "{field}");
        }
        assert_eq!(column_of(Kind::Cases, "Nr,Name,Straße", "id"), Some(0));
    }

    #[test]
    fn a_row_of_numbers_and_dates_is_no_header() {
        let row = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        assert!(is_header(&row("id,onset,age")));
        assert!(!is_header(&row("1385982020,1170,1644")));
        assert!(!is_header(&row("SK_1,2015-05-11,68")));
        assert_eq!(guess(Kind::Encounters, None, 3).len(), 3);
    }
}
