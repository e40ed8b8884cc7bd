//! The end of a server of a cell: balancers are told first, whoever comes meanwhile is served, what was taken is finished.

use super::*;
use crate::serve::Server;
use std::io::{Read, Write};
use std::net::TcpStream;

/// What a server answers to a request that is written by hand: status and body.
fn ask(base: &str, path: &str) -> (u16, String) {
    let host = base.trim_start_matches("http://");
    let mut connection = TcpStream::connect(host).unwrap();
    write!(connection, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
    answer(connection)
}

fn answer(mut connection: TcpStream) -> (u16, String) {
    let mut said = String::new();
    connection.read_to_string(&mut said).unwrap();
    let status = said.split(' ').nth(1).unwrap_or_else(|| panic!("no answer, but {said:?}"));
    (status.parse().unwrap(), said.split_once("\r\n\r\n").unwrap().1.to_owned())
}

#[test]
fn a_server_that_is_told_to_end_says_so_first_and_finishes_what_it_took() {
    let mut desk = Desk::new();
    // Long beside what is done here meanwhile, also on a busy machine.
    let config = desk.write("config.toml", "[server]\ndrain = '10s'\n");
    desk.options.extend(["--config".to_owned(), config]);
    let server = Server::on(&desk, &[]);
    let base = server.base.clone();
    assert_eq!(ask(&base, "/health/ready").0, 200);
    // Half a request is under way.
    let host = base.trim_start_matches("http://").to_owned();
    let body = r#"{ "authority": "local", "user_name": "nobody", "password": "nothing at all", "code": null }"#;
    let mut begun = TcpStream::connect(&host).unwrap();
    let head = format!(
        "POST /api/v1/session HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    begun.write_all(head.as_bytes()).unwrap();
    server.signal(rustix::process::Signal::TERM);
    let refused = loop {
        let (status, said) = ask(&base, "/health/ready");
        if status != 200 {
            break (status, said);
        }
    };
    assert!(refused.0 == 503 && refused.1.contains("draining"), "{refused:?}");
    assert_eq!(ask(&base, "/health/live").0, 200, "it lives");
    assert_eq!(ask(&base, "/api/v1/sign-in").0, 200, "whoever comes is served");
    begun.write_all(body.as_bytes()).unwrap();
    assert_eq!(answer(begun).0, 401, "what was taken is finished");
    server.ended();
    let log = std::fs::read_to_string(desk.path("serve.log")).unwrap();
    assert!(log.contains("draining"), "{log}");
    assert!(TcpStream::connect(&host).is_err(), "it is gone");
}

#[test]
fn draining_that_outlasts_a_supervisor_is_refused() {
    let mut desk = Desk::new();
    let config = desk.write("config.toml", "[server]\ndrain = '20s'\n");
    desk.options.extend(["--config".to_owned(), config]);
    let said = desk.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("at most 10s"), "{}", said.err);
}
