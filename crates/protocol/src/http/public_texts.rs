//! What an authority tells everybody: welcome, terms, imprint, data protection, what it offers.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// In which language a text is read.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PublicTextQuery {
    /// Language that is wanted: `de`, `en` or `tr`. The authority's own follows it.
    pub language: Option<String>,
    /// A version of it, to see what somebody agreed to; without one, that which is in force.
    #[param(minimum = 1)]
    pub version: Option<i32>,
}

/// Which texts of an authority everybody can read.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PublicTexts {
    /// Name of the authority.
    pub authority: String,
    /// `welcome`, `terms`, `imprint`, `data_protection` and `offers`, as far as they are written in any language.
    pub kinds: Vec<String>,
}

/// A text, as everybody reads it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PublicText {
    /// `welcome`, `terms`, `imprint`, `data_protection` or `offers`.
    pub kind: String,
    /// Name of the authority.
    pub authority: String,
    /// All parts as one piece of HTML, with a line between languages. It holds no script, style or picture.
    pub html: String,
    /// The text in each language in which it is shown, the wanted one first.
    pub parts: Vec<PublicTextPart>,
}

/// A text in one language, as everybody reads it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PublicTextPart {
    /// `de`, `en` or `tr`.
    pub language: String,
    /// Number of the version.
    pub version: i32,
    /// Since when.
    #[schema(format = DateTime)]
    pub since: String,
    /// HTML without script, style or picture.
    pub html: String,
}

/// A text in a language, as administrators see it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnPublicText {
    /// `welcome`, `terms`, `imprint`, `data_protection` or `offers`.
    pub kind: String,
    /// `de`, `en` or `tr`.
    pub language: String,
    /// Number of the version; 0 where there never was one.
    pub version: i32,
    /// The text, in CommonMark; `null` where there is none.
    pub markup: Option<String>,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub changed_at: Option<String>,
    /// User name of who changed it.
    pub changed_by: Option<String>,
    /// Whether nobody may be invited without it: it is in the authority's own language, and not `offers`.
    pub is_required: bool,
}

/// A text to be put in force.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicTextChange {
    /// The version that it was made from; if that is no longer in force, the change is refused.
    pub version: i32,
    /// The text, in CommonMark without HTML; `null`: there is none from now on.
    #[schema(max_length = 60000)]
    pub markup: Option<String>,
}

/// A text to be looked at.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicTextDraft {
    /// The text, in CommonMark without HTML.
    #[schema(max_length = 60000)]
    pub markup: String,
}

/// What a text looks like.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PublicTextPreview {
    /// HTML without script, style or picture.
    pub html: String,
}
