//! What the doctor says of a log at brokers, and of reports that couldn't be stored.

use crate::screen::counted;
use app::doctor::Finding;
use event_log::{EventLog, EventLogError, kafka};
use pipeline::consumer::ConsumerError;
use pipeline::lag::{self, Lag};
use storage::runs;
use storage::store::RunStore;

const BROKERS: &str = "event log";
const HOSTS: &str = "brokers";
const WAITING: &str = "waiting reports";
const LOST: &str = "lost reports";
const PUT_ASIDE: &str = "reports put aside";

/// Records that wait in all partitions, above which somebody should look: more than a minute of a large run.
const MANY: u64 = 100_000;

/// Asks the brokers how the log is, and how far it is stored. Makes no topic.
///
/// # Errors
///
/// If the database can't be read.
pub async fn check(options: kafka::Options, store: &RunStore) -> anyhow::Result<Vec<Finding>> {
    let topic = options.topic.clone();
    let log = match kafka::Log::find(options).await {
        Ok(Some(log)) => log,
        Ok(None) => {
            let found = format!("the brokers answer; there is no topic {topic} yet");
            return Ok(vec![Finding::warning(
                BROKERS,
                found,
                "a server makes it when it starts; see its log if one runs",
            )]);
        }
        Err(error) => return Ok(vec![away(&error)]),
    };
    let id = log.id().to_owned();
    match lag::look(&EventLog::Kafka(log), store).await {
        Ok(lags) => Ok(vec![fine(&id, &lags), waiting(&lags), lost(&lags)]),
        Err(ConsumerError::Log(error)) => Ok(vec![away(&error)]),
        Err(error) => Err(error.into()),
    }
}

/// Asks each broker by itself.
pub async fn check_hosts(options: &kafka::Options) -> Vec<Finding> {
    of_hosts(&kafka::look_at_hosts(options).await)
}

fn of_hosts(hosts: &kafka::Hosts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let n = |hosts: &[String]| counted(hosts.len() as u64, "broker", "brokers");
    if hosts.silent.is_empty() {
        findings.push(Finding::fine(HOSTS, format!("each answers: {}", hosts.answering.join(", "))));
    } else {
        let found = format!("no answer from {}: {}", n(&hosts.silent), hosts.silent.join(", "));
        let advice = "start it, or see the firewall and its certificate; one of three may be away, with two away nothing is taken";
        findings.push(match hosts.answering.len() > hosts.silent.len() {
            true => Finding::warning(HOSTS, found, advice),
            false => Finding::broken(HOSTS, found, advice),
        });
    }
    if hosts.n_thin > 0 {
        let found = counted(hosts.n_thin as u64, "partition lacks a copy", "partitions lack a copy");
        let advice = "a broker that was away catches up by itself; if it stays so, see its log and its disk";
        findings.push(Finding::warning(HOSTS, found, advice));
    }
    findings
}

fn away(error: &EventLogError) -> Finding {
    if let EventLogError::Unfit { .. } = error {
        let advice = "change the topic with Kafka's tools, or [event_log] in the configuration; nodes keep what they can't report";
        return Finding::broken(BROKERS, error.to_string(), advice);
    }
    let why = std::error::Error::source(error).map_or(String::new(), |why| format!(": {why}"));
    let advice = "check that the brokers run and can be reached, and brokers, certificates and password in [event_log]; nodes keep \
                  what they can't report";
    Finding::broken(BROKERS, format!("the brokers don't answer; {error}{why}"), advice)
}

fn fine(id: &str, lags: &[Lag]) -> Finding {
    let n_partitions = counted(lags.len() as u64, "partition", "partitions");
    Finding::fine(BROKERS, format!("Apache Kafka answers: {id}, {n_partitions}"))
}

fn waiting(lags: &[Lag]) -> Finding {
    if let Some(beyond) = lags.iter().find(|lag| lag.next > lag.end) {
        let Lag { partition, end, next, .. } = beyond;
        let found = format!(
            "partition {partition} ends at {end}, and is stored up to {next}: it is another topic, or lost its end"
        );
        let advice = "set another name in [event_log] topic; what nodes report from then on is stored";
        return Finding::broken(WAITING, found, advice);
    }
    let total: u64 = lags.iter().map(Lag::n_waiting).sum();
    let by_partition: Vec<String> = lags
        .iter()
        .filter(|lag| lag.n_waiting() > 0)
        .map(|lag| format!("{} in partition {}", lag.n_waiting(), lag.partition))
        .collect();
    let found = match &by_partition[..] {
        [] => "all is stored".to_owned(),
        some => format!("{}: {}", counted(total, "record waits", "records wait"), some.join(", ")),
    };
    if total < MANY {
        return Finding::fine(WAITING, found);
    }
    let advice = "see that a server with consume, or `epitrace consume`, runs and reaches the database; more members go faster, up to one \
                  for each partition";
    Finding::warning(WAITING, found, advice)
}

fn lost(lags: &[Lag]) -> Finding {
    let n_gone = |lag: &Lag| lag.n_gaps + lag.first.saturating_sub(lag.next);
    match lags.iter().map(n_gone).sum() {
        0 => Finding::fine(LOST, "none was deleted before it was stored"),
        n_gone => Finding::warning(
            LOST,
            counted(n_gone, "record was deleted before it was stored", "records were deleted before they were stored"),
            "consumers were away for longer than [event_log] kept_days; runs of that time miss these reports",
        ),
    }
}

/// Counts the reports that couldn't be stored.
///
/// # Errors
///
/// If the database can't be read.
pub async fn check_put_aside(store: &RunStore) -> anyhow::Result<Finding> {
    Ok(match runs::count_dead_letters(&mut store.read().await?).await? {
        0 => Finding::fine(PUT_ASIDE, "none"),
        n => Finding::warning(
            PUT_ASIDE,
            counted(n, "report couldn't be stored", "reports couldn't be stored"),
            "somebody sends what isn't a report, or reports of runs that were deleted; they are kept for 14 days",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::doctor::Verdict;

    fn lag(partition: u32, first: u64, end: u64, next: u64, n_gaps: u64) -> Lag {
        Lag { partition, first, end, next, n_gaps }
    }

    #[test]
    fn what_waits_is_told_by_partition() {
        let check = |lags: &[Lag], verdict: Verdict, expected: &str| {
            let finding = waiting(lags);
            assert_eq!((finding.verdict, finding.found.as_str()), (verdict, expected));
        };
        check(&[lag(0, 0, 9, 9, 0), lag(1, 5, 5, 0, 0)], Verdict::Fine, "all is stored");
        let some = [lag(0, 0, 9, 6, 0), lag(1, 0, 5, 5, 0), lag(2, 3, 5, 0, 0)];
        check(&some, Verdict::Fine, "5 records wait: 3 in partition 0, 2 in partition 2");
        check(&[lag(0, 0, MANY, 0, 0)], Verdict::Warning, "100000 records wait: 100000 in partition 0");
        let other = "partition 1 ends at 5, and is stored up to 6: it is another topic, or lost its end";
        check(&[lag(0, 0, 9, 6, 0), lag(1, 0, 5, 6, 0)], Verdict::Broken, other);
    }

    #[test]
    fn one_broker_of_three_may_be_away_and_two_may_not() {
        let all = ["a:1", "b:1", "c:1"].map(str::to_owned);
        let hosts = |n_answering: usize, n_thin: usize| {
            let (answering, silent) = all.split_at(n_answering);
            let hosts = kafka::Hosts { answering: answering.to_vec(), silent: silent.to_vec(), n_thin };
            of_hosts(&hosts).into_iter().map(|finding| (finding.verdict, finding.found)).collect::<Vec<_>>()
        };
        assert_eq!(hosts(3, 0), [(Verdict::Fine, "each answers: a:1, b:1, c:1".to_owned())]);
        let one_away = "no answer from 1 broker: c:1".to_owned();
        let thin = "4 partitions lack a copy".to_owned();
        assert_eq!(hosts(2, 4), [(Verdict::Warning, one_away), (Verdict::Warning, thin)]);
        assert_eq!(hosts(1, 0), [(Verdict::Broken, "no answer from 2 brokers: b:1, c:1".to_owned())]);
    }

    #[test]
    fn what_was_deleted_before_it_was_stored_is_counted_also_before_a_consumer_has_noticed() {
        assert_eq!(lost(&[lag(0, 7, 9, 7, 0)]).verdict, Verdict::Fine);
        assert_eq!(lost(&[lag(0, 7, 9, 7, 1)]).found, "1 record was deleted before it was stored");
        assert_eq!(
            lost(&[lag(0, 7, 9, 5, 1), lag(1, 2, 2, 0, 0)]).found,
            "5 records were deleted before they were stored"
        );
    }
}
