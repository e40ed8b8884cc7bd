//! What an authority tells everybody: welcome, terms, imprint, data protection, what it offers. Read without signing in,
//! written by administrators, kept in every version.

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::{Action, ShortCode};
use domain::languages::Language;
use domain::public_texts::{PublicTextKind, fault, shown_in};
use jiff::Timestamp;
use std::collections::HashMap;
use storage::authorities::Authority;
use storage::public_texts::TextVersion;
use storage::{Freshness, Tx};

/// A text in a language, as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnText {
    /// Which text.
    pub kind: PublicTextKind,
    /// Language.
    pub language: Language,
    /// Number of the version; 0 where there never was one.
    pub version: i32,
    /// The text; `None` where there is none.
    pub markup: Option<String>,
    /// When it was last changed, and by whom.
    pub changed: Option<(Timestamp, String)>,
    /// Whether nobody may be invited without it.
    pub is_required: bool,
}

/// Which texts everybody can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownTexts {
    /// Whose.
    pub authority: String,
    /// Those that are in force, in any language.
    pub kinds: Vec<PublicTextKind>,
}

/// A text as everybody reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownText {
    /// Whose.
    pub authority: String,
    /// In each language in which it is shown, the wanted one first.
    pub parts: Vec<ShownPart>,
}

/// A text in one language, as everybody reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownPart {
    /// Language.
    pub language: Language,
    /// Number of the version.
    pub version: i32,
    /// Since when.
    pub since: Timestamp,
    /// HTML without script, style or picture.
    pub html: String,
}

/// Which text is asked for by somebody who isn't signed in.
#[derive(Clone, Copy, Debug)]
pub struct TextQuery {
    /// Which text.
    pub kind: PublicTextKind,
    /// Language that is wanted.
    pub language: Option<Language>,
    /// A version of it, in that language alone; `None`: that which is in force.
    pub version: Option<i32>,
}

impl ShownText {
    /// Returns all parts as one text, with a line between languages.
    #[must_use]
    pub fn html(&self) -> String {
        let part = |part: &ShownPart| format!("<div lang=\"{}\">\n{}</div>\n", part.language, part.html);
        self.parts.iter().map(part).collect::<Vec<_>>().join("<hr>\n")
    }
}

impl App {
    /// Lists which texts can be read by whoever asks.
    ///
    /// # Errors
    ///
    /// [`AppError::NoAuthority`] if there is no such authority.
    pub async fn shown_texts(&self, code: &ShortCode) -> Result<ShownTexts> {
        let authority = self.choose_authority(Some(code)).await?;
        let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
        let kinds = shown_kinds(&mut tx).await?;
        Ok(ShownTexts { authority: authority.name, kinds })
    }

    /// Shows a text to whoever asks.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if the authority has none, [`AppError::NoAuthority`] if there is no such authority.
    pub async fn public_text(&self, code: &ShortCode, query: TextQuery) -> Result<ShownText> {
        let authority = self.choose_authority(Some(code)).await?;
        let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
        let own = Language::of_authority(&authority.languages);
        let mut found = Vec::new();
        if let Some(version) = query.version {
            let language = query.language.unwrap_or(own);
            found.extend(storage::public_texts::version(&mut tx, query.kind, language, version).await?);
        } else {
            for language in shown_in(query.language, own) {
                found.extend(storage::public_texts::in_force(&mut tx, query.kind, language).await?);
            }
        }
        let parts: Vec<ShownPart> = found.into_iter().filter_map(shown).collect();
        if parts.is_empty() {
            return Err(AppError::NotFound("text"));
        }
        Ok(ShownText { authority: authority.name, parts })
    }

    /// Lists all texts in all languages.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn public_texts(&self, worker: &Worker) -> Result<Vec<OwnText>> {
        worker.require(Action::ManageTexts)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let known = storage::public_texts::list(&mut tx).await?;
        let names = names_of(&mut tx, &known).await?;
        let main = Language::of_authority(&worker.authority.languages);
        let of = |kind: PublicTextKind, language: Language| {
            let version = known.iter().find(|one| one.kind == kind && one.language == language).cloned();
            let is_required = kind.is_required() && language == main;
            let blank = OwnText { kind, language, version: 0, markup: None, changed: None, is_required };
            version.map_or(blank, |version| OwnText { is_required, ..own(version, &names) })
        };
        let kinds = PublicTextKind::ALL.iter();
        Ok(kinds.flat_map(|kind| Language::ALL.iter().map(|language| of(*kind, *language))).collect())
    }

    /// Lists all versions of a text in a language, newest first.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn public_text_versions(
        &self,
        worker: &Worker,
        kind: PublicTextKind,
        language: Language,
    ) -> Result<Vec<OwnText>> {
        worker.require(Action::ManageTexts)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let versions = storage::public_texts::versions(&mut tx, kind, language).await?;
        let names = names_of(&mut tx, &versions).await?;
        Ok(versions.into_iter().map(|version| own(version, &names)).collect())
    }

    /// Shows what a text looks like, and checks it.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if it says nothing, or too much.
    pub fn preview_public_text(&self, worker: &Worker, markup: &str) -> Result<String> {
        worker.require(Action::ManageTexts)?;
        checked(markup)?;
        Ok(documents::markup::to_html(markup))
    }

    /// Puts a text in force, or, with none, takes it back. `version` is the one that it was made from.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if somebody changed it since, [`AppError::Invalid`] as for a preview.
    pub async fn change_public_text(
        &self,
        worker: &Worker,
        (kind, language): (PublicTextKind, Language),
        version: i32,
        markup: Option<String>,
    ) -> Result<OwnText> {
        worker.require(Action::ManageTexts)?;
        markup.as_deref().map(checked).transpose()?;
        let changed = || AppError::Conflict("somebody changed this text in the meantime; load it anew".to_owned());
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let known = storage::public_texts::in_force(&mut tx, kind, language).await?;
        if known.map_or(0, |known| known.version) != version {
            return Err(changed());
        }
        let (account_id, created_at) = (worker.account_id, self.now());
        let new = TextVersion { kind, language, version: version + 1, markup, account_id, created_at };
        if !storage::public_texts::insert(&mut tx, &new).await? {
            return Err(changed());
        }
        let audited = Audited { operation: "public_texts.change", subjects: String::new(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        let names = names_of(&mut tx, std::slice::from_ref(&new)).await?;
        tx.commit().await?;
        let is_required = kind.is_required() && language == Language::of_authority(&worker.authority.languages);
        Ok(OwnText { is_required, ..own(new, &names) })
    }

    /// Lists which required texts an authority lacks in its own language. Nobody is invited before it has all of them.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be read.
    pub async fn missing_public_texts(&self, tx: &mut Tx, authority: &Authority) -> Result<Vec<PublicTextKind>> {
        let own = Language::of_authority(&authority.languages);
        let known = storage::public_texts::list(tx).await?;
        let is_there = |kind: PublicTextKind| {
            known.iter().any(|text| text.kind == kind && text.language == own && text.markup.is_some())
        };
        Ok(PublicTextKind::ALL.iter().copied().filter(|kind| kind.is_required() && !is_there(*kind)).collect())
    }

    /// Returns which version of the data-protection text somebody reads who wants a language, and in which it is: in
    /// theirs where there is one, else in the authority's. `None` where there is none at all.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be read.
    pub async fn data_protection_version(
        &self,
        tx: &mut Tx,
        authority: &Authority,
        wanted: Option<Language>,
    ) -> Result<Option<(Language, i32)>> {
        for language in shown_in(wanted, Language::of_authority(&authority.languages)) {
            let found = storage::public_texts::in_force(tx, PublicTextKind::DataProtection, language).await?;
            if let Some(text) = found.filter(|text| text.markup.is_some()) {
                return Ok(Some((language, text.version)));
            }
        }
        Ok(None)
    }
}

/// Lists the texts that are in force in any language.
pub(crate) async fn shown_kinds(tx: &mut Tx) -> Result<Vec<PublicTextKind>> {
    let known = storage::public_texts::list(tx).await?;
    let is_there = |kind: PublicTextKind| known.iter().any(|text| text.kind == kind && text.markup.is_some());
    Ok(PublicTextKind::ALL.iter().copied().filter(|kind| is_there(*kind)).collect())
}

fn checked(markup: &str) -> Result<()> {
    fault(markup).map_or(Ok(()), |reason| Err(AppError::Invalid { field: "markup", reason }))
}

fn shown(text: TextVersion) -> Option<ShownPart> {
    let html = documents::markup::to_html(&text.markup?);
    Some(ShownPart { language: text.language, version: text.version, since: text.created_at, html })
}

type Names = HashMap<domain::ids::AccountId, String>;

async fn names_of(tx: &mut Tx, texts: &[TextVersion]) -> Result<Names> {
    let accounts: Vec<_> = texts.iter().map(|text| text.account_id).collect();
    Ok(storage::history::names_of_accounts(tx, &accounts).await?)
}

fn own(text: TextVersion, names: &Names) -> OwnText {
    let who = names.get(&text.account_id).cloned().unwrap_or_default();
    OwnText {
        kind: text.kind,
        language: text.language,
        version: text.version,
        markup: text.markup,
        changed: Some((text.created_at, who)),
        is_required: false,
    }
}
