//! Valid inputs, made anew: mutations begin here.

use super::world::{WORLD, clock, nonces, small};
use amparo::base::{Clock, Writer};
use amparo::caselog::{Batch, CaseRequest, Entry, FeedItem, ItemKind, Reply, Verb};
use amparo::crypto::Hash32;
use amparo::directory::{Bundle, FreshnessNote};
use amparo::mailbox::Mailbox;
use serde_json::json;
use std::sync::Arc;

fn nonce() -> [u8; 36] {
    nonces().issue(clock().today())
}

pub fn intake_request() -> Vec<Vec<u8>> {
    let request = |envelope: Vec<u8>, flags: u8| {
        let mut w = Writer::default();
        w.put(&nonce()).put(&[0; 128]).u32(1).u8(flags).put(&envelope);
        w.finish()
    };
    vec![request(WORLD.report.to_bytes(), 1), request(WORLD.follow_up().to_bytes(), 0)]
}

pub fn mailbox_request_of(front: [u8; 4]) -> Vec<u8> {
    let signed = [&front[..], WORLD.reporter.sign.public().bytes(), &nonce()].concat();
    let signature = WORLD.reporter.sign.sign("mailbox request", &WORLD.deployment(), &[&signed]);
    [&signed, signature.as_ref()].concat()
}

pub fn mailbox_request() -> Vec<Vec<u8>> {
    vec![mailbox_request_of([1, 1, 0, 0]), mailbox_request_of([1, 2, 255, 255])]
}

pub fn case_request() -> Vec<Vec<u8>> {
    let request = |verb, payload| {
        let keys = (&WORLD.gate, &WORLD.case.sign);
        CaseRequest::make((verb, WORLD.id(), 0), nonce(), payload, keys, &WORLD.deployment()).to_bytes()
    };
    let (entry, reply) = (WORLD.entries[2].to_bytes(), WORLD.replies[0].to_bytes());
    vec![request(Verb::Entry, entry), request(Verb::Reply, reply), request(Verb::Body, vec![0; 4])]
}

pub fn gate_login() -> Vec<Vec<u8>> {
    let nonce = nonce();
    vec![[&nonce[..], WORLD.gate.sign("gate login", &WORLD.deployment(), &[&nonce]).as_ref()].concat()]
}

pub fn envelope() -> Vec<Vec<u8>> {
    vec![WORLD.report.to_bytes(), WORLD.follow_up().to_bytes(), WORLD.report.header().to_bytes()]
}

pub fn head() -> Vec<Vec<u8>> {
    vec![WORLD.report.head().to_bytes(), WORLD.follow_up().head().to_bytes()]
}

pub fn entry() -> Vec<Vec<u8>> {
    WORLD.entries.iter().map(Entry::to_bytes).collect()
}

pub fn entry_content() -> Vec<Vec<u8>> {
    let base = json!({"format": "amparo-entry-1", "must_understand": ["kind"], "kind": "work", "author": "m-0", "day": small::day(1),
        "key_day": small::day(1), "directory": {"version": 1, "hash": Hash32::ZERO}, "previous": Hash32::ZERO,
        "feed": {"number": 0, "head": Hash32::ZERO}, "recipients": [], "work": {"type": "note", "text": "x"}});
    let mut first = base.clone();
    (first["kind"], first["desk_key"]) = (json!("first"), json!(Hash32([4; 32])));
    first["recipients"] = json!([{"member": "m-0", "office": "a", "pk": small::box_key(100).public()}]);
    first.as_object_mut().unwrap().remove("work");
    vec![base.to_string().into_bytes(), first.to_string().into_bytes()]
}

pub fn reply() -> Vec<Vec<u8>> {
    WORLD.replies.iter().map(Reply::to_bytes).collect()
}

pub fn reply_content() -> Vec<Vec<u8>> {
    let text = json!({"format": "amparo-reply-1", "must_understand": [], "directory": 1, "seen": 0, "text": "x"});
    let status = json!({"format": "amparo-reply-1", "directory": 1, "seen": 0, "status": "team"});
    vec![text.to_string().into_bytes(), status.to_string().into_bytes()]
}

pub fn feed_page() -> Vec<Vec<u8>> {
    let item = |kind, number, bytes| FeedItem::new(kind, WORLD.id(), number, bytes);
    let mut items = vec![item(ItemKind::Report, 0, WORLD.report.head().to_bytes()), item(ItemKind::Entry, 0, WORLD.entries[0].to_bytes())];
    items.push(item(ItemKind::Destroyed, 0, vec![1]));
    let one = Batch::make(&Hash32::ZERO, 1, small::day(0), items);
    let mut shredded = item(ItemKind::Reply, 1, vec![1; 40]);
    shredded.bytes.clear();
    let two = Batch::make(&one.head, 2, small::day(1), vec![shredded]);
    vec![Batch::write_page(2, &[one, two]), Batch::write_page(0, &[])]
}

pub fn epoch() -> Vec<Vec<u8>> {
    vec![WORLD.epochs().iter().flat_map(amparo::caselog::EpochRecord::to_bytes).collect()]
}

fn note() -> Vec<u8> {
    FreshnessNote::make(&WORLD.directory, small::day(1), &WORLD.gate, &WORLD.deployment()).to_bytes()
}

pub fn freshness() -> Vec<Vec<u8>> {
    vec![note()]
}

pub fn mailbox_answer() -> Vec<Vec<u8>> {
    let store = Arc::new(super::hollow::Hollow);
    let mailbox = Mailbox { store, deployment: WORLD.deployment(), nonces: Arc::new(nonces()), clock: Arc::new(clock()) };
    vec![mailbox.answer(&mailbox_request_of([1, 1, 0, 0])).unwrap()]
}

pub fn dsse() -> Vec<Vec<u8>> {
    vec![serde_json::to_vec(&WORLD.dsse).unwrap()]
}

pub fn directory_payload() -> Vec<Vec<u8>> {
    vec![WORLD.dsse.payload().to_vec()]
}

pub fn bundle() -> Vec<Vec<u8>> {
    let bundle = Bundle::new(WORLD.authority.clone(), vec![], WORLD.dsse.clone(), Some(&note()), small::day(1));
    vec![serde_json::to_vec(&bundle).unwrap()]
}

pub fn questionnaire() -> Vec<Vec<u8>> {
    vec![include_bytes!("../../../config/questionnaire.json").to_vec()]
}

pub fn answers() -> Vec<Vec<u8>> {
    vec![serde_json::to_vec(&super::world::answers()).unwrap()]
}

pub fn key_file() -> Vec<Vec<u8>> {
    let kdf = json!({"name": "argon2id13", "passes": 1, "memory_bytes": 64 << 20, "salt": "00".repeat(16)});
    let file = |format: &str| json!({"format": format, "kdf": kdf, "nonce": "00".repeat(24), "sealed": "AAAA"}).to_string().into_bytes();
    vec![file("amparo-key-1"), file("amparo-authority-key-1"), file("amparo-key-2")]
}

pub fn config() -> Vec<Vec<u8>> {
    vec![
        include_bytes!("../../../config/amparo.toml").to_vec(),
        b"data = \"x\"\nauthority = \"a\"\n[listen]\ntcp = \"127.0.0.1:1\"\n".to_vec(),
    ]
}

pub fn receipt_phrase() -> Vec<Vec<u8>> {
    use amparo::receipt::Receipt;
    use amparo::words::Language::{En, Es, Pt};
    [Es, Pt, En].map(|language| Receipt::generate(language).phrase().as_bytes().to_vec()).to_vec()
}
