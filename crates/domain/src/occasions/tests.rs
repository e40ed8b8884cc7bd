#![allow(clippy::unwrap_used)]
use super::*;
use crate::ids::VisitorId;
use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn party() -> Window {
    Window::new(at("2026-11-20T18:00:00Z"), at("2026-11-20T23:00:00Z")).unwrap()
}

fn visitor(n: u128, name: &str) -> Visitor {
    let (last_name, phone) = (Some(name.to_owned()), Some("0621 12345".to_owned()));
    Visitor { last_name, phone, ..Visitor::nobody(VisitorId(Uuid::from_u128(n))) }
}

fn wrong(change: impl FnOnce(&mut Visitor)) -> Option<&'static str> {
    let mut one = visitor(1, "Yılmaz");
    change(&mut one);
    one.tidied().check(&party()).err().map(|wrong| wrong.field)
}

#[test]
fn an_occasion_says_what_must_change_field_by_field() {
    let now = at("2026-11-26T12:00:00Z");
    let (from, until) = (party().from(), party().until());
    let made = check_occasion((" Abiball ", "Rosengarten", ""), (from, until), now).unwrap();
    assert_eq!((made.title.expose().as_str(), made.contact, made.during), ("Abiball", None, party()));
    let fields = |texts, times| -> Vec<&str> {
        check_occasion(texts, times, now)
            .map(|_| Vec::new())
            .unwrap_or_else(|wrong| wrong.iter().map(|one| one.0).collect())
    };
    assert_eq!(fields(("", " ", ""), (until, from)), ["title", "place", "until"]);
    assert_eq!(fields(("a\nb", "x", "y"), (from, until)), ["title"]);
    let long = "x".repeat(201);
    assert_eq!(fields(("a", "x", &long), (from, until)), ["contact"]);
    assert_eq!(fields(("a", "x", ""), (from, at("2026-12-21T18:00:01Z"))), ["until"], "31 days and a second");
    assert!(fields(("a", "x", ""), (from, at("2026-12-21T18:00:00Z"))).is_empty());
    let old = (at("2026-11-10T10:00:00Z"), at("2026-11-10T11:59:59Z"));
    assert_eq!(fields(("a", "x", ""), old), ["until"]);
    let ahead = (at("2027-11-28T12:00:00Z"), at("2027-11-28T13:00:00Z"));
    assert_eq!(fields(("a", "x", ""), ahead), ["from"]);
}

#[test]
fn a_code_works_for_sixteen_days_after_the_end_unless_it_is_closed() {
    let ends = at("2026-11-20T23:00:00Z");
    assert!(takes_visitors(ends, None, at("2026-11-19T00:00:00Z")), "before it begins: who registers");
    assert!(takes_visitors(ends, None, at("2026-12-06T23:00:00Z")));
    assert!(!takes_visitors(ends, None, at("2026-12-06T23:00:01Z")));
    assert!(!takes_visitors(ends, Some(ends), ends));
}

#[test]
fn visitors_of_a_day_are_gone_when_sixteen_days_have_passed_after_it() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    assert_eq!(visitors_gone_on(date(2026, 11, 26)), date(2026, 12, 13));
    assert_eq!(upload_ends_at(date(2026, 11, 26), &zone), at("2026-12-12T23:00:00Z"));
    assert_eq!(upload_ends_at(date(2026, 10, 20), &zone), at("2026-11-05T23:00:00Z"), "over the end of summer time");
}

#[test]
fn a_visitor_needs_a_name_and_a_way_to_be_reached() {
    assert_eq!(wrong(|_| ()), None);
    assert_eq!(wrong(|one| one.last_name = Some(" ".to_owned())), Some("last_name"));
    assert_eq!(wrong(|one| one.phone = None), Some("phone"));
    assert_eq!(wrong(|one| (one.phone, one.city) = (None, Some("Mannheim".to_owned()))), Some("phone"));
    let address = |one: &mut Visitor| {
        (one.phone, one.city, one.street) = (None, Some("Mannheim".to_owned()), Some("Übergasse".to_owned()));
    };
    assert_eq!(wrong(address), None);
    assert_eq!(wrong(|one| one.phone = Some("1234".to_owned())), Some("phone"));
    assert_eq!(wrong(|one| one.email = Some("ayse at example.org".to_owned())), Some("email"));
    assert_eq!(wrong(|one| one.email = Some("ayşe@example.org".to_owned())), None);
    assert_eq!(wrong(|one| one.first_name = Some("x".repeat(121))), Some("first_name"));
    assert_eq!(wrong(|one| one.seat = Some("12\t3".to_owned())), Some("seat"));
}

#[test]
fn a_visitor_brings_ten_qualifiers_and_was_there_around_the_occasion() {
    let own = |n: usize| vec![Qualifier { label: "voice".to_owned(), value: "alto".to_owned() }; n];
    assert_eq!(wrong(|one| one.qualifiers = own(10)), None);
    assert_eq!(wrong(|one| one.qualifiers = own(11)), Some("qualifiers"));
    assert_eq!(
        wrong(|one| one.qualifiers = vec![Qualifier { label: String::new(), value: "x".to_owned() }]),
        Some("qualifiers")
    );
    assert_eq!(wrong(|one| one.qualifiers = vec![Qualifier { label: String::new(), value: " ".to_owned() }]), None);
    assert_eq!(wrong(|one| one.from = Some(at("2026-11-19T17:00:00Z"))), Some("from"), "25 hours before");
    assert_eq!(wrong(|one| one.from = Some(at("2026-11-20T08:00:00Z"))), None, "who set up");
    assert_eq!(wrong(|one| one.until = Some(at("2026-11-20T18:00:00Z"))), Some("until"));
    assert_eq!(wrong(|one| one.from = Some(at("2026-11-20T23:00:00Z"))), Some("until"));
}

fn found(filter: &VisitorFilter) -> Vec<String> {
    let area = |one: Visitor, area: &str, seat: &str| Visitor {
        area: Some(area.to_owned()),
        seat: Some(seat.to_owned()),
        ..one
    };
    let stay = |one: Visitor, from: &str, until: &str| Visitor { from: Some(at(from)), until: Some(at(until)), ..one };
    let all = vec![
        area(visitor(4, "Dora"), "Balcony", "2-1"),
        area(visitor(1, "Özil"), "Parkett", "12-3"),
        stay(area(visitor(2, "Ben"), "PARKETT", "12-30"), "2026-11-20T20:00:00Z", "2026-11-20T21:00:00Z"),
        stay(area(visitor(3, "Cem"), "Parkett", "1"), "2026-11-20T21:10:30Z", "2026-11-20T22:00:00Z"),
        Visitor {
            group: Some("Chor".to_owned()),
            qualifiers: vec![Qualifier { label: "voice".to_owned(), value: "Alt".to_owned() }],
            ..visitor(5, "Eva")
        },
    ];
    filter.among(all, &party()).into_iter().filter_map(|one| one.visitor.last_name).collect()
}

#[test]
fn a_list_is_narrowed_by_area_seat_and_word_however_written() {
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(found(&VisitorFilter::default()).len(), 5);
    let parkett = VisitorFilter { area: some("parkett"), ..VisitorFilter::default() };
    assert_eq!(found(&parkett), ["Cem", "Özil", "Ben"]);
    assert_eq!(found(&VisitorFilter { seat: some("12"), ..parkett.clone() }), ["Özil", "Ben"]);
    assert!(found(&VisitorFilter { seat: some("1-"), ..parkett }).is_empty(), "row 1 is not row 12");
    for text in ["ozil", "ÖZ"] {
        assert_eq!(found(&VisitorFilter { text: some(text), ..VisitorFilter::default() }), ["Özil"], "{text}");
    }
    for text in ["chor", "alt"] {
        assert_eq!(found(&VisitorFilter { text: some(text), ..VisitorFilter::default() }), ["Eva"], "{text}");
    }
}

#[test]
fn a_list_is_narrowed_by_distance_in_time() {
    let during = Window::new(at("2026-11-20T20:30:00Z"), at("2026-11-20T21:00:00Z")).unwrap();
    let near = |most_min| VisitorFilter { near: Some(Near { during, most_min }), ..VisitorFilter::default() };
    assert_eq!(found(&near(0)).len(), 4, "Cem came ten minutes and a half later");
    assert_eq!(found(&near(10)).len(), 4);
    let all = found(&near(11));
    assert_eq!((all.len(), all.last().map(String::as_str)), (5, Some("Cem")), "the nearest first");
    let before = Window::new(at("2026-11-20T17:00:00Z"), at("2026-11-20T18:00:00Z")).unwrap();
    let same = VisitorFilter { near: Some(Near { during: before, most_min: 0 }), ..VisitorFilter::default() };
    assert!(found(&same).is_empty(), "who leaves at six is not there at six");
}

proptest! {
    #[test]
    fn nobody_nearer_than_asked_is_left_out(from in 0i64..300, long in 1i64..300, most_min in 0u32..120) {
        let minute = |n: i64| party().from() + SignedDuration::from_mins(n);
        let one = Visitor { from: Some(minute(from)), until: Some(minute(from + long)), ..visitor(1, "A") };
        let during = Window::new(minute(100), minute(150)).unwrap();
        let filter = VisitorFilter { near: Some(Near { during, most_min }), ..VisitorFilter::default() };
        let is_found = !filter.among(vec![one], &party()).is_empty();
        let gap = (from - 150).max(100 - from - long);
        prop_assert_eq!(is_found, gap < 0 || (most_min > 0 && gap <= i64::from(most_min)));
    }

    #[test]
    fn a_code_is_read_as_it_was_drawn(random: [u8; 10]) {
        let code = OccasionCode::draw(random);
        prop_assert_eq!(code.expose().len(), 8);
        prop_assert_eq!(OccasionCode::read(&code.expose().to_lowercase()), Ok(code));
    }
}
