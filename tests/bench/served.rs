//! A server of its own process, and what a reporter and a member need to ask it.

use amparo::base::{Clock, SystemClock};
use amparo::client::{Http, ReporterLink, SentAs, compose_report, fetch_directory, questionnaire};
use amparo::crypto::{Deployment, SignKey};
use amparo::directory::Trusted;
use amparo::envelope::{Attachment, CaseKeys, ContentKey, open_report, seal_report_with_files};
use amparo::keys::{MemberKeys, Passphrase};
use amparo::receipt::{Receipt, ReporterKeys};
use amparo::words::Language;
use serde_json::json;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub struct Server {
    child: Child,
    pub address: SocketAddr,
    pub http: Http,
    pub pinned: Deployment,
    pub trusted: Trusted,
    member: MemberKeys,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Server {
    pub fn start(data: &Path) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_amparo"));
        child.args(["demo", "--listen", &address.to_string(), "--data"]).arg(data).stdout(Stdio::null()).stderr(Stdio::null());
        let child = child.spawn().unwrap();
        let http = Http::new(&format!("http://{address}"), None).unwrap();
        let ready = (0..600).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            http.get("/authority").is_ok()
        });
        assert!(ready, "the demo starts");
        // Making its keys took memory that serving does not: the peak counts from here.
        std::fs::write(format!("/proc/{}/clear_refs", child.id()), "5").unwrap();
        let pinned = std::fs::read_to_string(data.join("fingerprint")).unwrap().trim().parse().unwrap();
        let trusted = fetch_directory(&http, &pinned, SystemClock.today(), None).unwrap();
        let own = |ending: &str| data.join(format!("keys/anticorruption-1.{ending}"));
        let passphrase = Passphrase::new(std::fs::read_to_string(own("passphrase")).unwrap());
        let member = MemberKeys::open(&std::fs::read(own("key")).unwrap(), &passphrase).unwrap();
        Self { child, address, http, pinned, trusted, member }
    }

    /// The most that was resident since it began, MiB.
    pub fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// Seconds of a processor that it used: its own, the kernel's for it.
    pub fn processor_seconds(&self) -> (f64, f64) {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<f64> = stat.rsplit_once(')').unwrap().1.split_whitespace().filter_map(|f| f.parse().ok()).collect();
        // utime and stime are fields 14 and 15; state is no number.
        (fields[10] / 100.0, fields[11] / 100.0)
    }

    /// Sends a report that names an attachment.
    pub fn report(&self, manifest: &Attachment) -> Sent {
        let answers = json!({"country": "GT", "what": ["m_s", "m_c"], "institution": ["police"], "account": "x"});
        let directory = &self.trusted.directory;
        let form = questionnaire(Some(&self.http), directory).unwrap();
        let about = (Language::Es, SystemClock.today(), &[][..]);
        let (mut body, _) = compose_report(directory, &form, answers.as_object().unwrap(), about).unwrap();
        body.attachments = vec![manifest.clone()];
        let keys = Receipt::generate(Language::Es).keys(&self.pinned).unwrap();
        let (sealed, content) = seal_report_with_files(&keys, &self.pinned, &body).unwrap();
        let sent = Sent { keys, content, case: open_report(&sealed, &self.member.box_keys(), &self.pinned).unwrap().case };
        self.link(&sent).send(&sealed, SentAs { directory_version: directory.version(), danger: false }).unwrap();
        sent
    }

    pub fn link<'a>(&'a self, sent: &'a Sent) -> ReporterLink<'a> {
        ReporterLink { http: &self.http, deployment: &self.pinned, keys: &sent.keys }
    }

    pub fn gate(&self) -> SignKey {
        self.trusted.directory.gate_key(self.member.id(), &self.member.box_keys()).unwrap()
    }

    pub fn challenge(&self) -> ([u8; 36], u8) {
        let answer: serde_json::Value = serde_json::from_slice(&self.http.get("/api/v1/challenge").unwrap()).unwrap();
        let nonce = amparo::base::encode::from_base64(answer["nonce"].as_str().unwrap()).unwrap();
        (nonce.try_into().unwrap(), u8::try_from(answer["bits"].as_u64().unwrap()).unwrap())
    }
}

/// A report that arrived.
pub struct Sent {
    pub keys: ReporterKeys,
    pub content: ContentKey,
    pub case: CaseKeys,
}
