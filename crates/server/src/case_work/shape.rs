//! Answers about work on cases, shaped.

use crate::cases::{line_of, open, range, written};
use app::case_work::{CaseWorkSheet, WorkLine};
use app::{App, Worker};
use domain::cases::{CaseStatus, Conclusion, Milestone};
use domain::ids::AccountId;
use domain::references::Reference;
use jiff::Timestamp;
use protocol::http::case_work as http;
use std::collections::HashMap;
use storage::action_items::Item;
use storage::calls::Call;
use storage::cases::CaseWork;

fn at(instant: Option<Timestamp>) -> Option<String> {
    instant.map(|instant| instant.to_string())
}

type Names = HashMap<AccountId, String>;

fn name(names: &Names, account: AccountId) -> String {
    names.get(&account).cloned().unwrap_or_else(|| account.to_string())
}

/// Where a case stands.
pub(super) fn standing(work: &CaseWork) -> http::CaseStanding {
    http::CaseStanding {
        case_id: work.case_id.0,
        case_type: work.case_type.to_string(),
        file_number: work.file_number.as_ref().map(Reference::as_str).map(str::to_owned),
        status: work.status.to_string(),
        status_since: work.status_since.to_string(),
        status_before: work.status_before.map(CaseStatus::as_str).map(str::to_owned),
        conclusion: work.conclusion.map(Conclusion::as_str).map(str::to_owned),
        concluded_on: written(work.concluded_on),
        assigned_to: work.assigned_to.map(|account| account.0),
        quarantine: work.quarantine.map(range),
        quarantine_kind: work.quarantine_set().map(|set| set.kind.to_string()),
        priority: f64::from(work.priority_tenths) / 10.0,
        waiting_since: at(work.waiting_since),
    }
}

fn item(item: &Item, names: &Names) -> http::Item {
    http::Item {
        item_id: item.item_id.0,
        kind: item.kind.to_string(),
        category: item.kind.category().to_string(),
        cause: item.cause.clone(),
        arose_at: item.arose_at.to_string(),
        hidden_until: at(item.hidden_until),
        can_be_resolved: item.kind.is_resolved_by_hand(),
        needs_a_text: item.kind.needs_a_text(),
        resolution: item.resolution.map(|resolution| resolution.to_string()),
        resolved_at: at(item.resolved_at),
        resolved_by: item.resolved_by.map(|account| name(names, account)),
    }
}

fn call(call: &Call, names: &Names) -> http::Call {
    http::Call {
        call_id: call.call_id.0,
        called_at: call.called_at.to_string(),
        account: name(names, call.account_id),
        outcome: call.outcome.to_string(),
        call_back_at: at(call.call_back_at),
        note: open(call.note.as_ref()),
    }
}

/// How work on a case stands.
pub(super) fn sheet(app: &App, worker: &Worker, sheet: CaseWorkSheet) -> http::CaseWork {
    let (names, now) = (&sheet.accounts, app.now());
    let milestone = |milestone: &Milestone| http::Milestone {
        name: milestone.to_string(),
        at: at(sheet.work.clock.at(*milestone)),
        standing: sheet.work.clock.standing(*milestone, now).to_string(),
    };
    let comment = |comment: &storage::comments::Comment| http::Comment {
        comment_id: comment.comment_id.0,
        written_at: comment.written_at.to_string(),
        account: match sheet.patients.contains(&comment.account_id) {
            true => String::new(),
            false => name(names, comment.account_id),
        },
        is_patients: sheet.patients.contains(&comment.account_id),
        text: open(comment.text.as_ref()),
    };
    let result = |result: &storage::laboratory::LaboratoryResult| http::LaboratoryResult {
        result_id: result.result_id.0,
        laboratory: result.laboratory.clone(),
        sample: result.sample.clone(),
        outcome: result.outcome.to_string(),
        method: result.method.clone(),
        specimen_on: written(result.specimen_on),
        reported_at: result.reported_at.to_string(),
    };
    let measured = Milestone::ALL.iter().filter(|milestone| **milestone != Milestone::Reported);
    http::CaseWork {
        standing: standing(&sheet.work),
        assignee: sheet.work.assigned_to.map(|account| name(names, account)),
        next: sheet.next.iter().map(ToString::to_string).collect(),
        items: sheet.items.iter().map(|one| item(one, names)).collect(),
        calls: sheet.calls.iter().map(|one| call(one, names)).collect(),
        comments: sheet.comments.iter().map(comment).collect(),
        results: sheet.results.iter().map(result).collect(),
        reported_at: at(sheet.work.clock.reported_at),
        milestones: measured.map(milestone).collect(),
        has_hand_overs: sheet.has_hand_overs,
        seen: sheet.seen.map(|seen| seen.0),
        names_locked: app.sealer(worker).is_err(),
        details: sheet.details,
    }
}

/// Somebody who waits.
pub(super) fn row(line: &WorkLine) -> http::WorklistRow {
    let mut names = Names::new();
    names.extend(line.work.assigned_to.zip(line.assignee.clone()));
    http::WorklistRow {
        case: line_of(&line.case, line.reference.clone(), line.infectious),
        standing: standing(&line.work),
        assignee: line.assignee.clone(),
        phone: open(line.phone.as_ref()),
        missing: line.missing.iter().map(|word| (*word).to_owned()).collect(),
        items: line.items.iter().map(|one| item(one, &names)).collect(),
        last_call: line.last_call.as_ref().map(|one| call(one, &names)),
    }
}
