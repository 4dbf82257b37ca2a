//! Reports and follow-ups: what opens, what a head is, what is sealed.

use super::forge::{HERE, Letter, box_key, box_pks, case_box, case_sign, head, link, reporter};
use super::{Case, Format, Given, Outcome, wrong};
use amparo::base::{Secret, encode};
use amparo::crypto::{BoxKey, BoxPublic, Deployment, Hash32, SignPublic};
use amparo::envelope::{
    CaseKeys, EnvelopeError, FollowUpAddress, FollowUpBody, Head, ReportBody, Sealed, open_follow_up, open_report, seal_follow_up,
    seal_report,
};
use serde_json::{Value, json};

pub const FORMAT: Format = Format {
    what: "envelope",
    make: || [good(), heads(), sealing(), super::envelope_bad::all()].into_iter().flatten().collect(),
    read,
    codes: &[
        "bad_json",
        "bad_seal",
        "cannot_open",
        "must_understand",
        "not_canonical",
        "too_large",
        "unknown_kind",
        "unknown_suite",
        "unknown_version",
        "weak_key",
        "wrong_length",
    ],
};

pub fn report_body(account: &str, recipients: &[BoxPublic]) -> Value {
    let one = |(n, pk): (usize, &BoxPublic)| json!({"member": format!("m-{n}"), "office": "o", "pk": pk});
    json!({
        "format": "amparo-report-1", "must_understand": [], "lang": "es", "directory": {"version": 1, "hash": Hash32([1; 32])},
        "questionnaire": {"version": 1, "hash": Hash32([2; 32])}, "key_day": "2026-11-24", "answers": {"account": account, "what": ["m_s"]},
        "recipients": recipients.iter().enumerate().map(one).collect::<Vec<_>>(), "removed": [], "attachments": [],
    })
}

pub fn follow_up_body(text: &str) -> Value {
    json!({
        "format": "amparo-follow-up-1", "must_understand": [], "lang": "pt", "directory": {"version": 1, "hash": Hash32([1; 32])},
        "key_day": "2026-11-25", "text": text, "attachments": [], "seen": {"text": 1, "status": 2},
    })
}

pub fn json_bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

/// A report as the vectors write it: to those it names.
pub fn letter(account: &str, keys: impl IntoIterator<Item = u8>) -> Letter {
    let to = box_pks(keys);
    Letter::report(&json_bytes(&report_body(account, &to)), to)
}

pub fn opens(name: &str, act: &str, own: u8, bytes: &[u8]) -> Case {
    Case::new(name, act, json!({"own": encode::hex(&[own; 32]), "deployment": HERE, "bytes": encode::base64(bytes)}))
}

fn told(seed: &Secret<32>, says: &str, recipients: usize, slots_differ: bool) -> Value {
    json!({"seed": encode::hex(seed.expose()), "says": says, "recipients": recipients, "slots_differ": slots_differ})
}

/// What a page with the same seed and stream header must make of it, byte for byte.
fn resealed(case: Case, letter: &Letter, body: &Value) -> Case {
    let keys = json!({"sign": encode::hex(&[11; 32]), "box": encode::hex(&[12; 32])});
    let from =
        json!({"keys": keys, "seed": encode::hex(letter.seed.expose()), "stream_header": encode::hex(&letter.stream_header), "body": body});
    case.with("sealed_from", from)
}

fn report(name: &str, account: &str, keys: std::ops::Range<u8>) -> Case {
    let letter = letter(account, keys.clone());
    let case = opens(name, "open_report", keys.end - 1, &letter.bytes()).good(told(&letter.seed, account, keys.len(), false));
    resealed(case, &letter, &report_body(account, &box_pks(keys)))
}

pub fn first() -> Vec<u8> {
    letter("lo que vi", 100..102).bytes()
}

/// A follow-up to the first report.
pub fn second(text: &str) -> Letter {
    let seed = Secret::new([31; 32]);
    Letter::follow_up(&json_bytes(&follow_up_body(text)), link(&first()), (case_sign(&seed).public(), case_box(&seed).public()))
}

fn follow_up(name: &str, letter: &Letter, own: &BoxKey, differ: bool) -> Case {
    let case = opens(name, "open_follow_up", 0, &letter.bytes()).with("own", encode::hex(own.secret().expose()));
    case.good(told(&letter.seed, "algo más", 1, differ))
}

fn with_slots(name: &str, to: Vec<BoxPublic>, named: &[BoxPublic]) -> Case {
    let letter = Letter::report(&json_bytes(&report_body("x", named)), to);
    opens(name, "open_report", 100, &letter.bytes()).good(told(&letter.seed, "x", named.len(), true))
}

fn with_body(name: &str, edit: fn(&mut Value)) -> Case {
    let mut body = report_body("x", &box_pks([100]));
    edit(&mut body);
    let letter = Letter::report(&json_bytes(&body), box_pks([100]));
    opens(name, "open_report", 100, &letter.bytes()).good(told(&letter.seed, "x", 1, false))
}

/// Letters that fill a class but for `spare` bytes.
pub fn filling(class: usize, spare: usize) -> String {
    let empty = json_bytes(&report_body("", &box_pks([100]))).len();
    "a".repeat(super::forge::BODY_BYTES[class] - 17 - 4 - empty - spare)
}

fn good() -> Vec<Case> {
    let weak: BoxPublic = super::primitives::WEAK_BOXES[2].parse().unwrap();
    let two = second("algo más");
    let old = case_box(&Secret::new([31; 32]));
    let sign = two.case.0;
    let next = Letter::follow_up(&json_bytes(&follow_up_body("algo más")), Hash32([5; 32]), (sign, box_key(70).public()));
    let mut twelve = second("algo más");
    twelve.number = 12;
    let mut stuffed = second("algo más");
    stuffed.recipients.push(box_key(71).public());
    let from = |case: Case| resealed(case, &two, &follow_up_body("algo más")).with("report", encode::base64(&head(&first())));
    vec![
        report("a report to two", "lo que vi", 100..102),
        report("a report to one", "x", 100..101),
        report("a report to fifteen", "x", 100..115),
        report("a report to sixteen", "x", 100..116),
        report("accents, signs and a face", "¿Qué pasó? «así» \u{1f622}\n\t\"\\", 100..101),
        report("a report that fills the first class", &filling(0, 0), 100..101),
        report("a report one byte too long for the first class", &filling(0, 0).replacen('a', "aa", 1), 100..101),
        report("a report that fills the second class", &filling(1, 0), 100..101),
        report("a report one byte too long for the second class", &filling(1, 0).replacen('a', "aa", 1), 100..101),
        with_body("a member of the body that nobody knows", |b| b["later"] = json!({"x": 1})),
        with_body("what must be understood, and is", |b| b["must_understand"] = json!(["answers", "vault"])),
        with_body("no must_understand at all", |b| {
            b.as_object_mut().unwrap().remove("must_understand").unwrap();
        }),
        with_slots("a slot for someone unnamed", box_pks(100..103), &box_pks(100..102)),
        with_slots("someone named has no slot", box_pks(100..102), &box_pks(100..103)),
        with_slots("named in another order", box_pks(100..102), &box_pks([101, 100])),
        with_slots("someone named with a weak key", box_pks(100..101), &[box_pks([100])[0], weak]),
        from(follow_up("a follow-up", &two, &old, false)),
        follow_up("a follow-up to the key of a later epoch", &next, &box_key(70), false),
        follow_up("follow-up number 12", &twelve, &old, false),
        follow_up("a follow-up with a second slot", &stuffed, &old, true),
    ]
}

fn heads() -> Vec<Case> {
    let whole = first();
    let case = |name: &str, bytes: &[u8]| Case::new(name, "head", json!({"deployment": HERE, "bytes": encode::base64(bytes)}));
    let good = head(&whole);
    let bent = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    vec![
        case("a head", &good).good(link(&whole)),
        case("a head cut short", &good[..1119]).refused("wrong_length"),
        case("a head and a byte", &[&good[..], &[0]].concat()).refused("wrong_length"),
        case("a head with another body's hash", &bent(1024)).refused("bad_seal"),
        case("a head with a bent seal", &bent(1056)).refused("bad_seal"),
        case("a head with a bent slot", &bent(300)).refused("bad_seal"),
        case("a head with a bent box key", &bent(104)).refused("bad_seal"),
        case("a head with a bent version", &bent(0)).refused("unknown_version"),
        case("a head on another deployment", &good).with("deployment", Deployment([8; 32])).refused("bad_seal"),
    ]
}

fn sealing() -> Vec<Case> {
    let case = |name: &str, to: &[BoxPublic]| Case::new(name, "seal_report", json!({"body": report_body("x", to)}));
    let mut cases = vec![
        case("to nobody", &[]).refused("too_large"),
        case("to seventeen", &box_pks(100..117)).refused("too_large"),
        case("more than the largest class holds", &box_pks([100])).with("letters", filling(2, 0).len() + 1).refused("too_large"),
    ];
    for (n, weak) in super::primitives::WEAK_BOXES.iter().enumerate() {
        let to = [box_pks([100])[0], weak.parse().unwrap()];
        cases.push(case(&format!("to weak key {n}"), &to).refused("weak_key"));
    }
    let with =
        json!({"report": encode::base64(&head(&first())), "case_box_pk": super::primitives::WEAK_BOXES[3], "body": follow_up_body("x")});
    cases.push(Case::new("a follow-up to a weak key", "seal_follow_up", with).refused("weak_key"));
    cases
}

fn code(error: EnvelopeError) -> super::Wrong {
    wrong(error.code())
}

fn read(given: &Given<'_>) -> Outcome {
    let deployment = || Deployment(given.array("deployment"));
    match given.act() {
        "open_report" => {
            let sealed = Sealed::parse(&given.bytes()).map_err(code)?;
            let opened = open_report(&sealed, &[&box_key(99), &BoxKey::from_secret(Secret::new(given.array("own")))], &deployment())
                .map_err(code)?;
            let says = opened.body.answers["account"].as_str().unwrap();
            Ok(told(&opened.seed, says, opened.body.recipients.len(), opened.slots_differ))
        }
        "open_follow_up" => {
            let sealed = Sealed::parse(&given.bytes()).map_err(code)?;
            let keys = CaseKeys { sign: reporter().sign, reply_to: BoxKey::from_secret(Secret::new(given.array("own"))) };
            let opened = open_follow_up(&sealed, &[&keys], &deployment()).map_err(code)?;
            // A desk does not keep the seed of a follow-up; it is found here as it was there.
            let header = sealed.header();
            let fixed = sealed.to_bytes();
            let ctx = amparo::crypto::hash("slot context", &[deployment().bytes(), &fixed[..232], &fixed[1000..1024]]);
            let seed = amparo::crypto::slots::open(&keys.reply_to, "slot", &header.ephemeral_pk, &ctx, &header.slots[..]).unwrap();
            Ok(told(&seed, &opened.body.text, 1, opened.slots_differ))
        }
        "head" => {
            let head = Head::parse(&given.bytes()).map_err(code)?;
            head.verify(&deployment()).map_err(code)?;
            Ok(json!(head.link()))
        }
        "seal_report" => {
            let mut body: ReportBody = serde_json::from_value(given.case["body"].clone()).unwrap();
            if let Some(letters) = given.case["letters"].as_u64() {
                body.answers.insert("account".into(), json!("a".repeat(usize::try_from(letters).unwrap())));
            }
            seal_report(&reporter(), &HERE, &body).map(|_| json!(true)).map_err(code)
        }
        _ => {
            let report = Head::parse(&encode::from_base64(given.text("report")).unwrap()).unwrap();
            let to = FollowUpAddress { report: &report, last: &report, case_box_pk: BoxPublic(given.array("case_box_pk")) };
            let body: FollowUpBody = serde_json::from_value(given.case["body"].clone()).unwrap();
            seal_follow_up(&reporter(), &HERE, &to, &body).map(|_| json!(true)).map_err(code)
        }
    }
}

/// The keys that a report's header must show.
pub fn case_of(seed: &Secret<32>) -> (SignPublic, BoxPublic) {
    (case_sign(seed).public(), case_box(seed).public())
}
