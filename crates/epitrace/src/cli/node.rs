//! What may be typed about nodes.

use super::RunParameters;
use clap::Args;
use domain::runs::{LONGEST_SECOND, Position, SHORTEST_SECOND};
use nodes::air::{DEFAULT_PORT, Medium};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;
use uuid::Uuid;

/// One node or several, in one process.
#[derive(Debug, Args)]
pub struct NodeArgs {
    /// Born infected
    #[arg(long)]
    pub infected: bool,
    /// Where it stands at first [default: drawn by seed and id]
    #[arg(long, value_name = "X,Y", value_parser = position)]
    pub position: Option<Position>,
    /// How many nodes
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub count: u32,
    /// Id of a node, once for each; those beyond are drawn
    #[arg(long, value_name = "UUID")]
    pub uuid: Vec<Uuid>,
    /// Id of the run [default: one that all nodes without it share]
    #[arg(long, value_name = "UUID")]
    pub run: Option<Uuid>,
    /// Where the run is stored: nodes go by its clock and its parameters, and report there
    #[arg(long, value_name = "URL", requires = "run", conflicts_with = "RunParameters")]
    pub server: Option<String>,
    /// File with the key of the run [default: the variable EPITRACE_RUN_KEY]
    #[arg(long, value_name = "FILE", requires = "server")]
    pub key_file: Option<PathBuf>,
    /// Take up to so many of the nodes that are added to the run, beside its own; then it ends with the run
    #[arg(
        long, value_name = "N", default_value_t = 0, requires = "server",
        value_parser = clap::value_parser!(u32).range(0..=10_000)
    )]
    pub room: u32,
    /// How long a second of the run is, such as 50ms or 2s [default: 1s, or what the server says]
    #[arg(long, value_name = "TIME", value_parser = second, conflicts_with = "server")]
    pub second: Option<Duration>,
    /// Send to a multicast group instead of everybody, through the interface with this address
    #[arg(long, value_name = "GROUP[@ADDR]", value_parser = multicast)]
    pub multicast: Option<Medium>,
    /// UDP port of all nodes of the run
    #[arg(long, value_name = "PORT", default_value_t = DEFAULT_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// What holds for all nodes.
    #[command(flatten)]
    pub parameters: RunParameters,
}

fn position(text: &str) -> Result<Position, String> {
    let both = text.split_once(',').and_then(|(x, y)| Some((x.trim().parse().ok()?, y.trim().parse().ok()?)));
    both.map(|(x, y)| Position { x, y }).ok_or_else(|| "write two whole numbers, such as 12,34".to_owned())
}

pub(super) fn second(text: &str) -> Result<Duration, String> {
    let number = |unit: &str| text.strip_suffix(unit).and_then(|number| number.parse::<u32>().ok());
    let millis = number("ms").map(|millis| Duration::from_millis(millis.into()));
    let length = millis.or_else(|| number("s").map(|seconds| Duration::from_secs(seconds.into())));
    let fits = length.filter(|length| (SHORTEST_SECOND..=LONGEST_SECOND).contains(length));
    fits.ok_or_else(|| "write 10ms to 60s, such as 50ms or 2s".to_owned())
}

fn multicast(text: &str) -> Result<Medium, String> {
    let (group, interface) = text.split_once('@').map_or((text, None), |(group, at)| (group, Some(at)));
    let interface = interface.map(str::parse::<Ipv4Addr>).transpose();
    match (group.parse::<Ipv4Addr>(), interface) {
        (Ok(group), Ok(interface)) if group.is_multicast() => Ok(Medium::Multicast { group, interface }),
        _ => Err("write a group of 224.0.0.0 to 239.255.255.255, such as 239.1.2.3 or 239.1.2.3@10.0.0.5".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_typed_with_its_unit() {
        let typed = ["50ms", "2s", "10ms", "60s", "60000ms"].map(|text| second(text).ok().map(|time| time.as_millis()));
        assert_eq!(typed, [50, 2_000, 10, 60_000, 60_000].map(Some));
        for wrong in ["", "50", "ms", "9ms", "61s", "1.5s", "-1s", "5 s", "1m"] {
            assert!(second(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_group_may_name_its_interface() {
        let group = Ipv4Addr::new(239, 1, 2, 3);
        assert_eq!(multicast("239.1.2.3"), Ok(Medium::Multicast { group, interface: None }));
        let interface = Some(Ipv4Addr::new(10, 0, 0, 5));
        assert_eq!(multicast("239.1.2.3@10.0.0.5"), Ok(Medium::Multicast { group, interface }));
        for wrong in ["", "10.0.0.1", "239.1.2.3@", "239.1.2.3@eth0", "@10.0.0.5"] {
            assert!(multicast(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_place_is_two_whole_numbers() {
        assert_eq!(position("12,34"), Ok(Position { x: 12, y: 34 }));
        for wrong in ["", "12", "12,", "1.5,2", "-1,2", "1,2,3", "70000,1"] {
            assert!(position(wrong).is_err(), "{wrong}");
        }
    }
}
