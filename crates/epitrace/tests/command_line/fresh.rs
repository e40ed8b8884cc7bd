//! A folder in which nobody has worked yet.

use super::*;
use std::process::Stdio;

#[test]
fn of_several_that_find_a_fresh_folder_one_makes_what_is_there_and_all_work_with_it() {
    for _ in 0..3 {
        let desk = Desk::new();
        let begin = |_| {
            let mut command = desk.command(&["keys", "list", "--json"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let begun: Vec<_> = (0..6).map(begin).collect();
        let mut keys: Vec<Value> = Vec::new();
        for child in begun {
            let said = said(child.wait_with_output().unwrap());
            assert_eq!(said.code, 0, "{}{}", said.out, said.err);
            keys.push(serde_json::from_str(&said.out).unwrap());
        }
        keys.dedup();
        assert_eq!(keys.len(), 1, "{keys:?}");
        assert_eq!(desk.json(&["keys", "list"]), keys[0]);
    }
}
