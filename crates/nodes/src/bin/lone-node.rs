//! A node without server that lives until it has met somebody, and ten seconds more; then it tells what it heard. Tests start it
//! in networks of their own.

use domain::runs::{Health, Parameters};
use nodes::air::{Air, Medium};
use nodes::host::Newcomer;
use nodes::work::{Alone, Setting, Status, work};
use std::io::Write;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

/// Long enough for the slowest start of the other one.
const LIFETIME_S: u32 = 1_000;
const SECOND: Duration = Duration::from_millis(30);
const SECONDS_MORE: u32 = 10;

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [node, health, port, rest @ ..] = &words[..] else {
        return Err("lone-node UUID safe|infected PORT [GROUP INTERFACE]".into());
    };
    let medium = match rest {
        [group, interface] => {
            let interface: Ipv4Addr = interface.parse()?;
            Medium::Multicast { group: group.parse()?, interface: Some(interface) }
        }
        _ => Medium::Broadcast,
    };
    let air = Air::open(medium, port.parse()?)?;
    let health = if health == "infected" { Health::Infected } else { Health::Susceptible };
    // Whoever is on a field of four places is in reach of the others, and stays ill.
    let parameters =
        Parameters { width: 1, height: 1, lifetime_s: LIFETIME_S, cooldown_s: 100_000, ..Parameters::default() };
    let alone = Alone::begin(Uuid::nil(), parameters, SECOND);
    let setting = Setting {
        host_id: Uuid::nil(),
        own: vec![Newcomer { node: node.parse()?, boot: 1, health, position: None }],
        room: 0,
        key: None,
        draw: Box::new(|| (Uuid::nil(), 0)),
        wall: Box::new(|| jiff::civil::date(2020, 12, 2).at(16, 19, 27, 0)),
    };
    let status = watch::Sender::new(Status::default());
    let mut met = status.subscribe();
    let stop = async move {
        let second = met.wait_for(|status| status.host.n_contacts > 0).await.map_or(0, |status| status.host.second);
        let _ = met.wait_for(|status| status.host.second >= second + SECONDS_MORE).await;
    };
    let ended = work(setting, &alone, &alone, Some(&air), &status, stop).await?;
    let host = ended.status.host;
    let n_refused: u64 = host.counts.refused().map(|(_, n)| n).sum();
    writeln!(
        std::io::stdout(),
        "met {} infections {} refused {n_refused} unsent {} to {:?}",
        host.n_contacts > 0,
        host.n_infections,
        ended.status.n_unsent,
        air.targets(),
    )?;
    Ok(())
}
