//! Proof of work.

use super::forge::nonce;
use super::{Case, Format, Given, Outcome, wrong};
use amparo::base::encode::hex;
use amparo::crypto::{Hash32, blake2b_256, hash, work};
use serde_json::{Value, json};

pub const FORMAT: Format = Format { what: "work", make, read, codes: &["too_much_work", "work_insufficient"] };

/// The first number that solves puzzle `i`, straight from docs/protocol/api.md.
fn first(subject: &Hash32, bits: u32, i: u8) -> u64 {
    let front = [&[0, 14][..], b"amparo v1 work", &nonce(), subject.bytes(), &[i]].concat();
    let zeros = |s: u64| {
        let digest = blake2b_256(&[&front, &s.to_be_bytes()]);
        u128::from_be_bytes(digest[..16].try_into().unwrap()).leading_zeros()
    };
    (0..u64::MAX).find(|s| zeros(*s) >= bits).unwrap()
}

fn solved(subject: &Hash32, bits: u32) -> Vec<u64> {
    (0..16).map(|i| first(subject, bits, i)).collect()
}

fn bytes(solutions: &[u64]) -> String {
    hex(solutions.iter().flat_map(|s| s.to_be_bytes()).collect::<Vec<_>>().as_slice())
}

fn make() -> Vec<Case> {
    let subject = hash("work subject", &[b"rest"]);
    let with = |bits: u32| json!({"nonce": hex(&nonce()), "subject": subject, "bits": bits});
    let solve = |bits: u32| Case::new(format!("{bits} bits to solve"), "solve", with(bits));
    let good = solved(&subject, 9);
    let check = |name: &str, solutions: &[u64]| Case::new(name, "check", with(9)).with("solutions", bytes(solutions)).desk();
    let few = |case: Case| case.refused("work_insufficient");
    let changed = |at: usize, to: u64| {
        let mut other = good.clone();
        other[at] = to;
        other
    };
    let mut turned = good.clone();
    turned.rotate_left(1);
    let other_nonce = nonce().map(|byte| byte ^ 1);
    vec![
        Case::new("a subject", "subject", json!({"rest": hex(b"rest")})).good(subject),
        solve(0).good(bytes(&[0; 16])),
        solve(7).good(bytes(&solved(&subject, 7))),
        solve(8).good(bytes(&solved(&subject, 8))),
        solve(9).good(bytes(&good)),
        check("work that suffices", &good).good(true),
        solve(29).refused("too_much_work"),
        solve(255).refused("too_much_work"),
        few(check("the first puzzle not solved", &changed(0, good[0] + u64::MAX / 2))),
        few(check("the last puzzle not solved", &changed(15, u64::MAX))),
        few(check("one solution for all", &[good[0]; 16])),
        few(check("solutions in another order", &turned)),
        few(check("no work", &[0; 16])),
        few(check("work for another nonce", &good).with("nonce", hex(&other_nonce))),
        few(check("work for another request", &good).with("subject", hash("work subject", &[b"rust"]))),
        few(check("work with too few bits", &good).with("bits", 20)),
        few(check("work of a bit less", &solved(&subject, 8))),
    ]
}

fn read(given: &Given<'_>) -> Outcome {
    if given.act() == "subject" {
        return Ok(json!(work::subject(&given.hex("rest"))));
    }
    let (nonce, subject, bits) = (given.array("nonce"), Hash32(given.array("subject")), u8::try_from(given.number("bits")).unwrap());
    if given.act() == "solve" {
        return work::solve(&nonce, &subject, bits).map(|s| json!(bytes(&s))).ok_or_else(|| wrong("too_much_work"));
    }
    let solutions: Vec<u64> = given.hex("solutions").chunks_exact(8).map(|s| u64::from_be_bytes(s.try_into().unwrap())).collect();
    let good = work::check(&nonce, &subject, bits, &solutions.try_into().unwrap());
    if good { Ok(Value::Bool(true)) } else { Err(wrong("work_insufficient")) }
}
