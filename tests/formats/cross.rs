//! Each side opens what the other sealed: the page's modules run in node, with new keys, words and texts each time.

use super::envelopes::{follow_up_body, report_body};
use super::{forge, mailboxes, rounds};
use amparo::base::{Secret, encode};
use amparo::caselog::{EpochRecord, ReplyContent, ReplyKeys, ReplyPlace, StatusWord, seal_reply};
use amparo::crypto::{BoxKey, Deployment, NonceMarks, SignKey, random, random_secret, uniform};
use amparo::envelope::{CaseKeys, FollowUpBody, OpenedReport, ReportBody, Sealed, open_follow_up, open_report, seal_report};
use amparo::mailbox::Mailbox;
use amparo::receipt::{Receipt, ReporterKeys};
use amparo::store::{SledStore, Store};
use amparo::words::Language;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Bytes of text that lead to each class of size.
const LENGTHS: [u32; 3] = [3000, 30_000, 130_000];
const RECIPIENTS: [usize; 4] = [1, 2, 15, 16];

/// One case that both sides know, all of it new.
struct World {
    deployment: Deployment,
    receipt: Receipt,
    keys: ReporterKeys,
    members: Vec<BoxKey>,
    gate: SignKey,
    desk_key: Secret<32>,
    epochs: Vec<CaseKeys>,
    mailbox: Mailbox,
    /// Its folder goes when this does.
    _folder: tempfile::TempDir,
}

/// Any letters, from ASCII, accents and beyond the first plane.
fn text(about: u32) -> String {
    const LETTERS: [&str; 9] = ["a", "ñ", "é", " ", "\n", "\"", "\\", "\u{1f622}", "\u{7}"];
    let mut text = String::new();
    let length = usize::try_from(1 + uniform(about)).unwrap();
    while text.len() < length {
        text.push_str(LETTERS[usize::try_from(uniform(9)).unwrap()]);
    }
    text
}

impl World {
    fn new() -> Self {
        let deployment = Deployment(random());
        let receipt = Receipt::generate(Language::ALL[usize::try_from(uniform(3)).unwrap()]);
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(SledStore::open(folder.path()).unwrap());
        let nonces = Arc::new(NonceMarks::new(random_secret()));
        Self {
            deployment,
            keys: receipt.keys(&deployment).unwrap(),
            receipt,
            members: (0..16).map(|_| BoxKey::from_secret(random_secret())).collect(),
            gate: SignKey::from_seed(&random_secret()),
            desk_key: random_secret(),
            epochs: vec![],
            mailbox: Mailbox { store, deployment, nonces, clock: Arc::new(mailboxes::Noon) },
            _folder: folder,
        }
    }

    fn report(&self, text: &str, recipients: usize) -> ReportBody {
        let to: Vec<_> = self.members.iter().take(recipients).map(BoxKey::public).collect();
        serde_json::from_value(report_body(text, &to)).unwrap()
    }

    fn seal(&self, body: &ReportBody) -> Sealed {
        seal_report(&self.keys, &self.deployment, body).unwrap()
    }

    fn open(&self, bytes: &[u8], member: usize) -> OpenedReport {
        open_report(&Sealed::parse(bytes).unwrap(), &[&self.members[member]], &self.deployment).unwrap()
    }

    /// The server gets a report, two epochs, a text and a status; the numbers and words that stand in it.
    fn fill(&mut self) -> Vec<Value> {
        let (store, day) = (&self.mailbox.store, self.mailbox.clock.today());
        let report = self.seal(&self.report("x", 2));
        store.put_report(&report, day).unwrap();
        self.epochs = vec![self.open(&report.to_bytes(), 0).case];
        for epoch in 1..3 {
            let next = CaseKeys::from_seed(&random_secret());
            let (former, keys) = (&self.epochs[epoch - 1].sign, (next.sign.public(), next.reply_to.public()));
            let number = (u32::try_from(epoch).unwrap(), day);
            let record = EpochRecord::make(former, &self.deployment, &self.keys.mailbox_id, number, keys);
            store.put_epoch(&self.keys.mailbox_id, &record, day).unwrap();
            self.epochs.push(next);
        }
        let word = StatusWord::ALL[usize::try_from(uniform(7)).unwrap()];
        let contents = [ReplyContent::Text(text(2000)), ReplyContent::Status(word), ReplyContent::Text(text(20))];
        let mut shown = Vec::new();
        for (content, number) in contents.into_iter().zip([1, 1, 2]) {
            let place = ReplyPlace { what: content.what(), mailbox_id: self.keys.mailbox_id, number, epoch: 2, release: None };
            let to = self.keys.reply_box.public();
            let keys = ReplyKeys { reporter_box_pk: &to, desk_key: &self.desk_key, gate: &self.gate, case_sign: &self.epochs[2].sign };
            store.put_reply(&seal_reply(place, &content, (0, 1), &keys, &self.deployment).unwrap(), day).unwrap();
            let says = match content {
                ReplyContent::Text(text) => text,
                ReplyContent::Status(word) => word.to_string(),
            };
            shown.insert(0, json!({"number": number, "says": says, "stands": true}));
        }
        shown
    }

    fn nonce(&self) -> [u8; 36] {
        self.mailbox.nonces.issue(self.mailbox.clock.today())
    }
}

/// What node makes of a job; `None` where there is no node and none is demanded.
fn node(job: &Value) -> Option<Value> {
    let root = env!("CARGO_MANIFEST_DIR");
    let missing = |what: &str| {
        assert!(std::env::var("AMPARO_REQUIRE_ALL").as_deref() != Ok("1"), "{what}");
        eprintln!("skipped: {what}");
    };
    if !std::path::Path::new(&format!("{root}/web/node_modules/esbuild")).exists() {
        missing("web/node_modules is not installed");
        return None;
    }
    let spawned = Command::new("node").arg(format!("{root}/tests/formats/cross.mjs")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = spawned else {
        missing("node is not installed");
        return None;
    };
    child.stdin.take().unwrap().write_all(job.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the page's modules failed");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn base64s(values: &Value) -> Vec<Vec<u8>> {
    values.as_array().unwrap().iter().map(|one| encode::from_base64(one.as_str().unwrap()).unwrap()).collect()
}

#[test]
fn each_side_opens_what_the_other_sealed() {
    for _ in 0..rounds(1) {
        round();
    }
}

fn round() {
    let mut world = World::new();
    let shown = world.fill();
    let sizes = LENGTHS.iter().flat_map(|length| RECIPIENTS.map(|n| (*length, n)));
    let bodies: Vec<ReportBody> =
        sizes.map(|(length, n)| world.report(&(text(1000) + &"z".repeat(usize::try_from(length).unwrap())), n)).collect();
    let follow_ups: Vec<FollowUpBody> = LENGTHS.iter().map(|n| serde_json::from_value(follow_up_body(&text(*n))).unwrap()).collect();
    let request = mailboxes::request(1, 0, &world.keys.sign, &world.nonce(), ("mailbox request", &world.deployment));
    let answer = world.mailbox.answer(&request).unwrap();
    let open: Vec<Value> = bodies
        .iter()
        .map(|body| {
            let own = &world.members[usize::try_from(uniform(u32::try_from(body.recipients.len()).unwrap())).unwrap()];
            json!({"own": encode::hex(own.secret().expose()), "sealed": encode::base64(&world.seal(body).to_bytes())})
        })
        .collect();
    let job = json!({
        "deployment": world.deployment, "phrase": *world.receipt.phrase(), "reports": bodies, "follow_ups": follow_ups, "open": open,
        "answer": encode::base64(&answer), "gate_pk": world.gate.public(), "nonce": encode::hex(&world.nonce()),
    });
    let Some(made) = node(&job) else { return };
    assert_eq!(made["mailbox_id"], json!(world.keys.mailbox_id));
    assert_eq!((&made["epochs"], &made["replies"]), (&json!(3), &json!(shown)));
    for (opened, body) in made["opened"].as_array().unwrap().iter().zip(&bodies) {
        assert!(*opened == json!({"body": body, "slots_differ": false}));
    }
    check_reports(&world, &made, &bodies, &follow_ups);
    let asked = world.mailbox.answer(&encode::from_hex(made["request"].as_str().unwrap()).unwrap()).unwrap();
    assert!(asked == answer, "the page's request is answered as the other was");
    check_follow_ups(&world, &base64s(&made["follow_ups"]), &follow_ups);
    for drawn in made["drawn"].as_array().unwrap() {
        let receipt = Receipt::parse(drawn["phrase"].as_str().unwrap(), None).unwrap();
        assert_eq!(drawn["mailbox_id"], json!(receipt.keys(&world.deployment).unwrap().mailbox_id));
    }
}

/// Every recipient opens; nobody else; each class of size was there.
fn check_reports(world: &World, made: &Value, bodies: &[ReportBody], follow_ups: &[FollowUpBody]) {
    let (reports, chained) = (base64s(&made["reports"]), base64s(&made["chained"]));
    assert_eq!((reports.len(), chained.len()), (bodies.len(), bodies.len()));
    let mut lengths: Vec<usize> = reports.iter().map(Vec::len).collect();
    lengths.dedup();
    assert_eq!(lengths, [17_472, 66_624, 263_232]);
    for (n, (bytes, body)) in reports.iter().zip(bodies).enumerate() {
        let sealed = Sealed::parse(bytes).unwrap();
        for member in 0..16 {
            let named = member < body.recipients.len();
            let opened = open_report(&sealed, &[&world.members[member]], &world.deployment);
            assert_eq!(opened.is_ok(), named);
            if let Ok(opened) = opened {
                assert!(opened.body == *body && !opened.slots_differ);
            }
        }
        let case = world.open(bytes, 0).case;
        let follow_up = Sealed::parse(&chained[n]).unwrap();
        let header = follow_up.header();
        assert_eq!((header.number, header.previous, header.case_sign_pk), (1, forge::link(bytes), sealed.header().case_sign_pk));
        let opened = open_follow_up(&follow_up, &[&case], &world.deployment).unwrap();
        assert!(opened.body == follow_ups[n % follow_ups.len()] && !opened.slots_differ);
    }
}

/// Sealed to the newest epoch, and taken by the store as the next message.
fn check_follow_ups(world: &World, sealed: &[Vec<u8>], bodies: &[FollowUpBody]) {
    let newest = world.epochs.last().unwrap();
    for (bytes, body) in sealed.iter().zip(bodies) {
        let sealed = Sealed::parse(bytes).unwrap();
        let opened = open_follow_up(&sealed, &[newest], &world.deployment).unwrap();
        assert!(opened.body == *body && !opened.slots_differ);
        assert!(open_follow_up(&sealed, &[&world.epochs[1]], &world.deployment).is_err());
    }
    assert_eq!(sealed.len(), bodies.len());
    let first = Sealed::parse(&sealed[0]).unwrap();
    world.mailbox.store.put_follow_up(&first, world.mailbox.clock.today()).unwrap();
}
