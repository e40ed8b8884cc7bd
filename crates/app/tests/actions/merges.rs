//! Two persons who are one: merged, found under either id, parted again as if nothing had been.

use super::cases::case_of;
use super::*;
use app::case_work::{MergeWish, NewCall, NewComment, NewContact, Seen, WhosePerson};
use domain::calls::CallOutcome;
use domain::cases::{CaseStatus, CaseType};
use domain::contacts::{ContactKind, Said};
use domain::diary::{DayPart, SaidBy, Slot, Temperature};
use domain::ids::{CallId, CaseId, CommentId, ContactId, EntryId, MergeId, PersonId};
use domain::merges::Takes;
use domain::persons::{Personal, PersonalField};
use domain::questionnaire::{Questionnaire, Told};
use domain::time::DayRange;
use jiff::civil::date;
use std::collections::BTreeMap;
use storage::catalogue::TENANT_TABLES;
use storage::diary::DiaryEntry;
use storage::merges::{Merge, Undone};
use storage::questionnaires::AnsweredQuestionnaire;
use testkit::contract;

const WHO: &str = "id=id,onset=onset,reported=reported,first_name=first,last_name=last,born=born,phone=phone,email=email,\
    postcode=postcode,note=note";
const LIST: &str = "id,onset,reported,first,last,born,phone,email,postcode,note\n\
    A,2026-02-20,2026-02-26,Anna,Müller,1985-03-12,0621 12345,,68159,coughs\n\
    B,2026-02-21,2026-02-25,Ana,Mueller,1985-12-03,0621 999,ana@example.org,,\n\
    C,2026-02-22,2026-02-26,Cem,Ak,1970-01-01,0172 1,,,\n\
    D,2026-02-22,2026-02-26,Dora,Berg,1971-01-01,0172 2,,,\n";

/// Tables that grow with everything that is done, an undo too.
const GROW: &[&str] = &["audit_record", "audit_chain", "counter", "person_change", "person_merge", "case_tally"];

struct World {
    bench: Bench,
    a: (CaseId, PersonId),
    b: (CaseId, PersonId),
    c: (CaseId, PersonId),
    d: (CaseId, PersonId),
}

fn uuid(kind: u8, n: u8) -> uuid::Uuid {
    uuid::Uuid::from_bytes([1, 0x9c, 0, 0, 0, 0, 0x70, kind, 0x80, 0, 0, 0, 0, 0, 0, n])
}

fn said(hint: &str) -> Said {
    Said { hint: Some(hint.to_owned()), ..Said::default() }
}

impl World {
    /// Four cases, and everything between them that can be: the two Annas met each other, and met the same people.
    async fn on(kit: Kit) -> Self {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, WHO, LIST).await;
        let met = "from,until,a,b\n2026-02-21T09:00,2026-02-21T09:20,A,C\n2026-02-21T09:10,2026-02-21T09:30,B,C\n\
            2026-02-21T10:00,2026-02-21T10:20,A,B\n2026-02-22T09:00,2026-02-22T09:20,B,D\n\
            2026-02-23T09:00,2026-02-23T09:20,A,C\n2026-02-24T09:00,2026-02-24T09:20,B,C\n";
        bench.import(Kind::Encounters, MET, met).await;
        let stayed = "person,venue,area,from,until\nA,Café,,2026-02-21T12:00,2026-02-21T13:00\n\
            B,Café,,2026-02-21T12:00,2026-02-22T01:30\nB,Café,,2026-02-23T12:00,2026-02-23T13:00\n\
            C,Café,,2026-02-21T12:30,2026-02-22T01:00\n";
        bench.import(Kind::Visits, STAYED, stayed).await;
        let links = "source,target,on\nA,C,\nB,C,2026-02-21\nA,B,2026-02-20\nB,A,2026-02-20\nB,D,2026-02-22\n";
        bench.import(Kind::Infections, "from=source,to=target,date=on", links).await;
        let (a, b, c, d) = (
            case_of(&bench, "A").await,
            case_of(&bench, "B").await,
            case_of(&bench, "C").await,
            case_of(&bench, "D").await,
        );
        let world = Self { bench, a, b, c, d };
        world.declare(1, a, b.1, "that is me, she says").await;
        world.declare(2, c, a.1, "Anna from work").await;
        world.declare(3, c, b.1, "Ana from the choir").await;
        world.declare(4, b, d.1, "Dora").await;
        for (n, (case, _)) in [(1, a), (2, b)] {
            world.tell(n, case).await;
            world.comment(n, case, "deaf").await;
            world.call(n, case).await;
        }
        world
    }

    async fn declare(&self, n: u8, by: (CaseId, PersonId), met: PersonId, hint: &str) {
        let day = date(2026, 2, 22);
        let new = NewContact {
            contact_id: ContactId(uuid(1, n)),
            met: WhosePerson::Known(met),
            case_id: CaseId(uuid(2, n)),
            kind: ContactKind::Household,
            days: DayRange { first: day, last: day },
            said: said(hint),
        };
        self.bench.app.declare_contact(&self.bench.worker, by.0, new).await.unwrap();
    }

    /// A diary with an entry of the same half day as everybody's and one of their own, and answers to the questions.
    async fn tell(&self, n: u8, case_id: CaseId) {
        let kit = &self.bench.kit;
        let mut tx = kit.write().await;
        let work = storage::cases::lock(&mut tx, case_id).await.unwrap().unwrap();
        for (i, day) in [(0, date(2026, 2, 27)), (1, date(2026, 2, 20 + n as i8))] {
            let entry = DiaryEntry {
                entry_id: EntryId(uuid(7, 10 * n + i)),
                case_id,
                person_id: work.person_id,
                slot: Slot { day, part: DayPart::Morning },
                temperature: Temperature::of_tenths(365 + i32::from(n)),
                symptoms: Vec::new(),
                contacts: Vec::new(),
                note: Some(Personal::new("slept badly".to_owned())),
                said_by: SaidBy::Phone,
                account_id: kit.account_id,
                created_at: now(),
                changed: None,
                rule_version: 0,
            };
            assert!(storage::diary::insert(&mut tx, &kit.sealer, &entry).await.unwrap());
        }
        let told = Told { family_doctor: Some(format!("Dr. {n}")), ..Told::default() };
        let answered = AnsweredQuestionnaire {
            case_id,
            person_id: work.person_id,
            answers: Personal::new(Questionnaire { told, ..Questionnaire::default() }),
            says_no_contacts: false,
            account_id: kit.account_id,
            answered_at: now(),
        };
        storage::questionnaires::put(&mut tx, &kit.sealer, &answered).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Temperatures in tenths, and the family doctor.
    async fn told(&self, case_id: CaseId) -> (Vec<i32>, Option<String>) {
        let mut tx = self.bench.kit.read().await;
        let sealer = &self.bench.kit.sealer;
        let diary = storage::diary::of_case(&mut tx, Some(sealer), case_id).await.unwrap();
        let answered = storage::questionnaires::of_case(&mut tx, Some(sealer), case_id).await.unwrap();
        let doctor = answered.and_then(|answered| answered.answers.expose().told.family_doctor.clone());
        (diary.iter().filter_map(|entry| entry.temperature).map(Temperature::tenths).collect(), doctor)
    }

    async fn comment(&self, n: u8, case: CaseId, text: &str) {
        let text = Personal::new(text.to_owned());
        let comment = NewComment { comment_id: CommentId(uuid(3, n)), text };
        self.bench.app.write_comment(&self.bench.worker, case, comment).await.unwrap();
    }

    async fn call(&self, n: u8, case: CaseId) {
        let call = NewCall {
            call_id: CallId(uuid(4, n)),
            called_at: None,
            outcome: CallOutcome::NotReached,
            call_back_at: None,
            note: None,
        };
        self.bench.app.note_call(&self.bench.worker, case, call).await.unwrap();
    }

    /// All rows of the tables that don't grow with everything.
    async fn dump(&self) -> BTreeMap<&'static str, Vec<String>> {
        let mut all = BTreeMap::new();
        for table in TENANT_TABLES.iter().filter(|table| !GROW.contains(&table.name)) {
            all.insert(table.name, self.bench.kit.database.dump(table.name).await);
        }
        all
    }

    async fn wish(&self, n: u8, values: &[(&str, Takes)]) -> MergeWish {
        self.wish_of(n, self.a.1, self.b.1, values).await
    }

    async fn wish_of(&self, n: u8, kept: PersonId, other: PersonId, values: &[(&str, Takes)]) -> MergeWish {
        let preview = self.bench.app.preview_merge(&self.bench.worker, kept, other).await.unwrap();
        let values = values.iter().map(|(field, takes)| ((*field).to_owned(), *takes)).collect();
        MergeWish {
            merge_id: MergeId(uuid(9, n)),
            other,
            values,
            cases: BTreeMap::new(),
            account: None,
            seen: preview.seen,
        }
    }

    async fn merge(&self, values: &[(&str, Takes)]) -> Merge {
        let wish = self.wish(1, values).await;
        self.bench.app.merge_persons(&self.bench.worker, self.a.1, &wish).await.unwrap()
    }

    async fn undo(&self) -> Undone {
        self.bench.app.undo_merge(&self.bench.worker, MergeId(uuid(9, 1))).await.unwrap().undone
    }

    async fn personal(&self, person: PersonId, field: PersonalField) -> Option<String> {
        let sheet = self.bench.app.person(&self.bench.worker, person).await.unwrap();
        sheet.person?.personal.get(&field).map(|value| value.expose().clone())
    }

    fn refused(error: &AppError) -> bool {
        matches!(error, AppError::Conflict(_))
    }
}

/// What an undo leaves behind: the same rows to the byte, and two lines of history that say that it was.
fn assert_same(before: &BTreeMap<&str, Vec<String>>, after: &BTreeMap<&str, Vec<String>>) {
    for (table, rows) in before {
        let now = &after[table];
        let lost: Vec<_> = rows.iter().filter(|row| !now.contains(row)).collect();
        assert!(lost.is_empty(), "{table} lost {lost:#?}\nhas {now:#?}");
        let new: Vec<_> = now.iter().filter(|row| !rows.contains(row)).collect();
        let n_new = if *table == "history" { 2 } else { 0 };
        assert_eq!(new.len(), n_new, "{table} has {new:#?}");
    }
}

contract! {
    async fn after_a_merge_there_is_one_person_under_both_ids_and_one_case(kit) {
        let world = World::on(kit).await;
        let merge = world.merge(&[("first_name", Takes::Other)]).await;
        let (app, worker) = (&world.bench.app, &world.bench.worker);
        for id in [world.a.1, world.b.1] {
            let sheet = app.person(worker, id).await.unwrap();
            assert_eq!((sheet.person_id, sheet.cases.len()), (world.a.1, 1));
            assert_eq!(sheet.references, ["A", "B"]);
        }
        assert_eq!(world.personal(world.a.1, PersonalField::FirstName).await.as_deref(), Some("Ana"), "chosen");
        assert_eq!(world.personal(world.a.1, PersonalField::Phone).await.as_deref(), Some("0621 12345"), "kept");
        assert_eq!(world.personal(world.a.1, PersonalField::Email).await.as_deref(), Some("ana@example.org"), "filled");
        assert_eq!(merge.told.folds.len(), 1);
        assert_eq!(merge.told.folds[0].kept, world.b.0, "reported a day earlier");
        assert_eq!(merge.told.n_between, 4, "two links, a meeting, a declaration");
        for id in [world.a.0, world.b.0] {
            let sheet = app.case_work(worker, id).await.unwrap();
            assert_eq!((sheet.work.case_id, sheet.work.person_id), (world.b.0, world.a.1));
            assert_eq!((sheet.comments.len(), sheet.calls.len()), (2, 2));
            let waiting: Vec<_> = sheet.items.iter().filter(|item| item.resolution.is_none()).map(|item| item.kind).collect();
            let mut once = waiting.clone();
            once.dedup();
            assert_eq!(waiting, once, "one of a kind");
        }
        let origins = app.origins_of_case(worker, world.b.0).await.unwrap();
        assert_eq!(origins.contacts.len(), 2, "one contact case, two origins");
    }

    async fn meetings_of_the_two_are_none_and_shared_minutes_count_once(kit) {
        let world = World::on(kit).await;
        world.merge(&[]).await;
        let bench = &world.bench;
        let exposed = bench.exposed("A").await;
        assert_eq!(ids(&bench.exposed("B").await), ids(&exposed), "either reference");
        assert!(exposed.iter().all(|one| one.person != world.a.1), "nobody meets themselves");
        let by_id = bench.exposed(&world.b.1.to_string()).await;
        assert_eq!(ids(&by_id), ids(&exposed), "the id that went");
        let met = world.bench.kit.database.count_rows("encounter").await;
        assert_eq!(met, 2 * 4, "09:00 to 09:30 is one, and three others");
        assert_eq!(bench.kit.database.count_rows("visit").await, 3);
        let report = bench.app.outbreak_report(&bench.worker, &outbreak::query()).await.unwrap();
        assert_eq!(report.cases, 3);
    }

    async fn an_undo_gives_every_row_back_to_the_byte(kit) {
        let world = World::on(kit).await;
        let before = world.dump().await;
        world.merge(&[("first_name", Takes::Other), ("born", Takes::Other)]).await;
        let merged = world.dump().await;
        assert_eq!(merged["person"].len(), 3);
        let undone = world.undo().await;
        assert_eq!(undone, Undone::default());
        assert_same(&before, &world.dump().await);
    }

    /// Both told of the same morning, and both answered the questions: a worker says what holds.
    async fn of_two_entries_for_one_half_day_one_holds_and_the_other_is_kept(kit) {
        let world = World::on(kit).await;
        let before = world.dump().await;
        let preview = world.bench.app.preview_merge(&world.bench.worker, world.a.1, world.b.1).await.unwrap();
        let fields: Vec<&str> = preview.cases[0].fields.iter().map(|field| field.field.as_str()).collect();
        let clashes = ["diary/2026-02-27/morning", "questionnaire"];
        assert!(clashes.iter().all(|clash| fields.contains(clash)), "{fields:?}");
        assert_eq!(world.told(world.b.0).await, (vec![367, 367], Some("Dr. 2".to_owned())));
        let mut wish = world.wish(1, &[]).await;
        let other = clashes.map(|clash| (clash.to_owned(), Takes::Other));
        wish.cases.insert(world.a.0, other.into());
        world.bench.app.merge_persons(&world.bench.worker, world.a.1, &wish).await.unwrap();
        assert_eq!(world.told(world.b.0).await, (vec![366, 367, 366], Some("Dr. 1".to_owned())));
        assert_eq!(world.bench.kit.database.count_rows("diary_entry WHERE superseded_by IS NOT NULL").await, 1, "kept");
        world.undo().await;
        assert_same(&before, &world.dump().await);
    }

    /// Merged from the other side, so that the case that goes on is the survivor's own.
    async fn an_undo_gives_every_row_back_whoever_stays(kit) {
        let world = World::on(kit).await;
        let before = world.dump().await;
        let wish = world.wish_of(1, world.b.1, world.a.1, &[("phone", Takes::Other)]).await;
        world.bench.app.merge_persons(&world.bench.worker, world.b.1, &wish).await.unwrap();
        world.undo().await;
        assert_same(&before, &world.dump().await);
    }

    async fn what_was_added_or_changed_since_stays_with_the_survivor_and_is_listed(kit) {
        let world = World::on(kit).await;
        world.merge(&[]).await;
        world.comment(7, world.b.0, "since").await;
        let changes = BTreeMap::from([("phone".to_owned(), Some("0621 777".to_owned()))]);
        let changes = app::case_work::CaseChanges { changes, seen: None };
        world.bench.app.change_details(&world.bench.worker, world.b.0, &changes).await.unwrap();
        let undone = world.undo().await;
        assert_eq!(undone.stays.get("case_comment"), Some(&1));
        let (app, worker) = (&world.bench.app, &world.bench.worker);
        assert_eq!(app.case_work(worker, world.a.0).await.unwrap().comments.len(), 2, "the survivor's own case");
        assert_eq!(app.case_work(worker, world.b.0).await.unwrap().comments.len(), 1);
        assert_eq!(world.personal(world.a.1, PersonalField::Phone).await.as_deref(), Some("0621 777"));
        assert_eq!(world.personal(world.a.1, PersonalField::Email).await, None, "hers again");
        assert_eq!(world.personal(world.b.1, PersonalField::Email).await.as_deref(), Some("ana@example.org"));
    }

    async fn the_same_merge_twice_is_one_and_another_with_its_id_is_refused(kit) {
        let world = World::on(kit).await;
        let wish = world.wish(1, &[]).await;
        let (app, worker) = (&world.bench.app, &world.bench.worker);
        let first = app.merge_persons(worker, world.a.1, &wish).await.unwrap();
        assert_eq!(app.merge_persons(worker, world.a.1, &wish).await.unwrap(), first);
        let other = MergeWish { other: world.c.1, ..wish };
        assert!(World::refused(&app.merge_persons(worker, world.a.1, &other).await.unwrap_err()));
    }

    async fn who_was_changed_since_they_were_seen_is_not_merged(kit) {
        let world = World::on(kit).await;
        let wish = world.wish(1, &[]).await;
        let changes = BTreeMap::from([("phone".to_owned(), Some("0621 777".to_owned()))]);
        let changes = app::case_work::CaseChanges { changes, seen: None };
        let (app, worker) = (&world.bench.app, &world.bench.worker);
        app.change_details(worker, world.b.0, &changes).await.unwrap();
        assert!(World::refused(&app.merge_persons(worker, world.a.1, &wish).await.unwrap_err()));
        let blind = MergeWish { seen: Seen::default(), ..wish };
        assert!(World::refused(&app.merge_persons(worker, world.a.1, &blind).await.unwrap_err()));
    }

    /// Of two who merge the same persons crosswise, one is told to look again; nobody waits for ever.
    async fn merges_at_once_leave_one_winner(kit) {
        let world = World::on(kit).await;
        let (app, worker) = (&world.bench.app, &world.bench.worker);
        let one = world.wish_of(1, world.a.1, world.b.1, &[]).await;
        let crosswise = world.wish_of(2, world.b.1, world.a.1, &[]).await;
        let next = world.wish_of(3, world.b.1, world.c.1, &[]).await;
        let (x, y, z) = tokio::join!(
            app.merge_persons(worker, world.a.1, &one),
            app.merge_persons(worker, world.b.1, &crosswise),
            app.merge_persons(worker, world.b.1, &next),
        );
        let all = [x, y, z];
        assert_eq!(all.iter().filter(|done| done.is_ok()).count(), 1, "{all:?}");
        assert!(all.iter().all(|done| done.as_ref().err().is_none_or(World::refused)), "{all:?}");
    }

    async fn a_later_merge_is_undone_first(kit) {
        let world = World::on(kit).await;
        let before = world.dump().await;
        world.merge(&[]).await;
        let (app, worker) = (&world.bench.app, &world.bench.worker);
        let next = world.wish_of(2, world.c.1, world.a.1, &[]).await;
        app.merge_persons(worker, world.c.1, &next).await.unwrap();
        for id in [world.a.1, world.b.1, world.c.1] {
            assert_eq!(app.person(worker, id).await.unwrap().person_id, world.c.1, "ids lead on");
        }
        let first = MergeId(uuid(9, 1));
        assert!(World::refused(&app.undo_merge(worker, first).await.unwrap_err()));
        app.undo_merge(worker, MergeId(uuid(9, 2))).await.unwrap();
        app.undo_merge(worker, first).await.unwrap();
        let after = world.dump().await;
        for (table, rows) in before.iter().filter(|(table, _)| **table != "history") {
            assert_eq!(rows, &after[table], "{table}");
        }
        assert!(World::refused(&app.undo_merge(worker, first).await.unwrap_err()), "undone already");
    }

    async fn once_index_always_index_and_her_contacts_become_cases(kit) {
        let world = World::on(kit).await;
        let (app, worker) = (&world.bench.app, &world.bench.worker);
        let new = |n: u8, case_type, details: &[(&str, &str)]| app::case_work::NewCase {
            case_id: CaseId(uuid(5, n)),
            person: WhosePerson::New(PersonId(uuid(6, n))),
            disease: None,
            case_type,
            details: details.iter().map(|(field, value)| ((*field).to_owned(), Some((*value).to_owned()))).collect(),
        };
        let contact = new(1, CaseType::Contact, &[("last_name", "Öz"), ("reported", "2026-02-20")]);
        let index = new(2, CaseType::Index, &[("last_name", "Oz"), ("tested", "2026-02-22")]);
        app.open_case(worker, &contact).await.unwrap();
        app.open_case(worker, &index).await.unwrap();
        let declared = NewContact {
            contact_id: ContactId(uuid(1, 9)),
            met: WhosePerson::New(PersonId(uuid(6, 3))),
            case_id: CaseId(uuid(2, 9)),
            kind: ContactKind::Household,
            days: DayRange { first: date(2026, 2, 22), last: date(2026, 2, 22) },
            said: said("the neighbour"),
        };
        app.declare_contact(worker, contact.case_id, declared).await.unwrap();
        let wish = world.wish_of(1, PersonId(uuid(6, 1)), PersonId(uuid(6, 2)), &[]).await;
        app.merge_persons(worker, PersonId(uuid(6, 1)), &wish).await.unwrap();
        let sheet = app.case_work(worker, index.case_id).await.unwrap();
        assert_eq!((sheet.work.case_id, sheet.work.case_type), (contact.case_id, CaseType::Index));
        let contacts = app.declared_contacts(worker, contact.case_id).await.unwrap();
        let opened = contacts.contacts[0].contact.contact_case.unwrap();
        assert_eq!(app.case_work(worker, opened).await.unwrap().work.status, CaseStatus::Open);
        world.undo().await;
        let sheet = app.case_work(worker, contact.case_id).await.unwrap();
        assert_eq!(sheet.work.case_type, CaseType::Contact);
        let contacts = app.declared_contacts(worker, contact.case_id).await.unwrap();
        assert_eq!((contacts.contacts[0].contact.contact_case, contacts.contacts[0].contact.inside), (None, None));
        assert!(app.case_work(worker, opened).await.is_ok(), "a case that was opened stays");
        let merged = app.case_work(worker, world.d.0).await.unwrap();
        assert_eq!(merged.work.case_id, world.d.0);
    }
}
