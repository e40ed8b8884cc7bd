//! Who is responsible where somebody lives.

use super::patient::OtherOffice;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A postcode to be checked.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostcodeToCheck {
    /// As it is typed.
    #[schema(max_length = 20)]
    pub postcode: String,
}

/// Who is responsible for a postcode.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct PostcodeCheck {
    /// `ours`; `others`; `unknown`: no list has it; `unchecked`: there is no list to check by, or it can't say.
    pub postcode: String,
    /// The others, where it is others.
    pub offices: Vec<OtherOffice>,
}
