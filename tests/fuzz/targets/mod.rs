//! One body for each parser of strangers' bytes. `tests/fuzz_short.rs` runs them on mutated samples with every `cargo test`;
//! `cargo fuzz` runs them with coverage (docs/operations/fuzzing.md). A body fails by panicking: on a crash, or where what was read is not what was written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::cast_possible_truncation, missing_docs)]

mod hollow;
mod json;
mod samples;
mod server;
mod wire;
mod world;

/// A body, and valid inputs to begin with.
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    pub samples: fn() -> Vec<Vec<u8>>,
}

const fn target(name: &'static str, run: fn(&[u8]), samples: fn() -> Vec<Vec<u8>>) -> Target {
    Target { name, run, samples }
}

pub const TARGETS: &[Target] = &[
    target("intake_request", server::intake_request, samples::intake_request),
    target("mailbox_request", server::mailbox_request, samples::mailbox_request),
    target("case_request", server::case_request, samples::case_request),
    target("gate_login", server::gate_login, samples::gate_login),
    target("envelope", wire::envelope, samples::envelope),
    target("head", wire::head, samples::head),
    target("entry", wire::entry, samples::entry),
    target("entry_content", wire::entry_content, samples::entry_content),
    target("reply", wire::reply, samples::reply),
    target("reply_content", wire::reply_content, samples::reply_content),
    target("feed_page", wire::feed_page, samples::feed_page),
    target("epoch", wire::epoch, samples::epoch),
    target("freshness", wire::freshness, samples::freshness),
    target("mailbox_answer", wire::mailbox_answer, samples::mailbox_answer),
    target("dsse", json::dsse, samples::dsse),
    target("directory_payload", json::directory_payload, samples::directory_payload),
    target("bundle", json::bundle, samples::bundle),
    target("questionnaire", json::questionnaire, samples::questionnaire),
    target("answers", json::answers, samples::answers),
    target("key_file", json::key_file, samples::key_file),
    target("config", json::config, samples::config),
    target("receipt_phrase", json::receipt_phrase, samples::receipt_phrase),
];

/// Runs the body of a name.
#[allow(dead_code)]
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of that name");
    (target.run)(data);
}
