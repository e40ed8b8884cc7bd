//! Answers about quarantine and letters, shaped.

use crate::cases::{open, range};
use app::case_work::QuarantineSheet;
use domain::ids::AccountId;
use domain::letters::Letterhead;
use domain::messages::MessageStatus;
use domain::quarantines::{Quarantine, Reckoning, Sent};
use protocol::http::quarantine as http;
use std::collections::HashMap;
use storage::letters::Letter;
use storage::quarantines::Decision;

type Names = HashMap<AccountId, String>;

fn name(names: &Names, account: AccountId) -> String {
    names.get(&account).cloned().unwrap_or_else(|| account.to_string())
}

fn days(set: Quarantine) -> http::QuarantineDays {
    http::QuarantineDays { kind: set.kind.to_string(), days: range(set.days) }
}

fn sent(sent: Sent) -> http::Sent {
    http::Sent { on: sent.on.to_string(), how: sent.how.to_string() }
}

fn reckoning(by: Reckoning) -> http::Reckoning {
    http::Reckoning {
        kind: by.kind.to_string(),
        basis: by.basis.to_string(),
        basis_on: by.basis_on.to_string(),
        n_days: by.n_days,
        last: by.last.to_string(),
        rule_version: by.rule_version,
    }
}

fn decision(decision: &Decision, names: &Names) -> http::QuarantineDecision {
    http::QuarantineDecision {
        decision_id: decision.decision_id.0,
        what: decision.what.to_string(),
        before: decision.before.map(days),
        after: decision.after.map(days),
        reason: decision.reason.map(|reason| reason.to_string()),
        reckoning: decision.reckoning.map(reckoning),
        why: open(decision.note.as_ref()),
        account: name(names, decision.account_id),
        decided_at: decision.decided_at.to_string(),
    }
}

fn letter(letter: &Letter, names: &Names) -> http::Letter {
    http::Letter {
        letter_id: letter.letter_id.0,
        kind: letter.kind.to_string(),
        language: letter.language.to_string(),
        days: range(letter.days),
        account: name(names, letter.account_id),
        made_at: letter.made_at.to_string(),
        sent: letter.sent.map(sent),
        is_cancelled: letter.status == Some(MessageStatus::Cancelled),
    }
}

/// The letters of a case.
pub(super) fn letters(sheet: &QuarantineSheet) -> Vec<http::Letter> {
    sheet.letters.iter().map(|one| letter(one, &sheet.accounts)).collect()
}

/// How the quarantine of a case stands.
pub(super) fn sheet(sheet: &QuarantineSheet, names_locked: bool) -> http::QuarantineSheet {
    let proposal = sheet.proposal.map(|proposal| http::QuarantineProposal {
        proposed: days(proposal.quarantine),
        reason: proposal.reason.to_string(),
        reckoning: reckoning(proposal.reckoning),
    });
    http::QuarantineSheet {
        set: sheet.set.map(days),
        order_sent: sheet.order_sent.map(sent),
        kind: sheet.kind.to_string(),
        reckoning: sheet.reckoning.map(reckoning),
        source: sheet.source.map(str::to_owned),
        offered: sheet.offered.map(range),
        proposal,
        decisions: sheet.decisions.iter().map(|one| decision(one, &sheet.accounts)).collect(),
        letters: letters(sheet),
        release_is_due: sheet.release_is_due,
        may_change: sheet.may_change,
        names_locked,
    }
}

/// A letterhead with its version.
pub(super) fn letterhead((version, head): (i32, Letterhead)) -> http::Letterhead {
    http::Letterhead {
        version,
        street: head.street,
        postcode: head.postcode,
        city: head.city,
        phone_index: head.phone_index,
        phone_contacts: head.phone_contacts,
        email: head.email,
        email_contacts: head.email_contacts,
        legal_note: head.legal_note,
    }
}

/// A letterhead as it was typed, spaces around it left out.
pub(super) fn typed_letterhead(body: &http::Letterhead) -> Letterhead {
    let typed = |text: &str| text.trim().to_owned();
    Letterhead {
        street: typed(&body.street),
        postcode: typed(&body.postcode),
        city: typed(&body.city),
        phone_index: typed(&body.phone_index),
        phone_contacts: typed(&body.phone_contacts),
        email: typed(&body.email),
        email_contacts: typed(&body.email_contacts),
        legal_note: typed(&body.legal_note),
    }
}
