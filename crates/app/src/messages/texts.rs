//! An authority's own texts of messages: seen, previewed, changed, and put back to those that the program has.

use super::compose::{self, Composed, Frame};
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::AccountId;
use domain::languages::Language;
use domain::messages::MessageKind;
use jiff::Timestamp;
use std::collections::HashMap;
use storage::Freshness;
use storage::message_templates::{TemplateVersion, Texts};

/// The texts of a kind of message in a language, as they are in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// What the message is about.
    pub kind: MessageKind,
    /// Language.
    pub language: Language,
    /// Number of the version; 0 where the authority never had its own.
    pub version: i32,
    /// Whether they are the authority's own.
    pub is_own: bool,
    /// The texts.
    pub texts: Texts,
    /// When they were last changed, and by whom.
    pub changed: Option<(Timestamp, String)>,
}

/// What a text looks like, filled with samples.
pub type Preview = Composed;

impl App {
    /// Lists the texts of all kinds in all languages.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn message_templates(&self, worker: &Worker) -> Result<Vec<Template>> {
        worker.require(Action::ManageTexts)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let own = storage::message_templates::list(&mut tx).await?;
        let accounts: Vec<AccountId> = own.iter().map(|version| version.account_id).collect();
        let names = storage::history::names_of_accounts(&mut tx, &accounts).await?;
        let of = |kind: MessageKind, language: Language| {
            let own = own.iter().find(|version| version.kind == kind && version.language == language);
            in_force(kind, language, own.cloned(), &names)
        };
        let all = MessageKind::ALL.iter().flat_map(|kind| Language::ALL.iter().map(|language| of(*kind, *language)));
        Ok(all.collect())
    }

    /// Shows what texts would look like, and checks them.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if a text names what isn't there, is too long, or lacks what its readers need.
    pub fn preview_message(
        &self,
        worker: &Worker,
        kind: MessageKind,
        language: Language,
        texts: &Texts,
    ) -> Result<Preview> {
        worker.require(Action::ManageTexts)?;
        let pages = if kind.is_printed() { Vec::new() } else { self.pages_below(&worker.authority) };
        let frame = Frame { authority: &worker.authority.name, zone: &worker.authority.time_zone, pages: &pages };
        compose::preview(&frame, kind, language, texts)
    }

    /// Puts texts in force, or, with none, those that the program has. `version` is the one that they were made from.
    /// What is queued already keeps its text.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if somebody changed them since, [`AppError::Invalid`] as for a preview.
    pub async fn change_message_template(
        &self,
        worker: &Worker,
        kind: MessageKind,
        language: Language,
        version: i32,
        texts: Option<Texts>,
    ) -> Result<Template> {
        worker.require(Action::ManageTexts)?;
        if let Some(texts) = &texts {
            self.preview_message(worker, kind, language, texts)?;
        }
        let changed = || AppError::Conflict("somebody changed this text in the meantime; load it anew".to_owned());
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let known = storage::message_templates::in_force(&mut tx, kind, language).await?;
        if known.map_or(0, |known| known.version) != version {
            return Err(changed());
        }
        let (account_id, created_at) = (worker.account_id, self.now());
        let new = TemplateVersion { kind, language, version: version + 1, texts, account_id, created_at };
        if !storage::message_templates::insert(&mut tx, &new).await? {
            return Err(changed());
        }
        let audited = Audited { operation: "message_templates.change", subjects: String::new(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        let names = storage::history::names_of_accounts(&mut tx, &[account_id]).await?;
        tx.commit().await?;
        Ok(in_force(kind, language, Some(new), &names))
    }
}

fn in_force(
    kind: MessageKind,
    language: Language,
    own: Option<TemplateVersion>,
    names: &HashMap<AccountId, String>,
) -> Template {
    let version = own.as_ref().map_or(0, |own| own.version);
    let changed = own.as_ref().map(|own| (own.created_at, names.get(&own.account_id).cloned().unwrap_or_default()));
    let own = own.and_then(|own| own.texts);
    let is_own = own.is_some();
    let texts = own.unwrap_or_else(|| compose::default_texts(kind, language));
    Template { kind, language, version, is_own, texts, changed }
}
