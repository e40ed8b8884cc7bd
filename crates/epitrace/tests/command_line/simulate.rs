//! Runs in one process: what is written can be recomputed, and doesn't depend on threads.

use super::*;

/// Runs a command that needs no data folder.
fn simulate(desk: &Desk, args: &[&str]) -> Said {
    desk.run(&[&["simulate"][..], args].concat())
}

/// Recomputes a run from its positions, in another language.
fn recompute(folder: &Path) -> Said {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/checks/recompute_contacts.py");
    said(Command::new("python3").arg(script).arg(folder).output().unwrap())
}

fn rows(folder: &Path, name: &str) -> Vec<String> {
    std::fs::read_to_string(folder.join(name)).unwrap().lines().skip(1).map(ToOwned::to_owned).collect()
}

#[test]
fn every_contact_and_every_infection_of_a_run_is_recomputed_from_its_positions_alone() {
    let desk = Desk::new();
    for (name, more) in
        [("waypoint", &["--seed", "3"][..]), ("fleeing_chasing", &["--radius", "3.5", "--cooldown", "4"])]
    {
        let folder = desk.path(name);
        let csv = folder.display().to_string();
        let size = ["--safe", "280", "--infected", "20", "--lifetime", "60", "--width", "90", "--csv", &csv];
        let run = simulate(&desk, &[&size[..], &["--json", "--movement", name], more].concat());
        let run: Value = serde_json::from_str(&run.out).unwrap();
        let n_contacts = rows(&folder, "contacts.csv").len() as u64;
        let n_infections = rows(&folder, "infections.csv").len() as u64;
        assert_eq!((&run["contacts"], &run["infections"]), (&n_contacts.into(), &n_infections.into()));
        assert!(n_infections > 20, "{name}: {n_infections}");
        let said = recompute(&folder);
        let expected = format!("{} contacts and infections recomputed, 0 differences\n", n_contacts + n_infections);
        assert_eq!((said.code, &*said.out), (0, &*expected), "{}", said.err);
        assert_eq!(rows(&folder, "positions.csv").len(), 300 * 61, "60 seconds of life, and the last message");
    }
}

#[test]
fn a_run_in_which_a_contact_was_moved_or_an_infection_left_out_is_found_out() {
    let desk = Desk::new();
    let folder = desk.path("run");
    let csv = folder.display().to_string();
    let args = ["--safe", "190", "--infected", "10", "--lifetime", "30", "--csv", &csv];
    assert_eq!(simulate(&desk, &args).code, 0);
    for (name, change) in [("contacts.csv", 1), ("infections.csv", 0)] {
        let whole = std::fs::read_to_string(folder.join(name)).unwrap();
        let mut lines: Vec<String> = whole.lines().map(ToOwned::to_owned).collect();
        let last = lines.pop().unwrap();
        if change == 1 {
            lines.push(last.rsplit_once(',').map(|(rest, _)| format!("{rest},3")).unwrap());
        }
        std::fs::write(folder.join(name), lines.join("\n") + "\n").unwrap();
        let said = recompute(&folder);
        assert_eq!(said.code, 1, "{name}: {}", said.out);
        std::fs::write(folder.join(name), whole).unwrap();
    }
    assert_eq!(recompute(&folder).code, 0);
}

#[test]
fn one_two_and_eight_threads_say_the_same_and_write_the_same_files() {
    let desk = Desk::new();
    let mut runs = Vec::new();
    for threads in ["1", "2", "8"] {
        let folder = desk.path(threads);
        let csv = folder.display().to_string();
        let size = ["--safe", "39000", "--infected", "1000", "--width", "1000", "--height", "1000", "--seconds", "20"];
        let said = simulate(&desk, &[&size[..], &["--threads", threads, "--csv", &csv, "--json"]].concat());
        assert_eq!(said.code, 0, "{}", said.err);
        let files = ["positions.csv", "contacts.csv", "infections.csv", "run.json"];
        runs.push((said.out, files.map(|name| std::fs::read(folder.join(name)).unwrap())));
    }
    assert!(runs[1] == runs[0] && runs[2] == runs[0], "threads make a difference");
    let run: Value = serde_json::from_str(&runs[0].0).unwrap();
    assert!(run["infections"].as_u64().unwrap() > 1_000, "{}", run["infections"]);
    assert_eq!(run["digest"].as_str().unwrap().len(), 64);
    let other = simulate(&desk, &["--seed", "1", "--json"]);
    let other: Value = serde_json::from_str(&other.out).unwrap();
    assert_ne!(other["digest"], run["digest"]);
}

#[test]
fn the_json_has_every_key_and_numbers_of_each_second() {
    let desk = Desk::new();
    let run = desk.json(&["simulate", "--lifetime", "40", "--seed", "2"]);
    for key in ["parameters", "safe", "infected", "seconds", "contacts", "infections", "reproduction_number", "digest"]
    {
        assert!(run.get(key).is_some(), "{key}");
    }
    assert_eq!(run["statistics"].as_array().unwrap().len(), 41);
    let (first, last) = (&run["statistics"][0], &run["statistics"][40]);
    assert_eq!((&first["total"], &first["zombies"], &first["deaths"]), (&20.into(), &1.into(), &0.into()));
    assert_eq!((&last["total"], &last["zombies"], &last["deaths"]), (&20.into(), &0.into(), &20.into()));
    assert_eq!(run["reproduction_number"]["reason"], Value::Null);
    let healthy = desk.json(&["simulate", "--infected", "0", "--seconds", "3"]);
    assert_eq!(healthy["reproduction_number"]["estimate"], Value::Null);
    assert_eq!(healthy["reproduction_number"]["reason"], "no illness is over");
}

#[test]
fn parameters_come_from_a_file_with_the_published_names_and_what_is_typed_counts_more() {
    let desk = Desk::new();
    let published = r#"{"field_width": 80, "field_height": 60, "scale_factor": 4, "zombie_lifetime": 9,
        "infection_radius": 3, "infection_cooldown": 10}"#;
    let file = desk.write("config.json", published);
    let run = desk.json(&["simulate", "--parameters", &file, "--zombie_lifetime", "8", "--field-height", "70"]);
    let parameters = &run["parameters"];
    let expected = [("width", 80), ("height", 70), ("scale_factor", 4), ("lifetime_s", 8), ("cooldown_s", 10)];
    for (name, value) in expected {
        assert_eq!(parameters[name], value, "{name}");
    }
    assert_eq!(run["seconds"], 9, "a life, and the last message");
}

#[test]
fn people_read_a_table_in_words_of_health_or_of_zombies() {
    let desk = Desk::new();
    let text = simulate(&desk, &["--seed", "4"]).out;
    for part in
        ["20 nodes (19 safe, 1 infected) on a field of 100 × 100", "susceptible", "reproduction number", "digest"]
    {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    let text = simulate(&desk, &["--humans-and-zombies"]).out;
    assert!(text.contains("humans") && text.contains("dead zombies"), "{text}");
}

#[test]
fn what_is_typed_wrongly_exits_2_and_says_what_is_meant() {
    let desk = Desk::new();
    let unknown = desk.write("unknown.json", r#"{"zombie_life": 3}"#);
    let wrong = desk.write("wrong.json", r#"{"infection_cooldown": 0}"#);
    for (args, says) in [
        (&["--sed", "3"][..], "--seed"),
        (&["--radius", "0"], "at most 63.75"),
        (&["--lifetime", "0"], "1..=1000000"),
        (&["--width", "70000"], "65535"),
        (&["--movement", "swim"], "levy_flight"),
        (&["--threads", "0"], "1..=1024"),
        (&["--safe", "0", "--infected", "0"], "hint: --safe and --infected"),
        (&["--parameters", "nowhere.json"], "hint: --parameters names a JSON file"),
        (&["--parameters", &unknown], "zombie_lifetime"),
        (&["--parameters", &wrong], "cooldown_s: 1 to 100,000 seconds"),
    ] {
        let said = simulate(&desk, args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        assert!(said.err.contains(says), "{args:?} says:\n{}", said.err);
    }
}

#[test]
fn a_folder_with_a_run_in_it_is_left_as_it_is() {
    let desk = Desk::new();
    let folder = desk.path("run");
    let csv = folder.display().to_string();
    assert_eq!(simulate(&desk, &["--seconds", "5", "--csv", &csv]).code, 0);
    let before = std::fs::read(folder.join("run.json")).unwrap();
    let said = simulate(&desk, &["--seconds", "6", "--csv", &csv]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("is there already") && said.err.contains("hint: "), "{}", said.err);
    assert_eq!(std::fs::read(folder.join("run.json")).unwrap(), before);
    assert_eq!(files(&folder).len(), 4, "{:?}", files(&folder));
}

/// `kill -9` while rows are written: nothing has the name of a whole file, and the next run goes into the same folder.
#[test]
fn a_run_that_was_killed_leaves_no_file_that_looks_whole() {
    let desk = Desk::new();
    let folder = desk.path("run");
    let csv = folder.display().to_string();
    let args = ["simulate", "--safe", "20000", "--lifetime", "1000000", "--seconds", "1000000", "--csv", &csv];
    let mut run = desk.command(&args).stdout(std::process::Stdio::null()).spawn().unwrap();
    let begun = folder.join("positions.csv.part");
    while std::fs::metadata(&begun).map_or(0, |meta| meta.len()) < 3_000_000 {
        assert!(run.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    let beside = simulate(&desk, &["--seconds", "5", "--csv", &csv]);
    assert!(beside.code == 2 && beside.err.contains("another run is being written"), "{}", beside.err);
    run.kill().unwrap();
    run.wait().unwrap();
    let left = files(&folder);
    assert!(!left.is_empty() && left.iter().all(|path| path.extension().is_some_and(|end| end == "part")), "{left:?}");
    assert_eq!(simulate(&desk, &["--seconds", "5", "--csv", &csv]).code, 0);
    assert_eq!(files(&folder).len(), 4);
    assert_eq!(recompute(&folder).code, 0);
}
