//! A case that goes to another authority: everything arrives once, whoever dies in between, and nothing is left behind.

use super::cases::case_of;
use super::deletion::at;
use super::rule_sets::neighbour;
use super::*;
use app::case_work::{NewContact, NewHandOver, NewQuarantine, Refusal, SeenHandOver, StatusChange, WhosePerson};
use domain::authorities::{Role, ShortCode};
use domain::cases::{CaseStatus, Conclusion};
use domain::contacts::{ContactKind, Said};
use domain::hand_overs::{AskedBecause, HandOverState, RefusedBecause, Side};
use domain::ids::{CaseId, ContactId, EntryId, HandOverId, PersonId};
use domain::persons::{Personal, PersonalField};
use domain::time::DayRange;
use jiff::SignedDuration;
use jiff::civil::date;
use storage::Freshness;
use storage::ledger::Ledger;
use testkit::contract;

const WHO: &str =
    "id=id,onset=onset,tested=tested,first_name=first,last_name=last,born=born,phone=phone,postcode=postcode";
const LIST: &str = "id,onset,tested,first,last,born,phone,postcode\n\
    A,2026-02-26,2026-02-27,Anna,Zyxalot,1985-03-12,0621 12345,68159\n\
    C,2026-02-20,2026-02-21,Cem,Ak,1970-01-01,0172 1,68161\n";

/// Two authorities: ours, with a case of which much is known, and the neighbour.
struct World {
    bench: Bench,
    theirs: Worker,
    case: (CaseId, PersonId),
    contact_case: CaseId,
}

fn uuid(kind: u8, n: u8) -> uuid::Uuid {
    uuid::Uuid::from_bytes([1, 0x9c, 0, 0, 0, 0, 0x70, kind, 0x80, 0, 0, 0, 0, 0, 0, n])
}

fn id(n: u8) -> HandOverId {
    HandOverId(uuid(5, n))
}

fn wish(n: u8) -> NewHandOver {
    NewHandOver { hand_over_id: id(n), to: ShortCode::new("next").unwrap(), because: AskedBecause::LivesThere }
}

impl World {
    async fn on(kit: Kit) -> Self {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, WHO, LIST).await;
        let theirs = neighbour(&bench).await;
        let case = case_of(&bench, "A").await;
        let world = Self { contact_case: CaseId(uuid(2, 1)), bench, theirs, case };
        world.declare(1, world.case.0, "Berta", date(2026, 2, 27)).await;
        world.tell().await;
        world
    }

    fn ours(&self) -> &Worker {
        &self.bench.worker
    }

    async fn declare(&self, n: u8, by: CaseId, name: &str, day: jiff::civil::Date) {
        let said = Said {
            first_name: Some(name.to_owned()),
            last_name: Some("Quux".to_owned()),
            phone: Some("0621 777".to_owned()),
            ..Said::default()
        };
        let new = NewContact {
            contact_id: ContactId(uuid(1, n)),
            met: WhosePerson::New(PersonId(uuid(3, n))),
            case_id: CaseId(uuid(2, n)),
            kind: ContactKind::Household,
            days: DayRange { first: day, last: day },
            said,
        };
        self.bench.app.declare_contact(self.ours(), by, new).await.unwrap();
    }

    /// A diary entry, and days of isolation.
    async fn tell(&self) {
        let (app, ours) = (&self.bench.app, self.ours());
        let to = StatusChange { to: CaseStatus::TrackedManually, conclusion: None, text: None };
        app.change_status(ours, self.case.0, to).await.unwrap();
        let days = DayRange { first: date(2026, 2, 26), last: date(2026, 3, 8) };
        let set = NewQuarantine { first: Some(days.first), last: Some(days.last), why: None, seen: None };
        app.set_quarantine(ours, self.case.0, set).await.unwrap();
        let mut tx = self.bench.kit.write().await;
        let entry = storage::diary::DiaryEntry {
            entry_id: EntryId(uuid(7, 1)),
            case_id: self.case.0,
            person_id: self.case.1,
            slot: domain::diary::Slot { day: date(2026, 2, 28), part: domain::diary::DayPart::Morning },
            temperature: domain::diary::Temperature::of_tenths(381),
            symptoms: Vec::new(),
            contacts: Vec::new(),
            note: Some(Personal::new("Zyxalot slept badly".to_owned())),
            said_by: domain::diary::SaidBy::Phone,
            account_id: self.bench.kit.account_id,
            created_at: now(),
            changed: None,
            rule_version: 0,
        };
        assert!(storage::diary::insert(&mut tx, &self.bench.kit.sealer, &entry).await.unwrap());
        tx.commit().await.unwrap();
    }

    /// Delivers what is due on both sides, until nothing is.
    async fn deliver(&self) {
        let (ours, theirs) = (self.ours().authority.authority_id, self.theirs.authority.authority_id);
        let app = &self.bench.app;
        while app.act_on_due_events(ours).await.unwrap() + app.act_on_due_events(theirs).await.unwrap() > 0 {}
    }

    /// As if whoever delivered had died each time before it could note that it had.
    async fn deliver_everything_again(&self) {
        for authority in [self.ours().authority.authority_id, self.theirs.authority.authority_id] {
            let sql = "UPDATE outbox SET due_at = created_at, done_at = NULL WHERE kind LIKE 'hand_over.%'";
            self.bench.kit.database.tamper(sql, authority).await;
        }
        self.deliver().await;
    }

    async fn ask(&self) -> SeenHandOver {
        self.bench.app.ask_hand_over(self.ours(), self.case.0, &wish(1)).await.unwrap()
    }

    async fn accept(&self) -> SeenHandOver {
        self.bench.app.accept_hand_over(&self.theirs, id(1)).await.unwrap()
    }

    async fn hand_over(&self) {
        self.ask().await;
        self.deliver().await;
        self.accept().await;
        self.deliver().await;
    }

    async fn states(&self) -> (HandOverState, HandOverState) {
        let app = &self.bench.app;
        let ours = app.hand_over(self.ours(), id(1)).await.unwrap().it.state;
        (ours, app.hand_over(&self.theirs, id(1)).await.unwrap().it.state)
    }

    async fn status(&self, worker: &Worker, case: CaseId) -> CaseStatus {
        self.bench.app.case_work(worker, case).await.unwrap().work.status
    }

    async fn name_there(&self) -> Option<String> {
        let sheet = self.bench.app.person(&self.theirs, self.case.1).await.unwrap();
        sheet.person?.personal.get(&PersonalField::LastName).map(|name| name.expose().clone())
    }

    /// Rows by table that name the case, the person or a contact of theirs, at the neighbour.
    async fn rows_there(&self) -> Vec<(&'static str, usize)> {
        let theirs = self.theirs.authority.authority_id.0;
        let mut all = Vec::new();
        for table in [
            "person",
            "outbreak_case",
            "diary_entry",
            "declared_contact",
            "quarantine_decision",
            "contact",
            "action_item",
        ] {
            let n = self.bench.kit.database.count_rows(&format!("{table} WHERE authority_id = {theirs}")).await;
            all.push((table, usize::try_from(n).unwrap()));
        }
        all
    }
}

contract! {
    async fn who_is_asked_sees_what_names_nobody_and_how_many_look_alike(kit) {
        let world = World::on(kit).await;
        let app = &world.bench.app;
        let same = "id,onset,tested,first,last,born,phone,postcode\nX,2026-02-26,2026-02-27,Anna,Zyxalot,1985-03-12,0621 12345,68159\n";
        let source = Cursor::new(same.as_bytes().to_vec());
        app.import(&world.theirs, source, &options(Kind::Cases, WHO), None, &mut |_| ()).await.unwrap();
        world.ask().await;
        world.deliver().await;
        let open = app.open_hand_overs(&world.theirs, Side::To).await.unwrap();
        assert_eq!(open.len(), 1);
        let seen = &open[0];
        assert_eq!((seen.it.state, seen.it.because, seen.it.n_alike), (HandOverState::Asked, AskedBecause::LivesThere, Some(1)));
        assert_eq!(seen.it.preview.age_band.as_deref(), Some("40-49"));
        assert_eq!(seen.it.preview.postcode.as_deref(), Some("68159"));
        assert_eq!(seen.it.preview.symptom_onset, Some(date(2026, 2, 26)));
        assert!(!format!("{seen:?}").contains("Zyxalot") && !seen.has_case);
        assert!(matches!(app.case_work(&world.theirs, world.case.0).await, Err(AppError::NotFound("case"))));
        assert!(matches!(app.person(&world.theirs, world.case.1).await, Err(AppError::NotFound("person"))));
        assert_eq!(world.status(world.ours(), world.case.0).await, CaseStatus::TrackedManually, "still at work here");
    }

    async fn what_was_accepted_is_there_under_the_same_ids_and_read_only_here(kit) {
        let world = World::on(kit).await;
        let app = &world.bench.app;
        world.hand_over().await;
        assert_eq!(world.states().await, (HandOverState::Closed, HandOverState::Closed));
        let sheet = app.case_work(&world.theirs, world.case.0).await.unwrap();
        assert_eq!((sheet.work.status, sheet.work.person_id), (CaseStatus::TrackedManually, world.case.1));
        assert_eq!(sheet.work.quarantine.map(|days| days.last), Some(date(2026, 3, 8)));
        assert!(sheet.work.assigned_to.is_none() && sheet.calls.is_empty() && sheet.comments.is_empty());
        assert!(sheet.items.iter().any(|item| item.resolution.is_none()), "somebody there looks at it");
        assert_eq!(world.name_there().await.as_deref(), Some("Zyxalot"));
        let mut tx = app.store.read(world.theirs.authority.authority_id, Freshness::Fresh).await.unwrap();
        let sealer = app.sealer(&world.theirs).unwrap();
        let diary = storage::diary::of_case(&mut tx, Some(&sealer), world.case.0).await.unwrap();
        assert_eq!(diary[0].note.as_ref().unwrap().expose(), "Zyxalot slept badly");
        assert_eq!(storage::quarantines::of_case(&mut tx, Some(&sealer), world.case.0).await.unwrap().len(), 1);
        drop(tx);
        let found = app.search_persons(&world.theirs, "Zyxa").await.unwrap();
        assert_eq!(found.len(), 1, "names are found there");
        let contacts = app.declared_contacts(&world.theirs, world.case.0).await.unwrap().contacts;
        assert_eq!(contacts.len(), 1);
        let contact = &contacts[0];
        assert_eq!(contact.contact.contact_case, Some(world.contact_case));
        assert_eq!(contact.elsewhere.as_deref(), Some(world.ours().authority.name.as_str()), "followed up where they were");
        assert_eq!(contact.contact.said.as_ref().unwrap().expose().first_name.as_deref(), Some("Berta"));
        let refused = app.change_status(world.ours(), world.case.0, StatusChange { to: CaseStatus::External, conclusion: None, text: None }).await;
        assert!(refused.unwrap_err().to_string().contains("copy to read"));
        assert_eq!(world.status(world.ours(), world.case.0).await, CaseStatus::HandedOver);
        let ours = app.case_work(world.ours(), world.case.0).await.unwrap();
        assert!(ours.items.iter().all(|item| item.resolution.is_some()), "nothing of it waits here");
    }

    async fn every_message_that_comes_twice_changes_nothing(kit) {
        let world = World::on(kit).await;
        world.ask().await;
        world.deliver().await;
        world.deliver_everything_again().await;
        assert_eq!(world.states().await, (HandOverState::Asked, HandOverState::Asked));
        world.accept().await;
        world.accept().await;
        world.deliver().await;
        let (before, history) = (world.rows_there().await, world.bench.kit.database.count_rows("history").await);
        for _ in 0..2 {
            world.deliver_everything_again().await;
        }
        assert_eq!(world.rows_there().await, before);
        assert_eq!(before[0..2], [("person", 2), ("outbreak_case", 1)], "Anna, and Berta as Anna named her");
        assert_eq!(world.bench.kit.database.count_rows("history").await, history);
        assert_eq!(world.states().await, (HandOverState::Closed, HandOverState::Closed));
        assert_eq!(world.ask().await.it.state, HandOverState::Closed, "asked again it is the same");
    }

    /// Each server delivers one message and dies before it notes so; the next goes on. In the end everything is there once.
    async fn a_hand_over_whose_servers_die_after_every_step_arrives_once(kit) {
        let world = World::on(kit).await;
        let sides = [world.ours().authority.authority_id, world.theirs.authority.authority_id];
        world.ask().await;
        let mut seen = std::collections::BTreeSet::new();
        for turn in 0..12_i64 {
            for authority in sides {
                let reborn = at(&world.bench, now().checked_add(SignedDuration::from_mins(6 * turn)).unwrap()).await;
                reborn.act_on_due_events(authority).await.unwrap();
                let sql = "UPDATE outbox SET due_at = created_at, done_at = NULL WHERE kind LIKE 'hand_over.%'";
                world.bench.kit.database.tamper(sql, authority).await;
            }
            let states = app_states(&world).await;
            if states.1 == Some(HandOverState::Asked) {
                world.accept().await;
            }
            seen.insert(states);
        }
        assert_eq!(app_states(&world).await, (Some(HandOverState::Closed), Some(HandOverState::Closed)));
        assert_eq!(world.rows_there().await[0..2], [("person", 2), ("outbreak_case", 1)]);
        assert!(seen.len() > 1, "{seen:?}");
    }

    async fn a_refusal_leaves_the_case_here_and_somebody_looks(kit) {
        let world = World::on(kit).await;
        let app = &world.bench.app;
        world.ask().await;
        world.deliver().await;
        let without = app.refuse_hand_over(&world.theirs, id(1), Refusal { because: RefusedBecause::Other, text: None }).await;
        assert!(matches!(without, Err(AppError::Invalid { field: "text", .. })));
        let text = Some(Personal::new("lives with you again".to_owned()));
        let refusal = Refusal { because: RefusedBecause::Other, text };
        app.refuse_hand_over(&world.theirs, id(1), refusal.clone()).await.unwrap();
        world.deliver().await;
        world.deliver_everything_again().await;
        let seen = app.hand_over(world.ours(), id(1)).await.unwrap();
        assert_eq!((seen.it.state, seen.it.refused_because), (HandOverState::Refused, Some(RefusedBecause::Other)));
        assert_eq!(seen.it.note.unwrap().expose(), "lives with you again");
        let sheet = app.case_work(world.ours(), world.case.0).await.unwrap();
        let refused = sheet.items.iter().filter(|item| item.kind == domain::action_items::ItemKind::HandOverRefused);
        assert_eq!(refused.count(), 1);
        assert_eq!(sheet.work.status, CaseStatus::TrackedManually);
        let late = app.accept_hand_over(&world.theirs, id(1)).await;
        assert!(matches!(late, Err(AppError::Conflict(_))));
        app.ask_hand_over(world.ours(), world.case.0, &wish(2)).await.unwrap();
    }

    async fn what_is_taken_back_or_over_before_the_answer_doesnt_go(kit) {
        let world = World::on(kit).await;
        let app = &world.bench.app;
        world.ask().await;
        let twice = app.ask_hand_over(world.ours(), world.case.0, &wish(2)).await;
        assert!(twice.unwrap_err().to_string().contains("asked already"));
        world.deliver().await;
        app.withdraw_hand_over(world.ours(), id(1)).await.unwrap();
        app.withdraw_hand_over(world.ours(), id(1)).await.unwrap();
        world.deliver().await;
        assert_eq!(world.states().await, (HandOverState::Withdrawn, HandOverState::Withdrawn));
        assert!(app.accept_hand_over(&world.theirs, id(1)).await.unwrap_err().to_string().contains("taken it back"));
        app.ask_hand_over(world.ours(), world.case.0, &wish(2)).await.unwrap();
        world.deliver().await;
        let over = StatusChange { to: CaseStatus::Concluded, conclusion: Some(Conclusion::Recovered), text: None };
        app.change_status(world.ours(), world.case.0, over).await.unwrap();
        app.accept_hand_over(&world.theirs, id(2)).await.unwrap();
        world.deliver().await;
        for worker in [world.ours(), &world.theirs] {
            assert_eq!(app.hand_over(worker, id(2)).await.unwrap().it.state, HandOverState::Withdrawn);
        }
        assert_eq!(world.status(world.ours(), world.case.0).await, CaseStatus::Concluded);
        assert_eq!(world.rows_there().await[0..2], [("person", 0), ("outbreak_case", 0)]);
    }

    async fn whoever_was_erased_before_the_answer_doesnt_go(kit) {
        let world = World::on(kit).await;
        let app = &world.bench.app;
        world.ask().await;
        world.deliver().await;
        let ledger = Ledger::beside(&world.bench.kit.keyring());
        app.erase_person(world.ours(), &ledger, world.case.1, domain::erasure::ErasureReason::Request).await.unwrap();
        world.accept().await;
        world.deliver().await;
        assert_eq!(app.hand_over(&world.theirs, id(1)).await.unwrap().it.state, HandOverState::Withdrawn);
        assert_eq!(world.rows_there().await[0..2], [("person", 0), ("outbreak_case", 0)]);
    }

    /// A contact's case: the case of whom they met stays, and who that was is not told.
    async fn a_contact_goes_with_the_days_of_whom_they_met_and_nobodys_name(kit) {
        let world = World::on(kit).await;
        let app = &world.bench.app;
        let case = world.contact_case;
        app.ask_hand_over(world.ours(), case, &wish(1)).await.unwrap();
        world.deliver().await;
        world.accept().await;
        world.deliver().await;
        let origins = app.origins_of_case(&world.theirs, case).await.unwrap().contacts;
        assert_eq!(origins.len(), 1);
        let origin = &origins[0];
        assert_eq!((origin.contact.case_id, origin.contact.days.last), (world.case.0, date(2026, 2, 27)));
        assert_eq!(origin.contact.said.as_ref().unwrap().expose(), &Said::default());
        assert!(origin.declared_by.is_none() && origin.elsewhere.is_some());
        assert!(app.search_persons(&world.theirs, "Zyxa").await.unwrap().is_empty());
        let there = app.quarantine_of_case(&world.theirs, case).await.unwrap();
        let here = app.quarantine_of_case(world.ours(), case).await.unwrap();
        assert_eq!(there.reckoning, here.reckoning, "the rules reckon from the same last day");
        // Then the case itself goes too: what had only told of it is it now.
        app.ask_hand_over(world.ours(), world.case.0, &wish(2)).await.unwrap();
        world.deliver().await;
        app.accept_hand_over(&world.theirs, id(2)).await.unwrap();
        world.deliver().await;
        let origins = app.origins_of_case(&world.theirs, case).await.unwrap().contacts;
        assert_eq!(origins.len(), 1);
        let origin = &origins[0];
        assert!(origin.elsewhere.is_none() && origin.declared_by.is_some());
        assert_eq!(origin.contact.said.as_ref().unwrap().expose().first_name.as_deref(), Some("Berta"));
    }

    async fn a_case_that_comes_back_goes_on_where_it_was(kit) {
        let world = World::on(kit).await;
        let app = &world.bench.app;
        world.hand_over().await;
        let phone = std::collections::BTreeMap::from([("phone".to_owned(), Some("0621 999".to_owned()))]);
        let changes = app::case_work::CaseChanges { changes: phone, seen: None };
        app.change_details(&world.theirs, world.case.0, &changes).await.unwrap();
        let back = NewHandOver { hand_over_id: id(2), to: ShortCode::new("local").unwrap(), because: AskedBecause::Moved };
        app.ask_hand_over(&world.theirs, world.case.0, &back).await.unwrap();
        world.deliver().await;
        app.accept_hand_over(world.ours(), id(2)).await.unwrap();
        world.deliver().await;
        assert_eq!(world.status(world.ours(), world.case.0).await, CaseStatus::TrackedManually);
        assert_eq!(world.status(&world.theirs, world.case.0).await, CaseStatus::HandedOver);
        let person = app.person(world.ours(), world.case.1).await.unwrap().person.unwrap();
        assert_eq!(person.personal[&PersonalField::Phone].expose(), "0621 999", "what was learnt there");
        let contacts = app.declared_contacts(world.ours(), world.case.0).await.unwrap().contacts;
        assert!(contacts[0].elsewhere.is_none() && contacts[0].status.is_some(), "Berta's case never left");
    }

    async fn after_its_period_nothing_of_the_name_is_left_where_it_was(kit) {
        let world = World::on(kit).await;
        let app = &world.bench.app;
        let report = app.outbreak_report(world.ours(), &outbreak::query()).await.unwrap().cases;
        world.hand_over().await;
        let now_counted = app.outbreak_report(world.ours(), &outbreak::query()).await.unwrap().cases;
        assert_eq!(now_counted, report - 1, "it counts where it is");
        let ledger = Ledger::beside(&world.bench.kit.keyring());
        let before = at(&world.bench, now().checked_add(SignedDuration::from_hours(24 * 16)).unwrap()).await;
        before.run_retention(world.ours(), &ledger).await.unwrap();
        assert_eq!(world.status(world.ours(), world.case.0).await, CaseStatus::HandedOver, "a copy to read, for 16 days");
        let after = at(&world.bench, now().checked_add(SignedDuration::from_hours(24 * 17)).unwrap()).await;
        after.run_retention(world.ours(), &ledger).await.unwrap();
        assert_eq!(world.status(world.ours(), world.case.0).await, CaseStatus::Anonymised);
        let ours = world.ours().authority.authority_id;
        let mut tx = app.store.read(ours, Freshness::Fresh).await.unwrap();
        let left = storage::person_file::read(&mut tx, &world.bench.kit.sealer, world.case.1).await.unwrap();
        drop(tx);
        for table in &left {
            let rows = format!("{:?}", table.rows.iter().map(|row| row.expose().clone()).collect::<Vec<_>>());
            assert!(!rows.contains("Zyxalot") && !rows.contains("12345"), "{}: {rows}", table.name);
        }
        assert_eq!(world.name_there().await.as_deref(), Some("Zyxalot"), "and it is where it went");
        assert_eq!(app.outbreak_report(world.ours(), &outbreak::query()).await.unwrap().cases, report - 1);
        let back = NewHandOver { hand_over_id: id(2), to: ShortCode::new("local").unwrap(), because: AskedBecause::Moved };
        app.ask_hand_over(&world.theirs, world.case.0, &back).await.unwrap();
        world.deliver().await;
        let refused = app.accept_hand_over(world.ours(), id(2)).await.unwrap_err().to_string();
        assert!(refused.contains("has ended"), "{refused}");
    }

    async fn an_analyst_hands_nothing_over_and_nobody_answers_for_others(kit) {
        let world = World::on(kit).await;
        let app = &world.bench.app;
        world.ask().await;
        world.deliver().await;
        let analyst = Worker { role: Role::Analyst, ..world.theirs.clone() };
        assert!(matches!(app.accept_hand_over(&analyst, id(1)).await, Err(AppError::NotAllowed { .. })));
        assert!(matches!(app.open_hand_overs(&analyst, Side::To).await, Err(AppError::NotAllowed { .. })));
        assert!(matches!(app.accept_hand_over(world.ours(), id(1)).await, Err(AppError::NotFound(_))), "who asks doesn't answer");
        assert!(matches!(app.withdraw_hand_over(&world.theirs, id(1)).await, Err(AppError::NotFound(_))));
        let nobody = NewHandOver { to: ShortCode::new("nobody").unwrap(), ..wish(3) };
        assert!(matches!(app.ask_hand_over(world.ours(), world.case.0, &nobody).await, Err(AppError::Invalid { field: "to", .. })));
        let oneself = NewHandOver { to: ShortCode::new("local").unwrap(), ..wish(3) };
        assert!(matches!(app.ask_hand_over(world.ours(), world.case.0, &oneself).await, Err(AppError::Invalid { field: "to", .. })));
    }
}

async fn app_states(world: &World) -> (Option<HandOverState>, Option<HandOverState>) {
    let app = &world.bench.app;
    let ours = app.hand_over(world.ours(), id(1)).await.ok().map(|seen| seen.it.state);
    (ours, app.hand_over(&world.theirs, id(1)).await.ok().map(|seen| seen.it.state))
}
