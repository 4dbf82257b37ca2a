//! Epoch records, as the reporter walks them.

use super::forge::{HERE, box_key, reporter, sign_key};
use super::{Case, Format, Given, Outcome, wrong};
use amparo::base::encode::hex;
use amparo::caselog::{EpochRecord, walk_epochs};
use amparo::crypto::{BoxPublic, Deployment, Hash32, MailboxId, SignKey, SignPublic};
use serde_json::{Value, json};

pub const FORMAT: Format = Format {
    what: "epochs",
    make,
    read,
    codes: &["bad_signature", "not_canonical", "too_large", "weak_key", "wrong_chain", "wrong_length"],
};

const DAY: u32 = 20_781;

/// A record by the book, of keys that may be any.
fn record(former: &SignKey, usage: &str, deployment: &Deployment, numbers: (u32, u32), keys: (SignPublic, BoxPublic)) -> Vec<u8> {
    let front = [&numbers.0.to_be_bytes()[..], &numbers.1.to_be_bytes(), keys.0.bytes(), keys.1.bytes()].concat();
    let signature = former.sign(usage, deployment, &[reporter().mailbox_id.bytes(), &front]);
    [&front, signature.as_ref(), &[0; 4]].concat()
}

fn keys(epoch: u8) -> (SignPublic, BoxPublic) {
    (sign_key(90 + epoch).public(), box_key(90 + epoch).public())
}

/// The record of epoch `n` in an honest row: signed by key 90 + n - 1.
pub fn honest(n: u8) -> Vec<u8> {
    record(&sign_key(89 + n), "epoch", &HERE, (u32::from(n), DAY + u32::from(n)), keys(n))
}

pub fn first() -> (SignPublic, BoxPublic) {
    keys(0)
}

fn case(name: &str, records: &[Vec<u8>]) -> Case {
    let records: Vec<String> = records.iter().map(|r| hex(r)).collect();
    let first = json!({"sign_pk": first().0, "box_pk": first().1});
    Case::new(name, "walk", json!({"first": first, "records": records, "deployment": HERE, "mailbox_id": reporter().mailbox_id}))
}

fn told(n: u8) -> Value {
    (0..=n).map(|e| json!({"sign_pk": keys(e).0, "box_pk": keys(e).1})).collect()
}

fn make() -> Vec<Case> {
    let row = |n: u8| (1..=n).map(honest).collect::<Vec<_>>();
    let one = |name: &str, usage: &str, deployment: &Deployment, numbers: (u32, u32), to: (SignPublic, BoxPublic)| {
        case(name, &[record(&sign_key(90), usage, deployment, numbers, to)])
    };
    let (sign, own) = keys(1);
    let bent = |at: usize| {
        let mut record = honest(1);
        record[at] ^= 1;
        vec![record]
    };
    let weak_box = super::primitives::WEAK_BOXES.map(|pk| pk.parse().unwrap());
    let mut one_sign = [0; 32];
    one_sign[0] = 1;
    let mut cases = vec![
        case("no epoch but the first", &[]).good(told(0)),
        case("one epoch more", &row(1)).good(told(1)),
        case("sixteen epochs more", &row(16)).good(told(16)),
        one("an epoch on the last day there is", "epoch", &HERE, (1, 2_932_896), keys(1)).good(told(1)),
        case("seventeen epochs more", &row(17)).refused("too_large"),
        one("an epoch on a day beyond all", "epoch", &HERE, (1, 2_932_897), keys(1)).refused("not_canonical"),
        one("a record for epoch 0", "epoch", &HERE, (0, DAY), keys(1)).refused("not_canonical"),
        one("the second epoch alone", "epoch", &HERE, (2, DAY), keys(1)).refused("wrong_chain"),
        case("an epoch twice", &[honest(1), honest(1)]).refused("wrong_chain"),
        case("a gap", &[honest(1), honest(3)]).refused("wrong_chain"),
        case("the wrong way round", &[honest(2), honest(1)]).refused("wrong_chain"),
        case("the second signed by the first of all", &[honest(1), record(&sign_key(90), "epoch", &HERE, (2, DAY), keys(2))])
            .refused("bad_signature"),
        case("signed by itself", &[record(&sign_key(91), "epoch", &HERE, (1, DAY), keys(1))]).refused("bad_signature"),
        one("an epoch signed for another use", "reply case", &HERE, (1, DAY), keys(1)).refused("bad_signature"),
        one("an epoch signed on another deployment", "epoch", &Deployment([8; 32]), (1, DAY), keys(1)).refused("bad_signature"),
        case("an epoch of another mailbox", &row(1)).with("mailbox_id", Hash32([1; 32])).refused("bad_signature"),
        case("a record of 139 bytes", &[honest(1)[..139].to_vec()]).refused("wrong_length"),
        case("a record of 141 bytes", &[[&honest(1)[..], &[0]].concat()]).refused("wrong_length"),
        one("a weak signing key in a record", "epoch", &HERE, (1, DAY), (SignPublic(one_sign), own)).refused("weak_key"),
        one("a signing key off the subgroup in a record", "epoch", &HERE, (1, DAY), (super::primitives::mixed(), own)).refused("weak_key"),
        one("a weak box key in a record", "epoch", &HERE, (1, DAY), (sign, weak_box[0])).refused("weak_key"),
        one("a box key of order 8 in a record", "epoch", &HERE, (1, DAY), (sign, weak_box[2])).refused("weak_key"),
    ];
    for (name, at, code) in [
        ("a bent day", 7, "bad_signature"),
        ("a bent signing key", 8, "bad_signature"),
        ("a bent box key", 40, "bad_signature"),
        ("a bent signature of a record", 72, "bad_signature"),
        ("the first of the last four bytes", 136, "not_canonical"),
        ("the last byte of a record", 139, "not_canonical"),
    ] {
        cases.push(case(name, &bent(at)).refused(code));
    }
    cases
}

fn read(given: &Given<'_>) -> Outcome {
    let code = |error: amparo::caselog::CaseLogError| wrong(error.code());
    let records = given.list("records").iter().map(|r| EpochRecord::parse(r)).collect::<Result<Vec<_>, _>>().map_err(code)?;
    let first = &given.case["first"];
    let first = (first["sign_pk"].as_str().unwrap().parse().unwrap(), first["box_pk"].as_str().unwrap().parse().unwrap());
    let (deployment, id) = (Deployment(given.array("deployment")), MailboxId(given.array("mailbox_id")));
    let keys = walk_epochs(first, &records, &deployment, &id).map_err(code)?;
    Ok(keys.iter().map(|(sign, own)| json!({"sign_pk": sign, "box_pk": own})).collect())
}
