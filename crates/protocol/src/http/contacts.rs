//! Contacts that cases declare.

use super::cases::DayRange;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What was said of a contact. One way to reach or find them is needed: a number, an e-mail, both names, or a hint.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Given names.
    pub first_name: Option<String>,
    /// Family names.
    pub last_name: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Mobile telephone.
    pub mobile: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Address, in one line.
    pub address: Option<String>,
    /// What tells who it is where names aren't known: "the woman at the till".
    pub hint: Option<String>,
    /// Anything else.
    pub remark: Option<String>,
    /// Works in health care; `null` where nobody knows.
    pub is_health_staff: Option<bool>,
    /// Of an age at which the disease is grave.
    pub is_senior: Option<bool>,
    /// Has a pre-existing condition.
    pub has_condition: Option<bool>,
}

/// A contact that is to be taken down. Ids are made by whoever takes it down (UUID of version 7).
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    /// Id of the contact.
    pub contact_id: Uuid,
    /// Id of the person whom they met.
    pub person_id: Uuid,
    /// Whether that is somebody known; else they are made from what was said.
    pub person_is_known: bool,
    /// Id for their case, should one be opened.
    pub case_id: Uuid,
    /// `household`, `face_to_face`, `same_room`, `care`, `transport` or `other`.
    pub kind: String,
    /// First day on which they met.
    #[schema(format = Date)]
    pub first_day: String,
    /// Last day, included.
    #[schema(format = Date)]
    pub last_day: String,
    /// What was said.
    pub said: Said,
}

/// A declared contact.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DeclaredContact {
    /// Its id.
    pub contact_id: Uuid,
    /// The case of whoever declared it.
    pub case_id: Uuid,
    /// Who declared it.
    pub declared_by: Uuid,
    /// Their given names; `null` where the server has no key.
    pub declared_by_first_name: Option<String>,
    /// Their family names; `null` where the server has no key.
    pub declared_by_last_name: Option<String>,
    /// Whom they met.
    pub person_id: Uuid,
    /// The contact's case; `null` where none was opened.
    pub contact_case_id: Option<Uuid>,
    /// Where that case stands.
    pub contact_status: Option<String>,
    /// Name of the authority that has the case at the other end: that of the contact, or, of an origin, of whoever declared
    /// it. `null` where this one has both.
    pub elsewhere: Option<String>,
    /// How they met.
    pub kind: String,
    /// On which days.
    pub days: DayRange,
    /// Whether a day of it lies in the infectious days of the case; `null` while these aren't known.
    pub inside: Option<bool>,
    /// What was said; `null` where the server has no key.
    pub said: Option<Said>,
    /// When it was taken down.
    #[schema(format = DateTime)]
    pub declared_at: String,
}

/// Declared contacts.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DeclaredContacts {
    /// In the order in which they were taken down.
    pub items: Vec<DeclaredContact>,
    /// Whether the case says that they met nobody in the infectious days.
    pub says_no_contacts: bool,
    /// Whether what was said is `null` because the key of the authority is not here.
    pub names_locked: bool,
}
