//! Attachments by the commands a person types, over a line that is cut again and again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const AMPARO: &str = env!("CARGO_BIN_EXE_amparo");
/// What must be found nowhere at the server.
const CANARY: &[u8] = b"canary-3f1b-in-the-attachment";
const NAME: &str = "canary-name-77c0.jpg";
const BYTES: usize = 20_000_003;

struct Demo {
    child: Child,
    folder: tempfile::TempDir,
    address: SocketAddr,
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Demo {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut child = Command::new(AMPARO);
        child.args(["demo", "--listen", &address.to_string(), "--data"]).arg(folder.path().join("demo"));
        let child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let ready = (0..900).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            TcpStream::connect(address).is_ok()
        });
        assert!(ready, "the demo starts");
        Self { child, folder, address }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, port: u16, args: &[&str], input: &str) -> Output {
        let authority = std::fs::read_to_string(self.path("demo/fingerprint")).unwrap();
        let mut command = Command::new(AMPARO);
        command.arg(args[0]).args(["--server", &format!("http://127.0.0.1:{port}"), "--authority", authority.trim()]).args(&args[1..]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    fn desk(&self, args: &[&str]) -> Output {
        let own = |ending: &str| self.path(&format!("demo/keys/anticorruption-1.{ending}")).display().to_string();
        let (key, passphrase, state) = (own("key"), own("passphrase"), self.path("state").display().to_string());
        let front = ["desk", "--key", &key, "--passphrase-file", &passphrase, "--state", &state, "--json"];
        self.run(self.address.port(), &[&front[..], args].concat(), "")
    }

    fn json(&self, args: &[&str]) -> serde_json::Value {
        let output = self.desk(args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// A line that cuts the first and the third part in their midst, and the fifth behind its last byte, before the answer: the client cannot know.
fn cutting_line(to: SocketAddr) -> (u16, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, cuts) = (listener.local_addr().unwrap().port(), Arc::new(AtomicU32::new(0)));
    let counted = Arc::clone(&cuts);
    std::thread::spawn(move || {
        let mut parts = 0_u32;
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut head = vec![0; 4096];
            let n = client.read(&mut head).unwrap_or(0);
            let is_part = head.starts_with(b"POST /api/v1/attachments HTTP");
            parts += u32::from(is_part);
            let limit = match parts {
                1 | 3 if is_part => Some(3_000_000),
                5 if is_part => Some(usize::MAX),
                _ => None,
            };
            counted.fetch_add(u32::from(limit.is_some()), Ordering::SeqCst);
            let Ok(server) = TcpStream::connect(to) else { return };
            carry(client, server, &head[..n], limit);
        }
    });
    (port, cuts)
}

/// Carries one connection over; with a limit no answer comes back.
fn carry(mut client: TcpStream, mut server: TcpStream, begun: &[u8], limit: Option<usize>) {
    let (mut back, mut answer) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    server.write_all(begun).unwrap();
    std::thread::spawn(move || {
        let (mut piece, mut sent) = (vec![0; 64 << 10], 0);
        while sent < limit.unwrap_or(usize::MAX) {
            match client.read(&mut piece) {
                Ok(n) if n > 0 && server.write_all(&piece[..n]).is_ok() => sent += n,
                _ => break,
            }
        }
        let _ = (server.shutdown(Shutdown::Write), limit.map(|_| client.shutdown(Shutdown::Both)));
    });
    std::thread::spawn(move || {
        let mut piece = vec![0; 64 << 10];
        // With a limit the first of the answer is the end.
        while let Ok(n) = answer.read(&mut piece) {
            if n == 0 || limit.is_some() || back.write_all(&piece[..n]).is_err() {
                break;
            }
        }
        let _ = back.shutdown(Shutdown::Both);
    });
}

fn holds(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).any(|path| match path.is_dir() {
        true => holds(&path, needle),
        false => std::fs::read(path).unwrap().windows(needle.len()).any(|w| w == needle),
    })
}

fn content() -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..BYTES).map(|i| u8::try_from((i * 31 + (i >> 8) + (i >> 16)) % 256).unwrap()).collect();
    bytes[9_000_000..9_000_000 + CANARY.len()].copy_from_slice(CANARY);
    bytes
}

#[test]
fn an_attachment_arrives_whole_over_a_line_that_is_cut_and_the_server_learns_nothing_of_it() {
    let demo = Demo::start();
    let bytes = content();
    let (file, answers, more) = (demo.path(NAME), demo.path("answers.json"), demo.path("more.txt"));
    std::fs::write(&file, &bytes).unwrap();
    std::fs::write(&answers, r#"{"country":"GT","what":["m_s","m_c"],"institution":["police"],"account":"x"}"#).unwrap();
    std::fs::write(&more, "more").unwrap();
    let (port, cuts) = cutting_line(demo.address);
    let (file, answers, more) = (file.display().to_string(), answers.display().to_string(), more.display().to_string());
    let sent = demo.run(port, &["report", "--answers", &answers, "--attach", &file], "");
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    assert_eq!(cuts.load(Ordering::SeqCst), 3);
    let words = String::from_utf8(sent.stdout).unwrap();
    assert_eq!(words.split_whitespace().count(), 8, "the words, and nothing else");
    let further = demo.run(demo.address.port(), &["follow-up", "--text", &more, "--attach", &answers], &words);
    assert!(further.status.success(), "{}", String::from_utf8_lossy(&further.stderr));

    let inbox = demo.json(&["inbox"]);
    let id = inbox[0]["id"].as_str().unwrap();
    let case = demo.json(&["open", id]);
    let listed = case["attachments"].as_array().unwrap();
    assert_eq!((listed.len(), &listed[0]["name"], &listed[0]["size"], &listed[1]["message"]), (2, &NAME.into(), &BYTES.into(), &1.into()));
    assert_eq!(case["warnings"].as_array().unwrap().len(), 0);
    let blob = |n: usize| listed[n]["blob"].as_str().unwrap();
    let (out, second) = (demo.path("out").display().to_string(), demo.path("second").display().to_string());
    demo.json(&["attachment", id, blob(0), "--out", &out]);
    assert!(std::fs::read(&out).unwrap() == bytes);
    let again = demo.desk(&["attachment", id, blob(1), "--out", &out]);
    assert!(!again.status.success() && std::fs::read(&out).unwrap() == bytes, "nothing is overwritten");
    demo.json(&["attachment", id, blob(1), "--out", &second]);
    assert!(std::fs::read(second).unwrap() == std::fs::read(&answers).unwrap());
    let mut left = std::fs::read_dir(demo.folder.path()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
    assert!(!left.any(|name| name.ends_with(".part")));

    let size = u64::try_from(BYTES).unwrap();
    for needle in [CANARY, NAME.as_bytes(), &size.to_be_bytes(), &size.to_le_bytes()] {
        assert!(!holds(&demo.path("demo/store"), needle), "{}", String::from_utf8_lossy(needle));
    }
}
