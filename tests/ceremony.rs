//! The ceremony of docs/operations/keys-ceremony.md with the commands that people type: two of three, a server, the loss of a key.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_amparo");

struct Said {
    code: i32,
    out: String,
    err: String,
}

/// The folder that all the people of this test share. Words that end in a dot and an ending are files in it.
struct Room(tempfile::TempDir);

impl Room {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, line: &str) -> Said {
        let run = Command::new(PROGRAM).args(line.split_whitespace()).current_dir(self.0.path()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: run.status.code().unwrap(), out: text(run.stdout), err: text(run.stderr) }
    }

    /// Runs what must succeed.
    fn does(&self, line: &str) -> String {
        let said = self.run(line);
        assert_eq!(said.code, 0, "{line}: {}", said.err);
        said.out.trim().to_owned()
    }

    /// Runs what must be refused: exit 1, two lines, the first with `why`.
    fn refuses(&self, line: &str, why: &str) {
        let said = self.run(line);
        assert_eq!((said.code, said.err.lines().count()), (1, 2), "{line}: {}{}", said.out, said.err);
        assert!(said.err.lines().next().unwrap().contains(why), "{line}: {}", said.err);
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path(name)).unwrap()).unwrap()
    }

    fn write(&self, name: &str, value: &Value) {
        fs::write(self.path(name), serde_json::to_vec(value).unwrap()).unwrap();
    }

    /// A draft with two offices of two members, a custodian and one rule, by the commands; the rest by hand, as people do.
    fn draft(&self) {
        let questionnaire = concat!(env!("CARGO_MANIFEST_DIR"), "/config/questionnaire.json");
        self.does(&format!("directory new --out draft.json --questionnaire {questionnaire}"));
        for office in ["one", "two"] {
            let names = json!({"es": office, "pt": office, "en": office});
            self.write("office.json", &json!({"id": office, "kind": "prosecution", "names": names, "level": "network"}));
            self.does("directory add draft.json --office office.json");
        }
        for (id, of) in [
            ("one-1", "--member member.json --of one"),
            ("one-2", "--member member.json --of one --desk-only"),
            ("two-1", "--member member.json --of two"),
            ("guard", "--custodian member.json"),
        ] {
            let public = self.does(&format!("key new --id {id} --out {id}.key --passphrase-file {id}.pass"));
            fs::write(self.path("member.json"), public).unwrap();
            self.does(&format!("directory add draft.json {of} --name N"));
        }
        let mut draft = self.json("draft.json");
        assert_eq!((&draft["members"][1]["role"], &draft["custodians"][0]["id"]), (&json!("desk"), &json!("guard")));
        let words = json!({"es": "x", "pt": "x", "en": "x"});
        draft["names"] = words.clone();
        draft["conflict_fallback"] = json!(["two"]);
        draft["rules"] = json!([{"id": "r", "countries": [], "when": true, "offices": ["one"], "why": words}]);
        self.write("draft.json", &draft);
    }

    fn serve(&self, port: u16, roots: &str) -> Server {
        let config = format!(
            "data = \"store\"\nauthority = \"authority.json\"\nroots = [{roots}]\nlog = \"error\"\n[listen]\ntcp = \"127.0.0.1:{port}\"\n"
        );
        fs::write(self.path("amparo.toml"), config).unwrap();
        let mut serve = Command::new(PROGRAM);
        let child = serve.args(["serve", "--config", "amparo.toml"]).current_dir(self.0.path()).stdout(Stdio::null()).spawn().unwrap();
        let mut server = Server(child);
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return server;
            }
            assert!(server.0.try_wait().unwrap().is_none(), "the server stopped");
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the server does not listen");
    }
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn two_of_three(room: &Room) -> String {
    let keys = [1, 2, 3].map(|n| room.does(&format!("authority new --key k{n}.key --passphrase-file k{n}.pass")));
    let with = keys.map(|key| format!("--with {key}")).join(" ");
    let shown = room.does(&format!("authority combine {with} --threshold 2 --out authority.json"));
    assert_eq!(room.does("authority fingerprint authority.json"), shown);
    assert!(with.contains(&room.does("authority public k2.key --passphrase-file k2.pass")));
    room.refuses(&format!("authority combine {with} --threshold 4 --out other.json"), "threshold");
    room.refuses("authority public k2.key --passphrase-file k1.pass", "passphrase");
    assert_eq!(room.run("authority new --key k1.key --passphrase-file k1.pass").code, 2, "a key is overwritten");
    shown.replace(' ', "-")
}

fn sign(n: u8, what: &str) -> String {
    format!("directory sign --key k{n}.key --passphrase-file k{n}.pass --authority-file authority.json {what}")
}

#[test]
fn two_of_three_make_a_directory_and_survive_the_loss_of_a_key() {
    let room = Room(tempfile::tempdir().unwrap());
    let fingerprint = two_of_three(&room);
    room.draft();
    let verify = format!("directory verify --authority {fingerprint} --authority-file authority.json");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let publish = format!("directory publish --server http://127.0.0.1:{port}");

    // One signs, another adds hers.
    room.refuses(&sign(1, "draft.json --days 36 --out v1.json"), "35 days");
    let first = room.does(&sign(1, "draft.json --out half.json"));
    assert!(first.ends_with("1 of 2 signatures"), "{first}");
    room.refuses(&format!("{verify} half.json"), "signatures");
    assert!(room.does(&sign(1, "half.json --also --out again.json")).ends_with("1 of 2 signatures"));
    room.does("authority new --key k9.key --passphrase-file k9.pass");
    room.refuses(&sign(9, "half.json --also --out v1.json"), "not one of the authority's");
    room.refuses(&sign(9, "draft.json --out v1.json"), "not one of the authority's");
    let second = room.does(&sign(2, "half.json --also --out v1.json"));
    // Two people compare the same lines.
    assert_eq!(second, first.replace("1 of 2 signatures", "2 of 2 signatures"));
    // Changed on the way: what the first person signed is no longer what the second sees.
    changed_on_the_way(&room);
    let shown = room.does(&format!("{verify} v1.json"));
    assert!(shown.starts_with("version 1, ") && shown.contains("2 offices, 3 members, 1 custodians"), "{shown}");
    let another = "0".repeat(64);
    room.refuses(&format!("directory verify --authority {another} --authority-file authority.json v1.json"), "another authority");

    assert_eq!(room.run(&format!("{publish} v1.json")).code, 2, "nobody listens yet");
    let server = room.serve(port, "");
    room.refuses(&format!("{publish} half.json"), "bad_signature");
    room.does(&format!("{publish} v1.json"));
    room.does(&format!("{publish} v1.json"));
    remembered(&room, &format!("status --server http://127.0.0.1:{port} --authority {fingerprint} --remember seen.json"));
    hand_over(&room, &verify, &publish, port, server);
}

/// Whoever asks the command line to remember is not shown an older directory. No words are given here, so it always ends in a refusal.
fn remembered(room: &Room, status: &str) {
    room.refuses(status, "0 words");
    let mut seen = room.json("seen.json");
    assert_eq!(seen["version"], 1);
    room.refuses(status, "0 words");
    seen["version"] = json!(2);
    room.write("seen.json", &seen);
    room.refuses(status, "older");
    assert_eq!(room.json("seen.json"), seen, "the refused version is not remembered");
    seen["deployment"] = json!("0".repeat(64));
    room.write("seen.json", &seen);
    room.refuses(status, "another authority");
}

fn changed_on_the_way(room: &Room) {
    let mut signed = room.json("half.json");
    let payload = amparo::base::encode::from_base64(signed["payload"].as_str().unwrap()).unwrap();
    let changed = String::from_utf8(payload).unwrap().replace("\"names\":{\"en\":\"x\"", "\"names\":{\"en\":\"y\"");
    signed["payload"] = json!(amparo::base::encode::base64(changed.as_bytes()));
    room.write("changed.json", &signed);
    assert!(room.does(&sign(2, "changed.json --also --out bad.json")).ends_with("1 of 2 signatures"));
    let mut empty = signed.clone();
    empty["payload"] = json!(amparo::base::encode::base64(changed.replace("\"rules\":[{", "\"rules\":[{},{").as_bytes()));
    room.write("changed.json", &empty);
    room.refuses(&sign(2, "changed.json --also --out bad.json"), "not valid");
}

/// Key 3 is lost; 1 and 2 make way for 1, 2 and 4.
fn hand_over(room: &Room, verify: &str, publish: &str, port: u16, server: Server) {
    let keys = ["1", "2"].map(|n| room.does(&format!("authority public k{n}.key --passphrase-file k{n}.pass")));
    let fourth = room.does("authority new --key k4.key --passphrase-file k4.pass");
    room.does(&format!("authority combine --with {} --with {} --with {fourth} --threshold 2 --out next.json", keys[0], keys[1]));
    let succeed = "authority succeed --authority-file authority.json";
    let said = room.does(&format!("{succeed} --next next.json --key k1.key --passphrase-file k1.pass --out half.json"));
    assert!(said.contains("present authority: 1 of 2") && said.contains("next authority: 1 of 2"), "{said}");
    room.refuses(
        &format!("{succeed} --record half.json --key k9.key --passphrase-file k9.pass --out r.json"),
        "not one of the authority's",
    );
    room.refuses(&format!("{verify} --root half.json v1.json"), "signatures");
    room.refuses(&format!("{succeed} --record v1.json --key k2.key --passphrase-file k2.pass --out r.json"), "signatures");
    let said = room.does(&format!("{succeed} --record half.json --key k2.key --passphrase-file k2.pass --out root.json"));
    assert!(said.contains("present authority: 2 of 2") && said.contains("next authority: 2 of 2"), "{said}");

    // Version 2 is good for both authorities, so the server never stands without one.
    let questionnaire = concat!(env!("CARGO_MANIFEST_DIR"), "/config/questionnaire.json");
    room.does(&format!("directory new --out draft.json --questionnaire {questionnaire} --former v1.json"));
    room.does(&sign(1, "draft.json --former v1.json --out half.json"));
    room.refuses(&sign(2, "half.json --also --out v2.json"), "does not follow");
    room.does(&sign(2, "half.json --also --former v1.json --out v2.json"));
    room.does(&format!("{verify} v2.json"));
    room.does(&format!("{verify} --root root.json v2.json"));
    room.does(&format!("{publish} v2.json"));
    drop(server);
    let _server = room.serve(port, "\"root.json\"");
    room.refuses(&sign(3, "draft.json --root root.json --former v2.json --out half.json"), "not one of the authority's");
    room.does(&sign(4, "draft.json --root root.json --former v2.json --out half.json"));
    room.does(&sign(1, "half.json --also --root root.json --former v2.json --out v3.json"));
    room.refuses(&format!("{verify} v3.json"), "signatures");
    room.does(&format!("{publish} v3.json"));
    room.refuses(&format!("{publish} v2.json"), "wrong_chain");
}
