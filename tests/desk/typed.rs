//! Bad input as it is typed: each failure is two lines (what is so, what to do) and its exit code: 0 done, 1 no, 2 could not.

use crate::world::{DAYS_AGO, Reporter, World, key_file, plain};
use amparo::caselog::{FeedItem, ItemKind};
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

struct Said {
    code: i32,
    out: String,
    err: String,
}

struct Room {
    world: World,
}

impl Room {
    fn new() -> Self {
        let room = Self { world: World::new() };
        room.world.set_day(DAYS_AGO);
        room
    }

    /// A directory of the machine's own day.
    fn current() -> Self {
        let room = Self::new();
        room.world.new_directory((DAYS_AGO - 1, DAYS_AGO + 25), |_| {});
        room
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.world.folder.path().join(name), bytes).unwrap();
    }

    fn run(&self, words: &[&str]) -> Said {
        let run = Command::new(env!("CARGO_BIN_EXE_amparo")).args(words).current_dir(self.world.folder.path()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: run.status.code().unwrap(), out: text(run.stdout), err: text(run.stderr) }
    }

    fn desk_with(&self, options: &[(&str, &str)], verb: &[&str]) -> Said {
        self.write("pass", "test\n");
        self.write("settings.json", r#"{"wait_seconds":0,"status_delay_days":0}"#);
        let fingerprint = self.world.deployment().to_string();
        let mut all = [
            ("--server", self.world.server.url.as_str()),
            ("--authority", &fingerprint),
            ("--key", "ac-1.key"),
            ("--passphrase-file", "pass"),
            ("--state", "state"),
        ];
        for (name, value) in options {
            all.iter_mut().find(|(known, _)| known == name).unwrap().1 = value;
        }
        let key = all.iter().find(|(name, _)| *name == "--key").unwrap().1.trim_end_matches(".key");
        if key.ends_with(['1', '2']) {
            self.write(&format!("{key}.key"), key_file(key));
        }
        let mut words = vec!["desk"];
        words.extend(all.iter().flat_map(|(name, value)| [*name, *value]));
        words.extend(verb);
        self.run(&words)
    }

    fn desk(&self, verb: &[&str]) -> Said {
        self.desk_with(&[], verb)
    }

    fn reported(&self, answers: Value) -> Reporter {
        let reporter = self.world.seal(&self.world.body(answers));
        self.world.publish_message(&reporter, ItemKind::Report, &reporter.sealed);
        reporter
    }
}

impl Said {
    #[track_caller]
    fn done(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.err);
        self
    }

    /// Two lines that say it.
    #[track_caller]
    fn fails(self, code: i32, what_is_so: &str, what_to_do: &str) {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.err);
        let lines: Vec<&str> = self.err.lines().collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].contains(what_is_so) && lines[1].contains(what_to_do), "{lines:?}");
    }
}

#[test]
fn keys_and_passphrases_that_do_not_fit() {
    let room = Room::current();
    room.desk_with(&[("--key", "stranger-1.key"), ("--state", "other")], &["inbox"]).fails(
        1,
        "no member of the directory",
        "ask the authority",
    );
    room.write("wrong", "tset");
    room.desk_with(&[("--passphrase-file", "wrong")], &["inbox"]).fails(1, "passphrase does not open", "check the passphrase");
    room.desk_with(&[("--key", "pass")], &["inbox"]).fails(1, "not a key file", "amparo key new");
    room.desk_with(&[("--key", "nowhere")], &["inbox"]).fails(2, "cannot be read", "check the path");
    let mut bent = key_file("ac-1");
    let at = bent.iter().rposition(|byte| byte.is_ascii_alphanumeric()).unwrap();
    bent[at - 40] = if bent[at - 40] == b'A' { b'B' } else { b'A' };
    room.write("bent", bent);
    room.desk_with(&[("--key", "bent")], &["inbox"]).fails(1, "does not open", "a changed file look the same");
    room.desk_with(&[("--authority", &"0".repeat(64))], &["inbox"]).fails(1, "another authority", "fingerprint");
    room.desk_with(&[("--server", "http://127.0.0.1:9")], &["inbox"]).fails(2, "did not answer", "try again");
    assert!(!room.world.server.shown().asked.iter().any(|line| line.contains("feed")), "nobody came as far as the feed");
}

#[test]
fn a_state_folder_that_is_not_hers_or_cannot_be_used() {
    let room = Room::current();
    room.desk(&["inbox"]).done();
    room.desk_with(&[("--key", "ac-2.key")], &["inbox"]).fails(1, "state of another key", "--state");
    room.desk_with(&[("--state", "pass")], &["inbox"]).fails(2, "cannot be written", "free space");
    let state = room.world.folder.path().join("state");
    for file in fs::read_dir(&state).unwrap() {
        let path = file.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        bytes[60] ^= 1;
        fs::write(&path, bytes).unwrap();
    }
    room.desk(&["inbox"]).fails(1, "state cannot be opened", "made again out of the feed");
    fs::remove_dir_all(&state).unwrap();
    room.desk(&["inbox"]).done();
}

#[test]
fn an_expired_directory_is_said_and_old_cases_go_on_while_new_reports_do_not() {
    let room = Room::new();
    let reporter = room.reported(plain("x"));
    let said = room.desk(&["inbox", "--help"]).done();
    assert!(said.out.contains("most urgent"));
    let said = room.desk(&["open", &reporter.hex()]).done();
    assert_eq!((said.err.lines().count(), said.err.contains("directory has expired")), (1, true), "{}", said.err);
    room.write("answers.json", plain("x").to_string());
    let (url, fingerprint) = (room.world.server.url.clone(), room.world.deployment().to_string());
    let report = ["report", "--server", &url, "--authority", &fingerprint, "--answers", "answers.json"];
    room.run(&report).fails(1, "expired", "no new reports until");
}

#[test]
fn a_rolled_back_directory_and_a_feed_that_forgets() {
    let room = Room::current();
    room.reported(plain("x"));
    room.desk(&["inbox"]).done();
    let newest = room.world.server.shown().directories.pop().unwrap();
    room.desk(&["inbox"]).fails(1, "older", "tell the organisation");
    room.world.server.shown().directories.push(newest);
    let batch = room.world.server.shown().batches.pop().unwrap();
    room.desk(&["inbox"]).fails(1, "does not follow", "raise the alarm");
    room.world.server.shown().batches.push(batch);
    room.desk(&["inbox"]).done();
}

#[test]
fn damaged_envelopes_in_the_feed() {
    let room = Room::current();
    let reporter = room.reported(plain("x"));
    let good = room.world.server.shown().batches.clone();
    let bytes = good[0].items[0].bytes.clone();
    // The feed no longer fits its own hashes.
    room.world.server.shown().batches[0].items[0].bytes[500] ^= 1;
    room.desk(&["inbox"]).fails(2, "chain is broken", "tampered with");
    // A server that changes envelopes and the feed with them.
    for damage in ["seal", "cut head", "cut body", "slots", "empty"] {
        let mut bytes = bytes.clone();
        match damage {
            "seal" => bytes[1100] ^= 1,
            "cut head" => bytes.truncate(1000),
            "cut body" => bytes.truncate(9000),
            "slots" => bytes[300] ^= 1,
            _ => bytes.truncate(1),
        }
        room.world.server.shown().batches.clear();
        room.world.server.shown().publish_items(vec![FeedItem::new(ItemKind::Report, reporter.id(), 0, bytes)]);
        let _ = fs::remove_dir_all(room.world.folder.path().join("state"));
        let rows: Value = serde_json::from_str(&room.desk(&["--json", "inbox"]).done().out).unwrap();
        match damage {
            // The head is whole: the case is shown with its warnings.
            "cut body" => assert!(rows[0]["warnings"].as_u64().unwrap() > 0, "{damage}: {rows}"),
            _ => {
                assert_eq!(rows, json!([]), "{damage}");
                room.desk(&["open", &reporter.hex()]).fails(1, "no such case", "from the inbox");
            }
        }
    }
}

#[test]
fn a_replayed_entry_is_a_warning_and_the_case_still_opens() {
    let room = Room::current();
    let reporter = room.reported(plain("x"));
    room.write("note.txt", "una nota");
    room.desk(&["note", &reporter.hex(), "--text", "note.txt"]).done();
    let note = room.world.server.shown().entries(&reporter.id()).remove(1).to_bytes();
    room.world.server.shown().publish_items(vec![FeedItem::new(ItemKind::Entry, reporter.id(), 2, note)]);
    let view: Value = serde_json::from_str(&room.desk(&["--json", "open", &reporter.hex()]).done().out).unwrap();
    assert_eq!((&view["answers"]["account"], &view["warnings"][0]["code"]), (&json!("x"), &json!("log_broken")));
    assert!(room.desk(&["open", &reporter.hex()]).done().out.contains("something was removed, reordered or replayed"));
}

#[test]
fn answers_and_referrals_that_may_not_be() {
    let room = Room::current();
    let reporter = room.reported(json!({"country": "GT", "what": ["m_c"], "institution": ["shelter"], "account": "x"}));
    let id = reporter.hex();
    room.write("long.txt", "a".repeat(4000));
    room.write("text.txt", "x");
    room.desk(&["reply", &id, "--text", "long.txt"]).fails(1, "too long", "several messages");
    room.desk(&["note", &id, "--text", "long.txt"]).fails(1, "too long", "several messages");
    room.write("latin.txt", [0xF1]);
    room.desk(&["reply", &id, "--text", "latin.txt"]).fails(1, "UTF-8", "save it");
    room.desk(&["reply", &id]).fails(1, "nothing to send", "--text, --status");
    room.world.server.shown().asked.clear();
    room.desk(&["reply", &id, "--text", "text.txt", "--status", "closed"]).fails(1, "closed is no status", "received, read, question");
    assert_eq!(room.world.server.shown().asked, Vec::<String>::new(), "not even the server was asked");
    room.desk(&["refer", &id, "--office", "care", "--why", "x"]).fails(1, "may not have the case", "outside the institution");
    room.desk(&["refer", &id, "--office", "nobody", "--why", "x"]).fails(1, "no office", "directory's offices");
    room.desk(&["refer", &id, "--office", "tip", "--why", "x"]).fails(1, "everyone of that office", "nothing to do");
    room.desk(&["open", "ff"]).fails(1, "64 hex digits", "inbox");
    room.desk(&["open", &"0".repeat(64)]).fails(1, "no such case", "inbox");
    assert!(room.world.server.shown().items().all(|item| item.kind != ItemKind::Reply), "nothing was sent");
    room.world.server.shown().refuse = Some("storage_full");
    room.desk(&["note", &id, "--text", "text.txt"]).fails(2, "storage_full", "try again later");
    room.world.server.shown().refuse = Some("case_refused");
    room.desk(&["note", &id, "--text", "text.txt"]).fails(1, "case_refused", "docs/protocol");
}

#[test]
fn exports_that_cannot_be_made_or_opened() {
    let room = Room::current();
    let id = room.reported(plain("x")).hex();
    room.desk(&["export", &id, "--out", "case.amparo"]).done();
    room.desk(&["export", &id, "--out", "case.amparo"]).fails(2, "cannot be written", "nothing is overwritten");
    let open = |file: &str, key: &str| room.run(&["open", file, "--key", key, "--passphrase-file", "pass"]);
    assert!(open("case.amparo", "ac-1.key").done().out.contains("\"account\": \"x\""));
    room.write("ac-2.key", key_file("ac-2"));
    open("case.amparo", "ac-2.key").fails(1, "does not open with your key", "who made the export");
    let mut bytes = fs::read(room.world.folder.path().join("case.amparo")).unwrap();
    let at = bytes.len() - 40;
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    room.write("bent.amparo", &bytes);
    open("bent.amparo", "ac-1.key").fails(1, "does not open", "key file");
    room.write("cut.amparo", &bytes[..at]);
    open("cut.amparo", "ac-1.key").fails(1, "does not open", "key file");
}
