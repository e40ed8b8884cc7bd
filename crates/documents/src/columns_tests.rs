//! Mappings as people write them, and the sentence for each mistake.
#![allow(clippy::unwrap_used)]

use super::*;

const FIELDS: [&str; 3] = ["id", "onset", "age"];

fn parsed(text: &str) -> Result<Mapping, String> {
    Mapping::parse(text, &FIELDS).map_err(|error| error.to_string())
}

fn resolved(text: &str, header: &[&str]) -> Result<Columns, String> {
    let header: Vec<String> = header.iter().map(|name| (*name).into()).collect();
    let mapping = parsed(text)?;
    mapping.resolve(Some(&header), header.len()).map_err(|error| error.to_string())
}

fn headerless(text: &str, n_columns: usize) -> Result<Columns, String> {
    parsed(text)?.resolve(None, n_columns).map_err(|error| error.to_string())
}

fn check(found: Result<Columns, String>, id: usize, onset: usize) {
    let found = found.unwrap();
    assert_eq!((found.position("id"), found.position("onset")), (Some(id), Some(onset)));
}

fn refusal<T: std::fmt::Debug>(found: Result<T, String>) -> String {
    found.unwrap_err()
}

#[test]
fn columns_are_found_by_name() {
    check(resolved("id=nr,onset=dt_onset", &["dt_onset", "x", "nr"]), 2, 0);
    check(resolved(" id = nr , onset = dt onset ", &["nr", "dt onset"]), 0, 1);
    assert_eq!(resolved("id=nr", &["nr"]).unwrap().position("age"), None);
}

#[test]
fn a_name_with_comma_or_equals_sign_is_quoted() {
    check(resolved("onset=\"date, first\",id=\"a=b\"", &["date, first", "a=b"]), 1, 0);
    check(resolved("onset=\"the \"\"day\"\"\",id=nr", &["the \"day\"", "nr"]), 1, 0);
    check(resolved("id=a=b,onset=x", &["a=b", "x"]), 0, 1);
}

#[test]
fn an_exact_name_wins_over_one_that_differs_in_capitals() {
    check(resolved("id=nr,onset=Onset", &["NR", "onset", "Onset"]), 0, 2);
}

#[test]
fn a_name_that_occurs_twice_needs_its_number() {
    assert_eq!(
        refusal(resolved("id=nr", &["x", "nr", "nr"])),
        "the columns 2 and 3 are both named \"nr\"; write #2 or #3"
    );
    check(resolved("id=#3,onset=#1", &["x", "nr", "nr"]), 2, 0);
}

#[test]
fn a_name_that_is_missing_is_answered_with_the_nearest() {
    assert_eq!(
        refusal(resolved("onset=dt_onst", &["nr", "dt_onset"])),
        "there is no column \"dt_onst\", the nearest is \"dt_onset\"; columns are nr, dt_onset"
    );
}

#[test]
fn a_name_that_is_like_none_is_answered_without_a_guess() {
    assert_eq!(refusal(resolved("id=beginn", &["nr", ""])), "there is no column \"beginn\"; columns are nr, ");
    assert_eq!(refusal(parsed("postcode=x")), "there is no field \"postcode\"; fields are id, onset, age");
    assert!(refusal(resolved("id=reportd", &["onset", "reported"])).contains("the nearest is \"reported\""));
}

#[test]
fn without_a_header_columns_are_numbers() {
    check(headerless("id=2,onset=1", 2), 1, 0);
    assert_eq!(refusal(headerless("id=3", 2)), "there is no column 3; the table has 2");
    assert_eq!(refusal(headerless("id=0", 2)), "there is no column 0; the table has 2");
    assert_eq!(
        refusal(headerless("id=1,onset=day", 2)),
        "the file has no header, so \"day\" names no column; write its number"
    );
}

#[test]
fn only_a_mapping_of_plain_numbers_says_that_there_is_no_header() {
    let wants = |text| parsed(text).unwrap().wants_header();
    assert_eq!(wants("id=1,onset=2"), Header::None);
    assert_eq!(wants("id=1,onset=day"), Header::FirstRow);
    assert_eq!(wants("id=#1,onset=#2"), Header::FirstRow);
    assert_eq!(wants("id=\"1\""), Header::FirstRow);
}

#[test]
fn in_a_file_with_a_header_a_number_is_a_name() {
    check(resolved("id=2,onset=day", &["day", "1", "2"]), 2, 0);
    assert!(resolved("id=2,onset=day", &["day", "nr"]).is_err());
}

#[test]
fn mistakes_in_a_mapping_are_named() {
    for (text, expected) in [
        ("", "the columns are empty; write field=column, for example id=name_of_column"),
        ("id", "\"id\" has no \"=\"; write field=column"),
        ("id=nr,,age=x", "\"\" has no \"=\"; write field=column"),
        ("id=", "no column is named for \"id\"; write id=column"),
        ("id=a,id=b", "the field \"id\" is given twice"),
        ("id=\"a", "the quotes in \"id=\"a\" are not closed where its column ends"),
        ("id=\"a\"b", "the quotes in \"id=\"a\"b\" are not closed where its column ends"),
        ("onst=x", "there is no field \"onst\", the nearest is \"onset\"; fields are id, onset, age"),
    ] {
        assert_eq!(refusal(parsed(text)), expected, "{text}");
    }
}
