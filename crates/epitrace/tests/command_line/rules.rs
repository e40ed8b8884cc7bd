//! `epitrace rules`.

use super::*;
use serde_json::{Value, from_str, json};

#[test]
fn rules_are_set_shown_compared_and_ended() {
    let desk = Desk::new();
    let said = desk.run(&["rules", "set", "--disease", "covid-19", "--from", "today", "--set", "days_before_onset=3"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.starts_with("version 1 for COVID-19, from 2"), "{}", said.out);
    let list = desk.run(&["rules", "list"]);
    assert!(list.out.contains("days_before_onset 2 → 3") && list.out.contains("built in"), "{}", list.out);
    let shown = desk.run(&["rules", "show"]);
    assert!(shown.out.contains("this authority") && shown.out.contains("CDC 2020"), "{}", shown.out);
    let compared = desk.run(&["rules", "show", "1", "--against", "0", "--json"]);
    let compared: Value = from_str(&compared.out).unwrap();
    assert_eq!(compared, json!([{ "setting": "days_before_onset", "before": "2", "after": "3" }]));
    let ended = desk.run(&["rules", "end", "1", "--last", "2999-12-31"]);
    assert_eq!(ended.out.trim(), "version 1 ends on 2999-12-31; then version 2 holds");
    let on = desk.run(&["rules", "show", "--on", "3000-01-01", "--json"]);
    let on: Value = from_str(&on.out).unwrap();
    assert_eq!((&on["version"], &on["settings"][0]["value"]), (&json!(2), &json!("2")));
}

#[test]
fn a_preview_stores_nothing() {
    let desk = Desk::new();
    let said = desk.run(&["rules", "set", "--from", "today", "--set", "days_before_onset=3", "--preview"]);
    assert!(said.out.contains("would change the infectious days of 0 cases"), "{}{}", said.out, said.err);
    let list = desk.run(&["rules", "list", "--json"]);
    let list: Value = from_str(&list.out).unwrap();
    assert_eq!(list["versions"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_wrong_in_a_rule_is_said_by_its_option_and_exits_2() {
    let desk = Desk::new();
    for (wrong, expected) in [
        (&["--from", "today", "--set", "days_before_onset=15"][..], "two weeks"),
        (&["--from", "today", "--set", "days_before=3"][..], "days_before_onset"),
        (&["--from", "today", "--set", "days_before_onset"][..], "key=value"),
        (&["--from", "2020-01-01"][..], "--past-decisions-stay"),
        (&["--from", "soon"][..], "--from: write a day"),
        (&["--from", "today", "--until", "2020-01-01"][..], "--until"),
    ] {
        let said = desk.run(&[&["rules", "set"], wrong].concat());
        assert_eq!(said.code, 2, "{wrong:?}: {}", said.err);
        assert!(said.err.contains(expected), "{wrong:?}: {}", said.err);
    }
    let past = desk.run(&["rules", "set", "--from", "2020-01-01", "--past-decisions-stay"]);
    assert_eq!(past.code, 0, "{}", past.err);
    assert_eq!(desk.run(&["rules", "show", "9"]).code, 1);
}
