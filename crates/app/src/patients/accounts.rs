//! A patient's password: changed by who knows it, set anew by a link, and the end of an account.

use super::sessions::Patient;
use crate::context::App;
use crate::error::{AppError, Result};
use crate::messages::{NewMessage, Recipient};
use crate::sign_in::{Secret, passwords};
use domain::activation::MOST_WRONG_DATES;
use domain::authorities::ShortCode;
use domain::messages::{MailAddress, MessageKind, MessageValue, Values, Variable};
use domain::persons::{Personal, PersonalField};
use jiff::SignedDuration;
use jiff::civil::Date;
use storage::patients::Reset;
use zeroize::Zeroizing;

/// How long a link works that sets a new password.
const RESET_LASTS: SignedDuration = SignedDuration::from_hours(1);
/// The page that takes it.
const RESET_PAGE: &str = "patient/reset";

impl App {
    /// Changes a patient's password. All their other sessions end.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if the present password is wrong, or the new one is weak.
    pub async fn change_patients_password(
        &self,
        patient: &Patient,
        current: Zeroizing<String>,
        new: Zeroizing<String>,
    ) -> Result<()> {
        passwords::check_patients("new", &new, patient.user_name.expose())?;
        self.prove_patient("current", patient, current).await?;
        let hash = passwords::hash(new).await?;
        let mut tx = self.store.write(patient.authority.authority_id).await?;
        storage::patients::set_password(&mut tx, patient.patient_id, &hash, self.now()).await?;
        storage::patients::end_sessions(&mut tx, patient.patient_id, Some(patient.session.session_id)).await?;
        self.record_of_patient(&mut tx, &patient.worker(), "patients.password").await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a patient's account, by who knows its password. Their cases stay as they are; somebody must call from now on.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if the password is wrong.
    pub async fn delete_patients_account(&self, patient: &Patient, password: Zeroizing<String>) -> Result<()> {
        self.prove_patient("password", patient, password).await?;
        self.note_account_deleted(patient).await?;
        let mut tx = self.store.write(patient.authority.authority_id).await?;
        storage::patients::delete(&mut tx, patient.patient_id).await?;
        self.record_of_patient(&mut tx, &patient.worker(), "patients.delete").await?;
        Ok(tx.commit().await?)
    }

    async fn prove_patient(&self, field: &'static str, patient: &Patient, password: Zeroizing<String>) -> Result<()> {
        let sealer = self.sealer_of(patient.authority.authority_id)?;
        let mut tx = self.store.read(patient.authority.authority_id, storage::Freshness::Fresh).await?;
        let account = storage::patients::by_id(&mut tx, &sealer, patient.patient_id).await?;
        drop(tx);
        if passwords::verify(password, account.map(|account| account.password_hash)).await? {
            return Ok(());
        }
        Err(AppError::Invalid { field, reason: "this is not your password".to_owned() })
    }

    /// Sends a link that sets a new password, if there is such an account and its person has an e-mail address. Whoever
    /// asks isn't told.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be written.
    pub async fn send_patients_reset(&self, authority: &ShortCode, user_name: &Personal<String>) -> Result<()> {
        let Some((authority, account)) = self.account_of_patient(authority, user_name.expose()).await? else {
            return Ok(());
        };
        let sealer = self.sealer_of(authority.authority_id)?;
        let secret = Secret::new()?;
        let until = self.now().checked_add(RESET_LASTS).unwrap_or(jiff::Timestamp::MAX);
        let mut tx = self.store.write(authority.authority_id).await?;
        let person = storage::persons::by_id(&mut tx, &sealer, &[account.person_id]).await?;
        let email = person.get(&account.person_id).and_then(|person| person.personal.get(&PersonalField::Email));
        let Some(email) = email.and_then(|email| MailAddress::new(email.expose()).ok()) else { return Ok(()) };
        let reset = Reset { hash: secret.fingerprint(), until, n_wrong: 0 };
        storage::patients::set_reset(&mut tx, account.patient_id, Some(&reset)).await?;
        let head = storage::letters::letterhead(&mut tx).await?.map(|(_, head)| head).unwrap_or_default();
        let link = format!("{}#{}", self.page_of(&authority, RESET_PAGE)?, secret.expose());
        let message = NewMessage {
            kind: MessageKind::Reset,
            recipient: Recipient::Mail(email),
            case_id: None,
            person_id: Some(account.person_id),
            language: Some(account.language),
            values: Values::default()
                .text(Variable::Phone, &head.phone_index)
                .text(Variable::Link, link)
                .with(Variable::ValidUntil, MessageValue::At(until)),
            reply_to: MailAddress::new(&head.email).ok(),
            by: None,
        };
        self.queue_message(&mut tx, &authority, &message).await?;
        Ok(tx.commit().await?)
    }

    /// Sets a new password by a link, together with the date of birth. The link works once; all sessions end.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if the link works no more, [`AppError::Invalid`] for a wrong date of birth or a weak
    /// password. Ten wrong dates end the link.
    pub async fn redeem_patients_reset(
        &self,
        authority: &ShortCode,
        secret: &Secret,
        born: Date,
        password: Zeroizing<String>,
    ) -> Result<()> {
        let gone = || AppError::NotFound("link");
        let all = self.authorities().await?;
        let authority = all.into_iter().find(|one| one.short_code == *authority).ok_or_else(gone)?;
        let sealer = self.sealer_of(authority.authority_id)?;
        let mut tx = self.store.read(authority.authority_id, storage::Freshness::Fresh).await?;
        let found = storage::patients::by_reset(&mut tx, &sealer, &secret.fingerprint()).await?;
        let (account, _) = found.filter(|(_, reset)| reset.until > self.now()).ok_or_else(gone)?;
        drop(tx);
        passwords::check_patients("password", &password, account.user_name.expose())?;
        let hash = passwords::hash(password).await?;
        let mut tx = self.store.write(authority.authority_id).await?;
        let found = storage::patients::by_reset(&mut tx, &sealer, &secret.fingerprint()).await?;
        let (account, reset) = found.filter(|(_, reset)| reset.until > self.now()).ok_or_else(gone)?;
        let person = storage::persons::by_id(&mut tx, &sealer, &[account.person_id]).await?;
        let known = person.get(&account.person_id).and_then(|person| person.personal.get(&PersonalField::Born));
        if known.is_none_or(|known| *known.expose() != born.to_string()) {
            let n_wrong = reset.n_wrong + 1;
            let left = Reset { n_wrong, ..reset };
            let left = (n_wrong < MOST_WRONG_DATES).then_some(&left);
            storage::patients::set_reset(&mut tx, account.patient_id, left).await?;
            tx.commit().await?;
            let reason = "this is not the date of birth that the health authority knows; check it".to_owned();
            return Err(AppError::Invalid { field: "born", reason });
        }
        storage::patients::set_password(&mut tx, account.patient_id, &hash, self.now()).await?;
        storage::patients::end_sessions(&mut tx, account.patient_id, None).await?;
        let worker = crate::case_work::worker_of(&authority, account.patient_id, "network");
        self.record_of_patient(&mut tx, &worker, "patients.reset").await?;
        Ok(tx.commit().await?)
    }
}
