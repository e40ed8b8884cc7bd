//! Decisions on quarantine, letters, and the letterhead.

use super::cases::case;
use super::messages::new;
use domain::diseases::Disease;
use domain::ids::{CaseId, DecisionId, MessageId, PersonId};
use domain::languages::Language;
use domain::letters::{LetterPart, LetterSheet, Letterhead};
use domain::messages::{Channel, MessageKind, MessageStatus};
use domain::persons::Personal;
use domain::quarantines::{Basis, DecisionKind, ProposalReason, Quarantine, QuarantineKind, Reckoning, Sent, SentHow};
use domain::time::DayRange;
use jiff::civil::{Date, date};
use storage::letters::{self, Letter};
use storage::quarantines::{self, Decision};
use storage::{StorageError, cases, messages};
use testkit::kit::now;
use testkit::{Kit, contract};

fn set(kind: QuarantineKind, last: Date) -> Option<Quarantine> {
    Some(Quarantine { kind, days: DayRange { first: date(2026, 2, 20), last } })
}

pub fn decision(kit: &Kit, case_id: CaseId, person_id: PersonId) -> Decision {
    Decision {
        decision_id: DecisionId::mint(now(), kit.random()),
        case_id,
        person_id,
        what: DecisionKind::Accepted,
        before: set(QuarantineKind::Quarantine, date(2026, 3, 4)),
        after: set(QuarantineKind::Isolation, date(2026, 3, 9)),
        reason: Some(ProposalReason::BecameCase),
        reckoning: Some(Reckoning {
            kind: QuarantineKind::Isolation,
            basis: Basis::Test,
            basis_on: date(2026, 2, 27),
            n_days: 10,
            last: date(2026, 3, 9),
            rule_version: 2,
        }),
        note: Some(Personal::new("asked for by her doctor".to_owned())),
        account_id: kit.account_id,
        decided_at: now(),
    }
}

pub fn sheet() -> LetterSheet {
    let of = |text: &str| text.to_owned();
    LetterSheet {
        language: of("de"),
        sender: of("Office"),
        sender_lines: vec![of("Street 1")],
        return_line: of("Office, Street 1"),
        recipient: vec![of("Zyxwquarrendell"), of("Road 2")],
        facts: Vec::new(),
        parts: vec![LetterPart {
            language: of("de"),
            caption: of(""),
            subject: of("S"),
            text: of("T"),
            strong: Vec::new(),
        }],
        place_and_day: of("Here, today"),
        signature: of("Signature"),
        legal_note: of(""),
        page_words: [of("Page"), of("of")],
        code: None,
    }
}

pub fn letter(kit: &Kit, letter_id: MessageId, (case_id, person_id): (CaseId, PersonId)) -> Letter {
    Letter {
        letter_id,
        case_id,
        person_id,
        kind: MessageKind::QuarantineOrder,
        language: Language::Tr,
        days: DayRange { first: date(2026, 2, 20), last: date(2026, 3, 4) },
        account_id: kit.account_id,
        made_at: now(),
        sent: None,
        status: None,
    }
}

contract! {
    async fn a_decision_keeps_what_the_rules_had_reckoned_and_its_reason_sealed(kit) {
        let person_id = kit.person("A").await;
        let one = case(1, person_id, Disease::Covid19);
        let first = Decision {
            what: DecisionKind::Ordered,
            before: None,
            after: set(QuarantineKind::Quarantine, date(2026, 3, 4)),
            reason: None,
            reckoning: None,
            note: None,
            ..decision(&kit, one.case_id, person_id)
        };
        let second = decision(&kit, one.case_id, person_id);
        let mut tx = kit.write().await;
        cases::insert(&mut tx, &kit.sealer, std::slice::from_ref(&one), now()).await.unwrap();
        quarantines::insert(&mut tx, &kit.sealer, &first).await.unwrap();
        quarantines::insert(&mut tx, &kit.sealer, &second).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = kit.read().await;
        let found = quarantines::of_case(&mut tx, Some(&kit.sealer), one.case_id).await.unwrap();
        assert_eq!(found, [second.clone(), first.clone()], "newest first");
        let locked = quarantines::of_case(&mut tx, None, one.case_id).await.unwrap();
        assert_eq!(locked, [Decision { note: None, ..second }, first]);
    }

    async fn a_letter_keeps_its_sheet_sealed_and_its_place_in_the_queue(kit) {
        let person_id = kit.person("A").await;
        let case = case(1, person_id, Disease::Covid19);
        let of = (case.case_id, person_id);
        let mut tx = kit.write().await;
        cases::insert(&mut tx, &kit.sealer, std::slice::from_ref(&case), now()).await.unwrap();
        let message = messages::NewMessage { case_id: Some(of.0), ..new(&kit, Channel::Letter) };
        let one = letter(&kit, message.message_id, of);
        messages::insert(&mut tx, &kit.sealer, &message, now()).await.unwrap();
        letters::insert(&mut tx, &kit.sealer, &one, &sheet()).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = kit.read().await;
        let found = letters::of_case(&mut tx, of.0).await.unwrap();
        assert_eq!(found, [Letter { status: Some(MessageStatus::Waiting), ..one.clone() }]);
        assert_eq!(letters::sheet(&mut tx, &kit.sealer, of.0, one.letter_id).await.unwrap(), Some(sheet()));
        let other = CaseId::mint(now(), [9; 10]);
        assert_eq!(letters::sheet(&mut tx, &kit.sealer, other, one.letter_id).await.unwrap(), None, "of another case");
        drop(tx);

        let sent = Sent { on: date(2026, 3, 1), how: SentHow::HandedOver };
        let mut tx = kit.write().await;
        letters::set_sent(&mut tx, of.0, one.letter_id, sent, kit.account_id).await.unwrap();
        let error = letters::set_sent(&mut tx, other, one.letter_id, sent, kit.account_id).await.unwrap_err();
        assert!(matches!(error, StorageError::WrongCount { touched: 0, .. }));
        assert_eq!(letters::of_case(&mut tx, of.0).await.unwrap()[0].sent, Some(sent));
        letters::delete(&mut tx, of.0, one.letter_id).await.unwrap();
        assert_eq!(letters::of_case(&mut tx, of.0).await.unwrap(), []);
    }

    async fn the_newest_letterhead_is_in_force_and_each_version_is_made_once(kit) {
        let mut tx = kit.write().await;
        assert_eq!(letters::letterhead(&mut tx).await.unwrap(), None);
        let head = |street: &str| Letterhead { street: street.to_owned(), ..Letterhead::default() };
        let by = (kit.account_id, now());
        assert!(letters::insert_letterhead(&mut tx, 1, &head("Old"), by).await.unwrap());
        assert!(letters::insert_letterhead(&mut tx, 2, &head("New"), by).await.unwrap());
        assert!(!letters::insert_letterhead(&mut tx, 2, &head("Other"), by).await.unwrap());
        assert_eq!(letters::letterhead(&mut tx).await.unwrap(), Some((2, head("New"))));
    }
}
