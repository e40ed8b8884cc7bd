use super::*;

#[test]
fn the_report_has_every_key_and_the_figures_of_the_outbreak() {
    let desk = Desk::new();
    desk.import_mers();
    let report = desk.json(&["report", "outbreak", "--disease", "mers"]);
    for key in [
        "cases",
        "links",
        "links_rejected",
        "generations",
        "largest_chain",
        "serial_interval",
        "offspring",
        "dispersion_k",
        "epi_curve_by_onset",
        "epi_curve_by_report",
        "reproduction_number_cori",
        "delays",
        "secondary_attack_rate",
    ] {
        assert!(report.get(key).is_some(), "{key}");
    }
    assert_eq!((&report["cases"], &report["largest_chain"]), (&162.into(), &94.into()));
    let again = desk.json(&["report", "outbreak", "--disease", "mers"]);
    assert_eq!(report, again, "nothing in it changes from call to call");
}

#[test]
fn people_read_a_table_a_curve_and_what_each_figure_counts() {
    let desk = Desk::new();
    desk.import_mers();
    let text = desk.ok(&["report", "outbreak", "--disease", "mers"]);
    for part in ["serial interval", "14.5", "infected most: SK_14 38, SK_1 26, SK_16 21", "Cori et al. 2013", "█"] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    let exposed = desk.ok(&["exposed", "SK_14", "--disease", "mers"]);
    assert!(exposed.contains("38 people exposed to SK_14"), "{exposed}");
    assert!(exposed.contains("named as infected (Emergency room)"), "{exposed}");
}

#[test]
fn each_exposed_person_has_every_key_and_null_has_its_reason() {
    let desk = Desk::new();
    desk.import_mers();
    let rows = desk.json(&["exposed", "SK_14", "--disease", "mers"]);
    let first = &rows[0];
    for key in ["id", "generation", "minutes", "score", "first", "last", "evidence"] {
        assert!(first.get(key).is_some(), "{key}");
    }
    assert!(first["minutes"].is_null() && first["minutes_reason"].is_string());
    assert!(first["first"].is_null() && first["time_reason"].is_string());
    assert_eq!(first["evidence"][0]["kind"], "infection");
}

#[test]
fn the_source_of_a_case_is_its_infector() {
    let desk = Desk::new();
    desk.import_mers();
    let rows = desk.json(&["sources", "SK_113", "--disease", "mers"]);
    assert_eq!(rows[0]["id"], "SK_14");
}

#[test]
fn dates_given_as_days_include_the_last_day_whole() {
    let desk = Desk::new();
    let met = desk.write("met.csv", "from,until,a,b\n2020-03-02T22:00:00Z,2020-03-02T22:30:00Z,A,B\n");
    desk.ok(&["import", "encounters", &met, "--columns", "from=from,until=until,a=a,b=b"]);
    let n_found = |until: &str| {
        let rows = desk.json(&["exposed", "A", "--from", "2020-03-01", "--until", until]);
        rows.as_array().unwrap().len()
    };
    assert_eq!((n_found("2020-03-04"), n_found("2020-03-01T20:00:00Z")), (1, 0));
}

#[test]
fn an_import_says_what_became_of_every_row_and_what_it_recognised() {
    let desk = Desk::new();
    let file = desk.write("cases.csv", "nr;onset\n1;2020-03-01\n2;2020-02-30\n");
    let errors = desk.path("errors.csv").display().to_string();
    let text = desk.ok(&["import", "cases", &file, "--columns", "id=nr,onset=onset", "--errors", &errors]);
    assert!(text.contains("2 rows read: 1 stored, 0 already there, 1 refused"), "{text}");
    assert!(text.contains("semicolon") && text.contains("row 3: onset: \"2020-02-30\" is not a day"), "{text}");
    let refused = std::fs::read_to_string(errors).unwrap();
    assert_eq!(refused.lines().next(), Some("reason;nr;onset"));
    let again = desk.json(&["import", "cases", &file, "--columns", "id=nr,onset=onset"]);
    assert_eq!((&again["already_there"], &again["refused"]), (&1.into(), &1.into()));
}

#[test]
fn a_demo_is_whole_and_is_replaced_by_the_next_one() {
    let desk = Desk::new();
    desk.ok(&["demo", "--cases", "50"]);
    desk.ok(&["demo", "--cases", "40"]);
    assert_eq!(desk.json(&["report", "outbreak"])["cases"], 40);
    let doctor = desk.json(&["doctor"]);
    assert!(doctor.as_array().unwrap().iter().all(|finding| finding["verdict"] != "broken"), "{doctor}");
    let keyring = doctor.as_array().unwrap().iter().find(|finding| finding["check"] == "keyring").unwrap();
    assert_eq!(keyring["verdict"], "warning", "it lies beside the data");
}
