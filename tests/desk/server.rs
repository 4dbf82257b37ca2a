//! A server that keeps what it is told and shows what the test wants. It checks nothing: what an honest one refuses is tested elsewhere.

use amparo::base::{Day, encode};
use amparo::caselog::{Batch, CaseRequest, Entry, FeedItem, ItemKind, Verb};
use amparo::crypto::{Hash32, MailboxId};
use amparo::directory::{Authority, Bundle, Dsse};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

#[derive(Default)]
pub struct Shown {
    pub authority: Option<Authority>,
    /// Versions from 1 on; the last is the current one.
    pub directories: Vec<Dsse>,
    pub freshness: Option<Vec<u8>>,
    pub today: Day,
    /// Not yet published.
    pub pending: Vec<FeedItem>,
    pub batches: Vec<Batch>,
    /// What the feed says is the newest, if it lies.
    pub newest: Option<u32>,
    /// What whoever asks from the beginning is shown instead.
    pub beginning: Option<Vec<Batch>>,
    pub bodies: BTreeMap<(MailboxId, u32), Vec<u8>>,
    /// Heads and parts of attachments, by blob id and number.
    pub parts: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Method and path of every request.
    pub asked: Vec<String>,
    /// Case requests are refused with this code.
    pub refuse: Option<&'static str>,
}

impl Shown {
    pub fn publish(&mut self) {
        let items = std::mem::take(&mut self.pending);
        if !items.is_empty() {
            self.publish_items(items);
        }
    }

    pub fn publish_items(&mut self, items: Vec<FeedItem>) {
        let former = self.batches.last().map_or(Hash32::ZERO, |batch| batch.head);
        let number = u32::try_from(self.batches.len()).unwrap() + 1;
        self.batches.push(Batch::make(&former, number, self.today, items));
    }

    /// Everything shown so far, in one batch, after `change`.
    pub fn rewrite(&mut self, change: impl FnOnce(&mut Vec<FeedItem>)) {
        self.publish();
        let mut items: Vec<FeedItem> = std::mem::take(&mut self.batches).into_iter().flat_map(|batch| batch.items).collect();
        change(&mut items);
        self.publish_items(items);
    }

    pub fn items(&self) -> impl Iterator<Item = &FeedItem> {
        self.batches.iter().flat_map(|batch| &batch.items).chain(&self.pending)
    }

    pub fn entries(&self, id: &MailboxId) -> Vec<Entry> {
        let entries = self.items().filter(|item| item.kind == ItemKind::Entry && item.mailbox_id == *id);
        entries.map(|item| Entry::parse(&item.bytes).unwrap()).collect()
    }

    fn count(&self, id: &MailboxId, kind: ItemKind) -> u32 {
        u32::try_from(self.items().filter(|item| item.kind == kind && item.mailbox_id == *id).count()).unwrap()
    }

    fn case_request(&mut self, bytes: &[u8]) -> Answer {
        let request = CaseRequest::parse(bytes).unwrap();
        let id = request.mailbox_id;
        if let Some(code) = self.refuse {
            return Answer::Problem(code);
        }
        match request.verb {
            Verb::Entry => {
                let number = Entry::parse(&request.payload).unwrap().place().number;
                if number != self.count(&id, ItemKind::Entry) {
                    return Answer::Problem("number_taken");
                }
                self.pending.push(FeedItem::new(ItemKind::Entry, id, number, request.payload));
            }
            Verb::Reply => {
                let number = self.count(&id, ItemKind::Reply) + 1;
                self.pending.push(FeedItem::new(ItemKind::Reply, id, number, request.payload));
            }
            Verb::Part => {
                return self.parts.get(&request.payload).map_or(Answer::Problem("no_such_part"), |part| Answer::Bytes(part.clone()));
            }
            Verb::Body => {
                let number = u32::from_be_bytes(request.payload.try_into().unwrap());
                return self.bodies.get(&(id, number)).map_or(Answer::Problem("no_such_message"), |body| Answer::Bytes(body.clone()));
            }
        }
        // Published at once, as in a demo.
        self.publish();
        Answer::Bytes(Vec::new())
    }

    fn directory(&self) -> Answer {
        let current = self.directories.last().unwrap().clone();
        let bundle = Bundle::new(self.authority.clone().unwrap(), vec![], current, self.freshness.as_deref(), self.today);
        Answer::Bytes(serde_json::to_vec(&bundle).unwrap())
    }

    fn feed(&self, from: usize) -> Answer {
        if let Some(shown) = self.beginning.as_ref().filter(|_| from == 1) {
            return Answer::Bytes(Batch::write_page(u32::try_from(shown.len()).unwrap(), shown));
        }
        let newest = self.newest.unwrap_or(u32::try_from(self.batches.len()).unwrap());
        Answer::Bytes(Batch::write_page(newest, self.batches.get(from - 1..).unwrap_or_default()))
    }

    fn answer(&mut self, line: &str, body: &[u8]) -> Answer {
        self.asked.push(line.to_owned());
        match line.split_once(' ').unwrap() {
            ("GET", "/api/v1/directory") => self.directory(),
            ("GET", "/api/v1/challenge") => {
                Answer::Bytes(json!({"nonce": encode::base64(&[7; 36]), "bits": 0, "puzzles": 16}).to_string().into_bytes())
            }
            ("POST", "/api/v1/gate") => Answer::Bytes(json!({"token": encode::base64(&[8; 32]), "seconds": 600}).to_string().into_bytes()),
            ("POST", "/api/v1/freshness") => {
                self.freshness = Some(body.to_vec());
                Answer::Bytes(Vec::new())
            }
            ("POST", "/api/v1/cases" | "/api/v1/replies") => self.case_request(body),
            ("GET", path) => {
                let last = |text: &str| path.strip_prefix(text).map(|n| n.parse::<usize>().unwrap());
                if let Some(from) = last("/api/v1/feed?from=") {
                    return self.feed(from);
                }
                let version = last("/api/v1/directory/").and_then(|n| self.directories.get(n - 1));
                version.map_or(Answer::Problem("no_such_version"), |d| Answer::Bytes(json!({ "directory": d }).to_string().into_bytes()))
            }
            _ => Answer::Problem("not_found"),
        }
    }
}

enum Answer {
    Bytes(Vec<u8>),
    Problem(&'static str),
}

pub struct Server {
    pub url: String,
    shown: Arc<Mutex<Shown>>,
}

impl Server {
    pub fn start(shown: Shown) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shown = Arc::new(Mutex::new(shown));
        let served = Arc::clone(&shown);
        // Ends with the test.
        std::thread::spawn(move || listener.incoming().flatten().for_each(|line| serve(line, &served)));
        Self { url, shown }
    }

    pub fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap()
    }
}

fn serve(mut line: TcpStream, shown: &Mutex<Shown>) {
    let mut bytes = Vec::new();
    let mut piece = [0; 16 << 10];
    let (head, start) = loop {
        match line.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(n) => bytes.extend_from_slice(&piece[..n]),
        }
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break (String::from_utf8(bytes[..at].to_vec()).unwrap(), at + 4);
        }
    };
    let length = head.lines().filter_map(|l| l.split_once(": ")).find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length.map_or(0, |(_, n)| n.trim().parse().unwrap());
    while bytes.len() < start + length {
        let n = line.read(&mut piece).unwrap();
        bytes.extend_from_slice(&piece[..n]);
    }
    let asked = head.lines().next().unwrap().rsplit_once(' ').unwrap().0;
    let (status, body) = match shown.lock().unwrap().answer(asked, &bytes[start..]) {
        Answer::Bytes(body) => ("200 OK", body),
        Answer::Problem(code) => ("409 Conflict", json!({"code": code, "status": 409}).to_string().into_bytes()),
    };
    let front = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = line.write_all(&[front.as_bytes(), &body].concat());
}
