//! POST /api/v1/mailbox: the holder of the words, another reporter, anybody.

use crate::made::{self, Case, SMALL, day, follow_up, mailbox_request};
use crate::wire::Answer;
use crate::world::World;
use amparo::client::MailboxAnswer;

const PATH: &str = "/api/v1/mailbox";
const READ: (u8, u16) = (1, 0);
const DESTROY: (u8, u16) = (2, 0);

fn read(answer: &Answer) -> Option<MailboxAnswer> {
    assert_eq!((answer.status, answer.body.len()), (200, 40_960));
    MailboxAnswer::parse(&answer.body).unwrap()
}

#[test]
fn the_holder_of_the_words_reads_what_was_sent_and_answered() {
    let world = World::new();
    let case = world.reported(SMALL);
    let first = read(&world.mailbox(&case.reporter, 1)).unwrap();
    assert_eq!((first.last_number, first.total), (0, 0));
    assert!(first.report == case.report.head() && first.last.is_none());
    let further = follow_up(&case, &case.report, "x", &world.deployment());
    assert_eq!((world.send(&further).status, world.reply(&case, 1).status), (204, 204));
    let second = read(&world.mailbox(&case.reporter, 1)).unwrap();
    assert_eq!((second.last_number, second.total), (1, 1));
    assert!(second.newest() == &further.head());
    let opened = second.replies[0].open_as_reporter(&case.reporter.reply_box, &world.deployment()).unwrap();
    assert!(opened.verify(&world.gate().public(), &case.keys.sign.public(), &world.deployment()).is_ok());
}

#[test]
fn replies_come_in_pages_and_a_status_waits_for_its_day() {
    let world = World::new();
    let case = world.reported(SMALL);
    for number in 1..=9 {
        assert_eq!(world.reply(&case, number).status, 204);
    }
    assert_eq!(world.reply_bytes(&case, made::reply(&case, 1, Some(day(1)), &world).to_bytes()).status, 204);
    let here = world.deployment();
    let page = |page: u16| read(&world.post(PATH, &mailbox_request((1, page), &case.reporter, world.nonce(), &here))).unwrap();
    let texts = |answer: &MailboxAnswer| answer.replies.iter().map(|r| r.place().number).collect::<Vec<_>>();
    assert_eq!((texts(&page(0)), texts(&page(1)), texts(&page(2))), (vec![9, 8, 7, 6, 5, 4, 3, 2], vec![1], vec![]));
    assert_eq!(page(0).total, 9);
    world.set_day(1);
    assert_eq!((page(0).total, page(u16::MAX).replies.len()), (10, 0));
}

/// What must not be told apart: no such mailbox, a destroyed one, one whose asker cannot sign or has a stale nonce, and requests to destroy such.
#[test]
fn unknown_destroyed_and_not_hers_are_one_answer() {
    let world = World::new();
    let here = world.deployment();
    let (case, unsent, destroyed, shredded) = (world.reported(SMALL), world.report(SMALL), world.reported(SMALL), world.reported(SMALL));
    assert_eq!(read(&world.mailbox(&destroyed.reporter, 2)).map(|_| ()), None);
    world.store.shred_case(&shredded.id()).unwrap();
    let fresh = |keys: &Case, what| mailbox_request(what, &keys.reporter, world.nonce(), &here);
    let by_another = |what: (u8, u16)| {
        let good = fresh(&case, what);
        let signature = made::stranger().sign("mailbox request", &here, &[&good[..72]]);
        [&good[..72], signature.as_ref()].concat()
    };
    let stale = |what| mailbox_request(what, &case.reporter, [7; 36], &here);
    let elsewhere = |what| mailbox_request(what, &case.reporter, world.nonce(), &World::empty().deployment());
    let other_use = |verb: u8| {
        let good = fresh(&case, (verb, 0));
        [&good[..72], case.reporter.sign.sign("seal", &here, &[&good[..72]]).as_ref()].concat()
    };
    let bent = |at: usize| {
        let mut bent = fresh(&case, READ);
        bent[at] ^= 1;
        bent
    };
    let mut requests: Vec<Vec<u8>> = vec![fresh(&unsent, READ), fresh(&destroyed, READ), fresh(&shredded, READ)];
    requests.extend([fresh(&unsent, DESTROY), fresh(&destroyed, DESTROY), fresh(&shredded, DESTROY)]);
    requests.extend([READ, DESTROY].into_iter().flat_map(|what| [by_another(what), stale(what), elsewhere(what), other_use(what.0)]));
    // Page, signer, nonce, signature.
    requests.extend([2, 3, 4, 35, 36, 55, 71, 72, 135].map(bent));
    // Made to read, sent to destroy.
    let mut turned = fresh(&case, READ);
    turned[1] = 2;
    requests.push(turned);
    let wanted = world.post(PATH, &requests[0]).undated();
    assert!(wanted.0 == 200 && wanted.2 == vec![0; 40_960]);
    for (at, request) in requests.iter().enumerate() {
        assert!(world.post(PATH, request).undated() == wanted, "request {at}");
    }
    let known = world.post(PATH, &fresh(&case, READ)).undated();
    assert!((known.0, known.1, known.2.len()) == (wanted.0, wanted.1, wanted.2.len()), "a full answer looks the same from outside");
    assert!(known.2[0] == 1, "none of them destroyed it");
}

#[test]
fn a_nonce_of_yesterday_reads_and_one_of_the_day_before_does_not() {
    let world = World::new();
    let case = world.reported(SMALL);
    let request = mailbox_request(READ, &case.reporter, world.nonce(), &world.deployment());
    world.set_day(1);
    assert!(read(&world.post(PATH, &request)).is_some());
    world.set_day(2);
    assert!(read(&world.post(PATH, &request)).is_none());
}

#[test]
fn after_destruction_the_words_open_nothing_and_the_case_stays_the_desks() {
    let world = World::new();
    let (case, other) = (world.reported(SMALL), world.reported(SMALL));
    assert!(read(&world.mailbox(&case.reporter, 2)).is_none());
    assert!(world.is_unknown(&case.reporter) && !world.is_unknown(&other.reporter));
    assert_eq!(world.body(&case, 0).body, case.report.body());
    assert_eq!(world.append(&case, 0).status, 204);
    assert_eq!(world.reply(&case, 1).told(), (403, "case_refused".into()));
}

#[test]
fn what_is_no_request_is_malformed() {
    let world = World::new();
    let case = world.reported(SMALL);
    let good = mailbox_request(READ, &case.reporter, world.nonce(), &world.deployment());
    let malformed = (400, "malformed".to_owned());
    for wrong in [&good[..135], &[], &[1]] {
        assert_eq!(world.post(PATH, wrong).told(), malformed);
    }
    for (version, verb) in [(0, 1), (2, 1), (1, 0), (1, 3), (1, 255)] {
        let mut signed = good[..72].to_vec();
        (signed[0], signed[1]) = (version, verb);
        let signature = case.reporter.sign.sign("mailbox request", &world.deployment(), &[&signed]);
        assert_eq!(world.post(PATH, &[&signed[..], signature.as_ref()].concat()).told(), malformed, "{version} {verb}");
    }
    assert_eq!(world.post(PATH, &[&good[..], &[0]].concat()).told(), (413, "too_large".into()));
    assert_eq!(world.post_as(PATH, "application/json", &good).told(), (415, "wrong_type".into()));
    assert!(read(&world.post(PATH, &good)).is_some());
}

#[test]
fn weak_signers_are_nobody() {
    let world = World::new();
    let mut request = mailbox_request(READ, &world.report(SMALL).reporter, world.nonce(), &world.deployment());
    // The neutral element signs anything for a verifier that does not look.
    request[4..36].fill(0);
    request[4] = 1;
    request[72..].fill(0);
    request[72] = 1;
    assert!(read(&world.post(PATH, &request)).is_none());
}
