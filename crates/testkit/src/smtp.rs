//! A real mail server for one test: started on a free port of this machine, gone with the test however that ends.

use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const PROGRAM: &str = include_str!("smtp.py");

/// A mail as the server took it.
#[derive(Clone, Debug, Deserialize)]
pub struct Received {
    /// Sender of the envelope.
    pub from: String,
    /// Recipients of the envelope.
    pub to: Vec<String>,
    /// Whether it came over TLS.
    pub is_encrypted: bool,
    /// Whether its sender had signed in.
    pub is_signed_in: bool,
    /// Names and values of its head, decoded.
    pub head: Vec<(String, String)>,
    /// Text, decoded.
    pub text: String,
    /// HTML, decoded.
    pub html: String,
}

impl Received {
    /// Returns the only value of a name in the head.
    #[must_use]
    pub fn head(&self, name: &str) -> &str {
        let found: Vec<&str> =
            self.head.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect();
        assert_eq!(found.len(), 1, "{name} in {:?}", self.head);
        found[0]
    }
}

/// What a mail server wants.
#[derive(Clone, Debug, Default)]
pub struct SmtpOptions {
    /// Whether it offers STARTTLS, and takes nothing without.
    pub starttls: bool,
    /// The password that it wants, of any user.
    pub password: Option<&'static str>,
    /// Milliseconds that it takes over each mail.
    pub slow_ms: u32,
}

/// A mail server. It answers 550 to `unknown…@`, 452 to `full…@`, and 554 to a subject with a virus.
pub struct SmtpServer {
    folder: TempDir,
    options: SmtpOptions,
    port: u16,
    child: Option<Child>,
}

impl SmtpServer {
    /// Starts one.
    #[must_use]
    pub fn start(options: SmtpOptions) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("smtp.py"), PROGRAM).unwrap();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        std::fs::write(folder.path().join("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let mut server = Self { folder, options, port: 0, child: None };
        server.come_back();
        server
    }

    /// Its port, the same after it was away.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate that must be trusted.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// Stops it.
    pub fn go_away(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.stdin.take());
            child.wait().unwrap();
        }
    }

    /// Starts it again, on the same port.
    pub fn come_back(&mut self) {
        let path = |name: &str| self.folder.path().join(name);
        let mut command = Command::new(python());
        command.arg(path("smtp.py")).arg(path("mails")).arg("--port").arg(self.port.to_string());
        command.arg("--slow-ms").arg(self.options.slow_ms.to_string());
        if self.options.starttls {
            command.arg("--certificate").arg(path("cert.pem")).arg("--key").arg(path("key.pem"));
        }
        if let Some(password) = self.options.password {
            command.arg("--password").arg(password);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.port = line.trim().parse().expect("the mail server didn't start");
        self.child = Some(child);
    }

    /// Returns the mails that it took, oldest first.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        let text = std::fs::read_to_string(self.folder.path().join("mails")).unwrap_or_default();
        // The last line may be half written.
        let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Waits until it has taken mails that are enough.
    pub fn wait_until(&self, enough: impl Fn(&[Received]) -> bool) -> Vec<Received> {
        for _ in 0..6_000 {
            let received = self.received();
            if enough(&received) {
                return received;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("after a minute the mail server has {} mails", self.received().len());
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.go_away();
    }
}

/// Returns a Python that has aiosmtpd: the system's, else the one in the path.
fn python() -> &'static Path {
    let has = |python: &str| {
        let tried = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    let found = ["/usr/bin/python3", "python3"].into_iter().find(|python| has(python));
    Path::new(found.expect("no Python with aiosmtpd to test mail with: run scripts/setup test"))
}
