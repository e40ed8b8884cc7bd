//! Views of the list of cases that staff keep under a name: their own, and those that everybody of the authority sees.

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::ViewId;
use domain::persons::Personal;
use storage::Freshness;
use storage::saved_views::SavedView;

/// Letters of the longest name.
const LONGEST_NAME: usize = 80;

/// Bytes of the longest query.
const LONGEST_QUERY: usize = 2_000;

/// Views that somebody may have.
const MOST_VIEWS: usize = 100;

/// A view to be saved.
#[derive(Clone, Debug)]
pub struct NewView {
    /// Its id, made by whoever asks.
    pub view_id: ViewId,
    /// What it is called.
    pub name: Personal<String>,
    /// What it asks for, as the query of an address. Whoever calls has checked that it holds known filters only.
    pub query: String,
    /// Whether everybody of the authority sees it.
    pub is_shared: bool,
}

impl App {
    /// Lists the views that somebody sees: their own and the shared ones.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn saved_views(&self, worker: &Worker) -> Result<Vec<SavedView>> {
        worker.require(Action::SeeCases)?;
        let sealer = self.sealer_if_any(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        Ok(storage::saved_views::seen_by(&mut tx, sealer.as_ref(), worker.account_id).await?)
    }

    /// Saves a view. The same one again changes nothing.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] for a name or a query that is too long, [`AppError::Conflict`] if there are too many views,
    /// [`AppError::NotAllowed`] if somebody shares who may not.
    pub async fn save_view(&self, worker: &Worker, new: NewView) -> Result<SavedView> {
        worker.require(Action::SeeCases)?;
        if new.is_shared {
            worker.require(Action::ShareViews)?;
        }
        let name = new.name.expose().trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            return Err(AppError::Invalid { field: "name", reason: format!("write 1 to {LONGEST_NAME} letters") });
        }
        if new.query.len() > LONGEST_QUERY {
            return Err(AppError::Invalid { field: "query", reason: format!("write at most {LONGEST_QUERY} bytes") });
        }
        let sealer = self.sealer(worker)?;
        let view = SavedView {
            view_id: new.view_id,
            account_id: worker.account_id,
            account: String::new(),
            is_shared: new.is_shared,
            name: Some(Personal::new(name.to_owned())),
            query: new.query,
            created_at: self.now(),
        };
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let seen = storage::saved_views::seen_by(&mut tx, Some(&sealer), worker.account_id).await?;
        let own: Vec<SavedView> = seen.into_iter().filter(|view| view.account_id == worker.account_id).collect();
        if let Some(known) = own.iter().find(|known| known.view_id == view.view_id) {
            return Ok(known.clone());
        }
        if own.len() >= MOST_VIEWS {
            return Err(AppError::Conflict("these are too many views; delete one first".to_owned()));
        }
        if !storage::saved_views::insert(&mut tx, &sealer, &view).await? {
            return Err(AppError::Conflict("another view has this id".to_owned()));
        }
        let operation = if view.is_shared { "views.share" } else { "views.save" };
        let audited = Audited { operation, subjects: view.view_id.to_string(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        let seen = storage::saved_views::seen_by(&mut tx, Some(&sealer), worker.account_id).await?;
        let saved = seen.into_iter().find(|saved| saved.view_id == view.view_id).ok_or(AppError::NotFound("view"))?;
        tx.commit().await?;
        Ok(saved)
    }

    /// Deletes a view: one's own, or as somebody who may share them a shared one.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if somebody doesn't see such a view, [`AppError::NotAllowed`] if it is shared, and another's.
    pub async fn delete_view(&self, worker: &Worker, view_id: ViewId) -> Result<()> {
        worker.require(Action::SeeCases)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let seen = storage::saved_views::seen_by(&mut tx, None, worker.account_id).await?;
        let view = seen.iter().find(|view| view.view_id == view_id).ok_or(AppError::NotFound("view"))?;
        if view.account_id != worker.account_id {
            worker.require(Action::ShareViews)?;
        }
        storage::saved_views::delete(&mut tx, view_id).await?;
        let audited = Audited { operation: "views.delete", subjects: view_id.to_string(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        Ok(tx.commit().await?)
    }
}
