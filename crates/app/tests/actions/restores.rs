//! What becomes of a database that was put back to an earlier moment, on both databases.

use super::deletion::at;
use super::*;
use app::backup::Afterwards;
use domain::authorities::{AuthorityState, Role, ShortCode};
use domain::erasure::ErasureReason;
use domain::ids::PersonId;
use domain::messages::MailAddress;
use storage::StorageError;
use storage::ledger::{Erasure, Ledger};
use storage::pulse::Remembered;
use testkit::contract;

const NAMES: &str = "id,onset,name\nA,2026-02-20,Zyx\nB,2026-02-21,Xyz\n";

struct Cell {
    bench: Bench,
    owner: App,
    ledger: Ledger,
    remembered: Remembered,
}

impl Cell {
    async fn on(kit: Kit) -> Self {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, "id=id,onset=onset,last_name=name", NAMES).await;
        let keyring = bench.kit.keyring();
        let owner = bench.as_owner().await;
        Self { owner, ledger: Ledger::beside(&keyring), remembered: Remembered::beside(&keyring), bench }
    }

    async fn person(&self, name: &str) -> Option<PersonId> {
        let found = self.bench.app.search_persons(&self.bench.worker, name).await.unwrap();
        found.first().map(|found| found.name.person_id)
    }

    /// Notes in the ledger that a person was erased, as at a moment of which this database, put back, knows nothing.
    async fn was_erased(&self, person: PersonId) {
        let (authority_id, table) = (self.bench.kit.authority_id, "person".to_owned());
        self.ledger.append(&[Erasure { erased_at: now(), authority_id, table, id: person.0 }]).await.unwrap();
    }

    async fn replay(&self) -> usize {
        self.owner.finish_restore(&self.ledger, &self.remembered, Afterwards::Frozen).await.unwrap()
    }

    async fn state(&self) -> AuthorityState {
        self.bench.app.authorities().await.unwrap()[0].state
    }
}

contract! {
    async fn who_was_erased_since_is_erased_again_and_nobody_writes_until_an_operator_has_looked(kit) {
        let cell = Cell::on(kit).await;
        let (app, worker) = (&cell.bench.app, &cell.bench.worker);
        app.beat(&cell.remembered).await.unwrap();
        let zyx = cell.person("Zyx").await.unwrap();
        cell.was_erased(zyx).await;
        cell.remembered.raise(100).await.unwrap();
        let refused = app.check_pulse(&cell.remembered).await.unwrap_err();
        assert!(matches!(refused, AppError::Storage(StorageError::NotReplayed)), "{refused}");
        assert_eq!(cell.replay().await, 1);
        app.check_pulse(&cell.remembered).await.unwrap();
        app.beat(&cell.remembered).await.unwrap();

        assert_eq!(cell.state().await, AuthorityState::Frozen);
        let refused = app.invite_by_name(worker, "test").await.unwrap_err();
        assert!(matches!(refused, AppError::Storage(StorageError::NotActive(_))), "{refused}");
        assert_eq!(app.authorities_at_work().await.unwrap(), []);
        assert!(matches!(
            cell.owner.activate("olga", &[ShortCode::new("no").unwrap()]).await,
            Err(AppError::NoAuthority(_))
        ));
        let local = ShortCode::local();
        let activated = cell.owner.activate("olga", std::slice::from_ref(&local)).await.unwrap();
        assert_eq!((activated.len(), cell.state().await), (1, AuthorityState::Active));
        assert_eq!(cell.owner.activate("olga", &[local]).await.unwrap(), [], "who is at work stays so");
        assert_eq!((cell.person("Zyx").await, cell.person("Xyz").await.is_some()), (None, true));
        let audited = cell.bench.kit.database.count_rows("audit_record WHERE operation = 'authorities.activate'").await;
        assert_eq!(audited, 1);
    }

    async fn sessions_links_keys_and_leases_end_and_mail_is_kept_back(kit) {
        let cell = Cell::on(kit).await;
        let (app, worker) = (&cell.bench.app, &cell.bench.worker);
        app.invite_by_name(worker, "test").await.unwrap();
        let account = app.create_invited_account(worker, "kim", Role::CaseWorker).await.unwrap();
        app.send_test_mail(worker, MailAddress::new("kim@example.org").unwrap()).await.unwrap();
        let rows = |table: &'static str| cell.bench.kit.database.count_rows(table);
        assert_eq!((account.1.is_some(), rows("invitation").await), (true, 2));
        // Whoever held it when the backup was made is gone, however long it was to last.
        let forever = jiff::SignedDuration::from_hours(24 * 365);
        let mut tx = cell.owner.store.installation().await.unwrap();
        let until = now().checked_add(forever).unwrap();
        assert!(storage::leases::take(&mut tx, "retention/1", uuid::Uuid::from_u128(7), now(), until).await.unwrap());
        tx.commit().await.unwrap();
        cell.replay().await;
        assert_eq!((rows("invitation").await, rows("session").await, rows("api_token").await), (0, 0, 0));
        assert_eq!(rows("message WHERE status = 'held'").await, 1);
        assert_eq!(rows("lease").await, 0);
    }

    async fn the_replay_may_be_done_again_and_again(kit) {
        let cell = Cell::on(kit).await;
        let zyx = cell.person("Zyx").await.unwrap();
        cell.was_erased(zyx).await;
        for _ in 0..3 {
            assert_eq!(cell.replay().await, 1);
            assert_eq!(cell.state().await, AuthorityState::Frozen);
        }
        cell.owner.activate("olga", &[ShortCode::local()]).await.unwrap();
        assert_eq!((cell.person("Zyx").await, cell.person("Xyz").await.is_some()), (None, true));
    }

    async fn an_authority_that_has_moved_away_is_never_activated(kit) {
        let cell = Cell::on(kit).await;
        let mut tx = cell.owner.store.installation().await.unwrap();
        let id = cell.bench.kit.authority_id;
        storage::authorities::set_state(&mut tx, id, AuthorityState::Moved).await.unwrap();
        tx.commit().await.unwrap();
        cell.replay().await;
        assert_eq!(cell.state().await, AuthorityState::Moved);
        let refused = cell.owner.activate("olga", &[ShortCode::local()]).await.unwrap_err();
        assert!(matches!(refused, AppError::Storage(StorageError::NotActive(state)) if state == "moved"));
    }

    async fn who_was_stopped_while_erasing_is_followed_at_the_next_start(kit) {
        let cell = Cell::on(kit).await;
        let (app, worker) = (&cell.bench.app, &cell.bench.worker);
        let (zyx, xyz) = (cell.person("Zyx").await.unwrap(), cell.person("Xyz").await.unwrap());
        app.erase_person(worker, &cell.ledger, xyz, ErasureReason::Request).await.unwrap();
        assert_eq!(app.settle_ledger(&cell.ledger).await.unwrap(), 0, "what was erased is known as such");
        cell.was_erased(zyx).await;
        assert_eq!(app.settle_ledger(&cell.ledger).await.unwrap(), 1);
        assert_eq!(cell.person("Zyx").await, None);
        assert_eq!(app.settle_ledger(&cell.ledger).await.unwrap(), 0);
    }

    async fn erasures_of_a_frozen_authority_wait_until_it_is_active(kit) {
        let cell = Cell::on(kit).await;
        let zyx = cell.person("Zyx").await.unwrap();
        cell.replay().await;
        cell.was_erased(zyx).await;
        assert_eq!(cell.bench.app.settle_ledger(&cell.ledger).await.unwrap(), 0);
        cell.owner.activate("olga", &[ShortCode::local()]).await.unwrap();
        assert_eq!(cell.bench.app.settle_ledger(&cell.ledger).await.unwrap(), 1);
        assert_eq!(cell.person("Zyx").await, None);
    }

    async fn what_ends_by_itself_notes_how_far_the_ledger_is_done(kit) {
        let cell = Cell::on(kit).await;
        let later = at(&cell.bench, now().checked_add(jiff::SignedDuration::from_hours(24 * 731)).unwrap()).await;
        let deleted = later.run_retention(&cell.bench.worker, &cell.ledger).await.unwrap();
        assert_eq!(deleted.n_anonymised, 2);
        assert_eq!(later.settle_ledger(&cell.ledger).await.unwrap(), 0);
    }

    async fn a_new_database_takes_over_where_another_left_off(kit) {
        let remembered = Remembered::beside(&kit.keyring());
        remembered.raise(500).await.unwrap();
        let fresh = testkit::Database::migrated(kit.database.kind).await;
        let (store, jobs) = (fresh.open().await, fresh.open_for_jobs().await);
        let app = Bench::app(&kit, store, jobs, now());
        app.check_pulse(&remembered).await.unwrap();
        app.beat(&remembered).await.unwrap();
        assert_eq!(remembered.beats().await.unwrap(), Some(502));
    }
}
