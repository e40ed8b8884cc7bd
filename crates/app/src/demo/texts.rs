//! What the made-up authority of the demonstration tells everybody, in German and in English.

use crate::context::{App, Worker};
use crate::error::Result;
use domain::languages::Language;
use domain::public_texts::PublicTextKind;

const TEXTS: &[(PublicTextKind, Language, &str)] = &[
    (PublicTextKind::Welcome, Language::De, include_str!("texts/welcome.de.md")),
    (PublicTextKind::Welcome, Language::En, include_str!("texts/welcome.en.md")),
    (PublicTextKind::Terms, Language::De, include_str!("texts/terms.de.md")),
    (PublicTextKind::Terms, Language::En, include_str!("texts/terms.en.md")),
    (PublicTextKind::Imprint, Language::De, include_str!("texts/imprint.de.md")),
    (PublicTextKind::Imprint, Language::En, include_str!("texts/imprint.en.md")),
    (PublicTextKind::DataProtection, Language::De, include_str!("texts/data_protection.de.md")),
    (PublicTextKind::DataProtection, Language::En, include_str!("texts/data_protection.en.md")),
    (PublicTextKind::Offers, Language::De, include_str!("texts/offers.de.md")),
    (PublicTextKind::Offers, Language::En, include_str!("texts/offers.en.md")),
];

impl App {
    /// Gives an authority the public texts of a demonstration.
    ///
    /// # Errors
    ///
    /// [`AppError`](crate::AppError) if it has texts already, or the database can't be written.
    pub async fn make_public_texts(&self, worker: &Worker) -> Result<()> {
        for (kind, language, markup) in TEXTS {
            self.change_public_text(worker, (*kind, *language), 0, Some((*markup).to_owned())).await?;
        }
        Ok(())
    }
}
