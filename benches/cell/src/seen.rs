//! What senders saw: what was acknowledged when and how fast, the longest time without, and what came in its place.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// What became of the writes of one kind.
#[derive(Debug, Default)]
pub struct Seen {
    /// Of each that was acknowledged: when, since the beginning, and how long its last request took.
    acknowledged: Vec<(Duration, Duration)>,
    /// The longest from the first request for a write until it was acknowledged.
    longest_wait: Duration,
    /// What came in the place of an acknowledgement, and how often.
    vain: BTreeMap<String, u32>,
    /// Answers that mean that the same will never be taken, the first of each kind in full.
    wrong: BTreeMap<u16, (u32, String)>,
}

impl Seen {
    /// Notes an acknowledgement: when, how long the request took that brought it, and all requests for this write together.
    pub fn acknowledged(&mut self, at: Duration, took: Duration, waited: Duration) {
        self.acknowledged.push((at, took));
        self.longest_wait = self.longest_wait.max(waited);
    }

    /// Notes that something else came, and the same is sent again.
    pub fn in_vain(&mut self, what: String) {
        *self.vain.entry(what).or_default() += 1;
    }

    /// Notes an answer that nobody should get.
    pub fn wrong(&mut self, status: u16, body: &[u8]) {
        let text = || String::from_utf8_lossy(body).into_owned();
        self.wrong.entry(status).or_insert_with(|| (0, text())).0 += 1;
    }

    /// Adds what another sender saw.
    pub fn extend(&mut self, other: Self) {
        self.acknowledged.extend(other.acknowledged);
        self.longest_wait = self.longest_wait.max(other.longest_wait);
        for (what, n) in other.vain {
            *self.vain.entry(what).or_default() += n;
        }
        for (status, (n, text)) in other.wrong {
            self.wrong.entry(status).or_insert((0, text)).0 += n;
        }
    }

    /// Sums it up. `lasted` is the time from the beginning until nothing more was sent.
    pub fn told(mut self, lasted: Duration) -> Value {
        self.acknowledged.sort_unstable();
        let mut ms: Vec<f64> = self.acknowledged.iter().map(|(_, took)| took.as_secs_f64() * 1e3).collect();
        ms.sort_unstable_by(f64::total_cmp);
        let at: Vec<f64> = self.acknowledged.iter().map(|(at, _)| at.as_secs_f64()).collect();
        let (gap_from, gap_s) = longest_gap(&at);
        let within = self.acknowledged.iter().filter(|(at, _)| *at <= lasted).count();
        json!({
            "n": at.len(), "per_s": within as f64 / lasted.as_secs_f64(), "p50_ms": quantile(&ms, 0.5), "p99_ms": quantile(&ms, 0.99),
            "gap_s": gap_s, "gap_from_s": gap_from, "longest_wait_s": self.longest_wait.as_secs_f64(),
            "vain": self.vain, "wrong": self.wrong,
        })
    }
}

/// Returns the value below which a share of sorted ones lies, the nearest rank above; `None` of nothing.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

/// Returns where the longest gap between neighbours of sorted moments begins, and its length. Before the first and after the last
/// there is none: there nobody says when it would have begun or ended.
fn longest_gap(sorted: &[f64]) -> (f64, f64) {
    let gaps = sorted.windows(2).map(|pair| (pair[0], pair[1] - pair[0]));
    gaps.fold((0.0, 0.0), |longest, gap| if gap.1 > longest.1 { gap } else { longest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_nearest_rank_above() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!([0.0, 0.5, 0.99, 1.0].map(|share| quantile(&hundred, share)), [1.0, 50.0, 99.0, 100.0].map(Some));
        assert_eq!(quantile(&[7.0], 0.99), Some(7.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn the_longest_gap_is_between_two_acknowledgements() {
        assert_eq!(longest_gap(&[1.0, 2.0, 5.0, 5.5]), (2.0, 3.0));
        assert_eq!(longest_gap(&[4.0]), (0.0, 0.0));
        assert_eq!(longest_gap(&[]), (0.0, 0.0));
    }

    #[test]
    fn what_several_saw_is_put_in_order_before_gaps_are_looked_for() {
        let ms = Duration::from_millis;
        let (mut first, mut second) = (Seen::default(), Seen::default());
        first.acknowledged(ms(100), ms(10), ms(10));
        first.acknowledged(ms(900), ms(30), ms(800));
        first.in_vain("503".to_owned());
        second.acknowledged(ms(400), ms(20), ms(20));
        second.in_vain("503".to_owned());
        second.wrong(422, b"no");
        first.extend(second);
        let told = first.told(Duration::from_secs(1));
        assert_eq!((&told["n"], &told["per_s"], &told["p50_ms"]), (&json!(3), &json!(3.0), &json!(20.0)));
        assert_eq!((&told["gap_s"], &told["gap_from_s"]), (&json!(0.5), &json!(0.4)));
        assert_eq!(told["longest_wait_s"], json!(0.8), "the third was sent again and again");
        assert_eq!((&told["vain"], &told["wrong"]), (&json!({"503": 2}), &json!({"422": [1, "no"]})));
    }
}
