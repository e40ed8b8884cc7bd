//! The accounts of an authority: who there is, with which role, and whether they may sign in.

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use crate::sign_in::invitations::Link;
use domain::authorities::{Action, Role};
use domain::ids::AccountId;
use storage::Freshness;
use storage::accounts::{Account, Member};

/// What is to change in an account. `None` leaves as is.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountChange {
    /// Another role.
    pub role: Option<Role>,
    /// Kept from signing in, or let in again.
    pub disabled: Option<bool>,
}

impl App {
    /// Lists the staff of the worker's authority.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn list_accounts(&self, worker: &Worker) -> Result<Vec<Member>> {
        worker.require(Action::ManageAccounts)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let members = storage::accounts::members(&mut tx).await?;
        // Who works in venues is the business of their owners.
        Ok(members.into_iter().filter(|member| member.role.is_of_staff()).collect())
    }

    /// Finds a member of the worker's authority.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is none with this id.
    pub async fn account(&self, worker: &Worker, account_id: AccountId) -> Result<Member> {
        let members = self.list_accounts(worker).await?;
        let found = members.into_iter().find(|member| member.account.account_id == account_id);
        found.ok_or(AppError::NotFound("account"))
    }

    /// Changes role or state of a member. Who is disabled, or gets another role, is signed out.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if it would leave nobody who can administer, or is about oneself.
    pub async fn change_account(
        &self,
        worker: &Worker,
        account_id: AccountId,
        change: AccountChange,
    ) -> Result<Member> {
        let member = self.account(worker, account_id).await?;
        if account_id == worker.account_id {
            let reason = "nobody changes their own account; ask another administrator";
            return Err(AppError::Conflict(reason.to_owned()));
        }
        if change.role.is_some_and(|role| !role.is_of_staff()) {
            let reason = "patients and venues open their accounts themselves".to_owned();
            return Err(AppError::Invalid { field: "role", reason });
        }
        if change.role == Some(Role::Operator) {
            let reason = "operators are made by `epitrace admin create-account`".to_owned();
            return Err(AppError::Invalid { field: "role", reason });
        }
        if change.disabled.is_some() {
            self.require_own(worker, &member.account).await?;
        }
        let now = self.now();
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        // Else two administrators could disable each other at once, and nobody would be left.
        tx.one_administrator_at_a_time().await?;
        if let Some(role) = change.role {
            storage::accounts::set_role(&mut tx, account_id, role).await?;
        }
        if let Some(disabled) = change.disabled {
            storage::credentials::set_disabled(&mut tx, account_id, disabled, now).await?;
            storage::invitations::delete_of_account(&mut tx, account_id).await?;
        }
        let members = storage::accounts::members(&mut tx).await?;
        let administers =
            |member: &Member| member.role == Role::Administrator && member.has_password && !member.disabled;
        if administers(&member) && !members.iter().any(administers) {
            return Err(AppError::Conflict("this is the last administrator who can sign in".to_owned()));
        }
        storage::sessions::end_of_account(&mut tx, account_id, None).await?;
        let audited = Audited { operation: "accounts.change", subjects: account_id.to_string(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        tx.commit().await?;
        self.account(worker, account_id).await
    }

    /// Checks that an account belongs to the worker's authority alone: else its administrator could become, by a new
    /// password, somebody who also works for a neighbour, or for the whole installation.
    async fn require_own(&self, worker: &Worker, account: &Account) -> Result<()> {
        if worker.operator {
            return Ok(());
        }
        let mut elsewhere = account.operator;
        for authority in self.authorities().await? {
            if authority.authority_id != worker.authority.authority_id {
                let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
                elsewhere |= storage::accounts::role(&mut tx, account.account_id).await?.is_some();
            }
        }
        if elsewhere {
            let reason = "this account works for others too; only an operator can do that";
            return Err(AppError::Conflict(reason.to_owned()));
        }
        Ok(())
    }

    /// Makes a link by which a member sets a new password and second factor.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such member.
    pub async fn invite_account(&self, worker: &Worker, account_id: AccountId) -> Result<Link> {
        let member = self.account(worker, account_id).await?;
        if member.account.name.starts_with("cli:") {
            return Err(AppError::Conflict("accounts of the command line don't sign in".to_owned()));
        }
        self.require_own(worker, &member.account).await?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let link = self.invite(&mut tx, &member.account, Self::invitation_lasts()).await?;
        let audited = Audited { operation: "accounts.invite", subjects: account_id.to_string(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        tx.commit().await?;
        Ok(link)
    }

    /// Makes a link for an account by its name: for operators, who stand in no list of members, and for whoever works for
    /// several authorities.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] unless an operator asks, [`AppError::NotFound`] if there is no such account that signs in.
    pub async fn invite_by_name(&self, worker: &Worker, name: &str) -> Result<Link> {
        worker.require(Action::ManageAuthorities)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let found = storage::accounts::find(&mut tx, name).await?;
        let account = found.filter(|account| !account.name.starts_with("cli:")).ok_or(AppError::NotFound("account"))?;
        let link = self.invite(&mut tx, &account, Self::invitation_lasts()).await?;
        let subjects = account.account_id.to_string();
        self.record(&mut tx, worker, Audited { operation: "accounts.invite", subjects, n_subjects: 1 }).await?;
        tx.commit().await?;
        Ok(link)
    }

    /// Makes an account with an invitation. One that works for another authority already becomes a member here too, and
    /// gets no link: it has its password.
    ///
    /// # Errors
    ///
    /// As [`create_account`](Self::create_account).
    pub async fn create_invited_account(
        &self,
        worker: &Worker,
        name: &str,
        role: Role,
    ) -> Result<(AccountId, Option<Link>)> {
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let (account, is_new) = self.create_account_in(&mut tx, worker, name, role).await?;
        let link = match is_new {
            true => Some(self.invite(&mut tx, &account, Self::invitation_lasts()).await?),
            false => None,
        };
        tx.commit().await?;
        Ok((account.account_id, link))
    }
}
