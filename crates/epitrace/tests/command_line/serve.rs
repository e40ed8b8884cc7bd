//! The server as an operator starts it: its address, its first administrator, TLS, its log, and its end.

use super::*;
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::Arc;

/// A server that was started as a process of its own.
pub struct Server {
    child: Child,
    /// What it says, line by line: read by a thread, so that it never waits for a reader.
    lines: std::sync::mpsc::IntoIter<String>,
    /// Its address, without the slash behind it.
    pub base: String,
    /// Its first line.
    pub first: String,
    /// Where its log is, if that is kept.
    log: Option<PathBuf>,
}

impl Server {
    /// Starts one; returns when it has said where it is.
    pub fn start(command: Command) -> Self {
        Self::logging(command, None)
    }

    fn logging(mut command: Command, log: Option<PathBuf>) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let (heard, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || said.map_while(Result::ok).try_for_each(|line| heard.send(line)));
        let mut lines = lines.into_iter();
        let Some(first) = lines.next() else {
            panic!("it ended before it said where it is, {}: {}", child.wait().unwrap(), read(log.as_deref()));
        };
        let base = first.split("/ ").next().unwrap().trim_end_matches('/').to_owned();
        Self { child, lines, base, first, log }
    }

    /// Starts one on a desk's folder, its log in `serve.log`.
    pub fn on(desk: &Desk, args: &[&str]) -> Self {
        let mut command = desk.command(&[&["serve"], args].concat());
        command.args(["--listen", "127.0.0.1:0"]);
        let log = desk.path("serve.log");
        command.stderr(std::fs::File::options().append(true).create(true).open(&log).unwrap());
        Self::logging(command, Some(log))
    }

    /// The secret of the link for the first administrator.
    pub fn link(&mut self) -> String {
        let line = self.lines.by_ref().find(|line| line.contains("/invitation#")).unwrap();
        line.split("/invitation#").nth(1).unwrap().to_owned()
    }

    /// Tells it to end, as supervisors do, and waits until it has.
    pub fn stop(mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let code = self.child.wait().unwrap();
        assert!(code.success(), "{code}: {}", read(self.log.as_deref()));
    }

    /// Tells the one that is traced by this process to end, and waits until both have.
    pub fn end_traced(mut self) {
        let tracer = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{tracer}/task/{tracer}/children")).unwrap();
        let traced = children.split_whitespace().next().unwrap().parse().unwrap();
        let traced = rustix::process::Pid::from_raw(traced).unwrap();
        rustix::process::kill_process(traced, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap();
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits until it ends by itself. Returns its exit code.
    pub fn ended(mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap()
    }

    /// Kills it without warning.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// What a server logged, for whoever asks why it ended.
fn read(log: Option<&Path>) -> String {
    log.map_or_else(String::new, |log| std::fs::read_to_string(log).unwrap())
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// Somebody's browser, or curl.
pub struct Client {
    http: reqwest::Client,
    base: String,
    cookie: String,
    csrf: String,
}

impl Client {
    pub fn new(base: &str) -> Self {
        // Also what speaks without TLS must know how it would. Said twice it changes nothing.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = reqwest::Client::builder().build().unwrap();
        Self { http, base: base.to_owned(), cookie: String::new(), csrf: String::new() }
    }

    pub async fn send(&mut self, method: reqwest::Method, path: &str, kind: &str, body: Vec<u8>) -> (u16, Value) {
        let request = self.http.request(method, format!("{}{path}", self.base)).header("content-type", kind);
        self.finish(request.body(body)).await
    }

    async fn finish(&mut self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let request = request.header("cookie", &self.cookie).header("x-epitrace-csrf", &self.csrf);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        if let Some(cookie) = response.headers().get("set-cookie") {
            self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Brings a line list in.
    pub async fn upload(&mut self, name: &str, file: &str) -> Value {
        let request = self.http.post(format!("{}/api/v1/imports?kind=cases", self.base)).header("x-file-name", name);
        let request = request.header("content-type", "application/octet-stream").body(file.to_owned());
        let (status, import) = self.finish(request).await;
        assert_eq!(status, 201, "{import}");
        import
    }

    pub async fn get(&mut self, path: &str) -> (u16, Value) {
        self.send(reqwest::Method::GET, path, "text/plain", Vec::new()).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Value {
        let (status, answer) =
            self.send(reqwest::Method::POST, path, "application/json", body.to_string().into()).await;
        assert!(status < 300, "{path}: {status} {answer}");
        answer
    }

    /// Becomes the first administrator.
    pub async fn accept(&mut self, token: &str) {
        let open = self.post("/api/v1/invitations/open", json!({ "token": token })).await;
        let secret = totp_rs::Secret::try_from_base32(open["totp"]["secret"].as_str().unwrap()).unwrap();
        let totp = totp_rs::Builder::new()
            .with_algorithm(totp_rs::Algorithm::SHA1)
            .with_secret(secret)
            .with_account_name("x")
            .build()
            .unwrap();
        let code = totp.generate_current().to_string();
        let body = json!({ "token": token, "password": "ladder violet uncle brisk", "code": code });
        let accepted = self.post("/api/v1/invitations/accept", body).await;
        self.csrf = accepted["session"]["csrf"].as_str().unwrap().to_owned();
    }
}

#[tokio::test]
async fn it_says_its_address_and_the_first_administrator_comes_by_its_link() {
    let desk = Desk::new();
    let mut server = Server::on(&desk, &[]);
    let mut client = Client::new(&server.base);
    assert_eq!(client.get("/health/ready").await, (200, json!({ "status": "ok" })));
    assert_eq!(client.get("/api/v1/session").await.0, 401);
    let link = server.link();
    client.accept(&link).await;
    assert_eq!(client.get("/api/v1/session").await.1["role"], "administrator");
    desk.ok(&["report", "outbreak"]);
    server.stop();
    let again = Server::on(&desk, &[]);
    let mut same = Client { base: again.base.clone(), ..client };
    assert_eq!(same.get("/api/v1/session").await.0, 200, "who is signed in stays so over a restart");
    again.stop();
}

/// The browser of this machine is a script, which says through a pipe what it was told to open.
#[test]
fn the_page_opens_in_the_browser_of_whoever_sits_before_a_screen() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let (browser, opened) = (desk.path("browser"), desk.path("opened"));
    assert!(Command::new("mkfifo").arg(&opened).status().unwrap().success());
    std::fs::write(&browser, format!("#!/bin/sh\necho \"$1\" >{}\n", opened.display())).unwrap();
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = desk.command(&["serve", "--demo", "--open", "--listen", "127.0.0.1:0"]);
    command.env("DISPLAY", ":99").env("BROWSER", &browser);
    let server = Server::start(command);
    let told = std::fs::read_to_string(&opened).unwrap();
    assert_eq!(told.trim(), server.base);
    server.stop();
}

#[tokio::test]
async fn a_demo_lives_in_a_folder_of_its_own_and_begins_anew() {
    let desk = Desk::new();
    for _ in 0..2 {
        let server = Server::on(&desk, &["--demo"]);
        assert!(server.first.ends_with("sign in as demo with the password: take a look around"), "{}", server.first);
        let mut client = Client::new(&server.base);
        let body = json!({ "authority": null, "user_name": "demo", "password": "take a look around", "code": null });
        client.csrf = client.post("/api/v1/session", body).await["csrf"].as_str().unwrap().to_owned();
        let (_, report) = client.get("/api/v1/reports/outbreak?disease=mers").await;
        assert_eq!(report["cases"], 162);
        server.stop();
    }
    let other = Desk::new();
    other.ok(&["report", "outbreak"]);
    let refused = other.run(&["serve", "--demo"]);
    assert_eq!(refused.code, 2, "{}", refused.err);
    let elsewhere = desk.run(&["serve", "--demo", "--listen", "0.0.0.0:0"]);
    assert_eq!(elsewhere.code, 2, "{}", elsewhere.err);
}

#[test]
fn beyond_this_machine_it_wants_tls_and_says_how() {
    let desk = Desk::new();
    let refused = desk.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("there is no TLS") && refused.err.contains("behind_proxy"), "{}", refused.err);
    let half = desk.write("half.toml", "[server]\ncertificate = 'cert.pem'\n");
    assert_eq!(desk.run(&["serve", "--config", &half]).code, 2);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let busy = desk.run(&["serve", "--listen", &taken.local_addr().unwrap().to_string()]);
    assert_eq!(busy.code, 1);
    assert!(busy.err.contains("cannot listen on") && busy.err.contains("--listen"), "{}", busy.err);
}

/// Asks over TLS whether the server is ready, trusting this certificate alone.
fn ready_over_tls(server: &Server, certificate: &rcgen::Certificate) -> String {
    // Installing it twice is refused and changes nothing.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let mut connection = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut socket = TcpStream::connect(server.base.trim_start_matches("https://")).unwrap();
    let mut tls = rustls::Stream::new(&mut connection, &mut socket);
    tls.write_all(b"GET /health/ready HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    let _ = tls.read_to_string(&mut answer);
    answer
}

#[test]
fn with_a_certificate_it_speaks_tls() {
    let desk = Desk::new();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let chain = desk.write("cert.pem", &made.cert.pem());
    let key = desk.write("key.pem", &made.signing_key.serialize_pem());
    let config = desk.write("tls.toml", &format!("[server]\ncertificate = '{chain}'\nprivate_key = '{key}'\n"));
    let server = Server::on(&desk, &["--config", &config]);
    assert!(server.base.starts_with("https://127.0.0.1:"), "{}", server.base);
    let answer = ready_over_tls(&server, &made.cert);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    server.stop();
    let wrong = desk.write("wrong.toml", &format!("[server]\ncertificate = '{key}'\nprivate_key = '{chain}'\n"));
    let refused = desk.run(&["serve", "--config", &wrong, "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("certificate"), "{}", refused.err);
}

const CANARY: &str = "Zyxwquarrendell";

/// A name that was brought in, looked for and opened is in no log and no file.
#[tokio::test]
async fn a_name_typed_into_the_page_is_in_no_log_and_no_file() {
    let desk = Desk::new();
    let config = desk.write("log.toml", "[log]\nlevel = 'debug'\nformat = 'json'\n");
    let mut server = Server::on(&desk, &["--config", &config]);
    let mut client = Client::new(&server.base);
    let link = server.link();
    client.accept(&link).await;
    let file = format!(
        "id,first_name,last_name,phone,onset\nN1,Qvistolina,{CANARY},062177665544,2026-01-05\nN2,{CANARY},X,,never\n"
    );
    let import = client.upload("list.csv", &file).await;
    let path = format!("/api/v1/imports/{}", import["import_id"].as_str().unwrap());
    let fields = ["id", "first_name", "last_name", "phone", "onset"];
    let columns: Vec<Value> =
        fields.iter().enumerate().map(|(column, field)| json!({ "field": field, "column": column })).collect();
    let settings = json!({ "columns": columns, "disease": null, "interval_s": null, "date_order": "iso",
                           "update": false, "strict": false });
    let job = client.post(&format!("{path}/run"), settings).await;
    client.get(&format!("/api/v1/jobs/{}/events", job["job_id"].as_str().unwrap())).await;
    assert_eq!(client.get(&format!("{path}/refused")).await.1["items"][0]["cells"][1], CANARY);
    let found = client.post("/api/v1/cases/search", json!({ "text": "zyxw" })).await;
    let case = found["items"][0]["case_id"].as_str().unwrap().to_owned();
    assert_eq!(client.get(&format!("/api/v1/cases/{case}")).await.1["last_name"], CANARY);
    client.get(&format!("/api/v1/cases?{CANARY}=1")).await;
    client.get(&format!("/{CANARY}")).await;
    server.stop();

    let log = std::fs::read_to_string(desk.path("serve.log")).unwrap();
    assert!(log.contains("\"http.route\":\"/api/v1/cases/{case_id}\""), "the log has the route's pattern: {log}");
    let typed = [CANARY, "Qvistolina", "062177665544", "ladder violet", &link, &case];
    for needle in typed {
        assert!(!log.to_lowercase().contains(&needle.to_lowercase()), "{needle} is in the log");
    }
    for name in ["epitrace.sqlite", "epitrace.sqlite-wal"] {
        let bytes = std::fs::read(desk.data().join(name)).unwrap_or_default();
        for needle in [CANARY, "Qvistolina", "062177665544", &link] {
            let found = bytes.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle.as_bytes()));
            assert!(!found, "{needle} is in {name}");
        }
    }
}

/// Killed while a file is imported, and started again: the job goes on, and every row is there once.
#[tokio::test]
async fn an_import_goes_on_after_the_server_was_killed_in_the_middle() {
    let desk = Desk::new();
    let mut server = Server::on(&desk, &[]);
    let mut client = Client::new(&server.base);
    client.accept(&server.link()).await;
    let mut file = String::from("time,a,b\n");
    for i in 0..200_000u32 {
        file.push_str(&format!("{},{},{}\n", 1_600_000_000 + 20 * u64::from(i), i % 8, 400 + i % 397));
    }
    let upload = "/api/v1/imports?kind=encounters";
    let (_, import) = client.send(reqwest::Method::POST, upload, "application/octet-stream", file.into()).await;
    let path = format!("/api/v1/imports/{}", import["import_id"].as_str().unwrap());
    let columns =
        json!([{ "field": "time", "column": 0 }, { "field": "a", "column": 1 }, { "field": "b", "column": 2 }]);
    let settings = json!({ "columns": columns, "disease": null, "interval_s": 20, "date_order": "iso", "update": false,
                           "strict": false });
    let job = client.post(&format!("{path}/run"), settings).await;
    let job_path = format!("/api/v1/jobs/{}", job["job_id"].as_str().unwrap());
    while client.get(&job_path).await.1["done"].as_i64().unwrap() == 0 {}
    server.kill();
    let again = Server::on(&desk, &[]);
    client.base.clone_from(&again.base);
    client.get(&format!("{job_path}/events")).await;
    let (_, job) = client.get(&job_path).await;
    assert_eq!((job["state"].as_str(), job["done"].as_i64()), (Some("done"), Some(200_000)), "{job}");
    let (_, import) = client.get(&path).await;
    let summary = &import["summary"];
    let n_rows = summary["stored"].as_u64().unwrap() + summary["already_there"].as_u64().unwrap();
    assert_eq!(n_rows, 200_000, "{summary}");
    again.stop();
    let exposed = desk.json(&["exposed", "3"]);
    let minutes: f64 = exposed.as_array().unwrap().iter().map(|row| row["minutes"].as_f64().unwrap()).sum();
    assert!((minutes - 25_000.0 / 3.0).abs() < 0.5, "{minutes}");
}

#[test]
fn the_description_of_the_api_needs_no_data_folder() {
    let output = Command::new(BIN).arg("openapi").env("HOME", "/nonexistent").output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(document["paths"]["/api/v1/cases/{case_id}/exposures"]["get"].is_object());
}
