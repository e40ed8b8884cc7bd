//! The topic: made if it is missing, and looked at if it is there.
//!
//! A topic that somebody else made may keep records for years, or lose what it acknowledged. So what is promised elsewhere is
//! compared with what the brokers say, and a topic that doesn't fit is named with what is wrong.

use super::{ANSWER, Admin, Options, blocking};
use crate::embedded::MOST_KEPT;
use crate::record::{MAX_HEADERS, MAX_KEY_BYTES, MAX_VALUE_BYTES};
use crate::{EventLogError, Result};
use jiff::SignedDuration;
use rdkafka::admin::{AdminOptions, ConfigResource, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::error::RDKafkaErrorCode;
use std::sync::Arc;
use std::time::Duration;

/// The largest record, with all that stands beside its value.
pub(super) const MAX_MESSAGE_BYTES: usize =
    MAX_VALUE_BYTES + MAX_KEY_BYTES + MAX_HEADERS * (256 + MAX_KEY_BYTES) + 16 * 1024;

/// A segment takes records for a day at most: it is deleted as a whole, so a record may stay as much longer.
const MOST_IN_SEGMENT: SignedDuration = SignedDuration::from_hours(24);

/// How often it is looked whether a new topic is there.
const LOOK: Duration = Duration::from_millis(50);

/// What a topic is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    n_partitions: usize,
    /// Of the partition that has the fewest.
    n_replicas: usize,
}

/// Makes the topic if it is missing, and sees that it fits. Returns whether it was missing.
pub(super) async fn settle(admin: &Arc<Admin>, options: &Options) -> Result<bool> {
    if let Some(what) = unfit_options(options) {
        return Err(unfit(options, what));
    }
    let before = describe(admin, options).await?;
    let is_new = before.is_none();
    if is_new {
        create(admin, options).await?;
    }
    let (shape, found) = tokio::time::timeout(ANSWER, led(admin, options, before))
        .await
        .map_err(EventLogError::broker("see the topic's leaders and settings"))??;
    let value = |name: &str| found.get(name).and_then(|entry| entry.value.as_deref());
    objection(options, shape, value).map_or(Ok(is_new), |what| Err(unfit(options, what)))
}

/// Says whether there is such a topic.
pub(super) async fn is_there(admin: &Admin, options: &Options) -> Result<bool> {
    Ok(describe(admin, options).await?.is_some())
}

fn unfit(options: &Options, what: String) -> EventLogError {
    EventLogError::Unfit { topic: options.topic.clone(), what }
}

fn unfit_options(options: &Options) -> Option<String> {
    if options.kept > MOST_KEPT || options.kept < SignedDuration::from_hours(1) {
        return Some("records may be kept for an hour at least and 14 days at most".to_owned());
    }
    (options.n_partitions == 0 || options.n_replicas == 0).then(|| "it needs a partition, and a replica".to_owned())
}

/// Returns the topic's settings; `None` if there is no topic.
async fn describe(admin: &Admin, options: &Options) -> Result<Option<ConfigResource>> {
    let doing = "ask for the settings of the topic";
    let topic = ResourceSpecifier::Topic(&options.topic);
    let found = admin.describe_configs([&topic], &asked()).await.map_err(EventLogError::broker(doing))?;
    match found.into_iter().next() {
        None => Ok(None),
        // Of what isn't there, and of what may not be seen, the client library gives an empty list.
        Some(Ok(found)) => Ok(Some(found).filter(|found| !found.entries.is_empty())),
        Some(Err(code)) => Err(EventLogError::broker(doing)(code)),
    }
}

async fn create(admin: &Admin, options: &Options) -> Result<()> {
    let doing = "make the topic";
    let count = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let replication = TopicReplication::Fixed(count(options.n_replicas));
    let settings = settings(options);
    let mut topic = NewTopic::new(&options.topic, count(options.n_partitions), replication);
    for (name, value) in &settings {
        topic = topic.set(name, value);
    }
    let made = admin.create_topics([&topic], &asked()).await.map_err(EventLogError::broker(doing))?;
    match made.into_iter().next() {
        // Another process was faster.
        Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => Ok(()),
        Some(Err((_, code))) => Err(EventLogError::broker(doing)(code)),
        Some(Ok(_)) | None => Ok(()),
    }
}

fn asked() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(ANSWER)).operation_timeout(Some(ANSWER))
}

/// Returns shape and settings of the topic, as soon as each partition has a leader.
async fn led(admin: &Arc<Admin>, options: &Options, before: Option<ConfigResource>) -> Result<(Shape, ConfigResource)> {
    let mut found = before;
    loop {
        if found.is_none() {
            found = describe(admin, options).await?;
        }
        let (asked, topic) = (Arc::clone(admin), options.topic.clone());
        let look = move || asked.inner().fetch_metadata(Some(&topic), ANSWER);
        let metadata = blocking("ask for the partitions of the topic", look).await?;
        let partitions = metadata.topics().first().map_or(&[][..], |topic| topic.partitions());
        let has_leaders = !partitions.is_empty() && partitions.iter().all(|partition| partition.leader() >= 0);
        match found.take() {
            Some(found) if has_leaders => {
                let n_replicas = partitions.iter().map(|partition| partition.replicas().len()).min().unwrap_or(0);
                return Ok((Shape { n_partitions: partitions.len(), n_replicas }, found));
            }
            not_yet => found = not_yet,
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Returns the settings that a new topic gets.
fn settings(options: &Options) -> [(&'static str, String); 7] {
    let segment = MOST_IN_SEGMENT.min(options.kept / 2);
    [
        ("cleanup.policy", "delete".to_owned()),
        ("retention.ms", (options.kept - segment).as_millis().to_string()),
        ("segment.ms", segment.as_millis().to_string()),
        ("message.timestamp.type", "CreateTime".to_owned()),
        ("max.message.bytes", MAX_MESSAGE_BYTES.to_string()),
        ("min.insync.replicas", majority(options).to_string()),
        ("unclean.leader.election.enable", "false".to_owned()),
    ]
}

/// How many brokers must have a record before it is acknowledged: so many that one may be lost, where there are three.
fn majority(options: &Options) -> u32 {
    options.n_replicas / 2 + 1
}

/// Returns what is wrong with a topic, or `None`.
fn objection<'a>(options: &Options, shape: Shape, value: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let number = |name: &str| value(name).and_then(|value| value.parse::<i128>().ok());
    let Options { n_partitions, n_replicas, kept, .. } = options;
    if shape.n_partitions != *n_partitions as usize {
        return Some(format!("it has {} partitions, not {n_partitions}", shape.n_partitions));
    }
    if shape.n_replicas < *n_replicas as usize {
        return Some(format!("it has {} replicas, not {n_replicas}", shape.n_replicas));
    }
    for (name, must) in [
        ("cleanup.policy", "delete"),
        ("message.timestamp.type", "CreateTime"),
        ("unclean.leader.election.enable", "false"),
    ] {
        if value(name) != Some(must) {
            return Some(format!("{name} is {}, not {must}", value(name).unwrap_or("unknown")));
        }
    }
    for (name, least) in
        [("max.message.bytes", MAX_MESSAGE_BYTES as i128), ("min.insync.replicas", i128::from(majority(options)))]
    {
        if number(name).is_none_or(|is| is < least) {
            return Some(format!("{name} is {}, and must be {least} at least", value(name).unwrap_or("unknown")));
        }
    }
    let (retention, segment) = (number("retention.ms").unwrap_or(-1), number("segment.ms").unwrap_or(-1));
    // -1 is for ever.
    if retention < 0 || segment < 0 || retention + segment > kept.as_millis() {
        let most = kept.as_millis();
        return Some(format!("retention.ms {retention} and segment.ms {segment} together may be {most} at most"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::Security;

    fn options() -> Options {
        Options {
            brokers: Vec::new(),
            security: Security::default(),
            topic: "coronaz".to_owned(),
            n_partitions: 4,
            n_replicas: 3,
            kept: MOST_KEPT,
            group: "epitrace".to_owned(),
        }
    }

    /// What is said of a topic that is as it is made, but for one setting.
    fn check(shape: (usize, usize), name: &str, is: Option<&'static str>, expected: Option<&str>) {
        let options = options();
        let settings = settings(&options);
        let shape = Shape { n_partitions: shape.0, n_replicas: shape.1 };
        let value = |asked: &str| {
            let made = settings.iter().find(|(name, _)| *name == asked).map(|(_, value)| value.as_str());
            if asked == name { is } else { made }
        };
        assert_eq!(objection(&options, shape, value).as_deref(), expected);
    }

    #[test]
    fn a_topic_fits_as_it_is_made_and_not_with_less() {
        check((4, 3), "", None, None);
        check((4, 4), "", None, None);
        check((3, 3), "", None, Some("it has 3 partitions, not 4"));
        check((5, 3), "", None, Some("it has 5 partitions, not 4"));
        check((4, 2), "", None, Some("it has 2 replicas, not 3"));
    }

    #[test]
    fn a_setting_that_breaks_a_promise_is_named() {
        let whole = (4, 3);
        check(whole, "cleanup.policy", Some("compact"), Some("cleanup.policy is compact, not delete"));
        let append = Some("message.timestamp.type is LogAppendTime, not CreateTime");
        check(whole, "message.timestamp.type", Some("LogAppendTime"), append);
        let unclean = Some("unclean.leader.election.enable is true, not false");
        check(whole, "unclean.leader.election.enable", Some("true"), unclean);
        check(whole, "min.insync.replicas", Some("1"), Some("min.insync.replicas is 1, and must be 2 at least"));
        check(whole, "min.insync.replicas", None, Some("min.insync.replicas is unknown, and must be 2 at least"));
        let expected = format!("max.message.bytes is 1048588, and must be {MAX_MESSAGE_BYTES} at least");
        check(whole, "max.message.bytes", Some("1048588"), Some(&expected));
    }

    #[test]
    fn a_record_is_never_kept_for_more_than_14_days() {
        let most = MOST_KEPT.as_millis();
        let day = MOST_IN_SEGMENT.as_millis();
        let said = |retention: &str| {
            Some(format!("retention.ms {retention} and segment.ms {day} together may be {most} at most"))
        };
        check((4, 3), "retention.ms", Some("1123200000"), None);
        check((4, 3), "retention.ms", Some("1123200001"), said("1123200001").as_deref());
        check((4, 3), "retention.ms", Some("-1"), said("-1").as_deref());
        let mut longer = options();
        longer.kept = MOST_KEPT + SignedDuration::from_millis(1);
        assert!(unfit_options(&longer).is_some() && unfit_options(&options()).is_none());
    }

    #[test]
    fn an_hour_is_kept_in_segments_of_half_of_it() {
        let settings = settings(&Options { kept: SignedDuration::from_hours(1), n_replicas: 1, ..options() });
        let value = |asked: &str| settings.iter().find(|(name, _)| *name == asked).map(|(_, value)| value.as_str());
        assert_eq!((value("retention.ms"), value("segment.ms")), (Some("1800000"), Some("1800000")));
        assert_eq!(value("min.insync.replicas"), Some("1"));
    }
}
