//! A case that somebody has taken to change it, with what its items hang on.

use super::diary_items::needs_of_diary;
use super::enrolment::need_of_registration;
use crate::context::{App, Audited, Worker};
use crate::duplicates::{rules_of, write_tokens};
use crate::error::{AppError, Result};
use domain::action_items::{
    Details, ItemChange, KnownItem, Need, Resolution, Situation, needs, priority_tenths, reconcile,
};
use domain::authorities::{Action, Role};
use domain::cases::CaseStatus;
use domain::ids::{CaseId, HistoryId, ItemId};
use domain::persons::{Personal, PersonalField};
use domain::time::local_day;
use jiff::Timestamp;
use storage::action_items::Item;
use storage::cases::CaseWork;
use storage::history::Change;
use storage::persons::Person;
use storage::sealing::Sealer;
use storage::{StorageError, Tx};

/// A case that is held until the transaction ends.
pub(super) struct Taken {
    pub(super) work: CaseWork,
    pub(super) person: Person,
    pub(super) items: Vec<Item>,
    pub(super) changes: Vec<Change>,
    pub(super) sealer: Sealer,
    pub(super) now: Timestamp,
}

/// Returns which details of a person are there.
pub(crate) fn details_of(person: &Person) -> Details {
    let has = |field| person.personal.contains_key(&field);
    let address = [PersonalField::Street, PersonalField::HouseNumber, PersonalField::City];
    Details {
        phone: has(PersonalField::Phone) || has(PersonalField::Mobile),
        born: has(PersonalField::Born),
        email: has(PersonalField::Email),
        says_no_email: person.says_no_email,
        postal_address: person.postcode.is_some() && address.into_iter().all(has),
    }
}

impl App {
    /// Begins to change a case: checks the right, takes the case, reads what its items hang on.
    pub(super) async fn take_case(&self, worker: &Worker, case_id: CaseId) -> Result<(Tx, Taken)> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let taken = self.take(&mut tx, sealer, case_id).await?;
        match taken.work.status {
            CaseStatus::Anonymised => {
                Err(AppError::Conflict("the case is anonymised: nothing of it changes any more".to_owned()))
            }
            CaseStatus::HandedOver => {
                let reason = "another authority has the case now: what is here is a copy to read";
                Err(AppError::Conflict(reason.to_owned()))
            }
            _ => Ok((tx, taken)),
        }
    }

    /// Takes a case within a transaction.
    pub(super) async fn take(&self, tx: &mut Tx, sealer: Sealer, case_id: CaseId) -> Result<Taken> {
        let Some(work) = storage::cases::lock(tx, case_id).await? else {
            return Err(gone(tx, case_id).await?);
        };
        let person = storage::persons::by_id(tx, &sealer, &[work.person_id]).await?.remove(&work.person_id);
        let person = person.ok_or(StorageError::Unreadable("person of a case"))?;
        let items = storage::action_items::of_case(tx, case_id).await?;
        Ok(Taken { work, person, items, changes: Vec::new(), sealer, now: self.now() })
    }

    /// Notes that a field of the case changed.
    pub(super) fn note_change(
        &self,
        worker: &Worker,
        taken: &mut Taken,
        (field, why): (&str, &str),
        before: Option<String>,
        after: Option<String>,
    ) {
        if before == after {
            return;
        }
        let why = if worker.role == Role::Patient && why == "by hand" { "by the patient" } else { why };
        let is_of_person = PersonalField::find(field).is_some_and(|field| field != PersonalField::Note)
            || ["sex", "postcode", "language", "says_no_email"].contains(&field);
        taken.changes.push(Change {
            history_id: HistoryId::mint(taken.now, self.random()),
            person_id: taken.work.person_id,
            case_id: (!is_of_person).then_some(taken.work.case_id),
            changed_at: taken.now,
            account_id: worker.account_id,
            field: field.to_owned(),
            before: before.map(Personal::new),
            after: after.map(Personal::new),
            why: why.to_owned(),
        });
    }

    /// Ends a change: items and priority follow, everything is written, audited and committed.
    pub(super) async fn settle(
        &self,
        mut tx: Tx,
        worker: &Worker,
        mut taken: Taken,
        operation: &'static str,
    ) -> Result<Taken> {
        self.settle_within(&mut tx, worker, &mut taken, operation).await?;
        tx.commit().await?;
        Ok(taken)
    }

    /// The same, without the commit.
    pub(super) async fn settle_within(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        operation: &'static str,
    ) -> Result<()> {
        self.follow_and_write(tx, worker, taken).await?;
        let subjects = taken.work.person_id.to_string();
        self.record(tx, worker, Audited { operation, subjects, n_subjects: 1 }).await
    }

    /// Lets items and priority follow, and writes the case; for whoever audits several at once.
    pub(super) async fn follow_and_write(&self, tx: &mut Tx, worker: &Worker, taken: &mut Taken) -> Result<()> {
        self.follow_situation(tx, worker, taken).await?;
        let waiting: Vec<&Item> = taken.items.iter().filter(|item| item.waits()).collect();
        let kinds: Vec<_> = waiting.iter().map(|item| item.kind).collect();
        taken.work.priority_tenths = priority_tenths(&kinds);
        taken.work.waiting_since = waiting.iter().map(|item| item.arose_at).min();
        storage::cases::write_work(tx, &taken.work).await?;
        Ok(storage::history::insert(tx, &taken.sealer, &taken.changes).await?)
    }

    /// Raises, moves and resolves the items that the situation makes.
    async fn follow_situation(&self, tx: &mut Tx, worker: &Worker, taken: &mut Taken) -> Result<()> {
        let situation = Situation {
            status: taken.work.status,
            status_since: taken.work.status_since,
            details: details_of(&taken.person),
            quarantine_last: taken.work.quarantine.map(|days| days.last),
            today: local_day(taken.now, &worker.authority.time_zone),
        };
        let known: Vec<KnownItem<ItemId>> = taken
            .items
            .iter()
            .map(|item| KnownItem {
                item_id: item.item_id,
                kind: item.kind,
                cause: item.cause.clone(),
                resolution: item.resolution,
            })
            .collect();
        let mut needs = needs(&situation);
        needs.extend(needs_of_diary(tx, worker, taken).await?);
        needs.extend(need_of_registration(tx, taken).await?);
        for change in reconcile(&needs, &known) {
            match change {
                ItemChange::Raise(need) => self.raise(tx, taken, need, None).await?,
                ItemChange::Move(item_id, cause) => change_item(tx, taken, item_id, |item| item.cause = cause).await?,
                ItemChange::ResolveByItself(item_id) => resolve_by_itself(tx, taken, item_id).await?,
            }
        }
        Ok(())
    }

    /// Adds an item to a case.
    pub(super) async fn raise(
        &self,
        tx: &mut Tx,
        taken: &mut Taken,
        need: Need,
        hidden_until: Option<Timestamp>,
    ) -> Result<()> {
        let item = Item {
            item_id: ItemId::mint(taken.now, self.random()),
            case_id: taken.work.case_id,
            person_id: taken.work.person_id,
            kind: need.kind,
            cause: need.cause,
            arose_at: taken.now,
            hidden_until,
            resolution: None,
            resolved_at: None,
            resolved_by: None,
        };
        storage::action_items::insert(tx, std::slice::from_ref(&item)).await?;
        taken.items.push(item);
        Ok(())
    }
}

/// Says why a case can't be taken: there is none, or it is part of another one now.
async fn gone(tx: &mut Tx, case_id: CaseId) -> Result<AppError> {
    let now = storage::merges::case_now(tx, case_id).await?;
    let merged = "this case was merged with another of the same person; open that one";
    Ok(if now == case_id { AppError::NotFound("case") } else { AppError::Conflict(merged.to_owned()) })
}

/// Lets the index of names and the tokens of duplicates follow a person who was stored or changed.
pub(super) async fn follow_person(
    tx: &mut Tx,
    worker: &Worker,
    sealer: &Sealer,
    person: &Person,
    is_new: bool,
) -> Result<()> {
    storage::persons::note_changes(tx, &[person.person_id]).await?;
    let one = std::slice::from_ref(person);
    let persons: (&[Person], &[Person]) = if is_new { (one, &[]) } else { (&[], one) };
    write_tokens(tx, sealer, rules_of(&worker.authority), persons, 1).await
}

/// Notes that nobody needs to look at an item any more, because of what happened.
pub(super) async fn resolve_by_itself(tx: &mut Tx, taken: &mut Taken, item_id: ItemId) -> Result<()> {
    let now = taken.now;
    change_item(tx, taken, item_id, |item| {
        item.resolution = Some(Resolution::ByItself);
        item.resolved_at = Some(now);
        item.hidden_until = None;
    })
    .await
}

/// Changes one item of a case, here and in the database.
pub(super) async fn change_item(
    tx: &mut Tx,
    taken: &mut Taken,
    item_id: ItemId,
    change: impl FnOnce(&mut Item),
) -> Result<()> {
    let item = taken.items.iter_mut().find(|item| item.item_id == item_id).ok_or(AppError::NotFound("item"))?;
    change(item);
    Ok(storage::action_items::write(tx, item).await?)
}
