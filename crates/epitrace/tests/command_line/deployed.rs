//! What lies in `deploy`, as far as it can be tried without the hosts: units that systemd takes, with commands that may be typed.

use super::*;

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

/// All units of a kind that lie there, by name.
fn units(kind: &str) -> Vec<(String, String)> {
    let folders = std::fs::read_dir(deploy()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let units = files.filter(|path| path.extension().is_some_and(|extension| extension == kind));
    let named = |path: PathBuf| {
        (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())
    };
    units.map(named).collect()
}

/// What a unit runs: the program, and its arguments.
fn runs(unit: &str) -> (&str, Vec<&str>) {
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let mut words = line.split_whitespace();
    (words.next().unwrap(), words.collect())
}

/// The programs aren't where the units look for them, so another stands in their place. Where there is no systemd, nobody uses units.
#[test]
fn units_are_as_systemd_wants_them() {
    let desk = Desk::new();
    let services = units("service");
    assert!(services.len() >= 11, "{services:?}");
    let paths: Vec<String> =
        services.iter().map(|(name, text)| desk.write(name, &text.replace(runs(text).0, "/bin/true"))).collect();
    let timers = units("timer");
    assert!(timers.len() >= 2, "{timers:?}");
    for (name, text) in &timers {
        let starts = name.replace(".timer", ".service");
        assert!(services.iter().any(|(service, _)| *service == starts), "{name} starts nothing");
        desk.write(name, text);
    }
    let written = timers.iter().map(|(name, _)| desk.path(name).display().to_string());
    for path in paths.into_iter().chain(written) {
        // What a timer starts is looked for beside it.
        let mut verify = Command::new("systemd-analyze");
        verify
            .args(["verify", "--man=no", &path])
            .env("SYSTEMD_UNIT_PATH", format!("{}:", desk.folder.path().display()));
        match verify.output() {
            Ok(verified) => {
                let said = said(verified);
                assert_eq!((said.code, said.err.as_str()), (0, ""), "{path}");
            }
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
        }
    }
}

/// What is deleted is promised to be gone from backups 30 days later: the oldest full backup that is kept, and the week until the
/// next one, are less than that.
#[test]
fn nothing_is_kept_in_the_repository_for_longer_than_is_promised() {
    let settings = std::fs::read_to_string(deploy().join("pgbackrest/repository.conf")).unwrap();
    let value = |key: &str| settings.lines().find_map(|line| line.strip_prefix(&format!("{key}="))).unwrap();
    assert_eq!(value("repo1-retention-full-type"), "time");
    let kept_days: u32 = value("repo1-retention-full").parse().unwrap();
    let (_, timer) = units("timer").into_iter().find(|(name, _)| name == "pgbackrest-full.timer").unwrap();
    assert!(timer.contains("OnCalendar=Sun "), "weekly: {timer}");
    assert!(kept_days + 7 < 30, "{kept_days}");
}

#[test]
fn what_our_own_units_run_may_be_typed() {
    let own: Vec<_> = units("service").into_iter().filter(|(name, _)| name.starts_with("epitrace")).collect();
    assert_eq!(own.len(), 3, "{own:?}");
    for (name, unit) in &own {
        let (program, args) = runs(unit);
        assert_eq!(program, "/usr/local/bin/epitrace");
        let said = said(Command::new(BIN).args(args).arg("--help").output().unwrap());
        let option = match name.as_str() {
            "epitrace.service" => "--listen",
            "epitrace-keyring.service" => "--name",
            _ => "--min",
        };
        assert!(said.code == 0 && said.out.contains(option), "{name}: {}", said.err);
    }
}

#[test]
fn the_configuration_of_the_keyring_is_taken_on_both_hosts_and_no_other() {
    let desk = Desk::new();
    let text = std::fs::read_to_string(deploy().join("keyring/keyring.toml")).unwrap();
    let path = desk.write("keyring.toml", &text.replace("/etc/epitrace/", "missing/").replace("/var/lib", "lib"));
    let serve = |name: &str| {
        let args = ["keyring", "serve", "--name", name, "--config", &path, "--data", "data"];
        said(Command::new(BIN).args(args).current_dir(desk.folder.path()).output().unwrap())
    };
    for name in ["keys-1.example.org", "keys-2.example.org"] {
        let said = serve(name);
        assert!(said.code == 1 && said.err.contains("missing/certificate.pem"), "{}", said.err);
    }
    assert_eq!(serve("app-1.example.org").code, 2);
}

/// What it names isn't there, so it gets as far as the first file that it reads.
#[test]
fn the_configuration_of_a_cell_is_taken() {
    let desk = Desk::new();
    let config = deploy().join("epitrace/epitrace.toml");
    let text = std::fs::read_to_string(config).unwrap();
    let path = desk.write("epitrace.toml", &text.replace("/etc/epitrace/", "missing/"));
    let said = said(Command::new(BIN).args(["consume", "--config", &path, "--data", "data"]).output().unwrap());
    assert!(said.code != 0 && said.err.contains("missing/kafka-password"), "{}", said.err);
}

/// Patroni runs it; here it says what is missing, and asks for what the file says, once.
#[test]
fn a_restore_wants_a_moment_and_uses_it_up() {
    let desk = Desk::new();
    let script = std::fs::read_to_string(deploy().join("pgbackrest/restore")).unwrap();
    let asked = desk.path("restore-to").display().to_string();
    let tool = desk.write("pgbackrest", "#!/bin/sh\necho \"$@\"\n");
    let script =
        script.replace("/var/lib/postgresql/restore-to", &asked).replace("\npgbackrest ", &format!("\nsh {tool} "));
    let path = desk.write("restore", &script);
    let restore = || said(Command::new("sh").arg(&path).output().unwrap());
    let missing = restore();
    assert!(missing.code == 1 && missing.err.contains(&asked), "{}", missing.err);
    for (text, arguments) in [
        ("latest\n", "--type=default restore"),
        ("2026-11-27 14:05:00+01\n", "--type=time --target=2026-11-27 14:05:00+01 --target-action=promote restore"),
        ("2026-11-27 14:05:00+01\n1\n", "--target-action=promote --target-timeline=1 restore"),
    ] {
        desk.write("restore-to", text);
        let said = restore();
        assert!(said.code == 0 && said.out.trim_end().ends_with(arguments), "{text}: {}{}", said.out, said.err);
        assert!(!desk.path("restore-to").exists(), "{text}");
    }
    desk.write("restore-to", "yesterday\n");
    let refused = restore();
    assert!(refused.code == 1 && refused.err.contains("yesterday") && desk.path("restore-to").exists());
}
