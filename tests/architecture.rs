//! The house's law, held against the code: the table of arrows in src/lib.rs, one door per foreign crate, sizes of files, licences.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 300;
/// Files that are longer for a reason.
const LONG_FILES: &[(&str, &str)] = &[];
/// Foreign crates and the one place that may name them.
const DOORS: &[(&str, &[&str])] = &[
    ("sodiumoxide", &["src/crypto/"]),
    ("sled", &["src/store/sled/"]),
    ("lettre", &["src/notify/smtp.rs"]),
    ("actix_web", &["src/http/", "src/desk/screen/"]),
    ("clap", &["src/cli/"]),
    ("tracing", &["src/base/event.rs", "src/hardening/"]),
    ("tracing_subscriber", &["src/hardening/"]),
    ("ureq", &["src/client/http.rs"]),
    ("flate2", &["src/http/"]),
    ("toml", &["src/config/"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() && !path.ends_with("node_modules") && !path.ends_with("dist") {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Path from the root, and text without comments.
fn sources() -> Vec<(String, String)> {
    let name = |path: &Path| path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    files(&root().join("src"), ".rs").iter().map(|path| (name(path), without_comments(&fs::read_to_string(path).unwrap()))).collect()
}

fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The table of src/lib.rs: room -> rooms it may use.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let all: BTreeSet<String> =
        text.lines().filter_map(|l| l.strip_prefix("pub mod ")).map(|m| m.trim_end_matches(';').to_owned()).collect();
    let mut table = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("//! ")) {
        let Some((room, rest)) = line.split_once("->") else { continue };
        let rest = rest.split("  ").map(str::trim).find(|part| !part.is_empty()).unwrap_or_default();
        let words: BTreeSet<String> = match rest {
            "everything" => all.clone(),
            "nothing" => BTreeSet::new(),
            _ => rest.split_whitespace().map(str::to_owned).collect(),
        };
        table.insert(room.trim().to_owned(), words);
    }
    table
}

/// Rooms named as `crate::room` in a text; `use crate::{a, b}` is not written in this house.
fn rooms_named(text: &str) -> BTreeSet<String> {
    let word = |rest: &str| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    text.match_indices("crate::").map(|(at, found)| word(&text[at + found.len()..])).filter(|room| !room.is_empty()).collect()
}

fn wrong_arrows(table: &BTreeMap<String, BTreeSet<String>>, sources: &[(String, String)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in sources {
        let Some(room) = path.strip_prefix("src/").and_then(|rest| rest.split('/').next()).filter(|r| !r.ends_with(".rs")) else {
            continue;
        };
        // Tests make what they need with the rooms that make it.
        let is_test = path.ends_with("/tests.rs");
        for named in rooms_named(text) {
            let may = is_test || may_use(table, room, &named);
            if named != room && table.contains_key(&named) && !may {
                wrong.push(format!("{path}: {room} -> {named}"));
            }
        }
        if text.contains("use crate::{") {
            wrong.push(format!("{path}: several rooms in one line"));
        }
    }
    wrong
}

fn may_use(table: &BTreeMap<String, BTreeSet<String>>, room: &str, named: &str) -> bool {
    table.get(room).is_some_and(|rooms| rooms.contains(named))
}

fn wrong_doors(sources: &[(String, String)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in sources {
        for (krate, doors) in DOORS {
            let named = text
                .match_indices(&format!("{krate}::"))
                .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'));
            if named && !doors.iter().any(|door| path.starts_with(door)) {
                wrong.push(format!("{path} names {krate}"));
            }
        }
    }
    wrong
}

#[test]
fn every_room_stands_in_the_table() {
    let table = table();
    let rooms: BTreeSet<String> = fs::read_dir(root().join("src"))
        .unwrap()
        .map(|e| e.unwrap())
        .filter(|e| e.file_type().unwrap().is_dir())
        .map(|e| e.file_name().into_string().unwrap())
        .collect();
    assert!(rooms.len() > 15);
    let missing: Vec<_> = rooms.iter().filter(|room| !table.contains_key(*room)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn arrows_go_down() {
    assert_eq!(wrong_arrows(&table(), &sources()), Vec::<String>::new());
}

#[test]
fn a_foreign_crate_has_one_door() {
    assert_eq!(wrong_doors(&sources()), Vec::<String>::new());
}

#[test]
fn the_checker_finds_what_is_planted() {
    let planted = |path: &str, text: &str| vec![(path.to_owned(), text.to_owned())];
    assert_eq!(wrong_arrows(&table(), &planted("src/notify/x.rs", "use crate::store::Store;")).len(), 1);
    assert_eq!(wrong_arrows(&table(), &planted("src/intake/x.rs", "let x = crate::desk::Desk;")).len(), 1);
    assert_eq!(wrong_arrows(&table(), &planted("src/base/x.rs", "use crate::{crypto, store};")).len(), 1);
    assert_eq!(wrong_arrows(&table(), &planted("src/cli/x.rs", "use crate::store::Store;")).len(), 0);
    assert_eq!(wrong_doors(&planted("src/desk/act.rs", "use sodiumoxide::init;")).len(), 1);
    assert_eq!(wrong_doors(&planted("src/store/mod.rs", "let db: sled::Db;")).len(), 1);
    assert_eq!(wrong_doors(&planted("src/store/mod.rs", "mod sled;\npub use self::sled::SledStore;")).len(), 0);
    assert!(without_comments("a\n  // sodiumoxide::x\nb").lines().count() == 2);
}

#[test]
fn notify_cannot_name_a_report_and_intake_cannot_open_one() {
    let table = table();
    assert_eq!(table["notify"], BTreeSet::from(["base".to_owned()]));
    let opens = ["open_report", "open_follow_up", "MemberKeys", "BoxKey", "gate_key("];
    let server = ["src/intake/", "src/feed/", "src/mailbox/", "src/http/", "src/store/", "src/schedule/"];
    for (path, text) in sources().iter().filter(|(path, _)| server.iter().any(|room| path.starts_with(room)) && !path.contains("tests")) {
        for word in opens {
            assert!(!text.contains(word), "{path} names {word}");
        }
    }
}

#[test]
fn nobody_asks_who_connects() {
    for (path, text) in sources() {
        for word in ["peer_addr", "connection_info", "realip_remote_addr", "USER_AGENT", "SystemTime::now", "new_v1(", "new_v7("] {
            assert!(!text.contains(word) || (word == "SystemTime::now" && path == "src/base/clock.rs"), "{path} names {word}");
        }
    }
    let keeps = [
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "innerHTML",
        "outerHTML",
        "crypto.subtle",
        "serviceWorker",
        "document.cookie",
        "WebAssembly",
    ];
    for path in files(&root().join("web/report"), ".ts").into_iter().chain(files(&root().join("web/desk"), ".ts")) {
        let text = fs::read_to_string(&path).unwrap();
        for word in keeps {
            assert!(!text.contains(word), "{} names {word}", path.display());
        }
    }
}

#[test]
fn files_are_short() {
    let folders = [("src", ".rs"), ("tests", ".rs"), ("web", ".ts")];
    for path in folders.iter().flat_map(|(folder, ending)| files(&root().join(folder), ending)) {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        let excused = LONG_FILES.iter().any(|(long, _)| *long == name);
        assert!(lines <= LINES_MAX || excused, "{name} has {lines} lines");
    }
    assert!(fs::read_to_string(root().join("src/lib.rs")).unwrap().contains("#![forbid(unsafe_code)]"));
}

#[test]
fn licences_are_those_that_deny_toml_allows() {
    let deny: toml::Table = fs::read_to_string(root().join("deny.toml")).unwrap().parse().unwrap();
    let allowed: BTreeSet<&str> = deny["licenses"]["allow"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100);
    for package in packages {
        let licence = package["license"].as_str().unwrap_or_default().replace('/', " OR ");
        let one = |part: &str| part.split(" AND ").all(|l| allowed.contains(l.trim().trim_matches(['(', ')'])));
        assert!(licence.split(" OR ").any(one), "{}: {licence}", package["name"]);
    }
}
