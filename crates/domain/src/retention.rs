//! How long each kind of data is kept. The one table of periods; the book prints it from here.
//!
//! Everything that can hold a person has a period. Each counts from its reference date and has a cap
//! counted from creation, so that a case that nobody ever concludes still ends.

/// What a period counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountsFrom {
    /// The row was made.
    Creation,
    /// Its last day.
    End,
    /// The conclusion of the case.
    Conclusion,
    /// It was sent.
    Sending,
}

impl std::fmt::Display for CountsFrom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Creation => "creation",
            Self::End => "its end",
            Self::Conclusion => "conclusion",
            Self::Sending => "it was sent",
        })
    }
}

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The table whose rows end.
    pub table: &'static str,
    /// What it is, in words.
    pub what: &'static str,
    /// Days it is kept.
    pub days: i32,
    /// From when they count.
    pub counts_from: CountsFrom,
    /// Days after creation at which it ends in any case.
    pub cap_days: i32,
    /// What happens to it: who ends it, and why so long.
    pub how: &'static str,
}

/// The default periods; an authority may shorten them.
pub const PERIODS: &[Period] = &[
    Period {
        table: "outbreak_case",
        what: "cases, with their sealed notes and history",
        days: 180,
        counts_from: CountsFrom::Conclusion,
        cap_days: 730,
        how: "deleted; the person goes with the last case, contact, link, encounter and visit",
    },
    Period {
        table: "infection_link",
        what: "known infections",
        days: 730,
        counts_from: CountsFrom::Creation,
        cap_days: 730,
        how: "deleted",
    },
    Period {
        table: "refused_link",
        what: "refused infection links (references only)",
        days: 730,
        counts_from: CountsFrom::Creation,
        cap_days: 730,
        how: "deleted",
    },
    Period {
        table: "contact",
        what: "declared contacts",
        days: 180,
        counts_from: CountsFrom::End,
        cap_days: 730,
        how: "deleted",
    },
    Period {
        table: "encounter",
        what: "imported encounters",
        days: 180,
        counts_from: CountsFrom::Creation,
        cap_days: 180,
        how: "deleted",
    },
    Period {
        table: "visit",
        what: "imported visits",
        days: 180,
        counts_from: CountsFrom::Creation,
        cap_days: 180,
        how: "deleted",
    },
    Period {
        table: "person",
        what: "persons, their references and sealed details",
        days: 0,
        counts_from: CountsFrom::Creation,
        cap_days: 730,
        how: "deleted as soon as no fact names them; written to the ledger of erasures",
    },
    Period {
        table: "person_token",
        what: "keyed hashes by which duplicates are found",
        days: 0,
        counts_from: CountsFrom::Creation,
        cap_days: 730,
        how: "deleted with the person, in the same transaction; written anew when their details change",
    },
    Period {
        table: "history",
        what: "changes of persons and cases",
        days: 730,
        counts_from: CountsFrom::Creation,
        cap_days: 730,
        how: "deleted with its subject, at the latest at the cap",
    },
    Period {
        table: "import_file",
        what: "files brought in through the page, and their refused rows",
        days: 7,
        counts_from: CountsFrom::Creation,
        cap_days: 7,
        how: "deleted; what was imported from them follows its own period",
    },
    Period {
        table: "job",
        what: "jobs (counts only)",
        days: 30,
        counts_from: CountsFrom::Creation,
        cap_days: 30,
        how: "deleted",
    },
    Period {
        table: "message_content",
        what: "recipients, subjects and texts of mails and letters",
        days: 7,
        counts_from: CountsFrom::Sending,
        cap_days: 30,
        how: "erased, at once if the message is cancelled; what was not sent by the cap is cancelled",
    },
    Period {
        table: "message",
        what: "mails and letters without their content, and their log",
        days: 180,
        counts_from: CountsFrom::Creation,
        cap_days: 180,
        how: "deleted, or earlier with their person or case",
    },
    Period {
        table: "outbox",
        what: "events on their way (ids only)",
        days: 30,
        counts_from: CountsFrom::Creation,
        cap_days: 30,
        how: "deleted",
    },
    Period {
        table: "audit_record",
        what: "audit records (ids only)",
        days: 730,
        counts_from: CountsFrom::Creation,
        cap_days: 730,
        how: "deleted; the hash of the last one stays as an anchor",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_period_outlasts_its_cap() {
        for period in PERIODS {
            assert!(period.days <= period.cap_days, "{}", period.table);
        }
    }
}
