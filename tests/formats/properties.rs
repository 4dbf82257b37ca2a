//! Any content comes back; no damage panics, and each is refused with a stable code.

use super::envelopes::{follow_up_body, json_bytes, report_body};
use super::forge::{self, HERE, Letter, box_key, box_pks, frame, reporter, sign_key};
use super::{epochs, replies, rounds};
use amparo::base::{Day, Secret};
use amparo::caselog::{EpochRecord, Reply, ReplyContent, ReplyKeys, ReplyPlace, StatusWord, seal_reply, walk_epochs};
use amparo::client::MailboxAnswer;
use amparo::crypto::{BoxKey, hash, slots};
use amparo::envelope::{
    CaseKeys, EnvelopeError, FollowUpAddress, Head, Sealed, VaultContent, VaultCustodian, open_follow_up, open_report, open_vault,
    seal_follow_up, seal_report, seal_vault,
};
use proptest::prelude::*;
use serde_json::json;

/// A report by the reporter of keys 13 and 14.
pub fn of_another() -> Vec<u8> {
    let mut letter = super::envelopes::letter("x", 100..101);
    letter.reporter.sign = sign_key(13);
    letter.reporter.mailbox_id = amparo::receipt::mailbox_id(&sign_key(13).public());
    letter.seal.0 = sign_key(13);
    letter.bytes()
}

/// The seed inside, found as a recipient finds it.
fn seed_of(bytes: &[u8], own: &BoxKey) -> Secret<32> {
    let sealed = Sealed::parse(bytes).unwrap();
    let ctx = hash("slot context", &[HERE.bytes(), &bytes[..232], &bytes[1000..1024]]);
    slots::open(own, "slot", &sealed.header().ephemeral_pk, &ctx, &sealed.header().slots[..]).unwrap()
}

/// The same envelope out of another hand, from the same seed and stream header.
fn again(letter: Letter, bytes: &[u8], seed: Secret<32>) -> Vec<u8> {
    let ephemeral_pk = forge::ephemeral(&seed).public();
    Letter { seed, ephemeral_pk, stream_header: bytes[1000..1024].try_into().unwrap(), ..letter }.bytes()
}

fn code_of_envelope(bytes: &[u8]) -> Option<&'static str> {
    let read = || open_report(&Sealed::parse(bytes)?, &[&box_key(100)], &HERE);
    read().err().map(|error: EnvelopeError| error.code())
}

fn code_of_reply(bytes: &[u8]) -> Option<&'static str> {
    let read = || {
        let opened = Reply::parse(bytes)?.open_as_reporter(&box_key(12), &HERE)?;
        opened.verify(&sign_key(80).public(), &sign_key(81).public(), &HERE)
    };
    read().err().map(|error| error.code())
}

fn code_of_epoch(bytes: &[u8]) -> Option<&'static str> {
    let read = || walk_epochs(epochs::first(), &[EpochRecord::parse(bytes)?], &HERE, &reporter().mailbox_id);
    read().err().map(|error| error.code())
}

fn code_of_vault(bytes: &[u8]) -> Option<&'static str> {
    open_vault(bytes, &box_key(120), &HERE, &reporter().mailbox_id, 0).err().map(|error| error.code())
}

fn code_of_answer(bytes: &[u8]) -> Option<String> {
    match MailboxAnswer::parse(bytes) {
        Err(error) => Some(error.code().to_owned()),
        Ok(None) => Some("no_mailbox".into()),
        Ok(Some(answer)) => {
            let walk = || walk_epochs(epochs::first(), &answer.epochs, &HERE, &reporter().mailbox_id);
            let ours = answer.check_ours(&reporter(), &HERE).err().map(|error| error.code().to_owned());
            ours.or_else(|| walk().err().map(|error| error.code().to_owned()))
        }
    }
}

fn vault() -> Vec<u8> {
    let to = box_pks(120..122);
    let json = json!({"format": "amparo-vault-1", "custodians": [{"id": "c", "pk": to[0]}]});
    forge::vault(&Secret::new([51; 32]), &reporter().mailbox_id, 0, &to, &frame(&json_bytes(&json), &[], 1024))
}

/// Every cut is a wrong length; every bent byte is refused, but for those that are named.
fn damaged(what: &str, good: &[u8], step: usize, code: impl Fn(&[u8]) -> Option<String>, uncovered: impl Fn(usize) -> bool) {
    assert_eq!(code(good), None, "{what}");
    for n in (0..good.len()).step_by(step).chain([good.len() - 1]) {
        assert_eq!(code(&good[..n]).as_deref(), Some("wrong_length"), "{what} cut to {n}");
    }
    for at in (0..good.len()).step_by(step).chain([good.len() - 1]) {
        let mut bent = good.to_vec();
        bent[at] ^= 1 << (at % 8);
        assert_eq!(code(&bent).is_none(), uncovered(at), "{what} bent at {at}: {:?}", code(&bent));
    }
}

fn named(code: impl Fn(&[u8]) -> Option<&'static str>) -> impl Fn(&[u8]) -> Option<String> {
    move |bytes| code(bytes).map(str::to_owned)
}

#[test]
fn a_report_cut_or_bent_anywhere_is_refused() {
    let good = super::envelopes::letter("x", 100..102).bytes();
    let step = if rounds(1) > 1 { 1 } else { 7 };
    damaged("head of a report", &good, step, named(code_of_envelope), |_| false);
}

#[test]
fn a_reply_cut_or_bent_anywhere_is_refused() {
    // The wrap is the desk's: the reporter has no key to it, and what she reads does not hang on it.
    damaged("reply", &replies::text(1, "x"), 1, named(code_of_reply), |at| (128..176).contains(&at));
}

#[test]
fn an_epoch_record_cut_or_bent_anywhere_is_refused() {
    damaged("epoch record", &epochs::honest(1), 1, named(code_of_epoch), |_| false);
}

#[test]
fn a_vault_cut_or_bent_anywhere_is_refused() {
    // The slots of others: a custodian sees her own alone; where it stands is found by trying.
    let good = vault();
    let own: Vec<usize> = (0..4)
        .filter(|p| {
            let mut other = good.clone();
            other[33 + 48 * p] ^= 1;
            code_of_vault(&other).is_some()
        })
        .collect();
    assert_eq!(own.len(), 1);
    let theirs = |at: usize| (33..225).contains(&at) && (at - 33) / 48 != own[0];
    damaged("vault", &good, 1, named(code_of_vault), theirs);
}

#[test]
fn a_mailbox_answer_cut_or_bent_anywhere_is_refused() {
    let mut good = vec![0; 40_960];
    good[0] = 1;
    good[8..1128].copy_from_slice(&forge::head(&super::envelopes::first()));
    good[2251] = 1;
    good[2252..2392].copy_from_slice(&epochs::honest(1));
    // The page is an echo of what was asked: where there are no replies, it asks for none.
    let later = |at: usize| (4496..4500).contains(&at);
    let step = if rounds(1) > 1 { 1 } else { 5 };
    for at in (0..good.len()).step_by(step) {
        let mut bent = good.clone();
        bent[at] ^= 1;
        assert!(code_of_answer(&bent).is_some() || later(at), "bent at {at}");
        assert_eq!(code_of_answer(&good[..at]).as_deref(), Some("wrong_length"));
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,200}", "[a-zñé \"\\\\\n]{0,3000}", Just("x".repeat(16_100)), Just("y".repeat(66_000))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(rounds(12)))]

    #[test]
    fn a_report_comes_back_and_another_hand_seals_the_same(text in text(), n in 1_u8..=16, one in 0_u8..16) {
        let to = box_pks(100..100 + n);
        let body = serde_json::from_value(report_body(&text, &to)).unwrap();
        let bytes = seal_report(&reporter(), &HERE, &body).unwrap().to_bytes();
        let own = box_key(100 + one % n);
        let opened = open_report(&Sealed::parse(&bytes).unwrap(), &[&own], &HERE).unwrap();
        prop_assert_eq!(&opened.body, &body);
        prop_assert!(!opened.slots_differ);
        let letter = Letter::report(&serde_json::to_vec(&body).unwrap(), to);
        let seed = seed_of(&bytes, &own);
        let case = super::envelopes::case_of(&seed);
        let other = again(Letter { case, ..letter }, &bytes, seed);
        prop_assert!(other == bytes);
    }

    #[test]
    fn a_follow_up_comes_back_and_another_hand_seals_the_same(text in text(), number in 0_u32..5000) {
        let report = Head::parse(&forge::head(&super::envelopes::first())).unwrap();
        let mut before = super::envelopes::second("x");
        before.number = number + 1;
        let before = Head::parse(&forge::head(&before.bytes())).unwrap();
        let to = FollowUpAddress { report: &report, last: &before, case_box_pk: box_key(70).public() };
        let body = serde_json::from_value(follow_up_body(&text)).unwrap();
        let bytes = seal_follow_up(&reporter(), &HERE, &to, &body).unwrap().to_bytes();
        let own = CaseKeys { sign: sign_key(1), reply_to: box_key(70) };
        let opened = open_follow_up(&Sealed::parse(&bytes).unwrap(), &[&own], &HERE).unwrap();
        prop_assert_eq!(&opened.body, &body);
        prop_assert!(!opened.slots_differ);
        let letter = Letter::follow_up(&serde_json::to_vec(&body).unwrap(), before.link(), (report.header().case_sign_pk, box_key(70).public()));
        let other = again(Letter { number: number + 2, ..letter }, &bytes, seed_of(&bytes, &box_key(70)));
        prop_assert!(other == bytes);
    }

    #[test]
    fn a_reply_comes_back_and_another_hand_seals_the_same(text in "\\PC{0,800}", number in 1_u32.., release in 0_u32..40_000, word in 0_usize..14) {
        let content = StatusWord::ALL.get(word).map_or(ReplyContent::Text(text), |word| ReplyContent::Status(*word));
        let release = (release > 0).then(|| Day::from_number(release).unwrap());
        let place = ReplyPlace { what: content.what(), mailbox_id: reporter().mailbox_id, number, epoch: 4, release };
        let (gate, own, to, desk_key) = (sign_key(80), sign_key(81), box_key(12), Secret::new([61; 32]));
        let keys = ReplyKeys { reporter_box_pk: &to.public(), desk_key: &desk_key, gate: &gate, case_sign: &own };
        let sealed = seal_reply(place, &content, (2, 3), &keys, &HERE).unwrap().to_bytes();
        let reply = Reply::parse(&sealed).unwrap();
        for opened in [reply.open_as_reporter(&to, &HERE).unwrap(), reply.open_as_desk(&desk_key, &HERE).unwrap()] {
            prop_assert_eq!(&opened.content, &content);
            prop_assert_eq!((opened.seen, opened.directory), (2, 3));
            prop_assert!(opened.verify(&gate.public(), &own.public(), &HERE).is_ok());
        }
        prop_assert!(same_reply(&sealed, &content) == sealed);
    }

    #[test]
    fn a_vault_comes_back(name in "\\PC{0,60}", n in 1_u8..=4, number in any::<u32>()) {
        let custodians = box_pks(120..120 + n).into_iter().map(|pk| VaultCustodian { id: "c".into(), pk }).collect();
        let content = VaultContent { format: VaultContent::FORMAT.into(), name, custodians, ..Default::default() };
        let id = reporter().mailbox_id;
        let sealed = seal_vault(&HERE, &id, number, &content).unwrap();
        prop_assert_eq!(open_vault(&sealed, &box_key(119 + n), &HERE, &id, number).unwrap(), content.clone());
        let pk = amparo::crypto::BoxPublic(sealed[1..33].try_into().unwrap());
        let ctx = hash("vault context", &[HERE.bytes(), id.bytes(), &number.to_be_bytes(), pk.bytes()]);
        let seed = slots::open(&box_key(120), "slot", &pk, &ctx, &sealed[33..225]).unwrap();
        let plain = frame(&serde_json::to_vec(&content).unwrap(), &[], 1024);
        prop_assert!(forge::vault(&seed, &id, number, &box_pks(120..120 + n), &plain) == sealed);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..1300), front in prop::collection::vec(0_u8..4, 4), length in prop::sample::select(vec![140, 1120, 1265, 4096, 17_472, 40_960])) {
        let mut whole = [front, bytes].concat();
        for _ in 0..2 {
            let codes = [code_of_envelope(&whole), code_of_reply(&whole), code_of_epoch(&whole), code_of_vault(&whole)];
            prop_assert!(codes.iter().all(Option::is_some));
            prop_assert!(Head::parse(&whole).is_err() && code_of_answer(&whole).is_some());
            whole.resize(length, 1);
        }
    }
}

/// The reply out of another hand: its seed found as the reporter finds it.
fn same_reply(sealed: &[u8], content: &ReplyContent) -> Vec<u8> {
    let ctx = hash("reply context", &[HERE.bytes(), &sealed[..80]]);
    let pk = amparo::crypto::BoxPublic(sealed[48..80].try_into().unwrap());
    let seed = slots::open(&box_key(12), "reply slot", &pk, &ctx, &sealed[80..128]).unwrap();
    let (member, said) = match content {
        ReplyContent::Text(text) => ("text", json!(text)),
        ReplyContent::Status(word) => ("status", json!(word)),
    };
    // The order of members is the desk's own.
    let json =
        format!("{{\"format\":\"amparo-reply-1\",\"must_understand\":[],\"directory\":3,\"seen\":2,\"{member}\":{said}}}").into_bytes();
    let (gate, own) = (sign_key(80), sign_key(81));
    let by = forge::Vouchers { gate: (&gate, "reply gate"), case: (&own, "reply case"), deployment: HERE };
    let plain = frame(&json, &forge::vouch(&sealed[..48], 3, &json, &by), 3904);
    forge::reply(&seed, &sealed[..48], &Secret::new([61; 32]), &box_key(12).public(), &plain)
}
