//! A small deployment: authority, four offices of two members, a server that can lie.

use crate::server::{Server, Shown};
use amparo::base::{Clock, Day, Secret, SystemClock, encode};
use amparo::caselog::{Entry, EntryContent, EntryKind, FeedItem, FeedMark, ItemKind, OpenedEntry, Place, seal_entry};
use amparo::client::{Http, compose_report, embedded_questionnaire};
use amparo::crypto::{self, Deployment, Hash32, MailboxId, SignKey, random_secret};
use amparo::desk::{CaseView, Desk, DeskError, DeskLine, DeskSettings, WarningCode};
use amparo::directory::{Authority, Directory, DirectoryContent, DirectoryRef, Dsse, Recipient, UnverifiedDirectory, sign_new};
use amparo::envelope::{HEAD_BYTES, ReportBody, Sealed, seal_report};
use amparo::keys::{MemberKeys, Passphrase};
use amparo::receipt::{Receipt, ReporterKeys};
use amparo::words::Language;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

const OFFICES: [(&str, &str); 4] = [("ac", "prosecution"), ("tip", "prosecution"), ("care", "care"), ("conflict", "oversight")];

/// What the world's first day is before the machine's: the program itself reads the machine's clock.
pub const DAYS_AGO: u32 = 45;

pub fn day(n: u32) -> Day {
    static FIRST: LazyLock<Day> = LazyLock::new(|| SystemClock.today().minus(DAYS_AGO));
    FIRST.plus(n)
}

fn passphrase() -> Passphrase {
    Passphrase::new("test".into())
}

static KEYS: LazyLock<BTreeMap<String, MemberKeys>> = LazyLock::new(|| {
    let ids = OFFICES.iter().flat_map(|(office, _)| (1..=2).map(move |n| format!("{office}-{n}")));
    ids.chain(["stranger-1".into()]).map(|id| (id.clone(), MemberKeys::generate(id.parse().unwrap(), day(0).minus(40)))).collect()
});

pub fn keys(member: &str) -> &'static MemberKeys {
    &KEYS[member]
}

/// Made once, and so that it opens fast: these tests open it a hundred times.
pub fn key_file(member: &str) -> Vec<u8> {
    static FILES: Mutex<BTreeMap<String, Vec<u8>>> = Mutex::new(BTreeMap::new());
    FILES.lock().unwrap().entry(member.into()).or_insert_with(|| lightened(&keys(member).seal(&passphrase()).unwrap())).clone()
}

/// The same content under the least Argon2id that a reader takes.
fn lightened(file: &[u8]) -> Vec<u8> {
    const PASSES: u32 = 1;
    const MEMORY_BYTES: u32 = 64 << 20;
    let mut wire: Value = serde_json::from_slice(file).unwrap();
    let (salt, nonce) = (encode::from_hex_array(wire["kdf"]["salt"].as_str().unwrap()).unwrap(), wire["nonce"].as_str().unwrap());
    let nonce = encode::from_hex_array(nonce).unwrap();
    let key = |passes, memory| crypto::passphrase_key(passphrase().expose().as_bytes(), &salt, passes, memory).unwrap();
    let sealed = encode::from_base64(wire["sealed"].as_str().unwrap()).unwrap();
    let plain = crypto::secretbox_open(&key(crypto::KEY_FILE_PASSES, crypto::KEY_FILE_MEMORY_BYTES), &nonce, &sealed).unwrap();
    wire["sealed"] = json!(encode::base64(&crypto::secretbox_seal(&key(PASSES, MEMORY_BYTES), &nonce, &plain)));
    wire["kdf"]["passes"] = json!(PASSES);
    wire["kdf"]["memory_bytes"] = json!(MEMORY_BYTES);
    serde_json::to_vec(&wire).unwrap()
}

/// Keys have no copy; a key file does.
fn own_keys(member: &str) -> MemberKeys {
    MemberKeys::open(&key_file(member), &passphrase()).unwrap()
}

pub struct TestClock(AtomicU32);

impl Clock for TestClock {
    fn unix_seconds(&self) -> u64 {
        day(self.0.load(Ordering::SeqCst)).midnight_unix_seconds() + 3600
    }
}

pub struct World {
    pub authority_key: SignKey,
    pub authority: Authority,
    pub server: Server,
    pub folder: tempfile::TempDir,
    pub settings: DeskSettings,
    clock: Arc<TestClock>,
}

fn texts(text: &str) -> Value {
    json!({"es": text, "pt": text, "en": text})
}

fn content(authority: &Authority) -> DirectoryContent {
    let office = |(id, kind): &(&str, &str)| {
        let institutions: &[&str] = if *id == "care" { &["shelter"] } else { &[] };
        json!({"id": id, "kind": kind, "names": texts(id), "level": "national", "institutions": institutions})
    };
    let person = |id: &&String| {
        let part = keys(id).public_part();
        json!({"id": id, "office": id.split('-').next(), "role": "intake", "names": texts(id), "sign_pk": part.sign_pk, "box_pks": part.box_pks})
    };
    let people: Vec<Value> = KEYS.keys().filter(|id| !id.starts_with("stranger")).map(|id| person(&id)).collect();
    serde_json::from_value(json!({
        "format": "amparo-directory-1", "deployment": authority.fingerprint(), "version": 0, "previous": Hash32::ZERO, "issued": day(0), "expires": day(0),
        "languages": ["es", "pt", "en"], "names": texts("x"), "questionnaire": embedded_questionnaire().unwrap().reference,
        "gate": {"pk": authority.keys()[0], "sealed": []}, "offices": OFFICES.iter().map(office).collect::<Vec<_>>(), "members": people,
        "conflict_fallback": ["conflict"], "duty": [{"office": "conflict", "address": "duty@example.org"}],
        "rules": [{"id": "both", "countries": ["GT"], "when": true, "offices": ["ac", "tip"], "why": texts("x")}],
    }))
    .unwrap()
}

/// A reporter, and what she sent.
pub struct Reporter {
    pub keys: ReporterKeys,
    pub sealed: Sealed,
}

impl Reporter {
    pub fn id(&self) -> MailboxId {
        self.keys.mailbox_id
    }

    pub fn hex(&self) -> String {
        self.id().to_string()
    }
}

impl World {
    pub fn new() -> Self {
        let authority_key = SignKey::from_seed(&random_secret());
        let authority = Authority::new(vec![authority_key.public()], 1).unwrap();
        let server = Server::start(Shown { authority: Some(authority.clone()), today: day(0), ..Shown::default() });
        let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(TestClock(AtomicU32::new(0))));
        let settings = DeskSettings { wait_seconds: 0, status_delay_days: 0 };
        let world = Self { authority_key, authority, server, folder, settings, clock };
        world.new_directory((0, 30), |_| {});
        world
    }

    pub fn deployment(&self) -> Deployment {
        self.authority.fingerprint()
    }

    pub fn signed(&self, former: Option<DirectoryRef>, (issued, expires): (u32, u32), change: impl FnOnce(&mut DirectoryContent)) -> Dsse {
        let mut content = content(&self.authority);
        change(&mut content);
        sign_new(content, former, (day(issued), day(expires)), &self.deployment(), &self.authority_key).unwrap()
    }

    pub fn new_directory(&self, days: (u32, u32), change: impl FnOnce(&mut DirectoryContent)) {
        let is_first = self.server.shown().directories.is_empty();
        let former = (!is_first).then(|| self.directory().reference());
        let next = self.signed(former, days, change);
        self.server.shown().directories.push(next);
    }

    pub fn directory(&self) -> Directory {
        let dsse = self.server.shown().directories.last().unwrap().clone();
        UnverifiedDirectory::from(dsse).verify(&self.deployment(), &self.authority).unwrap()
    }

    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::<TestClock>::clone(&self.clock)
    }

    pub fn set_day(&self, n: u32) {
        self.clock.0.store(n, Ordering::SeqCst);
        self.server.shown().today = day(n);
    }

    pub fn today(&self) -> Day {
        self.clock.today()
    }

    pub fn gate(&self) -> SignKey {
        let one = keys("ac-1");
        self.directory().gate_key(one.id(), &one.box_keys()).unwrap()
    }

    pub fn body(&self, answers: Value) -> ReportBody {
        let answers = answers.as_object().unwrap().clone();
        compose_report(&self.directory(), &embedded_questionnaire().unwrap(), &answers, (Language::Es, self.today(), &[])).unwrap().0
    }

    pub fn seal(&self, body: &ReportBody) -> Reporter {
        let keys = Receipt::generate(Language::Es).keys(&self.deployment()).unwrap();
        let sealed = seal_report(&keys, &self.deployment(), body).unwrap();
        Reporter { keys, sealed }
    }

    /// A plain report that has been published.
    pub fn reported(&self, account: &str) -> Reporter {
        let reporter = self.seal(&self.body(plain(account)));
        self.publish_message(&reporter, ItemKind::Report, &reporter.sealed);
        reporter
    }

    pub fn publish_message(&self, reporter: &Reporter, kind: ItemKind, sealed: &Sealed) {
        let number = sealed.header().number;
        let mut shown = self.server.shown();
        let mut bytes = sealed.head().to_bytes();
        assert_eq!(bytes.len(), HEAD_BYTES);
        if sealed.body().len() == 16 << 10 {
            bytes.extend_from_slice(sealed.body());
        } else {
            shown.bodies.insert((reporter.id(), number), sealed.body().to_vec());
        }
        shown.pending.push(FeedItem::new(kind, reporter.id(), number, bytes));
        shown.publish();
    }

    /// A member's desk, not synced.
    pub fn desk(&self, member: &str) -> Desk {
        self.try_desk(member).unwrap()
    }

    pub fn try_desk(&self, member: &str) -> Result<Desk, DeskError> {
        self.desk_at(member, &self.server.url, member)
    }

    /// A member's desk before another server, or in a folder that is not hers.
    pub fn desk_at(&self, member: &str, url: &str, folder: &str) -> Result<Desk, DeskError> {
        let http = Http::new(url, None).unwrap();
        let clock: Arc<dyn Clock> = Arc::<TestClock>::clone(&self.clock);
        let line = DeskLine { http, pinned: self.deployment(), keys: own_keys(member), settings: self.settings, clock };
        Desk::open(line, &self.folder.path().join(folder))
    }

    pub fn synced(&self, member: &str) -> Desk {
        let mut desk = self.desk(member);
        desk.sync().unwrap();
        desk
    }

    /// What a desk that starts from nothing warns of.
    pub fn fresh_warnings(&self, member: &str, reporter: &Reporter) -> Vec<WarningCode> {
        let _ = std::fs::remove_dir_all(self.folder.path().join(member));
        codes(&self.synced(member).open_case(&reporter.hex()).unwrap())
    }

    pub fn open_entry(&self, member: &str, entry: &Entry) -> OpenedEntry {
        entry.open_with_keys(&keys(member).box_keys(), &self.deployment()).unwrap()
    }

    pub fn desk_key(&self, reporter: &Reporter) -> Secret<32> {
        let first = self.server.shown().entries(&reporter.id()).remove(0);
        self.open_entry("ac-1", &first).content.desk_key.unwrap()
    }

    pub fn recipient(&self, member: &str) -> Recipient {
        let directory = self.directory();
        directory.recipient(directory.member(&member.parse().unwrap()).unwrap(), self.today()).unwrap()
    }

    /// A note by `author`, where the log stands now.
    pub fn note(&self, reporter: &Reporter, author: &str) -> EntryContent {
        let shown = self.server.shown();
        let (number, head) = shown.batches.last().map_or((0, Hash32::ZERO), |b| (b.number, b.head));
        let previous = shown.entries(&reporter.id()).last().map_or(Hash32::ZERO, Entry::hash);
        drop(shown);
        EntryContent {
            kind: EntryKind::Work,
            author: author.parse().unwrap(),
            day: self.today(),
            key_day: self.today(),
            directory: self.directory().reference(),
            previous,
            feed: FeedMark { number, head },
            recipients: vec![],
            desk_key: None,
            former_desk_key: None,
            seed: None,
            vault: None,
            work: Some(json!({"type": "note", "text": "x"})),
        }
    }

    /// Seals an entry at the end of a log, signed by `signer` whoever its author is, and publishes it.
    pub fn append(&self, reporter: &Reporter, content: &EntryContent, epoch: u32, wrap: Option<&Secret<32>>, signer: &SignKey) {
        let number = u32::try_from(self.server.shown().entries(&reporter.id()).len()).unwrap();
        let place = Place { mailbox_id: reporter.id(), number, epoch };
        let entry = seal_entry(content, place, wrap, signer, &self.deployment()).unwrap();
        let mut shown = self.server.shown();
        shown.pending.push(FeedItem::new(ItemKind::Entry, reporter.id(), number, entry.to_bytes()));
        shown.publish();
    }
}

pub fn plain(account: &str) -> Value {
    json!({"country": "GT", "what": ["m_c"], "institution": ["police"], "account": account})
}

pub fn codes(view: &CaseView) -> Vec<WarningCode> {
    view.warnings.iter().map(|warning| warning.code).collect()
}
