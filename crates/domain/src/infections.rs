//! Infection links: who is known to have infected whom.

use crate::ids::{LinkId, PersonId};
use jiff::civil::Date;

/// A known infector and whom they infected. The infection may have no known day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InfectionLink {
    /// Its id.
    pub link_id: LinkId,
    /// Who infected.
    pub infector: PersonId,
    /// Who was infected.
    pub infected: PersonId,
    /// The kind of place, as the investigator wrote it.
    pub setting: Option<String>,
    /// The day of infection, if known.
    pub infected_on: Option<Date>,
}
