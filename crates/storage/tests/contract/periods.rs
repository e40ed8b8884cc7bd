//! Everything that can hold a person ends when the table of periods says so, and no table is forgotten.

use super::audit::record;
use super::cases::case;
use super::duplicates::with;
use super::encounters::{met, window};
use super::retention::{after_days, run_at};
use domain::action_items::ItemKind;
use domain::calls::CallOutcome;
use domain::cases::{CaseStatus, CaseType, Conclusion};
use domain::contacts::{Contact, ContactKind, Said};
use domain::diary::{DayPart, Slot};
use domain::diseases::Disease;
use domain::duplicates::{Token, TokenKind};
use domain::ids::{CallId, CaseId, CommentId, ContactId, FacilityId, HistoryId, ImportId, ItemId, LinkId, ResultId};
use domain::ids::{MessageId, PersonId, VisitId};
use domain::infections::InfectionLink;
use domain::laboratory::TestOutcome;
use domain::messages::Channel;
use domain::persons::Personal;
use domain::questionnaire::{Questionnaire, Told};
use domain::retention::{
    CONTACT_CASES, CountsFrom, HANDED_OVER, HOLD_NO_PERSON, INDEX_CASES, OF_RUNS, PERIODS, Period,
};
use domain::time::{DayRange, plus_days};
use domain::visits::Visit;
use jiff::civil::{Date, date};
use std::collections::{BTreeMap, BTreeSet};
use storage::action_items::{self, Item};
use storage::calls::{self, Call};
use storage::cases::{self, Begun, CaseWork};
use storage::comments::{self, Comment};
use storage::declared_contacts::{self, DeclaredContact};
use storage::history::{self, Change};
use storage::import_files::{self, ImportFile};
use storage::infections::{self, RefusedLink};
use storage::laboratory::{self, LaboratoryResult};
use storage::questionnaires::{self, AnsweredQuestionnaire};
use storage::{Tx, audit, contacts, duplicates, encounters, jobs, persons, visits};
use testkit::kit::now;
use testkit::{Kind, Kit, contract};

/// The day on which everything is made.
const TODAY: Date = date(2026, 3, 1);

/// Stores a person with a row in every table that can hold one, made today.
pub async fn store_everything(kit: &Kit, contact_ends: Date, quarantine: Option<DayRange>) -> (CaseId, CaseId) {
    let (person, other, met) = (kit.person("A").await, kit.person("B").await, kit.person("C").await);
    let (case, contact_case) = (case(1, person, Disease::Covid19), case(2, met, Disease::Covid19));
    let mut tx = kit.write().await;
    cases::insert(&mut tx, &kit.sealer, &[case.clone(), contact_case.clone()], now()).await.unwrap();
    let work = cases::lock(&mut tx, contact_case.case_id).await.unwrap().unwrap();
    cases::write_work(&mut tx, &CaseWork { case_type: CaseType::Contact, quarantine, ..work }).await.unwrap();
    store_of_case(kit, &mut tx, case.case_id, person).await;
    store_of_person(kit, &mut tx, person).await;
    store_facts(kit, &mut tx, person, other, contact_ends).await;
    store_file_and_job(kit, &mut tx).await;
    store_leaving(kit, &mut tx).await;
    store_declared(kit, &mut tx, (case.case_id, person), (contact_case.case_id, met)).await;
    store_quarantine(kit, &mut tx, (case.case_id, person)).await;
    store_enrolment(kit, &mut tx, (case.case_id, person)).await;
    store_lookalike(kit, &mut tx, person).await;
    store_stay(kit, &mut tx, (case.case_id, person)).await;
    store_merge(kit, &mut tx, (case.case_id, person)).await;
    store_hand_over(kit, &mut tx, (case.case_id, person)).await;
    store_occasion(kit, &mut tx, case.case_id, contact_ends).await;
    tx.commit().await.unwrap();
    record(kit, 1, now()).await;
    let mut tx = kit.write().await;
    let block = audit::IdBlock::pack([case.case_id.0]).unwrap();
    audit::insert_block(&mut tx, domain::ids::AuditId::mint(now(), [1; 10]), &block).await.unwrap();
    audit::chain(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    (case.case_id, contact_case.case_id)
}

/// The case of somebody who looks like a person.
const LOOKALIKES: CaseId = CaseId(uuid::Uuid::from_u128(0x019c_a945_0a00_7000_8000_0000_0000_0008));

/// Somebody with a case of their own who looks like a person, and was found not to be the same.
async fn store_lookalike(kit: &Kit, tx: &mut Tx, person: PersonId) {
    let other = PersonId::mint(now(), kit.random());
    persons::insert(tx, &kit.sealer, &[testkit::kit::nobody(other)], now()).await.unwrap();
    let case = cases::Case { case_id: LOOKALIKES, age: None, note: None, ..case(8, other, Disease::Mers) };
    cases::insert(tx, &kit.sealer, &[case], now()).await.unwrap();
    storage::merges::mark_distinct(tx, (person, other), kit.account_id, now()).await.unwrap();
}

/// A stay, a code, a request because of it, and a guest who was released.
async fn store_stay(kit: &Kit, tx: &mut Tx, whose: Whose) {
    use super::list_requests::{released, request, share, stay};
    let stay = stay(kit, whose, domain::ids::VenueId::of_bits(1));
    storage::stays::insert(tx, &stay).await.unwrap();
    storage::stays::put_code(tx, &share(kit, whose), "hash").await.unwrap();
    let request = request(kit, &stay);
    storage::list_requests::insert(tx, &request).await.unwrap();
    storage::list_requests::insert_visits(tx, &kit.sealer, &[released(kit, &request)]).await.unwrap();
    let elsewhere = super::requests_between::elsewhere(kit, whose);
    storage::requests_between::insert_elsewhere(tx, &kit.sealer, &elsewhere).await.unwrap();
}

/// An occasion with a visitor, who opened its list, and who was chosen from it.
async fn store_occasion(kit: &Kit, tx: &mut Tx, case_id: CaseId, ends: Date) {
    use super::occasions::{hand_in, occasion, opening, step, visitor};
    let (occasion, _) = occasion(kit, ends);
    let id = occasion.occasion_id;
    storage::occasions::insert(tx, &kit.sealer, &occasion, "hash").await.unwrap();
    let visitor = visitor(kit, "Ada");
    hand_in(kit, tx, id, TODAY, std::slice::from_ref(&visitor)).await;
    storage::occasions::insert_opening(tx, &kit.sealer, &opening(kit, id)).await.unwrap();
    storage::occasions::choose(tx, &step(kit, case_id, id), &[visitor.visitor_id]).await.unwrap();
}

/// A case that another authority took over.
const GONE: CaseId = CaseId(uuid::Uuid::from_u128(0x019c_a945_0a00_7000_8000_0000_0000_0007));

/// A hand-over that waits, what told of another, and a case that went before.
async fn store_hand_over(kit: &Kit, tx: &mut Tx, (case_id, person_id): (CaseId, PersonId)) {
    let asked = super::hand_overs::asked(kit, (case_id, person_id));
    storage::hand_overs::insert(tx, &asked).await.unwrap();
    let told = domain::ids::OutboxId::mint(now(), kit.random());
    assert!(storage::inbox::take(tx, asked.other, told, "hand_over.asked", now()).await.unwrap());
    let other = PersonId::mint(now(), kit.random());
    persons::insert(tx, &kit.sealer, &[testkit::kit::nobody(other)], now()).await.unwrap();
    let case = cases::Case { case_id: GONE, age: None, note: None, ..case(7, other, Disease::Mers) };
    cases::insert(tx, &kit.sealer, &[case], now()).await.unwrap();
    let work = cases::lock(tx, GONE).await.unwrap().unwrap();
    cases::write_work(tx, &CaseWork { status: CaseStatus::HandedOver, ..work }).await.unwrap();
    storage::hand_overs::set_whither(tx, GONE, Some((asked.other, None))).await.unwrap();
}

/// Somebody who was stored twice, with a case of their own.
async fn store_merge(kit: &Kit, tx: &mut Tx, (kept, person_id): (CaseId, PersonId)) {
    let twin = PersonId::mint(now(), kit.random());
    persons::insert_unknown(tx, &[twin], now()).await.unwrap();
    let case = case(9, twin, Disease::Covid19);
    cases::insert(tx, &kit.sealer, std::slice::from_ref(&case), now()).await.unwrap();
    let folded = case.case_id;
    let merge = storage::merges::Merge {
        merge_id: domain::ids::MergeId::mint(now(), kit.random()),
        person_id,
        gone_id: twin,
        account_id: kit.account_id,
        merged_at: now(),
        undone_at: None,
        told: storage::merges::Told {
            folds: vec![storage::merges::Fold { kept, folded }],
            ..storage::merges::Told::default()
        },
    };
    let begun = storage::merges::begin(tx, merge, &[kept, folded], &[]).await.unwrap();
    storage::merges::end(tx, begun).await.unwrap();
}

/// A mail with its log, an event, a link that nobody used, an opened guest list, and what authorities tell each other. None names the case, so that each ends by its own period.
async fn store_leaving(kit: &Kit, tx: &mut Tx) {
    let mail = super::messages::new(kit, Channel::Mail);
    storage::messages::insert(tx, &kit.sealer, &mail, now()).await.unwrap();
    let event = storage::outbox::Event { case_id: None, ..super::outbox::event(kit) };
    storage::outbox::insert(tx, &event).await.unwrap();
    let link = super::venues::link(kit, storage::venues::Purpose::Register);
    storage::venues::insert_link(tx, &kit.sealer, &link, "hash", now()).await.unwrap();
    let opening = super::guest_lists::opening(kit, 1, Some(1));
    storage::guest_lists::insert(tx, &kit.sealer, &opening).await.unwrap();
    storage::authority_messages::insert(tx, &super::requests_between::message(kit)).await.unwrap();
    let asked = super::requests_between::from_other(kit);
    assert!(storage::requests_between::insert_from_other(tx, &kit.sealer, &asked).await.unwrap());
}

async fn store_quarantine(kit: &Kit, tx: &mut Tx, (case_id, person): (CaseId, PersonId)) {
    let decision = super::quarantines::decision(kit, case_id, person);
    storage::quarantines::insert(tx, &kit.sealer, &decision).await.unwrap();
    let letter = super::quarantines::letter(kit, MessageId::mint(now(), kit.random()), (case_id, person));
    storage::letters::insert(tx, &kit.sealer, &letter, &super::quarantines::sheet()).await.unwrap();
}

/// A code that was redeemed, and the account that did.
async fn store_enrolment(kit: &Kit, tx: &mut Tx, whose: Whose) {
    let code = domain::activation::ActivationCode::draw(&[1; 16]).unwrap();
    let stored = super::enrolment::code(kit, whose);
    storage::activation_codes::insert(tx, &kit.sealer, &stored, &code).await.unwrap();
    let account = super::enrolment::account(kit, whose.1);
    storage::patients::insert(tx, &kit.sealer, &account, "mia.h").await.unwrap();
    let enrolment = super::enrolment::enrolment(kit, whose, account.patient_id);
    storage::enrolments::insert(tx, &enrolment).await.unwrap();
}

type Whose = (CaseId, PersonId);

async fn store_declared(kit: &Kit, tx: &mut Tx, (case_id, by): Whose, (contact_case, met): Whose) {
    let declared = DeclaredContact {
        contact_id: ContactId::mint(now(), kit.random()),
        case_id,
        person_id: by,
        met,
        contact_case: Some(contact_case),
        elsewhere: None,
        kind: ContactKind::Other,
        days: DayRange { first: TODAY, last: TODAY },
        inside: None,
        said: Some(Personal::new(Said::default())),
        account_id: kit.account_id,
        declared_at: now(),
    };
    declared_contacts::insert(tx, &kit.sealer, &declared).await.unwrap();
}

async fn store_of_case(kit: &Kit, tx: &mut Tx, case_id: CaseId, person_id: PersonId) {
    let item = Item {
        item_id: ItemId::mint(now(), kit.random()),
        case_id,
        person_id,
        kind: ItemKind::InitialCall,
        cause: "open".to_owned(),
        arose_at: now(),
        hidden_until: None,
        resolution: None,
        resolved_at: None,
        resolved_by: None,
    };
    action_items::insert(tx, &[item]).await.unwrap();
    let note = Some(Personal::new("speaks slowly".to_owned()));
    let call = Call {
        call_id: CallId::mint(now(), kit.random()),
        case_id,
        person_id,
        called_at: now(),
        account_id: kit.account_id,
        outcome: CallOutcome::Reached,
        call_back_at: None,
        note: note.clone(),
    };
    calls::insert(tx, &kit.sealer, &call).await.unwrap();
    let comment = Comment {
        comment_id: CommentId::mint(now(), kit.random()),
        case_id,
        person_id,
        written_at: now(),
        account_id: kit.account_id,
        text: note,
    };
    comments::insert(tx, &kit.sealer, &comment).await.unwrap();
    let result = LaboratoryResult {
        result_id: ResultId::mint(now(), kit.random()),
        laboratory: "North".to_owned(),
        sample: "S-1".to_owned(),
        person_id,
        case_id,
        disease: Disease::Covid19,
        outcome: TestOutcome::Positive,
        method: None,
        specimen_on: None,
        reported_at: now(),
    };
    laboratory::insert(tx, &[result], now()).await.unwrap();
    let told = Told { family_doctor: Some("Dr. Ruhig".to_owned()), ..Told::default() };
    let answered = AnsweredQuestionnaire {
        case_id,
        person_id,
        answers: Personal::new(Questionnaire { told, ..Questionnaire::default() }),
        says_no_contacts: false,
        account_id: kit.account_id,
        answered_at: now(),
    };
    questionnaires::put(tx, &kit.sealer, &answered).await.unwrap();
    let work = cases::lock(tx, case_id).await.unwrap().unwrap();
    let slot = Slot { day: TODAY, part: DayPart::Morning };
    storage::diary::insert(tx, &kit.sealer, &super::diary::entry(kit, &work, slot)).await.unwrap();
}

async fn store_of_person(kit: &Kit, tx: &mut Tx, person_id: PersonId) {
    let change = Change {
        history_id: HistoryId::mint(now(), kit.random()),
        person_id,
        case_id: None,
        changed_at: now(),
        account_id: kit.account_id,
        field: "sex".to_owned(),
        before: None,
        after: Some(Personal::new("female".to_owned())),
        why: "import".to_owned(),
    };
    history::insert(tx, &kit.sealer, &[change]).await.unwrap();
    persons::note_changes(tx, &[person_id]).await.unwrap();
    let phone = Token { kind: TokenKind::Phone, text: Personal::new("+496211234".to_owned()) };
    duplicates::insert(tx, &kit.sealer, &[with(person_id, &[phone])]).await.unwrap();
}

async fn store_facts(kit: &Kit, tx: &mut Tx, person: PersonId, other: PersonId, contact_ends: Date) {
    let refused = RefusedLink { infector: "1".to_owned(), infected: "2".to_owned(), reason: "nobody".to_owned() };
    infections::remember_refused(tx, Disease::Covid19, &[refused], now()).await.unwrap();
    let contact = Contact {
        contact_id: ContactId::mint(now(), kit.random()),
        declared_by: person,
        met: other,
        kind: ContactKind::Household,
        days: DayRange { first: TODAY, last: contact_ends },
    };
    contacts::insert(tx, &[contact], now()).await.unwrap();
    encounters::insert(tx, &[met(person, other, "2T09:00:00", "2T10:00:00")], TODAY).await.unwrap();
    let visit = Visit {
        visit_id: VisitId::mint(now(), kit.random()),
        person,
        facility: FacilityId::mint(now(), [1; 10]),
        area: String::new(),
        stay: window("2T09:00:00", "2T10:00:00"),
    };
    visits::insert(tx, &[visit], TODAY).await.unwrap();
}

async fn store_link(kit: &Kit) {
    let mut tx = kit.write().await;
    let found = persons::by_reference(&mut tx, &["A", "B"]).await.unwrap();
    let link = InfectionLink {
        link_id: LinkId::mint(now(), kit.random()),
        infector: found["A"],
        infected: found["B"],
        setting: None,
        infected_on: None,
    };
    infections::insert(&mut tx, &[link], now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn store_file_and_job(kit: &Kit, tx: &mut Tx) {
    let file = ImportFile {
        import_id: ImportId::mint(now(), kit.random()),
        account_id: kit.account_id,
        account: String::new(),
        kind: "cases".to_owned(),
        file_name: Personal::new("A's family.csv".to_owned()),
        n_bytes: 4,
        state: "uploaded".to_owned(),
        settings: None,
        summary: None,
        n_refused: 0,
        job_id: None,
        created_at: now(),
    };
    import_files::insert(tx, &kit.sealer, &file, b"id\nA").await.unwrap();
    let job = super::jobs::job(kit);
    jobs::insert(tx, &job).await.unwrap();
    let workbook = super::exports::workbook(kit, job.job_id);
    storage::export_files::insert(tx, &workbook).await.unwrap();
    storage::export_files::set_ready(tx, &kit.sealer, workbook.export_id, 1, b"A's name").await.unwrap();
    let view = super::saved_views::view(kit, kit.account_id, true);
    storage::saved_views::insert(tx, &kit.sealer, &view).await.unwrap();
    let bulk = storage::bulk::Bulk {
        bulk_id: domain::ids::BulkId::mint(now(), kit.random()),
        account_id: kit.account_id,
        action: domain::bulk::BulkAction::Assign { to: None },
        note: Some(Personal::new("A is well".to_owned())),
        n_rows: 1,
        job_id: domain::ids::JobId::mint(now(), kit.random()),
        undo_job_id: None,
        created_at: now(),
    };
    let case_id = CaseId::mint(now(), kit.random());
    storage::bulk::insert(tx, &kit.sealer, &bulk, &[case_id]).await.unwrap();
}

/// The periods of whole rows. What a message says ends within its row, which the tests of messages show.
fn of_whole_rows() -> impl Iterator<Item = &'static Period> {
    PERIODS.iter().filter(|period| period.table != "message_content")
}

/// Counts, for every period, the rows that it has not ended.
async fn rows(kit: &Kit) -> BTreeMap<&'static str, i64> {
    let mut found = BTreeMap::new();
    for period in of_whole_rows() {
        let which = match period.what {
            what if what == INDEX_CASES.what => {
                "outbreak_case WHERE case_type = 'index' AND status NOT IN ('anonymised', 'handed_over')"
            }
            what if what == HANDED_OVER.what => "outbreak_case WHERE status = 'handed_over'",
            what if what == CONTACT_CASES.what => "outbreak_case WHERE case_type <> 'index' AND status <> 'anonymised'",
            _ if period.table == "diary_entry" => "diary_entry WHERE note IS NOT NULL OR contacts IS NOT NULL",
            _ if period.table == "questionnaire" => "questionnaire WHERE told IS NOT NULL",
            _ if period.table == "person" => "person WHERE anonymised_on IS NULL",
            _ => period.table,
        };
        found.insert(period.what, kit.database.count_rows(which).await);
    }
    found
}

/// Moves the clock from one last day to the next and looks at every table on that day and on the day after.
/// A table without a last day has no row.
async fn check_ends(kit: &Kit, last_day: impl Fn(&Period) -> Option<i32>) {
    let last_days: BTreeSet<i32> = of_whole_rows().filter_map(&last_day).collect();
    for day in last_days.into_iter().flat_map(|day| [day, day + 1]) {
        run_at(kit, after_days(i64::from(day))).await;
        let left = rows(kit).await;
        for period in of_whole_rows() {
            let is_there = left[period.what] > 0;
            assert_eq!(is_there, last_day(period).is_some_and(|last| day <= last), "{} on day {day}", period.what);
        }
    }
}

fn days_of(table: &str) -> i32 {
    PERIODS.iter().find(|period| period.table == table).unwrap().days
}

/// The tables of the real schema that have neither a period nor a reason to need none.
async fn without_a_period(kit: &Kit) -> Vec<String> {
    let mut known: BTreeSet<&str> = of_whole_rows().map(|period| period.table).collect();
    known.extend(HOLD_NO_PERSON.iter().map(|(name, _)| *name));
    if kit.database.kind == Kind::Postgres {
        known.extend(OF_RUNS.iter().map(|(name, _)| *name));
    }
    let tables = kit.database.tables().await;
    let gone: Vec<&&str> = known.iter().filter(|name| !tables.contains(**name)).collect();
    assert!(gone.is_empty(), "no longer in the schema: {gone:?}");
    tables.into_iter().filter(|name| !known.contains(name.as_str())).collect()
}

contract! {
    async fn every_table_has_a_period_or_holds_no_person(kit) {
        assert_eq!(without_a_period(&kit).await, [""; 0], "give it a line in domain::retention");
    }

    async fn a_table_that_somebody_adds_is_noticed(kit) {
        kit.database.tamper("CREATE TABLE rumour (authority_id INTEGER, person_id INTEGER)", kit.authority_id).await;
        assert_eq!(without_a_period(&kit).await, ["rumour"]);
    }

    /// What belongs to a case goes with it, by the catalogue; the table says the same.
    async fn what_goes_with_a_case_says_so(kit) {
        drop(kit);
        for table in storage::catalogue::TENANT_TABLES.iter().filter(|table| table.goes_with_case) {
            let period = PERIODS.iter().find(|period| period.table == table.name).unwrap();
            let goes = matches!(period.counts_from, CountsFrom::EndOf("outbreak_case"))
                || ["history", "declared_contact", "bulk_row", "hand_over"].contains(&table.name);
            assert!(goes, "{}", table.name);
        }
    }

    /// Nobody concludes the case, the contact goes on: each table ends the day after its cap.
    async fn what_nobody_ends_is_there_on_the_day_of_its_cap_and_gone_the_day_after(kit) {
        store_everything(&kit, plus_days(TODAY, 9999), None).await;
        store_link(&kit).await;
        let empty: Vec<&str> = rows(&kit).await.into_iter().filter(|(_, n)| *n == 0).map(|(name, _)| name).collect();
        assert_eq!(empty, [""; 0], "store a row of it above");
        check_ends(&kit, |period| Some(period.cap_days)).await;
    }

    /// The case is concluded and the contact over on the day on which everything is made; no link lasts longer.
    async fn what_is_over_is_there_on_the_last_day_of_its_period_and_gone_the_day_after(kit) {
        let (case_id, _) = store_everything(&kit, TODAY, Some(DayRange { first: TODAY, last: TODAY })).await;
        let mut tx = kit.write().await;
        let over = Some((Conclusion::Recovered, TODAY));
        let begun = Begun { over, priority_tenths: 0, waiting_since: None, reported_at: None };
        cases::begin(&mut tx, &begun, &[case_id, LOOKALIKES]).await.unwrap();
        let there = Some((domain::ids::AuthorityId(2), Some(TODAY)));
        storage::hand_overs::set_whither(&mut tx, GONE, there).await.unwrap();
        tx.commit().await.unwrap();
        let facts = ["outbreak_case", "contact", "encounter", "visit"];
        let of_person = facts.map(days_of).into_iter().max().unwrap();
        check_ends(&kit, |period| match (period.table, period.counts_from) {
            ("infection_link", _) => None,
            ("person" | "history", _) | (_, CountsFrom::EndOf("person")) => Some(of_person),
            (_, CountsFrom::EndOf(owner)) => Some(days_of(owner)),
            _ => Some(period.days),
        })
        .await;
    }

    async fn the_details_of_a_person_live_as_long_as_their_longest_case(kit) {
        let (case_id, _) = store_everything(&kit, TODAY, None).await;
        let mut tx = kit.write().await;
        let again = after_days(700);
        let person = persons::by_reference(&mut tx, &["A"]).await.unwrap()["A"];
        cases::insert(&mut tx, &kit.sealer, &[case(3, person, Disease::Covid19)], again).await.unwrap();
        tx.commit().await.unwrap();
        let first_status = async |at| {
            run_at(&kit, after_days(at)).await;
            let work = cases::work_of(&mut kit.read().await, &[case_id]).await.unwrap().pop().unwrap();
            let is_known = !persons::by_reference(&mut kit.read().await, &["A"]).await.unwrap().is_empty();
            (work.status, is_known)
        };
        assert_eq!(first_status(731).await, (CaseStatus::Anonymised, true), "the second case is 31 days old");
        assert_eq!(first_status(700 + 731).await, (CaseStatus::Anonymised, false));
    }
}
