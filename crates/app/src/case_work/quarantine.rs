//! Quarantine and isolation of a case: what is set, what the rules reckon and propose, who decided what and why.
//!
//! Each decision keeps what the rules had reckoned when it was made. So a later contact, another onset or new rules are
//! told from what the worker knew then, and an answer holds until something changes again.

use super::status::check_text;
use super::taken::Taken;
use crate::cases::shown;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::cases::CaseStatus;
use domain::diseases::Disease;
use domain::ids::{AccountId, CaseId, DecisionId};
use domain::messages::{LetterKind, MessageStatus};
use domain::persons::Personal;
use domain::quarantines::{
    DecisionKind, Followed, Proposal, ProposalReason, Quarantine, QuarantineKind, Reckoning, Sent, WrongDays,
    check_days, propose, reckon,
};
use domain::time::{DayRange, local_day};
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap};
use storage::cases::{Case, CaseWork};
use storage::letters::Letter;
use storage::quarantines::Decision;
use storage::{Freshness, Tx};

/// How a quarantine stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineSheet {
    /// What is set.
    pub set: Option<Quarantine>,
    /// When and how the person was told of it.
    pub order_sent: Option<Sent>,
    /// Which of the two this case would be given.
    pub kind: QuarantineKind,
    /// What the rules reckon; `None` where they can't.
    pub reckoning: Option<Reckoning>,
    /// Where the number of days comes from; `None` by rules of the authority's own.
    pub source: Option<&'static str>,
    /// The days to order today, where nothing is set.
    pub offered: Option<DayRange>,
    /// What the rules propose in the place of what is set.
    pub proposal: Option<Proposal>,
    /// What was decided, newest first.
    pub decisions: Vec<Decision>,
    /// Letters, newest first.
    pub letters: Vec<Letter>,
    /// Whether it is over and no release letter says so.
    pub release_is_due: bool,
    /// Whether the days can be changed: not while the case is over.
    pub may_change: bool,
    /// User names of those who occur in it.
    pub accounts: HashMap<AccountId, String>,
}

/// Days that somebody wants to set; none to take back what is set.
#[derive(Clone, Debug)]
pub struct NewQuarantine {
    /// First day.
    pub first: Option<Date>,
    /// Last day, included.
    pub last: Option<Date>,
    /// Why, in words.
    pub why: Option<Personal<String>>,
    /// The newest decision that they saw; `None` if there was none.
    pub seen: Option<DecisionId>,
}

/// What somebody says to a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalAnswer {
    /// Set it.
    Accept,
    /// Leave what is set.
    Dismiss,
}

impl App {
    /// Shows how the quarantine of a case stands.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case here.
    pub async fn quarantine_of_case(&self, worker: &Worker, case_id: CaseId) -> Result<QuarantineSheet> {
        worker.require(Action::SeeCases)?;
        let sealer = self.sealer_if_any(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let case_id = storage::merges::case_now(&mut tx, case_id).await?;
        let work = storage::cases::work_of(&mut tx, &[case_id]).await?.pop().ok_or(AppError::NotFound("case"))?;
        let case = storage::cases::by_id(&mut tx, None, case_id).await?.ok_or(AppError::NotFound("case"))?;
        let decisions = storage::quarantines::of_case(&mut tx, sealer.as_ref(), case_id).await?;
        let letters = storage::letters::of_case(&mut tx, case_id).await?;
        let reckoning = reckoned(&mut tx, &work, &case).await?;
        let who: BTreeSet<AccountId> =
            decisions.iter().map(|one| one.account_id).chain(letters.iter().map(|one| one.account_id)).collect();
        let accounts = storage::history::names_of_accounts(&mut tx, &who.into_iter().collect::<Vec<_>>()).await?;
        drop(tx);
        let today = local_day(self.now(), &worker.authority.time_zone);
        let set = work.quarantine_set();
        let is_over = set.is_some_and(|set| set.days.last < today);
        self.record_alone(worker, shown("quarantine.show", [work.person_id])).await?;
        Ok(QuarantineSheet {
            order_sent: work.order_sent,
            kind: QuarantineKind::of(work.case_type),
            offered: reckoning.and_then(|reckoning| reckoning.offered(today)).filter(|_| set.is_none()),
            proposal: proposal(&work, &decisions, reckoning),
            release_is_due: is_over && set.is_some_and(|set| !is_released(set, &letters)),
            may_change: !work.status.is_ended(),
            source: reckoning.and_then(|reckoning| source_of(work.disease, &reckoning)),
            set,
            reckoning,
            decisions,
            letters,
            accounts,
        })
    }

    /// Sets the days, or takes back what is set. The same days again change nothing.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] for days that can't be, [`AppError::Conflict`] if the case is over, or if somebody
    /// else decided meanwhile.
    pub async fn set_quarantine(&self, worker: &Worker, case_id: CaseId, new: NewQuarantine) -> Result<()> {
        let days = check_days(new.first, new.last).map_err(|wrong| {
            let field = if new.first.is_none() && wrong == WrongDays::OneWithoutTheOther { "first" } else { "last" };
            AppError::InvalidFields(vec![(field, wrong.to_string())])
        })?;
        let why = said(new.why)?;
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let before = taken.work.quarantine_set();
        let after = days.map(|days| Quarantine { kind: QuarantineKind::of(taken.work.case_type), days });
        let Some(what) = DecisionKind::between(before, after) else { return Ok(()) };
        require_at_work(&taken.work)?;
        let decisions = storage::quarantines::of_case(&mut tx, None, case_id).await?;
        if decisions.first().map(|newest| newest.decision_id) != new.seen {
            let reason = "somebody else decided on these days meanwhile; look at it first";
            return Err(AppError::Conflict(reason.to_owned()));
        }
        let case = storage::cases::by_id(&mut tx, None, case_id).await?.ok_or(AppError::NotFound("case"))?;
        let reckoning = reckoned(&mut tx, &taken.work, &case).await?;
        let decision = self.decision(worker, &taken, (what, before, after), reckoning, why);
        self.tell_of_days(&mut tx, worker, &taken, (before, after), &decisions).await?;
        self.follow_decision(worker, &mut taken, &decision);
        storage::quarantines::insert(&mut tx, &taken.sealer, &decision).await?;
        self.settle(tx, worker, taken, "quarantine.set").await.map(|_| ())
    }

    /// Accepts or dismisses what the rules propose: the end that the worker saw, and no other.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if the rules propose something else by now, or nothing.
    pub async fn answer_proposal(
        &self,
        worker: &Worker,
        case_id: CaseId,
        (answer, last): (ProposalAnswer, Date),
        why: Option<Personal<String>>,
    ) -> Result<()> {
        let why = said(why)?;
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        require_at_work(&taken.work)?;
        let decisions = storage::quarantines::of_case(&mut tx, None, case_id).await?;
        let case = storage::cases::by_id(&mut tx, None, case_id).await?.ok_or(AppError::NotFound("case"))?;
        let reckoning = reckoned(&mut tx, &taken.work, &case).await?;
        let proposal = proposal(&taken.work, &decisions, reckoning);
        let proposal = proposal
            .filter(|proposal| proposal.quarantine.days.last == last)
            .ok_or_else(|| AppError::Conflict("this is not proposed any more; look at the days again".to_owned()))?;
        let what = match answer {
            ProposalAnswer::Accept => DecisionKind::Accepted,
            ProposalAnswer::Dismiss => DecisionKind::Dismissed,
        };
        let change = (what, taken.work.quarantine_set(), Some(proposal.quarantine));
        let decision = self.decision(worker, &taken, change, reckoning, why);
        let decision = Decision { reason: Some(proposal.reason), ..decision };
        if answer == ProposalAnswer::Accept {
            self.tell_of_days(&mut tx, worker, &taken, (decision.before, decision.after), &decisions).await?;
            self.follow_decision(worker, &mut taken, &decision);
        }
        storage::quarantines::insert(&mut tx, &taken.sealer, &decision).await?;
        self.settle(tx, worker, taken, "quarantine.proposal").await.map(|_| ())
    }

    /// Notes that the person was told of the days that are set, by other ways than a letter from here.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if nothing is set, [`AppError::Invalid`] for a day in the future.
    pub async fn note_order_sent(&self, worker: &Worker, case_id: CaseId, sent: Sent) -> Result<()> {
        let (tx, mut taken) = self.take_case(worker, case_id).await?;
        require_past(&taken, worker, sent)?;
        if taken.work.quarantine.is_none() {
            return Err(AppError::Conflict("nothing is ordered; set the days first".to_owned()));
        }
        self.order_was_sent(worker, &mut taken, sent);
        self.settle(tx, worker, taken, "quarantine.order_sent").await.map(|_| ())
    }

    pub(super) fn order_was_sent(&self, worker: &Worker, taken: &mut Taken, sent: Sent) {
        let words = |sent: Sent| format!("{} {}", sent.on, sent.how);
        let before = taken.work.order_sent.replace(sent).map(words);
        self.note_change(worker, taken, ("order_sent", "by hand"), before, Some(words(sent)));
    }

    fn decision(
        &self,
        worker: &Worker,
        taken: &Taken,
        (what, before, after): (DecisionKind, Option<Quarantine>, Option<Quarantine>),
        reckoning: Option<Reckoning>,
        note: Option<Personal<String>>,
    ) -> Decision {
        Decision {
            decision_id: DecisionId::mint(taken.now, self.random()),
            case_id: taken.work.case_id,
            person_id: taken.work.person_id,
            what,
            before,
            after,
            reason: None,
            reckoning,
            note,
            account_id: worker.account_id,
            decided_at: taken.now,
        }
    }

    /// Lets the case follow what was decided: days, kind, clock and history. Of other days nobody was told yet.
    fn follow_decision(&self, worker: &Worker, taken: &mut Taken, decision: &Decision) {
        let why = why_of(decision);
        let (before, after) = (decision.before, decision.after);
        let kind = |set: Option<Quarantine>| set.map(|set| set.kind.to_string());
        if before.is_some() && after.is_some() {
            self.note_change(worker, taken, ("quarantine_kind", &why), kind(before), kind(after));
        }
        let name = after.or(before).map_or(QuarantineKind::Quarantine, |set| set.kind);
        let first = |set: Option<Quarantine>| set.map(|set| set.days.first.to_string());
        let last = |set: Option<Quarantine>| set.map(|set| set.days.last.to_string());
        self.note_change(worker, taken, (&format!("{name}_first"), &why), first(before), first(after));
        self.note_change(worker, taken, (&format!("{name}_last"), &why), last(before), last(after));
        taken.work.quarantine = after.map(|set| set.days);
        taken.work.quarantine_kind = after.map(|set| set.kind);
        if let Some(sent) = taken.work.order_sent.take() {
            let told = format!("{} {}", sent.on, sent.how);
            self.note_change(worker, taken, ("order_sent", "other days"), Some(told), None);
        }
        if after.is_some() {
            let now = taken.now;
            taken.work.clock.quarantined_at.get_or_insert(now);
        }
    }
}

/// Reckons the days of a case by the rules of its authority.
async fn reckoned(tx: &mut Tx, work: &CaseWork, case: &Case) -> Result<Option<Reckoning>> {
    let origins = storage::declared_contacts::origins(tx, None, work.case_id).await?;
    let counted = origins.iter().filter(|origin| origin.inside != Some(false)).map(|origin| origin.days.last);
    let last_contact = counted.chain(case.exposed_last).max();
    let followed = Followed { case_type: work.case_type, disease: work.disease, dates: case.dates, last_contact };
    let own = storage::rule_sets::list(tx, work.disease).await?;
    Ok(reckon(&followed, &own))
}

/// Returns where the number of days comes from, by the built-in rules.
fn source_of(disease: Disease, reckoning: &Reckoning) -> Option<&'static str> {
    let profile = disease.profile();
    let days = match reckoning.kind {
        QuarantineKind::Quarantine => &profile.quarantine_days,
        QuarantineKind::Isolation => &profile.isolation_days,
    };
    (reckoning.rule_version == 0).then_some(days.source)
}

/// Returns what the rules propose for a case that is at work here.
fn proposal(work: &CaseWork, decisions: &[Decision], reckoning: Option<Reckoning>) -> Option<Proposal> {
    if work.status.is_ended() || work.status == CaseStatus::External {
        return None;
    }
    let seen = decisions.first().and_then(|newest| newest.reckoning);
    propose(work.quarantine_set(), seen, reckoning)
}

/// Says whether a release letter names the days that are set, and wasn't cancelled.
fn is_released(set: Quarantine, letters: &[Letter]) -> bool {
    let kind = LetterKind::Release.message(set.kind);
    let of_these = letters.iter().filter(|letter| letter.kind == kind && letter.days == set.days);
    of_these.into_iter().any(|letter| letter.status != Some(MessageStatus::Cancelled))
}

/// The reason as the history has it: the words of the worker, else what made the rules propose it, else that it was
/// done by hand.
fn why_of(decision: &Decision) -> String {
    let proposed = |reason: ProposalReason| {
        let on = decision.reckoning.map_or_else(String::new, |reckoning| format!(" {}", reckoning.basis_on));
        format!("{reason}{on}")
    };
    match (&decision.note, decision.reason) {
        (Some(note), _) => note.expose().clone(),
        (None, Some(reason)) => proposed(reason),
        (None, None) => "by hand".to_owned(),
    }
}

fn said(why: Option<Personal<String>>) -> Result<Option<Personal<String>>> {
    let why = why.map(|why| Personal::new(why.expose().trim().to_owned())).filter(|why| !why.expose().is_empty());
    check_text("why", why.as_ref().map_or("", |why| why.expose()))?;
    Ok(why)
}

fn require_at_work(work: &CaseWork) -> Result<()> {
    if work.status.is_ended() {
        return Err(AppError::Conflict("the case is over; open it again to change its days".to_owned()));
    }
    Ok(())
}

pub(super) fn require_past(taken: &Taken, worker: &Worker, sent: Sent) -> Result<()> {
    if sent.on > local_day(taken.now, &worker.authority.time_zone) {
        return Err(AppError::Invalid { field: "on", reason: "lies in the future".to_owned() });
    }
    Ok(())
}
