//! A deployment made by the command line, as people make one: an authority, members' keys, a directory, a server.

use crate::people::{Secrets, lighten, new_member};
use crate::server::{PROGRAM, Server};
use amparo::base::{Clock, Day, Secret, SystemClock, encode};
use amparo::caselog::{FeedItem, ItemKind};
use amparo::client::{Http, MemberLink, compose_report, embedded_questionnaire, fetch_directory};
use amparo::crypto::{self, BoxKey, Deployment, SignKey};
use amparo::desk::{Desk, DeskLine, DeskSettings};
use amparo::directory::{Directory, Trusted};
use amparo::envelope::{ReportBody, Sealed};
use amparo::keys::{MemberKeys, Passphrase};
use amparo::receipt::{Receipt, ReporterKeys};
use amparo::words::Language;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};
use std::thread;

pub const OFFICES: [&str; 4] = ["oficina-alfa", "oficina-beta", "oficina-gama", "oficina-delta"];
pub const MEMBERS: [(&str, &str); 5] = [
    ("persona-alfa-1", OFFICES[0]),
    ("persona-beta-1", OFFICES[1]),
    ("persona-gama-1", OFFICES[2]),
    ("persona-gama-2", OFFICES[2]),
    ("persona-delta-1", OFFICES[3]),
];
/// Reports of the first country go to alfa and beta, of the second to gama and delta.
pub const COUNTRIES: [&str; 2] = ["GT", "HN"];

pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

pub struct Place {
    pub folder: PathBuf,
    pub deployment: Deployment,
    pub secrets: BTreeMap<String, Secrets>,
    pub authority_seed: [u8; 32],
    shared: Option<Server>,
}

/// One for all tests of this program: making keys takes time.
pub fn place() -> &'static Place {
    static PLACE: LazyLock<Place> = LazyLock::new(Place::make);
    &PLACE
}

/// Waits until what was sent stands in the feed: the server publishes five times a second, a busy machine less often.
pub fn published() {
    thread::sleep(std::time::Duration::from_millis(800));
}

pub fn today() -> Day {
    SystemClock.today()
}

pub fn run(folder: &Path, arguments: &[&str], input: &str) -> Said {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Who refuses early does not read it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let done = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: done.status.code().unwrap(), out: text(done.stdout), err: text(done.stderr) }
}

pub fn does(folder: &Path, line: &str) -> String {
    let said = run(folder, &line.split_whitespace().collect::<Vec<_>>(), "");
    assert_eq!(said.code, 0, "{line}: {}", said.err);
    said.out.trim().to_owned()
}

fn texts(text: &str) -> Value {
    json!({"es": text, "pt": text, "en": text})
}

/// What commands leave to be written by hand.
fn draft(folder: &Path) {
    does(folder, concat!("directory new --out draft.json --questionnaire ", env!("CARGO_MANIFEST_DIR"), "/config/questionnaire.json"));
    for office in OFFICES {
        let office = json!({"id": office, "kind": "prosecution", "names": texts(&office.to_uppercase()), "level": "network"});
        fs::write(folder.join("office.json"), office.to_string()).unwrap();
        does(folder, "directory add draft.json --office office.json");
    }
    for (id, office) in MEMBERS {
        does(folder, &format!("directory add draft.json --member {id}.json --of {office} --name {}", id.to_uppercase()));
    }
    let path = folder.join("draft.json");
    let mut draft: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let rule = |country: &str, offices: &[&str]| json!({"id": country.to_lowercase(), "countries": [country], "when": true, "offices": offices, "why": texts("x")});
    draft["names"] = texts("Propiedades");
    draft["conflict_fallback"] = json!([OFFICES[2]]);
    draft["rules"] = json!([rule(COUNTRIES[0], &OFFICES[..2]), rule(COUNTRIES[1], &OFFICES[2..])]);
    draft["helplines"] = json!([{"country": "GT", "names": texts("Línea"), "number": "1500-000", "hours": texts("x"), "languages": ["es"],
        "free": true, "on_bill": null, "police": false, "verified": today(), "example": true}]);
    fs::write(path, draft.to_string()).unwrap();
}

impl Place {
    fn make() -> Self {
        let folder = tempfile::tempdir().unwrap().keep();
        fs::write(folder.join("settings.json"), "{\"wait_seconds\":0,\"status_delay_days\":0}").unwrap();
        let shown = does(&folder, "authority new --key authority.key --passphrase-file authority.pass --out authority.json");
        let authority_seed = lighten(&folder.join("authority.key")).try_into().unwrap();
        let secrets = thread::scope(|scope| {
            let one = |(id, _): (&'static str, _)| {
                (
                    id,
                    scope.spawn({
                        let folder = &folder;
                        move || new_member(folder, id)
                    }),
                )
            };
            let all: Vec<_> = MEMBERS.into_iter().map(one).collect();
            all.into_iter().map(|(id, made)| (id.to_owned(), made.join().unwrap())).collect()
        });
        draft(&folder);
        let key = "--key authority.key --passphrase-file authority.pass --authority-file authority.json";
        does(&folder, &format!("directory sign draft.json {key} --out v1.json"));
        let deployment = amparo::directory::parse_fingerprint(&shown).unwrap();
        let mut place = Self { folder, deployment, secrets, authority_seed, shared: None };
        place.shared = Some(place.start("shared", 0, place.folder.to_str().unwrap()));
        place
    }

    fn start(&self, name: &str, batch_minutes: u32, goes: &str) -> Server {
        let server = Server::start(&self.folder, (name, "authority.json"), batch_minutes, goes);
        does(&self.folder, &format!("directory publish v1.json --server {}", server.url));
        server
    }

    /// A server of its own, with nothing in it but the directory; publishes at once.
    pub fn serve(&self, name: &str) -> Server {
        self.start(name, 0, "")
    }

    /// One that publishes nothing while a test runs.
    pub fn serve_quietly(&self, name: &str) -> Server {
        self.start(name, 15, "")
    }

    /// The server that tests share.
    pub fn shared(&self) -> &Server {
        self.shared.as_ref().unwrap()
    }

    pub fn at(&self, url: &str) -> Here<'_> {
        self.under(url, self.deployment)
    }

    /// The same people under another authority.
    pub fn under(&self, url: &str, deployment: Deployment) -> Here<'_> {
        Here { place: self, deployment, url: url.to_owned(), state: tempfile::tempdir().unwrap() }
    }

    pub fn keys(&self, member: &str) -> MemberKeys {
        let file = self.folder.join(format!("{member}.key"));
        let passphrase = Passphrase::new(fs::read_to_string(file.with_extension("pass")).unwrap());
        MemberKeys::open(&fs::read(file).unwrap(), &passphrase).unwrap()
    }

    pub fn boxes(&self, member: &str) -> Vec<BoxKey> {
        self.secrets[member].boxes.iter().map(|secret| BoxKey::from_secret(Secret::new(*secret))).collect()
    }

    pub fn reporter(&self) -> ReporterKeys {
        Receipt::generate(Language::Es).keys(&self.deployment).unwrap()
    }
}

/// A server's address, seen by people with the command line or the library.
pub struct Here<'a> {
    pub place: &'a Place,
    pub deployment: Deployment,
    pub url: String,
    pub state: tempfile::TempDir,
}

pub fn answers(country: &str, account: &str) -> Value {
    json!({"country": country, "what": ["m_c"], "institution": ["police"], "account": account})
}

impl Here<'_> {
    pub fn run(&self, verb: &[&str], more: &[&str], input: &str) -> Said {
        let authority = self.deployment.to_string();
        run(self.state.path(), &[verb, &["--server", &self.url, "--authority", &authority], more].concat(), input)
    }

    pub fn does(&self, verb: &[&str], more: &[&str], input: &str) -> String {
        let said = self.run(verb, more, input);
        assert_eq!(said.code, 0, "{verb:?} {more:?}: {}", said.err);
        said.out.trim().to_owned()
    }

    pub fn file(&self, text: &str) -> String {
        let path = self.state.path().join(encode::hex(&crypto::random::<8>()));
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Sends a report; gives the words.
    pub fn report(&self, answers: &Value) -> String {
        self.does(&["report"], &["--lang", "es", "--answers", &self.file(&answers.to_string())], "")
    }

    pub fn status(&self, words: &str) -> Value {
        serde_json::from_str(&self.does(&["status"], &["--json"], words)).unwrap()
    }

    pub fn follow_up(&self, words: &str, text: &str) {
        self.does(&["follow-up"], &["--text", &self.file(text)], words);
    }

    pub fn run_desk(&self, member: &str, more: &[&str]) -> Said {
        let file = |ending: &str| self.place.folder.join(format!("{member}.{ending}")).to_str().unwrap().to_owned();
        let own = ["--key", &file("key"), "--passphrase-file", &file("pass"), "--state", member, "--json"];
        self.run(&["desk"], &[&own, more].concat(), "")
    }

    pub fn desk(&self, member: &str, more: &[&str]) -> Value {
        let said = self.run_desk(member, more);
        assert_eq!(said.code, 0, "{member} {more:?}: {}", said.err);
        serde_json::from_str(&said.out).unwrap()
    }

    /// The desk within the test, where requests are watched.
    pub fn own_desk(&self, member: &str) -> Desk {
        let settings = DeskSettings { wait_seconds: 0, status_delay_days: 0 };
        let (pinned, keys) = (self.deployment, self.place.keys(member));
        let line = DeskLine { http: self.http(), pinned, keys, settings, clock: Arc::new(SystemClock) };
        Desk::open(line, &self.state.path().join(format!("own-{member}"))).unwrap()
    }

    pub fn http(&self) -> Http {
        Http::new(&self.url, None).unwrap()
    }

    pub fn trusted(&self) -> Trusted {
        fetch_directory(&self.http(), &self.deployment, today(), None).unwrap()
    }

    pub fn gate(&self, directory: &Directory) -> SignKey {
        let (member, boxes) = (MEMBERS[0].0, self.place.boxes(MEMBERS[0].0));
        directory.gate_key(&member.parse().unwrap(), &boxes.iter().collect::<Vec<_>>()).unwrap()
    }

    pub fn body(&self, answers: &Value) -> ReportBody {
        let form = embedded_questionnaire().unwrap();
        let answers = answers.as_object().unwrap();
        compose_report(&self.trusted().directory, &form, answers, (Language::Es, today(), &[])).unwrap().0
    }

    /// All that the feed shows of a case; waits until the last act was published.
    pub fn feed(&self, mailbox: &amparo::crypto::MailboxId) -> Vec<FeedItem> {
        published();
        let (directory, http) = (self.trusted().directory, self.http());
        let link = MemberLink::login(&http, &self.gate(&directory), &self.deployment).unwrap();
        link.feed(1).unwrap().batches.into_iter().flat_map(|b| b.items).filter(|item| item.mailbox_id == *mailbox).collect()
    }
}

/// A small message of the feed, whole.
pub fn whole(item: &FeedItem) -> Sealed {
    assert!(matches!(item.kind, ItemKind::Report | ItemKind::FollowUp));
    let (head, body) = item.bytes.split_at(amparo::envelope::HEAD_BYTES);
    Sealed::from_head(amparo::envelope::Head::parse(head).unwrap(), body.to_vec()).unwrap()
}
