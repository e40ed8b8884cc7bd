//! Whose a case is. Anybody of the staff may take a case, give it away or lay it back.

use super::taken::Taken;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::{Action, Role};
use domain::ids::{AccountId, CaseId};
use storage::accounts::Member;
use storage::cases::CaseWork;
use storage::{Freshness, Tx};

/// Somebody to whom cases can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignee {
    /// Who.
    pub account_id: AccountId,
    /// User name.
    pub name: String,
}

pub(crate) fn can_work(member: &Member) -> bool {
    !member.disabled && member.role.may(Action::WorkOnCases) && member.role != Role::Operator
}

/// Checks that somebody can be given cases.
pub(super) async fn check_assignee(tx: &mut Tx, id: AccountId) -> Result<()> {
    let members = storage::accounts::members(tx).await?;
    if members.iter().any(|member| member.account.account_id == id && can_work(member)) {
        return Ok(());
    }
    let reason = "nobody with this id works on cases here".to_owned();
    Err(AppError::Invalid { field: "account_id", reason })
}

impl App {
    /// Lists those to whom cases can be given, by name.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn list_assignees(&self, worker: &Worker) -> Result<Vec<Assignee>> {
        worker.require(Action::WorkOnCases)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let members = storage::accounts::members(&mut tx).await?;
        let assignee = |member: Member| Assignee { account_id: member.account.account_id, name: member.account.name };
        let mut found: Vec<Assignee> = members.into_iter().filter(can_work).map(assignee).collect();
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    /// Gives a case to somebody of the staff, or to nobody.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if the account isn't one that works on cases here.
    pub async fn assign_case(&self, worker: &Worker, case_id: CaseId, to: Option<AccountId>) -> Result<CaseWork> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        if let Some(id) = to {
            check_assignee(&mut tx, id).await?;
        }
        self.assign_taken(worker, &mut taken, to);
        Ok(self.settle(tx, worker, taken, "cases.assign").await?.work)
    }

    pub(super) fn assign_taken(&self, worker: &Worker, taken: &mut Taken, to: Option<AccountId>) {
        let text = |account: Option<AccountId>| account.map(|account| account.to_string());
        self.note_change(worker, taken, ("assigned_to", "by hand"), text(taken.work.assigned_to), text(to));
        taken.work.assigned_to = to;
        if to.is_some() {
            let now = taken.now;
            taken.work.clock.assigned_at.get_or_insert(now);
        }
    }
}
