//! Events that leave in the transaction of the change that they tell of, and are acted on afterwards: by this server, or,
//! if it dies, by another.

use crate::context::App;
use crate::error::Result;
use domain::ids::{AuthorityId, CaseId, OutboxId, PersonId};
use jiff::SignedDuration;
use std::future::Future;
use storage::Tx;
use storage::outbox::Event;
use uuid::Uuid;

/// How long somebody may act on an event before another does.
const HELD: SignedDuration = SignedDuration::from_mins(5);
/// Most events of one authority in one turn.
const MOST_IN_A_TURN: usize = 500;

/// What an event is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct About {
    /// A case; the event goes with it.
    pub case_id: Option<CaseId>,
    /// A person; the event goes with them.
    pub person_id: Option<PersonId>,
    /// Anything else.
    pub subject_id: Option<Uuid>,
}

impl App {
    /// Notes an event in the transaction of the change that it tells of. `kind` is a word such as `case.opened`.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if the database can't be written.
    pub async fn emit(&self, tx: &mut Tx, kind: &'static str, about: About) -> Result<OutboxId> {
        let now = self.now();
        let outbox_id = OutboxId::mint(now, self.random());
        let event = Event {
            outbox_id,
            kind: kind.to_owned(),
            case_id: about.case_id,
            person_id: about.person_id,
            subject_id: about.subject_id,
            attempts: 0,
            created_at: now,
        };
        storage::outbox::insert(tx, &event).await?;
        Ok(outbox_id)
    }

    /// Acts on the events of an authority, oldest first; returns how many were done. `act` may get an event twice, and
    /// must do nothing that can't be done twice. One on which it fails is due again after five minutes.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if the database can't be written.
    pub async fn act_on_events<F, R>(&self, authority_id: AuthorityId, act: F) -> Result<usize>
    where
        F: Fn(Event) -> R,
        R: Future<Output = Result<()>>,
    {
        let mut n_done = 0;
        for _ in 0..MOST_IN_A_TURN {
            let now = self.now();
            let held_until = now.saturating_add(HELD).unwrap_or(now);
            let mut tx = self.store.write(authority_id).await?;
            let Some(event) = storage::outbox::take_next(&mut tx, now, held_until).await? else { break };
            tx.commit().await?;
            let outbox_id = event.outbox_id;
            if act(event).await.is_err() {
                continue;
            }
            let mut tx = self.store.write(authority_id).await?;
            n_done += usize::from(storage::outbox::done(&mut tx, outbox_id, self.now()).await?);
            tx.commit().await?;
        }
        Ok(n_done)
    }
}
