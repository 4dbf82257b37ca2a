//! The directory against `tests/vectors/directory.json`, which the pages read too.
//!
//! A case: what a server shows (`authority`, the first; `roots`, `dsse`, `freshness` where they stand), the pinned `deployment`, a client's `today`.
//! `ok`: new reports may be sealed by it, and `expect` is its hash and version. Otherwise `error` is the code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod content_cases;
mod damage;
mod signature_cases;
mod world;

use amparo::directory::{Bundle, DirectoryError};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/directory.json");

/// One line of the file in the making.
struct Case {
    json: Value,
}

impl Case {
    fn new(name: &str, authority: Value, dsse: Value) -> Self {
        let deployment = world::authority(&[1], 1).fingerprint();
        Self {
            json: json!({"name": name, "ok": true, "deployment": deployment, "authority": authority, "dsse": dsse, "today": world::day(3)}),
        }
    }

    /// By the one-key authority.
    fn of(name: &str, dsse: impl serde::Serialize) -> Self {
        Self::new(name, json!(world::authority(&[1], 1)), json!(dsse))
    }

    fn with(mut self, member: &str, value: impl serde::Serialize) -> Self {
        self.json[member] = json!(value);
        self
    }

    fn refused(self, code: &str) -> Self {
        self.with("ok", false).with("error", code)
    }

    /// What must come out, from what is known before anyone reads it.
    fn good(self, payload: &[u8]) -> Self {
        let hash = amparo::crypto::hash("directory", &[payload]);
        self.with("expect", json!({"hash": hash, "version": 1}))
    }
}

/// Run when the format changes: `cargo test --test directory write_vectors -- --ignored`. The file is then the authority.
#[test]
#[ignore = "writes the vectors anew"]
fn write_vectors() {
    let cases = signature_cases::all().into_iter().chain(content_cases::all()).map(|case| case.json).collect::<Vec<_>>();
    let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
    let whole = format!("{{\"format\":\"amparo-vectors-1\",\"what\":\"directory\",\"cases\":[\n{}\n]}}\n", lines.join(",\n"));
    std::fs::write(FILE, whole).unwrap();
}

fn cases() -> Vec<Value> {
    let whole: Value = serde_json::from_slice(&std::fs::read(FILE).unwrap()).unwrap();
    assert_eq!((&whole["format"], &whole["what"]), (&json!("amparo-vectors-1"), &json!("directory")));
    whole["cases"].as_array().unwrap().clone()
}

/// A client's way, from the bytes of the answer to "a report may be sealed by it".
fn read(case: &Value) -> Result<Value, DirectoryError> {
    let today = case["today"].as_str().unwrap().parse().unwrap();
    let roots = case.get("roots").cloned().unwrap_or_else(|| json!([]));
    let bundle =
        json!({"authority": case["authority"], "roots": roots, "directory": case["dsse"], "freshness": case["freshness"], "today": today});
    let pinned = case["deployment"].as_str().unwrap().parse().unwrap();
    let trusted = Bundle::from_json(&serde_json::to_vec(&bundle).unwrap())?.verify(&pinned, today, None)?;
    trusted.check_for_reports(today)?;
    Ok(json!({"hash": trusted.directory.hash(), "version": trusted.directory.version()}))
}

#[test]
fn directories_follow_the_vectors() {
    let mut wrong = Vec::new();
    for case in cases() {
        let (name, got) = (&case["name"], read(&case));
        let told = match &got {
            Ok(expect) => case["ok"] == true && *expect == case["expect"],
            Err(error) => case["ok"] == false && error.code() == case["error"],
        };
        if !told {
            wrong.push(format!("{name}: wanted {}, got {got:?}", case["error"]));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_vectors_hold_more_bad_than_good_and_every_code() {
    let cases = cases();
    let good = cases.iter().filter(|case| case["ok"] == true).count();
    assert!(good >= 8 && cases.len() - good > 3 * good);
    let names: BTreeSet<&str> = cases.iter().map(|case| case["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), cases.len());
    let codes: BTreeSet<&str> = cases.iter().filter_map(|case| case["error"].as_str()).collect();
    let wanted = [
        "bad_json",
        "bad_signature",
        "directory_expired",
        "directory_invalid",
        "directory_stale",
        "must_understand",
        "other_authority",
        "weak_key",
        "wrong_chain",
    ];
    assert_eq!(codes, BTreeSet::from(wanted));
}
