//! Every notation of a day, and every refusal with its sentence.

use super::*;

fn read(cell: Cell<'_>, order: DateOrder) -> String {
    match day(cell, order) {
        Ok(Some(day)) => day.to_string(),
        Ok(None) => "none".into(),
        Err(error) => error.to_string(),
    }
}

fn check(text: &str, order: DateOrder, expected: &str) {
    assert_eq!(read(Cell::Text(text), order), expected, "{text:?}");
}

#[test]
fn a_leading_year_means_year_month_day_in_any_order() {
    for order in [DateOrder::Iso, DateOrder::DayFirst, DateOrder::MonthFirst] {
        for text in ["2020-03-01", "2020/03/01", "20200301", "2020.3.1", "2020-3-1"] {
            check(text, order, "2020-03-01");
        }
    }
}

#[test]
fn dots_mean_day_first_in_any_order() {
    for order in [DateOrder::Iso, DateOrder::DayFirst, DateOrder::MonthFirst] {
        for text in ["2.3.2020", "02.03.2020", "2. 3. 2020"] {
            check(text, order, "2020-03-02");
        }
    }
}

#[test]
fn slashes_and_dashes_follow_the_given_order() {
    for text in ["02/03/2020", "2-3-2020"] {
        check(text, DateOrder::DayFirst, "2020-03-02");
        check(text, DateOrder::MonthFirst, "2020-02-03");
    }
    check("25/03/2020", DateOrder::MonthFirst, "\"25/03/2020\" is not a day");
}

#[test]
fn without_an_order_slashes_are_refused_even_where_only_one_day_is_possible() {
    for text in ["02/03/2020", "25/03/2020", "02-03-2020"] {
        let expected = format!("\"{text}\" may be day-month or month-day; say which with --date-format dmy or mdy");
        check(text, DateOrder::Iso, &expected);
    }
}

#[test]
fn months_have_names_in_english_and_german() {
    for text in [
        "1 March 2020",
        "1. März 2020",
        "Mar 1, 2020",
        "01-Mar-2020",
        "1st march 2020",
        "2020 March 1",
        "1. Mrz. 2020",
        "March 1 2020",
        "1 MÄRZ 2020",
    ] {
        check(text, DateOrder::Iso, "2020-03-01");
    }
    check("24. Dez. 2020", DateOrder::Iso, "2020-12-24");
    check("1. Mai 2020", DateOrder::Iso, "2020-05-01");
    check("3 Sept 2020", DateOrder::Iso, "2020-09-03");
    check("1 Ma 2020", DateOrder::Iso, "\"1 Ma 2020\" is not a day");
}

#[test]
fn a_time_behind_the_day_is_dropped_and_the_written_day_kept() {
    for text in [
        "2020-03-01 14:00",
        "2020-03-01T14:00:00",
        "2020-03-01T23:59:59.999Z",
        "2020-03-01T00:30:00+02:00",
        "1.3.2020 14:00",
        "1 March 2020 2:00 pm",
    ] {
        check(text, DateOrder::Iso, "2020-03-01");
    }
    check("2020-03-01 25:00", DateOrder::Iso, "\"2020-03-01 25:00\" is not a day");
}

#[test]
fn days_that_no_calendar_has_are_refused() {
    for text in ["2020-02-30", "2019-02-29", "30.2.2020", "20200230", "2020-13-01", "2020-00-10"] {
        check(text, DateOrder::Iso, &format!("\"{text}\" is not a day"));
    }
    check("2020-02-29", DateOrder::Iso, "2020-02-29");
}

#[test]
fn what_is_no_day_is_refused() {
    for text in ["soon", "43891", "2020-03", "1.3.", "2020-03/01", "1.3.02020", "2020-003-01", "12:00", "ä"] {
        check(text, DateOrder::DayFirst, &format!("\"{text}\" is not a day"));
    }
}

#[test]
fn years_of_two_digits_are_refused() {
    for text in ["1.3.20", "01/03/20", "20-03-01", "1 March 20"] {
        check(text, DateOrder::Iso, &format!("\"{text}\" has a year of two digits; write four"));
    }
}

#[test]
fn a_year_alone_is_no_day() {
    check("2020", DateOrder::Iso, "\"2020\" is a year, not a day");
    assert_eq!(read(Cell::Number(2020.0), DateOrder::Iso), "\"2020\" is a year, not a day");
}

#[test]
fn years_that_nobody_remembers_are_refused() {
    for text in ["0202-03-01", "1799-12-31", "2201-01-01", "02010301"] {
        let expected = format!("\"{text}\" is not a day between the years 1800 and 2200");
        check(text, DateOrder::Iso, &expected);
    }
    check("1800-01-01", DateOrder::Iso, "1800-01-01");
}

#[test]
fn excel_counts_from_1900_and_has_a_day_too_many() {
    for (serial, expected) in [
        (1.0, "1900-01-01"),
        (59.0, "1900-02-28"),
        (60.0, "\"60\" is not a day"),
        (61.0, "1900-03-01"),
        (43891.0, "2020-03-01"),
        (43891.75, "2020-03-01"),
        (20200301.0, "2020-03-01"),
        (0.5, "\"0.5\" is not a day"),
        (-1.0, "\"-1\" is not a day"),
        (f64::NAN, "\"NaN\" is not a day"),
        (1e300, "\"1"),
    ] {
        let found = read(Cell::Number(serial), DateOrder::Iso);
        assert!(found.starts_with(expected), "{serial} gave {found}");
    }
}

#[test]
fn excel_times_are_exact_to_the_millisecond() {
    let at = excel_day_and_time(43891.0 + 14.0 / 24.0 + 0.001 / 86_400.0);
    assert_eq!(at.map(|at| at.to_string()).as_deref(), Some("2020-03-01T14:00:00.001"));
}

#[test]
fn a_date_of_a_workbook_is_its_day() {
    let at = jiff::civil::date(2020, 3, 1).at(14, 0, 0, 0);
    assert_eq!(read(Cell::DateTime(at), DateOrder::Iso), "2020-03-01");
}

#[test]
fn absent_days_are_none() {
    for text in ["", "NA", "N/A", "na", "n/a", "null", "-", "unknown", "unbekannt", "NaN"] {
        check(text, DateOrder::Iso, "none");
    }
    assert_eq!(read(Cell::Empty, DateOrder::Iso), "none");
}

#[test]
fn date_formats_are_named_by_letters_or_by_pattern() {
    for (format, expected) in [
        ("dmy", DateOrder::DayFirst),
        ("dd/mm/yyyy", DateOrder::DayFirst),
        ("MDY", DateOrder::MonthFirst),
        ("mm-dd-yyyy", DateOrder::MonthFirst),
        ("ymd", DateOrder::Iso),
        ("iso", DateOrder::Iso),
    ] {
        assert_eq!(parse_date_format(format), Ok(expected), "{format}");
    }
    let refused = parse_date_format("ydm").map_err(|error| error.to_string());
    assert_eq!(refused, Err("unknown date format \"ydm\"; write ymd, dmy or mdy".into()));
}
