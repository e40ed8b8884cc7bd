//! Keys of programs: made by a person, for a while, with scopes that never exceed what the person may.

use super::Secret;
use super::sessions::Signed;
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::TokenId;
use domain::time::local_day;
use jiff::{SignedDuration, Timestamp};
use storage::api_tokens::ApiToken;

/// Longest life of a key, in days.
pub const MOST_DAYS: i64 = 365;
/// Most keys of one account in one authority.
const MOST_TOKENS: usize = 20;
/// What a key begins with, so that people and scanners of source code know one.
pub const PREFIX: &str = "epi_";

impl App {
    /// Makes a key. Its secret is shown once.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] for a scope that there isn't, or that the person may not use.
    pub async fn make_token(
        &self,
        signed: &Signed,
        name: &str,
        scopes: &[Action],
        days: i64,
    ) -> Result<(ApiToken, Secret)> {
        let worker = &signed.worker;
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 60 {
            return Err(AppError::Invalid {
                field: "name",
                reason: "say in 1 to 60 characters what it is for".to_owned(),
            });
        }
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(AppError::Invalid { field: "days", reason: format!("choose 1 to {MOST_DAYS} days") });
        }
        if scopes.is_empty() {
            return Err(AppError::Invalid { field: "scopes", reason: "choose at least one".to_owned() });
        }
        if let Some(beyond) = scopes.iter().find(|scope| !worker.may(**scope)) {
            return Err(AppError::Invalid {
                field: "scopes",
                reason: format!("you may not {} yourself", beyond.in_words()),
            });
        }
        let now = self.now();
        let secret = Secret::brought(&format!("{PREFIX}{}", Secret::new()?.expose()));
        let mut words: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        let token = ApiToken {
            token_id: TokenId::mint(now, self.random()),
            account_id: worker.account_id,
            account: signed.account.clone(),
            operator: worker.operator,
            authority_id: worker.authority.authority_id,
            name: name.to_owned(),
            scopes: words.join(" "),
            created_at: now,
            expires_at: now.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX),
            last_used_on: None,
        };
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let known = storage::api_tokens::of_account(&mut tx, token.account_id, token.authority_id).await?;
        if known.len() >= MOST_TOKENS {
            return Err(AppError::Conflict(format!("there are {MOST_TOKENS} keys already; delete one first")));
        }
        storage::api_tokens::insert(&mut tx, &token, &secret.fingerprint()).await?;
        let audited = Audited { operation: "tokens.create", subjects: token.token_id.to_string(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        tx.commit().await?;
        Ok((token, secret))
    }

    /// Lists the keys that somebody made in this authority.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be read.
    pub async fn list_tokens(&self, signed: &Signed) -> Result<Vec<ApiToken>> {
        let worker = &signed.worker;
        let mut tx = self.store.read_installation().await?;
        Ok(storage::api_tokens::of_account(&mut tx, worker.account_id, worker.authority.authority_id).await?)
    }

    /// Deletes a key.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if they made none with this id here.
    pub async fn delete_token(&self, signed: &Signed, token: TokenId) -> Result<()> {
        let worker = &signed.worker;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let account_id = worker.account_id;
        if !storage::api_tokens::delete(&mut tx, token, account_id, worker.authority.authority_id).await? {
            return Err(AppError::NotFound("key"));
        }
        let audited = Audited { operation: "tokens.delete", subjects: token.to_string(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        Ok(tx.commit().await?)
    }

    /// Finds for whom a key acts; `None` if it works no more.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be read.
    pub async fn worker_of_token(&self, secret: &Secret, source: &'static str) -> Result<Option<Worker>> {
        let now = self.now();
        let mut tx = self.store.read_installation().await?;
        let Some(token) = storage::api_tokens::find(&mut tx, &secret.fingerprint(), now).await? else {
            return Ok(None);
        };
        let sealer = self.installation_sealer()?;
        let credential = storage::credentials::find(&mut tx, &sealer, token.account_id).await?;
        if credential.is_none_or(|credential| credential.disabled) {
            return Ok(None);
        }
        drop(tx);
        let place = self.place_of(token.account_id, token.operator, token.authority_id).await?;
        let Some((authority, role)) = place else { return Ok(None) };
        let today = local_day(now, &authority.time_zone);
        if token.last_used_on != Some(today) {
            let mut tx = self.store.installation().await?;
            storage::api_tokens::touch(&mut tx, token.token_id, today).await?;
            tx.commit().await?;
        }
        let scopes = token.scopes.split(' ').filter_map(Action::find).collect();
        let person = Worker::new(token.account_id, token.operator, authority, role, source);
        Ok(Some(Worker { scopes: Some(scopes), ..person }))
    }
}
