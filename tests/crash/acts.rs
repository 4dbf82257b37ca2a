//! One act, its answer, the kill; then the same act is looked for, opened, and done again with the same bytes.

use crate::founding::{Founding, Reporter};
use crate::server::Server;
use amparo::base::Secret;
use amparo::caselog::{
    Entry, EntryContent, EntryKind, FeedItem, FeedMark, ItemKind, Place, Reply, ReplyContent, ReplyKeys, ReplyPlace, ReplyWhat, seal_entry,
    seal_reply,
};
use amparo::client::{CaseSigners, ClientError, Http, MemberLink, ReporterLink, SentAs, compose_follow_up};
use amparo::crypto::{Hash32, MailboxId, random_secret};
use amparo::envelope::{
    CaseKeys, FollowUpAddress, HEAD_BYTES, Head, Sealed, find_report_seed, open_follow_up, open_report, seal_follow_up,
};
use amparo::words::Language;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

const LONG_ROUNDS: usize = 200;
const SHORT_ROUNDS: usize = 10;
/// Bytes of text: one for each size of envelope.
const LENGTHS: [usize; 3] = [100, 30 << 10, 200 << 10];
const FEED_WAIT: Duration = Duration::from_secs(10);

pub fn is_long() -> bool {
    std::env::var("AMPARO_LONG").is_ok_and(|value| value == "1")
}

/// A case at work: its reporter, the report's keys, the first entry.
pub struct Case<'a> {
    pub founding: &'a Founding,
    pub reporter: Reporter,
    keys: CaseKeys,
    desk_key: Secret<32>,
    first: Entry,
}

fn link<'a>(http: &'a Http, founding: &'a Founding, reporter: &'a Reporter, pinned: &'a amparo::crypto::Deployment) -> ReporterLink<'a> {
    debug_assert_eq!(founding.deployment(), *pinned);
    ReporterLink { http, deployment: pinned, keys: &reporter.keys }
}

fn sent_as(founding: &Founding) -> SentAs {
    SentAs { directory_version: founding.directory.version(), danger: false }
}

fn login<'a>(http: &'a Http, founding: &Founding) -> MemberLink<'a> {
    MemberLink::login(http, &founding.gate(), &founding.deployment()).unwrap()
}

/// The whole feed, its chain checked from the first batch.
fn feed(http: &Http, founding: &Founding) -> Vec<FeedItem> {
    let member = login(http, founding);
    let (mut found, mut number, mut head) = (Vec::new(), 0, Hash32::ZERO);
    loop {
        let page = member.feed(number + 1).unwrap();
        for batch in page.batches {
            assert!(batch.follows(number, &head), "batch {} does not follow", batch.number);
            (number, head) = (batch.number, batch.head);
            found.extend(batch.items);
        }
        if number >= page.newest {
            return found;
        }
    }
}

/// The items, in the order asked for, once the server's next looks at its clock have published them all.
pub fn published(http: &Http, founding: &Founding, wanted: &[(MailboxId, ItemKind, u32)]) -> Vec<FeedItem> {
    let began = Instant::now();
    loop {
        let mut found = BTreeMap::new();
        for item in feed(http, founding) {
            let place = (item.mailbox_id, item.kind, item.number);
            assert!(found.insert(place, item).is_none(), "it is there twice: {place:?}");
        }
        match wanted.iter().map(|place| found.remove(place).ok_or(place)).collect() {
            Ok(items) => return items,
            Err(place) => assert!(began.elapsed() < FEED_WAIT, "lost: {place:?}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn one(http: &Http, case: &Case<'_>, kind: ItemKind, number: u32) -> FeedItem {
    published(http, case.founding, &[(case.reporter.keys.mailbox_id, kind, number)]).remove(0)
}

/// A message of the feed put together again: a large body is asked for by itself, with the case's own key.
fn whole(http: &Http, founding: &Founding, item: &FeedItem, case: &CaseKeys) -> Sealed {
    let (head, body) = item.bytes.split_at(HEAD_BYTES);
    let (gate, head) = (founding.gate(), Head::parse(head).unwrap());
    let signers = CaseSigners { gate: &gate, case_sign: &case.sign, epoch: 0 };
    let ask = || login(http, founding).body(item.mailbox_id, item.number, signers).unwrap();
    Sealed::from_head(head, if body.is_empty() { ask() } else { body.to_vec() }).unwrap()
}

/// A member finds the reports in the feed and opens them.
pub fn a_member_reads(http: &Http, founding: &Founding, reporters: &[&Reporter]) {
    let wanted: Vec<_> = reporters.iter().map(|r| (r.keys.mailbox_id, ItemKind::Report, 0)).collect();
    for (item, reporter) in published(http, founding, &wanted).iter().zip(reporters) {
        a_member_opens(http, founding, item, reporter);
    }
}

fn a_member_opens(http: &Http, founding: &Founding, item: &FeedItem, reporter: &Reporter) {
    let (own, pinned) = (&founding.members[0], founding.deployment());
    let head = Head::parse(&item.bytes[..HEAD_BYTES]).unwrap();
    let seed = find_report_seed(head.header(), &own.box_keys(), &pinned).expect("it does not open");
    let sealed = whole(http, founding, item, &CaseKeys::from_seed(&seed));
    assert!(sealed == reporter.sealed, "it is another");
    let opened = open_report(&sealed, &own.box_keys(), &pinned).unwrap();
    assert_eq!(opened.body.answers["account"], reporter.account);
}

fn report(server: &mut Server, length: usize) {
    let reporter = server.founding.reporter(length);
    let request = server.founding.request(&server.http, &reporter.sealed, false).unwrap();
    server.http.post("/api/v1/reports", &request).unwrap();
    server.kill();
    server.restart();
    let (http, founding, pinned) = (&server.http, &*server.founding, server.founding.deployment());
    let seen = link(http, founding, &reporter, &pinned).read(0).expect("an acknowledged report is lost");
    assert!(seen.report == reporter.sealed.head());
    http.post("/api/v1/reports", &request).expect("the same bytes are refused");
    a_member_reads(http, founding, &[&reporter]);
}

fn follow_up(server: &mut Server, case: &Case<'_>, length: usize) {
    let (founding, pinned) = (case.founding, case.founding.deployment());
    let text = "y".repeat(length);
    let body = compose_follow_up(&founding.directory, text.clone(), Language::Es, founding.today);
    let last = case.reporter.sealed.head();
    let to = FollowUpAddress { report: &last, last: &last, case_box_pk: last.header().case_box_pk };
    let sealed = seal_follow_up(&case.reporter.keys, &pinned, &to, &body).unwrap();
    let request = founding.request(&server.http, &sealed, false).unwrap();
    server.http.post("/api/v1/reports", &request).unwrap();
    server.kill();
    server.restart();
    let seen = link(&server.http, founding, &case.reporter, &pinned).read(0).unwrap();
    assert_eq!(seen.last_number, 1, "an acknowledged follow-up is lost");
    server.http.post("/api/v1/reports", &request).expect("the same bytes are refused");
    let item = one(&server.http, case, ItemKind::FollowUp, 1);
    let found = whole(&server.http, founding, &item, &case.keys);
    let opened = open_follow_up(&found, &[&case.keys], &pinned).unwrap();
    assert!(found == sealed && opened.body.text == text);
}

fn content(founding: &Founding, kind: EntryKind, previous: Hash32) -> EntryContent {
    let is_first = kind == EntryKind::First;
    let one = founding.directory.content().members.iter().find(|m| m.id == *founding.members[0].id()).unwrap();
    let recipient = founding.directory.recipient(one, founding.today).unwrap();
    EntryContent {
        kind,
        author: founding.members[0].id().clone(),
        day: founding.today,
        key_day: founding.today,
        directory: founding.directory.reference(),
        previous,
        feed: FeedMark { number: 0, head: Hash32::ZERO },
        recipients: if is_first { vec![recipient] } else { vec![] },
        desk_key: is_first.then(random_secret),
        former_desk_key: None,
        seed: None,
        vault: None,
        work: (!is_first).then(|| serde_json::json!({"type": "note", "text": "visto"})),
    }
}

impl<'a> Case<'a> {
    /// Sent and begun; neither is what the round is about.
    pub fn begin(http: &Http, founding: &'a Founding) -> Self {
        let (reporter, pinned) = (founding.reporter(LENGTHS[0]), founding.deployment());
        link(http, founding, &reporter, &pinned).send(&reporter.sealed, sent_as(founding)).unwrap();
        let keys = open_report(&reporter.sealed, &founding.members[0].box_keys(), &pinned).unwrap().case;
        let content = content(founding, EntryKind::First, Hash32::ZERO);
        let place = Place { mailbox_id: reporter.keys.mailbox_id, number: 0, epoch: 0 };
        let first = seal_entry(&content, place, None, &founding.members[0].sign_key(), &pinned).unwrap();
        let case = Self { founding, reporter, keys, desk_key: content.desk_key.unwrap(), first };
        case.append(http, &case.first).unwrap();
        case
    }

    fn append(&self, http: &Http, entry: &Entry) -> Result<(), ClientError> {
        let gate = self.founding.gate();
        login(http, self.founding).append_entry(entry, CaseSigners { gate: &gate, case_sign: &self.keys.sign, epoch: 0 })
    }

    fn answer(&self, http: &Http, reply: &Reply) -> Result<(), ClientError> {
        let gate = self.founding.gate();
        login(http, self.founding).append_reply(reply, CaseSigners { gate: &gate, case_sign: &self.keys.sign, epoch: 0 })
    }
}

fn entry(server: &mut Server, case: &Case<'_>) {
    let (founding, pinned) = (case.founding, case.founding.deployment());
    let note = content(founding, EntryKind::Work, case.first.hash());
    let place = Place { mailbox_id: case.reporter.keys.mailbox_id, number: 1, epoch: 0 };
    let entry = seal_entry(&note, place, Some(&case.desk_key), &founding.members[0].sign_key(), &pinned).unwrap();
    case.append(&server.http, &entry).unwrap();
    server.kill();
    server.restart();
    case.append(&server.http, &entry).expect("the same bytes are refused");
    let item = one(&server.http, case, ItemKind::Entry, 1);
    let opened = Entry::parse(&item.bytes).unwrap().open_with_desk_key(&case.desk_key, &pinned).unwrap();
    assert!(item.bytes == entry.to_bytes() && opened.content.work == note.work);
}

fn reply(server: &mut Server, case: &Case<'_>) {
    let (founding, pinned, id) = (case.founding, case.founding.deployment(), case.reporter.keys.mailbox_id);
    let place = ReplyPlace { what: ReplyWhat::Text, mailbox_id: id, number: 1, epoch: 0, release: None };
    let (gate, to) = (founding.gate(), case.reporter.sealed.header().reporter_box_pk);
    let keys = ReplyKeys { reporter_box_pk: &to, desk_key: &case.desk_key, gate: &gate, case_sign: &case.keys.sign };
    let seen = (0, founding.directory.version());
    let reply = seal_reply(place, &ReplyContent::Text("Gracias".into()), seen, &keys, &pinned).unwrap();
    case.answer(&server.http, &reply).unwrap();
    server.kill();
    server.restart();
    let status = link(&server.http, founding, &case.reporter, &pinned).status(|_| Some(gate.public())).unwrap();
    let texts: Vec<_> = status.replies.iter().filter_map(|shown| shown.text.as_deref()).collect();
    assert_eq!(texts, ["Gracias"], "an acknowledged reply is lost");
    case.answer(&server.http, &reply).expect("the same bytes are refused");
    let item = one(&server.http, case, ItemKind::Reply, 1);
    assert!(item.bytes == reply.to_bytes());
}

/// Destroyed stays destroyed for her; the offices keep what they had.
fn destroy(server: &mut Server, case: &Case<'_>) {
    let (founding, pinned) = (case.founding, case.founding.deployment());
    link(&server.http, founding, &case.reporter, &pinned).destroy().unwrap();
    server.kill();
    server.restart();
    let seen = link(&server.http, founding, &case.reporter, &pinned).read(0);
    assert!(matches!(seen, Err(ClientError::NoMailbox)), "a destroyed mailbox opens");
    one(&server.http, case, ItemKind::Destroyed, 0);
    a_member_reads(&server.http, founding, &[&case.reporter]);
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    let rounds = if is_long() { LONG_ROUNDS } else { SHORT_ROUNDS };
    let (mut server, began) = (Server::new(), Instant::now());
    let founding = Arc::clone(&server.founding);
    for round in 0..rounds {
        let length = LENGTHS[round / 5 % LENGTHS.len()];
        if round % 5 == 0 {
            report(&mut server, length);
            continue;
        }
        let case = Case::begin(&server.http, &founding);
        match round % 5 {
            1 => follow_up(&mut server, &case, length),
            2 => entry(&mut server, &case),
            3 => reply(&mut server, &case),
            _ => destroy(&mut server, &case),
        }
    }
    let slowest = server.slowest_start;
    println!("{rounds} kills after an answer, none lost, {:.1?}; slowest start {slowest:.0?}", began.elapsed());
}
