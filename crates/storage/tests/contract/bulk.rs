//! What bulk actions read and keep of many cases in one statement.

use super::cases::case;
use super::enrolment::{account, code, enrolment};
use domain::activation::{ActivationCode, CodeState};
use domain::bulk::{Account, Again, BulkAction, Email, Invitee};
use domain::cases::CaseStatus;
use domain::diseases::Disease;
use domain::ids::{BulkId, CaseId, JobId, MessageId, PersonId};
use domain::languages::Language;
use domain::messages::{Channel, MessageKind, MessageStatus};
use domain::persons::{Personal, PersonalField};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use storage::activation_codes::{self, StoredCode};
use storage::bulk::Bulk;
use storage::messages::{MessageContent, NewMessage};
use storage::{Tx, cases, enrolments, messages, patients};
use testkit::kit::now;
use testkit::{Kit, contract};

fn drawn(n: u8) -> ActivationCode {
    ActivationCode::draw(&[n; 16]).unwrap()
}

fn later(seconds: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

/// Cases of this many persons, of whom the first has an e-mail address.
async fn some(kit: &Kit, n: u8) -> Vec<(CaseId, PersonId)> {
    let mut made = Vec::new();
    for i in 0..n {
        let person_id = kit.person(&format!("P{i}")).await;
        let one = case(i + 1, person_id, Disease::Covid19);
        let mut tx = kit.write().await;
        cases::insert(&mut tx, &kit.sealer, std::slice::from_ref(&one), now()).await.unwrap();
        if i == 0 {
            let found = storage::persons::by_id(&mut tx, &kit.sealer, &[person_id]).await.unwrap();
            let mut person = found[&person_id].clone();
            person.personal.insert(PersonalField::Email, Personal::new("mia@example.org".to_owned()));
            storage::persons::replace(&mut tx, &kit.sealer, &person).await.unwrap();
        }
        tx.commit().await.unwrap();
        made.push((one.case_id, person_id));
    }
    made
}

async fn queue(tx: &mut Tx, kit: &Kit) -> MessageId {
    let text = || Personal::new("x".to_owned());
    let content = MessageContent {
        recipient: text(),
        subject: text(),
        text: text(),
        html: text(),
        sender_name: None,
        reply_to: None,
    };
    let new = NewMessage {
        message_id: MessageId::mint(now(), kit.random()),
        case_id: None,
        person_id: None,
        kind: MessageKind::Invitation,
        channel: Channel::Mail,
        language: Language::De,
        content,
        not_before: now(),
        account_id: None,
    };
    messages::insert(tx, &kit.sealer, &new, now()).await.unwrap();
    new.message_id
}

contract! {
    async fn what_an_invitation_hangs_on_is_read_of_many_cases_at_once(kit) {
        let of = some(&kit, 4).await;
        let mut tx = kit.write().await;
        let waiting = queue(&mut tx, &kit).await;
        let under_way = StoredCode { message_id: waiting, ..code(&kit, of[0]) };
        activation_codes::insert(&mut tx, &kit.sealer, &under_way, &drawn(1)).await.unwrap();
        // A code whose message is forgotten had gone; one that is over counts for nothing.
        activation_codes::insert(&mut tx, &kit.sealer, &code(&kit, of[1]), &drawn(2)).await.unwrap();
        let over = StoredCode { state: CodeState::Cancelled, ended_at: Some(now()), ..code(&kit, of[2]) };
        activation_codes::insert(&mut tx, &kit.sealer, &over, &drawn(3)).await.unwrap();
        let mia = account(&kit, of[2].1);
        patients::insert(&mut tx, &kit.sealer, &mia, "mia.h").await.unwrap();
        enrolments::insert(&mut tx, &enrolment(&kit, of[2], mia.patient_id)).await.unwrap();
        let gone = CaseId(uuid::Uuid::from_u128(9));
        let asked: Vec<CaseId> = of.iter().map(|(case_id, _)| *case_id).chain([gone]).collect();
        let found: HashMap<CaseId, Invitee> =
            storage::bulk::invitees(&mut tx, &asked).await.unwrap().into_iter().collect();
        let plain = Invitee { status: CaseStatus::Open, email: Email::Missing, account: Account::None, out: None };
        assert_eq!(found.len(), 4, "who isn't there is left out");
        let first = Invitee { email: Email::Known, out: Some(MessageStatus::Waiting), ..plain };
        assert_eq!(found[&of[0].0], first);
        assert_eq!(found[&of[1].0], Invitee { out: Some(MessageStatus::Sent), ..plain });
        assert_eq!(found[&of[2].0], Invitee { account: Account::There, ..plain });
        assert_eq!(found[&of[3].0], plain);
        patients::delete(&mut tx, mia.patient_id).await.unwrap();
        let again = storage::bulk::invitees(&mut tx, &[of[2].0]).await.unwrap();
        assert_eq!(again, [(of[2].0, plain)], "an account that was deleted acts for nobody");
    }

    async fn codes_that_are_open_and_codes_that_ended_at_an_instant_are_found_among_many_cases(kit) {
        let of = some(&kit, 3).await;
        let ids: Vec<CaseId> = of.iter().map(|(case_id, _)| *case_id).collect();
        let mut tx = kit.write().await;
        for (n, whose) in (1..).zip(&of[..2]) {
            activation_codes::insert(&mut tx, &kit.sealer, &code(&kit, *whose), &drawn(n)).await.unwrap();
        }
        let open = activation_codes::open_of_cases(&mut tx, &ids).await.unwrap();
        let mut whose: Vec<CaseId> = open.iter().map(|code| code.case_id).collect();
        whose.sort();
        assert_eq!(whose, ids[..2]);
        let first = open.into_iter().find(|code| code.case_id == ids[0]).unwrap();
        let ended = StoredCode { state: CodeState::Cancelled, ended_at: Some(later(1)), due_at: None, ..first };
        activation_codes::write(&mut tx, &ended).await.unwrap();
        assert_eq!(activation_codes::open_of_cases(&mut tx, &ids).await.unwrap().len(), 1);
        assert_eq!(activation_codes::cancelled_at(&mut tx, &ids, later(1)).await.unwrap(), [ids[0]]);
        assert_eq!(activation_codes::cancelled_at(&mut tx, &ids, now()).await.unwrap(), []);
        assert_eq!(activation_codes::cancelled_at(&mut tx, &ids[1..], later(1)).await.unwrap(), []);
    }

    async fn an_invitation_of_many_comes_back_as_it_was_asked_for(kit) {
        let of = some(&kit, 1).await;
        let mut tx = kit.write().await;
        for again in [Again::No, Again::Yes] {
            let bulk = Bulk {
                bulk_id: BulkId::mint(now(), kit.random()),
                account_id: kit.account_id,
                action: BulkAction::Invite { again },
                note: None,
                n_rows: 1,
                job_id: JobId::mint(now(), kit.random()),
                undo_job_id: None,
                created_at: now(),
            };
            storage::bulk::insert(&mut tx, &kit.sealer, &bulk, &[of[0].0]).await.unwrap();
            let found = storage::bulk::find(&mut tx, Some(&kit.sealer), bulk.bulk_id).await.unwrap();
            assert_eq!(found, Some(bulk));
        }
    }
}
