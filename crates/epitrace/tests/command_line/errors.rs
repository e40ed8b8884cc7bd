use super::*;

fn check(args: &[&str], code: i32, says: &str) {
    let desk = Desk::new();
    let file = desk.write("cases.csv", "nr,onset\n1,2020-03-01\n");
    let args: Vec<&str> = args.iter().map(|arg| if *arg == "FILE" { file.as_str() } else { arg }).collect();
    let said = desk.run(&args);
    assert_eq!(said.code, code, "{args:?}: {}", said.err);
    assert!(said.err.contains(says), "{args:?} says:\n{}", said.err);
    assert!(!said.err.contains("panicked"), "{}", said.err);
}

#[test]
fn what_is_typed_wrongly_exits_2_and_says_what_is_meant() {
    check(&["no-such-command"], 2, "unrecognized subcommand");
    check(&["import", "cases", "FILE"], 2, "--columns");
    check(&["import", "cases", "FILE", "--columns", "id=nr,onsett=onset"], 2, "onset");
    check(&["import", "cases", "FILE", "--columns", "onset=onset"], 2, "the field id needs a column");
    check(&["import", "cases", "FILE", "--columns", "id=nmr"], 2, "nr");
    check(&["import", "cases", "FILE", "--columns", "id=beginn"], 2, "no column \"beginn\"; columns are nr, onset");
    check(&["import", "cases", "FILE", "--columns", "id=nr", "--interval", "20s"], 2, "--interval");
    check(&["import", "visits", "FILE", "--columns", "person=nr", "--disease", "mers"], 2, "--disease");
    check(&["import", "cases", "no-such-file", "--columns", "id=nr"], 2, "cannot read no-such-file");
    check(&["import", "cases", "FILE", "--columns", "id=nr", "--date-format", "yyy"], 2, "yyy");
    check(&["import", "encounters", "FILE", "--columns", "time=onset,a=nr,b=nr"], 2, "--interval");
    check(&["import", "encounters", "FILE", "--columns", "time=onset,a=nr,b=nr", "--interval", "0s"], 2, "nothing");
    check(&["report", "outbreak", "--serial-interval", "0.5,1"], 2, "above 1");
    check(&["report", "outbreak", "--disease", "plague"], 2, "covid-19");
    check(&["report", "outbreak", "--authority", "x"], 2, "two to eight letters");
    check(&["exposed", "A", "--from", "2020-03-02", "--until", "2020-03-01"], 2, "--until is not after --from");
    check(&["exposed", "A", "--from", "yesterday"], 2, "--from");
    check(&["report", "outbreak", "--config", "no-such-file"], 2, "cannot read the configuration");
    check(&["report", "outbreak", "--config", "no-such-file"], 2, "hint: name a file with --config");
    check(&["admin", "create-account", "kim", "--role", "boss"], 2, "case_worker");
    check(&["demo", "--cases", "0"], 2, "1..");
}

#[test]
fn what_is_not_there_exits_1_with_a_sentence_and_a_hint() {
    check(&["exposed", "nobody"], 1, "nobody here is known as nobody");
    check(&["exposed", "Anna Meier"], 1, "this is no reference: ");
    check(&["report", "outbreak", "--authority", "nowhere"], 1, "no authority nowhere");
    check(&["restore", "no-such-folder"], 1, "not a usable backup");
}

#[test]
fn what_was_typed_as_a_name_is_not_said_again() {
    let said = Desk::new().run(&["exposed", "Anna Meier"]);
    assert!(!said.err.contains("Meier") && said.err.contains("hint: "), "{}", said.err);
}

#[test]
fn a_database_that_is_not_there_is_named_as_such_with_the_key_to_look_at() {
    let desk = Desk::new();
    let config = desk.write("config.toml", "[storage]\nurl = \"postgres://epitrace_app@127.0.0.1:1/epitrace\"\n");
    let said = desk.run(&["report", "outbreak", "--account", "kim", "--config", &config]);
    assert!(said.err.contains("hint: ") && said.err.contains("[storage] url"), "{}", said.err);
    assert!(!said.err.contains("refused a statement"), "{}", said.err);
}

#[test]
fn a_restore_over_other_data_says_where_it_may_go() {
    let desk = Desk::new();
    desk.ok(&["doctor"]);
    let backup = desk.path("backup").display().to_string();
    desk.ok(&["backup", &backup]);
    let said = desk.run(&["restore", &backup]);
    assert!(said.code == 1 && said.err.contains("is not empty"), "{}", said.err);
    assert!(said.err.contains("restore into a new data folder"), "{}", said.err);
}

#[test]
fn an_unknown_key_in_the_configuration_is_refused() {
    let desk = Desk::new();
    let config = desk.write("config.toml", "[storage]\nulr = \"postgres://x\"\n");
    let said = desk.run(&["report", "outbreak", "--config", &config]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("ulr"), "{}", said.err);
}

#[test]
fn a_demo_never_goes_over_other_data() {
    let desk = Desk::new();
    desk.import_mers();
    let said = desk.run(&["demo", "--cases", "10"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("holds other data"), "{}", said.err);
    assert_eq!(desk.json(&["report", "outbreak", "--disease", "mers"])["cases"], 162);
}

#[test]
fn a_command_that_needs_the_folder_alone_says_so_and_exits_75() {
    let desk = Desk::new();
    desk.ok(&["doctor"]);
    let shared = std::fs::File::open(desk.data().join("epitrace.lock")).unwrap();
    shared.lock_shared().unwrap();
    desk.ok(&["report", "outbreak"]);
    let said = desk.run(&["migrate"]);
    assert_eq!(said.code, 75);
    assert!(
        said.err.contains("another epitrace is using this data folder") && said.err.contains("hint"),
        "{}",
        said.err
    );
}

#[test]
fn several_authorities_need_to_be_told_apart() {
    let desk = Desk::new();
    desk.ok(&["doctor"]);
    desk.ok(&["admin", "create-authority", "ma", "--name", "City of Mannheim"]);
    let said = desk.run(&["report", "outbreak"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("local, ma"), "{}", said.err);
    assert_eq!(desk.json(&["report", "outbreak", "--authority", "MA"])["cases"], 0);
    let taken = desk.run(&["admin", "create-authority", "ma", "--name", "Again"]);
    assert_eq!(taken.code, 1);
    assert!(taken.err.contains("the short code ma is taken"), "{}", taken.err);
}

#[test]
fn an_analyst_is_refused_what_names_persons() {
    let desk = Desk::new();
    desk.import_mers();
    desk.ok(&["admin", "create-account", "ana", "--role", "analyst"]);
    desk.ok(&["report", "outbreak", "--account", "ana"]);
    let said = desk.run(&["exposed", "SK_14", "--account", "ana"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("the role analyst may not see exposures"), "{}", said.err);
    assert_eq!(desk.run(&["exposed", "SK_14", "--account", "stranger"]).code, 1);
}
