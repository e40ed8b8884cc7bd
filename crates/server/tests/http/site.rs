//! A server on a throw-away database, and people with browsers before it.

use app::App;
use app::doctor::MailSetting;
use app::messages::{NewMessage, Recipient};
use domain::authorities::{Role, ShortCode};
use domain::ids::MessageId;
use domain::languages::Language;
use domain::letters::{CannotSet, LetterSheet};
use domain::messages::{MailAddress, MessageKind, Values, Variable};
use event_log::embedded;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use server::serve::{listen, serve};
use server::{Consumption, Network, Options, Platform, TimeLimits};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use storage::folder::{DataFolder, Use};
use storage::ledger::Ledger;
use storage::sealing::{Keyring, Opener};
use storage::store::RunStore;
use testkit::Kit;
use testkit::kit::{new_authority, now};
use tokio::sync::oneshot;

/// Nobody guesses it.
pub const PASSWORD: &str = "ladder violet uncle brisk";
/// Largest file that may be brought in here.
pub const MOST_IMPORT_BYTES: usize = 1 << 20;
/// Enough for a request to get where it then waits for ever.
const LITTLE_TIME: Duration = Duration::from_millis(500);

pub struct Site {
    pub base: String,
    pub app: App,
    pub kit: Kit,
    pub client: reqwest::Client,
    clock: Arc<Mutex<Timestamp>>,
    platform: Platform,
    _stop: oneshot::Sender<()>,
}

/// Posters as the addresses that their codes hold: what a real press makes of them is its own test.
#[allow(clippy::unnecessary_wraps)]
fn plain_posters(sheet: &domain::venues::PosterSheet) -> Result<Vec<u8>, CannotSet> {
    let addresses: Vec<&str> = sheet.posters.iter().map(|poster| poster.address.as_str()).collect();
    Ok(format!("{} {}", sheet.format, addresses.join(" ")).into_bytes())
}

/// Stands in for the press of guest lists: the words of the sheet.
fn plain_list(sheet: &domain::guest_lists::ListSheet) -> Result<Vec<u8>, CannotSet> {
    Ok(format!("%PDF-{sheet:?}").into_bytes())
}

/// Stands in for the press of the program, whose library is large: the words of the sheet, as JSON, behind the mark of a
/// PDF. The press itself is tested where it is, and as a whole through the program.
fn plain_press(sheet: &LetterSheet) -> Result<Vec<u8>, CannotSet> {
    let text = serde_json::to_string(sheet).unwrap();
    if text.contains('李') { Err(CannotSet::NoGlyph(vec!['李'])) } else { Ok(format!("%PDF-{text}").into_bytes()) }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON, but {}: {}", self.status, self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body, which must have this status.
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The fields that must change.
    pub fn fields(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().trim_start_matches("/problems/").to_owned()
    }
}

impl Site {
    pub async fn on(kit: Kit) -> Self {
        let keyring = Keyring::open(&kit.keyring(), Opener::Auto).unwrap();
        let clock = Arc::new(Mutex::new(now()));
        let time = Arc::clone(&clock);
        let jobs = kit.database.open_for_jobs().await;
        let counter = std::sync::atomic::AtomicU64::new(1 << 40);
        let random = move |bytes: &mut [u8]| {
            let n = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_be_bytes();
            bytes[2..10].copy_from_slice(&n);
        };
        let app = App::new(
            kit.store.clone(),
            jobs,
            Some(keyring.into()),
            Arc::new(move || *time.lock().unwrap()),
            Arc::new(random),
        )
        .with_press(plain_press)
        .with_poster_press(plain_posters)
        .with_list_press(plain_list)
        .with_public_url("https://epitrace.test")
        .with_runs(RunStore::beside(&kit.store, &testkit::database::options(&kit.database.app)).await.unwrap());
        app.prepare_installation_key().await.unwrap();
        let folder = DataFolder::take(kit.database.folder.path(), Use::Shared).unwrap();
        let options = Options {
            folder,
            keyring: kit.keyring(),
            ledger: Ledger::beside(&kit.keyring()),
            demo: None,
            behind_proxy: false,
            most_import_bytes: MOST_IMPORT_BYTES,
            mail: MailSetting::Missing,
            certificate: None,
            drain: Duration::ZERO,
        };
        let platform = Platform::new(app.clone(), options);
        let (base, stop) = start(platform.clone());
        // Also what speaks without TLS must know how it would. Said twice it changes nothing.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = reqwest::Client::builder().build().unwrap();
        Self { base, app, kit, client, clock, platform, _stop: stop }
    }

    /// The same, taking check-ins.
    pub async fn with_door(self) -> Self {
        self.app.open_door(testkit::door::shelf(&self.kit).await).await.unwrap();
        self
    }

    /// The same, with a log for reports, a consumer, and nodes that live in the server.
    pub async fn with_network(mut self) -> Self {
        let folder = self.kit.database.folder.path().join("log");
        let fresh_id = domain::ids::mint(now(), self.kit.random());
        let options =
            embedded::Options { topic: "coronaz".to_owned(), fresh_id, segment_bytes: embedded::SEGMENT_BYTES };
        let (log, _) = embedded::Log::open(&folder, options).unwrap();
        let network = Network::embedded(log, self.runs().await);
        self.platform = self.platform.with_network(network);
        (self.base, self._stop) = start(self.platform.clone());
        self
    }

    /// The same, with a log at brokers.
    pub async fn with_brokers(mut self, options: event_log::kafka::Options, consumption: Consumption) -> Self {
        let network = Network::over_brokers(options, consumption, self.runs().await);
        self.platform = self.platform.with_network(network);
        (self.base, self._stop) = start(self.platform.clone());
        self
    }

    /// Where runs lie.
    pub async fn runs(&self) -> RunStore {
        RunStore::beside(&self.kit.store, &testkit::database::options(&self.kit.database.app)).await.unwrap()
    }

    /// Lets seconds pass.
    pub fn wait_s(&self, seconds: i64) {
        let mut clock = self.clock.lock().unwrap();
        *clock = clock.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    /// Starts a second server on the same platform, whose requests have little time. Returns where it is, and what ends
    /// it when it is dropped.
    pub fn hurried(&self) -> (String, oneshot::Sender<()>) {
        start(self.platform.clone().with_time_limits(TimeLimits { request: LITTLE_TIME, upload: LITTLE_TIME }))
    }

    /// Queues a mail to somebody of this name.
    pub async fn mail_about(&self, name: &str) -> MessageId {
        let worker = self.app.sign_in_as("test", Some(&ShortCode::local())).await.unwrap();
        let new = NewMessage {
            kind: MessageKind::NewContactCase,
            recipient: Recipient::Mail(MailAddress::new(&format!("{name}@example.org")).unwrap()),
            case_id: None,
            person_id: None,
            language: Some(Language::En),
            values: Values::default().text(Variable::Name, name).text(Variable::Phone, ""),
            reply_to: None,
            by: None,
        };
        let mut tx = self.kit.write().await;
        let message_id = self.app.queue_message(&mut tx, &worker.authority, &new).await.unwrap();
        tx.commit().await.unwrap();
        message_id
    }

    pub fn now(&self) -> Timestamp {
        *self.clock.lock().unwrap()
    }

    /// Lets minutes pass.
    pub fn wait_min(&self, minutes: i64) {
        let mut clock = self.clock.lock().unwrap();
        *clock = clock.checked_add(SignedDuration::from_mins(minutes)).unwrap();
    }

    pub fn stranger(&self) -> Browser<'_> {
        let base = self.base.clone();
        Browser { site: self, base, cookie: Mutex::default(), csrf: Mutex::default(), token: None }
    }

    /// The code that an authenticator app shows now.
    pub fn code(&self, secret: &str) -> String {
        let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
        let totp = totp_rs::Builder::new()
            .with_algorithm(totp_rs::Algorithm::SHA1)
            .with_secret(secret)
            .with_account_name("x")
            .build()
            .unwrap();
        totp.generate(u64::try_from(self.now().as_second()).unwrap()).to_string()
    }

    /// Invites somebody, who accepts in a browser. Returns it, and the secret in their app.
    pub async fn person(&self, name: &str, role: Role) -> (Browser<'_>, String) {
        self.person_in("local", name, role).await
    }

    /// The same in the neighbour authority `next`, or in `local`.
    pub async fn person_in(&self, code: &str, name: &str, role: Role) -> (Browser<'_>, String) {
        let authority = self.app.authorities().await.unwrap();
        let authority = authority.into_iter().find(|authority| authority.short_code.as_str() == code).unwrap();
        let founder = app::Worker {
            account_id: self.kit.account_id,
            authority,
            role: Role::Administrator,
            operator: true,
            scopes: None,
            source: "command_line",
            reading: app::reading::Reading::default(),
        };
        let (_, link) = self.app.create_invited_account(&founder, name, role).await.unwrap();
        let browser = self.stranger();
        let (secret, _) = browser.accept(link.unwrap().secret.expose()).await;
        (browser, secret)
    }

    /// The platform as the role that owns the schema.
    pub async fn as_owner(&self) -> App {
        let owner = self.kit.database.open_as_migrator().await;
        let keyring = Keyring::open(&self.kit.keyring(), Opener::Auto).unwrap();
        let clock = Arc::clone(&self.clock);
        // No two of them give out the same id.
        static MADE: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(3);
        App::new(
            owner.clone(),
            owner,
            Some(keyring.into()),
            Arc::new(move || *clock.lock().unwrap()),
            Arc::new(|bytes: &mut [u8]| bytes.fill(MADE.fetch_add(1, std::sync::atomic::Ordering::Relaxed))),
        )
    }

    /// A neighbour authority `next` with a key of its own.
    pub async fn neighbour(&self) {
        self.authority("next").await;
    }

    /// Another authority with a key of its own.
    pub async fn authority(&self, code: &str) {
        let founder = self.app.sign_in_as("test", Some(&ShortCode::local())).await.unwrap();
        self.as_owner().await.create_authority(&founder, &new_authority(code)).await.unwrap();
        self.app.take_keys(Keyring::open(&self.kit.keyring(), Opener::Auto).unwrap().into());
    }
}

/// Starts a server on a port of its own.
fn start(platform: Platform) -> (String, oneshot::Sender<()>) {
    let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(serve(platform, listener, None, None, async {
        let _ = stopped.await;
    }));
    (base, stop)
}

/// Somebody's browser, or a program with a key.
pub struct Browser<'s> {
    pub site: &'s Site,
    /// The server that it talks to.
    pub base: String,
    pub cookie: Mutex<String>,
    pub csrf: Mutex<String>,
    pub token: Option<String>,
}

impl Browser<'_> {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let address = if path.starts_with("/health") || path.starts_with("/data") {
            path.to_owned()
        } else {
            format!("/api/v1{path}")
        };
        let mut request = self.site.client.request(method, format!("{}{address}", self.base));
        let cookie = self.cookie.lock().unwrap().clone();
        if !cookie.is_empty() {
            request = request.header("cookie", cookie).header("x-epitrace-csrf", self.csrf.lock().unwrap().clone());
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        request
    }

    /// Sends a request as it is, and keeps the cookie that comes back.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for set in headers.get_all("set-cookie") {
            self.keep(set.to_str().unwrap());
        }
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    /// One cookie says who somebody is; another may say beside it what they wrote.
    fn keep(&self, set: &str) {
        assert!(set.contains("; HttpOnly; Secure; SameSite=Strict"), "{set}");
        let new = set.split(';').next().unwrap();
        let mut kept = self.cookie.lock().unwrap();
        let is_of_writes = |one: &str| one.starts_with("epitrace_seen=");
        let others: Vec<&str> =
            kept.split("; ").filter(|one| !one.is_empty() && is_of_writes(one) != is_of_writes(new)).collect();
        *kept = others.into_iter().chain([new]).collect::<Vec<_>>().join("; ");
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Asks for content, unless it still has this tag.
    pub async fn get_unless(&self, path: &str, tag: &str) -> Answer {
        self.send(self.request(Method::GET, path).header("if-none-match", tag)).await
    }

    /// Asks for content in a form.
    pub async fn get_accepting(&self, path: &str, kind: &str) -> Answer {
        self.send(self.request(Method::GET, path).header("accept", kind)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, body).await
    }

    pub async fn call(&self, method: Method, path: &str, body: Value) -> Answer {
        self.raw(method, path, Some(("application/json", body.to_string().into_bytes()))).await
    }

    /// Sends a body of any type.
    pub async fn raw(&self, method: Method, path: &str, body: Option<(&str, Vec<u8>)>) -> Answer {
        let mut request = self.request(method, path);
        if let Some((kind, bytes)) = body {
            request = request.header("content-type", kind).body(bytes);
        }
        self.send(request).await
    }

    /// Takes an invitation up. Returns the secret of the second factor and the recovery codes.
    pub async fn accept(&self, token: &str) -> (String, Vec<String>) {
        let open = self.post("/invitations/open", json!({ "token": token })).await.ok(200);
        let secret = open["totp"]["secret"].as_str().unwrap().to_owned();
        let code = self.site.code(&secret);
        let body = json!({ "token": token, "password": PASSWORD, "code": code });
        let accepted = self.post("/invitations/accept", body).await.ok(200);
        self.remember(&accepted["session"]);
        let codes = accepted["recovery_codes"].as_array().unwrap();
        (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
    }

    pub fn remember(&self, session: &Value) {
        *self.csrf.lock().unwrap() = session["csrf"].as_str().unwrap().to_owned();
    }

    /// Tries to sign in.
    pub async fn sign_in(&self, name: &str, password: &str, code: Option<&str>) -> Answer {
        let body = json!({ "authority": "local", "user_name": name, "password": password, "code": code });
        let answer = self.post("/session", body).await;
        if answer.status == 200 {
            self.remember(&answer.json());
        }
        answer
    }

    /// Begins to send a body, and never comes to its end. Written by hand, since a client sends bodies whole.
    pub async fn begin_to_send(&self, path: &str, kind: &str, beginning: &str) -> Answer {
        let host = self.base.trim_start_matches("http://").to_owned();
        let (cookie, csrf) = (self.cookie.lock().unwrap().clone(), self.csrf.lock().unwrap().clone());
        let length = beginning.len() + 1;
        let begun = format!(
            "POST /api/v1{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncookie: {cookie}\r\n\
             x-epitrace-csrf: {csrf}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{beginning}"
        );
        let talk = move || {
            let mut connection = TcpStream::connect(host).unwrap();
            connection.write_all(begun.as_bytes()).unwrap();
            let mut said = String::new();
            connection.read_to_string(&mut said).unwrap();
            said
        };
        let said = tokio::task::spawn_blocking(talk).await.unwrap();
        let (head, text) = said.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let pairs = lines.map(|line| line.split_once(": ").unwrap());
        let headers = pairs.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Answer { status, headers, text: text.to_owned() }
    }

    /// Asks for something, reads so many bytes of the answer, and breaks the connection off. Gives what it read.
    pub async fn begin_to_read(&self, path: &str, n_bytes: usize) -> String {
        let host = self.base.trim_start_matches("http://").to_owned();
        let cookie = self.cookie.lock().unwrap().clone();
        let asked = format!("GET /api/v1{path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\n\r\n");
        let talk = move || {
            let mut connection = TcpStream::connect(host).unwrap();
            connection.write_all(asked.as_bytes()).unwrap();
            let mut said = vec![0; n_bytes];
            connection.read_exact(&mut said).unwrap();
            String::from_utf8_lossy(&said).into_owned()
        };
        tokio::task::spawn_blocking(talk).await.unwrap()
    }

    /// Brings a file in.
    pub async fn upload(&self, kind: &str, name: &str, bytes: &[u8]) -> Answer {
        let request = self.request(Method::POST, &format!("/imports?kind={kind}"));
        let request = request.header("x-file-name", name).header("content-type", "application/octet-stream");
        self.send(request.body(bytes.to_vec())).await
    }

    /// Follows a job to its end.
    pub async fn finished(&self, job: &Value) -> Value {
        let path = format!("/jobs/{}/events", job["job_id"].as_str().unwrap());
        let events = self.get(&path).await;
        assert_eq!(events.header("content-type"), "text/event-stream");
        let last = events.text.lines().rev().find_map(|line| line.strip_prefix("data: ")).unwrap().to_owned();
        serde_json::from_str(&last).unwrap()
    }
}
