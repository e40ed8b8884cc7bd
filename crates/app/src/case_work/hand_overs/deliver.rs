//! What one authority tells the other, and what follows from it: each message once.

use super::ask::{about, can_go};
use super::{ACCEPTED, ACCOUNT, ASKED, CLOSED, COPIED, REFUSED, RELEASED, WITHDRAWN};
use crate::case_work::taken::{Taken, resolve_by_itself};
use crate::context::{App, Audited, Worker};
use crate::duplicates::{count_alike, rules_of};
use crate::error::{AppError, Result};
use domain::action_items::{ItemKind, Need};
use domain::authorities::Role;
use domain::cases::CaseStatus;
use domain::hand_overs::{HandOverState, Side};
use domain::ids::{HandOverId, ItemId};
use domain::time::local_day;
use storage::authorities::Authority;
use storage::hand_overs::HandOver;
use storage::outbox::Event;
use storage::persons::Person;
use storage::{Freshness, Tx};

impl App {
    /// Delivers what one authority tells another of a hand-over. Twice is as good as once.
    pub(in crate::case_work) async fn deliver_hand_over(&self, from: &Authority, event: &Event) -> Result<()> {
        const KINDS: [&str; 7] = [ASKED, WITHDRAWN, REFUSED, ACCEPTED, RELEASED, COPIED, CLOSED];
        let Some(id) = event.subject_id.map(HandOverId).filter(|_| KINDS.contains(&event.kind.as_str())) else {
            return Ok(());
        };
        let sealer = self.sealer_of(from.authority_id)?;
        let mut tx = self.store.read(from.authority_id, Freshness::Fresh).await?;
        // Its period is over: there is nothing to tell any more.
        let Some(told) = storage::hand_overs::find(&mut tx, Some(&sealer), id).await? else { return Ok(()) };
        let person = match event.kind.as_str() {
            ASKED => storage::persons::by_id(&mut tx, &sealer, &[told.person_id]).await?.remove(&told.person_id),
            _ => None,
        };
        drop(tx);
        let all = self.authorities().await?;
        let Some(to) = all.into_iter().find(|one| one.authority_id == told.other) else { return Ok(()) };
        let package = match event.kind.as_str() {
            RELEASED => Some(self.pack(from.authority_id, told.case_id).await?),
            _ => None,
        };
        let worker = self.own_worker(to, ACCOUNT, Role::CaseWorker).await?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let (sender, now) = (from.authority_id, self.now());
        if !storage::inbox::take(&mut tx, sender, event.outbox_id, &event.kind, now).await? {
            return Ok(());
        }
        match event.kind.as_str() {
            ASKED => self.is_asked(&mut tx, &worker, (from, &told, person.as_ref())).await?,
            REFUSED => self.was_refused(&mut tx, &worker, &told).await?,
            ACCEPTED => self.was_accepted(&mut tx, &worker, id).await?,
            COPIED => self.was_copied(&mut tx, &worker, &told).await?,
            WITHDRAWN => self.step(&mut tx, &worker, id, HandOverState::Withdrawn).await?,
            CLOSED => self.step(&mut tx, &worker, id, HandOverState::Closed).await?,
            _ => match package {
                Some(package) => self.arrive(&mut tx, &worker, (from, &told, &package)).await?,
                None => return Ok(()),
            },
        }
        tx.commit().await?;
        if event.kind == ACCEPTED { self.tell_if_gone(from, &told).await } else { Ok(()) }
    }

    /// Another authority asks: its wish stands here from now on, without anybody's name.
    async fn is_asked(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        (from, told, person): (&Authority, &HandOver, Option<&Person>),
    ) -> Result<()> {
        let sealer = self.sealer(worker)?;
        let rules = rules_of(&worker.authority);
        let n_alike = match person {
            Some(person) => Some(count_alike(tx, &sealer, rules, person).await?),
            None => None,
        };
        let new = HandOver {
            side: Side::To,
            other: from.authority_id,
            n_alike,
            asked_by: None,
            asked_at: told.asked_at,
            state: HandOverState::Asked,
            note: None,
            ..told.clone()
        };
        storage::hand_overs::insert(tx, &new).await?;
        let subjects = told.case_id.to_string();
        self.record(tx, worker, Audited { operation: "hand_overs.asked", subjects, n_subjects: 1 }).await
    }

    /// Writes down a step that needs nothing else.
    async fn step(&self, tx: &mut Tx, worker: &Worker, id: HandOverId, to: HandOverState) -> Result<()> {
        let sealer = self.sealer(worker)?;
        let Some(it) = storage::hand_overs::hold(tx, Some(&sealer), id).await? else { return Ok(()) };
        if !it.state.leads_to(to) {
            return Ok(());
        }
        let now = Some(self.now());
        let closed_at = if to == HandOverState::Closed { now } else { it.closed_at };
        let decided_at = if to == HandOverState::Withdrawn { now } else { it.decided_at };
        Ok(storage::hand_overs::write(tx, &sealer, &HandOver { state: to, closed_at, decided_at, ..it }).await?)
    }

    /// The other authority refused: the case stays at work here, and somebody decides what to do.
    async fn was_refused(&self, tx: &mut Tx, worker: &Worker, told: &HandOver) -> Result<()> {
        let sealer = self.sealer(worker)?;
        let found = storage::hand_overs::hold(tx, Some(&sealer), told.hand_over_id).await?;
        let Some(it) = found.filter(|it| it.state.leads_to(HandOverState::Refused)) else { return Ok(()) };
        let refused = HandOver {
            state: HandOverState::Refused,
            refused_because: told.refused_because,
            note: told.note.clone(),
            decided_at: Some(self.now()),
            ..it
        };
        storage::hand_overs::write(tx, &sealer, &refused).await?;
        let case_id = storage::merges::case_now(tx, refused.case_id).await?;
        let Ok(mut taken) = self.take(tx, sealer, case_id).await else { return Ok(()) };
        if !can_go(taken.work.status) {
            return Ok(());
        }
        let need = Need { kind: ItemKind::HandOverRefused, cause: told.hand_over_id.to_string() };
        self.raise(tx, &mut taken, need, None).await?;
        self.settle_within(tx, worker, &mut taken, "hand_overs.refused").await
    }

    /// The other authority accepted: the case is theirs from now on, and what is here changes no more. A case that was over
    /// before anybody answered doesn't go.
    async fn was_accepted(&self, tx: &mut Tx, worker: &Worker, id: HandOverId) -> Result<()> {
        let sealer = self.sealer(worker)?;
        let found = storage::hand_overs::hold(tx, Some(&sealer), id).await?;
        let Some(it) = found.filter(|it| it.state.leads_to(HandOverState::Accepted)) else { return Ok(()) };
        let case_id = storage::merges::case_now(tx, it.case_id).await?;
        let mut taken = self.take(tx, sealer.clone(), case_id).await?;
        let goes = can_go(taken.work.status);
        let state = if goes { HandOverState::Accepted } else { HandOverState::Withdrawn };
        let person_id = taken.work.person_id;
        let decided_at = Some(taken.now);
        let other = it.other;
        storage::hand_overs::write(tx, &sealer, &HandOver { state, decided_at, case_id, person_id, ..it }).await?;
        self.emit(tx, if goes { RELEASED } else { WITHDRAWN }, about(id)).await?;
        if !goes {
            return Ok(());
        }
        self.cancel_codes(tx, worker, &mut taken).await?;
        self.end_items(tx, &mut taken).await?;
        let before = taken.work.status;
        self.move_to(worker, &mut taken, CaseStatus::HandedOver);
        taken.work.status_before = Some(before);
        storage::hand_overs::set_whither(tx, case_id, Some((other, None))).await?;
        self.settle_within(tx, worker, &mut taken, "hand_overs.release").await
    }

    /// Nobody here looks at what waited any more.
    async fn end_items(&self, tx: &mut Tx, taken: &mut Taken) -> Result<()> {
        let open: Vec<ItemId> =
            taken.items.iter().filter(|item| item.resolution.is_none()).map(|item| item.item_id).collect();
        for item_id in open {
            resolve_by_itself(tx, taken, item_id).await?;
        }
        Ok(())
    }

    /// Everything is there: from today the copy's period counts.
    async fn was_copied(&self, tx: &mut Tx, worker: &Worker, told: &HandOver) -> Result<()> {
        let sealer = self.sealer(worker)?;
        let found = storage::hand_overs::hold(tx, Some(&sealer), told.hand_over_id).await?;
        let Some(it) = found.filter(|it| it.state.leads_to(HandOverState::Closed)) else { return Ok(()) };
        let now = self.now();
        let today = local_day(now, &worker.authority.time_zone);
        storage::hand_overs::set_whither(tx, it.case_id, Some((it.other, Some(today)))).await?;
        let subjects = it.case_id.to_string();
        let (copied_at, closed_at) = (told.copied_at, Some(now));
        let closed = HandOver { state: HandOverState::Closed, copied_at, closed_at, ..it };
        storage::hand_overs::write(tx, &sealer, &closed).await?;
        self.emit(tx, CLOSED, about(told.hand_over_id)).await?;
        self.record(tx, worker, Audited { operation: "hand_overs.close", subjects, n_subjects: 1 }).await
    }

    /// Whoever accepted hears at once that the case was erased meanwhile: the authority that asked has no journal of it left
    /// that could say so.
    async fn tell_if_gone(&self, accepted_by: &Authority, told: &HandOver) -> Result<()> {
        let mut tx = self.store.read(told.other, Freshness::Fresh).await?;
        let is_there = storage::hand_overs::find(&mut tx, None, told.hand_over_id).await?.is_some();
        drop(tx);
        if is_there {
            return Ok(());
        }
        let worker = self.own_worker(accepted_by.clone(), ACCOUNT, Role::CaseWorker).await?;
        let mut tx = self.store.write(accepted_by.authority_id).await?;
        self.step(&mut tx, &worker, told.hand_over_id, HandOverState::Withdrawn).await?;
        Ok(tx.commit().await?)
    }

    async fn pack(
        &self,
        from: domain::ids::AuthorityId,
        case_id: domain::ids::CaseId,
    ) -> Result<storage::hand_overs::Package> {
        let sealer = self.sealer_of(from)?;
        let mut tx = self.store.read(from, Freshness::Fresh).await?;
        storage::hand_overs::read(&mut tx, &sealer, case_id).await.map_err(AppError::from)
    }
}
