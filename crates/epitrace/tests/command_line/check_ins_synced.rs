//! A kill doesn't test a power cut, since the system keeps what was written. The system calls do: before a guest hears 201,
//! what was written of them is synced.

use super::check_ins_killed::{body, send, venues};
use super::serve::Server;
use super::*;
use std::collections::HashMap;
use std::io::BufReader;
use std::net::TcpStream;
use storage::Store;
use storage::store::{Durability, Place, StoreOptions};

const N_GUESTS: u32 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_hears_201_after_the_sync() {
    let desk = Desk::new();
    Server::on(&desk, &[]).kill();
    let place = Place::File(desk.data().join("epitrace.sqlite"));
    let options = StoreOptions { place, durability: Durability::Synced, n_connections: 1 };
    let store = Store::open(&options).await.unwrap();
    let venues = venues(&store, &store, 1).await;
    store.close().await;

    let trace = desk.path("strace");
    let served = desk.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-s", "16", "-e", "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg", "-o"]);
    command.arg(&trace).arg(served.get_program()).args(served.get_args()).stderr(std::process::Stdio::null());
    for (name, value) in served.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let server = Server::start(command);
    let address = server.base.trim_start_matches("http://").to_owned();
    let mut line = BufReader::new(TcpStream::connect(address).unwrap());
    let (code, _, venue_id) = &venues[0];
    for guest in 0..N_GUESTS {
        assert_eq!(send(&mut line, &body(code, *venue_id, guest)), Some(201));
    }
    server.end_traced();
    let acknowledged = acknowledged(&std::fs::read_to_string(&trace).unwrap());
    assert_eq!(acknowledged, vec![true; N_GUESTS as usize], "each after a sync of what was written for it");
}

#[test]
fn an_answer_without_a_sync_is_seen() {
    let wal = "<check-ins/2026-11-24.open-wal>";
    let written = format!("7 pwrite64(9{wal}, \"\"..., 24, 0) = 24\n");
    let synced = format!("7 fdatasync(9{wal}) = 0\n");
    let answered = "8 writev(5<socket:[1]>, [{iov_base=\"HTTP/1.1 201 Cre\"..., iov_len=9}], 1) = 9\n";
    assert_eq!(acknowledged(&[&written, &synced, answered].concat()), [true]);
    assert_eq!(acknowledged(&[&written, answered, &synced].concat()), [false]);
    assert_eq!(acknowledged(&[&synced, &written, answered].concat()), [false]);
    let began = format!("7 fdatasync(9{wal} <unfinished ...>\n");
    let ended = "7 <... fdatasync resumed>) = 0\n";
    assert_eq!(acknowledged(&[&written, &began, answered, ended].concat()), [false]);
    assert_eq!(acknowledged(&[&began, &written, ended, answered].concat()), [false], "it began before");
    assert_eq!(acknowledged(&[&written, &began, ended, answered].concat()), [true]);
    assert_eq!(acknowledged(answered), [false], "nothing was written at all");
}

/// Says of each 201 whether something was written to a day's log since the one before, and synced after that.
fn acknowledged(trace: &str) -> Vec<bool> {
    let mut answers = Vec::new();
    let (mut n_written, mut n_synced, mut n_answered) = (0, 0, 0);
    // What had been written when a process began its sync.
    let mut under_way: HashMap<&str, usize> = HashMap::new();
    for line in trace.lines() {
        let process = line.split(' ').next().unwrap_or_default();
        let is_log = line.contains("/check-ins/") || line.contains("<check-ins/");
        if is_log && line.contains(".open-wal>") {
            if line.contains("pwrite64(") {
                n_written += 1;
            } else if line.contains("sync(") && line.contains("<unfinished") {
                under_way.insert(process, n_written);
            } else if line.contains("sync(") {
                n_synced = n_written;
            }
        } else if line.contains("sync resumed>") {
            n_synced = under_way.remove(process).map_or(n_synced, |written| written.max(n_synced));
        } else if line.contains("\"HTTP/1.1 201") && !line.contains("resumed>") {
            answers.push(n_written > n_answered && n_synced == n_written);
            n_answered = n_written;
        }
    }
    answers
}
