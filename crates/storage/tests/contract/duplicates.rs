use domain::duplicates::{Token, TokenKind};
use domain::ids::PersonId;
use domain::persons::Personal;
use std::collections::{BTreeMap, BTreeSet};
use storage::duplicates::{self, Followed, MOST_OF_A_TOKEN, PersonTokens};
use storage::persons;
use storage::retention::erase_person;
use testkit::kit::now;
use testkit::{Kit, contract};

const RULES: i64 = 17;

fn phone(text: &str) -> Token {
    Token { kind: TokenKind::Phone, text: Personal::new(text.to_owned()) }
}

fn born(text: &str) -> Token {
    Token { kind: TokenKind::BornName, text: Personal::new(text.to_owned()) }
}

pub(crate) fn with(person_id: PersonId, tokens: &[Token]) -> PersonTokens {
    PersonTokens { person_id, tokens: tokens.to_vec() }
}

async fn strangers(kit: &Kit, n_persons: usize) -> Vec<PersonId> {
    let ids: Vec<PersonId> = (0..n_persons).map(|_| PersonId::mint(now(), kit.random())).collect();
    let mut tx = kit.write().await;
    persons::insert_unknown(&mut tx, &ids, now()).await.unwrap();
    tx.commit().await.unwrap();
    ids
}

async fn store(kit: &Kit, persons: &[PersonTokens]) {
    let mut tx = kit.write().await;
    duplicates::insert(&mut tx, &kit.sealer, persons).await.unwrap();
    tx.commit().await.unwrap();
}

async fn found(kit: &Kit, tokens: &[Token]) -> BTreeSet<PersonId> {
    let mut tx = kit.read().await;
    duplicates::candidates(&mut tx, &kit.sealer, &[tokens.to_vec()]).await.unwrap().of.remove(0)
}

contract! {
    async fn who_shares_a_token_of_the_same_kind_is_a_candidate(kit) {
        let ids = strangers(&kit, 3).await;
        store(&kit, &[
            with(ids[0], &[phone("+491"), born("a")]),
            with(ids[1], &[phone("+491"), phone("+492")]),
            with(ids[2], &[born("+492")]),
        ]).await;
        let mut tx = kit.read().await;
        let wanted = [vec![phone("+491")], vec![], vec![phone("+492"), born("a")], vec![phone("+493")]];
        let all = duplicates::candidates(&mut tx, &kit.sealer, &wanted).await.unwrap();
        assert_eq!(all.of, [[ids[0], ids[1]].into(), BTreeSet::new(), [ids[0], ids[1]].into(), BTreeSet::new()]);
        assert_eq!(all.is_capped, [false; 4]);
        let none = duplicates::candidates(&mut tx, &kit.sealer, &[]).await.unwrap();
        assert_eq!(none.of, []);
    }

    /// More than one statement takes, and everybody still finds their own.
    async fn thousands_are_looked_up_at_once(kit) {
        let ids = strangers(&kit, 3_000).await;
        let tokens = |n: usize| vec![phone(&format!("+{n}")), born(&n.to_string()), born(&format!("{n}|{n}"))];
        let all: Vec<PersonTokens> = ids.iter().enumerate().map(|(n, id)| with(*id, &tokens(n))).collect();
        store(&kit, &all).await;
        let wanted: Vec<Vec<Token>> = (0..ids.len()).map(tokens).collect();
        let mut tx = kit.read().await;
        let found = duplicates::candidates(&mut tx, &kit.sealer, &wanted).await.unwrap();
        assert!(found.of.iter().zip(&ids).all(|(found, id)| *found == BTreeSet::from([*id])));
    }

    async fn a_token_that_many_share_gives_the_first_and_says_that_there_are_more(kit) {
        let ids = strangers(&kit, MOST_OF_A_TOKEN + 10).await;
        let all: Vec<PersonTokens> = ids.iter().map(|id| with(*id, &[phone("+49 hostel")])).collect();
        store(&kit, &all[..MOST_OF_A_TOKEN]).await;
        let ask = [vec![phone("+49 hostel")], vec![born("x")]];
        let mut tx = kit.read().await;
        let found = duplicates::candidates(&mut tx, &kit.sealer, &ask).await.unwrap();
        assert_eq!((found.of[0].len(), found.is_capped), (MOST_OF_A_TOKEN, vec![false, false]), "just as many as are looked at");
        drop(tx);
        store(&kit, &all).await;
        let mut tx = kit.read().await;
        let found = duplicates::candidates(&mut tx, &kit.sealer, &ask).await.unwrap();
        assert_eq!(found.of[0], ids[..MOST_OF_A_TOKEN].iter().copied().collect());
        assert_eq!(found.is_capped, [true, false]);
    }

    async fn replaced_tokens_find_no_more_and_right_ones_are_not_touched(kit) {
        let ids = strangers(&kit, 3).await;
        store(&kit, &[with(ids[0], &[phone("+491"), born("a")]), with(ids[1], &[phone("+491")])]).await;
        let mut tx = kit.write().await;
        let right = [with(ids[0], &[phone("+492"), born("a")]), with(ids[1], &[phone("+491")]), with(ids[2], &[])];
        assert_eq!(duplicates::replace(&mut tx, &kit.sealer, &right).await.unwrap(), 1, "one had others");
        assert_eq!(duplicates::replace(&mut tx, &kit.sealer, &right).await.unwrap(), 0);
        tx.commit().await.unwrap();
        assert_eq!(found(&kit, &[phone("+491")]).await, [ids[1]].into());
        assert_eq!(found(&kit, &[phone("+492")]).await, [ids[0]].into());
        let mut tx = kit.write().await;
        assert_eq!(duplicates::replace(&mut tx, &kit.sealer, &[with(ids[1], &[])]).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let mut tx = kit.read().await;
        let counts = duplicates::count_of_persons(&mut tx, &ids).await.unwrap();
        assert_eq!(counts, BTreeMap::from([(TokenKind::Phone, 1), (TokenKind::BornName, 1)]));
    }

    async fn tokens_go_with_the_person(kit) {
        let ids = strangers(&kit, 2).await;
        store(&kit, &[with(ids[0], &[phone("+491")]), with(ids[1], &[phone("+491")])]).await;
        let mut tx = kit.write().await;
        erase_person(&mut tx, ids[0]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(found(&kit, &[phone("+491")]).await, [ids[1]].into());
    }

    async fn whoever_writes_tokens_with_the_person_leaves_nothing_to_follow(kit) {
        let ids = strangers(&kit, 3).await;
        let mut tx = kit.write().await;
        assert_eq!(duplicates::followed(&mut tx, RULES).await.unwrap(), Followed { done: 0, changed: 3 });
        duplicates::follow_own(&mut tx, RULES, 3).await.unwrap();
        let now = duplicates::followed(&mut tx, RULES).await.unwrap();
        assert_eq!((now, now.n_waiting()), (Followed { done: 3, changed: 3 }, 0));
        persons::note_changes(&mut tx, &ids[..2]).await.unwrap();
        persons::note_changes(&mut tx, &ids[2..]).await.unwrap();
        duplicates::follow_own(&mut tx, RULES, 1).await.unwrap();
        assert_eq!(duplicates::followed(&mut tx, RULES).await.unwrap().n_waiting(), 3, "two wait, so the third waits too");
        assert_eq!(duplicates::changes_after(&mut tx, 3, 2).await.unwrap(), [(4, ids[0]), (5, ids[1])]);
        duplicates::set_followed(&mut tx, RULES, 6).await.unwrap();
        duplicates::set_followed(&mut tx, RULES, 5).await.unwrap();
        assert_eq!(duplicates::followed(&mut tx, RULES).await.unwrap().done, 6, "never backwards");
    }

    async fn under_other_rules_all_is_followed_again(kit) {
        strangers(&kit, 3).await;
        let mut tx = kit.write().await;
        duplicates::set_followed(&mut tx, RULES, 3).await.unwrap();
        assert_eq!(duplicates::followed(&mut tx, RULES + 1).await.unwrap().n_waiting(), 3);
        duplicates::set_followed(&mut tx, RULES + 1, 3).await.unwrap();
        assert_eq!(duplicates::followed(&mut tx, RULES).await.unwrap().n_waiting(), 3, "back to the first: again");
    }
}
