//! Sessions: from sign-in to sign-out, half an hour without a word, or twelve hours.

use super::{Secret, passwords, second_factor};
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::{Role, ShortCode};
use domain::ids::{AuthorityId, SessionId};
use jiff::{SignedDuration, Timestamp};
use storage::authorities::Authority;
use storage::credentials::Credential;
use storage::sessions::{NewSession, Session};
use storage::{Freshness, StorageError, Tx};
use zeroize::Zeroizing;

/// Minutes without a request after which a session ends.
pub const IDLE_MINUTES: i64 = 30;
/// Hours after which a session ends in any case: a day's work.
pub const MOST_HOURS: i64 = 12;
/// Minutes after which the cookie gets a new secret.
const ROTATE_MINUTES: i64 = 15;
/// Seconds for which the secret before still works: requests that were on their way.
const GRACE_SECONDS: i64 = 60;
/// Seconds between two notes that somebody did something.
const TOUCH_SECONDS: i64 = 60;

/// What somebody gives to sign in.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Short code of the authority; needed where there are several.
    pub authority: Option<ShortCode>,
    /// User name.
    pub user_name: String,
    /// Password.
    pub password: Zeroizing<String>,
    /// Code of the authenticator app, or a recovery code.
    pub code: Option<Zeroizing<String>>,
    /// Where from: `loopback`, `network`.
    pub source: &'static str,
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Who, where, as what.
    pub worker: Worker,
    /// User name.
    pub account: String,
    /// The session.
    pub session: Session,
    /// A new secret for the cookie, if it is time for one.
    pub new_secret: Option<Secret>,
}

impl Signed {
    /// Returns when the session ends in any case.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        later(self.session.created_at, SignedDuration::from_hours(MOST_HOURS))
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

impl App {
    /// Signs somebody in.
    ///
    /// # Errors
    ///
    /// [`AppError::WrongCredentials`] whatever is wrong: name, password, code, a disabled account, or no membership.
    #[tracing::instrument(target = "epitrace::traces", name = "app::sign_in", skip_all)]
    pub async fn sign_in(&self, attempt: &Attempt) -> Result<Signed> {
        let authority = match self.choose_authority(attempt.authority.as_ref()).await {
            Ok(authority) => Some(authority),
            Err(AppError::NoAuthority(_)) => None,
            Err(error) => return Err(error),
        };
        let (account, credential) = match self.credential_of(&attempt.user_name).await? {
            (None, _) => self.credential_of_email(authority.as_ref(), &attempt.user_name).await?,
            known => known,
        };
        let hash = credential.as_ref().and_then(|credential| credential.password_hash.clone());
        let is_right = passwords::verify(attempt.password.clone(), hash).await?;
        let (Some(authority), Some(account), Some(credential)) = (authority, account, credential) else {
            return Err(AppError::WrongCredentials);
        };
        if !is_right || credential.disabled {
            return Err(AppError::WrongCredentials);
        }
        let mut tx = self.store.write(authority.authority_id).await?;
        let role = storage::accounts::role(&mut tx, account.account_id).await?;
        let role = role.or(account.operator.then_some(Role::Operator)).ok_or(AppError::WrongCredentials)?;
        let code = attempt.code.as_ref().map(|code| code.as_str());
        if !self.second_factor_is_right(&mut tx, &credential, code).await? {
            return Err(AppError::WrongCredentials);
        }
        let worker = Worker::new(account.account_id, account.operator, authority, role, attempt.source);
        let signed = self.begin_session(&mut tx, worker, account.name).await?;
        tx.commit().await?;
        Ok(signed)
    }

    /// Says whether an account that signs in on the page may; those of the command line are known by their machine.
    pub(crate) async fn may_sign_in(&self, account_id: domain::ids::AccountId) -> Result<bool> {
        let mut tx = self.store.read_installation().await?;
        Ok(!storage::credentials::is_disabled(&mut tx, account_id).await?)
    }

    async fn credential_of(&self, name: &str) -> Result<(Option<storage::accounts::Account>, Option<Credential>)> {
        let mut tx = self.store.read_installation().await?;
        let Some(account) = storage::accounts::find(&mut tx, name).await? else { return Ok((None, None)) };
        let sealer = self.installation_sealer()?;
        let credential = storage::credentials::find(&mut tx, &sealer, account.account_id).await?;
        Ok((Some(account), credential))
    }

    /// Who works in venues signs in by e-mail address, which is sealed: their user name stands for it.
    async fn credential_of_email(
        &self,
        authority: Option<&Authority>,
        email: &str,
    ) -> Result<(Option<storage::accounts::Account>, Option<Credential>)> {
        let Some(authority) = authority.filter(|_| email.contains('@')) else { return Ok((None, None)) };
        match self.account_of_email(authority, email).await? {
            Some(name) => self.credential_of(&name).await,
            None => Ok((None, None)),
        }
    }

    /// Checks a code and uses it up.
    pub(crate) async fn second_factor_is_right(
        &self,
        tx: &mut Tx,
        credential: &Credential,
        code: Option<&str>,
    ) -> Result<bool> {
        let Some(secret) = &credential.totp else { return Ok(true) };
        let Some(code) = code else { return Ok(false) };
        let account_id = credential.account_id;
        if let Some(fingerprint) = second_factor::recovery_fingerprint(code) {
            return Ok(storage::credentials::use_code(tx, account_id, &fingerprint).await?);
        }
        match second_factor::step_of(secret, code, self.now())? {
            Some(step) => Ok(storage::credentials::use_step(tx, account_id, step).await?),
            None => Ok(false),
        }
    }

    /// Begins a session in a transaction of the worker's authority.
    pub(crate) async fn begin_session(&self, tx: &mut Tx, worker: Worker, account: String) -> Result<Signed> {
        let now = self.now();
        let (secret, csrf) = (Secret::new()?, Secret::new()?);
        let new = NewSession {
            session_id: SessionId::mint(now, self.random()),
            token_hash: secret.fingerprint(),
            csrf_token: csrf.expose().to_owned(),
            account_id: worker.account_id,
            authority_id: worker.authority.authority_id,
        };
        storage::sessions::insert(tx, &new, now).await?;
        let audited = Audited { operation: "session.begin", subjects: new.session_id.to_string(), n_subjects: 1 };
        self.record(tx, &worker, audited).await?;
        let session = Session {
            session_id: new.session_id,
            csrf_token: new.csrf_token,
            account_id: worker.account_id,
            account: account.clone(),
            operator: worker.operator,
            authority_id: new.authority_id,
            created_at: now,
            rotated_at: now,
            seen_at: now,
            by_previous: false,
        };
        Ok(Signed { worker, account, session, new_secret: Some(secret) })
    }

    /// Finds who holds a cookie; `None` if nobody does any more.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be read.
    #[tracing::instrument(target = "epitrace::traces", name = "app::session", skip_all)]
    pub async fn session(&self, secret: &Secret, source: &'static str) -> Result<Option<Signed>> {
        let now = self.now();
        let fingerprint = secret.fingerprint();
        let tx = self.store.read_installation().await?;
        let Some(session) = self.living(tx, &fingerprint, now).await? else { return Ok(None) };
        let tx = self.store.read(session.authority_id, Freshness::Fresh).await?;
        let place = place_in(tx, session.account_id, session.operator).await?;
        let Some((authority, role)) = place else { return Ok(None) };
        let new_secret = self.keep_alive(&session, &fingerprint, now).await?;
        Ok(Some(signed(session, authority, role, source, new_secret)))
    }

    /// The same for whoever only looks at numbers without persons: while there is no primary, from a standby, as it was some
    /// minutes ago at most. A session that was ended in the last second of a primary is seen as living for these minutes.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if no standby has it either.
    pub async fn session_for_numbers(&self, secret: &Secret, source: &'static str) -> Result<Option<Signed>> {
        let away = match self.session(secret, source).await {
            Err(AppError::Storage(StorageError::Away(error))) => StorageError::Away(error),
            answered => return answered,
        };
        let (now, freshness) = (self.now(), self.as_stale_as_may_be());
        let Some(tx) = self.store.read_installation_on_standby(freshness).await else { return Err(away.into()) };
        let Some(session) = self.living(tx, &secret.fingerprint(), now).await? else { return Ok(None) };
        let Some(tx) = self.store.read_standby(session.authority_id, freshness).await else { return Err(away.into()) };
        let place = place_in(tx, session.account_id, session.operator).await?;
        Ok(place.map(|(authority, role)| signed(session, authority, role, source, None)))
    }

    /// Finds a session that hasn't ended, of an account that may sign in.
    async fn living(&self, mut tx: Tx, fingerprint: &str, now: Timestamp) -> Result<Option<Session>> {
        let Some(session) = storage::sessions::find(&mut tx, fingerprint).await? else { return Ok(None) };
        if !lives(&session, now) {
            return Ok(None);
        }
        let sealer = self.installation_sealer()?;
        let credential = storage::credentials::find(&mut tx, &sealer, session.account_id).await?;
        Ok(credential.is_some_and(|credential| !credential.disabled).then_some(session))
    }

    /// Finds the authority in which an account acts, and its role there.
    pub(crate) async fn place_of(
        &self,
        account_id: domain::ids::AccountId,
        operator: bool,
        authority_id: AuthorityId,
    ) -> Result<Option<(Authority, Role)>> {
        place_in(self.store.read(authority_id, Freshness::Fresh).await?, account_id, operator).await
    }

    async fn keep_alive(&self, session: &Session, fingerprint: &str, now: Timestamp) -> Result<Option<Secret>> {
        let since = |at: Timestamp| now.duration_since(at);
        if !session.by_previous && since(session.rotated_at) >= SignedDuration::from_mins(ROTATE_MINUTES) {
            let secret = Secret::new()?;
            let mut tx = self.store.installation().await?;
            storage::sessions::touch(&mut tx, session.session_id, now).await?;
            let new = secret.fingerprint();
            let was_first = storage::sessions::rotate(&mut tx, session.session_id, fingerprint, &new, now).await?;
            tx.commit().await?;
            return Ok(was_first.then_some(secret));
        }
        // While somebody else writes for long, noting this can wait until the next request.
        if since(session.seen_at) >= SignedDuration::from_secs(TOUCH_SECONDS)
            && let Some(mut tx) = self.store.installation_if_free().await?
        {
            storage::sessions::touch(&mut tx, session.session_id, now).await?;
            tx.commit().await?;
        }
        Ok(None)
    }

    /// Ends a session.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be written.
    pub async fn sign_out(&self, signed: &Signed) -> Result<()> {
        let mut tx = self.store.write(signed.worker.authority.authority_id).await?;
        storage::sessions::end(&mut tx, signed.session.session_id).await?;
        let subjects = signed.session.session_id.to_string();
        self.record(&mut tx, &signed.worker, Audited { operation: "session.end", subjects, n_subjects: 1 }).await?;
        Ok(tx.commit().await?)
    }

    /// Lets somebody act in another authority that they are a member of. The cookie gets a new secret.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such authority, or they are no member of it.
    pub async fn act_in(&self, signed: &Signed, secret: &Secret, short_code: &ShortCode) -> Result<Signed> {
        let all = self.authorities().await?;
        let wanted = all.into_iter().find(|authority| authority.short_code == *short_code);
        let authority = wanted.ok_or(AppError::NotFound("authority"))?;
        let (account_id, operator) = (signed.worker.account_id, signed.worker.operator);
        let place = self.place_of(account_id, operator, authority.authority_id).await?;
        let (authority, role) = place.ok_or(AppError::NotFound("authority"))?;
        let now = self.now();
        let mut tx = self.store.write(authority.authority_id).await?;
        // Pages that still show the other authority must not write into this one: their token no longer fits.
        let csrf_token = Secret::new()?.expose().to_owned();
        let (session_id, authority_id) = (signed.session.session_id, authority.authority_id);
        storage::sessions::act_in(&mut tx, session_id, authority_id, &csrf_token).await?;
        let new_secret = Secret::new()?;
        let (old, new) = (secret.fingerprint(), new_secret.fingerprint());
        let rotated = storage::sessions::rotate(&mut tx, signed.session.session_id, &old, &new, now).await?;
        let worker = Worker { authority, role, ..signed.worker.clone() };
        let subjects = signed.session.session_id.to_string();
        self.record(&mut tx, &worker, Audited { operation: "session.authority", subjects, n_subjects: 1 }).await?;
        tx.commit().await?;
        let session = Session { authority_id, csrf_token, ..signed.session.clone() };
        Ok(Signed { worker, account: signed.account.clone(), session, new_secret: rotated.then_some(new_secret) })
    }

    /// Changes somebody's password. All their other sessions, and their programs' keys, end.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if the present password or code is wrong, or the new password is weak.
    pub async fn change_password(
        &self,
        signed: &Signed,
        current: Zeroizing<String>,
        code: Option<&str>,
        new: Zeroizing<String>,
    ) -> Result<()> {
        passwords::check_strength("new", &new, &[&signed.account])?;
        let credential = self.prove_again(signed, current).await?;
        let hash = passwords::hash(new).await?;
        let mut tx = self.store.write(signed.worker.authority.authority_id).await?;
        if !self.second_factor_is_right(&mut tx, &credential, code).await? {
            return Err(AppError::Invalid { field: "code", reason: "this code is wrong or was used".to_owned() });
        }
        storage::credentials::set_password(&mut tx, credential.account_id, &hash, self.now()).await?;
        let (account_id, session_id) = (credential.account_id, signed.session.session_id);
        storage::sessions::end_of_account(&mut tx, account_id, Some(session_id)).await?;
        storage::api_tokens::delete_of_account(&mut tx, account_id).await?;
        let audited = Audited { operation: "account.password", subjects: account_id.to_string(), n_subjects: 1 };
        self.record(&mut tx, &signed.worker, audited).await?;
        Ok(tx.commit().await?)
    }

    /// Makes new recovery codes; those before no longer work.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if password or code is wrong.
    pub async fn renew_recovery_codes(
        &self,
        signed: &Signed,
        password: Zeroizing<String>,
        code: Option<&str>,
    ) -> Result<Vec<String>> {
        let credential = self.prove_again(signed, password).await?;
        let mut tx = self.store.write(signed.worker.authority.authority_id).await?;
        if !self.second_factor_is_right(&mut tx, &credential, code).await? {
            return Err(AppError::Invalid { field: "code", reason: "this code is wrong or was used".to_owned() });
        }
        let codes = second_factor::new_recovery_codes()?;
        let hashes: Vec<String> = codes.iter().filter_map(|code| second_factor::recovery_fingerprint(code)).collect();
        storage::credentials::replace_codes(&mut tx, credential.account_id, &hashes).await?;
        let subjects = credential.account_id.to_string();
        let audited = Audited { operation: "account.recovery_codes", subjects, n_subjects: 1 };
        self.record(&mut tx, &signed.worker, audited).await?;
        tx.commit().await?;
        Ok(codes)
    }

    async fn prove_again(&self, signed: &Signed, password: Zeroizing<String>) -> Result<Credential> {
        let (_, credential) = self.credential_of(&signed.account).await?;
        let credential = credential.ok_or(AppError::NotFound("account"))?;
        if passwords::verify(password, credential.password_hash.clone()).await? {
            Ok(credential)
        } else {
            Err(AppError::Invalid { field: "current", reason: "this is not your present password".to_owned() })
        }
    }

    /// Ends what nobody uses any more: idle sessions, links and keys whose time is over.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be written.
    pub async fn end_what_is_over(&self) -> Result<u64> {
        let now = self.now();
        let idle_since = earlier(now, SignedDuration::from_mins(IDLE_MINUTES));
        let begun_before = earlier(now, SignedDuration::from_hours(MOST_HOURS));
        let mut tx = self.store.installation().await?;
        let mut n_ended = storage::sessions::end_idle(&mut tx, idle_since, begun_before).await?;
        n_ended += storage::invitations::end_expired(&mut tx, now).await?;
        n_ended += storage::api_tokens::end_expired(&mut tx, now).await?;
        tx.commit().await?;
        for authority in self.authorities_at_work().await? {
            let mut tx = self.store.write(authority.authority_id).await?;
            n_ended += storage::patients::end_idle_sessions(&mut tx, idle_since, begun_before).await?;
            tx.commit().await?;
        }
        Ok(n_ended)
    }
}

async fn place_in(mut tx: Tx, account_id: domain::ids::AccountId, operator: bool) -> Result<Option<(Authority, Role)>> {
    let role = storage::accounts::role(&mut tx, account_id).await?.or(operator.then_some(Role::Operator));
    let all = storage::authorities::list(&mut tx).await?;
    let authority = all.into_iter().find(|authority| authority.authority_id == tx.authority());
    Ok(authority.zip(role))
}

fn signed(
    session: Session,
    authority: Authority,
    role: Role,
    source: &'static str,
    new_secret: Option<Secret>,
) -> Signed {
    let worker = Worker::new(session.account_id, session.operator, authority, role, source);
    Signed { worker, account: session.account.clone(), session, new_secret }
}

fn lives(session: &Session, now: Timestamp) -> bool {
    let since = |at: Timestamp| now.duration_since(at);
    since(session.seen_at) < SignedDuration::from_mins(IDLE_MINUTES)
        && since(session.created_at) < SignedDuration::from_hours(MOST_HOURS)
        && (!session.by_previous || since(session.rotated_at) < SignedDuration::from_secs(GRACE_SECONDS))
}
