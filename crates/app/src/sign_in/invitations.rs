//! Invitations: a link, valid once and for a while, by which somebody sets password and second factor.

use super::sessions::Signed;
use super::{Secret, passwords, second_factor};
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Role;
use domain::ids::AccountId;
use domain::persons::Personal;
use jiff::{SignedDuration, Timestamp};
use storage::accounts::{Account, Member};
use storage::authorities::Authority;
use storage::credentials::Credential;
use storage::invitations::Invitation;
use storage::{Freshness, Tx};
use zeroize::Zeroizing;

/// Hours for which the link of a first administrator works.
const FIRST_HOURS: i64 = 1;
/// Days for which other links work.
const DAYS: i64 = 7;

/// A link that was made. It is shown once.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its secret; stands behind the `#`, so that it reaches no log.
    pub secret: Secret,
    /// User name of who is invited.
    pub account: String,
    /// Until when it works.
    pub expires_at: Timestamp,
}

impl Link {
    /// Returns the path of the page that takes it.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/invitation#{}", self.secret.expose())
    }
}

/// An invitation as it is shown to who is invited.
#[derive(Clone, Debug)]
pub struct OpenInvitation {
    /// User name.
    pub account: String,
    /// Where they will act.
    pub authority: Authority,
    /// Secret of the second factor, in base32.
    pub totp: Personal<String>,
    /// The same as an address for authenticator apps.
    pub uri: Personal<String>,
    /// The same as a picture, SVG.
    pub picture: Personal<String>,
    /// Until when it works.
    pub expires_at: Timestamp,
}

fn is_administrator_who_signs_in(member: &Member) -> bool {
    member.role == Role::Administrator && member.has_password && !member.disabled
}

impl App {
    /// Makes an invitation in a transaction.
    pub(crate) async fn invite(&self, tx: &mut Tx, account: &Account, lasts: SignedDuration) -> Result<Link> {
        let now = self.now();
        let secret = Secret::new()?;
        let invitation = Invitation {
            token_hash: secret.fingerprint(),
            account_id: account.account_id,
            authority_id: tx.authority(),
            totp: second_factor::new_secret()?,
            expires_at: now.checked_add(lasts).unwrap_or(Timestamp::MAX),
        };
        storage::invitations::replace(tx, &self.installation_sealer()?, &invitation, now).await?;
        Ok(Link { secret, account: account.name.clone(), expires_at: invitation.expires_at })
    }

    /// How long an ordinary invitation lasts.
    pub(crate) fn invitation_lasts() -> SignedDuration {
        SignedDuration::from_hours(24 * DAYS)
    }

    /// Says whether nobody can sign in as an administrator of an authority yet.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be read.
    pub async fn lacks_administrator(&self, authority: &Authority) -> Result<bool> {
        Ok(!self.members(authority).await?.iter().any(is_administrator_who_signs_in))
    }

    async fn members(&self, authority: &Authority) -> Result<Vec<Member>> {
        let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
        Ok(storage::accounts::members(&mut tx).await?)
    }

    /// Makes a link for the first administrator of an authority; `None` if somebody can already sign in as one.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be written.
    pub async fn first_administrator(&self, authority: &Authority) -> Result<Option<Link>> {
        const NAME: &str = "admin";
        let members = self.members(authority).await?;
        if members.iter().any(is_administrator_who_signs_in) {
            return Ok(None);
        }
        let invited = members.iter().find(|member| {
            member.role == Role::Administrator && !member.account.name.starts_with("cli:") && !member.disabled
        });
        let now = self.now();
        let mut tx = self.store.write(authority.authority_id).await?;
        let account = match invited {
            Some(member) => member.account.clone(),
            None => {
                let mut account =
                    Account { account_id: AccountId::mint(now, self.random()), name: NAME.to_owned(), operator: false };
                let mut n_taken = 0;
                while !storage::accounts::insert(&mut tx, &account, now).await? {
                    n_taken += 1;
                    account.name = format!("{NAME}.{}.{n_taken}", authority.short_code);
                }
                storage::accounts::join(&mut tx, account.account_id, Role::Administrator, now).await?;
                account
            }
        };
        let link = self.invite(&mut tx, &account, SignedDuration::from_hours(FIRST_HOURS)).await?;
        let worker = Worker::new(account.account_id, false, authority.clone(), Role::Administrator, "command_line");
        let audited =
            Audited { operation: "accounts.invite_first", subjects: account.account_id.to_string(), n_subjects: 1 };
        self.record(&mut tx, &worker, audited).await?;
        tx.commit().await?;
        Ok(Some(link))
    }

    /// Shows an invitation to who holds its link.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if it was used, has expired, or never was.
    pub async fn open_invitation(&self, secret: &Secret) -> Result<OpenInvitation> {
        let mut tx = self.store.read_installation().await?;
        let (invitation, account) = self.invitation(&mut tx, secret).await?;
        let all = storage::authorities::list(&mut tx).await?;
        let authority = all.into_iter().find(|authority| authority.authority_id == invitation.authority_id);
        let authority = authority.ok_or(AppError::NotFound("invitation"))?;
        drop(tx);
        let account = self.name_shown(&authority, &account).await?;
        let (uri, picture) = second_factor::shown(&invitation.totp, &account)?;
        Ok(OpenInvitation {
            account,
            authority,
            totp: invitation.totp,
            uri: Personal::new(uri),
            picture: Personal::new(picture),
            expires_at: invitation.expires_at,
        })
    }

    async fn invitation(&self, tx: &mut Tx, secret: &Secret) -> Result<(Invitation, Account)> {
        let sealer = self.installation_sealer()?;
        let found = storage::invitations::find(tx, &sealer, &secret.fingerprint(), self.now()).await?;
        let invitation = found.ok_or(AppError::NotFound("invitation"))?;
        let account = storage::accounts::by_id(tx, invitation.account_id).await?;
        Ok((invitation, account.ok_or(AppError::NotFound("invitation"))?))
    }

    /// Takes an invitation up: sets password and second factor, gives recovery codes, signs in. All sessions that the
    /// account had end.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] as above, [`AppError::Invalid`] for a weak password or a wrong code.
    pub async fn accept_invitation(
        &self,
        secret: &Secret,
        password: Zeroizing<String>,
        code: &str,
        source: &'static str,
    ) -> Result<(Signed, Vec<String>)> {
        let mut tx = self.store.read_installation().await?;
        let (invitation, account) = self.invitation(&mut tx, secret).await?;
        drop(tx);
        passwords::check_strength("password", &password, &[&account.name])?;
        let wrong = || AppError::Invalid {
            field: "code",
            reason: "this is not the code that your app shows now; check the telephone's clock".to_owned(),
        };
        let step = second_factor::step_of(&invitation.totp, code, self.now())?.ok_or_else(wrong)?;
        let hash = passwords::hash(password).await?;
        let codes = second_factor::new_recovery_codes()?;
        let hashes: Vec<String> = codes.iter().filter_map(|code| second_factor::recovery_fingerprint(code)).collect();
        let place = self.place_of(account.account_id, account.operator, invitation.authority_id).await?;
        let (authority, role) = place.ok_or(AppError::NotFound("invitation"))?;
        let mut tx = self.store.write(invitation.authority_id).await?;
        if !storage::invitations::use_up(&mut tx, &invitation.token_hash).await? {
            return Err(AppError::NotFound("invitation"));
        }
        if storage::credentials::is_disabled(&mut tx, account.account_id).await? {
            return Err(AppError::NotFound("invitation"));
        }
        let credential = Credential {
            account_id: account.account_id,
            password_hash: Some(hash),
            totp: Some(invitation.totp),
            totp_step: step,
            disabled: false,
        };
        storage::credentials::set(&mut tx, &self.installation_sealer()?, &credential, self.now()).await?;
        storage::credentials::replace_codes(&mut tx, account.account_id, &hashes).await?;
        storage::sessions::end_of_account(&mut tx, account.account_id, None).await?;
        storage::api_tokens::delete_of_account(&mut tx, account.account_id).await?;
        let (account_id, operator) = (account.account_id, account.operator);
        let worker = Worker::new(account_id, operator, authority, role, source);
        let audited = Audited { operation: "accounts.accept", subjects: account_id.to_string(), n_subjects: 1 };
        self.record(&mut tx, &worker, audited).await?;
        let signed = self.begin_session(&mut tx, worker, account.name).await?;
        tx.commit().await?;
        Ok((signed, codes))
    }

    /// Gives a demo an account without a second factor. Only `serve --demo` does, on a folder of its own.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be written.
    pub async fn make_demo_account(&self, authority: &Authority, name: &str, password: &str) -> Result<()> {
        let hash = passwords::hash(Zeroizing::new(password.to_owned())).await?;
        let now = self.now();
        let mut tx = self.store.write(authority.authority_id).await?;
        let account =
            Account { account_id: AccountId::mint(now, self.random()), name: name.to_owned(), operator: false };
        storage::accounts::insert(&mut tx, &account, now).await?;
        storage::accounts::join(&mut tx, account.account_id, Role::Administrator, now).await?;
        let account_id = account.account_id;
        let credential =
            Credential { account_id, password_hash: Some(hash), totp: None, totp_step: 0, disabled: false };
        storage::credentials::set(&mut tx, &self.installation_sealer()?, &credential, now).await?;
        Ok(tx.commit().await?)
    }
}
