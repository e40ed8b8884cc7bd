use super::*;
use app::cases::{CaseConditions, CaseMatch, CasePage, CaseQuery, FoundCases, ListSort, SearchQuery, Start};
use app::names::Matched;
use domain::cases::CaseClassification;
use domain::diseases::Disease;
use domain::ids::{CaseId, PersonId};
use domain::time::{DayRange, Window};
use jiff::civil::date;
use storage::cases::Order;
use testkit::contract;

pub const LINE_LIST: &str = "id=id,onset=onset,reported=reported,first_name=first,last_name=last,born=born,sex=sex,\
    classification=class,outcome=outcome,setting=setting,place=place,note=note";
const HEADER: &str = "id,onset,reported,first,last,born,sex,class,outcome,setting,place,note\n";

/// Five cases: two of one day, one without any day, one without a name.
pub async fn fill(bench: &Bench) {
    let rows = "SK_1,2026-01-05,2026-01-07,Anna,Müller,1980-02-29,f,confirmed,Alive,school,Café Süd,coughs\n\
        SK_2,2026-01-06,2026-01-07,Berta,Mueller,1990-01-01,f,probable,Died,hospital,,\n\
        SK_3,,,Zoe,Obermeier,,f,suspected,,,,\n\
        X-9,2026-01-02,2026-01-03,,,,m,confirmed,Alive,school,,\n\
        X-10,2026-01-09,,Meinrad,Huber,1955-05-05,m,confirmed,Alive,,Café Süd,\n";
    let done = bench.import(Kind::Cases, LINE_LIST, &format!("{HEADER}{rows}")).await;
    assert_eq!((done.stored, done.refused), (5, 0));
}

pub fn query(sort: ListSort, order: Order) -> CaseQuery {
    CaseQuery { disease: None, conditions: CaseConditions::default(), sort, order, start: Start::First, limit: 50 }
}

pub fn search_for(text: &str) -> SearchQuery {
    SearchQuery { text: text.to_owned(), disease: None, conditions: CaseConditions::default(), after: None, limit: 50 }
}

fn references(page: &CasePage) -> Vec<&str> {
    page.items.iter().map(|line| line.reference.as_deref().unwrap_or("–")).collect()
}

pub fn found(page: &FoundCases) -> Vec<&str> {
    page.items.iter().map(|item| item.line.reference.as_deref().unwrap_or("–")).collect()
}

async fn listed(bench: &Bench, query: &CaseQuery) -> CasePage {
    bench.app.list_cases(&bench.worker, query).await.unwrap()
}

pub async fn case_of(bench: &Bench, reference: &str) -> (CaseId, PersonId) {
    let mut tx = bench.kit.read().await;
    let person = storage::persons::by_reference(&mut tx, &[reference]).await.unwrap()[reference];
    let cases = storage::cases::briefly_of_persons(&mut tx, &[person]).await.unwrap();
    (cases[0].case_id, person)
}

/// What the audit log says of the last answer: the operation, and how many persons it showed.
pub async fn last_audited(bench: &Bench) -> (String, i64) {
    let mut tx = bench.kit.read().await;
    let day = DayRange { first: date(2026, 3, 1), last: date(2026, 3, 1) };
    let window = Window::of_days(day, &jiff::tz::TimeZone::UTC);
    let filter = storage::audit::AuditFilter { account_id: None, operation: None, window };
    let last = storage::audit::page(&mut tx, &filter, None, 1).await.unwrap().remove(0).record;
    assert!(!last.subjects.contains(|c: char| !(c.is_ascii_hexdigit() || c == ' ')), "ids only: {}", last.subjects);
    (last.operation, last.n_subjects)
}

contract! {
    async fn every_order_comes_page_by_page_and_each_case_once(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench).await;
        let expected = [
            (ListSort::Reported, ["SK_2", "SK_1", "X-9", "X-10", "SK_3"]),
            (ListSort::Onset, ["X-10", "SK_2", "SK_1", "X-9", "SK_3"]),
            (ListSort::Created, ["X-10", "X-9", "SK_3", "SK_2", "SK_1"]),
            (ListSort::Name, ["X-9", "SK_3", "SK_1", "SK_2", "X-10"]),
        ];
        for (sort, mut expected) in expected {
            for order in [Order::Desc, Order::Asc] {
                let whole = listed(&bench, &query(sort, order)).await;
                assert_eq!(references(&whole), expected, "{sort:?} {order:?}");
                let (mut walked, mut start) = (Vec::new(), Start::First);
                loop {
                    let page = listed(&bench, &CaseQuery { start, limit: 2, ..query(sort, order) }).await;
                    walked.extend(page.items);
                    let Some(next) = page.next else { break };
                    start = Start::After(next);
                }
                assert_eq!(walked, whole.items, "{sort:?} {order:?}");
                let jumped = listed(&bench, &CaseQuery { start: Start::At(3), ..query(sort, order) }).await;
                assert_eq!(jumped.items, whole.items[3..], "{sort:?} {order:?}");
                expected.reverse();
            }
        }
    }

    async fn a_filter_holds_in_the_order_of_names_too_and_counts_say_how_many(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench).await;
        let alive = CaseConditions { outcome: Some("Alive".to_owned()), ..CaseConditions::default() };
        for (sort, expected) in [(ListSort::Onset, ["X-9", "SK_1", "X-10"]), (ListSort::Name, ["X-10", "SK_1", "X-9"])] {
            let asked = CaseQuery { conditions: alive.clone(), ..query(sort, Order::Asc) };
            let page = listed(&bench, &asked).await;
            assert_eq!(references(&page), expected);
            let first = listed(&bench, &CaseQuery { limit: 1, ..asked.clone() }).await;
            let start = Start::After(first.next.unwrap());
            assert_eq!(references(&listed(&bench, &CaseQuery { start, ..asked }).await), expected[1..]);
        }
        let audited = last_audited(&bench).await;
        let counted = bench.app.count_cases(&bench.worker, None, &alive).await.unwrap();
        assert_eq!((counted.count, counted.capped), (3, false));
        assert_eq!(last_audited(&bench).await, audited, "a count shows nobody");
        let values = bench.app.case_filters(&bench.worker, None).await.unwrap();
        assert_eq!(values.diseases[0].0, Disease::Covid19);
        assert_eq!((values.diseases[0].1.count, values.values.settings.len()), (5, 2));
        assert_eq!(values.values.places[0].1, "Café Süd");
    }

    async fn a_position_of_another_order_is_refused(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench).await;
        let page = listed(&bench, &CaseQuery { limit: 1, ..query(ListSort::Name, Order::Asc) }).await;
        let start = Start::After(page.next.unwrap());
        let refused = bench.app.list_cases(&bench.worker, &CaseQuery { start, ..query(ListSort::Onset, Order::Asc) }).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "cursor", .. })));
    }

    async fn a_search_finds_by_name_and_reference_the_best_first(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench).await;
        let search = async |text: &str| bench.app.search_cases(&bench.worker, &search_for(text)).await.unwrap();
        assert_eq!(found(&search("müller").await), ["SK_2", "SK_1"]);
        assert_eq!(found(&search("MUELL").await), ["SK_2", "SK_1"]);
        let mei = search("mei").await;
        assert_eq!(found(&mei), ["X-10", "SK_3"], "a first name that begins with it before one that holds it");
        assert_eq!(mei.items[0].matched, CaseMatch::Name(Matched::FirstName));
        assert_eq!((mei.counted.count, mei.counted.capped, mei.next), (2, false, None));
        assert_eq!(found(&search("anna 1980").await), ["SK_1"]);
        assert_eq!(found(&search("sk_").await), ["SK_1", "SK_2", "SK_3"]);
        assert_eq!(search("x-9").await.items[0].matched, CaseMatch::Reference);
        assert_eq!(found(&search("nobody").await), [""; 0]);
        assert_eq!(last_audited(&bench).await, ("cases.search".to_owned(), 0));
        let probable = CaseConditions { classification: Some(CaseClassification::Probable), ..CaseConditions::default() };
        let narrowed = SearchQuery { conditions: probable, ..search_for("muell") };
        assert_eq!(found(&bench.app.search_cases(&bench.worker, &narrowed).await.unwrap()), ["SK_2"]);
        let first = bench.app.search_cases(&bench.worker, &SearchQuery { limit: 2, ..search_for("sk_") }).await.unwrap();
        let rest = SearchQuery { after: first.next, ..search_for("sk_") };
        assert_eq!(found(&bench.app.search_cases(&bench.worker, &rest).await.unwrap()), ["SK_3"]);
        for text in ["a", " a ", "", &"x".repeat(101)] {
            let refused = bench.app.search_cases(&bench.worker, &search_for(text)).await;
            assert!(matches!(refused, Err(AppError::Invalid { field: "text", .. })), "{text}");
        }
    }

    async fn a_case_is_shown_with_its_days_and_the_rule_behind_them(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench).await;
        bench.import(Kind::Infections, "from=from,to=to", "from,to\nSK_1,SK_2\nSK_1,SK_3\n").await;
        let (case_id, person_id) = case_of(&bench, "SK_1").await;
        let sheet = bench.app.case(&bench.worker, case_id).await.unwrap();
        assert_eq!(last_audited(&bench).await, ("cases.show".to_owned(), 1));
        let infectious = sheet.days.infectious.unwrap();
        assert_eq!((infectious.first, infectious.last), (date(2026, 1, 3), date(2026, 1, 15)));
        assert_eq!(sheet.line.infectious, Some(infectious));
        assert!(sheet.days.infectious_rule.unwrap().starts_with("2 days before to 10 days after onset"));
        assert_eq!((sheet.n_infected, sheet.references.as_slice()), (2, &["SK_1".to_owned()][..]));
        assert_eq!(sheet.case.note.unwrap().expose(), "coughs");
        assert_eq!(sheet.line.case.place.unwrap().1, "Café Süd");
        let (without_days, _) = case_of(&bench, "SK_3").await;
        let sheet = bench.app.case(&bench.worker, without_days).await.unwrap();
        assert!(sheet.days.infectious.is_none() && sheet.days.infectious_reason.is_some());
        let nobody = bench.app.case(&bench.worker, CaseId(person_id.0)).await;
        assert_eq!(nobody.unwrap_err().to_string(), "there is no such case here");
    }

    async fn what_changed_is_told_with_who_and_what_for(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench).await;
        let (case_id, _) = case_of(&bench, "SK_1").await;
        let update = ImportOptions { update: true, ..options(Kind::Cases, "id=id,onset=onset,last_name=last") };
        bench.try_import(&update, "id,onset,last\nSK_1,2026-01-04,Maier\n").await.unwrap();
        let whole = bench.app.case_history(&bench.worker, case_id, None, 50).await.unwrap();
        assert_eq!(last_audited(&bench).await, ("cases.history".to_owned(), 1));
        let mut fields: Vec<&str> = whole.items.iter().map(|line| line.change.field.as_str()).collect();
        assert_eq!(fields.pop(), Some("created"), "the oldest is last");
        fields.sort_unstable();
        assert_eq!(fields, ["last_name", "onset"]);
        let last_name = whole.items.iter().find(|line| line.change.field == "last_name").unwrap();
        assert_eq!(last_name.change.before.as_ref().unwrap().expose(), "Müller");
        assert_eq!((last_name.account.as_str(), last_name.change.why.as_str()), ("test", "import"));
        let first = bench.app.case_history(&bench.worker, case_id, None, 1).await.unwrap();
        let rest = bench.app.case_history(&bench.worker, case_id, first.next, 50).await.unwrap();
        assert_eq!([first.items, rest.items].concat(), whole.items);
        assert_eq!(whole.next, None);
    }

    async fn a_person_is_shown_and_found_with_or_without_a_case(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench).await;
        bench.import(Kind::Encounters, MET, "from,until,a,b\n2026-01-05T10:00:00Z,2026-01-05T11:00:00Z,SK_1,met\n").await;
        let found = bench.app.search_persons(&bench.worker, "met").await.unwrap();
        assert_eq!((found.len(), found[0].reference.as_deref(), &found[0].case), (1, Some("met"), &None));
        assert_eq!(last_audited(&bench).await, ("persons.search".to_owned(), 1));
        let found = bench.app.search_persons(&bench.worker, "anna mull").await.unwrap();
        let case = found[0].case.as_ref().unwrap();
        assert_eq!((case.disease, found[0].name.born.as_ref().unwrap().expose().as_str()), (Disease::Covid19, "1980-02-29"));
        let sheet = bench.app.person(&bench.worker, found[0].name.person_id).await.unwrap();
        assert_eq!((sheet.cases.as_slice(), sheet.references.len()), (std::slice::from_ref(case), 1));
        assert_eq!(last_audited(&bench).await, ("persons.show".to_owned(), 1));
        let nobody = bench.app.person(&bench.worker, PersonId(case.case_id.0)).await;
        assert!(matches!(nobody, Err(AppError::NotFound("person"))));
    }
}
