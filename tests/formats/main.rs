//! The formats of docs/protocol against `tests/vectors/*.json`, which the pages read too (`web/test/formats.test.mjs`).
//!
//! A case: `do`, what is done; what it is done with; `ok`: `expect` comes out. Otherwise `error` is the code, and `about` what it tells.
//! Bytes are hex. `bytes` is base64, or an object: those of the earlier case `like` (else none), made `length` long, with `put` over them
//! (offset, hex). `reader: "desk"`: read by members, custodians or the server alone; a page that has no such code passes it over.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

mod attachments;
mod cross;
mod envelope_bad;
mod envelopes;
mod epochs;
mod forge;
mod mailboxes;
mod primitives;
mod properties;
mod receipts;
mod replies;
mod vaults;
mod works;

use amparo::base::encode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One line of a file in the making.
struct Case(Value);

impl Case {
    fn new(name: impl Into<String>, act: &str, with: Value) -> Self {
        let mut case = json!({"name": name.into(), "ok": true, "do": act});
        case.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        Self(case)
    }

    fn with(mut self, member: &str, value: impl serde::Serialize) -> Self {
        self.0[member] = json!(value);
        self
    }

    fn good(self, expect: impl serde::Serialize) -> Self {
        self.with("expect", expect)
    }

    fn refused(self, code: &str) -> Self {
        self.with("ok", false).with("error", code)
    }

    /// Only members, custodians or the server read it.
    fn desk(self) -> Self {
        self.with("reader", "desk")
    }
}

/// What is refused: a code and what it tells.
type Wrong = (String, Value);
type Outcome = Result<Value, Wrong>;

fn wrong(code: impl Into<String>) -> Wrong {
    (code.into(), Value::Null)
}

struct Format {
    what: &'static str,
    make: fn() -> Vec<Case>,
    read: fn(&Given<'_>) -> Outcome,
    codes: &'static [&'static str],
}

const FORMATS: [Format; 9] = [
    primitives::FORMAT,
    receipts::FORMAT,
    envelopes::FORMAT,
    vaults::FORMAT,
    works::FORMAT,
    mailboxes::FORMAT,
    replies::FORMAT,
    epochs::FORMAT,
    attachments::FORMAT,
];

/// A case among the others of its file.
struct Given<'a> {
    case: &'a Value,
    all: &'a BTreeMap<String, Value>,
}

impl Given<'_> {
    fn act(&self) -> &str {
        self.case["do"].as_str().unwrap()
    }

    fn text(&self, member: &str) -> &str {
        self.case[member].as_str().unwrap_or_else(|| panic!("{}: {member}", self.case["name"]))
    }

    fn number(&self, member: &str) -> u32 {
        u32::try_from(self.case[member].as_u64().unwrap()).unwrap()
    }

    fn hex(&self, member: &str) -> Vec<u8> {
        encode::from_hex(self.text(member)).unwrap()
    }

    fn array<const N: usize>(&self, member: &str) -> [u8; N] {
        self.hex(member).try_into().unwrap()
    }

    fn list(&self, member: &str) -> Vec<Vec<u8>> {
        self.case[member].as_array().unwrap().iter().map(|one| encode::from_hex(one.as_str().unwrap()).unwrap()).collect()
    }

    fn bytes(&self) -> Vec<u8> {
        bytes_of(&self.case["bytes"], self.all)
    }
}

fn bytes_of(told: &Value, all: &BTreeMap<String, Value>) -> Vec<u8> {
    if let Some(text) = told.as_str() {
        return encode::from_base64(text).unwrap();
    }
    let mut bytes = told["like"].as_str().map(|like| bytes_of(&all[like]["bytes"], all)).unwrap_or_default();
    if let Some(length) = told["length"].as_u64() {
        bytes.resize(usize::try_from(length).unwrap(), 0);
    }
    for put in told["put"].as_array().into_iter().flatten() {
        let (at, new) = (usize::try_from(put[0].as_u64().unwrap()).unwrap(), encode::from_hex(put[1].as_str().unwrap()).unwrap());
        bytes[at..at + new.len()].copy_from_slice(&new);
    }
    bytes
}

fn file(what: &str) -> String {
    format!("{}/tests/vectors/{what}.json", env!("CARGO_MANIFEST_DIR"))
}

/// Run when a format changes: `cargo test --test formats write_vectors -- --ignored`. The files are then the authority.
#[test]
#[ignore = "writes the vectors anew"]
fn write_vectors() {
    for format in FORMATS {
        let lines: Vec<String> = (format.make)().into_iter().map(|case| case.0.to_string()).collect();
        let whole = format!("{{\"format\":\"amparo-vectors-1\",\"what\":\"{}\",\"cases\":[\n{}\n]}}\n", format.what, lines.join(",\n"));
        std::fs::write(file(format.what), whole).unwrap();
    }
}

fn cases(what: &str) -> Vec<Value> {
    let whole: Value = serde_json::from_slice(&std::fs::read(file(what)).unwrap()).unwrap();
    assert_eq!((&whole["format"], &whole["what"]), (&json!("amparo-vectors-1"), &json!(what)));
    whole["cases"].as_array().unwrap().clone()
}

#[test]
fn the_formats_follow_the_vectors() {
    let mut bad = Vec::new();
    for format in FORMATS {
        let cases = cases(format.what);
        let all = cases.iter().map(|case| (case["name"].as_str().unwrap().to_owned(), case.clone())).collect();
        for case in &cases {
            let got = (format.read)(&Given { case, all: &all });
            let told = match &got {
                Ok(expect) => case["ok"] == true && *expect == case["expect"],
                Err((code, about)) => case["ok"] == false && *code == case["error"] && *about == case["about"],
            };
            if !told {
                let mut got = format!("{got:?}");
                got.truncate(got.char_indices().nth(300).map_or(got.len(), |(at, _)| at));
                bad.push(format!("{}, {}: wanted {}, got {got}", format.what, case["name"], case["error"]));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn the_vectors_of_every_format_hold_more_bad_than_good_and_every_code() {
    for format in FORMATS {
        let cases = cases(format.what);
        let good = cases.iter().filter(|case| case["ok"] == true).count();
        assert!(good >= 2 && cases.len() - good > good, "{}: {good} of {}", format.what, cases.len());
        let names: BTreeSet<&str> = cases.iter().map(|case| case["name"].as_str().unwrap()).collect();
        assert_eq!(names.len(), cases.len(), "{}", format.what);
        let codes: BTreeSet<&str> = cases.iter().filter_map(|case| case["error"].as_str()).collect();
        assert_eq!(codes, format.codes.iter().copied().collect(), "{}", format.what);
    }
}

#[test]
fn vectors_are_made_anew_byte_for_byte() {
    for format in FORMATS {
        let made: Vec<Value> = (format.make)().into_iter().map(|case| case.0).collect();
        assert!(made == cases(format.what), "{}: run write_vectors and look at what changed", format.what);
    }
}

/// Rounds of a test: `few`, or twenty times as many in a long run.
fn rounds(few: u32) -> u32 {
    if std::env::var("AMPARO_LONG").is_ok_and(|long| long == "1") { 20 * few } else { few }
}
