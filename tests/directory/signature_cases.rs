//! Envelope, authority, root records, freshness.

use super::Case;
use crate::world::{authority, base64, day, directory, gate, sign_key, sign_payload, signed};
use amparo::crypto::{Hash32, SignPublic};
use amparo::directory::{Authority, Dsse, FreshnessNote, Roots};
use serde_json::{Value, json};

pub fn all() -> Vec<Case> {
    [envelopes(), thresholds(), authorities(), roots(), freshness()].into_iter().flatten().collect()
}

fn bent(dsse: &Dsse, act: impl FnOnce(&mut Value)) -> Value {
    let mut json = json!(dsse);
    act(&mut json);
    json
}

fn envelopes() -> Vec<Case> {
    let one = authority(&[1], 1);
    let good = signed(&one, &[1]);
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let payload_of = |bytes: &[u8]| bent(&good, |d| d["payload"] = json!(base64(bytes)));
    let changed = String::from_utf8(good.payload().to_vec()).unwrap().replace("duty@", "dutx@");
    let bare = sign_key(1).sign_raw(good.payload());
    let mut cases = vec![
        Case::of("on its third day", &good).good(good.payload()),
        Case::of("on its day of issue", &good).with("today", day(0)).good(good.payload()),
        Case::of("the day after its last", &good).with("today", day(31)).refused("directory_expired"),
        Case::of("a changed letter", payload_of(changed.as_bytes())).refused("bad_signature"),
        Case::of("a byte less", payload_of(&good.payload()[1..])).refused("bad_signature"),
        Case::of("a bent signature", bent(&good, |d| d["signatures"][0]["sig"] = json!(base64(&[7; 64])))).refused("bad_signature"),
        Case::of("a signature over the bare payload", bent(&good, |d| d["signatures"][0]["sig"] = json!(base64(bare.as_ref()))))
            .refused("bad_signature"),
        Case::of("no signature", bent(&good, |d| d["signatures"] = json!([]))).refused("bad_signature"),
        Case::of("a signature of 63 bytes", bent(&good, |d| d["signatures"][0]["sig"] = json!(base64(&[7; 63])))).refused("bad_json"),
        Case::of(
            "a stranger's signature of 65 bytes",
            bent(&good, |d| {
                d["signatures"].as_array_mut().unwrap().push(json!({"keyid": sign_key(9).public(), "sig": base64(&[7; 65])}));
            }),
        )
        .refused("bad_json"),
        Case::of(
            "a key id in capitals",
            bent(&good, |d| d["signatures"][0]["keyid"] = json!(text(&d["signatures"][0]["keyid"]).to_uppercase())),
        )
        .refused("bad_json"),
        Case::of("seventeen signatures", bent(&good, |d| d["signatures"] = json!(vec![d["signatures"][0].clone(); 17])))
            .refused("bad_json"),
        Case::of("sixteen signatures by one key", bent(&good, |d| d["signatures"] = json!(vec![d["signatures"][0].clone(); 16])))
            .good(good.payload()),
    ];
    let types = [
        ("a root record's type", format!("application/vnd.amparo.root+json; v=1; deployment={}", one.fingerprint())),
        ("another deployment's type", format!("application/vnd.amparo.directory+json; v=1; deployment={}", Hash32([7; 32]))),
        ("another version's type", format!("application/vnd.amparo.directory+json; v=2; deployment={}", one.fingerprint())),
        ("no type", String::new()),
    ];
    for (name, kind) in types {
        let mut dsse = Dsse::unsigned(kind, good.payload().to_vec());
        dsse.sign(&sign_key(1));
        cases.push(Case::of(name, &dsse).refused("bad_signature"));
    }
    // Base64 that means the same bytes in another form; three question marks give a letter that differs between the alphabets.
    let asking = String::from_utf8(good.payload().to_vec()).unwrap().replace("duty@", "???@");
    let padded = |n: usize| sign_payload(&good, asking.replace("???", &format!("???{}", "x".repeat(n))).into_bytes());
    let rest = &(0..3).map(padded).find(|d| text(&json!(d)["payload"]).ends_with('=')).unwrap();
    let whole = text(&json!(rest)["payload"]);
    let strip = whole.trim_end_matches('=');
    let (mut loose, padding) = (strip.to_owned(), whole.matches('=').count());
    let last = loose.pop().unwrap();
    loose.push(next_letter(last));
    loose.push_str(&"=".repeat(padding));
    let url = whole.replace('+', "-").replace('/', "_");
    assert_ne!(url, whole);
    for (name, other) in [
        ("without padding", strip.to_owned()),
        ("trailing bits", loose),
        ("of the other alphabet", url),
        ("with a line break", format!("{whole}\n")),
    ] {
        cases.push(Case::of(&format!("base64 {name}"), bent(rest, |d| d["payload"] = json!(other))).refused("bad_json"));
    }
    cases
}

/// The letter after, in base64: one trailing bit more.
fn next_letter(letter: char) -> char {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    LETTERS.chars().nth(LETTERS.find(letter).unwrap() + 1).unwrap()
}

fn thresholds() -> Vec<Case> {
    let three = authority(&[1, 2, 3], 2);
    let case = |name: &str, dsse: Value| Case::new(name, json!(three), dsse).with("deployment", three.fingerprint());
    let (one, two) = (signed(&three, &[1]), signed(&three, &[3, 1]));
    let stranger = signed(&three, &[1, 9]);
    let twice = bent(&one, |d| d["signatures"] = json!([d["signatures"][0], d["signatures"][0]]));
    let half = bent(&two, |d| d["signatures"][1]["sig"] = json!(base64(&[0; 64])));
    let borrowed = bent(&two, |d| d["signatures"][1]["keyid"] = json!(sign_key(2).public()));
    let beside = signed(&three, &[9, 1, 2]);
    vec![
        case("two of three", json!(two)).good(two.payload()),
        case("two of three, and a stranger beside", json!(beside)).good(beside.payload()),
        case("one of three", json!(one)).refused("bad_signature"),
        case("the same signer twice", twice).refused("bad_signature"),
        case("one of three, and a stranger", json!(stranger)).refused("bad_signature"),
        case("one of three, and a bent one", half).refused("bad_signature"),
        case("one key's signature under another's id", borrowed).refused("bad_signature"),
    ]
}

fn authorities() -> Vec<Case> {
    let (one, three) = (authority(&[1], 1), authority(&[1, 2, 3], 2));
    let (good, of_three) = (signed(&one, &[1]), signed(&three, &[1, 2]));
    let other = |name: &str, act: &dyn Fn(&mut Value), code: &str| {
        let mut authority = json!(three);
        act(&mut authority);
        Case::new(name, authority, json!(of_three)).with("deployment", three.fingerprint()).refused(code)
    };
    let weak = json!({"format": "amparo-authority-1", "keys": [SignPublic([0; 32])], "threshold": 1});
    vec![
        Case::of("another authority", &good).with("authority", authority(&[2], 1)).refused("other_authority"),
        Case::of("another fingerprint", &good).with("deployment", three.fingerprint()).refused("other_authority"),
        Case::of("a weak key of the authority", &good).with("authority", weak).refused("weak_key"),
        other("a lower threshold", &|a| a["threshold"] = json!(1), "other_authority"),
        other("a threshold of nothing", &|a| a["threshold"] = json!(0), "directory_invalid"),
        other("a threshold beyond the keys", &|a| a["threshold"] = json!(4), "directory_invalid"),
        other("keys that descend", &|a| a["keys"].as_array_mut().unwrap().reverse(), "directory_invalid"),
        other("a key of the authority twice", &|a| a["keys"][1] = a["keys"][0].clone(), "directory_invalid"),
        other("an authority without keys", &|a| a["keys"] = json!([]), "directory_invalid"),
        other(
            "six keys",
            &|a| {
                let mut keys: Vec<SignPublic> = (1..=6).map(|n| sign_key(n).public()).collect();
                keys.sort();
                a["keys"] = json!(keys);
            },
            "directory_invalid",
        ),
        other("an authority of another format", &|a| a["format"] = json!("amparo-authority-2"), "directory_invalid"),
        other("a key of the authority in capitals", &|a| a["keys"][0] = json!(a["keys"][0].as_str().unwrap().to_uppercase()), "bad_json"),
    ]
}

fn root(first: &Authority, next: &Authority, keys: &[u8], act: impl FnOnce(&mut Value)) -> Dsse {
    let draft = Roots::start(&first.fingerprint(), first).unwrap().draft(next).unwrap();
    let mut record: Value = serde_json::from_slice(draft.payload()).unwrap();
    act(&mut record);
    let mut dsse = Dsse::unsigned(draft.payload_type().to_owned(), serde_json::to_vec(&record).unwrap());
    keys.iter().for_each(|n| dsse.sign(&sign_key(*n)));
    dsse
}

fn roots() -> Vec<Case> {
    let (first, next) = (authority(&[1], 1), authority(&[2, 3], 2));
    let (old, new, both) = (signed(&first, &[1]), signed(&first, &[2, 3]), signed(&first, &[1, 2, 3]));
    let good = root(&first, &next, &[1, 2, 3], |_| ());
    let case = |name: &str, dsse: &Dsse, root: &Dsse| Case::of(name, dsse).with("roots", json!([root]));
    let all = [1, 2, 3];
    vec![
        case("after a root record", &new, &good).good(new.payload()),
        case("a directory signed by both, after", &both, &good).good(both.payload()),
        Case::of("a directory signed by both, before", &both).good(both.payload()),
        case("the former authority's directory", &old, &good).refused("bad_signature"),
        Case::of("the next authority's directory without the record", &new).refused("bad_signature"),
        case("a record by the former alone", &new, &root(&first, &next, &[1], |_| ())).refused("bad_signature"),
        case("a record by the former and half of the next", &new, &root(&first, &next, &[1, 2], |_| ())).refused("bad_signature"),
        case("a record by the next alone", &new, &root(&first, &next, &[2, 3], |_| ())).refused("bad_signature"),
        case("a directory as a record", &new, &both).refused("bad_signature"),
        Case::of("a record twice", &new).with("roots", json!([good, good])).refused("wrong_chain"),
        case("a record's number 2", &new, &root(&first, &next, &all, |r| r["number"] = json!(2))).refused("wrong_chain"),
        case("a record of another format", &new, &root(&first, &next, &all, |r| r["format"] = json!("amparo-root-2")))
            .refused("wrong_chain"),
        case("a record with another former", &new, &root(&first, &next, &all, |r| r["former"] = json!(authority(&[4], 1))))
            .refused("wrong_chain"),
        case("a record of another deployment", &new, &root(&first, &next, &all, |r| r["deployment"] = json!(Hash32([7; 32]))))
            .refused("wrong_chain"),
        case("a record with a threshold of nothing", &new, &root(&first, &next, &all, |r| r["next"]["threshold"] = json!(0)))
            .refused("directory_invalid"),
        case("a record that must be understood", &new, &root(&first, &next, &all, |r| r["must_understand"] = json!(["until"])))
            .refused("must_understand"),
    ]
}

fn freshness() -> Vec<Case> {
    let one = authority(&[1], 1);
    let dsse = signed(&one, &[1]);
    let (held, id) = (directory(&one, &dsse), one.fingerprint());
    let (key, other) = (gate(&held), directory(&one, &signed(&one, &[1])));
    let note = |signed: u32| FreshnessNote::make(&held, day(signed), &key, &id).to_bytes();
    let case = |name: &str, note: &[u8], today: u32| Case::of(name, &dsse).with("freshness", base64(note)).with("today", day(today));
    let bent = |at: usize| {
        let mut bytes = note(10);
        bytes[at] ^= 1;
        bytes
    };
    vec![
        Case::of("seven days old, without a note", &dsse).with("today", day(7)).good(dsse.payload()),
        Case::of("eight days old, without a note", &dsse).with("today", day(8)).refused("directory_stale"),
        case("a note of seven days", &note(10), 17).good(dsse.payload()),
        case("a note of eight days", &note(10), 18).refused("directory_stale"),
        case("a note of tomorrow", &note(11), 10).good(dsse.payload()),
        case("a note of the day after tomorrow", &note(12), 10).refused("directory_stale"),
        case("vouched for on its last day", &note(30), 30).good(dsse.payload()),
        case("vouched for, and expired", &note(30), 31).refused("directory_expired"),
        case("a note for another version", &bent(3), 12).refused("directory_stale"),
        case("a note for another hash", &bent(20), 12).refused("directory_stale"),
        case("a note with another day", &bent(39), 12).refused("directory_stale"),
        case("a note by this gate for another directory", &FreshnessNote::make(&other, day(10), &key, &id).to_bytes(), 12)
            .refused("directory_stale"),
        case("a bent note", &bent(100), 12).refused("directory_stale"),
        case("a note of 103 bytes", &note(10)[..103], 12).refused("directory_stale"),
        case("a note by another directory's gate", &FreshnessNote::make(&held, day(10), &gate(&other), &id).to_bytes(), 12)
            .refused("directory_stale"),
        case("a note by the authority's key", &FreshnessNote::make(&held, day(10), &sign_key(1), &id).to_bytes(), 12)
            .refused("directory_stale"),
    ]
}
