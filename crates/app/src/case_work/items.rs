//! What people do with action items: resolve, undo, snooze. And what time does: a snoozed item waits again.

use super::enrolment::end_due;
use super::status::check_text;
use super::taken::change_item;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::action_items::Resolution;
use domain::authorities::Role;
use domain::ids::{CaseId, ItemId};
use domain::persons::Personal;
use jiff::{SignedDuration, Timestamp};
use storage::Freshness;
use storage::action_items::Item;
use storage::cases::CaseWork;

/// Longest time for which an item can be hidden: what nobody needs to see for a month is to be resolved.
const LONGEST_SNOOZE: SignedDuration = SignedDuration::from_hours(31 * 24);

/// Until when an item is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// It waits now.
    Now,
    /// Hidden until then.
    Until(Timestamp),
}

/// Cases that are woken in one go.
const AT_ONCE: i64 = 200;

impl App {
    /// Resolves items of a case by hand; all that can be with an empty list. A text is needed only to dismiss an exposure.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] for an item that isn't there or is over, [`AppError::Conflict`] for one that nobody can
    /// resolve by hand.
    pub async fn resolve_items(
        &self,
        worker: &Worker,
        case_id: CaseId,
        items: &[ItemId],
        text: Option<Personal<String>>,
    ) -> Result<Vec<Item>> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let chosen: Vec<Item> = if items.is_empty() {
            let can = |item: &&Item| item.waits() && item.kind.is_resolved_by_hand() && !item.kind.needs_a_text();
            taken.items.iter().filter(can).cloned().collect()
        } else {
            let find = |id: &ItemId| taken.items.iter().find(|item| item.item_id == *id && item.resolution.is_none());
            items.iter().map(|id| find(id).cloned().ok_or(AppError::NotFound("item"))).collect::<Result<_>>()?
        };
        let has_text = text.as_ref().is_some_and(|text| !text.expose().trim().is_empty());
        check_text("text", text.as_ref().map_or("", |text| text.expose()))?;
        for item in &chosen {
            if !item.kind.is_resolved_by_hand() {
                let reason = "missing details are resolved by adding them".to_owned();
                return Err(AppError::Conflict(reason));
            }
            if item.kind.needs_a_text() && !has_text {
                return Err(AppError::Invalid { field: "text", reason: "say why it is no exposure".to_owned() });
            }
        }
        let (now, account_id) = (taken.now, worker.account_id);
        for item in &chosen {
            let resolution = if item.kind.needs_a_text() { Resolution::Dismissed } else { Resolution::Checked };
            change_item(&mut tx, &mut taken, item.item_id, |item| {
                item.resolution = Some(resolution);
                item.resolved_at = Some(now);
                item.resolved_by = Some(account_id);
                item.hidden_until = None;
            })
            .await?;
            if let Some(text) = text.as_ref().filter(|_| has_text) {
                storage::action_items::write_note(&mut tx, &taken.sealer, item, text).await?;
            }
        }
        let taken = self.settle(tx, worker, taken, "items.resolve").await?;
        Ok(taken.items.into_iter().filter(|item| chosen.iter().any(|one| one.item_id == item.item_id)).collect())
    }

    /// Takes back that items were resolved by hand.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] for an item that isn't there, [`AppError::Conflict`] for one that wasn't resolved by hand, or
    /// of whose kind another waits by now.
    pub async fn reopen_items(&self, worker: &Worker, case_id: CaseId, items: &[ItemId]) -> Result<()> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        for item_id in items {
            let item = taken.items.iter().find(|item| item.item_id == *item_id).ok_or(AppError::NotFound("item"))?;
            if !item.resolution.is_some_and(Resolution::silences) {
                return Err(AppError::Conflict("only what was resolved by hand can be taken back".to_owned()));
            }
            let another_waits = taken.items.iter().any(|other| {
                other.resolution.is_none()
                    && other.kind == item.kind
                    && (other.cause == item.cause || !item.kind.is_one_for_each_cause())
            });
            if another_waits {
                return Err(AppError::Conflict("the same waits again already".to_owned()));
            }
            change_item(&mut tx, &mut taken, *item_id, |item| {
                item.resolution = None;
                item.resolved_at = None;
                item.resolved_by = None;
            })
            .await?;
        }
        self.settle(tx, worker, taken, "items.reopen").await?;
        Ok(())
    }

    /// Hides an item until an instant, or shows it again.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] for an item that isn't there or is over, [`AppError::Invalid`] for an instant that is past or
    /// more than a month away.
    pub async fn snooze_item(&self, worker: &Worker, case_id: CaseId, item_id: ItemId, wait: Wait) -> Result<()> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let is_there = taken.items.iter().any(|item| item.item_id == item_id && item.resolution.is_none());
        if !is_there {
            return Err(AppError::NotFound("item"));
        }
        let hidden_until = match wait {
            Wait::Now => None,
            Wait::Until(at) => {
                let away = at.duration_since(taken.now);
                if away <= SignedDuration::ZERO || away > LONGEST_SNOOZE {
                    let reason = "choose a time within the next 31 days".to_owned();
                    return Err(AppError::Invalid { field: "until", reason });
                }
                Some(at)
            }
        };
        change_item(&mut tx, &mut taken, item_id, |item| item.hidden_until = hidden_until).await?;
        self.settle(tx, worker, taken, "items.snooze").await?;
        Ok(())
    }

    /// Shows again what was hidden until now, and lets the items of days and half days that ended follow. Returns how many cases changed.
    /// Everything it does it could do again.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be written.
    pub async fn wake_items(&self, worker: &Worker) -> Result<usize> {
        let now = self.now();
        let (mut n_cases, mut before) = (self.miss_entries(worker).await?, Vec::new());
        loop {
            let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
            let mut cases = storage::action_items::due(&mut tx, now, AT_ONCE).await?;
            let today = domain::time::local_day(now, &worker.authority.time_zone);
            cases.extend(storage::cases::with_ended_quarantine(&mut tx, today, AT_ONCE).await?);
            cases.extend(storage::activation_codes::due(&mut tx, now, AT_ONCE).await?);
            cases.extend(storage::enrolments::due(&mut tx, now, AT_ONCE).await?);
            drop(tx);
            cases.sort_unstable();
            cases.dedup();
            if cases.is_empty() || cases == before {
                return Ok(n_cases);
            }
            for case_id in &cases {
                self.wake(worker, *case_id, now).await?;
            }
            n_cases += cases.len();
            before = cases;
        }
    }

    /// Does [`wake_items`](Self::wake_items) in every authority whose names aren't locked, and reminds of diaries. Returns how
    /// many cases changed.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be written.
    pub async fn wake_all_items(&self) -> Result<usize> {
        let mut n_cases = 0;
        for authority in self.authorities_at_work().await? {
            let worker = self.own_worker(authority, "system:worklist", Role::CaseWorker).await?;
            if self.sealer_if_any(&worker)?.is_some() {
                n_cases += self.wake_items(&worker).await?;
                self.remind_of_diaries(&worker).await?;
            }
        }
        Ok(n_cases)
    }

    async fn wake(&self, worker: &Worker, case_id: CaseId, now: Timestamp) -> Result<CaseWork> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let due: Vec<ItemId> = taken
            .items
            .iter()
            .filter(|item| item.hidden_until.is_some_and(|at| at <= now))
            .map(|item| item.item_id)
            .collect();
        for item_id in due {
            change_item(&mut tx, &mut taken, item_id, |item| item.hidden_until = None).await?;
        }
        end_due(&mut tx, &taken).await?;
        Ok(self.settle(tx, worker, taken, "items.wake").await?.work)
    }
}
