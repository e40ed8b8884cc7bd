//! Quarantine of contacts and isolation of cases, with the letters about them.

use super::cases::DayRange;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Quarantine or isolation: from a first day to a last one, both included.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct QuarantineDays {
    /// `quarantine` (of contacts) or `isolation` (of cases).
    pub kind: String,
    /// From when until when.
    pub days: DayRange,
}

/// When and how somebody was told.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// On which day.
    #[schema(format = Date)]
    pub on: String,
    /// `post`, `mail`, `handed_over` or `phone`.
    pub how: String,
}

/// What the rules reckon.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Reckoning {
    /// `quarantine` or `isolation`.
    pub kind: String,
    /// Counted from: `last_contact`, `onset` or `test`.
    pub basis: String,
    /// Its day.
    #[schema(format = Date)]
    pub basis_on: String,
    /// Days added to it.
    pub n_days: u8,
    /// The last day, included.
    #[schema(format = Date)]
    pub last: String,
    /// Version of the rules that held on that day; 0 is the built-in one.
    pub rule_version: i32,
}

/// Other days that the rules propose, because something has changed since somebody decided.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct QuarantineProposal {
    /// What they propose.
    pub proposed: QuarantineDays,
    /// Why: `became_case`, `later_contact`, `earlier_contact`, `onset_changed`, `test_changed` or `rules_changed`.
    pub reason: String,
    /// By which reckoning.
    pub reckoning: Reckoning,
}

/// What somebody decided.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct QuarantineDecision {
    /// Its id.
    pub decision_id: Uuid,
    /// `ordered`, `changed`, `lifted`, `accepted` or `dismissed`.
    pub what: String,
    /// What was set before.
    pub before: Option<QuarantineDays>,
    /// What is set after it; of a dismissed proposal what was proposed.
    pub after: Option<QuarantineDays>,
    /// Why the rules proposed it; `null` where a person set it.
    pub reason: Option<String>,
    /// What the rules reckoned then.
    pub reckoning: Option<Reckoning>,
    /// Why, in words.
    pub why: Option<String>,
    /// User name of who decided.
    pub account: String,
    /// When.
    #[schema(format = DateTime)]
    pub decided_at: String,
}

/// A letter of a case.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Letter {
    /// Its id, the same as of the message in the queue.
    pub letter_id: Uuid,
    /// `quarantine_order`, `isolation_order`, `quarantine_release` or `isolation_release`.
    pub kind: String,
    /// Language of who is written to, beside the authority's.
    pub language: String,
    /// The days that it names.
    pub days: DayRange,
    /// User name of who made it.
    pub account: String,
    /// When.
    #[schema(format = DateTime)]
    pub made_at: String,
    /// When and how it left; `null` while it didn't.
    pub sent: Option<Sent>,
    /// Whether it was not sent in time, and can't be any more.
    pub is_cancelled: bool,
}

/// Letters of a case, newest first.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Letters {
    /// All of them.
    pub items: Vec<Letter>,
}

/// How the quarantine of a case stands.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct QuarantineSheet {
    /// What is set.
    pub set: Option<QuarantineDays>,
    /// When and how the person was told of it.
    pub order_sent: Option<Sent>,
    /// Which of the two this case would be given: `quarantine` or `isolation`.
    pub kind: String,
    /// What the rules reckon; `null` where neither a contact nor onset or test is known.
    pub reckoning: Option<Reckoning>,
    /// Where the number of days comes from; `null` by rules of the authority's own.
    pub source: Option<String>,
    /// The days to order today, where nothing is set and the rules give any.
    pub offered: Option<DayRange>,
    /// What the rules propose in the place of what is set.
    pub proposal: Option<QuarantineProposal>,
    /// What was decided, newest first.
    pub decisions: Vec<QuarantineDecision>,
    /// Letters, newest first.
    pub letters: Vec<Letter>,
    /// Whether it is over and no release letter says so.
    pub release_is_due: bool,
    /// Whether the days can be changed: not while the case is over.
    pub may_change: bool,
    /// Whether personal fields are locked, so that reasons in words are missing.
    pub names_locked: bool,
}

/// Days to set; neither to take back what is set.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetQuarantine {
    /// First day.
    #[schema(format = Date)]
    pub first: Option<String>,
    /// Last day, included.
    #[schema(format = Date)]
    pub last: Option<String>,
    /// Why, in words.
    pub why: Option<String>,
    /// The newest decision that was seen; `null` if there was none.
    pub seen: Option<Uuid>,
}

/// An answer to what the rules propose.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerProposal {
    /// `accept` or `dismiss`.
    pub answer: String,
    /// The last day that was proposed; another one is not accepted unseen.
    #[schema(format = Date)]
    pub last: String,
    /// Why, in words.
    pub why: Option<String>,
}

/// A letter that is to be made about the days that are set.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLetter {
    /// Its id, made by whoever wants it (UUID of version 7).
    pub letter_id: Uuid,
    /// `order` or `release`.
    pub kind: String,
    /// `de`, `en` or `tr`, beside the authority's; `null` for the language of the person.
    pub language: Option<String>,
}

/// What stands at the head of an authority's letters, and below them.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Letterhead {
    /// Counts up with each change; 0 where there is none yet. A change names the version that it was made from.
    pub version: i32,
    /// Street and number.
    pub street: String,
    /// Postcode.
    pub postcode: String,
    /// City; also the place above the signature.
    pub city: String,
    /// Telephone for cases.
    pub phone_index: String,
    /// Telephone for contacts; empty where it is the same.
    pub phone_contacts: String,
    /// E-mail, also where answers to mails go; may be empty.
    pub email: String,
    /// E-mail for contacts; empty where it is the same.
    #[serde(default)]
    pub email_contacts: String,
    /// Legal basis and remedies, printed below orders; may be empty.
    pub legal_note: String,
}
