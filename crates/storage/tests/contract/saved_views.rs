use domain::ids::{AccountId, ViewId};
use domain::persons::Personal;
use storage::saved_views::{self, SavedView};
use testkit::kit::now;
use testkit::{Kit, contract};

pub(super) fn view(kit: &Kit, account_id: AccountId, is_shared: bool) -> SavedView {
    SavedView {
        view_id: ViewId::mint(now(), kit.random()),
        account_id,
        account: String::new(),
        is_shared,
        name: Some(Personal::new("all of the Zyxwquarrendells".to_owned())),
        query: "status=open&assigned=me".to_owned(),
        created_at: now(),
    }
}

contract! {
    async fn everybody_sees_their_own_views_and_the_shared_ones(kit) {
        let other = AccountId::mint(now(), kit.random());
        let (mine, shared, others) = (view(&kit, kit.account_id, false), view(&kit, other, true), view(&kit, other, false));
        let mut tx = kit.write().await;
        for view in [&mine, &shared, &others] {
            assert!(saved_views::insert(&mut tx, &kit.sealer, view).await.unwrap());
        }
        assert!(!saved_views::insert(&mut tx, &kit.sealer, &mine).await.unwrap(), "the same id again");
        tx.commit().await.unwrap();
        let mut tx = kit.write().await;
        let ids = |views: &[SavedView]| views.iter().map(|view| view.view_id).collect::<std::collections::BTreeSet<_>>();
        let seen = saved_views::seen_by(&mut tx, Some(&kit.sealer), kit.account_id).await.unwrap();
        assert_eq!(ids(&seen), [mine.view_id, shared.view_id].into());
        let own = seen.iter().find(|view| view.view_id == mine.view_id).unwrap();
        assert_eq!(own, &SavedView { account: "test".to_owned(), ..mine.clone() });
        assert_eq!(ids(&saved_views::seen_by(&mut tx, None, other).await.unwrap()), [shared.view_id, others.view_id].into());
        assert_eq!(saved_views::seen_by(&mut tx, None, other).await.unwrap()[0].name, None, "locked without the key");
        assert!(saved_views::delete(&mut tx, mine.view_id).await.unwrap());
        assert!(!saved_views::delete(&mut tx, mine.view_id).await.unwrap());
        let seen = saved_views::seen_by(&mut tx, None, kit.account_id).await.unwrap();
        assert_eq!(ids(&seen), [shared.view_id].into());
    }

    async fn a_name_is_nowhere_in_clear(kit) {
        let mut tx = kit.write().await;
        saved_views::insert(&mut tx, &kit.sealer, &view(&kit, kit.account_id, true)).await.unwrap();
        tx.commit().await.unwrap();
        let text = if kit.database.kind == testkit::Kind::Sqlite { "CAST(name AS TEXT)" } else { "encode(name, 'escape')" };
        let readable = kit.database.count_rows(&format!("saved_view WHERE {text} LIKE '%Zyxw%'")).await;
        assert_eq!((readable, kit.database.count_rows("saved_view").await), (0, 1));
    }

    async fn the_neighbour_neither_sees_nor_deletes_our_views(kit) {
        let shared = view(&kit, kit.account_id, true);
        let mut tx = kit.write().await;
        saved_views::insert(&mut tx, &kit.sealer, &shared).await.unwrap();
        tx.commit().await.unwrap();
        let neighbour = kit.neighbour().await;
        let mut tx = kit.store.write(neighbour).await.unwrap();
        assert_eq!(saved_views::seen_by(&mut tx, None, kit.account_id).await.unwrap(), []);
        assert!(!saved_views::delete(&mut tx, shared.view_id).await.unwrap());
    }
}
