//! Nodes as processes of their own.

use super::*;

/// A field on which everybody is in reach of everybody, and quick seconds.
const SMALL: &[&str] = &["--width", "1", "--height", "1", "--second", "20ms"];

fn node(args: &[&str]) -> Said {
    Desk::new().run(&[&["node"], args].concat())
}

fn check_refused(args: &[&str], code: i32, says: &str) {
    let said = node(args);
    assert_eq!(said.code, code, "{args:?}: {}", said.err);
    assert!(said.err.contains(says), "{args:?} says:\n{}", said.err);
}

#[test]
fn a_process_of_three_nodes_says_what_it_sends_where_and_how_it_ended() {
    let id = "00000000-0000-0000-0000-00000000000a";
    let args = ["--count", "3", "--uuid", id, "--lifetime", "5", "--port", "47311"];
    let said = node(&[&args[..], SMALL].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    let lines: Vec<&str> = said.out.lines().collect();
    assert!(lines[0].starts_with(&format!("3 nodes ({id}, ")), "{}", said.out);
    assert!(lines[0].contains("UDP port 47311, sending to ") && lines[0].ends_with("nobody stores what they report"));
    assert_eq!(lines[1..], ["all nodes have died in second 6: 30 contacts, 0 infections"]);
}

#[test]
fn what_became_of_nodes_can_be_read_by_programs() {
    let said = node(&[&["--infected", "--lifetime", "4", "--port", "47312", "--json"], SMALL].concat());
    let summary: Value = serde_json::from_str(&said.out).unwrap();
    for (key, expected) in [("second", 5), ("nodes", 1), ("alive", 0), ("beacons_heard", 0), ("contacts_lost", 0)] {
        assert_eq!(summary[key], expected, "{key} of {summary}");
    }
    assert_eq!(summary["ended"], "died");
}

#[test]
fn two_processes_of_one_run_infect_each_other_and_those_of_another_run_do_not() {
    let desk = Desk::new();
    let run = "5f0c1a52-0d27-4f5e-9a3f-1f4b8f8f6f01";
    let shared = [SMALL, &["--port", "47313", "--lifetime", "500", "--cooldown", "100000", "--json"]].concat();
    let start = |more: &[&str]| {
        let mut command = desk.command(&[&["node"], &shared[..], more].concat());
        command.stdout(std::process::Stdio::piped()).spawn().unwrap()
    };
    let started = [start(&["--run", run, "--infected"]), start(&["--run", run]), start(&[])];
    let [ill, infected, stranger] =
        started.map(|process| serde_json::from_slice::<Value>(&process.wait_with_output().unwrap().stdout).unwrap());
    assert_eq!((&ill["infections"], &infected["infections"]), (&0.into(), &1.into()), "{ill} {infected}");
    assert_eq!((&stranger["infections"], &stranger["contacts"]), (&0.into(), &0.into()), "{stranger}");
    assert!(stranger["frames_refused"].as_u64().unwrap() > 0, "it heard them, and that they are of another run");
}

#[test]
fn who_is_told_to_end_ends_and_says_so() {
    let desk = Desk::new();
    let mut command = desk.command(&["node", "--port", "47314", "--second", "20ms", "--lifetime", "1000000"]);
    let mut process = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(process.stdout.take().unwrap()));
    assert!(lines.next().unwrap().unwrap().starts_with("1 node ("));
    let pid = rustix::process::Pid::from_child(&process);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let last = lines.next().unwrap().unwrap();
    assert!(last.starts_with("ended in second ") && last.ends_with("0 contacts, 0 infections"), "{last}");
    assert_eq!(process.wait().unwrap().code(), Some(0));
}

#[test]
fn what_is_typed_wrongly_is_refused() {
    let run = "5f0c1a52-0d27-4f5e-9a3f-1f4b8f8f6f01";
    let server = ["--server", "http://127.0.0.1:1", "--run", run];
    check_refused(&["--second", "50"], 2, "such as 50ms or 2s");
    check_refused(&["--position", "12"], 2, "such as 12,34");
    check_refused(&["--multicast", "10.0.0.1"], 2, "239.1.2.3");
    check_refused(&["--server", "http://127.0.0.1:1"], 2, "--run");
    check_refused(&["--room", "3"], 2, "--server");
    check_refused(&["--count", "0"], 2, "no node and no room for any");
    check_refused(&["--uuid", run, "--uuid", run, "--count", "1"], 2, "2 ids for 1 node");
    check_refused(&[&server[..], &["--lifetime", "5"]].concat(), 2, "--lifetime");
    check_refused(&server, 2, "EPITRACE_RUN_KEY");
    check_refused(&[&server[..], &["--key-file", "no-such-file"]].concat(), 2, "cannot read the key in no-such-file");
}
