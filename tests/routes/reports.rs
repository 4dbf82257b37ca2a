//! POST /api/v1/reports: the reporter, another reporter, anybody.

use crate::made::{self, Case, FRONT, LARGE, MEDIUM, SMALL, follow_up, request, worked};
use crate::wire::{Answer, Question};
use crate::world::World;
use amparo::crypto::work;
use amparo::envelope::{HEADER_BYTES, SEAL_BYTES};

const PATH: &str = "/api/v1/reports";

/// The request is refused, nothing is kept of it, and the right one is taken afterwards.
fn refused(world: &World, case: &Case, answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.told(), (status, code.to_owned()));
    assert!(world.store.case(&case.id()).unwrap().is_none() && world.is_unknown(&case.reporter), "{code}: something was kept");
}

pub fn then_taken(world: &World, case: &Case) {
    assert_eq!(world.send(&case.report).status, 204);
    assert!(!world.is_unknown(&case.reporter));
    let body = world.store.body(&case.id(), 0).unwrap().unwrap();
    assert_eq!(body, case.report.body());
}

#[test]
fn reports_of_every_size_are_taken_and_the_same_again_is_harmless() {
    let world = World::new();
    for (length, whole) in [(SMALL, 17_641), (MEDIUM, 66_793), (LARGE, 263_401)] {
        let case = world.report(length);
        assert_eq!(request(world.nonce(), (1, 0), &case.report.to_bytes()).len(), whole);
        assert_eq!((world.send(&case.report).status, world.send(&case.report).status), (204, 204));
        then_taken(&world, &case);
    }
    assert!(!world.danger.take());
    world.store.publish(world.today()).unwrap();
    assert_eq!(world.store.feed(1, 9 << 20).unwrap().1[0].items.len(), 3);
}

#[test]
fn a_wrong_length_is_refused() {
    let world = World::new();
    let case = world.report(SMALL);
    let good = request(world.nonce(), (1, 0), &case.report.to_bytes());
    let longer = [&good[..], &[0]].concat();
    for wrong in [&good[..good.len() - 1], &good[..FRONT], &[], &longer] {
        refused(&world, &case, &world.post(PATH, wrong), 400, "wrong_length");
    }
    // A length of another class than the header says.
    let medium = [&case.report.to_bytes()[..], &[0; 48 << 10]].concat();
    refused(&world, &case, &world.post(PATH, &request(world.nonce(), (1, 0), &medium)), 400, "wrong_length");
    then_taken(&world, &case);
}

#[test]
fn bodies_too_long_of_no_length_or_of_another_type_are_refused_before_they_are_read() {
    let world = World::new();
    let case = world.report(SMALL);
    let good = request(world.nonce(), (1, 0), &case.report.to_bytes());
    let ask = |headers: &[(&'static str, &str)], body: &[u8], length| {
        let headers = headers.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
        world.ask(&Question { method: "POST", path: PATH, headers, body, length })
    };
    let binary = ("content-type", "application/octet-stream");
    refused(&world, &case, &ask(&[binary], &[], Some(263_402)), 413, "too_large");
    refused(&world, &case, &ask(&[binary], &[], Some(usize::MAX >> 1)), 413, "too_large");
    refused(&world, &case, &ask(&[binary], &[], None), 411, "length_required");
    let chunked = ("transfer-encoding", "chunked");
    refused(&world, &case, &ask(&[binary, chunked], &[b"44e9\r\n", &good[..], b"\r\n0\r\n\r\n"].concat(), None), 411, "length_required");
    for other in ["application/json", "text/plain", "application/octet-stream; charset=utf-8", "multipart/form-data", ""] {
        refused(&world, &case, &ask(&[("content-type", other)], &[], Some(17_641)), 415, "wrong_type");
    }
    refused(&world, &case, &ask(&[], &[], Some(17_641)), 415, "wrong_type");
    then_taken(&world, &case);
}

#[test]
fn stale_and_foreign_nonces_are_refused() {
    let world = World::new();
    let case = world.report(SMALL);
    let nonce = world.nonce();
    let sent = request(nonce, (1, 0), &case.report.to_bytes());
    world.set_day(2);
    refused(&world, &case, &world.post(PATH, &sent), 422, "nonce_stale");
    world.set_day(0);
    for at in [0, 3, 4, 19, 20, 35] {
        let mut bent = nonce;
        bent[at] ^= 1;
        refused(&world, &case, &world.post(PATH, &request(bent, (1, 0), &case.report.to_bytes())), 422, "nonce_stale");
    }
    // The day after it still holds.
    world.set_day(1);
    assert_eq!(world.post(PATH, &sent).status, 204);
}

#[test]
fn too_little_work_is_refused_and_so_is_work_for_other_bytes() {
    let world = World::new();
    let case = world.report(SMALL);
    let nonce = world.nonce();
    let good = request(nonce, (1, 0), &case.report.to_bytes());
    let mut idle = good.clone();
    idle[36..164].fill(0);
    refused(&world, &case, &world.post(PATH, &idle), 403, "work_insufficient");
    // One unsolved puzzle of sixteen is enough.
    let subject = work::subject(&good[164..]);
    for index in [0, 15] {
        let mut lazy = good.clone();
        let at = 36 + 8 * index;
        let all =
            |bytes: &[u8]| -> [u64; 16] { std::array::from_fn(|i| u64::from_be_bytes(bytes[36 + 8 * i..44 + 8 * i].try_into().unwrap())) };
        while work::check(&nonce, &subject, made::WORK_BITS, &all(&lazy)) {
            lazy[at] = lazy[at].wrapping_add(1);
        }
        refused(&world, &case, &world.post(PATH, &lazy), 403, "work_insufficient");
    }
    let other = world.report(SMALL);
    let theirs = request(nonce, (1, 0), &other.report.to_bytes());
    refused(&world, &case, &world.post(PATH, &[&theirs[..164], &good[164..]].concat()), 403, "work_insufficient");
    let fresh = world.nonce();
    refused(&world, &case, &world.post(PATH, &[&fresh[..], &good[36..]].concat()), 403, "work_insufficient");
    let mut dangerous = good.clone();
    dangerous[168] = 1;
    refused(&world, &case, &world.post(PATH, &dangerous), 403, "work_insufficient");
    then_taken(&world, &case);
}

#[test]
fn a_bent_envelope_is_refused_whatever_the_work() {
    let world = World::new();
    let case = world.report(SMALL);
    let good = case.report.to_bytes();
    let bent = |at: usize, byte: u8| {
        let mut bent = good.clone();
        bent[at] = byte;
        world.post(PATH, &request(world.nonce(), (1, 0), &bent))
    };
    let (seal, body) = (HEADER_BYTES, HEADER_BYTES + SEAL_BYTES);
    let forms =
        [(0, 2, "unknown_version"), (1, 2, "unknown_suite"), (2, 3, "unknown_kind"), (2, 0, "unknown_kind"), (3, 9, "not_canonical")];
    for (at, byte, code) in forms {
        refused(&world, &case, &bent(at, byte), 400, code);
    }
    // A follow-up's kind with number 0, a report with a number or a former.
    for (at, byte) in [(2, 2), (39, 1), (40, 1)] {
        refused(&world, &case, &bent(at, byte), 400, "not_canonical");
    }
    let ends = [4, 35, 72, 103, 104, 136, 168, 200, 231, 232, 999, 1000, seal - 1, seal, body - 1, body, good.len() - 1];
    for at in ends {
        refused(&world, &case, &bent(at, good[at] ^ 1), 403, "bad_seal");
    }
    then_taken(&world, &case);
}

#[test]
fn flags_that_are_not_known_are_refused_and_danger_is_raised_when_it_is_stored() {
    let world = World::new();
    let case = world.report(SMALL);
    for flags in [2, 3, 0x80] {
        refused(&world, &case, &world.post(PATH, &request(world.nonce(), (1, flags), &case.report.to_bytes())), 400, "malformed");
    }
    refused(&world, &case, &world.post(PATH, &request(world.nonce(), (9, 1), &case.report.to_bytes())), 422, "directory_unknown");
    assert!(!world.danger.take(), "a refused report rings no bell");
    let dangerous = request(world.nonce(), (1, 1), &case.report.to_bytes());
    assert_eq!(world.post(PATH, &dangerous).status, 204);
    assert!(world.danger.take());
    assert_eq!(world.post(PATH, &dangerous).status, 204);
    assert!(world.danger.take(), "the answer to the first time may have been lost, and the bit with it");
}

#[test]
fn a_report_for_another_deployment_is_refused() {
    let (world, elsewhere) = (World::new(), World::new());
    let case = elsewhere.report(SMALL);
    refused(&world, &case, &world.send(&case.report), 403, "bad_seal");
    then_taken(&elsewhere, &case);
}

#[test]
fn a_taken_mailbox_keeps_its_first_report() {
    let world = World::new();
    let case = world.reported(SMALL);
    // Two devices, or a client gone wrong.
    assert_eq!(world.send(&case.other_report(&world).report).told(), (409, "mailbox_taken".into()));
    then_taken(&world, &case);
    then_taken(&world, &world.report(SMALL));
}

#[test]
fn an_expired_directory_stops_reports_and_not_follow_ups() {
    let world = World::new();
    let (held, case) = (world.reported(SMALL), world.report(SMALL));
    world.set_day(30);
    let last_day = world.reported(SMALL);
    world.set_day(31);
    refused(&world, &case, &world.send(&case.report), 422, "directory_expired");
    let further = follow_up(&held, &held.report, "x", &world.deployment());
    assert_eq!(world.send(&further).status, 204);
    assert!(!world.is_unknown(&last_day.reporter));
    assert_eq!(world.publish(&world.next_directory(31, 60)).status, 204);
    then_taken(&world, &case);
}

#[test]
fn a_directory_that_is_not_known_is_refused_for_reports_alone() {
    let world = World::new();
    let (held, case) = (world.reported(SMALL), world.report(SMALL));
    for version in [0, 2, u32::MAX] {
        let sent = request(world.nonce(), (version, 0), &case.report.to_bytes());
        refused(&world, &case, &world.post(PATH, &sent), 422, "directory_unknown");
    }
    let further = follow_up(&held, &held.report, "x", &world.deployment());
    assert_eq!(world.post(PATH, &request(world.nonce(), (9, 0), &further.to_bytes())).status, 204);
    // An older one that has not expired is good.
    assert_eq!(world.publish(&world.next_directory(0, 30)).status, 204);
    then_taken(&world, &case);
    let bare = World::empty();
    let none = made::case(&bare.deployment(), &world.directory(), SMALL);
    refused(&bare, &none, &bare.send(&none.report), 422, "directory_unknown");
}

#[test]
fn nothing_but_a_whole_envelope_is_worked_on() {
    let world = World::new();
    let mut noise = vec![0; 17_641 - 164];
    noise.iter_mut().zip((0_u8..=255).cycle()).for_each(|(to, byte)| *to = byte);
    noise[4] = 0;
    let answer = world.post(PATH, &worked(world.nonce(), &noise));
    assert_eq!(answer.told(), (400, "unknown_version".into()));
}
