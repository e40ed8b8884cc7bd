use domain::audit::{AuditRecord, ChainBreak};
use domain::ids::AuditId;
use storage::audit;
use testkit::kit::now;
use testkit::{Kit, contract};

fn record_of(kit: &Kit, n: u8, at: jiff::Timestamp) -> AuditRecord {
    AuditRecord {
        authority_id: kit.authority_id,
        audit_id: AuditId::mint(at, [n; 10]),
        recorded_at: at,
        account_id: kit.account_id,
        role: "administrator".to_owned(),
        operation: "exposures.list".to_owned(),
        subjects: format!("{n}"),
        n_subjects: 1,
        reason: String::new(),
        source: "command_line".to_owned(),
    }
}

pub async fn record(kit: &Kit, n: u8, at: jiff::Timestamp) {
    let mut tx = kit.write().await;
    audit::insert(&mut tx, &record_of(kit, n, at)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn chain(kit: &Kit) -> usize {
    let mut tx = kit.write().await;
    let n_chained = audit::chain(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    n_chained
}

contract! {
    async fn a_chain_holds_and_what_is_not_chained_yet_is_no_break(kit) {
        let mut tx = kit.read().await;
        assert_eq!(audit::verify(&mut tx).await.unwrap().first_break, None, "an empty log");
        drop(tx);
        for n in 1..=3 {
            record(&kit, n, now()).await;
        }
        assert_eq!(chain(&kit).await, 3);
        assert_eq!(chain(&kit).await, 0);
        record(&kit, 4, now()).await;
        let mut tx = kit.read().await;
        let found = audit::verify(&mut tx).await.unwrap();
        assert_eq!((found.n_checked, found.n_unchained, found.first_break), (3, 1, None));
    }

    async fn ids_of_a_large_result_are_a_block_whose_loss_or_change_breaks_the_chain(kit) {
        let ids: Vec<uuid::Uuid> = (1..=3_000).map(uuid::Uuid::from_u128).collect();
        let block = audit::IdBlock::pack(ids.iter().copied()).unwrap();
        let audit_id = AuditId::mint(now(), [7; 10]);
        let mut tx = kit.write().await;
        let whole = AuditRecord { audit_id, subjects: block.subjects(), n_subjects: 3_000, ..record_of(&kit, 7, now()) };
        audit::insert(&mut tx, &whole).await.unwrap();
        audit::insert_block(&mut tx, audit_id, &block).await.unwrap();
        tx.commit().await.unwrap();
        chain(&kit).await;
        let mut tx = kit.read().await;
        assert_eq!(audit::verify(&mut tx).await.unwrap().first_break, None);
        assert_eq!(audit::block(&mut tx, audit_id).await.unwrap().unwrap().unpack().unwrap(), ids);
        drop(tx);
        let broken = async || audit::verify(&mut kit.read().await).await.unwrap().first_break;
        kit.database.tamper("UPDATE audit_block SET authority_id = 99", kit.authority_id).await;
        assert_eq!(broken().await, Some(ChainBreak::Changed(1)), "the block is gone");
    }

    async fn a_record_that_is_gone_or_changed_or_cut_off_is_named(kit) {
        for n in 1..=3 {
            record(&kit, n, now()).await;
        }
        chain(&kit).await;
        let tamper = |sql: &'static str| {
            let kit = &kit;
            async move {
                kit.database.tamper(sql, kit.authority_id).await;
                let mut tx = kit.read().await;
                audit::verify(&mut tx).await.unwrap().first_break
            }
        };
        assert_eq!(tamper("UPDATE audit_record SET subjects = '7' WHERE seq = 2").await, Some(ChainBreak::Changed(2)));
        assert_eq!(tamper("UPDATE audit_record SET subjects = '2' WHERE seq = 2").await, None, "as it was");
        assert_eq!(
            tamper("DELETE FROM audit_record WHERE seq = 3").await,
            Some(ChainBreak::CutOff { found: 2, expected: 3 })
        );
        assert_eq!(tamper("DELETE FROM audit_record WHERE seq = 1").await, Some(ChainBreak::Missing(1)));
    }
}
