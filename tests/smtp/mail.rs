//! The mail server of server.py.

use amparo::notify::{Security, SmtpSettings};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

pub const PASSWORD: &str = "correct-horse-battery";
const USER: &str = "amparo";
const WAIT: Duration = Duration::from_secs(20);

pub struct Mail {
    child: Child,
    lines: Receiver<Value>,
    folder: tempfile::TempDir,
    port: u16,
}

/// The Python with aiosmtpd, or `None` where there is none and the tests may be left out.
fn python() -> Option<PathBuf> {
    let installed = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/venv/bin/python"));
    let found = std::env::var_os("AMPARO_SMTP_PYTHON").map(PathBuf::from).or_else(|| installed.exists().then_some(installed));
    let must = std::env::var("AMPARO_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(found.is_some() || !must, "AMPARO_SMTP_PYTHON is not set: tests/run installs a Python with aiosmtpd");
    if found.is_none() {
        println!("left out: no Python with aiosmtpd (tests/run installs one)");
    }
    found
}

impl Mail {
    /// `mode`: starttls or tls. `name`: the certificate is for it.
    pub fn start(mode: &str, name: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smtp/server.py");
        let mut serve = Command::new(python()?);
        serve.arg(script).arg(folder.path()).args([mode, name, USER, PASSWORD]);
        let mut child = serve.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = said.next().expect("the mail server does not start").unwrap();
        let port = ready.strip_prefix("ready ").unwrap().parse().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in said.map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).unwrap());
            }
        });
        Some(Self { child, lines, folder, port })
    }

    pub fn settings(&self, security: Security) -> SmtpSettings {
        let settings = settings(self.port, security, &self.folder);
        SmtpSettings { ca_file: Some(self.folder.path().join("ca.pem")), ..settings }
    }

    /// The next letter; logins are passed over.
    pub fn letter(&self) -> Value {
        loop {
            let line = self.lines.recv_timeout(WAIT).expect("no letter came");
            if line["kind"] == "letter" {
                return line;
            }
        }
    }

    /// All that the server has said within `wait`.
    pub fn said_within(&self, wait: Duration) -> Vec<Value> {
        std::iter::from_fn(|| self.lines.recv_timeout(wait).ok()).collect()
    }
}

impl Drop for Mail {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Settings for a port of this machine, the password in a file of `folder`.
pub fn settings(port: u16, security: Security, folder: &tempfile::TempDir) -> SmtpSettings {
    let password_file = folder.path().join("password");
    fs::write(&password_file, format!("{PASSWORD}\n")).unwrap();
    let from = "Amparo <aviso@example.org>".into();
    SmtpSettings { host: "127.0.0.1".into(), port, security, user: USER.into(), password_file, from, ca_file: None }
}
