//! Registering a venue, and links that are mailed: they work once, and whoever asks isn't told who is known here.

use super::ACCOUNT_PREFIX;
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use crate::messages::{NewMessage, Recipient};
use crate::sign_in::Secret;
use domain::authorities::{Role, ShortCode};
use domain::ids::{AccountId, VenueId, VenueLinkId};
use domain::languages::Language;
use domain::messages::{MailAddress, MessageKind, MessageValue, Values, Variable};
use domain::persons::Personal;
use domain::venues::{
    AsksAddress, Confirms, LONGEST_NAME, OpeningHours, VenueAddress, VenueDetails, VenueKind, VenueRole, name_of,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use storage::Tx;
use storage::accounts::Account;
use storage::authorities::Authority;
use storage::venues::{Link, Purpose, StaffAccount};

/// How long a mailed link works.
const LINK_LASTS: SignedDuration = SignedDuration::from_hours(48);
/// The page that takes it.
const LINK_PAGE: &str = "venues/confirm";
/// The usual stay until an owner says another, in minutes.
const USUAL_STAY_MIN: u32 = 90;
/// The longest name, telephone number or line of an address, in characters.
const LONGEST_LINE: usize = 80;

/// A venue to be registered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewVenue {
    /// As it stands on posters.
    pub name: String,
    /// What it is.
    pub kind: VenueKind,
    /// Where it is.
    pub address: VenueAddress,
}

/// A registration as it was typed.
#[derive(Clone, Debug)]
pub struct Registration {
    /// E-mail address.
    pub email: Personal<String>,
    /// Who registers.
    pub name: Personal<String>,
    /// Their telephone number, if they give one.
    pub phone: Option<Personal<String>>,
    /// In which language they read.
    pub language: Language,
    /// The venue.
    pub venue: NewVenue,
}

/// What was typed, as it waits for its link.
#[derive(Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) email: String,
    pub(super) name: String,
    phone: Option<String>,
    venue: Option<NewVenue>,
}

impl Told {
    /// What an owner says of whom they invite.
    pub(super) fn invited(email: &str, name: String) -> Self {
        Self { email: email.to_owned(), name, phone: None, venue: None }
    }
}

/// What came of a link.
#[derive(Clone, Debug)]
pub struct TakenLink {
    /// The secret by which a new account sets password and second factor; `None` if it has them already.
    pub invitation: Option<Secret>,
}

/// What somebody is called, where there is nothing else to check.
pub(super) fn line(field: &'static str, text: &str, wrong: &mut Vec<(&'static str, String)>) -> String {
    name_of(text, LONGEST_LINE).unwrap_or_else(|| {
        wrong.push((field, format!("write 1 to {LONGEST_LINE} characters")));
        String::new()
    })
}

pub(super) fn checked_address(given: &VenueAddress, wrong: &mut Vec<(&'static str, String)>) -> VenueAddress {
    VenueAddress {
        street: line("street", &given.street, wrong),
        house_number: line("house_number", &given.house_number, wrong),
        postcode: line("postcode", &given.postcode, wrong),
        city: line("city", &given.city, wrong),
    }
}

pub(super) fn checked_name(given: &str, wrong: &mut Vec<(&'static str, String)>) -> String {
    name_of(given, LONGEST_NAME).unwrap_or_else(|| {
        wrong.push(("venue_name", format!("write the venue's name, at most {LONGEST_NAME} characters")));
        String::new()
    })
}

pub(super) fn mail_address(text: &str, wrong: &mut Vec<(&'static str, String)>) -> Option<MailAddress> {
    MailAddress::new(text).map_err(|error| wrong.push(("email", error.to_string()))).ok()
}

fn checked_venue(given: &NewVenue, wrong: &mut Vec<(&'static str, String)>) -> NewVenue {
    NewVenue {
        name: checked_name(&given.name, wrong),
        kind: given.kind,
        address: checked_address(&given.address, wrong),
    }
}

impl App {
    /// Takes a registration down and mails a link that confirms it. The answer is the same whether the address is known.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] for what must change, [`AppError::NoAuthority`] for an unknown short code.
    pub async fn register_venue(&self, authority: &ShortCode, registration: &Registration) -> Result<()> {
        let authority = self.choose_authority(Some(authority)).await?;
        let mut wrong = Vec::new();
        let email = mail_address(registration.email.expose(), &mut wrong);
        let name = line("name", registration.name.expose(), &mut wrong);
        let phone = registration.phone.as_ref().map(|phone| line("phone", phone.expose(), &mut wrong));
        let venue = checked_venue(&registration.venue, &mut wrong);
        let Some(email) = email.filter(|_| wrong.is_empty()) else { return Err(AppError::InvalidFields(wrong)) };
        let venue_name = venue.name.clone();
        let told = Told { email: email.expose().to_owned(), name, phone, venue: Some(venue) };
        let mut tx = self.store.write(authority.authority_id).await?;
        self.mail_link(&mut tx, &authority, Purpose::Register, &told, (&venue_name, registration.language)).await?;
        Ok(tx.commit().await?)
    }

    /// Stores a link and queues the mail with it.
    pub(super) async fn mail_link(
        &self,
        tx: &mut Tx,
        authority: &Authority,
        purpose: Purpose,
        told: &Told,
        (venue_name, language): (&str, Language),
    ) -> Result<()> {
        let now = self.now();
        let secret = Secret::new()?;
        let until = now.checked_add(LINK_LASTS).unwrap_or(Timestamp::MAX);
        let (kind, by) = match purpose {
            Purpose::Register => (MessageKind::VenueRegistration, None),
            Purpose::Invite { by, .. } => (MessageKind::VenueInvitation, Some(by)),
        };
        let text = serde_json::to_string(told).map_err(|_| AppError::NotFound("link"))?;
        let link = Link {
            link_id: VenueLinkId::mint(now, self.random()),
            purpose,
            told: Personal::new(text),
            language,
            expires_at: until,
        };
        let sealer = self.sealer_of(authority.authority_id)?;
        storage::venues::insert_link(tx, &sealer, &link, &secret.fingerprint(), now).await?;
        let head = storage::letters::letterhead(tx).await?.map(|(_, head)| head).unwrap_or_default();
        let address = format!("{}#{}", self.page_of(authority, LINK_PAGE)?, secret.expose());
        let recipient = MailAddress::new(&told.email).map_err(|_| AppError::NotFound("link"))?;
        let message = NewMessage {
            kind,
            recipient: Recipient::Mail(recipient),
            case_id: None,
            person_id: None,
            language: Some(language),
            values: Values::default()
                .text(Variable::Name, &told.name)
                .text(Variable::Phone, &head.phone_index)
                .text(Variable::Venue, venue_name)
                .text(Variable::Link, address)
                .with(Variable::ValidUntil, MessageValue::At(until)),
            reply_to: MailAddress::new(&head.email).ok(),
            by,
        };
        self.queue_message(tx, authority, &message).await?;
        Ok(())
    }

    /// Takes a mailed link up: registers its venue, or lets its owner's guest work there. It works once.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if it was used, has expired, or never was.
    pub async fn take_venue_link(
        &self,
        authority: &ShortCode,
        secret: &Secret,
        source: &'static str,
    ) -> Result<TakenLink> {
        let gone = || AppError::NotFound("link");
        let all = self.authorities().await?;
        let authority = all.into_iter().find(|one| one.short_code == *authority).ok_or_else(gone)?;
        let sealer = self.sealer_of(authority.authority_id)?;
        let now = self.now();
        let mut tx = self.store.write(authority.authority_id).await?;
        let found = storage::venues::find_link(&mut tx, &sealer, &secret.fingerprint(), now).await?;
        let link = found.ok_or_else(gone)?;
        if !storage::venues::take_link(&mut tx, link.link_id).await? {
            return Err(gone());
        }
        let told: Told = serde_json::from_str(link.told.expose()).map_err(|_| gone())?;
        let account = self.staff_account(&mut tx, &authority, &told, link.language).await?;
        let worker = Worker::new(account.account_id, false, authority, Role::Venue, source);
        match link.purpose {
            Purpose::Register => {
                let venue = told.venue.ok_or_else(gone)?;
                self.insert_venue(&mut tx, &worker, &venue).await?;
            }
            Purpose::Invite { venue_id, role, .. } => {
                storage::venues::join(&mut tx, venue_id, account.account_id, role, now).await?;
                let subjects = format!("{venue_id} {}", account.account_id);
                let audited = Audited { operation: "venues.join", subjects, n_subjects: 1 };
                self.record(&mut tx, &worker, audited).await?;
            }
        }
        let invitation = match self.can_sign_in(&mut tx, account.account_id).await? {
            true => None,
            false => Some(self.invite(&mut tx, &account, Self::invitation_lasts()).await?.secret),
        };
        tx.commit().await?;
        Ok(TakenLink { invitation })
    }

    /// Registers another venue of somebody who is signed in: their address is confirmed.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] for what must change.
    pub async fn register_another_venue(&self, worker: &Worker, venue: &NewVenue) -> Result<VenueId> {
        worker.require(domain::authorities::Action::ActForVenue)?;
        let mut wrong = Vec::new();
        let venue = checked_venue(venue, &mut wrong);
        if !wrong.is_empty() {
            return Err(AppError::InvalidFields(wrong));
        }
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let venue_id = self.insert_venue(&mut tx, worker, &venue).await?;
        tx.commit().await?;
        Ok(venue_id)
    }

    async fn insert_venue(&self, tx: &mut Tx, worker: &Worker, new: &NewVenue) -> Result<VenueId> {
        let now = self.now();
        let details = VenueDetails {
            name: new.name.clone(),
            kind: new.kind,
            address: new.address.clone(),
            hours: OpeningHours::default(),
            capacity: None,
            usual_stay_min: USUAL_STAY_MIN,
            confirms: Confirms::Nobody,
            asks_address: AsksAddress::No,
        };
        let mut venue_id = VenueId::mint(self.random());
        while !storage::venues::insert(tx, venue_id, &details, now).await? {
            venue_id = VenueId::mint(self.random());
        }
        storage::venues::join(tx, venue_id, worker.account_id, VenueRole::Owner, now).await?;
        let audited = Audited { operation: "venues.register", subjects: venue_id.to_string(), n_subjects: 0 };
        self.record(tx, worker, audited).await?;
        Ok(venue_id)
    }

    /// Finds or makes the account of who has an e-mail address.
    async fn staff_account(
        &self,
        tx: &mut Tx,
        authority: &Authority,
        told: &Told,
        language: Language,
    ) -> Result<Account> {
        let sealer = self.sealer_of(authority.authority_id)?;
        if let Some(known) = storage::venues::account_by_email(tx, &sealer, &told.email).await? {
            let account = storage::accounts::by_id(tx, known.account_id).await?;
            return account.ok_or(AppError::NotFound("account"));
        }
        let now = self.now();
        let account_id = AccountId::mint(now, self.random());
        let account = Account { account_id, name: format!("{ACCOUNT_PREFIX}{account_id}"), operator: false };
        storage::accounts::insert(tx, &account, now).await?;
        storage::accounts::join(tx, account_id, Role::Venue, now).await?;
        let staff = StaffAccount {
            account_id,
            email: Personal::new(told.email.clone()),
            name: Personal::new(told.name.clone()),
            phone: told.phone.clone().map(Personal::new),
            language,
        };
        storage::venues::insert_account(tx, &sealer, &staff, now).await?;
        Ok(account)
    }

    async fn can_sign_in(&self, tx: &mut Tx, account_id: AccountId) -> Result<bool> {
        let credential = storage::credentials::find(tx, &self.installation_sealer()?, account_id).await?;
        Ok(credential.is_some_and(|credential| credential.password_hash.is_some()))
    }

    /// Returns the name of the account of who signs in to an authority by e-mail address.
    pub(crate) async fn account_of_email(&self, authority: &Authority, email: &str) -> Result<Option<String>> {
        let sealer = self.sealer_of(authority.authority_id)?;
        let mut tx = self.store.read(authority.authority_id, storage::Freshness::Fresh).await?;
        let staff = storage::venues::account_by_email(&mut tx, &sealer, email).await?;
        Ok(staff.map(|staff| format!("{ACCOUNT_PREFIX}{}", staff.account_id)))
    }

    /// Returns what an account is called where people read it: its user name, or the e-mail address of who works in venues.
    pub(crate) async fn name_shown(&self, authority: &Authority, account: &Account) -> Result<String> {
        if !account.name.starts_with(ACCOUNT_PREFIX) {
            return Ok(account.name.clone());
        }
        let sealer = self.sealer_of(authority.authority_id)?;
        let mut tx = self.store.read(authority.authority_id, storage::Freshness::Fresh).await?;
        let staff = storage::venues::account_of(&mut tx, &sealer, account.account_id).await?;
        Ok(staff.map_or_else(|| account.name.clone(), |staff| staff.email.expose().clone()))
    }
}
