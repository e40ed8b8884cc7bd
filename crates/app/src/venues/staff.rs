//! Who works in a venue: invited by an owner, changed and removed by one. The last owner can't go.

use super::register::{Told, line, mail_address};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::ids::{AccountId, VenueId, VenueLinkId};
use domain::languages::Language;
use domain::persons::Personal;
use domain::venues::{VenueAction, VenueRole};
use jiff::Timestamp;
use storage::{Freshness, Tx};

/// Somebody who works in a venue.
#[derive(Clone, Debug)]
pub struct StaffMember {
    /// The account.
    pub account_id: AccountId,
    /// E-mail address.
    pub email: Personal<String>,
    /// What they are called.
    pub name: Personal<String>,
    /// What they are there.
    pub role: VenueRole,
    /// Since when.
    pub joined_at: Timestamp,
}

/// Somebody who is invited and hasn't come yet.
#[derive(Clone, Debug)]
pub struct WaitingInvitation {
    /// The link.
    pub link_id: VenueLinkId,
    /// Where it was mailed.
    pub email: Personal<String>,
    /// What they are called.
    pub name: Personal<String>,
    /// What they will be.
    pub role: VenueRole,
    /// Until when the link works.
    pub expires_at: Timestamp,
}

/// Who works in a venue, and who is invited.
#[derive(Clone, Debug)]
pub struct StaffList {
    /// Longest first.
    pub members: Vec<StaffMember>,
    /// In the order of their invitation.
    pub invitations: Vec<WaitingInvitation>,
}

impl App {
    /// Lists who works in a venue and who is invited. That shows persons, so it is written down.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`], [`AppError::NotAllowedInVenue`] for who may not.
    pub async fn venue_staff(&self, worker: &Worker, venue_id: VenueId) -> Result<StaffList> {
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        self.require_in_venue(&mut tx, worker, venue_id, VenueAction::ManageStaff).await?;
        drop(tx);
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let list = self.staff_list(&mut tx, worker, venue_id).await?;
        self.record_of_venue(&mut tx, worker, "venues.staff", venue_id).await?;
        tx.commit().await?;
        Ok(list)
    }

    async fn staff_list(&self, tx: &mut Tx, worker: &Worker, venue_id: VenueId) -> Result<StaffList> {
        let sealer = self.sealer(worker)?;
        let members = storage::venues::members(tx, &sealer, venue_id).await?.into_iter();
        let members = members.map(|member| StaffMember {
            account_id: member.staff.account_id,
            email: member.staff.email,
            name: member.staff.name,
            role: member.role,
            joined_at: member.joined_at,
        });
        let links = storage::venues::invitations(tx, &sealer, venue_id, self.now()).await?;
        let invitations = links.into_iter().filter_map(|link| {
            let told: Told = serde_json::from_str(link.told.expose()).ok()?;
            let storage::venues::Purpose::Invite { role, .. } = link.purpose else { return None };
            let (email, name) = (Personal::new(told.email), Personal::new(told.name));
            Some(WaitingInvitation { link_id: link.link_id, email, name, role, expires_at: link.expires_at })
        });
        Ok(StaffList { members: members.collect(), invitations: invitations.collect() })
    }

    /// Invites somebody to a venue by e-mail.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] for what must change, [`AppError::Conflict`] if they work there already or are invited;
    /// [`AppError::NotFound`], [`AppError::NotAllowedInVenue`] for who may not.
    pub async fn invite_to_venue(
        &self,
        worker: &Worker,
        venue_id: VenueId,
        (email, name): (&str, &str),
        role: VenueRole,
        language: Language,
    ) -> Result<()> {
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        self.require_in_venue(&mut tx, worker, venue_id, VenueAction::ManageStaff).await?;
        let mut wrong = Vec::new();
        let email = mail_address(email, &mut wrong);
        let name = line("name", name, &mut wrong);
        let Some(email) = email.filter(|_| wrong.is_empty()) else { return Err(AppError::InvalidFields(wrong)) };
        let venue = storage::venues::find(&mut tx, venue_id).await?.ok_or(AppError::NotFound("venue"))?;
        let list = self.staff_list(&mut tx, worker, venue_id).await?;
        let here = list.members.iter().map(|member| &member.email);
        let mut known = here.chain(list.invitations.iter().map(|waiting| &waiting.email));
        if known.any(|known| known.expose().eq_ignore_ascii_case(email.expose())) {
            return Err(AppError::Conflict("this address belongs to the staff already, or is invited".to_owned()));
        }
        let told = Told::invited(email.expose(), name);
        let purpose = storage::venues::Purpose::Invite { venue_id, role, by: worker.account_id };
        self.mail_link(&mut tx, &worker.authority, purpose, &told, (&venue.details.name, language)).await?;
        self.record_of_venue(&mut tx, worker, "venues.invite", venue_id).await?;
        Ok(tx.commit().await?)
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if it isn't there any more; as for [`invite_to_venue`](Self::invite_to_venue).
    pub async fn take_back_invitation(&self, worker: &Worker, venue_id: VenueId, link_id: VenueLinkId) -> Result<()> {
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        self.require_in_venue(&mut tx, worker, venue_id, VenueAction::ManageStaff).await?;
        if !storage::venues::delete_link(&mut tx, venue_id, link_id).await? {
            return Err(AppError::NotFound("invitation"));
        }
        self.record_of_venue(&mut tx, worker, "venues.uninvite", venue_id).await?;
        Ok(tx.commit().await?)
    }

    /// Changes what somebody is in a venue.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if no owner would be left, [`AppError::NotFound`] if they don't work there.
    pub async fn change_venue_role(
        &self,
        worker: &Worker,
        venue_id: VenueId,
        account_id: AccountId,
        role: VenueRole,
    ) -> Result<()> {
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        // Else two owners could demote each other at once.
        tx.one_administrator_at_a_time().await?;
        self.require_in_venue(&mut tx, worker, venue_id, VenueAction::ManageStaff).await?;
        if !storage::venues::set_member_role(&mut tx, venue_id, account_id, role).await? {
            return Err(AppError::NotFound("member"));
        }
        require_an_owner(&mut tx, venue_id).await?;
        self.record_of_venue(&mut tx, worker, "venues.role", venue_id).await?;
        Ok(tx.commit().await?)
    }

    /// Removes somebody from a venue; oneself too. Who works in no venue any more is signed out and forgotten.
    ///
    /// # Errors
    ///
    /// As [`change_venue_role`](Self::change_venue_role).
    pub async fn remove_from_venue(&self, worker: &Worker, venue_id: VenueId, account_id: AccountId) -> Result<()> {
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        tx.one_administrator_at_a_time().await?;
        // Who goes by themselves needs no right over others.
        let needed = if account_id == worker.account_id { VenueAction::See } else { VenueAction::ManageStaff };
        self.require_in_venue(&mut tx, worker, venue_id, needed).await?;
        if !storage::venues::leave(&mut tx, venue_id, account_id).await? {
            return Err(AppError::NotFound("member"));
        }
        require_an_owner(&mut tx, venue_id).await?;
        self.record_of_venue(&mut tx, worker, "venues.remove", venue_id).await?;
        if storage::venues::memberships(&mut tx, account_id).await?.is_empty() {
            storage::sessions::end_of_account(&mut tx, account_id, None).await?;
            storage::invitations::delete_of_account(&mut tx, account_id).await?;
            storage::api_tokens::delete_of_account(&mut tx, account_id).await?;
            storage::venues::end_account(&mut tx, account_id).await?;
        }
        Ok(tx.commit().await?)
    }
}

async fn require_an_owner(tx: &mut Tx, venue_id: VenueId) -> Result<()> {
    match storage::venues::n_owners(tx, venue_id).await? {
        0 => Err(AppError::Conflict("a venue has at least one owner; make somebody else one first".to_owned())),
        _ => Ok(()),
    }
}
