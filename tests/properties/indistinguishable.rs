//! Property 2: neither requests nor the store tell who can read, or whether an entry brings someone in. (Letters: one constant text, `src/notify/letter.rs`.)

use crate::place::{COUNTRIES, Here, MEMBERS, OFFICES, answers, place, published, today};
use crate::relay::{Exchange, Relay};
use crate::search::files;
use amparo::base::Secret;
use amparo::caselog::{EntryContent, EntryKind, FeedMark, Place as At, seal_entry};
use amparo::client::{CaseSigners, FollowUpPlan, MemberLink, ReporterLink, SentAs, compose_follow_up};
use amparo::crypto::{BoxKey, Hash32, MailboxId, SignKey, random_secret};
use amparo::directory::Recipient;
use amparo::envelope::{CaseKeys, ReportBody, Sealed, open_report, seal_report};
use amparo::words::Language;
use serde_json::json;
use std::fs;

/// Where a request to `/api/v1/reports` is random: nonce behind its day, solutions; of the envelope mailbox id, keys, slots, seal, body.
fn without_random(request: &[u8]) -> Vec<u8> {
    let mut bytes = request.to_vec();
    for random in [4..164, 173..205, 241..bytes.len()] {
        bytes[random].fill(0);
    }
    bytes
}

/// What an observer can hold against another run: all but random bytes.
fn differ(one: &[Exchange], other: &[Exchange]) -> Vec<String> {
    let (one, other) = (traits(one), traits(other));
    let pairs = one.iter().zip(&other).filter(|(a, b)| a != b).map(|(a, b)| format!("{} {} and {} {}", a.0, a.2, b.0, b.2));
    pairs.chain((one.len() != other.len()).then(|| format!("{} and {} requests", one.len(), other.len()))).collect()
}

fn traits(exchanges: &[Exchange]) -> Vec<(String, Vec<u8>, usize, String, usize)> {
    let one = |e: &Exchange| {
        let body = if e.is_send() { without_random(&e.body) } else { Vec::new() };
        let mut dateless: Vec<&str> = e.answer_head.lines().filter(|line| !line.starts_with("date:")).collect();
        // The server writes its headers in the order of a hash table.
        dateless.sort_unstable();
        (e.head.clone(), body, e.body.len(), dateless.join("\n"), e.answer.len())
    };
    exchanges.iter().map(one).collect()
}

/// `n` people whose keys nobody has.
fn people(n: usize) -> Vec<Recipient> {
    let one = |n| Recipient {
        member: format!("m-{n}").parse().unwrap(),
        office: "o".parse().unwrap(),
        pk: BoxKey::from_secret(random_secret()).public(),
    };
    (0..n).map(one).collect()
}

#[test]
fn reports_to_whomever_are_the_same_requests_but_for_random_bytes() {
    let relay = Relay::to(place().shared().port);
    let here = place().at(&relay.url);
    let [alfa, gama] = COUNTRIES.map(|country| {
        here.report(&answers(country, "x"));
        relay.take()
    });
    assert!(alfa.iter().any(Exchange::is_send) && alfa.len() == 3, "directory, challenge, report");
    assert_eq!(differ(&alfa, &gama), [] as [String; 0]);

    let [one, sixteen] = [1, 16].map(|n| {
        let body = ReportBody { recipients: people(n), ..here.body(&answers(COUNTRIES[0], "x")) };
        let keys = place().reporter();
        relay.take();
        let sealed = seal_report(&keys, &place().deployment, &body).unwrap();
        let link = ReporterLink { http: &here.http(), deployment: &place().deployment, keys: &keys };
        link.send(&sealed, SentAs { directory_version: 1, danger: false }).unwrap();
        relay.take()
    });
    assert_eq!(differ(&one, &sixteen), [] as [String; 0]);
}

#[test]
fn a_referral_is_the_same_requests_as_a_note() {
    let server = place().serve("referral");
    let relay = Relay::to(server.port);
    let here = place().at(&relay.url);
    here.report(&answers(COUNTRIES[0], "x"));
    published();
    let mut desk = here.own_desk(MEMBERS[0].0);
    desk.sync().unwrap();
    let id = desk.inbox()[0].id.to_string();
    desk.open_case(&id).unwrap();
    relay.take();
    desk.note(&id, "x").unwrap();
    let note = relay.take();
    desk.refer(&id, OFFICES[2], "a much longer text than that of the note").unwrap();
    let referral = relay.take();
    assert_eq!(differ(&note, &referral), [] as [String; 0]);
    // verb, zeros, mailbox, epoch; of the entry version, suite, kind, zero.
    let fixed = |all: &[Exchange]| all.last().map(|e| (e.body[..40].to_vec(), e.body[204..208].to_vec())).unwrap();
    assert_eq!(fixed(&note), fixed(&referral));
}

/// Appends the first entry and one more to a case whose seed is known, as a desk would.
fn append(here: &Here<'_>, case: (&MailboxId, &Secret<32>), people: &[Recipient], is_referral: bool) {
    let (directory, http, desk_key) = (here.trusted().directory, here.http(), random_secret());
    let gate = here.gate(&directory);
    let link = MemberLink::login(&http, &gate, &place().deployment).unwrap();
    let (epoch, keys) = (0, CaseKeys::from_seed(case.1));
    for number in 0..2 {
        let kind = match (number, is_referral) {
            (0, _) => EntryKind::First,
            (_, true) => EntryKind::Referral,
            _ => EntryKind::Work,
        };
        let content = EntryContent {
            kind,
            author: MEMBERS[0].0.parse().unwrap(),
            day: today(),
            key_day: today(),
            directory: directory.reference(),
            previous: Hash32::ZERO,
            feed: FeedMark { number: 0, head: Hash32::ZERO },
            recipients: if kind == EntryKind::Work { vec![] } else { people.to_vec() },
            desk_key: (kind != EntryKind::Work).then(|| desk_key.duplicate()),
            former_desk_key: None,
            seed: (kind == EntryKind::Referral).then(|| case.1.duplicate()),
            vault: None,
            work: (number > 0).then(|| json!({"type": "note", "text": "x"})),
        };
        let at = At { mailbox_id: *case.0, number, epoch };
        let author = SignKey::from_seed(&random_secret());
        let entry = seal_entry(&content, at, (number > 0).then_some(&desk_key), &author, &place().deployment).unwrap();
        link.append_entry(&entry, CaseSigners { gate: &gate, case_sign: &keys.sign, epoch }).unwrap();
    }
}

type Values = Vec<(Vec<u8>, usize)>;

/// A case for `n` people with a follow-up and two entries; then the names and sizes of the store's files, and of its values.
fn store_of(name: &str, n: usize, is_referral: bool) -> (Vec<(String, u64)>, Values) {
    let server = place().serve_quietly(name);
    let here = place().at(&server.url);
    let own = BoxKey::from_secret(random_secret());
    let mut recipients = people(n);
    recipients[0].pk = own.public();
    let body = ReportBody { recipients: recipients.clone(), ..here.body(&answers(COUNTRIES[0], "x")) };
    let keys = place().reporter();
    let sealed = seal_report(&keys, &place().deployment, &body).unwrap();
    let link = ReporterLink { http: &here.http(), deployment: &place().deployment, keys: &keys };
    let sent_as = SentAs { directory_version: 1, danger: false };
    link.send(&sealed, sent_as).unwrap();
    let body = compose_follow_up(&here.trusted().directory, "x".into(), Language::Es, today());
    link.follow_up(&FollowUpPlan { body, sent_as }).unwrap();
    let seed = open_report(&sealed, &[&own], &place().deployment).unwrap().seed;
    append(&here, (&keys.mailbox_id, &seed), &recipients, is_referral);
    let data = server.data.clone();
    drop(server);
    let name_of = |path: &std::path::PathBuf| path.strip_prefix(&data).unwrap().to_str().unwrap().to_owned();
    // The length of sled's log is another in each run: it hangs on where random keys fall and when pages were written.
    let sizes = files(&data)
        .iter()
        .filter(|path| !path.ends_with("sled/db"))
        .map(|path| (name_of(path), fs::metadata(path).unwrap().len()))
        .collect();
    let nameless = |key: &[u8]| match key.windows(32).position(|window| window == keys.mailbox_id.bytes()) {
        Some(at) => [&key[..at], b"id", &key[at + 32..]].concat(),
        None => key.to_vec(),
    };
    let values = sled::open(data.join("sled")).unwrap().iter().map(Result::unwrap);
    let mut values: Values = values.map(|(key, value)| (nameless(&key), value.len())).collect();
    values.sort();
    (sizes, values)
}

#[test]
fn the_store_holds_the_same_files_and_values_whoever_can_read() {
    let (one_files, one) = store_of("for-one", 1, false);
    let (many_files, many) = store_of("for-sixteen", 16, true);
    assert!(one.len() > 20 && one_files.len() >= 3, "{one:?} {one_files:?}");
    assert_eq!(one, many);
    assert_eq!(one_files, many_files);
}

/// Chi-square against an even spread.
fn uneven(counts: &[u32]) -> f64 {
    let mean = f64::from(counts.iter().sum::<u32>()) / f64::from(u32::try_from(counts.len()).unwrap());
    counts.iter().map(|n| (f64::from(*n) - mean).powi(2) / mean).sum()
}

const ROUNDS: u32 = 400;
/// Fifteen degrees of freedom pass this once in five million times, 255 of them pass the other no more often.
const UNEVEN_PLACES: f64 = 60.0;
const UNEVEN_BYTES: f64 = 400.0;

/// Positions of each key's slot, and the bytes of true and of filler slots.
struct Spread {
    places: Vec<[u32; 16]>,
    bytes: [[u32; 256]; 2],
}

impl Spread {
    fn of(people: usize) -> Self {
        Self { places: vec![[0; 16]; people], bytes: [[0; 256]; 2] }
    }

    fn add(&mut self, (own, usage): (&[BoxKey], &str), ephemeral: &amparo::crypto::BoxPublic, context: &Hash32, slots: &[u8]) {
        let mut is_true = [false; 16];
        for (key, places) in own.iter().zip(&mut self.places) {
            let shared = key.shared(ephemeral).unwrap();
            let key = amparo::crypto::derive(&shared, usage, &[context.bytes(), key.public().bytes()]);
            let at = slots.chunks(48).position(|slot| amparo::crypto::box0_open(&key, slot).is_some()).unwrap();
            places[at] += 1;
            is_true[at] = true;
        }
        for (slot, is_true) in slots.chunks(48).zip(is_true) {
            slot.iter().for_each(|byte| self.bytes[usize::from(is_true)][usize::from(*byte)] += 1);
        }
    }

    fn is_even(&self) {
        for places in &self.places {
            assert!(uneven(places) < UNEVEN_PLACES, "{places:?}");
        }
        assert!(self.bytes.iter().all(|bytes| uneven(bytes) < UNEVEN_BYTES), "{:?}", self.bytes.map(|bytes| uneven(&bytes)));
    }
}

#[test]
fn slots_of_people_are_spread_evenly_and_look_like_filler() {
    let here = place().at(&place().shared().url);
    let (own, keys, deployment) =
        (MEMBERS[..3].iter().map(|(m, _)| place().boxes(m).remove(0)).collect::<Vec<_>>(), place().reporter(), place().deployment);
    let mut body = here.body(&answers(COUNTRIES[0], "x"));
    body.recipients = people(own.len());
    body.recipients.iter_mut().zip(&own).for_each(|(recipient, key)| recipient.pk = key.public());
    let (mut spread, mut sealed_bytes) = (Spread::of(own.len()), [0; 256]);
    for _ in 0..ROUNDS {
        let sealed: Sealed = seal_report(&keys, &deployment, &body).unwrap();
        let (bytes, header) = (sealed.to_bytes(), sealed.header());
        let context = amparo::crypto::hash("slot context", &[deployment.bytes(), &bytes[..232], &bytes[1000..1024]]);
        spread.add((&own, "slot"), &header.ephemeral_pk, &context, &header.slots[..]);
        sealed.body()[..1000].iter().chain(&header.stream_header).for_each(|byte| sealed_bytes[usize::from(*byte)] += 1);
    }
    spread.is_even();
    assert!(uneven(&sealed_bytes) < UNEVEN_BYTES);
}
