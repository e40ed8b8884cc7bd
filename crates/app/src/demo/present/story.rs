//! The people, and what happened to them.

use super::What::{
    AskedToBeCalled, Called, CameForward, Commented, Completed, Named, Ordered, Reported, ReportedInPart, Taken,
    TestedPositive,
};
use super::{Line, Someone, What};
use domain::calls::CallOutcome;
use domain::contacts::ContactKind;

const fn someone(
    name: &'static str,
    (first_name, last_name, sex): (&'static str, &'static str, &'static str),
    (born, mobile): (&'static str, &'static str),
    address: Option<[&'static str; 4]>,
) -> Someone {
    Someone { name, first_name, last_name, sex, born, mobile, address, is_health_staff: false, is_senior: false }
}

const fn health_staff(who: Someone) -> Someone {
    Someone { is_health_staff: true, ..who }
}

const fn senior(who: Someone) -> Someone {
    Someone { is_senior: true, ..who }
}

const fn line(hours_ago: i64, who: &'static str, what: What) -> Line {
    Line { hours_ago, who, what }
}

pub(super) const PEOPLE: &[Someone] = &[
    someone(
        "Amara",
        ("Amara", "Okafor", "female"),
        ("1987-03-14", "0171 39200 11"),
        Some(["Lindenstraße", "14", "10969", "Berlin"]),
    ),
    someone(
        "Chidi",
        ("Chidi", "Okafor", "male"),
        ("1985-11-02", "0171 39200 12"),
        Some(["Lindenstraße", "14", "10969", "Berlin"]),
    ),
    someone(
        "Bożena",
        ("Bożena", "Wiśniewska", "female"),
        ("1979-06-21", "030 23125 014"),
        Some(["Amselgasse", "3", "12043", "Berlin"]),
    ),
    someone(
        "Marek",
        ("Marek", "Wiśniewski", "male"),
        ("1976-01-30", "030 23125 015"),
        Some(["Amselgasse", "3", "12043", "Berlin"]),
    ),
    someone(
        "Zofia",
        ("Zofia", "Wiśniewska", "female"),
        ("2015-09-08", "030 23125 014"),
        Some(["Amselgasse", "3", "12043", "Berlin"]),
    ),
    someone(
        "Şükrü",
        ("Şükrü", "Yıldız", "male"),
        ("1968-04-17", "0171 39200 16"),
        Some(["Grasweg", "27", "13347", "Berlin"]),
    ),
    health_staff(someone(
        "Elif",
        ("Elif", "Yıldız", "female"),
        ("1994-12-05", "0171 39200 17"),
        Some(["Grasweg", "27", "13347", "Berlin"]),
    )),
    someone(
        "Lan",
        ("Lan", "Nguyễn Thị", "female"),
        ("1991-02-11", "0176 04069 021"),
        Some(["Dohlenstieg", "8", "10367", "Berlin"]),
    ),
    someone(
        "Phúc",
        ("Phúc", "Trần", "male"),
        ("1990-07-19", "0176 04069 022"),
        Some(["Dohlenstieg", "8", "10367", "Berlin"]),
    ),
    someone(
        "Jean-Luc",
        ("Jean-Luc", "Lefèvre", "male"),
        ("1972-10-10", "0171 39200 23"),
        Some(["Eibenallee", "41", "14059", "Berlin"]),
    ),
    someone(
        "Camille",
        ("Camille", "Lefèvre", "female"),
        ("2001-05-25", "0171 39200 24"),
        Some(["Eibenallee", "41", "14059", "Berlin"]),
    ),
    someone(
        "Siobhán",
        ("Siobhán", "O’Brien", "female"),
        ("1983-08-03", "+44 7700 900125"),
        Some(["Buchenweg", "6", "10437", "Berlin"]),
    ),
    someone(
        "Declan",
        ("Declan", "O’Brien", "male"),
        ("1981-03-29", "+44 7700 900126"),
        Some(["Buchenweg", "6", "10437", "Berlin"]),
    ),
    someone(
        "Giulia",
        ("Giulia", "Esposito", "female"),
        ("1996-01-18", "030 23125 027"),
        Some(["Finkenplatz", "2", "10551", "Berlin"]),
    ),
    someone(
        "Lorenzo",
        ("Lorenzo", "Esposito", "male"),
        ("1993-04-06", "030 23125 028"),
        Some(["Finkenplatz", "2", "10551", "Berlin"]),
    ),
    someone(
        "Oleksandr",
        ("Oleksandr", "Kovalenko", "male"),
        ("1988-09-12", "0176 04069 031"),
        Some(["Igelrain", "19", "12627", "Berlin"]),
    ),
    someone(
        "Dmytro",
        ("Dmytro", "Kovalenko", "male"),
        ("1962-06-01", "0176 04069 032"),
        Some(["Igelrain", "19", "12627", "Berlin"]),
    ),
    someone("Fatemeh", ("Fatemeh", "Karimi", "female"), ("1999-11-27", "0171 39200 33"), None),
    senior(someone(
        "Reza",
        ("Reza", "Karimi", "male"),
        ("1949-02-08", "0171 39200 34"),
        Some(["Hummelpfad", "5", "12051", "Berlin"]),
    )),
    someone(
        "Thorsten",
        ("Thorsten", "von der Höh", "male"),
        ("1958-12-24", "030 23125 035"),
        Some(["Buchenweg", "30", "10437", "Berlin"]),
    ),
    senior(someone(
        "Hannelore",
        ("Hannelore", "Brandt", "female"),
        ("1941-07-07", "030 23125 036"),
        Some(["Buchenweg", "32", "10437", "Berlin"]),
    )),
    someone(
        "Sofia",
        ("Sofía", "Papadopoulou", "female"),
        ("1977-05-13", "040 66969 037"),
        Some(["Amselgasse", "11", "20095", "Hamburg"]),
    ),
    someone(
        "Mei",
        ("Mei", "Tanaka", "female"),
        ("2003-03-03", "0176 04069 038"),
        Some(["Grasweg", "2", "13347", "Berlin"]),
    ),
    someone(
        "Ahmed",
        ("Ahmed", "Al-Masri", "male"),
        ("1974-08-15", "030 23125 039"),
        Some(["Dohlenstieg", "23", "10367", "Berlin"]),
    ),
    someone("the woman at the till", ("", "", ""), ("", ""), None),
];

/// The earliest first.
pub(super) const STORY: &[Line] = &[
    line(150, "Thorsten", Reported { onset: Some(3), tested: 1 }),
    line(149, "Thorsten", Taken(Some("mira"))),
    line(146, "Thorsten", Called("mira", CallOutcome::Reached)),
    line(145, "Thorsten", Named("Hannelore", ContactKind::Care, 2)),
    line(145, "Thorsten", Named("Sofia", ContactKind::SameRoom, 3)),
    line(145, "Thorsten", Ordered("mira")),
    line(143, "Hannelore", Called("mira", CallOutcome::Reached)),
    line(143, "Hannelore", Completed),
    line(143, "Hannelore", Commented("mira", "Is hard of hearing: let it ring, and speak slowly.")),
    line(143, "Hannelore", Ordered("mira")),
    line(130, "Siobhán", Reported { onset: Some(2), tested: 1 }),
    line(120, "Sofia", Called("mira", CallOutcome::NotReached)),
    line(118, "Sofia", Called("mira", CallOutcome::Reached)),
    line(118, "Sofia", Completed),
    line(118, "Sofia", Ordered("mira")),
    line(110, "Bożena", Reported { onset: Some(1), tested: 1 }),
    line(108, "Bożena", Called("jonas", CallOutcome::Reached)),
    line(107, "Bożena", Named("Marek", ContactKind::Household, 1)),
    line(107, "Bożena", Named("Zofia", ContactKind::Household, 1)),
    line(107, "Bożena", Ordered("jonas")),
    line(104, "Marek", Called("jonas", CallOutcome::Reached)),
    line(104, "Marek", Completed),
    line(104, "Marek", Ordered("jonas")),
    line(98, "Siobhán", Called("mira", CallOutcome::NotReached)),
    line(95, "Siobhán", Called("mira", CallOutcome::Reached)),
    line(94, "Siobhán", Named("Declan", ContactKind::Household, 2)),
    line(94, "Siobhán", Ordered("mira")),
    line(90, "Şükrü", Reported { onset: Some(2), tested: 1 }),
    line(88, "Şükrü", Called("jonas", CallOutcome::Reached)),
    line(87, "Şükrü", Named("Elif", ContactKind::Household, 1)),
    line(87, "Şükrü", Ordered("jonas")),
    line(72, "Oleksandr", Reported { onset: Some(4), tested: 2 }),
    line(70, "Declan", Called("mira", CallOutcome::Reached)),
    line(70, "Declan", Completed),
    line(70, "Oleksandr", Called("jonas", CallOutcome::Reached)),
    line(69, "Oleksandr", Named("Dmytro", ContactKind::Transport, 2)),
    line(66, "Ahmed", Reported { onset: None, tested: 1 }),
    line(60, "Ahmed", Called("jonas", CallOutcome::WrongNumber)),
    line(58, "Marek", TestedPositive),
    line(57, "Marek", Named("the woman at the till", ContactKind::FaceToFace, 1)),
    line(54, "Jean-Luc", Reported { onset: Some(3), tested: 1 }),
    line(52, "Jean-Luc", Called("mira", CallOutcome::NotReached)),
    line(50, "Amara", Reported { onset: Some(2), tested: 2 }),
    line(50, "Dmytro", Called("jonas", CallOutcome::Reached)),
    line(47, "Amara", Called("mira", CallOutcome::Reached)),
    line(46, "Amara", Named("Chidi", ContactKind::Household, 1)),
    line(46, "Amara", Ordered("mira")),
    line(44, "Elif", Called("jonas", CallOutcome::Reached)),
    line(44, "Elif", Completed),
    line(40, "Elif", TestedPositive),
    line(30, "Giulia", Reported { onset: Some(1), tested: 1 }),
    line(30, "Jean-Luc", Called("mira", CallOutcome::NotReached)),
    line(30, "Jean-Luc", Commented("mira", "Works nights; his daughter says to try after six in the evening.")),
    line(28, "Giulia", AskedToBeCalled("mira", 27)),
    line(26, "Fatemeh", ReportedInPart { tested: 1 }),
    line(25, "Fatemeh", Taken(None)),
    line(20, "Lan", Reported { onset: Some(2), tested: 1 }),
    line(18, "Lan", Called("jonas", CallOutcome::Reached)),
    line(17, "Lan", Named("Phúc", ContactKind::Household, 1)),
    line(17, "Lan", Ordered("jonas")),
    line(10, "Mei", Reported { onset: Some(1), tested: 1 }),
    line(8, "Chidi", AskedToBeCalled("mira", 10)),
    line(5, "Camille", CameForward),
    line(4, "Reza", CameForward),
    line(4, "Reza", Taken(None)),
    line(3, "Lorenzo", CameForward),
];
