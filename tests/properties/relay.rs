//! Stands between client and server on loopback: keeps every byte that goes over, and changes answers where a test is a lying server.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// One request and its answer, as they went over the line.
#[derive(Clone)]
pub struct Exchange {
    /// Request line and headers.
    pub head: String,
    pub body: Vec<u8>,
    /// Status line and headers.
    pub answer_head: String,
    pub answer: Vec<u8>,
}

impl Exchange {
    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    pub fn is_send(&self) -> bool {
        self.head.starts_with("POST /api/v1/reports")
    }
}

type Change = Box<dyn FnMut(&str, Vec<u8>) -> Vec<u8> + Send>;

pub struct Relay {
    pub url: String,
    seen: Arc<Mutex<Vec<Exchange>>>,
    change: Arc<Mutex<Change>>,
    stop: Arc<AtomicBool>,
    port: u16,
}

/// Head and body of a message of HTTP/1.1.
fn read(from: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 65536]);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end + 4;
        }
        let n = from.read(&mut chunk).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&chunk[..n]);
    };
    let mut body = bytes.split_off(end);
    let head = String::from_utf8(bytes).unwrap();
    let lower = head.to_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.trim().parse().unwrap());
    while body.len() < length {
        let n = from.read(&mut chunk).ok().filter(|n| *n > 0)?;
        body.extend_from_slice(&chunk[..n]);
    }
    Some((head, body))
}

/// Carries one request over. It counts as seen before the client hears the answer: a test looks as soon as the client is done.
fn carry(client: &mut TcpStream, server: u16, change: &Mutex<Change>, seen: &Mutex<Vec<Exchange>>) -> Option<()> {
    let (head, body) = read(client)?;
    let mut line = TcpStream::connect(("127.0.0.1", server)).ok()?;
    line.write_all(head.as_bytes()).and_then(|()| line.write_all(&body)).ok()?;
    let (answer_head, kept) = read(&mut line)?;
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let changed = (change.lock().unwrap())(&path, kept.clone());
    let is_length = |line: &&str| line.to_lowercase().starts_with("content-length");
    let mut front: Vec<&str> = answer_head.lines().filter(|line| !line.is_empty() && !is_length(line)).collect();
    let length = format!("content-length: {}", changed.len());
    front.extend([length.as_str(), "connection: close", "\r\n"]);
    let front = front.join("\r\n");
    seen.lock().unwrap().push(Exchange { head, body, answer_head, answer: kept });
    client.write_all(front.as_bytes()).and_then(|()| client.write_all(&changed)).ok()
}

impl Relay {
    pub fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let change: Change = Box::new(|_, answer| answer);
        let (seen, change, stop) = (Arc::default(), Arc::new(Mutex::new(change)), Arc::new(AtomicBool::new(false)));
        let relay = Self { url: format!("http://127.0.0.1:{port}"), seen, change, stop, port };
        let (seen, change, stop) = (Arc::clone(&relay.seen), Arc::clone(&relay.change), Arc::clone(&relay.stop));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                // A client that went away is no matter.
                let _ = client.ok().and_then(|mut client| carry(&mut client, server, &change, &seen));
            }
        });
        relay
    }

    /// What went over since the last look.
    pub fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    /// From now on answers go through `change`, which is told the path.
    pub fn lie(&self, change: impl FnMut(&str, Vec<u8>) -> Vec<u8> + Send + 'static) {
        *self.change.lock().unwrap() = Box::new(change);
    }

    pub fn be_honest(&self) {
        self.lie(|_, answer| answer);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}
