//! A load: so many telephones and case workers, for so long.

use crate::line::Target;
use crate::seen::Seen;
use crate::sender::Sender;
use crate::writes::Kind;
use serde::Deserialize;
use serde_json::json;
use std::cell::Cell;
use std::fs::OpenOptions;
use std::io::{BufWriter, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::task::LocalSet;
use tokio::time::Instant;

/// How often counts are printed.
const EACH: Duration = Duration::from_millis(250);

/// What to send.
#[derive(Deserialize)]
pub struct Job {
    /// Where to.
    address: SocketAddr,
    /// Under which name, which its certificate must bear.
    name: String,
    /// Who signed that certificate: a PEM file.
    authority: PathBuf,
    /// Addresses from which they come, in turns: the first, and how many follow one another.
    from: (Ipv4Addr, u32),
    /// Most seconds; it ends earlier when its input does.
    seconds: f64,
    /// Guests.
    #[serde(default)]
    telephones: Crowd,
    /// Short code of the authority at whose venues they come in.
    short_code: String,
    /// The venues.
    venues: Vec<String>,
    /// Case workers.
    #[serde(default)]
    workers: Crowd,
    /// The key with which they come.
    bearer: String,
    /// Folder in which the ids of the acknowledged are kept, 16 bytes each, behind those that are there.
    ids: PathBuf,
}

/// How many of a kind, and how much they write.
#[derive(Clone, Copy, Default, Deserialize)]
struct Crowd {
    /// How many, each with one request under way.
    n: usize,
    /// How much all of them write in a second; as much as they can where nothing is said.
    per_s: Option<f64>,
}

/// Sends, and prints what came of it.
pub async fn run(job: Job) {
    let target = Target::new(job.address, &job.name, &job.authority);
    let guests = Kind::CheckIn { authority: job.short_code.clone(), venues: job.venues.clone() };
    let workers = Kind::Case { bearer: job.bearer.clone() };
    let (ends, over) = watch::channel(false);
    let begun = Instant::now();
    let local = LocalSet::new();
    let mut tasks = Vec::new();
    let kinds = [("check-ins", job.telephones, guests), ("cases", job.workers, workers)];
    for (name, crowd, kind) in kinds {
        let n = Rc::new(Cell::new(0));
        let interval = crowd.per_s.map(|per_s| Duration::from_secs_f64(crowd.n as f64 / per_s));
        let senders = (0..crowd.n).map(|which| Sender {
            target: target.clone(),
            from: Ipv4Addr::from_bits(job.from.0.to_bits() + which as u32 % job.from.1),
            kind: kind.clone(),
            number: (which, crowd.n),
            interval,
            begun,
            over: over.clone(),
            n: Rc::clone(&n),
        });
        let senders: Vec<_> = senders.map(|sender| local.spawn_local(sender.run())).collect();
        tasks.push((name, n, senders));
    }
    let counts: Vec<_> = tasks.iter().map(|(_, n, _)| Rc::clone(n)).collect();
    local
        .run_until(async {
            tell_until_over(&counts, Duration::from_secs_f64(job.seconds)).await;
            let lasted = begun.elapsed();
            ends.send_replace(true);
            let mut told = serde_json::Map::new();
            for (name, _, senders) in tasks {
                let mut seen = Seen::default();
                let path = job.ids.join(name);
                let file = OpenOptions::new().create(true).append(true).open(path).unwrap();
                let mut file = BufWriter::new(file);
                for sender in senders {
                    let (by_one, ids) = sender.await.unwrap();
                    seen.extend(by_one);
                    ids.iter().for_each(|id| file.write_all(id.as_bytes()).unwrap());
                }
                file.flush().unwrap();
                told.insert(name.to_owned(), seen.told(lasted));
            }
            println!("{}", json!({"done": told, "cpu_s": own_cpu_s()}));
        })
        .await;
}

/// Returns the seconds of processors that this process has used.
fn own_cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // The name in parentheses may hold spaces; user and system time are the 12th and 13th field after it, in hundredths of a second.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Prints counts until the time is over, or the input.
async fn tell_until_over(counts: &[Rc<Cell<usize>>], seconds: Duration) {
    let (ended, mut input) = oneshot::channel();
    // A thread of its own, for which nobody waits at the end: it may read for ever.
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        let _ = std::io::stdin().read_to_end(&mut rest);
        let _ = ended.send(());
    });
    let until = Instant::now() + seconds;
    let mut each = tokio::time::interval(EACH);
    loop {
        tokio::select! {
            () = tokio::time::sleep_until(until) => return,
            _ = &mut input => return,
            _ = each.tick() => println!("{}", json!({"n": counts.iter().map(|n| n.get()).collect::<Vec<_>>()})),
        }
    }
}
