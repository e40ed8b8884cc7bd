//! Declared contacts: copies of what was said.

use super::cases::case;
use domain::contacts::{Contact, ContactKind, Said};
use domain::diseases::Disease;
use domain::ids::{CaseId, ContactId};
use domain::persons::Personal;
use domain::time::DayRange;
use jiff::civil::date;
use storage::declared_contacts::{self, DeclaredContact};
use storage::{StorageError, cases, contacts};
use testkit::contract;
use testkit::kit::now;

contract! {
    async fn a_declaration_keeps_what_was_said_and_goes_with_its_meeting(kit) {
        let (by, met) = (kit.person("A").await, kit.person("B").await);
        let (one, other) = (case(1, by, Disease::Covid19), case(2, met, Disease::Covid19));
        let said = Said { hint: Some("the woman at the till".to_owned()), is_senior: Some(true), ..Said::default() };
        let declared = DeclaredContact {
            contact_id: ContactId::mint(now(), [5; 10]),
            case_id: one.case_id,
            person_id: by,
            met,
            contact_case: None,
            elsewhere: None,
            kind: ContactKind::SameRoom,
            days: DayRange { first: date(2026, 2, 1), last: date(2026, 2, 2) },
            inside: None,
            said: Some(Personal::new(said)),
            account_id: kit.account_id,
            declared_at: now(),
        };
        let fact = Contact {
            contact_id: declared.contact_id,
            declared_by: by,
            met,
            kind: declared.kind,
            days: declared.days,
        };
        let mut tx = kit.write().await;
        cases::insert(&mut tx, &kit.sealer, &[one.clone(), other.clone()], now()).await.unwrap();
        contacts::insert(&mut tx, &[fact], now()).await.unwrap();
        declared_contacts::insert(&mut tx, &kit.sealer, &declared).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = kit.read().await;
        let found = declared_contacts::of_case(&mut tx, Some(&kit.sealer), one.case_id).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&declared));
        assert_eq!(declared_contacts::of_case(&mut tx, None, one.case_id).await.unwrap()[0].said, None);
        drop(tx);

        let declared = DeclaredContact { contact_case: Some(other.case_id), inside: Some(true), ..declared };
        let mut tx = kit.write().await;
        declared_contacts::set_standing(&mut tx, &declared).await.unwrap();
        let nobodys = DeclaredContact { case_id: CaseId::mint(now(), [9; 10]), ..declared.clone() };
        let error = declared_contacts::set_standing(&mut tx, &nobodys).await.unwrap_err();
        assert!(matches!(error, StorageError::WrongCount { touched: 0, .. }));
        let origins = declared_contacts::origins(&mut tx, Some(&kit.sealer), other.case_id).await.unwrap();
        assert_eq!(origins, std::slice::from_ref(&declared));
        assert!(declared_contacts::delete(&mut tx, one.case_id, declared.contact_id).await.unwrap());
        assert!(!declared_contacts::delete(&mut tx, one.case_id, declared.contact_id).await.unwrap());
        assert_eq!(contacts::of_persons(&mut tx, &[by]).await.unwrap(), []);
    }
}
