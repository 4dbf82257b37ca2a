//! A small deployment and its server, and the actors' questions.

use crate::document::{DOCUMENT, Found};
use crate::failing::Failing;
use crate::made::{self, Case, WORK_BITS, asked, day, members};
use crate::wire::{Answer, Question, over_tcp};
use amparo::base::{Clock, DangerFlag, Day, encode};
use amparo::caselog::Verb;
use amparo::crypto::{Deployment, Hash32, SignKey, random_secret};
use amparo::directory::{Authority, Directory, DirectoryContent, Dsse, FreshnessNote, UnverifiedDirectory, sign_new};
use amparo::envelope::Sealed;
use amparo::http::{Listen, Origin, Patience, Running, start};
use amparo::intake::AttachmentLimits;
use amparo::receipt::ReporterKeys;
use amparo::store::{SledStore, Store};
use serde_json::{Value, json};
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Where answers are written down for the test of what is never provoked.
pub const SEEN: &str = "AMPARO_ROUTES_SEEN";

pub struct TestClock(AtomicU64);

impl Clock for TestClock {
    fn unix_seconds(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub struct World {
    pub store: Arc<dyn Store>,
    pub address: SocketAddr,
    pub authority_key: SignKey,
    pub danger: Arc<DangerFlag>,
    authority: Authority,
    directories: Mutex<Vec<Dsse>>,
    clock: Arc<TestClock>,
    running: Option<Running>,
    _folder: Option<tempfile::TempDir>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.running.take().unwrap().stop();
    }
}

fn texts(text: &str) -> Value {
    json!({"es": text, "pt": text, "en": text})
}

fn content(deployment: &Deployment) -> DirectoryContent {
    let person = |keys: &amparo::keys::MemberKeys| {
        let (id, part) = (keys.id().to_string(), keys.public_part());
        json!({"id": id, "office": id.split('-').next(), "role": "intake", "names": texts(&id), "sign_pk": part.sign_pk, "box_pks": part.box_pks})
    };
    let office = |id: &str| json!({"id": id, "kind": "prosecution", "names": texts(id), "level": "national"});
    let offices = ["one", "two"].map(office);
    serde_json::from_value(json!({
        "format": "amparo-directory-1", "deployment": deployment, "version": 0, "previous": Hash32::ZERO, "issued": day(0), "expires": day(0),
        "languages": ["es", "pt", "en"], "names": texts("x"), "questionnaire": {"version": 1, "hash": Hash32::ZERO},
        "gate": {"pk": members()[0].sign_key().public(), "sealed": []}, "offices": offices,
        "members": members().iter().map(person).collect::<Vec<_>>(), "conflict_fallback": ["one"], "rules": [],
    }))
    .unwrap()
}

impl World {
    /// With a directory from day 0 to day 30, on day 0.
    pub fn new() -> Self {
        let world = Self::empty();
        assert_eq!(world.publish(&world.next_directory(0, 30)).status, 204);
        world
    }

    /// Without a directory.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SledStore::open(folder.path()).unwrap());
        Self::over(store, Some(folder), Listen::default())
    }

    pub fn impatient() -> Self {
        let (folder, moment) = (tempfile::tempdir().unwrap(), Duration::from_secs(1));
        let store = Arc::new(SledStore::open(folder.path()).unwrap());
        Self::over(store, Some(folder), Listen { patience: Patience { head: moment, body: moment }, ..Listen::default() })
    }

    /// Nine MiB of parts a mailbox.
    pub fn narrow() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SledStore::open(folder.path()).unwrap());
        let limits = AttachmentLimits::from_mib(1024, 9).unwrap();
        let world = Self::with_limits((SignKey::from_seed(&random_secret()), limits), store, Some(folder), Listen::default());
        assert_eq!(world.publish(&world.next_directory(0, 30)).status, 204);
        world
    }

    pub fn failing() -> (Self, Arc<Failing>) {
        let folder = tempfile::tempdir().unwrap();
        let store = Failing::over(SledStore::open(folder.path()).unwrap());
        let world = Self::over(Arc::<Failing>::clone(&store), Some(folder), Listen::default());
        assert_eq!(world.publish(&world.next_directory(0, 30)).status, 204);
        (world, store)
    }

    /// Over a folder that outlives the server.
    pub fn over_folder(folder: &Path, reserve: u64, key: SignKey) -> Self {
        Self::by(key, Arc::new(SledStore::open_with_reserve(folder, reserve).unwrap()), None, Listen::default())
    }

    pub fn over(store: Arc<dyn Store>, folder: Option<tempfile::TempDir>, listen: Listen) -> Self {
        Self::by(SignKey::from_seed(&random_secret()), store, folder, listen)
    }

    fn by(authority_key: SignKey, store: Arc<dyn Store>, folder: Option<tempfile::TempDir>, listen: Listen) -> Self {
        Self::with_limits((authority_key, AttachmentLimits::default()), store, folder, listen)
    }

    fn with_limits(
        (authority_key, limits): (SignKey, AttachmentLimits),
        store: Arc<dyn Store>,
        folder: Option<tempfile::TempDir>,
        listen: Listen,
    ) -> Self {
        let authority = Authority::new(vec![authority_key.public()], 1).unwrap();
        let clock = Arc::new(TestClock(AtomicU64::new(day(0).midnight_unix_seconds() + 3600)));
        let (danger, shown): (_, Arc<dyn Clock>) = (Arc::new(DangerFlag::default()), Arc::<TestClock>::clone(&clock));
        let origin = Origin::new(Arc::clone(&store), (authority.clone(), vec![]), shown, Arc::clone(&danger), WORK_BITS)
            .unwrap()
            .with_attachments(limits);
        let listen = Listen { tcp: Some("127.0.0.1:0".parse().unwrap()), workers: 1, ..listen };
        let running = start(Arc::new(origin), &listen).unwrap();
        let address = running.tcp.unwrap();
        let (directories, running) = (Mutex::default(), Some(running));
        Self { store, address, authority_key, danger, authority, directories, clock, running, _folder: folder }
    }

    pub fn deployment(&self) -> Deployment {
        self.authority.fingerprint()
    }

    pub fn today(&self) -> Day {
        self.clock.today()
    }

    pub fn set_day(&self, n: u32) {
        self.clock.0.store(day(n).midnight_unix_seconds() + 3600, Ordering::SeqCst);
    }

    pub fn pass_seconds(&self, seconds: u64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Asks, and holds the answer against the document.
    pub fn ask(&self, question: &Question<'_>) -> Answer {
        let answer = over_tcp(self.address, &question.bytes());
        let (method, path) = (question.method, question.path);
        DOCUMENT.check(method, path, &answer).unwrap_or_else(|wrong| panic!("{method} {path}: {wrong}"));
        if let (Some(file), Found::Operation(template, _)) = (std::env::var_os(SEEN), DOCUMENT.find(method, path)) {
            let method = if method == "HEAD" { return answer } else { method };
            let line = format!("{method} {template} {} {}\n", answer.status, answer.code());
            std::fs::OpenOptions::new().append(true).create(true).open(file).unwrap().write_all(line.as_bytes()).unwrap();
        }
        answer
    }

    pub fn by_method(&self, method: &str, path: &str) -> Answer {
        self.ask(&Question { method, path, headers: vec![], body: &[], length: None })
    }

    pub fn get(&self, path: &str) -> Answer {
        self.by_method("GET", path)
    }

    pub fn post_as(&self, path: &str, media_type: &str, body: &[u8]) -> Answer {
        let headers = vec![("content-type", media_type.to_owned())];
        self.ask(&Question { method: "POST", path, headers, body, length: Some(body.len()) })
    }

    pub fn post(&self, path: &str, body: &[u8]) -> Answer {
        self.post_as(path, "application/octet-stream", body)
    }

    pub fn nonce(&self) -> [u8; 36] {
        encode::from_base64(self.get("/api/v1/challenge").json()["nonce"].as_str().unwrap()).unwrap().try_into().unwrap()
    }

    /// The newest directory that was made here, whether the server has it or not.
    pub fn directory(&self) -> Directory {
        let dsse = self.directories.lock().unwrap().last().unwrap().clone();
        UnverifiedDirectory::from(dsse).verify(&self.deployment(), &self.authority).unwrap()
    }

    pub fn next_directory(&self, issued: u32, expires: u32) -> Dsse {
        let is_first = self.directories.lock().unwrap().is_empty();
        let former = (!is_first).then(|| self.directory().reference());
        let here = self.deployment();
        sign_new(content(&here), former, (day(issued), day(expires)), &here, &self.authority_key).unwrap()
    }

    /// Hands a directory in; what is taken is the current one here too.
    pub fn publish(&self, directory: &Dsse) -> Answer {
        let answer = self.post_as("/api/v1/directory", "application/json", &serde_json::to_vec(directory).unwrap());
        if answer.status == 204 {
            self.directories.lock().unwrap().push(directory.clone());
        }
        answer
    }

    /// The current gate key, as a member opens it.
    pub fn gate(&self) -> SignKey {
        self.directory().gate_key(members()[0].id(), &members()[0].box_keys()).unwrap()
    }

    pub fn vouch(&self, day: Day) -> Answer {
        let note = FreshnessNote::make(&self.directory(), day, &self.gate(), &self.deployment());
        self.post("/api/v1/freshness", &note.to_bytes())
    }

    pub fn login(&self, gate: &SignKey) -> Answer {
        let nonce = self.nonce();
        self.post("/api/v1/gate", &[&nonce[..], gate.sign("gate login", &self.deployment(), &[&nonce]).as_ref()].concat())
    }

    pub fn token(&self) -> String {
        self.login(&self.gate()).json()["token"].as_str().unwrap().to_owned()
    }

    pub fn feed(&self, token: &str, query: &str) -> Answer {
        let headers = vec![("authorization", format!("Bearer {token}"))];
        self.ask(&Question { method: "GET", path: &format!("/api/v1/feed?{query}"), headers, body: &[], length: None })
    }

    /// A report that was not sent.
    pub fn report(&self, length: usize) -> Case {
        made::case(&self.deployment(), &self.directory(), length)
    }

    pub fn reported(&self, length: usize) -> Case {
        let case = self.report(length);
        assert_eq!(self.send(&case.report).status, 204);
        case
    }

    pub fn send(&self, sealed: &Sealed) -> Answer {
        self.post("/api/v1/reports", &made::request(self.nonce(), (1, 0), &sealed.to_bytes()))
    }

    pub fn mailbox(&self, keys: &ReporterKeys, verb: u8) -> Answer {
        self.post("/api/v1/mailbox", &made::mailbox_request((verb, 0), keys, self.nonce(), &self.deployment()))
    }

    pub fn is_unknown(&self, keys: &ReporterKeys) -> bool {
        self.mailbox(keys, 1).body == vec![0; 40_960]
    }

    /// A member of the case appends an entry.
    pub fn append(&self, case: &Case, number: u32) -> Answer {
        self.append_bytes(case, made::entry(case, (number, 0), &self.deployment()).to_bytes())
    }

    pub fn append_bytes(&self, case: &Case, entry: Vec<u8>) -> Answer {
        self.post("/api/v1/cases", &asked((Verb::Entry, case.id(), 0), entry, (&self.gate(), &case.keys.sign), self))
    }

    pub fn reply(&self, case: &Case, number: u32) -> Answer {
        self.reply_bytes(case, made::reply(case, number, None, self).to_bytes())
    }

    pub fn reply_bytes(&self, case: &Case, reply: Vec<u8>) -> Answer {
        self.post("/api/v1/replies", &asked((Verb::Reply, case.id(), 0), reply, (&self.gate(), &case.keys.sign), self))
    }

    pub fn body(&self, case: &Case, number: u32) -> Answer {
        let payload = number.to_be_bytes().to_vec();
        self.post("/api/v1/cases", &asked((Verb::Body, case.id(), 0), payload, (&self.gate(), &case.keys.sign), self))
    }
}
