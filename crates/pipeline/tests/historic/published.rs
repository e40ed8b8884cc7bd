//! What published nodes send with their own client library is what is stored.

use crate::kit::{Bench, brokers};
use crate::own;
use jiff::tz::TimeZone;
use testkit::{contract, published_nodes};

const NODES: u32 = 7;
const MESSAGES: u32 = 30;

contract! {
    async fn nodes_of_the_published_system_are_understood(kit) {
        let bench = Bench::kafka(&kit).await;
        let topic = bench.log.topic().to_owned();
        let sent = tokio::task::spawn_blocking(move || published_nodes::send(&brokers(), &topic, NODES, MESSAGES));
        let n_sent = sent.await.unwrap();
        assert_eq!(n_sent, (NODES * MESSAGES) as usize);
        let stored = bench.consume(50).await.stored;
        assert_eq!((stored.n_stored, stored.n_again, stored.n_put_aside), (n_sent, 0, 0));
        let records = bench.read_all().await;
        assert!(records.iter().all(|fetched| fetched.record.key.is_none() && fetched.record.headers.is_empty()));
        assert!(records.iter().all(|fetched| fetched.record.value.starts_with(br#""{\"uuid\": \""#)), "wrapped in a string");
        let (said, n_poison) = own::read(&records);
        assert_eq!((said.len(), n_poison), (n_sent, 0));
        let mut n_found = 0;
        // Two if midnight passed meanwhile.
        for run in bench.runs().await {
            let day = run.name.strip_prefix("historic ").unwrap();
            let said: Vec<_> = said.iter().filter(|one| TimeZone::UTC.to_datetime(one.at).date().to_string() == day).cloned().collect();
            n_found += said.len();
            for second in [0, 59, 60, 61, 90, 119, 120, 121, 125, 300] {
                let counted = bench.statistics(run.run_id, second).await;
                assert_eq!(counted, own::statistics(&said, run.created_at, second), "second {second}");
            }
            let met: u32 = bench.encounters(run.run_id).await.iter().map(|met| met.n_heard).sum();
            let own: u32 = own::encounters(&said, run.created_at).values().map(|(.., n)| n).sum();
            assert_eq!(met, own);
        }
        assert_eq!(n_found, n_sent);
    }
}
