//! POST /api/v1/replies: a member of the case, others.

use crate::made::{self, Case, SMALL, asked, day, entry, stranger};
use crate::wire::Answer;
use crate::world::World;
use amparo::caselog::Verb;
use amparo::client::MailboxAnswer;

const PATH: &str = "/api/v1/replies";

fn shown(world: &World, case: &Case) -> u32 {
    MailboxAnswer::parse(&world.mailbox(&case.reporter, 1).body).unwrap().unwrap().total
}

fn refused(world: &World, case: &Case, answer: &Answer, status: u16, code: &str, kept: u32) {
    assert_eq!(answer.told(), (status, code.to_owned()));
    assert_eq!(shown(world, case), kept, "{code}: something was kept");
}

#[test]
fn replies_are_numbered_and_the_same_again_is_harmless() {
    let world = World::new();
    let case = world.reported(SMALL);
    let (first, other) = (made::reply(&case, 1, None, &world).to_bytes(), made::reply(&case, 1, None, &world).to_bytes());
    refused(&world, &case, &world.reply(&case, 2), 409, "number_gap", 0);
    assert_eq!(world.reply_bytes(&case, first.clone()).status, 204);
    assert_eq!(world.reply_bytes(&case, first).status, 204);
    refused(&world, &case, &world.reply_bytes(&case, other), 409, "number_taken", 1);
    refused(&world, &case, &world.reply(&case, 3), 409, "number_gap", 1);
    // Statuses have numbers of their own.
    let status = |n| world.reply_bytes(&case, made::reply(&case, n, Some(day(0)), &world).to_bytes());
    refused(&world, &case, &status(2), 409, "number_gap", 1);
    assert_eq!((status(1).status, world.reply(&case, 2).status, shown(&world, &case)), (204, 204, 3));
}

#[test]
fn whoever_lacks_one_of_the_two_keys_is_refused_as_if_there_were_no_case() {
    let world = World::new();
    let (case, other, unsent) = (world.reported(SMALL), world.reported(SMALL), world.report(SMALL));
    let (gate, thief) = (world.gate(), stranger());
    let ask = |case: &Case, epoch, keys| {
        let payload = made::reply(case, 1, None, &world).to_bytes();
        world.post(PATH, &asked((Verb::Reply, case.id(), epoch), payload, keys, &world))
    };
    let wanted = ask(&unsent, 0, (&gate, &unsent.keys.sign));
    assert_eq!(wanted.told(), (403, "case_refused".into()));
    let sign = &case.keys.sign;
    let answers = [
        ask(&case, 0, (&gate, &other.keys.sign)),
        ask(&case, 0, (&thief, sign)),
        ask(&case, 0, (sign, &gate)),
        ask(&case, 1, (&gate, sign)),
    ];
    for (at, answer) in answers.iter().enumerate() {
        assert!(answer.undated() == wanted.undated(), "answer {at}");
        assert_eq!(shown(&world, &case), 0);
    }
    assert_eq!(ask(&case, 0, (&gate, sign)).status, 204);
}

#[test]
fn a_reply_for_another_case_or_of_another_form_is_refused() {
    let world = World::new();
    let (case, other) = (world.reported(SMALL), world.reported(SMALL));
    let theirs = made::reply(&other, 1, None, &world).to_bytes();
    refused(&world, &case, &world.reply_bytes(&case, theirs), 400, "malformed", 0);
    assert_eq!(shown(&world, &other), 0);
    let good = made::reply(&case, 1, None, &world).to_bytes();
    let bent = |at: usize, byte: u8| {
        let mut bent = good.clone();
        bent[at] = byte;
        world.reply_bytes(&case, bent)
    };
    let forms =
        [(0, 2, "unknown_version"), (1, 2, "unknown_suite"), (2, 3, "unknown_kind"), (3, 3, "not_canonical"), (39, 0, "not_canonical")];
    for (at, byte, code) in forms {
        refused(&world, &case, &bent(at, byte), 400, code, 0);
    }
    refused(&world, &case, &bent(43, 1), 400, "malformed", 0);
    refused(&world, &case, &world.reply_bytes(&case, good[1..].to_vec()), 400, "wrong_length", 0);
    assert_eq!(world.reply_bytes(&case, good).status, 204);
}

#[test]
fn only_replies_come_to_this_address_and_replies_to_no_other() {
    let world = World::new();
    let case = world.reported(SMALL);
    let keys = (&world.gate(), &case.keys.sign);
    let body = asked((Verb::Body, case.id(), 0), vec![0; 4], keys, &world);
    let entry = asked((Verb::Entry, case.id(), 0), entry(&case, (0, 0), &world.deployment()).to_bytes(), keys, &world);
    let reply = asked((Verb::Reply, case.id(), 0), made::reply(&case, 1, None, &world).to_bytes(), keys, &world);
    refused(&world, &case, &world.post(PATH, &entry), 413, "too_large", 0);
    refused(&world, &case, &world.post(PATH, &body), 400, "unknown_verb", 0);
    refused(&world, &case, &world.post("/api/v1/cases", &reply), 400, "unknown_verb", 0);
    for verb in [0, 4, 255] {
        refused(&world, &case, &world.post(PATH, &[&[verb], &reply[1..]].concat()), 400, "unknown_verb", 0);
    }
    refused(&world, &case, &world.post(PATH, &reply[..100]), 400, "wrong_length", 0);
    refused(&world, &case, &world.post(PATH, &[&reply[..1], &[1], &reply[2..]].concat()), 400, "malformed", 0);
    assert_eq!((world.post(PATH, &reply).status, world.post("/api/v1/cases", &entry).status), (204, 204));
}

#[test]
fn a_reply_counts_once_and_only_while_its_nonce_is_young() {
    let world = World::new();
    let case = world.reported(SMALL);
    let (gate, sign) = (world.gate(), &case.keys.sign);
    let request = || asked((Verb::Reply, case.id(), 0), made::reply(&case, 1, None, &world).to_bytes(), (&gate, sign), &world);
    let old = request();
    world.set_day(2);
    refused(&world, &case, &world.post(PATH, &old), 422, "nonce_stale", 0);
    let once = request();
    assert_eq!(world.post(PATH, &once).status, 204);
    refused(&world, &case, &world.post(PATH, &once), 409, "nonce_spent", 1);
}
