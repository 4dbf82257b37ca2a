//! The formats that only the Rust side reads, against `tests/vectors/*.json`: case log, replies as the desk reads them, epochs, feed, case requests,
//! gate login, freshness notes, key files, nonces. Each file says what a case holds; `ok` comes with `expect`, else `error` is the stable code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::cast_possible_truncation, missing_docs)]

mod damage;
mod entry;
mod entry_cases;
mod epoch;
mod feed;
mod keyfile;
mod reply;
mod requests;
#[allow(dead_code)]
#[path = "../directory/world.rs"]
mod world;

use amparo::base::{Day, Secret, encode};
use amparo::crypto::{BoxKey, SignPublic};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A file of vectors: its cases, their reader, the codes that must occur.
struct Format {
    name: &'static str,
    cases: fn() -> Vec<Case>,
    read: fn(&Value) -> Result<Value, String>,
    codes: &'static [&'static str],
}

const FORMATS: &[Format] = &[
    Format {
        name: "entry",
        cases: entry_cases::all,
        read: entry::read,
        codes: &[
            "bad_json",
            "cannot_open",
            "must_understand",
            "not_canonical",
            "unknown_kind",
            "unknown_suite",
            "unknown_version",
            "wrong_length",
        ],
    },
    Format {
        name: "reply-desk",
        cases: reply::all,
        read: reply::read,
        codes: &[
            "bad_json",
            "bad_signature",
            "cannot_open",
            "must_understand",
            "not_canonical",
            "unknown_kind",
            "unknown_suite",
            "unknown_version",
            "wrong_length",
        ],
    },
    Format {
        name: "epoch",
        cases: epoch::all,
        read: epoch::read,
        codes: &["bad_signature", "not_canonical", "too_large", "weak_key", "wrong_chain", "wrong_length"],
    },
    Format {
        name: "feed",
        cases: feed::all,
        read: feed::read,
        codes: &["feed_broken", "not_canonical", "unknown_kind", "wrong_chain", "wrong_length"],
    },
    Format {
        name: "case-request",
        cases: requests::case_requests,
        read: requests::read_case_request,
        codes: &["bad_signature", "not_canonical", "unknown_kind", "wrong_length"],
    },
    Format {
        name: "gate-login",
        cases: requests::logins,
        read: requests::read_login,
        codes: &["gate_refused", "nonce_spent", "nonce_stale", "wrong_length"],
    },
    Format { name: "nonce", cases: requests::nonces, read: requests::read_nonce, codes: &["nonce_stale"] },
    Format {
        name: "freshness-note",
        cases: requests::notes,
        read: requests::read_note,
        codes: &["bad_json", "bad_signature", "directory_stale"],
    },
    Format { name: "key-file", cases: keyfile::all, read: keyfile::read, codes: &["cannot_open", "not_a_key_file", "unknown_version"] },
];

/// One line of a file in the making.
pub struct Case(Value);

impl Case {
    pub fn new(name: &str, given: Value) -> Self {
        let mut json = given;
        json["name"] = json!(name);
        Self(json)
    }

    pub fn good(mut self, expect: Value) -> Self {
        (self.0["ok"], self.0["expect"]) = (json!(true), expect);
        self
    }

    pub fn refused(mut self, code: &str) -> Self {
        (self.0["ok"], self.0["error"]) = (json!(false), json!(code));
        self
    }
}

pub fn text<'a>(case: &'a Value, member: &str) -> &'a str {
    case[member].as_str().unwrap_or_else(|| panic!("{member}"))
}

pub fn bytes(case: &Value, member: &str) -> Vec<u8> {
    encode::from_base64(text(case, member)).unwrap()
}

pub fn secret(hex: &str) -> Secret<32> {
    Secret::new(encode::from_hex_array(hex).unwrap())
}

pub fn box_key(hex: &str) -> BoxKey {
    BoxKey::from_secret(secret(hex))
}

pub fn sign_pk(case: &Value, member: &str) -> SignPublic {
    text(case, member).parse().unwrap()
}

pub fn day_of(case: &Value) -> Day {
    text(case, "today").parse().unwrap()
}

fn path(name: &str) -> String {
    format!("{}/tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

/// Run when a format changes: `cargo test --test caselog write_vectors -- --ignored`. The files are then the authority.
#[test]
#[ignore = "writes the vectors anew"]
fn write_vectors() {
    for format in FORMATS {
        let lines: Vec<String> = (format.cases)().iter().map(|case| case.0.to_string()).collect();
        let whole = format!("{{\"format\":\"amparo-vectors-1\",\"what\":\"{}\",\"cases\":[\n{}\n]}}\n", format.name, lines.join(",\n"));
        std::fs::write(path(format.name), whole).unwrap();
    }
}

fn cases(format: &Format) -> Vec<Value> {
    let whole: Value = serde_json::from_slice(&std::fs::read(path(format.name)).unwrap()).unwrap();
    assert_eq!((&whole["format"], &whole["what"]), (&json!("amparo-vectors-1"), &json!(format.name)));
    whole["cases"].as_array().unwrap().clone()
}

#[test]
fn every_format_follows_its_vectors() {
    let mut wrong = Vec::new();
    for format in FORMATS {
        for case in cases(format) {
            let got = (format.read)(&case);
            let told = match &got {
                Ok(expect) => case["ok"] == true && *expect == case["expect"],
                Err(code) => case["ok"] == false && case["error"] == json!(code),
            };
            if !told {
                wrong.push(format!("{} {}: wanted {} {}, got {got:?}", format.name, case["name"], case["error"], case["expect"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_vectors_hold_more_bad_than_good_and_every_code() {
    for format in FORMATS {
        let cases = cases(format);
        let good = cases.iter().filter(|case| case["ok"] == true).count();
        assert!(good >= 2 && cases.len() - good > good, "{}", format.name);
        let names: BTreeSet<&str> = cases.iter().map(|case| case["name"].as_str().unwrap()).collect();
        assert_eq!(names.len(), cases.len(), "{}", format.name);
        let codes: BTreeSet<&str> = cases.iter().filter_map(|case| case["error"].as_str()).collect();
        assert_eq!(codes, format.codes.iter().copied().collect(), "{}", format.name);
    }
}
