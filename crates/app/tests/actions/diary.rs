//! Diaries kept on the telephone: what an entry makes of a case, and what time makes of a diary without entries.

use super::rule_sets::{neighbour, new_version};
use super::*;
use app::case_work::{ChangedEntry, NewCase, NewEntry, Told, WhosePerson};
use app::rule_sets::NewVersion;
use domain::action_items::{ItemKind, Resolution};
use domain::cases::{CaseStatus, CaseType};
use domain::diary::{DayPart, Slot, SlotState};
use domain::ids::{CaseId, EntryId, ItemId, PersonId};
use domain::persons::Personal;
use domain::rules::Past;
use domain::time::DayRange;
use jiff::SignedDuration;
use jiff::civil::{Date, date};
use std::collections::BTreeMap;
use std::sync::Mutex;
use storage::action_items::Item;
use storage::cases::CaseWork;
use storage::diary::DiaryEntry;
use testkit::contract;

/// A platform whose clock is moved by the test. It begins on 1 March at 13:00 in Berlin.
struct Desk {
    bench: Bench,
    clock: Arc<Mutex<Timestamp>>,
    case_id: CaseId,
}

fn day(february: i32) -> Date {
    domain::time::plus_days(date(2026, 1, 31), february)
}

fn slot(february: i32, part: DayPart) -> Slot {
    Slot { day: day(february), part }
}

use DayPart::{Evening, Morning};

fn told(temperature_c: f64, symptoms: &[&str]) -> Told {
    let symptoms = symptoms.iter().map(|word| (*word).to_owned()).collect();
    Told { temperature_c: (temperature_c > 0.0).then_some(temperature_c), symptoms, ..Told::default() }
}

/// A case by hand of whom nothing is missing but a first call; exposed from 20 February on.
async fn open_case(app: &App, worker: &Worker, n: u8, case_type: CaseType) -> CaseId {
    let mut details = BTreeMap::new();
    for (field, value) in [
        ("last_name", "Çelik"),
        ("mobile", "0170 1234567"),
        ("born", "1980-05-17"),
        ("says_no_email", "yes"),
        ("exposed_first", "2026-02-20"),
    ] {
        details.insert(field.to_owned(), Some(value.to_owned()));
    }
    if case_type == CaseType::Index {
        details.insert("tested".to_owned(), Some("2026-02-20".to_owned()));
    }
    let new = NewCase {
        case_id: CaseId::mint(now(), [n; 10]),
        person: WhosePerson::New(PersonId::mint(now(), [n; 10])),
        disease: None,
        case_type,
        details,
    };
    app.open_case(worker, &new).await.unwrap().case_id
}

impl Desk {
    async fn with(kit: Kit, case_type: CaseType) -> Self {
        let mut bench = Bench::on(kit).await;
        let clock = Arc::new(Mutex::new(now()));
        let time = Arc::clone(&clock);
        let (store, jobs) = (bench.kit.store.clone(), bench.kit.database.open_for_jobs().await);
        bench.app = Bench::app_with_clock(&bench.kit, store, jobs, Arc::new(move || *time.lock().unwrap()));
        let case_id = open_case(&bench.app, &bench.worker, 1, case_type).await;
        Self { bench, clock, case_id }
    }

    fn wait(&self, minutes: i64) {
        *self.clock.lock().unwrap() += SignedDuration::from_mins(minutes);
    }

    async fn write(&self, n: u8, slot: Slot, told: Told) -> Result<DiaryEntry, AppError> {
        let new = NewEntry { entry_id: EntryId::mint(now(), [n; 10]), slot, told };
        self.bench.app.write_diary(&self.bench.worker, self.case_id, new).await
    }

    async fn change(&self, entry: &DiaryEntry, told: Told) -> Result<DiaryEntry, AppError> {
        let seen = entry.changed.map(|(_, at)| at);
        let wanted = ChangedEntry { entry_id: entry.entry_id, seen, told };
        self.bench.app.change_diary(&self.bench.worker, self.case_id, wanted).await
    }

    async fn items(&self, kind: ItemKind) -> Vec<Item> {
        let sheet = self.bench.app.case_work(&self.bench.worker, self.case_id).await.unwrap();
        sheet.items.into_iter().filter(|item| item.kind == kind).collect()
    }

    /// Causes of the items of a kind that wait.
    async fn causes(&self, kind: ItemKind) -> Vec<String> {
        let items = self.items(kind).await;
        items.into_iter().filter(Item::waits).map(|item| item.cause).collect()
    }

    async fn priority(&self) -> u32 {
        let sheet = self.bench.app.case_work(&self.bench.worker, self.case_id).await.unwrap();
        sheet.work.priority_tenths
    }

    async fn resolve(&self, kind: ItemKind) {
        let waiting: Vec<ItemId> =
            self.items(kind).await.iter().filter(|item| item.waits()).map(|item| item.item_id).collect();
        self.bench.app.resolve_items(&self.bench.worker, self.case_id, &waiting, None).await.unwrap();
    }

    /// Enrols the patient, as they will do online.
    async fn enrol(&self, last: Option<Date>) {
        let mut tx = self.bench.kit.write().await;
        let work = storage::cases::lock(&mut tx, self.case_id).await.unwrap().unwrap();
        let quarantine = last.map(|last| DayRange { first: day(20), last });
        let status_since = *self.clock.lock().unwrap();
        let work = CaseWork { status: CaseStatus::Tracking, status_since, quarantine, ..work };
        storage::cases::write_work(&mut tx, &work).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn wake(&self) -> usize {
        self.bench.app.wake_items(&self.bench.worker).await.unwrap()
    }
}

fn of(entry: &DiaryEntry) -> Vec<String> {
    vec![entry.entry_id.to_string()]
}

fn none() -> Vec<String> {
    Vec::new()
}

fn fields(refused: Result<DiaryEntry, AppError>) -> Vec<&'static str> {
    let AppError::InvalidFields(fields) = refused.unwrap_err() else { return vec!["something else"] };
    fields.into_iter().map(|(field, _)| field).collect()
}

contract! {
    async fn a_temperature_is_looked_at_in_the_newest_entry_goes_and_comes_again(kit) {
        let kind = ItemKind::IncreasedTemperature;
        let desk = Desk::with(kit, CaseType::Contact).await;
        let before = desk.priority().await;
        let hot = desk.write(1, slot(27, Evening), told(38.0, &[])).await.unwrap();
        assert_eq!((desk.causes(kind).await, desk.priority().await), (of(&hot), before + 7));
        let hotter = desk.write(2, slot(28, Morning), told(38.4, &[])).await.unwrap();
        assert_eq!(desk.causes(kind).await, of(&hotter), "one item, of the newest entry");
        assert_eq!(desk.items(kind).await.len(), 1);
        desk.write(3, slot(26, Morning), told(39.0, &[])).await.unwrap();
        assert_eq!(desk.causes(kind).await, of(&hotter), "an older one changes nothing");
        let cool = desk.write(4, slot(28, Evening), told(37.9, &[])).await.unwrap();
        assert_eq!((desk.causes(kind).await, desk.priority().await), (none(), before), "on the threshold is not above it");
        assert_eq!(desk.items(kind).await[0].resolution, Some(Resolution::ByItself));
        desk.change(&cool, told(38.0, &[])).await.unwrap();
        assert_eq!((desk.causes(kind).await, desk.priority().await), (of(&cool), before + 7));
        desk.resolve(kind).await;
        let morning = desk.write(5, slot(29, Morning), told(39.1, &[])).await.unwrap();
        assert_eq!(desk.causes(kind).await, of(&morning), "what was checked was the entry before");
    }

    async fn the_threshold_is_that_of_the_type_of_the_case(kit) {
        let kind = ItemKind::IncreasedTemperature;
        let desk = Desk::with(kit, CaseType::Index).await;
        let entry = desk.write(1, slot(27, Evening), told(39.4, &[])).await.unwrap();
        assert_eq!(desk.causes(kind).await, none());
        let entry = desk.change(&entry, told(39.5, &[])).await.unwrap();
        assert_eq!(desk.causes(kind).await, of(&entry));
    }

    async fn the_first_symptom_of_a_contact_moves_to_the_earliest_entry_that_has_one(kit) {
        let kind = ItemKind::FirstCharacteristicSymptom;
        let desk = Desk::with(kit, CaseType::Contact).await;
        desk.write(1, slot(25, Morning), told(36.8, &["headache"])).await.unwrap();
        let cough = desk.write(2, slot(27, Morning), told(0.0, &["cough"])).await.unwrap();
        let fever = desk.write(3, slot(26, Morning), told(37.5, &["fever"])).await.unwrap();
        assert_eq!(desk.causes(kind).await, of(&fever));
        assert_eq!(desk.items(kind).await.len(), 1, "moved");
        desk.resolve(kind).await;
        let cough = desk.change(&cough, told(0.0, &["cough", "chills"])).await.unwrap();
        assert_eq!(desk.causes(kind).await, none(), "silent");
        let fever = desk.change(&fever, told(37.5, &[])).await.unwrap();
        assert_eq!(desk.causes(kind).await, of(&cough), "another cause");
        desk.change(&fever, told(37.5, &["fever"])).await.unwrap();
        assert_eq!(desk.causes(kind).await, none(), "that one was checked");
        desk.change(&cough, told(0.0, &[])).await.unwrap();
        assert_eq!(desk.causes(kind).await, none());
    }

    async fn a_suspicious_symptom_depends_on_the_type_and_ends_with_the_symptom(kit) {
        let kind = ItemKind::SuspiciousSymptom;
        let desk = Desk::with(kit, CaseType::Contact).await;
        let before = desk.priority().await;
        let smell = desk.write(1, slot(26, Evening), told(36.8, &["loss_of_smell"])).await.unwrap();
        assert_eq!(desk.causes(kind).await, of(&smell));
        assert_eq!(desk.priority().await, before + 28 + 14, "suspicious, and a first one");
        desk.bench.app.note_positive_test(&desk.bench.worker, desk.case_id, day(28), CaseId::mint(now(), [9; 10])).await.unwrap();
        assert_eq!(desk.causes(kind).await, none(), "cases are known to have it");
        assert_eq!(desk.causes(ItemKind::FirstCharacteristicSymptom).await, none());
        let breath = desk.write(2, slot(28, Morning), told(36.8, &["shortness_of_breath"])).await.unwrap();
        assert_eq!(desk.causes(kind).await, of(&breath));
        desk.change(&breath, told(36.8, &[])).await.unwrap();
        assert_eq!(desk.causes(kind).await, none());
    }

    /// Both on one day, and what was decided stays as it was under the rules of its day.
    async fn two_authorities_look_at_one_day_by_their_own_rules(kit) {
        let kind = ItemKind::IncreasedTemperature;
        let desk = Desk::with(kit, CaseType::Contact).await;
        let (app, ours) = (&desk.bench.app, &desk.bench.worker);
        let theirs = neighbour(&desk.bench).await;
        let since = |threshold: &str| NewVersion {
            past: Past::StaysExplained,
            ..new_version(Some(day(20)), &[("contact_temperature_c", threshold)])
        };
        let higher = since("38.5");
        app.create_rule_set(&theirs, &higher).await.unwrap();
        let their_case = open_case(app, &theirs, 2, CaseType::Contact).await;
        let new = |n: u8| NewEntry {
            entry_id: EntryId::mint(now(), [n; 10]),
            slot: slot(28, Evening),
            told: told(38.2, &[]),
        };
        let here = app.write_diary(ours, desk.case_id, new(1)).await.unwrap();
        let there = app.write_diary(&theirs, their_case, new(2)).await.unwrap();
        assert_eq!((here.rule_version, there.rule_version), (0, 1));
        let their_items = || async {
            let sheet = app.case_work(&theirs, their_case).await.unwrap();
            sheet.items.iter().filter(|item| item.kind == kind).count()
        };
        assert_eq!((desk.causes(kind).await, their_items().await), (of(&here), 0));
        let back = since("37.5");
        app.create_rule_set(&theirs, &back).await.unwrap();
        app.assign_case(&theirs, their_case, None).await.unwrap();
        assert_eq!(their_items().await, 0, "a later version changes nothing that was looked at");
        let refused = app.diary(&theirs, desk.case_id, None, 9).await.unwrap_err();
        assert!(matches!(refused, AppError::NotFound("case")), "{refused}");
    }

    async fn who_writes_nothing_twice_in_a_row_is_missed_until_the_entry_comes(kit) {
        let kind = ItemKind::DiaryEntryMissing;
        let desk = Desk::with(kit, CaseType::Contact).await;
        desk.enrol(Some(day(31))).await;
        desk.write(1, slot(29, Morning), told(36.8, &[])).await.unwrap();
        desk.wait(10 * 60 + 4);
        desk.wake().await;
        assert_eq!(desk.causes(kind).await, none(), "23:04");
        desk.wait(1);
        desk.wake().await;
        assert_eq!(desk.causes(kind).await, none(), "one is forgiven");
        desk.wait(13 * 60);
        assert_eq!(desk.wake().await, 1);
        assert_eq!(desk.causes(kind).await, ["2026-03-02 morning"]);
        assert_eq!(desk.wake().await, 0, "once for each half day");
        desk.wait(24 * 60);
        desk.wake().await;
        assert_eq!(desk.causes(kind).await, ["2026-03-02 morning", "2026-03-02 evening", "2026-03-03 morning"]);
        desk.wait(5 * 24 * 60);
        desk.wake().await;
        let all = desk.causes(kind).await;
        assert_eq!((all.len(), all.last().unwrap().as_str()), (4, "2026-03-03 evening"), "up to the last day");
        assert_eq!(desk.priority().await, 3 + 12, "follow-up that ended, and four of these");
        desk.resolve(kind).await;
        assert_eq!(desk.wake().await, 0);
        assert_eq!(desk.causes(kind).await, none(), "silenced");
        let resolved = |item: &Item| item.resolution == Some(Resolution::Checked);
        assert!(desk.items(kind).await.iter().all(resolved));
    }

    async fn the_entry_that_was_missed_resolves_its_item_and_a_server_that_was_away_catches_up(kit) {
        let kind = ItemKind::DiaryEntryMissing;
        let desk = Desk::with(kit, CaseType::Contact).await;
        desk.enrol(None).await;
        let other = open_case(&desk.bench.app, &desk.bench.worker, 2, CaseType::Contact).await;
        desk.wait(3 * 24 * 60);
        assert_eq!(desk.wake().await, 1, "who isn't in tracking is left alone");
        let all = desk.causes(kind).await;
        assert_eq!(all, ["2026-03-01 evening", "2026-03-02 morning", "2026-03-02 evening", "2026-03-03 morning",
                         "2026-03-03 evening", "2026-03-04 morning"]);
        let sheet = desk.bench.app.case_work(&desk.bench.worker, other).await.unwrap();
        assert!(sheet.items.iter().all(|item| item.kind != kind));
        desk.write(1, slot(31, Evening), told(36.8, &[])).await.unwrap();
        assert_eq!(desk.causes(kind).await, all[..4]);
        let (last, gone) = (desk.items(kind).await, &all[4..]);
        let by_itself = last.iter().filter(|item| item.resolution == Some(Resolution::ByItself));
        assert_eq!(by_itself.map(|item| item.cause.clone()).collect::<Vec<_>>(), gone, "the one after is forgiven now");
    }

    async fn staff_write_since_follow_up_began_once_for_each_half_day_and_never_ahead(kit) {
        let desk = Desk::with(kit, CaseType::Contact).await;
        let first = desk.write(1, slot(20, Morning), told(36.8, &[])).await.unwrap();
        assert_eq!(desk.write(1, slot(20, Morning), told(36.8, &[])).await.unwrap(), first, "the same one twice is one");
        assert_eq!(fields(desk.write(2, slot(19, Evening), told(36.8, &[])).await), ["day"]);
        assert_eq!(fields(desk.write(2, slot(29, Evening), told(36.8, &[])).await), ["day"], "it is 13:00");
        let taken = desk.write(2, slot(20, Morning), told(37.0, &[])).await.unwrap_err();
        assert!(matches!(&taken, AppError::Conflict(why) if why.contains("has an entry already")), "{taken}");
        let other = desk.write(1, slot(21, Morning), told(36.8, &[])).await.unwrap_err();
        assert!(matches!(&other, AppError::Conflict(why) if why.contains("another entry")), "{other}");
        let strange = Told { contacts: vec![domain::ids::ContactId::mint(now(), [1; 10])], ..told(29.0, &["koplik_spots"]) };
        assert_eq!(fields(desk.write(3, slot(22, Morning), strange).await), ["temperature_c", "symptoms", "contacts"]);
        assert_eq!(fields(desk.write(3, slot(22, Morning), told(34.8, &[])).await), ["temperature_c"]);
        let meant = Told { temperature_confirmed: true, ..told(34.8, &[]) };
        let cold = desk.write(3, slot(22, Morning), meant).await.unwrap();
        assert_eq!(cold.temperature.unwrap().celsius(), 34.8);
    }

    async fn a_changed_entry_stands_in_the_history_and_is_not_written_over_unseen(kit) {
        let desk = Desk::with(kit, CaseType::Contact).await;
        let noted = |text: &str| Told { note: Some(Personal::new(text.to_owned())), ..told(36.8, &["cough"]) };
        let entry = desk.write(1, slot(28, Morning), noted("slept badly")).await.unwrap();
        let changed = desk.change(&entry, noted("slept well")).await.unwrap();
        assert_eq!(changed.changed.map(|(who, _)| who), Some(desk.bench.worker.account_id));
        assert_eq!(desk.change(&entry, noted("slept well")).await.unwrap(), changed, "sent again it is the same change");
        let unseen = desk.change(&entry, told(37.0, &[])).await.unwrap_err();
        assert!(matches!(&unseen, AppError::Conflict(why) if why.contains("somebody else")), "{unseen}");
        let mut tx = desk.bench.kit.read().await;
        let person = changed.person_id;
        let history = storage::history::of_person(&mut tx, &desk.bench.kit.sealer, person).await.unwrap();
        let of = |field: &str| -> Vec<(Option<String>, Option<String>)> {
            let text = |value: &Option<Personal<String>>| value.as_ref().map(|text| text.expose().clone());
            let of_field = history.iter().filter(|change| change.field == field);
            of_field.map(|change| (text(&change.before), text(&change.after))).collect()
        };
        assert_eq!(of("diary"), [(None, Some("2026-02-28 morning; 36.8; cough; ".to_owned()))]);
        let notes = [(None, Some("slept badly".to_owned())), (Some("slept badly".to_owned()), Some("slept well".to_owned()))];
        assert_eq!(of("diary_note"), notes);
        let locked = storage::history::page(&mut tx, None, (person, None), None, 50).await.unwrap();
        let note = locked.iter().find(|change| change.field == "diary_note").unwrap();
        assert_eq!(note.after, None, "sealed in the database");
    }

    async fn a_diary_is_shown_day_by_day_with_its_gaps(kit) {
        let desk = Desk::with(kit, CaseType::Contact).await;
        desk.write(1, slot(28, Evening), told(36.8, &[])).await.unwrap();
        let page = desk.bench.app.diary(&desk.bench.worker, desk.case_id, None, 2).await.unwrap();
        let states: Vec<(Slot, SlotState)> = page.slots.iter().map(|one| (one.slot, one.state)).collect();
        assert_eq!(states, [
            (slot(29, Evening), SlotState::ToCome),
            (slot(29, Morning), SlotState::Missing),
            (slot(28, Evening), SlotState::Entered),
            (slot(28, Morning), SlotState::Missing),
        ]);
        assert_eq!((page.next, page.days.begun_on), (Some(day(28)), day(20)));
        assert_eq!(page.accounts.values().collect::<Vec<_>>(), ["test"]);
        let rest = desk.bench.app.diary(&desk.bench.worker, desk.case_id, page.next, 50).await.unwrap();
        assert_eq!((rest.slots.len(), rest.next), (16, None));
        assert_eq!(rest.slots.last().unwrap().slot, slot(20, Morning));
    }

    async fn nothing_is_written_into_the_diary_of_a_case_that_is_over(kit) {
        let desk = Desk::with(kit, CaseType::Contact).await;
        let entry = desk.write(1, slot(28, Evening), told(38.5, &["cough"])).await.unwrap();
        let mut tx = desk.bench.kit.write().await;
        let work = storage::cases::lock(&mut tx, desk.case_id).await.unwrap().unwrap();
        storage::cases::write_work(&mut tx, &CaseWork { status: CaseStatus::Concluded, ..work }).await.unwrap();
        tx.commit().await.unwrap();
        for refused in [desk.write(2, slot(28, Morning), told(36.8, &[])).await, desk.change(&entry, told(36.8, &[])).await] {
            assert!(matches!(refused.unwrap_err(), AppError::Conflict(why) if why.contains("is over")));
        }
    }
}
