//! POST /api/v1/attachments and /held, and parts for the desk: the holder of the words, a member, anybody.

use crate::made::{self, Case, LARGE, SMALL, WORK_BITS, stranger};
use crate::wire::{Answer, Question};
use crate::world::World;
use amparo::caselog::Verb;
use amparo::crypto::{Hash32, SignKey, blake2b_256, work};
use amparo::envelope::{HeldParts, PartHead, PartsQuery};
use std::io::Write;
use std::net::TcpStream;
use uuid::Uuid;

const PATH: &str = "/api/v1/attachments";
const HELD: &str = "/api/v1/attachments/held";
const BLOB: Uuid = Uuid::from_bytes([5; 16]);
const SHORT: usize = 65_577;
const FULL: usize = 8_390_808;

fn bytes(length: usize, seed: u8) -> Vec<u8> {
    (0..length).map(|i| seed ^ u8::try_from(i % 251).unwrap()).collect()
}

fn head(signer: &SignKey, (blob, number, is_last): (Uuid, u32, bool), part: &[u8], world: &World) -> PartHead {
    let facts = (u32::try_from(part.len()).unwrap(), Hash32(blake2b_256(&[part])));
    PartHead::sign(signer, (blob, number, is_last), facts, &world.deployment())
}

/// What the head says, worked for, and the part behind it.
fn sent(world: &World, head: &[u8], part: &[u8]) -> Answer {
    world.post(PATH, &[&made::worked(world.nonce(), head)[..], part].concat())
}

fn send(world: &World, case: &Case, place: (Uuid, u32, bool), part: &[u8]) -> Answer {
    sent(world, &head(&case.reporter.sign, place, part, world).to_bytes(), part)
}

/// A part, as its reporter sends it.
pub fn one(world: &World, case: &Case) -> Answer {
    send(world, case, (BLOB, 0, true), &bytes(SHORT, 1))
}

pub fn ask_held(world: &World, case: &Case) -> Answer {
    world.post(HELD, &PartsQuery::sign(&case.reporter.sign, BLOB, world.nonce(), &world.deployment()).to_bytes())
}

fn held(world: &World, case: &Case) -> Option<HeldParts> {
    let answer = ask_held(world, case);
    assert_eq!(answer.status, 200);
    HeldParts::read(&answer.body).unwrap()
}

fn fetch(world: &World, case: &Case, number: u32) -> Answer {
    let payload = [&BLOB.as_bytes()[..], &number.to_be_bytes()].concat();
    world.post("/api/v1/cases", &made::asked((Verb::Part, case.id(), 0), payload, (&world.gate(), &case.keys.sign), world))
}

fn told(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.told(), (status, code.to_owned()));
}

#[test]
fn parts_come_in_any_order_are_listed_and_reach_those_who_open_the_case() {
    let world = World::new();
    let (case, other) = (world.reported(SMALL), world.reported(SMALL));
    let (first, last) = (bytes(FULL, 1), bytes(FULL, 2));
    assert_eq!(held(&world, &case).unwrap().count(), 0);
    assert_eq!(send(&world, &case, (BLOB, 1, true), &last).status, 204);
    let now = held(&world, &case).unwrap();
    assert!(now.holds(1) && !now.holds(0) && now.parts_max == 129 && now.room == (4 << 30) - u64::try_from(FULL).unwrap());
    told(&fetch(&world, &case, 0), 404, "no_such_part");
    assert_eq!(send(&world, &case, (BLOB, 0, false), &first).status, 204);
    for (number, part) in [(0, &first), (1, &last)] {
        let answer = fetch(&world, &case, number);
        assert!(answer.body[156..] == **part);
        let head = PartHead::parse(&answer.body[..156]).unwrap();
        assert!(head.verify(&world.deployment()).is_ok() && head.number == number);
    }
    told(&fetch(&world, &other, 0), 404, "no_such_part");
    let payload = [&BLOB.as_bytes()[..], &[0; 4]].concat();
    let about = (Verb::Part, case.id(), 0);
    for keys in [(&stranger(), &case.keys.sign), (&world.gate(), &other.keys.sign)] {
        told(&world.post("/api/v1/cases", &made::asked(about, payload.clone(), keys, &world)), 403, "case_refused");
    }
    for wrong in [&payload[..19], &[&payload[..], &[0]].concat()] {
        let asked = made::asked(about, wrong.to_vec(), (&world.gate(), &case.keys.sign), &world);
        told(&world.post("/api/v1/cases", &asked), 400, "wrong_length");
    }
}

#[test]
fn the_same_part_again_is_harmless_and_another_is_refused() {
    let world = World::new();
    let case = world.reported(SMALL);
    let part = bytes(SHORT, 1);
    for _ in 0..2 {
        assert_eq!(send(&world, &case, (BLOB, 0, true), &part).status, 204);
    }
    told(&send(&world, &case, (BLOB, 0, true), &bytes(SHORT, 2)), 409, "part_taken");
    assert!(fetch(&world, &case, 0).body[156..] == part);
}

#[test]
fn a_part_that_is_not_the_announced_one_is_not_kept() {
    let world = World::new();
    let case = world.reported(SMALL);
    let part = bytes(SHORT, 1);
    let head = head(&case.reporter.sign, (BLOB, 0, true), &part, &world).to_bytes();
    told(&sent(&world, &head, &bytes(SHORT, 2)), 400, "bad_part");
    told(&sent(&world, &head, &part[..SHORT - 1]), 400, "wrong_length");
    told(&sent(&world, &head, &[&part[..], &[0]].concat()), 400, "wrong_length");
    told(&world.post(PATH, &head), 400, "wrong_length");
    assert_eq!(held(&world, &case).unwrap().count(), 0);
    assert_eq!(sent(&world, &head, &part).status, 204);
}

#[test]
fn front_and_work_are_checked_before_anything_is_kept() {
    let world = World::new();
    let case = world.reported(SMALL);
    let part = bytes(SHORT, 1);
    let good = head(&case.reporter.sign, (BLOB, 0, true), &part, &world).to_bytes();
    let bent = |at: usize| {
        let mut bent = good.clone();
        bent[at] ^= 1;
        sent(&world, &bent, &part)
    };
    told(&bent(0), 400, "unknown_version");
    for (at, status, code) in [(1, 400, "not_canonical"), (2, 400, "not_canonical"), (59, 400, "not_canonical")] {
        told(&bent(at), status, code);
    }
    for at in [4, 40, 60, 100, 155] {
        told(&bent(at), 403, "bad_signature");
    }
    told(&world.post(PATH, &[&made::worked([7; 36], &good)[..], &part].concat()), 422, "nonce_stale");
    let nonce = world.nonce();
    let idle = [&nonce[..], &[0; work::SOLUTIONS_BYTES], &good, &part].concat();
    assert!(!work::check(&nonce, &work::subject(&good), WORK_BITS, &[0; 16]));
    told(&world.post(PATH, &idle), 403, "work_insufficient");
    let far = head(&case.reporter.sign, (BLOB, 129, true), &bytes(FULL, 1), &world).to_bytes();
    told(&sent(&world, &far, &bytes(FULL, 1)), 413, "too_large");
    assert_eq!(held(&world, &case).unwrap().count(), 0);
}

#[test]
fn the_text_comes_first_and_a_closed_mailbox_takes_nothing() {
    let world = World::new();
    let (unsent, destroyed, shredded) = (world.report(SMALL), world.reported(SMALL), world.reported(SMALL));
    world.mailbox(&destroyed.reporter, 2);
    world.store.shred_case(&shredded.id()).unwrap();
    let part = bytes(SHORT, 1);
    told(&send(&world, &unsent, (BLOB, 0, true), &part), 404, "no_such_mailbox");
    told(&send(&world, &destroyed, (BLOB, 0, true), &part), 404, "no_such_mailbox");
    told(&send(&world, &shredded, (BLOB, 0, true), &part), 410, "gone");
    for case in [&unsent, &destroyed, &shredded] {
        assert_eq!(held(&world, case), None);
    }
    let case = world.reported(SMALL);
    let here = world.deployment();
    let asked = |key: &SignKey, nonce| PartsQuery::sign(key, BLOB, nonce, &here).to_bytes();
    let mut by_another = asked(&stranger(), world.nonce());
    by_another[4..36].copy_from_slice(case.reporter.sign.public().bytes());
    for request in [asked(&case.reporter.sign, [7; 36]), by_another] {
        assert!(world.post(HELD, &request).body == vec![0; 512]);
    }
    let good = asked(&case.reporter.sign, world.nonce());
    for wrong in [&good[..151], &[&[2], &good[1..]].concat(), &[]] {
        told(&world.post(HELD, wrong), 400, "malformed");
    }
}

#[test]
fn a_mailbox_has_a_measure_and_the_server_a_number_of_parts_under_way() {
    let world = World::narrow();
    let case = world.reported(SMALL);
    assert_eq!(send(&world, &case, (BLOB, 0, true), &bytes(FULL, 1)).status, 204);
    let other = Uuid::from_bytes([6; 16]);
    told(&send(&world, &case, (other, 0, true), &bytes(FULL, 2)), 413, "mailbox_full");
    let next = world.reported(SMALL);
    let part = bytes(FULL, 3);
    let announced = made::worked(world.nonce(), &head(&next.reporter.sign, (BLOB, 0, true), &part, &world).to_bytes());
    let headers = vec![("content-type", "application/octet-stream".to_owned())];
    let begun = Question { method: "POST", path: PATH, headers, body: &announced, length: Some(320 + FULL) }.bytes();
    let lines: Vec<TcpStream> = (0..64)
        .map(|_| {
            let mut line = TcpStream::connect(world.address).unwrap();
            line.write_all(&begun).unwrap();
            line
        })
        .collect();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    // One for a mailbox that is full tells how many are under way, and changes nothing.
    while send(&world, &case, (other, 0, true), &part).code() != "busy" {
        assert!(std::time::Instant::now() < until, "65 parts under way");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(world.send(&world.report(LARGE).report).status, 204, "reports are taken all the same");
    drop(lines);
}
