//! Deny by default: a stranger, a wrong role and a neighbour authority are refused, for every action.

use super::outbreak::query;
use super::{cases, rule_sets, *};
use app::cases::{CaseConditions, ListSort};
use app::exposures::{Around, FullQuery};
use domain::authorities::{Action, Role, ShortCode};
use domain::exports::ExportKind;
use domain::languages::Language;
use domain::messages::{MailAddress, MessageKind};
use domain::territory::{Country, ListFormat};
use testkit::contract;
use testkit::kit::new_authority;

async fn worker(bench: &Bench, name: &str, role: Role) -> Worker {
    bench.app.create_account(&bench.worker, name, role).await.unwrap();
    bench.app.sign_in_as(name, Some(&ShortCode::local())).await.unwrap()
}

/// Tries every action as a worker; gives those that were refused for the role.
async fn refused(bench: &Bench, worker: &Worker) -> Vec<&'static str> {
    let folder = bench.kit.database.folder.path().join(worker.role.as_str());
    let ledger = storage::ledger::Ledger::beside(&bench.kit.keyring());
    let import = options(Kind::Cases, CASES);
    let source = Cursor::new(b"id,onset\nA,2026-01-05\n".to_vec());
    let (case_id, person_id) = cases::case_of(bench, "A").await;
    let list = cases::query(ListSort::Reported, storage::cases::Order::Desc);
    let around = FullQuery {
        around: Around::Person(person_id),
        direction: SearchDirection::Forward,
        generations: 1,
        disease: None,
    };
    let any = CaseConditions::default();
    let messages = app::messages::MessageQuery { filter: Default::default(), before: None, limit: 9 };
    let (nothing, kind) = (domain::ids::MessageId(uuid::Uuid::from_u128(9)), MessageKind::Test);
    let texts = storage::message_templates::Texts { subject: "S".into(), text: "T".into(), html: "H".into() };
    let welcome = domain::public_texts::PublicTextKind::Welcome;
    let address = MailAddress::new("ops@example.org").unwrap();
    let export =
        async |kind| bench.app.begin_export(worker, app::exports::ExportQuery::all(kind, None)).await.map(|_| ());
    let workbook = app::exports::ExportQuery::all(ExportKind::Cases, None);
    let tried = [
        ("import", bench.app.import(worker, source, &import, None, &mut |_| ()).await.map(|_| ())),
        ("list", bench.app.list_cases(worker, &list).await.map(|_| ())),
        ("count", bench.app.count_cases(worker, None, &any).await.map(|_| ())),
        ("filters", bench.app.case_filters(worker, None).await.map(|_| ())),
        ("search", bench.app.search_cases(worker, &cases::search_for("A1")).await.map(|_| ())),
        ("case", bench.app.case(worker, case_id).await.map(|_| ())),
        ("history", bench.app.case_history(worker, case_id, None, 9).await.map(|_| ())),
        ("person", bench.app.person(worker, person_id).await.map(|_| ())),
        ("persons", bench.app.search_persons(worker, "A1").await.map(|_| ())),
        ("names", bench.app.prepare_names(worker).await.map(|_| ())),
        ("exposures", bench.app.exposures(worker, &forward("A")).await.map(|_| ())),
        ("in full", bench.app.exposures_in_full(worker, &around).await.map(|_| ())),
        ("chains", bench.app.outbreak_chains(worker, None, &any).await.map(|_| ())),
        ("report", bench.app.outbreak_report(worker, &query()).await.map(|_| ())),
        ("rules", bench.app.rule_sets(worker, None).await.map(|_| ())),
        ("new rules", bench.app.create_rule_set(worker, &rule_sets::new_version(None, &[])).await.map(|_| ())),
        ("account", bench.app.create_account(worker, &format!("{}2", worker.role), Role::Analyst).await.map(|_| ())),
        ("link", bench.app.invite_by_name(worker, "test").await.map(|_| ())),
        ("authority", bench.app.create_authority(worker, &new_authority(&code(worker.role))).await.map(|_| ())),
        ("audit", bench.app.verify_audit(worker).await.map(|_| ())),
        ("lists", bench.app.territory_lists(worker).await.map(|_| ())),
        (
            "list of offices",
            bench.app.import_territory(worker, Country::germany(), ListFormat::Csv, Vec::new()).await.map(|_| ()),
        ),
        ("whereabouts", set_nowhere(bench, worker).await),
        ("keys", bench.app.list_keys(worker).map(|_| ())),
        ("export", bench.app.export_keys(worker, &folder.join("keys"), "secret").await.map(|_| ())),
        ("backup", bench.app.back_up(worker, &folder.join("backup")).await.map(|_| ())),
        ("retention", bench.app.run_retention(worker, &ledger).await.map(|_| ())),
        ("messages", bench.app.list_messages(worker, &messages).await.map(|_| ())),
        ("message counts", bench.app.count_messages(worker).await.map(|_| ())),
        ("message", bench.app.message(worker, nothing).await.map(|_| ())),
        ("cancel", bench.app.cancel_message(worker, nothing).await),
        ("retry", bench.app.retry_message(worker, nothing).await),
        ("texts", bench.app.message_templates(worker).await.map(|_| ())),
        ("preview", bench.app.preview_message(worker, kind, Language::De, &texts).map(|_| ())),
        ("text", bench.app.change_message_template(worker, kind, Language::De, 99, None).await.map(|_| ())),
        ("public texts", bench.app.public_texts(worker).await.map(|_| ())),
        ("versions", bench.app.public_text_versions(worker, welcome, Language::De).await.map(|_| ())),
        ("public preview", bench.app.preview_public_text(worker, "x").map(|_| ())),
        ("public text", bench.app.change_public_text(worker, (welcome, Language::De), 99, None).await.map(|_| ())),
        ("release", bench.app.release_messages(worker).await.map(|_| ())),
        ("cases as a file", export(ExportKind::Cases).await),
        ("line list", export(ExportKind::LineList).await),
        ("workbook", bench.app.ask_for_workbook(worker, &workbook).await.map(|_| ())),
        ("workbooks", bench.app.list_workbooks(worker).await.map(|_| ())),
        ("enrolled", bench.app.enrolled_cases(worker, None, 9).await.map(|_| ())),
        ("test mail", bench.app.send_test_mail(worker, address).await.map(|_| ())),
    ];
    let was_refused = |(name, result): (&'static str, Result<(), AppError>)| {
        matches!(result, Err(AppError::NotAllowed { .. })).then_some(name)
    };
    tried.into_iter().filter_map(was_refused).collect()
}

/// What has to do with accounts and the installation.
const INSTALLATION: [&str; 11] = [
    "account",
    "link",
    "authority",
    "audit",
    "lists",
    "list of offices",
    "whereabouts",
    "keys",
    "export",
    "backup",
    "retention",
];

/// What has to do with mails and letters.
const MESSAGES: [&str; 5] = ["messages", "message counts", "message", "cancel", "retry"];
const TEXTS: [&str; 7] = ["texts", "preview", "text", "public texts", "versions", "public preview", "public text"];
const RELEASE: [&str; 1] = ["release"];
const TEST_MAIL: [&str; 1] = ["test mail"];
/// What leaves as a file, with names.
const EXPORTS: [&str; 3] = ["workbook", "workbooks", "enrolled"];

/// Changes nothing, and yet wants the right to. As the role that owns the schema.
async fn set_nowhere(bench: &Bench, worker: &Worker) -> Result<(), AppError> {
    let here = bench.app.whereabouts(worker).await?;
    bench.as_owner().await.set_whereabouts(worker, &here).await
}

/// What shows persons, or helps to.
const SEEING_PERSONS: [&str; 11] =
    ["list", "count", "filters", "search", "case", "history", "person", "persons", "names", "exposures", "in full"];

fn code(role: Role) -> String {
    role.as_str().chars().filter(char::is_ascii_alphabetic).take(6).collect()
}

contract! {
    async fn each_role_is_refused_what_it_may_not(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, CASES, "id,onset\nA,2026-01-05\n").await;
        let analyst = worker(&bench, "ana", Role::Analyst).await;
        let case_worker = worker(&bench, "kim", Role::CaseWorker).await;
        let operator = worker(&bench, "olu", Role::Operator).await;
        let administrator = worker(&bench, "ada", Role::Administrator).await;
        assert_eq!(
            refused(&bench, &analyst).await,
            [
                &["import"],
                &SEEING_PERSONS[..],
                &["new rules"],
                &INSTALLATION,
                &MESSAGES,
                &TEXTS,
                &RELEASE,
                &["cases as a file"],
                &EXPORTS,
                &TEST_MAIL,
            ]
            .concat()
        );
        assert_eq!(
            refused(&bench, &case_worker).await,
            [&["new rules"], &INSTALLATION[..], &TEXTS, &RELEASE, &TEST_MAIL].concat()
        );
        assert_eq!(
            refused(&bench, &operator).await,
            [
                &["import"],
                &SEEING_PERSONS[..],
                &["chains", "report", "rules", "new rules"],
                &MESSAGES,
                &TEXTS,
                &["cases as a file", "line list"],
                &EXPORTS,
            ]
            .concat(),
            "sees no person"
        );
        assert_eq!(
            refused(&bench, &administrator).await,
            [&["link", "authority", "lists", "list of offices", "whereabouts", "keys", "export", "backup"][..], &RELEASE, &TEST_MAIL]
                .concat()
        );
    }

    async fn a_stranger_and_a_member_of_the_neighbour_cannot_sign_in(kit) {
        let bench = Bench::on(kit).await;
        bench.kit.neighbour().await;
        let local = ShortCode::local();
        let kim = bench.app.create_account(&bench.worker, "kim", Role::CaseWorker).await;
        assert!(kim.is_ok());
        let refused = bench.app.sign_in_as("nobody", Some(&local)).await;
        assert!(matches!(refused, Err(AppError::NotAMember)));
        let next = ShortCode::new("next").unwrap();
        assert!(matches!(bench.app.sign_in_as("kim", Some(&next)).await, Err(AppError::NotAMember)));
        assert!(matches!(bench.app.sign_in_as("kim", None).await, Err(AppError::WhichAuthority(_))));
    }

    async fn an_account_may_be_a_member_of_two_authorities_and_of_each_once(kit) {
        let bench = Bench::on(kit).await;
        let next = bench.kit.neighbour().await;
        let authority = bench.app.authorities().await.unwrap().into_iter().find(|a| a.authority_id == next).unwrap();
        let elsewhere = Worker { authority, ..bench.worker.clone() };
        let kim = bench.app.create_account(&bench.worker, "kim", Role::CaseWorker).await.unwrap();
        assert_eq!(bench.app.create_account(&elsewhere, "kim", Role::Analyst).await.unwrap(), kim);
        let again = bench.app.create_account(&elsewhere, "kim", Role::Administrator).await;
        assert!(matches!(again, Err(AppError::Taken(_))));
        let role = |code: &'static str| {
            let app = &bench.app;
            async move { app.sign_in_as("kim", Some(&ShortCode::new(code).unwrap())).await.unwrap().role }
        };
        assert_eq!((role("local").await, role("next").await), (Role::CaseWorker, Role::Analyst));
    }

    async fn the_neighbour_authority_sees_nobody_of_ours(kit) {
        let bench = Bench::on(kit).await;
        let next = bench.kit.neighbour().await;
        bench.import(Kind::Cases, CASES, "id,onset\nA,2026-01-05\n").await;
        let authority = bench.app.authorities().await.unwrap().into_iter().find(|a| a.authority_id == next).unwrap();
        let neighbour = Worker { authority, ..bench.worker.clone() };
        let refused = bench.app.exposures(&neighbour, &forward("A")).await;
        assert!(matches!(refused, Err(AppError::NoPerson(_))));
        assert_eq!(bench.app.outbreak_report(&neighbour, &query()).await.unwrap().cases, 0);
        let any = CaseConditions::default();
        assert_eq!(bench.app.outbreak_chains(&neighbour, None, &any).await.unwrap().n_cases, 0);
        let list = cases::query(ListSort::Reported, storage::cases::Order::Desc);
        assert!(bench.app.list_cases(&neighbour, &list).await.unwrap().items.is_empty());
        let (case_id, person_id) = cases::case_of(&bench, "A").await;
        let refused = bench.app.case(&neighbour, case_id).await;
        assert!(matches!(refused, Err(AppError::NotFound("case"))));
        let refused = bench.app.case_history(&neighbour, case_id, None, 9).await;
        assert!(matches!(refused, Err(AppError::NotFound("case"))));
        let refused = bench.app.person(&neighbour, person_id).await;
        assert!(matches!(refused, Err(AppError::NotFound("person"))));
    }
}

/// The table of who may do what is kept in the book, so that a change of it is seen in review.
#[test]
fn the_book_prints_who_may_do_what() {
    let mut table = String::from(
        "| action | administrator | case worker | analyst | operator | patient | venue |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for action in Action::ALL {
        let roles = [Role::Administrator, Role::CaseWorker, Role::Analyst, Role::Operator, Role::Patient, Role::Venue];
        let cells: Vec<&str> = roles.iter().map(|role| if role.may(*action) { "yes" } else { "no" }).collect();
        table.push_str(&format!("| {} | {} |\n", action.as_str().replace('_', " "), cells.join(" | ")));
    }
    let book = include_str!("../../../../docs/book/rights.md");
    assert!(book.contains(&table), "docs/book/rights.md must hold this table:\n{table}");
}

/// So is what somebody may in a venue.
#[test]
fn the_book_prints_who_may_do_what_in_a_venue() {
    use domain::venues::{VenueAction, VenueRole};
    let mut table = String::from("| in a venue | owner | list maker | door |\n| --- | --- | --- | --- |\n");
    for action in VenueAction::ALL {
        let may = |role: &VenueRole| if role.may(*action) { "yes" } else { "no" };
        let cells: Vec<&str> = VenueRole::ALL.iter().map(may).collect();
        table.push_str(&format!("| {} | {} |\n", action.in_words(), cells.join(" | ")));
    }
    let book = include_str!("../../../../docs/book/rights.md");
    assert!(book.contains(&table), "docs/book/rights.md must hold this table:\n{table}");
}

/// So are the periods after which what can hold a person ends.
#[test]
fn the_book_prints_how_long_everything_is_kept() {
    let book = include_str!("../../../../docs/book/data-protection.md");
    for table in [domain::retention::table_of_periods(), domain::retention::table_without_persons()] {
        assert!(book.contains(&table), "docs/book/data-protection.md must hold this table:\n{table}");
    }
}

/// So is every number of every disease.
#[test]
fn the_book_prints_every_parameter_with_its_source() {
    let book = include_str!("../../../../docs/book/parameters.md");
    for disease in domain::diseases::Disease::ALL {
        for parameter in disease.profile().parameters().iter().filter(|one| one.name != "infectiousness by day") {
            let line =
                format!("| {} | {} | {} | {} |", parameter.name, parameter.value, parameter.source, parameter.caution);
            assert!(book.contains(&line), "docs/book/parameters.md must hold this line:\n{line}");
        }
    }
}

/// So is the life of a case.
#[test]
fn the_book_prints_the_steps_of_a_case() {
    let table = domain::cases::table_of_steps();
    let book = include_str!("../../../../docs/book/case-status.md");
    assert!(book.contains(&table), "docs/book/case-status.md must hold this table:\n{table}");
}
