use super::*;

const NAMES: &str = "nr,name,onset\n1,Zyxwquarrendell,2020-03-01\n";
const COLUMNS: &str = "id=nr,last_name=name,onset=onset";

#[test]
fn an_exported_keyring_and_a_backup_bring_everything_back() {
    let desk = Desk::new();
    let file = desk.write("names.csv", NAMES);
    desk.ok(&["import", "cases", &file, "--columns", COLUMNS]);
    let (backup, keys) = (desk.path("backup").display().to_string(), desk.path("keys").display().to_string());
    let secret = desk.write("secret", "correct horse battery\n");
    desk.ok(&["backup", &backup]);
    desk.ok(&["keys", "export", &keys, "--secret-file", &secret]);

    let other = Desk::new();
    other.ok(&["restore", &backup, "--keyring", &keys, "--unlock-file", &secret]);
    let again =
        other.json(&["import", "cases", &file, "--columns", COLUMNS, "--keyring", &keys, "--unlock-file", &secret]);
    assert_eq!(again["already_there"], 1, "the name was opened and is the same");
}

#[test]
fn without_its_keyring_a_restored_folder_answers_but_seals_nothing_and_makes_no_new_key() {
    let desk = Desk::new();
    let file = desk.write("names.csv", NAMES);
    desk.ok(&["import", "cases", &file, "--columns", COLUMNS]);
    let backup = desk.path("backup").display().to_string();
    desk.ok(&["backup", &backup]);
    let other = Desk::new();
    let text = other.ok(&["restore", &backup]);
    assert!(text.contains("names stay locked"), "{text}");
    assert_eq!(other.json(&["report", "outbreak"])["cases"], 1);
    let said = other.run(&["import", "cases", &file, "--columns", COLUMNS]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("no key for this authority"), "{}", said.err);
    assert!(!other.data().join("keyring/keyring.json").exists());
    let doctor = other.run(&["doctor"]);
    assert!(doctor.code == 1 && doctor.out.contains("bring the keyring back"), "{}", doctor.out);
}

#[test]
fn a_locked_keyring_needs_its_secret_and_without_one_the_command_says_try_again() {
    let desk = Desk::new();
    let secret = desk.write("secret", "correct horse battery\n");
    let wrong = desk.write("wrong", "staple\n");
    desk.ok(&["doctor", "--unlock-file", &secret]);
    let mut locked = desk.command(&["report", "outbreak"]);
    let locked = said(locked.stdin(std::process::Stdio::null()).output().unwrap());
    assert_eq!(locked.code, 75, "{}", locked.err);
    assert!(locked.err.contains("--unlock-file"), "{}", locked.err);
    let refused = desk.run(&["report", "outbreak", "--unlock-file", &wrong]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("does not open the keyring"), "{}", refused.err);
    desk.ok(&["report", "outbreak", "--unlock-file", &secret]);
    assert!(!desk.data().join("keyring/root.key").exists(), "the root key is nowhere on disk");
}

#[test]
fn an_export_is_counted_and_never_goes_over_a_keyring() {
    let desk = Desk::new();
    let (keys, secret) = (desk.path("keys").display().to_string(), desk.write("secret", "correct horse battery\n"));
    let text = desk.ok(&["keys", "export", &keys, "--secret-file", &secret]);
    assert!(text.starts_with("2 keys written"), "{text}");
    let said = desk.run(&["keys", "export", &keys, "--secret-file", &secret]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains(&format!("{keys} holds a keyring already\nhint: ")), "{}", said.err);
    let other = desk.path("other").display().to_string();
    assert_eq!(
        desk.json(&["keys", "export", &other, "--secret-file", &secret])["keys"],
        2,
        "of the authority, and of the installation"
    );
}

#[test]
fn the_list_of_keys_tells_time_to_the_second() {
    let text = Desk::new().ok(&["keys", "list"]);
    assert!(text.contains('Z') && !text.contains('.'), "{text}");
}

#[test]
fn keys_are_listed_without_their_bytes() {
    let desk = Desk::new();
    let keys = desk.json(&["keys", "list"]);
    let of: Vec<i64> = keys.as_array().unwrap().iter().map(|key| key["authority_id"].as_i64().unwrap()).collect();
    assert_eq!(of, [0, 1], "0 is the installation's own");
    assert_eq!(keys[0].as_object().unwrap().len(), 3, "authority, number, time: {keys}");
}

#[test]
fn a_keyring_of_another_installation_is_refused_and_seals_nothing() {
    let (desk, other) = (Desk::new(), Desk::new());
    let file = desk.write("names.csv", NAMES);
    desk.ok(&["import", "cases", &file, "--columns", COLUMNS]);
    other.ok(&["doctor"]);
    let foreign = other.data().join("keyring").display().to_string();
    for args in [vec!["import", "cases", &file, "--columns", COLUMNS], vec!["doctor"], vec!["report", "outbreak"]] {
        let said = desk.run(&[args.as_slice(), &["--keyring", &foreign]].concat());
        assert_eq!(said.code, 1);
        assert!(said.err.contains("belongs to another installation"), "{}", said.err);
    }
}

#[test]
fn an_interrupted_restore_shows_nobody_anything_until_it_has_ended() {
    let desk = Desk::new();
    let file = desk.write("names.csv", NAMES);
    desk.ok(&["import", "cases", &file, "--columns", COLUMNS]);
    let backup = desk.path("backup").display().to_string();
    desk.ok(&["backup", &backup]);
    let other = Desk::new();
    other.ok(&["restore", &backup]);
    // As a stop of the machine between the copy and the replay would leave it.
    std::fs::write(other.data().join("restore.unfinished"), "").unwrap();
    for args in [["exposed", "1"].as_slice(), &["report", "outbreak"], &["backup", "x"]] {
        let said = other.run(args);
        assert!(said.code == 1 && said.err.contains("restore into this data folder was interrupted"), "{}", said.err);
    }
    other.ok(&["restore", &backup]);
    assert_eq!(other.json(&["report", "outbreak"])["cases"], 1);
}

#[test]
fn a_locked_keyring_stops_a_restore_before_anything_is_brought_back() {
    let desk = Desk::new();
    desk.ok(&["doctor"]);
    let (backup, keys) = (desk.path("backup").display().to_string(), desk.path("keys").display().to_string());
    let secret = desk.write("secret", "correct horse battery\n");
    desk.ok(&["backup", &backup]);
    desk.ok(&["keys", "export", &keys, "--secret-file", &secret]);
    let other = Desk::new();
    let mut restore = other.command(&["restore", &backup, "--keyring", &keys]);
    let locked = said(restore.stdin(std::process::Stdio::null()).output().unwrap());
    assert_eq!(locked.code, 75, "{}", locked.err);
    assert!(!other.data().join("epitrace.sqlite").exists());
    other.ok(&["restore", &backup, "--keyring", &keys, "--unlock-file", &secret]);
}
