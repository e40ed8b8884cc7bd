use domain::authorities::{AuthorityState, Role};
use domain::diseases::Disease;
use domain::ids::AccountId;
use domain::rules::RuleSet;
use storage::accounts::{self, Account};
use storage::sealing::{Keyring, Keys, Opener};
use storage::{StorageError, authorities, leases, rule_sets};
use testkit::contract;
use testkit::kit::{new_authority, now};

contract! {
    async fn an_authority_gets_a_number_that_is_never_used_again(kit) {
        let owner = kit.database.open_as_migrator().await;
        let mut tx = owner.installation().await.unwrap();
        assert_eq!(authorities::insert(&mut tx, &new_authority("local"), now()).await.unwrap(), None, "the code is taken");
        let second = authorities::insert(&mut tx, &new_authority("next"), now()).await.unwrap().unwrap();
        assert!(second > kit.authority_id);
        tx.commit().await.unwrap();
        let mut tx = kit.store.installation().await.unwrap();
        let all = authorities::list(&mut tx).await.unwrap();
        assert_eq!(all.iter().map(|a| a.short_code.as_str()).collect::<Vec<_>>(), ["local", "next"]);
        assert_eq!(all[0].time_zone.iana_name(), Some("Europe/Berlin"));
    }

    async fn an_authority_that_moves_takes_no_writes(kit) {
        let owner = kit.database.open_as_migrator().await;
        let mut tx = owner.installation().await.unwrap();
        authorities::set_state(&mut tx, kit.authority_id, AuthorityState::Frozen).await.unwrap();
        tx.commit().await.unwrap();
        let refused = kit.store.write(kit.authority_id).await;
        assert!(matches!(refused, Err(StorageError::NotActive(state)) if state == "frozen"));
        drop(kit.read().await);
    }

    async fn nobody_can_write_for_an_authority_that_is_not_there(kit) {
        let refused = kit.store.write(domain::ids::AuthorityId(99)).await;
        assert!(matches!(refused, Err(StorageError::NoAuthority)));
    }

    async fn a_keyring_is_known_again_by_what_it_sealed_and_a_foreign_one_is_refused(kit) {
        let owner = kit.database.open_as_migrator().await;
        let mut tx = owner.installation().await.unwrap();
        authorities::set_canary(&mut tx, kit.authority_id, &kit.sealer).await.unwrap();
        let own = Keyring::open(&kit.keyring(), Opener::Auto).unwrap();
        authorities::check_keyring(&mut tx, &own.into()).await.unwrap();
        let foreign = Keyring::create(&kit.database.folder.path().join("foreign"), Opener::Auto).unwrap();
        let foreign = Keys::from(foreign);
        authorities::check_keyring(&mut tx, &foreign).await.expect("a keyring without this key is none of its own");
        foreign.add_authority(kit.authority_id, now()).await.unwrap();
        let refused = authorities::check_keyring(&mut tx, &foreign).await;
        assert!(matches!(refused, Err(StorageError::ForeignKeyring)));
    }

    async fn an_account_has_a_role_only_where_it_is_a_member(kit) {
        let neighbour = kit.neighbour().await;
        let mut tx = kit.write().await;
        let account = Account { account_id: AccountId::mint(now(), [1; 10]), name: "kim".to_owned(), operator: false };
        assert!(accounts::insert(&mut tx, &account, now()).await.unwrap());
        assert!(!accounts::insert(&mut tx, &account, now()).await.unwrap(), "the name is taken");
        assert!(accounts::join(&mut tx, account.account_id, Role::CaseWorker, now()).await.unwrap());
        assert_eq!(accounts::role(&mut tx, account.account_id).await.unwrap(), Some(Role::CaseWorker));
        assert_eq!(accounts::find(&mut tx, "kim").await.unwrap(), Some(account.clone()));
        tx.commit().await.unwrap();
        let mut tx = kit.store.write(neighbour).await.unwrap();
        assert_eq!(accounts::role(&mut tx, account.account_id).await.unwrap(), None);
    }

    async fn a_rule_set_is_followed_by_a_newer_one_and_never_changed(kit) {
        let mut rules = RuleSet::built_in(Disease::Mers);
        rules.version = 1;
        rules.first = Some(jiff::civil::date(2015, 6, 1));
        let mut tx = kit.write().await;
        rule_sets::insert(&mut tx, &rules, kit.account_id, now()).await.unwrap();
        assert_eq!(rule_sets::list(&mut tx, Disease::Mers).await.unwrap(), [rules.clone()]);
        assert_eq!(rule_sets::list(&mut tx, Disease::Ebola).await.unwrap(), []);
        tx.commit().await.unwrap();
        let mut tx = kit.write().await;
        assert!(rule_sets::insert(&mut tx, &rules, kit.account_id, now()).await.is_err());
    }

    /// A row as it was written while there were only the first six settings.
    async fn an_old_row_of_rules_is_read_with_the_defaults_of_its_disease(kit) {
        kit.database.tamper(
            r#"INSERT INTO rule_set (authority_id, disease, version, first_day, last_day, settings, account_id, created_at)
               SELECT authority_id, 'measles', 1, NULL, NULL, '{"infectious":{"days_before_onset":5,"days_after_onset":4},
                 "incubation_max_days":21,"follow_up_days":21,"room_safe_after_min":120,"close_contact":null,
                 "closeness":{"near":0.9,"middle":0.5,"far":0.1,"unknown_distance":0.5,"same_area":0.3,"airing":0.15}}',
                 account_id, created_at FROM membership"#,
            kit.authority_id,
        ).await;
        let mut tx = kit.read().await;
        let read = rule_sets::list_made(&mut tx, Disease::Measles).await.unwrap().remove(0);
        assert_eq!((read.account_id, read.made_at), (kit.account_id, now()));
        let mut expected = RuleSet::built_in(Disease::Measles);
        expected.version = 1;
        expected.settings.infectious.days_before_onset = 5;
        assert_eq!(read.rules, expected);
    }

    async fn of_two_who_want_a_lease_one_gets_it_until_it_ends(kit) {
        let later = |minutes| now().checked_add(jiff::SignedDuration::from_mins(minutes)).unwrap();
        let (one, two) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
        let mut tx = kit.store.installation().await.unwrap();
        assert!(leases::take(&mut tx, "job", one, now(), later(10)).await.unwrap());
        assert!(!leases::take(&mut tx, "job", two, later(9), later(19)).await.unwrap());
        assert!(leases::take(&mut tx, "job", one, later(9), later(19)).await.unwrap(), "the holder prolongs");
        assert!(leases::take(&mut tx, "job", two, later(19), later(29)).await.unwrap(), "it has ended");
        leases::give_back(&mut tx, "job", one).await.unwrap();
        assert!(!leases::take(&mut tx, "job", one, later(20), later(30)).await.unwrap(), "it was not theirs to give");
        leases::give_back(&mut tx, "job", two).await.unwrap();
        assert!(leases::take(&mut tx, "job", one, later(20), later(30)).await.unwrap());
    }
}
