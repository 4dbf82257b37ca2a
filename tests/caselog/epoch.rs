//! Epoch records, walked from the report's keys.
//!
//! A case: `deployment`, `mailbox_id`, the report's `case_sign_pk` and `case_box_pk`, `records` in order. `expect` is the keys of every epoch.

use super::entry::{CASE, HERE};
use super::{Case, sign_pk, text, world};
use amparo::base::encode;
use amparo::caselog::{EpochRecord, walk_epochs};
use amparo::crypto::{BoxPublic, Deployment, MailboxId, SignKey, SignPublic};
use serde_json::{Value, json};

fn record(former: &SignKey, epoch: u32, day: u32, sign: SignPublic, reply_to: BoxPublic) -> Vec<u8> {
    let fields = [&epoch.to_be_bytes()[..], &day.to_be_bytes(), sign.bytes(), reply_to.bytes()].concat();
    let signature = former.sign("epoch", &HERE, &[CASE.bytes(), &fields]);
    [&fields[..], signature.as_ref(), &[0; 4]].concat()
}

/// Record `n`, signed by the keys of `n - 1`.
fn plain(n: u8) -> Vec<u8> {
    record(&world::sign_key(n + 9), u32::from(n), 20_790, world::sign_key(n + 10).public(), world::box_key(n + 10).public())
}

fn given(records: &[Vec<u8>]) -> Value {
    json!({"deployment": HERE, "mailbox_id": CASE, "case_sign_pk": world::sign_key(10).public(), "case_box_pk": world::box_key(10).public(),
        "records": records.iter().map(|r| encode::base64(r)).collect::<Vec<_>>()})
}

pub fn read(case: &Value) -> Result<Value, String> {
    let code = |error: amparo::caselog::CaseLogError| error.code().to_owned();
    let records =
        case["records"].as_array().unwrap().iter().map(|r| EpochRecord::parse(&encode::from_base64(r.as_str().unwrap()).unwrap()));
    let records = records.collect::<Result<Vec<_>, _>>().map_err(code)?;
    let (deployment, id): (Deployment, MailboxId) = (text(case, "deployment").parse().unwrap(), text(case, "mailbox_id").parse().unwrap());
    let first = (sign_pk(case, "case_sign_pk"), text(case, "case_box_pk").parse().unwrap());
    walk_epochs(first, &records, &deployment, &id).map(|keys| json!(keys)).map_err(code)
}

pub fn all() -> Vec<Case> {
    let keys = |n: u8| json!((10..=10 + n).map(|k| (world::sign_key(k).public(), world::box_key(k).public())).collect::<Vec<_>>());
    let list = |n: u8| (1..=n).map(plain).collect::<Vec<_>>();
    let mut cases: Vec<Case> =
        [0, 1, 2, 16].map(|n| Case::new(&format!("{n} records"), given(&list(n))).good(keys(n))).into_iter().collect();
    let bad = |name: &str, records: &[Vec<u8>], code: &str| Case::new(name, given(records)).refused(code);
    let bent = |at: usize, byte: u8| {
        let mut one = plain(1);
        one[at] ^= byte;
        vec![one]
    };
    let (own, strong) = (world::sign_key(10), world::box_key(11).public());
    cases.extend([
        bad("17 records", &list(17), "too_large"),
        bad("139 bytes", &[plain(1)[..139].to_vec()], "wrong_length"),
        bad("141 bytes", &[[plain(1), vec![0]].concat()], "wrong_length"),
        bad("no bytes", &[vec![]], "wrong_length"),
        bad("epoch 0", &[record(&own, 0, 20_790, own.public(), strong)], "not_canonical"),
        bad("a day that is none", &[record(&own, 1, u32::MAX, own.public(), strong)], "not_canonical"),
        bad("a byte behind", &bent(139, 1), "not_canonical"),
        bad("the second alone", &[plain(2)], "wrong_chain"),
        bad("the first twice", &[plain(1), plain(1)], "wrong_chain"),
        bad("in another order", &[plain(2), plain(1)], "wrong_chain"),
        bad("one left out", &[plain(1), plain(3)], "wrong_chain"),
        bad("a bent day", &bent(7, 1), "bad_signature"),
        bad("a bent signing key", &bent(8, 1), "bad_signature"),
        bad("a bent box key", &bent(40, 1), "bad_signature"),
        bad("a bent signature", &bent(72, 1), "bad_signature"),
        bad("signed by a stranger", &[record(&world::sign_key(99), 1, 20_790, own.public(), strong)], "bad_signature"),
        bad("signed by itself", &[record(&world::sign_key(11), 1, 20_790, world::sign_key(11).public(), strong)], "bad_signature"),
        bad("a signing key of small order", &[record(&own, 1, 20_790, SignPublic([0; 32]), strong)], "weak_key"),
        bad("a box key of small order", &[record(&own, 1, 20_790, own.public(), BoxPublic([0; 32]))], "weak_key"),
    ]);
    for (member, value) in [("mailbox_id", json!(MailboxId([6; 32]))), ("deployment", json!(Deployment([8; 32])))] {
        let mut other = given(&list(1));
        other[member] = value;
        cases.push(Case::new(&format!("another {member}"), other).refused("bad_signature"));
    }
    cases
}
