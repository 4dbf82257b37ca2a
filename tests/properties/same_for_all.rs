//! Property 5: everyone who opens a report sees the same one, and sees if a named person cannot open it or an unnamed one can.

use crate::by_hand::{Front, by_hand};
use crate::place::{COUNTRIES, Here, MEMBERS, answers, place, published};
use amparo::base::Secret;
use amparo::client::{ReporterLink, SentAs};
use amparo::crypto::{self, BoxPublic, Hash32, random_secret, slots};
use amparo::directory::Recipient;
use amparo::envelope::{CaseKeys, Kind, ReportBody, SLOTS, Sealed};
use amparo::receipt::ReporterKeys;

/// What a client that was tampered with seals: a body that names some, slots for others.
fn seal(keys: &ReporterKeys, body: &ReportBody, to: &[BoxPublic], bend: impl FnOnce(&mut Vec<u8>, &Hash32, &Secret<32>)) -> Sealed {
    let seed = random_secret();
    let case = CaseKeys::from_seed(&seed);
    let front = Front {
        kind: Kind::Report,
        number: 0,
        previous: Hash32::ZERO,
        reporter: (keys.mailbox_id, keys.sign.public(), keys.reply_box.public()),
        case: (case.sign.public(), case.reply_to.public()),
    };
    by_hand(&front, &seed, &serde_json::to_vec(body).unwrap(), to, &keys.sign, bend)
}

/// Sends it; gives what each of the two desks warns of, `None` for one that does not have the case.
fn warnings(here: &Here<'_>, keys: &ReporterKeys, sealed: &Sealed) -> [Option<Vec<String>>; 2] {
    let link = ReporterLink { http: &here.http(), deployment: &place().deployment, keys };
    link.send(sealed, SentAs { directory_version: 1, danger: false }).unwrap();
    published();
    [MEMBERS[0].0, MEMBERS[1].0].map(|member| {
        let said = here.run_desk(member, &["open", &keys.mailbox_id.to_string()]);
        let view: serde_json::Value = serde_json::from_str(&said.out).ok()?;
        let mut codes: Vec<String> = view["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap().to_owned()).collect();
        codes.dedup();
        Some(codes)
    })
}

fn some(codes: &[&str]) -> Option<Vec<String>> {
    Some(codes.iter().map(ToString::to_string).collect())
}

#[test]
fn every_recipient_sees_the_same_report_and_everyone_who_can() {
    let here = place().at(&place().shared().url);
    let words = here.report(&answers(COUNTRIES[0], "lo mismo para todos"));
    here.follow_up(&words, "y esto");
    published();
    let id = amparo::receipt::Receipt::parse(&words, None).unwrap().keys(&place().deployment).unwrap().mailbox_id.to_string();
    let [alfa, beta] = [MEMBERS[0].0, MEMBERS[1].0].map(|member| here.desk(member, &["open", &id]));
    assert_eq!(alfa["warnings"], serde_json::json!([]));
    for what in ["answers", "messages", "recipients", "warnings", "day"] {
        assert_eq!(alfa[what], beta[what], "{what}");
    }
    assert_eq!(alfa["recipients"].as_array().unwrap().len(), 2);
}

#[test]
fn a_slot_too_many_or_too_few_is_a_warning_to_all_who_open_it() {
    let here = place().at(&place().shared().url);
    let body = here.body(&answers(COUNTRIES[0], "x"));
    let named: Vec<BoxPublic> = body.recipients.iter().map(|r| r.pk).collect();
    let stranger = amparo::crypto::BoxKey::from_secret(random_secret()).public();

    let keys = place().reporter();
    let whole = seal(&keys, &body, &named, |_, _, _| {});
    assert_eq!(warnings(&here, &keys, &whole), [some(&[]), some(&[])], "the same client, honest");

    let keys = place().reporter();
    let extra = seal(&keys, &body, &[&named[..], &[stranger]].concat(), |_, _, _| {});
    assert_eq!(warnings(&here, &keys, &extra), [some(&["slots_differ"]), some(&["slots_differ"])]);

    let keys = place().reporter();
    let missing = seal(&keys, &body, &named[..1], |_, _, _| {});
    assert_eq!(warnings(&here, &keys, &missing), [some(&["slots_differ"]), None], "the one who is left out is told by the other");

    // A filler that carries something else than filler.
    let keys = place().reporter();
    let message = seal(&keys, &body, &named, |slots, context, seed| {
        let free = (0..SLOTS).find(|at| slots[at * 48..][..48] == slots::filler(seed, u8::try_from(*at).unwrap())).unwrap();
        slots[free * 48..][..32].copy_from_slice(context.bytes());
    });
    assert_eq!(warnings(&here, &keys, &message), [some(&["slots_differ"]), some(&["slots_differ"])]);

    // Fewer are named than the rules say, or others.
    let keys = place().reporter();
    let fewer = ReportBody { recipients: body.recipients[..1].to_vec(), ..body.clone() };
    assert_eq!(warnings(&here, &keys, &seal(&keys, &fewer, &named[..1], |_, _, _| {}))[0], some(&["recipient_missing"]));
    let keys = place().reporter();
    let someone = Recipient { member: MEMBERS[4].0.parse().unwrap(), office: MEMBERS[4].1.parse().unwrap(), pk: stranger };
    let more = ReportBody { recipients: [&body.recipients[..], &[someone]].concat(), ..body };
    let codes = warnings(&here, &keys, &seal(&keys, &more, &[&named[..], &[stranger]].concat(), |_, _, _| {}));
    assert_eq!(codes, [some(&["recipient_unknown", "recipient_not_routed"]), some(&["recipient_unknown", "recipient_not_routed"])]);
}

#[test]
fn two_people_cannot_be_shown_two_reports_in_one() {
    let here = place().at(&place().shared().url);
    let (body, keys) = (here.body(&answers(COUNTRIES[0], "x")), place().reporter());
    let named: Vec<BoxPublic> = body.recipients.iter().map(|r| r.pk).collect();
    // The second person's slot holds another seed: with it another text would open.
    let forked = seal(&keys, &body, &named, |slots, context, seed| {
        let shared = slots::ephemeral(seed).shared(&named[1]).unwrap();
        let key = crypto::derive(&shared, "slot", &[context.bytes(), named[1].bytes()]);
        let at = slots.chunks(48).position(|slot| crypto::box0_open(&key, slot).is_some()).unwrap();
        slots[at * 48..][..48].copy_from_slice(&crypto::box0_seal(&key, random_secret().expose()));
    });
    assert_eq!(warnings(&here, &keys, &forked), [some(&["slots_differ"]), None], "one is told, the other opens nothing");
}
