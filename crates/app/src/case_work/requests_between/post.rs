//! Sending, and taking in what was sent: sealed to whom it goes, signed by who sends it, acted on once.

use super::{ACCOUNT, body};
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use crate::outbox::About;
use domain::authorities::Role;
use domain::ids::{AuthorityId, OutboxId, RequestId};
use domain::requests_between::{Envelope, MessageKind, is_current, split_signed};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use serde::Serialize;
use serde::de::DeserializeOwned;
use storage::authorities::Authority;
use storage::authority_messages::SignedMessage;
use storage::outbox::Event;
use storage::sealing::{PublicHalves, Sealer, SealingError};
use storage::{Freshness, StorageError, Tx};
use zeroize::Zeroizing;

/// What became of a message that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// It was acted on.
    Taken,
    /// It had been before: nothing follows.
    Known,
    /// It isn't believed: nothing follows, and that is in the audit log.
    Refused(MessageRefused),
}

/// Why a message isn't believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageRefused {
    /// These bytes are none.
    #[error("not a message")]
    NotAMessage,
    /// It is for somebody else.
    #[error("for another receiver")]
    NotForUs,
    /// Nobody knows the key by which it says to be signed, or the key was at its end.
    #[error("unknown key")]
    UnknownKey,
    /// That key didn't sign it.
    #[error("wrong signature")]
    WrongSignature,
    /// It is from long ago, or from the future.
    #[error("not current")]
    NotCurrent,
    /// Its body isn't sealed to us, or belongs to another message.
    #[error("does not open")]
    DoesNotOpen,
    /// Its body says nothing that can be understood.
    #[error("unreadable")]
    Unreadable,
}

/// What a body says.
pub(super) enum Told {
    Asked(body::Asked),
    Withdrawn(body::Withdrawn),
    Released(body::Released),
    Declined(body::Declined),
}

type Believed<T> = std::result::Result<T, MessageRefused>;

impl App {
    /// Makes the public halves known of those authorities whose keys are here. It writes, so it is called before a transaction
    /// of one of them begins.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`] if others than ours stand under the same number.
    pub(crate) async fn make_halves_known(&self, of: &[AuthorityId]) -> Result<()> {
        for authority_id in of {
            let Ok(sealer) = self.sealer_of(*authority_id) else { continue };
            let own = sealer.public_halves().map_err(StorageError::from)?;
            let mut tx = self.store.read_installation().await?;
            let known = storage::authority_keys::list(&mut tx, *authority_id).await?;
            drop(tx);
            match known.iter().find(|known| known.halves.number == own.number) {
                Some(known) if known.halves == own => {}
                Some(_) => return Err(StorageError::from(SealingError::DoesNotOpen).into()),
                None => {
                    let mut tx = self.store.installation().await?;
                    storage::authority_keys::make_known(&mut tx, *authority_id, &own, self.now()).await?;
                    tx.commit().await?;
                }
            }
        }
        Ok(())
    }

    /// Seals a body to another authority, signs it, and lets it leave with the transaction. Both must have made their halves
    /// known.
    pub(super) async fn send(
        &self,
        tx: &mut Tx,
        sealer: &Sealer,
        (to, kind, request_id): (AuthorityId, MessageKind, RequestId),
        body: &impl Serialize,
    ) -> Result<()> {
        let own = sealer.public_halves().map_err(StorageError::from)?;
        let known = storage::authority_keys::list(tx, to).await?;
        let theirs = known.last().map(|newest| newest.halves).filter(|halves| self.is_theirs(to, halves));
        let theirs = theirs.ok_or(StorageError::from(SealingError::NoKey))?;
        let about = About { subject_id: Some(request_id.0), ..About::default() };
        let message_id = self.emit(tx, kind.as_str(), about).await?;
        let mut envelope = Envelope {
            sender: tx.authority(),
            receiver: to,
            message_id,
            kind,
            sent_at: whole_micros(self.now()),
            signed_by: own.number,
            sealed_to: theirs.number,
            body: Vec::new(),
        };
        let text = serde_json::to_vec(body).map_err(|_| StorageError::Unreadable("message"))?;
        envelope.body = theirs.seal(&envelope.header(), &Zeroizing::new(text)).map_err(StorageError::from)?;
        let mut signed = envelope.bytes();
        signed.extend_from_slice(&sealer.sign(own.number, &signed).map_err(StorageError::from)?);
        let message = SignedMessage { message_id, receiver: to, request_id, signed, sent_at: envelope.sent_at };
        Ok(storage::authority_messages::insert(tx, &message).await?)
    }

    /// Delivers a message of an authority, within this installation. Twice is as good as once.
    pub(in crate::case_work) async fn deliver_message(&self, from: &Authority, event: &Event) -> Result<()> {
        let mut tx = self.store.read(from.authority_id, Freshness::Fresh).await?;
        // It was taken in, or taken back before it left.
        let Some(message) = storage::authority_messages::find(&mut tx, event.outbox_id).await? else { return Ok(()) };
        drop(tx);
        let all = self.authorities().await?;
        let Some(to) = all.into_iter().find(|one| one.authority_id == message.receiver) else { return Ok(()) };
        if matches!(self.take_in_message(to, &message.signed).await?, Received::Refused(_)) {
            return Ok(());
        }
        let mut tx = self.store.write(from.authority_id).await?;
        storage::authority_messages::delete(&mut tx, message.message_id).await?;
        Ok(tx.commit().await?)
    }

    /// Takes in a message of another authority, as it was sent. What isn't believed changes nothing but the audit log.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`] while the receiver's key isn't here; [`AppError::Conflict`] if somebody took a step of the
    /// same request at this moment. In both cases the same message may come again.
    pub async fn take_in_message(&self, to: Authority, signed: &[u8]) -> Result<Received> {
        let sealer = self.sealer_of(to.authority_id)?;
        let worker = self.own_worker(to, ACCOUNT, Role::CaseWorker).await?;
        let taken = match self.believe(&worker, &sealer, signed).await? {
            Ok((envelope, told)) => self.act_on(&worker, &envelope, told).await?,
            Err(refused) => Received::Refused(refused),
        };
        if let Received::Refused(refused) = taken {
            let subjects = split_signed(signed).ok().and_then(|(bytes, _)| Envelope::read(bytes).ok());
            let subjects = subjects.map(|it| format!("{} {} ", it.sender.0, it.message_id)).unwrap_or_default();
            let subjects = format!("{subjects}{refused}");
            let audited = Audited { operation: "requests_between.refuse_message", subjects, n_subjects: 1 };
            self.record_alone(&worker, audited).await?;
        }
        Ok(taken)
    }

    /// Opens a message, if it is for this receiver, by who it says, as it was signed, and current.
    async fn believe(&self, worker: &Worker, sealer: &Sealer, signed: &[u8]) -> Result<Believed<(Envelope, Told)>> {
        let read = split_signed(signed).and_then(|(bytes, by)| Ok((Envelope::read(bytes)?, bytes, by)));
        let Ok((envelope, bytes, signature)) = read else { return Ok(Err(MessageRefused::NotAMessage)) };
        let own = worker.authority.authority_id;
        if envelope.receiver != own || envelope.sender == own {
            return Ok(Err(MessageRefused::NotForUs));
        }
        let mut tx = self.store.read_installation().await?;
        let known = storage::authority_keys::list(&mut tx, envelope.sender).await?;
        drop(tx);
        let key = known.into_iter().find(|known| {
            let was_valid = known.valid_until.is_none_or(|until| envelope.sent_at <= until);
            known.halves.number == envelope.signed_by && was_valid && self.is_theirs(envelope.sender, &known.halves)
        });
        let Some(key) = key else { return Ok(Err(MessageRefused::UnknownKey)) };
        if !key.halves.verify(bytes, signature) {
            return Ok(Err(MessageRefused::WrongSignature));
        }
        if !is_current(envelope.sent_at, self.now()) {
            return Ok(Err(MessageRefused::NotCurrent));
        }
        let opened = sealer.open_sealed_to(envelope.sealed_to, &envelope.header(), &envelope.body);
        let Ok(text) = opened else { return Ok(Err(MessageRefused::DoesNotOpen)) };
        Ok(told(envelope.kind, &text).map(|told| (envelope, told)))
    }

    /// Whoever can write the database could put halves of their own there: where the other ones are here, they must fit.
    fn is_theirs(&self, of: AuthorityId, halves: &PublicHalves) -> bool {
        match self.sealer_of(of) {
            Ok(sealer) => sealer.public_halves_of(halves.number).is_ok_and(|own| own == *halves),
            Err(_) => true,
        }
    }

    async fn act_on(&self, worker: &Worker, envelope: &Envelope, told: Told) -> Result<Received> {
        let (own, from) = (worker.authority.authority_id, envelope.sender);
        let mut tx = self.store.write(own).await?;
        let (id, kind) = (envelope.message_id, envelope.kind.as_str());
        if !storage::inbox::take(&mut tx, from, id, kind, self.now()).await? {
            return Ok(Received::Known);
        }
        let done = match told {
            Told::Asked(body) => self.is_asked_for_list(&mut tx, worker, from, body).await?,
            Told::Withdrawn(body) => self.is_withdrawn(&mut tx, worker, from, &body).await?,
            Told::Released(body) => self.guests_arrive(&mut tx, worker, from, body).await?,
            Told::Declined(body) => self.was_declined(&mut tx, worker, from, body).await?,
        };
        if let Err(refused) = done {
            return Ok(Received::Refused(refused));
        }
        tx.commit().await?;
        Ok(Received::Taken)
    }
}

/// Notes that a request of another authority was begun, or taken back before it came; `false` if either was before.
pub(super) async fn begin_once(tx: &mut Tx, from: AuthorityId, id: RequestId, now: Timestamp) -> Result<bool> {
    Ok(storage::inbox::take(tx, from, OutboxId(id.0), "between.request", now).await?)
}

fn told(kind: MessageKind, text: &[u8]) -> Believed<Told> {
    Ok(match kind {
        MessageKind::Asked => Told::Asked(read(text)?),
        MessageKind::Withdrawn => Told::Withdrawn(read(text)?),
        MessageKind::Released => Told::Released(read(text)?),
        MessageKind::Declined => Told::Declined(read(text)?),
    })
}

fn read<T: DeserializeOwned>(text: &[u8]) -> Believed<T> {
    serde_json::from_slice(text).map_err(|_| MessageRefused::Unreadable)
}

/// Messages say instants in whole microseconds.
fn whole_micros(at: Timestamp) -> Timestamp {
    at.round(TimestampRound::new().smallest(Unit::Microsecond).mode(RoundMode::Trunc)).unwrap_or(at)
}

/// Somebody else took a step of the same request between reading and writing.
pub(super) fn at_this_moment() -> AppError {
    AppError::Conflict("somebody else answered at this moment; look again".to_owned())
}
