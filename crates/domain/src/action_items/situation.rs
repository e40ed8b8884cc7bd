//! Which items the situation of a case makes: from its status, its person's details, its days and today alone.

use super::ItemKind;
use super::reconcile::Need;
use crate::cases::CaseStatus;
use jiff::Timestamp;
use jiff::civil::Date;

/// Which details of a person are there. The details themselves aren't needed to say what is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// A telephone number, of any kind.
    pub phone: bool,
    /// The date of birth.
    pub born: bool,
    /// An e-mail address.
    pub email: bool,
    /// They said that they have no e-mail.
    pub says_no_email: bool,
    /// Street, house number, postcode and city: a letter would arrive.
    pub postal_address: bool,
}

impl Details {
    /// Lists what is missing, in the words of causes.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let is_reachable_in_writing = self.email || self.postal_address || self.says_no_email;
        let all = [(self.phone, "phone"), (self.born, "born"), (is_reachable_in_writing, "email_or_address")];
        all.iter().filter(|(is_there, _)| !is_there).map(|(_, word)| *word).collect()
    }
}

/// What items are made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situation {
    /// Where the case stands.
    pub status: CaseStatus,
    /// Since when.
    pub status_since: Timestamp,
    /// Which details are there.
    pub details: Details,
    /// Last day of quarantine or isolation.
    pub quarantine_last: Option<Date>,
    /// Today, where the authority is.
    pub today: Date,
}

/// Lists the items that this situation makes.
///
/// A case of another authority makes none: nobody here can do anything about it.
#[must_use]
pub fn needs(situation: &Situation) -> Vec<Need> {
    let status = situation.status;
    if status.is_ended() || status == CaseStatus::External {
        return Vec::new();
    }
    let mut needs = Vec::new();
    if status == CaseStatus::Open && situation.details.phone {
        // Databases keep instants to the microsecond, so that finer ones would come back as another cause.
        let since = situation.status_since;
        let cause = Timestamp::from_second(since.as_second()).unwrap_or(since).to_string();
        needs.push(Need { kind: ItemKind::InitialCall, cause });
    }
    let missing = situation.details.missing();
    if !missing.is_empty() {
        needs.push(Need { kind: ItemKind::DetailsMissing, cause: missing.join(",") });
    }
    if let Some(last) = situation.quarantine_last
        && status.is_followed_up()
        && last < situation.today
    {
        needs.push(Need { kind: ItemKind::QuarantineEnding, cause: last.to_string() });
    }
    needs
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const ALL_THERE: Details =
        Details { phone: true, born: true, email: true, says_no_email: false, postal_address: true };

    fn situation(status: CaseStatus, details: Details) -> Situation {
        Situation {
            status,
            status_since: Timestamp::UNIX_EPOCH,
            details,
            quarantine_last: Some(date(2026, 3, 1)),
            today: date(2026, 3, 2),
        }
    }

    fn kinds(situation: &Situation) -> Vec<ItemKind> {
        needs(situation).iter().map(|need| need.kind).collect()
    }

    #[test]
    fn an_open_case_with_a_number_is_to_be_called() {
        assert_eq!(kinds(&situation(CaseStatus::Open, ALL_THERE)), [ItemKind::InitialCall]);
        let silent = Details { phone: false, ..ALL_THERE };
        assert_eq!(kinds(&situation(CaseStatus::Open, silent)), [ItemKind::DetailsMissing]);
    }

    #[test]
    fn quarantine_is_ending_on_the_day_after_its_last() {
        let mut followed = situation(CaseStatus::TrackedManually, ALL_THERE);
        assert_eq!(kinds(&followed), [ItemKind::QuarantineEnding]);
        followed.today = date(2026, 3, 1);
        assert!(kinds(&followed).is_empty(), "the last day belongs to it");
        followed.quarantine_last = None;
        assert!(kinds(&followed).is_empty());
    }

    #[test]
    fn no_email_is_an_answer() {
        let details = Details { email: false, postal_address: false, ..ALL_THERE };
        assert_eq!(details.missing(), ["email_or_address"]);
        assert!(Details { says_no_email: true, ..details }.missing().is_empty());
        assert_eq!(Details::default().missing(), ["phone", "born", "email_or_address"]);
    }

    #[test]
    fn what_is_over_or_elsewhere_makes_no_work() {
        for status in [CaseStatus::Concluded, CaseStatus::HandedOver, CaseStatus::Anonymised, CaseStatus::External] {
            assert!(needs(&situation(status, Details::default())).is_empty(), "{status}");
        }
    }
}
