//! The document against the running server. Every answer of every test here is held against it; this file sees to the rest.

use crate::document::{DOCUMENT, Document};
use crate::made::MEDIUM;
use crate::wire::Answer;
use crate::world::{SEEN, World};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Command;

#[test]
fn the_server_serves_this_document() {
    let answer = World::empty().get("/api/v1/openapi.json");
    assert_eq!(answer.body, include_bytes!("../../src/http/openapi.json"));
    assert_eq!(answer.json()["openapi"], "3.1.0");
}

/// What stands in the tables of docs/protocol/api.md.
fn rows(after: &str) -> Vec<Vec<String>> {
    let doc = include_str!("../../docs/protocol/api.md");
    let from_it = doc[doc.find(after).unwrap()..].lines().skip_while(|line| !line.starts_with('|'));
    let table = from_it.take_while(|line| line.starts_with('|'));
    table.map(|line| line.split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn the_protocols_addresses_and_the_documents_are_the_same() {
    let written: BTreeSet<(String, String)> = rows("| method, path")
        .iter()
        .filter_map(|row| row[1].split_once(" `/"))
        .map(|(method, path)| (method.to_owned(), format!("/{}", path.trim_end_matches('`').split('?').next().unwrap())))
        .collect();
    let documented = DOCUMENT.operations().into_iter().map(|(method, path, _)| (method, path));
    let documented: BTreeSet<_> = documented.filter(|(_, path)| path.starts_with("/api") || path == "/authority").collect();
    let is_itself = |(_, path): &&(String, String)| path == "/api/v1/openapi.json";
    assert_eq!(documented.iter().filter(|pair| !is_itself(pair)).collect::<Vec<_>>(), written.iter().collect::<Vec<_>>());
    assert_eq!(documented.iter().filter(is_itself).count(), 1);
}

#[test]
fn every_code_of_the_table_is_some_operations_and_the_other_way_round() {
    let table: BTreeSet<String> =
        rows("## Errors").iter().flat_map(|row| row[2].split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect();
    let listed: BTreeSet<String> = strings(&DOCUMENT.0["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]);
    assert_eq!(listed, table);
    let mut given: BTreeSet<String> =
        DOCUMENT.answers().iter().filter_map(|a| a.rsplit_once(' ')).map(|(_, code)| code.to_owned()).collect();
    given.remove("");
    // An address that does not take a method has no operation for it; the document says so in words.
    given.insert("method_not_allowed".into());
    assert_eq!(given, table);
}

fn strings(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|s| s.as_str().unwrap().to_owned()).collect()
}

/// Runs all other tests of this program once more and looks at what they were answered: nothing is documented that no test has provoked.
#[test]
fn every_documented_answer_is_provoked_by_some_test() {
    if std::env::var_os(SEEN).is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seen");
    let output = Command::new(std::env::current_exe().unwrap()).env(SEEN, &file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let seen: BTreeSet<String> = std::fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect();
    let documented = DOCUMENT.answers();
    let (never, undocumented): (Vec<_>, Vec<_>) = (documented.difference(&seen).collect(), seen.difference(&documented).collect());
    assert!(never.is_empty() && undocumented.is_empty(), "never provoked: {never:#?}\nnot documented: {undocumented:#?}");
}

/// Real answers: method, path, answer.
fn real_answers() -> Vec<(&'static str, &'static str, Answer)> {
    let world = World::new();
    let case = world.reported(MEDIUM);
    let token = world.token();
    vec![
        ("GET", "/", world.get("/")),
        ("GET", "/choice.js", world.get("/choice.js")),
        ("GET", "/pt/", world.get("/pt/")),
        ("GET", "/pt/main.js", world.get("/pt/main.js")),
        ("GET", "/authority", world.get("/authority")),
        ("GET", "/api/v1/challenge", world.get("/api/v1/challenge")),
        ("HEAD", "/api/v1/challenge", world.by_method("HEAD", "/api/v1/challenge")),
        ("GET", "/api/v1/directory", world.get("/api/v1/directory")),
        ("GET", "/api/v1/directory/9", world.get("/api/v1/directory/9")),
        ("POST", "/api/v1/reports", world.send(&case.report)),
        ("POST", "/api/v1/reports", world.post("/api/v1/reports", b"")),
        ("POST", "/api/v1/mailbox", world.mailbox(&case.reporter, 1)),
        ("POST", "/api/v1/gate", world.login(&world.gate())),
        ("GET", "/api/v1/feed?from=1", world.feed(&token, "from=1")),
        ("GET", "/api/v1/feed?from=1", world.feed("", "from=1")),
        ("POST", "/api/v1/cases", world.body(&case, 0)),
        ("POST", "/api/v1/cases", world.append(&case, 5)),
        ("PUT", "/api/v1/cases", world.by_method("PUT", "/api/v1/cases")),
        ("GET", "/api/v1/nothing", world.get("/api/v1/nothing")),
    ]
}

#[test]
fn a_document_that_is_wrong_is_found_out() {
    let answers = real_answers();
    let holds = |document: &Document| answers.iter().all(|(method, path, answer)| document.check(method, path, answer).is_ok());
    assert!(holds(&DOCUMENT));
    let planted: [(&str, Value); 18] = [
        ("/paths/~1authority/get/responses/200/content/text~1plain; charset=utf-8/schema/pattern", json!("^[0-9a-f]{63}\n$")),
        ("/paths/~1api~1v1~1challenge/get/responses", json!({"201": {"description": ""}})),
        ("/components/schemas/Challenge/properties/puzzles/const", json!(17)),
        ("/components/schemas/Challenge/properties/nonce/minLength", json!(49)),
        ("/components/schemas/Challenge/required", json!(["nonce", "bits", "puzzles", "more"])),
        ("/components/schemas/Challenge/properties", json!({"nonce": {}, "bits": {}})),
        ("/components/schemas/Bundle/properties/today/format", json!("date-time")),
        ("/components/schemas/Authority/properties/keys/items/pattern", json!("^[0-9A-F]{64}$")),
        ("/components/schemas/Login/properties/seconds", json!({"type": "string"})),
        ("/components/schemas/Problem/properties/type/pattern", json!("^about:blank$")),
        ("/paths/~1api~1v1~1mailbox/post/responses/200/content/application~1octet-stream/schema/maxLength", json!(40_959)),
        ("/paths/~1api~1v1~1mailbox/post/responses/200/content", json!({"application/json": {"schema": {}}})),
        ("/paths/~1api~1v1~1reports/post/responses/204", json!({"description": "", "content": {"application/json": {"schema": {}}}})),
        (
            "/paths/~1api~1v1~1reports/post/responses/400/content/application~1problem+json/schema/allOf/1/properties/code/enum",
            json!(["malformed"]),
        ),
        ("/paths/~1api~1v1~1cases/post/responses/200/content/application~1octet-stream/schema/anyOf", json!([{"maxLength": 16_384}])),
        ("/paths/~1api~1v1~1cases", json!({"post": DOCUMENT.0["paths"]["/api/v1/cases"]["post"], "delete": {"responses": {}}})),
        ("/paths/~1api~1v1~1feed/get/responses/401/headers/WWW-Authenticate/schema/const", json!("Basic")),
        ("/x-headers-of-every-answer/cache-control", json!("public")),
    ];
    for (at, wrong) in planted {
        let mut document = Document(DOCUMENT.0.clone());
        *document.0.pointer_mut(at).unwrap_or_else(|| panic!("{at} is not there")) = wrong;
        assert!(!holds(&document), "{at} was planted and not found");
    }
    for path in DOCUMENT.0["paths"].as_object().unwrap().keys().filter(|path| answers.iter().any(|(_, asked, _)| asked == path)) {
        let mut document = Document(DOCUMENT.0.clone());
        document.0["paths"].as_object_mut().unwrap().remove(path);
        assert!(!holds(&document), "{path} was taken out and not missed");
    }
}

#[test]
fn the_documented_lengths_of_requests_are_those_that_are_read() {
    let world = World::new();
    for (method, path, operation) in DOCUMENT.operations() {
        let Some(schema) = operation.pointer("/requestBody/content/application~1octet-stream/schema") else { continue };
        let all = schema["anyOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
        let lengths: Vec<usize> = all.iter().map(|one| usize::try_from(one["maxLength"].as_u64().unwrap()).unwrap()).collect();
        let longest = *lengths.iter().max().unwrap();
        let code = |length: usize| world.post(&path, &vec![3; length]).code();
        for length in lengths {
            assert!(!["wrong_length", "too_large"].contains(&code(length).as_str()), "{method} {path} {length}");
            assert!(["wrong_length", "malformed"].contains(&code(length - 1).as_str()) || path.ends_with('s'), "{method} {path} {length}");
        }
        assert_eq!(code(longest + 1), "too_large", "{method} {path}");
    }
}
