//! What is refused although the authority signed it, and what is not.

use super::Case;
use crate::world::{authority, box_key, day, member, office, periods, sign_key, sign_payload, signed, texts};
use amparo::crypto::{BoxPublic, Hash32, SignPublic};
use serde_json::{Value, json};

type Edit = fn(&mut Value);
type Spoil = (&'static str, &'static str, Edit);
const INVALID: &str = "directory_invalid";

pub fn all() -> Vec<Case> {
    let good = signed(&authority(&[1], 1), &[1]);
    let base: Value = serde_json::from_slice(good.payload()).unwrap();
    let mut cases = Vec::new();
    for (name, act) in GOOD {
        let mut content = base.clone();
        act(&mut content);
        let payload = serde_json::to_vec(&content).unwrap();
        cases.push(Case::of(name, sign_payload(&good, payload.clone())).good(&payload));
    }
    for (name, code, act) in [FORM, DAYS, KEYS, NAMES, NUMBERS, TEXTS].concat() {
        let mut content = base.clone();
        act(&mut content);
        cases.push(Case::of(name, sign_payload(&good, serde_json::to_vec(&content).unwrap())).refused(code));
    }
    let whole = good.payload();
    let raw: [(&str, Vec<u8>); 7] = [
        ("bytes after the JSON", [whole, b"x"].concat()),
        ("a zero after the JSON", [whole, b"\0"].concat()),
        ("a space before the JSON", [b" ", whole].concat()),
        ("a byte-order mark", ["\u{feff}".as_bytes(), whole].concat()),
        ("a list", [b"[", whole, b"]"].concat()),
        ("the JSON cut short", whole[..whole.len() - 1].to_vec()),
        (
            "not UTF-8",
            String::from_utf8(whole.to_vec())
                .unwrap()
                .replace("duty@", "dut\u{7f}@")
                .bytes()
                .map(|b| if b == 0x7f { 0xff } else { b })
                .collect(),
        ),
    ];
    cases.extend(raw.into_iter().map(|(name, payload)| Case::of(name, sign_payload(&good, payload)).refused("bad_json")));
    cases
}

fn drop_member(value: &mut Value, name: &str) {
    value.as_object_mut().unwrap().remove(name).unwrap();
}

fn list<'a>(value: &'a mut Value, name: &str) -> &'a mut Vec<Value> {
    value[name].as_array_mut().unwrap()
}

/// Adds offices `o0`… to rule 0, or to a new rule for some countries.
fn more_offices(content: &mut Value, count: usize, countries: Option<Value>) {
    let ids: Vec<String> = (0..count).map(|n| format!("o{n}")).collect();
    list(content, "offices").extend(ids.iter().map(|id| office(id)));
    match countries {
        None => list(&mut content["rules"][0], "offices").extend(ids.iter().map(|id| json!(id))),
        Some(countries) => {
            let never = json!({"has": {"what": ["m_s"]}});
            list(content, "rules").push(json!({"id": "more", "countries": countries, "when": never, "offices": ids, "why": texts("w")}));
        }
    }
}

/// A member more, with the gate sealed to her by name.
fn more_members(content: &mut Value, role: &str) {
    for n in 6..9 {
        let mut one = member(n, "a");
        one["role"] = json!(role);
        let mut sealed = content["gate"]["sealed"][0].clone();
        sealed["member"] = one["id"].clone();
        list(content, "members").push(one);
        list(&mut content["gate"], "sealed").push(sealed);
    }
}

const GOOD: [(&str, Edit); 7] = [
    ("a member nobody knows yet", |c| c["lanes"] = json!([1])),
    ("what must be understood, and is", |c| c["must_understand"] = json!(["helplines", "rules"])),
    ("four offices for a country", |c| more_offices(c, 3, None)),
    ("eight offices for two countries", |c| more_offices(c, 4, Some(json!(["HN"])))),
    ("35 days", |c| c["expires"] = json!(day(35))),
    ("an old helpline, long after it was made", |c| c["helplines"][0]["verified"] = json!(day(0).minus(400))),
    ("five members of an office, three of whom receive no new reports", |c| more_members(c, "desk")),
];

const FORM: &[Spoil] = &[
    ("another format", INVALID, |c| c["format"] = json!("amparo-directory-2")),
    ("another deployment inside", "other_authority", |c| c["deployment"] = json!(Hash32([7; 32]))),
    ("something that must be understood", "must_understand", |c| c["must_understand"] = json!(["lanes"])),
    ("must_understand is no list", "bad_json", |c| c["must_understand"] = json!("lanes")),
    ("version 0", INVALID, |c| c["version"] = json!(0)),
    ("version -1", INVALID, |c| c["version"] = json!(-1)),
    ("a version beyond 32 bits", INVALID, |c| c["version"] = json!(1_u64 << 32)),
    ("a version in words", INVALID, |c| c["version"] = json!("1")),
    ("no offices at all", INVALID, |c| drop_member(c, "offices")),
    ("no gate", INVALID, |c| drop_member(c, "gate")),
    ("no rules at all", INVALID, |c| drop_member(c, "rules")),
    ("members that are no list", INVALID, |c| c["members"] = json!({})),
    ("a former hash in capitals", INVALID, |c| c["previous"] = json!("AB".repeat(32))),
    ("an office of an unknown kind", INVALID, |c| c["offices"][0]["kind"] = json!("police")),
    ("an office of an unknown level", INVALID, |c| c["offices"][0]["level"] = json!("village")),
    ("a member of an unknown role", INVALID, |c| c["members"][0]["role"] = json!("boss")),
    ("an unknown anonymous mode", INVALID, |c| c["jurisdictions"][0]["anonymous_mode"] = json!("perhaps")),
    ("a condition of false", INVALID, |c| c["rules"][0]["when"] = json!(false)),
    ("a condition in an unknown word", INVALID, |c| c["rules"][0]["when"] = json!({"asks": {"country": ["GT"]}})),
    ("a condition of two words", INVALID, |c| c["rules"][0]["when"] = json!({"has": {}, "not": true})),
    ("a condition 10 deep", INVALID, |c| {
        c["rules"][0]["when"] = (0..9).fold(json!(true), |inner, _| json!({"not": inner}));
    }),
    ("no condition", INVALID, |c| drop_member(&mut c["rules"][0], "when")),
];

const DAYS: &[Spoil] = &[
    ("36 days", INVALID, |c| c["expires"] = json!(day(36))),
    ("expires before it is issued", INVALID, |c| c["expires"] = json!(day(0).minus(1))),
    ("a day that is not in the calendar", INVALID, |c| c["issued"] = json!("2026-11-31")),
    ("a day without its zeros", INVALID, |c| c["expires"] = json!("2026-12-4")),
    ("a day with a time", INVALID, |c| c["issued"] = json!("2026-11-24T00:00:00Z")),
];

const KEYS: &[Spoil] = &[
    ("a signing key twice", INVALID, |c| c["members"][0]["sign_pk"] = c["members"][1]["sign_pk"].clone()),
    ("a member with the gate's key", INVALID, |c| c["members"][0]["sign_pk"] = c["gate"]["pk"].clone()),
    ("a box key twice", INVALID, |c| c["members"][0]["box_pks"][2]["pk"] = c["members"][0]["box_pks"][1]["pk"].clone()),
    ("a custodian with a member's box key", INVALID, |c| {
        c["custodians"][0]["box_pks"][0]["pk"] = c["members"][3]["box_pks"][0]["pk"].clone()
    }),
    ("a box key that is a signing key too", INVALID, |c| c["members"][0]["box_pks"][2]["pk"] = c["members"][2]["sign_pk"].clone()),
    ("a key in capitals", INVALID, |c| c["gate"]["pk"] = json!(c["gate"]["pk"].as_str().unwrap().to_uppercase())),
    ("a key of 31 bytes", INVALID, |c| c["gate"]["pk"] = json!("ab".repeat(31))),
    ("a box key of zeros", "weak_key", |c| c["members"][0]["box_pks"][1]["pk"] = json!(BoxPublic([0; 32]))),
    ("a box key of order 8", "weak_key", |c| {
        c["members"][3]["box_pks"][2]["pk"] = json!("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")
    }),
    ("a custodian's box key of order 1", "weak_key", |c| c["custodians"][0]["box_pks"][0]["pk"] = json!(format!("01{}", "00".repeat(31)))),
    ("a signing key of order 1", "weak_key", |c| c["members"][0]["sign_pk"] = json!(format!("01{}", "00".repeat(31)))),
    ("a signing key of order 8", "weak_key", |c| {
        c["members"][0]["sign_pk"] = json!("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
    }),
    ("a signing key off the main subgroup", "weak_key", |c| {
        c["members"][0]["sign_pk"] = json!("fbb3211d177bccefd763d01a88f6473e43e5cf0a0740e44ab5c64460eefd4675")
    }),
    ("a signing key that is no point", "weak_key", |c| c["custodians"][0]["sign_pk"] = json!(SignPublic([2; 32]))),
    ("a weak gate key", "weak_key", |c| c["gate"]["pk"] = json!(SignPublic([0; 32]))),
    ("no key on the first day", INVALID, |c| c["members"][0]["box_pks"][0]["from"] = json!(day(1))),
    ("no key on the last day", INVALID, |c| c["members"][0]["box_pks"] = json!([c["members"][0]["box_pks"][0]])),
    ("a day between without a key", INVALID, |c| c["members"][0]["box_pks"][1]["from"] = json!(day(22))),
    ("two keys on a day", INVALID, |c| c["members"][0]["box_pks"][1]["from"] = json!(day(20))),
    ("a key for 27 days", INVALID, |c| c["members"][0]["box_pks"][2]["until"] = json!(day(52 + 26))),
    ("a key whose days run backwards", INVALID, |c| c["members"][0]["box_pks"][2]["until"] = json!(day(51))),
    ("a custodian's day without a key", INVALID, |c| drop(list(&mut c["custodians"][0], "box_pks").remove(0))),
    ("a member without keys", INVALID, |c| c["members"][0]["box_pks"] = json!([])),
];

const NAMES: &[Spoil] = &[
    ("an office's id in capitals", INVALID, |c| c["offices"][0]["id"] = json!("A")),
    ("a member's id of 41 letters", INVALID, |c| {
        c["members"][0]["id"] = json!("m".repeat(41));
        c["gate"]["sealed"][0]["member"] = json!("m".repeat(41));
    }),
    ("an empty id", INVALID, |c| c["rules"][0]["id"] = json!("")),
    ("an office's id twice", INVALID, |c| list(c, "offices").push(office("b"))),
    ("a rule's id twice", INVALID, |c| {
        let same = c["rules"][0].clone();
        list(c, "rules").push(same);
    }),
    ("a custodian with a member's id", INVALID, |c| c["custodians"][0]["id"] = json!("m-1")),
    ("a member of no office", INVALID, |c| c["members"][0]["office"] = json!("z")),
    ("a rule for an office that is not there", INVALID, |c| c["rules"][0]["offices"] = json!(["a", "z"])),
    ("a fallback that is not there", INVALID, |c| c["conflict_fallback"] = json!(["z"])),
    ("no fallback", INVALID, |c| c["conflict_fallback"] = json!([])),
    ("a duty office that is not there", INVALID, |c| c["duty"][0]["office"] = json!("z")),
    ("a local duty office", INVALID, |c| c["offices"][0]["level"] = json!("local")),
    ("a gate for all but one", INVALID, |c| drop(list(&mut c["gate"], "sealed").remove(1))),
    ("a gate for a stranger", INVALID, |c| c["gate"]["sealed"][1]["member"] = json!("m-7")),
    ("a gate twice for one", INVALID, |c| {
        let again = c["gate"]["sealed"][1].clone();
        list(&mut c["gate"], "sealed").push(again);
    }),
    ("a gate's box of 79 bytes", INVALID, |c| c["gate"]["sealed"][0]["box"] = json!(crate::world::base64(&[7; 79]))),
    ("a gate's box without padding", INVALID, |c| {
        c["gate"]["sealed"][0]["box"] = json!(crate::world::base64(&[7; 80]).trim_end_matches('='));
    }),
];

const NUMBERS: &[Spoil] = &[
    ("five offices for a country", INVALID, |c| more_offices(c, 4, None)),
    ("five offices in two rules for a country", INVALID, |c| more_offices(c, 4, Some(json!(["HN", "GT"])))),
    ("five offices for a country, four of them for any", INVALID, |c| more_offices(c, 4, Some(json!([])))),
    ("five offices for countries that no rule names", INVALID, |c| {
        list(c, "rules").clear();
        more_offices(c, 5, Some(json!([])));
    }),
    ("five intake members of an office", INVALID, |c| more_members(c, "intake")),
    ("seventeen custodians", INVALID, |c| {
        let more = (0..16_u8).map(|n| {
            let box_pks: Vec<Value> = (0..3).map(|i| json!({"pk": box_key(160 + 3 * n + i).public(), "from": periods(0)[usize::from(i)]["from"], "until": periods(0)[usize::from(i)]["until"]})).collect();
            json!({"id": format!("c-{n}"), "names": texts("c"), "level": "independent", "sign_pk": sign_key(70 + n).public(), "box_pks": box_pks})
        });
        list(c, "custodians").extend(more);
    }),
];

const TEXTS: &[Spoil] = &[
    ("no language", INVALID, |c| c["languages"] = json!([])),
    ("a language that no text has", INVALID, |c| list(c, "languages").push(json!("pt"))),
    ("the service's name without a language", INVALID, |c| drop_member(&mut c["names"], "en")),
    ("a text without a language", INVALID, |c| drop_member(&mut c["texts"]["promise"], "es")),
    ("an office's name, empty", INVALID, |c| c["offices"][1]["names"]["en"] = json!("")),
    ("a member's name without a language", INVALID, |c| drop_member(&mut c["members"][2]["names"], "en")),
    ("a custodian's name without a language", INVALID, |c| drop_member(&mut c["custodians"][0]["names"], "en")),
    ("a rule's why without a language", INVALID, |c| drop_member(&mut c["rules"][0]["why"], "es")),
    ("a helpline's hours without a language", INVALID, |c| drop_member(&mut c["helplines"][0]["hours"], "es")),
    ("an institution without a language", INVALID, |c| c["institutions"] = json!([{"code": "x", "names": {"es": "x"}}])),
    ("a notice without a language", INVALID, |c| drop_member(&mut c["jurisdictions"][0]["notice_before_typing"], "en")),
    ("no notice", INVALID, |c| drop_member(&mut c["jurisdictions"][0], "notice_before_typing")),
    ("a threshold's hint without a language", INVALID, |c| c["jurisdictions"][0]["threshold_hint"] = json!({"es": "x"})),
    ("a notice of non-punishment without a language", INVALID, |c| {
        c["jurisdictions"][0]["non_punishment_notice"] = json!({"en": "x"});
    }),
    ("a text that is a number", INVALID, |c| c["names"]["es"] = json!(7)),
];
