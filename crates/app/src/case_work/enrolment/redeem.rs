//! Redeeming a code: what the mail or letter brings, together with the date of birth, opens an account for the case.
//!
//! Opening the link redeems nothing. A wrong date of birth is counted, and ten lock the code; where none is known the
//! given one is kept. What a code says of the person before it is redeemed is nothing: it may be in the wrong hands.

use super::invite::later;
use crate::case_work::details::CaseChanges;
use crate::case_work::taken::Taken;
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use crate::patients::Patient;
use crate::sign_in::passwords;
use domain::activation::{ActivationCode, CodeOver, CodeState, after_wrong_dates, check_code};
use domain::authorities::{Role, ShortCode};
use domain::cases::CaseStatus;
use domain::enrolment::{COMPLETE_WITHIN, user_name};
use domain::ids::{AccountId, EnrolmentId, PatientId};
use domain::languages::Language;
use domain::letters::language_of;
use domain::messages::Channel;
use domain::persons::{Personal, PersonalField};
use domain::public_texts::PublicTextKind;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;
use storage::activation_codes::StoredCode;
use storage::authorities::Authority;
use storage::enrolments::Enrolment;
use storage::patients::PatientAccount;
use storage::{Freshness, Tx};
use zeroize::Zeroizing;

/// A code as it is shown to who holds it.
#[derive(Clone, Debug)]
pub struct OpenCode {
    /// Who invites.
    pub authority: Authority,
    /// Their telephone; empty where nobody wrote one down.
    pub phone: String,
    /// By which way the code came.
    pub channel: Channel,
    /// Until when it works; `None` where that isn't known yet.
    pub valid_until: Option<Timestamp>,
    /// The language in which the person is written to; `None` where nobody knows it.
    pub language: Option<Language>,
    /// The data protection text that is to be accepted: in which language, and which version.
    pub privacy: (Language, i32),
}

/// What somebody gives to redeem a code.
#[derive(Clone, Debug)]
pub struct Redemption {
    /// The code.
    pub code: ActivationCode,
    /// The date of birth.
    pub born: Date,
    /// The data protection text that they accept: in which language, and which version.
    pub accepts: (Language, i32),
}

/// The account that somebody wants.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// User name.
    pub user_name: Personal<String>,
    /// Password.
    pub password: Zeroizing<String>,
    /// Their language.
    pub language: Language,
    /// Where from: `loopback`, `network`.
    pub source: &'static str,
}

impl App {
    /// Shows a code to who holds it. That redeems nothing.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is none like it, [`AppError::CodeOver`] if it works no more.
    pub async fn open_code(&self, authority: &ShortCode, code: &ActivationCode) -> Result<OpenCode> {
        let authority = self.authority_of_code(authority).await?;
        let sealer = self.sealer_of(authority.authority_id)?;
        let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
        let found = storage::activation_codes::find(&mut tx, code).await?.ok_or(AppError::NotFound("code"))?;
        check_code(found.state, found.valid_until, self.now())?;
        let work = storage::cases::work_of(&mut tx, &[found.case_id]).await?.pop().ok_or(CodeOver::Cancelled)?;
        let person = storage::persons::by_id(&mut tx, &sealer, &[work.person_id]).await?.remove(&work.person_id);
        let language = person.and_then(|person| person.language.as_deref().and_then(language_of));
        let head = storage::letters::letterhead(&mut tx).await?.map(|(_, head)| head);
        let phone = head.map_or_else(String::new, |head| head.phone(work.case_type.is_contact()).to_owned());
        let privacy = self.data_protection_version(&mut tx, &authority, language).await?;
        let privacy = privacy.ok_or(CodeOver::Cancelled)?;
        Ok(OpenCode { language, authority, phone, channel: found.channel, valid_until: found.valid_until, privacy })
    }

    /// Redeems a code: opens an account for its case, and signs in.
    ///
    /// # Errors
    ///
    /// As [`open_code`](Self::open_code); [`AppError::InvalidFields`] for a wrong date of birth, a user name that is taken,
    /// a weak password.
    pub async fn redeem_code(
        &self,
        authority: &ShortCode,
        redemption: &Redemption,
        new: NewAccount,
    ) -> Result<Patient> {
        let authority = self.authority_of_code(authority).await?;
        let (name, key) =
            user_name(new.user_name.expose()).map_err(|reason| AppError::InvalidFields(vec![("user_name", reason)]))?;
        passwords::check_patients("password", &new.password, &name)?;
        let password_hash = passwords::hash(new.password).await?;
        let patient_id = PatientId::mint(self.now(), self.random());
        let worker = worker_of(&authority, patient_id, new.source);
        let (mut tx, mut taken, code) = self.take_for(&worker, redemption).await?;
        let account = PatientAccount {
            no_reminders_at: None,
            patient_id,
            person_id: taken.work.person_id,
            user_name: Personal::new(name),
            password_hash,
            language: new.language,
            created_at: taken.now,
            changed_at: taken.now,
        };
        let came_along = account_that_came_along(&mut tx, &taken, &key).await?;
        let (worker, account) = match came_along {
            Some(theirs) => {
                storage::patients::set_password(&mut tx, theirs.patient_id, &account.password_hash, taken.now).await?;
                (worker_of(&authority, theirs.patient_id, new.source), theirs)
            }
            None => {
                if !storage::patients::insert(&mut tx, &taken.sealer, &account, &key).await? {
                    let reason = "somebody has this user name already; choose another one".to_owned();
                    return Err(AppError::InvalidFields(vec![("user_name", reason)]));
                }
                (worker, account)
            }
        };
        self.enrol(&mut tx, &worker, &mut taken, (redemption, code, new.language)).await?;
        let patient = self.begin_patient_session(&mut tx, authority, account, new.source).await?;
        self.settle(tx, &worker, taken, "patients.redeem").await?;
        Ok(patient)
    }

    /// Redeems another code while signed in: the account acts for that case too, of the same person or of one for whom
    /// they care.
    ///
    /// # Errors
    ///
    /// As [`redeem_code`](Self::redeem_code).
    pub async fn redeem_another_code(&self, patient: &Patient, redemption: &Redemption) -> Result<()> {
        let worker = patient.worker();
        let (mut tx, mut taken, code) = self.take_for(&worker, redemption).await?;
        self.enrol(&mut tx, &worker, &mut taken, (redemption, code, patient.language)).await?;
        self.settle(tx, &worker, taken, "patients.redeem_another").await?;
        Ok(())
    }

    /// Takes the case of a code for who holds it, once the date of birth is right.
    async fn take_for(&self, worker: &Worker, redemption: &Redemption) -> Result<(Tx, Taken, StoredCode)> {
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let found = storage::activation_codes::find(&mut tx, &redemption.code).await?;
        let case_id = found.ok_or(AppError::NotFound("code"))?.case_id;
        let mut taken = self.take(&mut tx, sealer, case_id).await?;
        // Once more, now that the case is held: of two who redeem at once, one does.
        let found = storage::activation_codes::find(&mut tx, &redemption.code).await?;
        let code = found.ok_or(AppError::NotFound("code"))?;
        check_code(code.state, code.valid_until, taken.now)?;
        let status = taken.work.status;
        if status.is_ended() || status == CaseStatus::External {
            return Err(CodeOver::Cancelled.into());
        }
        let (language, version) = redemption.accepts;
        let text = storage::public_texts::in_force(&mut tx, PublicTextKind::DataProtection, language).await?;
        if text.is_none_or(|text| text.markup.is_none() || text.version != version) {
            let reason = "the text has changed; read it again".to_owned();
            return Err(AppError::InvalidFields(vec![("accepts", reason)]));
        }
        let known = taken.person.personal.get(&PersonalField::Born).map(|born| born.expose().clone());
        if known.is_some_and(|known| known != redemption.born.to_string()) {
            return Err(self.wrong_date(tx, worker, taken, code).await?);
        }
        self.keep_born(&mut tx, worker, &mut taken, redemption.born).await?;
        Ok((tx, taken, code))
    }

    /// Counts a wrong date of birth, and commits that; the tenth locks the code, and somebody looks.
    async fn wrong_date(&self, mut tx: Tx, worker: &Worker, taken: Taken, code: StoredCode) -> Result<AppError> {
        let n_wrong = code.n_wrong + 1;
        let state = after_wrong_dates(n_wrong);
        let is_locked = state == CodeState::Locked;
        let ended_at = is_locked.then_some(taken.now);
        let due_at = code.due_at.filter(|_| !is_locked);
        storage::activation_codes::write(&mut tx, &StoredCode { n_wrong, state, ended_at, due_at, ..code }).await?;
        self.settle(tx, worker, taken, "patients.wrong_date").await?;
        if is_locked {
            return Ok(CodeOver::Locked.into());
        }
        let reason = "this is not the date of birth that the health authority knows; check it".to_owned();
        Ok(AppError::InvalidFields(vec![("born", reason)]))
    }

    /// Keeps a date of birth where none is known.
    async fn keep_born(&self, tx: &mut Tx, worker: &Worker, taken: &mut Taken, born: Date) -> Result<()> {
        if taken.person.personal.contains_key(&PersonalField::Born) {
            return Ok(());
        }
        let changes = BTreeMap::from([("born".to_owned(), Some(born.to_string()))]);
        self.change_taken(tx, worker, taken, &CaseChanges { changes, seen: None }).await
    }

    /// Writes down that an account acts for a case, uses the code up, and lets the case go on.
    async fn enrol(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        (redemption, code, language): (&Redemption, StoredCode, Language),
    ) -> Result<()> {
        let used = StoredCode { state: CodeState::Redeemed, ended_at: Some(taken.now), due_at: None, ..code };
        storage::activation_codes::write(tx, &used).await?;
        self.cancel_codes(tx, worker, taken).await?;
        if taken.person.language.is_none() {
            let changes = BTreeMap::from([("language".to_owned(), Some(language.to_string()))]);
            self.change_taken(tx, worker, taken, &CaseChanges { changes, seen: None }).await?;
        }
        let status = taken.work.status;
        // An account that was lost and is replaced finds the case as it was.
        let goes_on = matches!(status, CaseStatus::Registered | CaseStatus::Tracking);
        let is_complete = status == CaseStatus::Tracking;
        let enrolment = Enrolment {
            enrolment_id: EnrolmentId::mint(taken.now, self.random()),
            case_id: taken.work.case_id,
            person_id: taken.work.person_id,
            patient_id: PatientId(worker.account_id.0),
            privacy: redemption.accepts,
            accepted_at: taken.now,
            due_at: (!is_complete).then(|| later(taken.now, COMPLETE_WITHIN)),
            completed_at: is_complete.then_some(taken.now),
            superseded_by: None,
        };
        storage::enrolments::insert(tx, &enrolment).await?;
        if !goes_on {
            // A mail that came late: the case had gone back, or somebody called meanwhile.
            if status != CaseStatus::InRegistration {
                self.move_to(worker, taken, CaseStatus::InRegistration);
            }
            self.move_to(worker, taken, CaseStatus::Registered);
        }
        Ok(())
    }

    async fn authority_of_code(&self, code: &ShortCode) -> Result<Authority> {
        let all = self.authorities().await?;
        all.into_iter().find(|authority| authority.short_code == *code).ok_or(AppError::NotFound("code"))
    }
}

/// A patient as the one who acts: under the id of their account, with the rights of patients and no others.
pub(crate) fn worker_of(authority: &Authority, patient_id: PatientId, source: &'static str) -> Worker {
    let account_id = AccountId(patient_id.0);
    Worker::new(account_id, false, authority.clone(), Role::Patient, source)
}

impl App {
    /// Records something that a patient did with their account.
    pub(crate) async fn record_of_patient(&self, tx: &mut Tx, worker: &Worker, operation: &'static str) -> Result<()> {
        let subjects = worker.account_id.to_string();
        self.record(tx, worker, Audited { operation, subjects, n_subjects: 1 }).await
    }
}

/// Finds the account with this user name that another authority handed over with the person. It acts for nothing here yet,
/// and is theirs who holds the code and knows the date of birth.
async fn account_that_came_along(tx: &mut Tx, taken: &Taken, key: &str) -> Result<Option<PatientAccount>> {
    let found = storage::patients::find(tx, &taken.sealer, key).await?;
    let Some(account) = found.filter(|account| account.person_id == taken.work.person_id) else { return Ok(None) };
    let acts = !storage::enrolments::of_patient(tx, account.patient_id).await?.is_empty();
    Ok((!acts).then_some(account))
}
