//! The help is tested: every command has one, and the examples in it can be run as they stand.

use super::*;

fn help(path: &[&str]) -> String {
    let output = Command::new(BIN).args(path).arg("--help").output().unwrap();
    assert!(output.status.success(), "{path:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Lists all commands with their own help, by walking through the help.
fn commands(path: &[&str]) -> Vec<(Vec<String>, String)> {
    let text = help(path);
    let listed = text.split("Commands:\n").nth(1).map(|rest| rest.split("\n\n").next().unwrap_or(""));
    let own = (path.iter().map(ToString::to_string).collect(), text.clone());
    let mut found = vec![own];
    for line in listed.unwrap_or("").lines() {
        let Some(name) = line.split_whitespace().next().filter(|name| *name != "help") else { continue };
        if line.starts_with("  ") && !line.starts_with("   ") {
            found.extend(commands(&[path, &[name]].concat()));
        }
    }
    found
}

#[test]
fn every_example_in_the_help_runs() {
    let desk = Desk::new();
    desk.import_mers();
    desk.write("linelist.csv", "nr,dt_onset,age\nX1,2020-03-01,40\nX2,2020-03-02,\n");
    desk.write("links.csv", "infector,infected\nX1,X2\n");
    desk.write("results.csv", "order,finding,name\nL1,positive,Meier\n");
    desk.write("stays.csv", "id,ward,in,out\nX1,Ward 3,2020-03-01 10:00,2020-03-01 12:00\n");
    std::fs::write(desk.path("sensors.tsv.gz"), "1583056800\t7\t9\n").unwrap();
    desk.write("offices.csv", "postcode,code,name\n1010,1,Bezirk Eins\n1020,2,Bezirk Zwei\n");
    desk.write("secret", "correct horse battery\n");
    desk.write("kafka.toml", &brokers::section(&testkit::brokers::address(), ""));
    let mut n_run = 0;
    for (path, text) in commands(&[]) {
        for line in text.lines().filter_map(|line| line.strip_prefix("  epitrace ")) {
            run_example(&desk, &path, line);
            n_run += 1;
        }
    }
    assert!(n_run >= 12, "only {n_run} examples were found");
}

fn run_example(desk: &Desk, path: &[String], line: &str) {
    let own = |path: &str| {
        path.replace("/srv", "srv").replace("/etc/epitrace", ".").replace("/media", "media").replace("/tmp", "tmp")
    };
    let line = line.split(" > ").next().unwrap();
    let words: Vec<String> = line.split_whitespace().map(|word| own(word.trim_matches('"'))).collect();
    let has_data = words.iter().any(|word| word == "--data");
    let mut command = Command::new(BIN);
    command.args(&words).current_dir(desk.folder.path()).env("HOME", desk.folder.path());
    if !has_data {
        command.args(&desk.options);
    }
    if words.iter().all(|word| word != "--authority") && desk.run(&["report", "outbreak"]).code == 2 {
        command.args(["--authority", "local"]);
    }
    if path == ["serve"] {
        command.args(["--listen", "127.0.0.1:0"]);
        return serve::Server::start(command).stop();
    }
    if path == ["consume"] {
        return serve::Server::start(command).stop();
    }
    let said = said(command.output().unwrap());
    assert_eq!(said.code, 0, "the example of {path:?}: epitrace {line}\n{}{}", said.out, said.err);
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let said = said(Command::new(BIN).args(["completions", shell]).output().unwrap());
        assert!(said.out.contains("outbreak") && said.out.contains("encounters"), "{shell}");
    }
}
