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
fn refused_rows_keep_the_order_of_the_file_whenever_they_were_refused() {
    let desk = Desk::new();
    let columns = "id=nr,onset=onset";
    let before = desk.write("before.csv", "nr,onset\nA,2020-03-01\nB,2020-03-01\n");
    desk.ok(&["import", "cases", &before, "--columns", columns]);
    let text = "nr,onset\nA,2020-03-02\nX,2020-02-30\nC,2020-03-01\nB,2020-03-02\n,2020-03-01\n";
    let (file, errors) = (desk.write("cases.csv", text), desk.path("errors.csv").display().to_string());
    let summary = desk.json(&["import", "cases", &file, "--columns", columns, "--errors", &errors]);
    let rows: Vec<_> = summary["first_refusals"].as_array().unwrap().iter().map(|one| one[0].as_u64()).collect();
    assert_eq!(rows, [Some(2), Some(3), Some(5), Some(6)]);
    assert_eq!((&summary["rows"], &summary["stored"], &summary["refused"]), (&5.into(), &1.into(), &4.into()));
    let written = std::fs::read_to_string(errors).unwrap();
    let ends: Vec<_> = written.lines().skip(1).map(|line| line.rsplit_once(',').unwrap().1).collect();
    assert_eq!(ends, ["2020-03-02", "2020-02-30", "2020-03-02", "2020-03-01"], "{written}");
}

#[test]
fn more_refused_rows_than_a_batch_holds_all_come_back_in_order() {
    let desk = Desk::new();
    let rows: String = (0..5_000).map(|n| format!("P{n},{}\n", if n % 50 == 0 { "2020-03-01" } else { "?" })).collect();
    let file = desk.write("cases.csv", &format!("nr,onset\n{rows}"));
    let errors = desk.path("errors.csv").display().to_string();
    let summary = desk.json(&["import", "cases", &file, "--columns", "id=nr,onset=onset", "--errors", &errors]);
    assert_eq!((&summary["stored"], &summary["refused"]), (&100.into(), &4_900.into()));
    let written = std::fs::read_to_string(errors).unwrap();
    let numbers = written.lines().skip(1).map(|line| line.split(",P").nth(1).unwrap().split(',').next().unwrap());
    let numbers: Vec<u32> = numbers.map(|number| number.parse().unwrap()).collect();
    assert!(numbers.len() == 4_900 && numbers.is_sorted());
}

#[test]
fn strict_says_how_many_rows_were_refused() {
    let desk = Desk::new();
    for (rows, says) in [("1,x\n", "1 row was refused"), ("1,x\n2,y\n", "2 rows were refused")] {
        let file = desk.write("cases.csv", &format!("nr,onset\n{rows}"));
        let said = desk.run(&["import", "cases", &file, "--columns", "id=nr,onset=onset", "--strict"]);
        assert!(said.code == 1 && said.out.contains(says), "{}", said.out);
    }
    let one = desk.write("one.csv", "nr,onset\n1,2020-03-01\n");
    let text = desk.ok(&["import", "cases", &one, "--columns", "id=nr,onset=onset"]);
    assert!(text.starts_with("1 row read: 1 stored"), "{text}");
}

#[test]
fn a_stay_before_the_room_was_aired_names_the_area() {
    let desk = Desk::new();
    let stays = "person,venue,area,from,until\n\
                 A,Clinic,2,2020-03-02 10:00,2020-03-02 11:00\nB,Clinic,2,2020-03-02 11:05,2020-03-02 12:00\n";
    let file = desk.write("stays.csv", stays);
    let columns = "person=person,venue=venue,area=area,from=from,until=until";
    desk.ok(&["import", "visits", &file, "--columns", columns]);
    let text = desk.ok(&["exposed", "A"]);
    assert!(text.contains("Clinic 2 before airing"), "{text}");
}

#[test]
fn a_demo_speaks_json_too() {
    let desk = Desk::new();
    let files = desk.json(&["demo", "--cases", "10", "--files", &desk.path("made").display().to_string()]);
    assert_eq!(files.as_array().unwrap().len(), 4, "{files}");
    let done = desk.json(&["demo", "--cases", "10"]);
    assert_eq!(done["imported"]["cases.csv"]["stored"], 10, "{done}");
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
