//! Who is signed in as a patient: half an hour without a word, or twelve hours, and it is over.

use crate::case_work::worker_of;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use crate::sign_in::{Secret, passwords};
use domain::authorities::ShortCode;
use domain::enrolment::{NothingToDo, may_sign_in};
use domain::ids::{PatientId, PersonId, SessionId};
use domain::languages::Language;
use domain::persons::Personal;
use jiff::{SignedDuration, Timestamp};
use storage::authorities::Authority;
use storage::patients::{PatientAccount, PatientSession};
use storage::{Freshness, Tx};
use zeroize::Zeroizing;

/// Minutes without a request after which a session ends.
pub const IDLE_MINUTES: i64 = 30;
/// Hours after which it ends in any case.
const MOST_HOURS: i64 = 12;
/// Seconds between two notes that somebody did something.
const TOUCH_SECONDS: i64 = 60;

/// What a patient gives to sign in.
#[derive(Clone, Debug)]
pub struct PatientAttempt {
    /// Short code of the authority.
    pub authority: ShortCode,
    /// User name.
    pub user_name: Personal<String>,
    /// Password.
    pub password: Zeroizing<String>,
    /// Where from: `loopback`, `network`.
    pub source: &'static str,
}

/// A patient who is signed in.
#[derive(Clone, Debug)]
pub struct Patient {
    /// The account.
    pub patient_id: PatientId,
    /// Whose it is.
    pub person_id: PersonId,
    /// Where.
    pub authority: Authority,
    /// User name.
    pub user_name: Personal<String>,
    /// Their language.
    pub language: Language,
    /// Whether they want to be reminded of their diary.
    pub wants_reminders: bool,
    /// The session.
    pub session: PatientSession,
    /// What the cookie is to hold, when the session has just begun.
    pub new_secret: Option<Secret>,
    /// Where from: `loopback`, `network`.
    pub source: &'static str,
}

impl Patient {
    /// Returns them as the one who acts: with the rights of patients and no others.
    #[must_use]
    pub fn worker(&self) -> Worker {
        worker_of(&self.authority, self.patient_id, self.source)
    }
}

impl App {
    /// Signs a patient in.
    ///
    /// # Errors
    ///
    /// [`AppError::WrongCredentials`] whatever is wrong; [`AppError::NothingToDo`] if password and name are right, and none
    /// of their cases is at work here.
    pub async fn sign_patient_in(&self, attempt: &PatientAttempt) -> Result<Patient> {
        let found = self.account_of_patient(&attempt.authority, attempt.user_name.expose()).await?;
        let hash = found.as_ref().map(|(_, account)| account.password_hash.clone());
        let is_right = passwords::verify(attempt.password.clone(), hash).await?;
        let (authority, account) = found.filter(|_| is_right).ok_or(AppError::WrongCredentials)?;
        let mut tx = self.store.write(authority.authority_id).await?;
        let enrolled = storage::enrolments::of_patient(&mut tx, account.patient_id).await?;
        if enrolled.is_empty() && storage::enrolments::is_superseded(&mut tx, account.patient_id).await? {
            return Err(NothingToDo::OtherAccount.into());
        }
        let cases: Vec<_> = enrolled.iter().map(|enrolment| enrolment.case_id).collect();
        let works = storage::cases::work_of(&mut tx, &cases).await?;
        may_sign_in(&works.iter().map(|work| work.status).collect::<Vec<_>>())?;
        let patient = self.begin_patient_session(&mut tx, authority, account, attempt.source).await?;
        tx.commit().await?;
        Ok(patient)
    }

    /// Finds an account by its user name, however that is written.
    pub(super) async fn account_of_patient(
        &self,
        code: &ShortCode,
        user_name: &str,
    ) -> Result<Option<(Authority, PatientAccount)>> {
        let all = self.authorities().await?;
        let Some(authority) = all.into_iter().find(|one| one.short_code == *code) else { return Ok(None) };
        let sealer = self.sealer_of(authority.authority_id)?;
        let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
        let key = user_name.trim().to_lowercase();
        let account = storage::patients::find(&mut tx, &sealer, &key).await?;
        Ok(account.map(|account| (authority, account)))
    }

    /// Begins a session in a transaction of the authority.
    pub(crate) async fn begin_patient_session(
        &self,
        tx: &mut Tx,
        authority: Authority,
        account: PatientAccount,
        source: &'static str,
    ) -> Result<Patient> {
        let now = self.now();
        let (secret, csrf) = (Secret::new()?, Secret::new()?);
        let session = PatientSession {
            session_id: SessionId::mint(now, self.random()),
            csrf_token: csrf.expose().to_owned(),
            patient_id: account.patient_id,
            created_at: now,
            seen_at: now,
        };
        storage::patients::begin_session(tx, &session, &secret.fingerprint()).await?;
        let patient = Patient {
            patient_id: account.patient_id,
            person_id: account.person_id,
            authority,
            user_name: account.user_name,
            language: account.language,
            wants_reminders: account.no_reminders_at.is_none(),
            session,
            new_secret: Some(secret),
            source,
        };
        self.record_of_patient(tx, &patient.worker(), "patients.sign_in").await?;
        Ok(patient)
    }

    /// Finds who holds a patient's cookie; `None` if nobody does any more.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be read.
    pub async fn patient_of(&self, code: &ShortCode, secret: &Secret, source: &'static str) -> Result<Option<Patient>> {
        let all = self.authorities().await?;
        let Some(authority) = all.into_iter().find(|one| one.short_code == *code) else { return Ok(None) };
        let sealer = self.sealer_of(authority.authority_id)?;
        let now = self.now();
        let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
        let found = storage::patients::session(&mut tx, &secret.fingerprint()).await?;
        let Some(session) = found.filter(|session| lives(session, now)) else { return Ok(None) };
        let Some(account) = storage::patients::by_id(&mut tx, &sealer, session.patient_id).await? else {
            return Ok(None);
        };
        drop(tx);
        if now.duration_since(session.seen_at) >= SignedDuration::from_secs(TOUCH_SECONDS) {
            let mut tx = self.store.write(authority.authority_id).await?;
            storage::patients::touch_session(&mut tx, session.session_id, now).await?;
            tx.commit().await?;
        }
        Ok(Some(Patient {
            patient_id: account.patient_id,
            person_id: account.person_id,
            authority,
            user_name: account.user_name,
            language: account.language,
            wants_reminders: account.no_reminders_at.is_none(),
            session,
            new_secret: None,
            source,
        }))
    }

    /// Writes down whether a patient wants to be reminded of their diary.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be written.
    pub async fn want_reminders(&self, patient: &Patient, wants: bool) -> Result<()> {
        let mut tx = self.store.write(patient.authority.authority_id).await?;
        let since = (!wants).then(|| self.now());
        storage::patients::set_no_reminders(&mut tx, patient.patient_id, since).await?;
        self.record_of_patient(&mut tx, &patient.worker(), "patients.reminders").await?;
        Ok(tx.commit().await?)
    }

    /// Signs a patient out.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be written.
    pub async fn sign_patient_out(&self, patient: &Patient) -> Result<()> {
        let mut tx = self.store.write(patient.authority.authority_id).await?;
        storage::patients::end_session(&mut tx, patient.session.session_id).await?;
        self.record_of_patient(&mut tx, &patient.worker(), "patients.sign_out").await?;
        Ok(tx.commit().await?)
    }
}

fn lives(session: &PatientSession, now: Timestamp) -> bool {
    let since = |at: Timestamp| now.duration_since(at);
    since(session.seen_at) < SignedDuration::from_mins(IDLE_MINUTES)
        && since(session.created_at) < SignedDuration::from_hours(MOST_HOURS)
}
