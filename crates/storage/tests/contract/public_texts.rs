//! What an authority tells everybody: every version stays, and nobody writes over another's.

use domain::languages::Language;
use domain::public_texts::PublicTextKind;
use storage::public_texts::{self, TextVersion};
use testkit::kit::now;
use testkit::{Kit, contract};

fn version(kit: &Kit, version: i32, markup: Option<&str>) -> TextVersion {
    TextVersion {
        kind: PublicTextKind::DataProtection,
        language: Language::De,
        version,
        markup: markup.map(str::to_owned),
        account_id: kit.account_id,
        created_at: now(),
    }
}

contract! {
    async fn every_version_of_a_text_is_kept_and_the_highest_is_in_force(kit) {
        let (kind, language) = (PublicTextKind::DataProtection, Language::De);
        let mut tx = kit.write().await;
        assert_eq!(public_texts::in_force(&mut tx, kind, language).await.unwrap(), None);
        assert!(public_texts::insert(&mut tx, &version(&kit, 1, Some("Eins"))).await.unwrap());
        assert!(!public_texts::insert(&mut tx, &version(&kit, 1, Some("Zwei"))).await.unwrap(), "somebody was faster");
        assert!(public_texts::insert(&mut tx, &version(&kit, 2, None)).await.unwrap());
        let other = TextVersion { kind: PublicTextKind::Imprint, language: Language::Tr, ..version(&kit, 1, Some("Bir")) };
        assert!(public_texts::insert(&mut tx, &other).await.unwrap());
        let in_force = public_texts::in_force(&mut tx, kind, language).await.unwrap();
        assert_eq!(in_force, Some(version(&kit, 2, None)));
        let first = public_texts::version(&mut tx, kind, language, 1).await.unwrap();
        assert_eq!(first, Some(version(&kit, 1, Some("Eins"))), "what somebody agreed to");
        assert_eq!(public_texts::version(&mut tx, kind, language, 3).await.unwrap(), None);
        let versions = public_texts::versions(&mut tx, kind, language).await.unwrap();
        assert_eq!(versions, [version(&kit, 2, None), version(&kit, 1, Some("Eins"))]);
        assert_eq!(public_texts::list(&mut tx).await.unwrap(), [version(&kit, 2, None), other]);
    }

    async fn a_neighbour_has_texts_of_its_own(kit) {
        let neighbour = kit.neighbour().await;
        let mut tx = kit.write().await;
        public_texts::insert(&mut tx, &version(&kit, 1, Some("Eins"))).await.unwrap();
        tx.commit().await.unwrap();
        let mut theirs = kit.store.write(neighbour).await.unwrap();
        assert_eq!(public_texts::list(&mut theirs).await.unwrap(), []);
        assert!(public_texts::insert(&mut theirs, &version(&kit, 1, Some("Andere"))).await.unwrap());
    }
}
