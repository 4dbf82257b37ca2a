//! Property 7: what the server keeps and logs knows days and size classes, and nothing of who asked.

use crate::place::{COUNTRIES, MEMBERS, answers, place, published};
use crate::relay::{Exchange, Relay};
use crate::search::{Found, Needles, files};
use crate::server::Server;
use amparo::base::{Clock, SystemClock, encode};
use amparo::crypto;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::{Duration, UNIX_EPOCH};

const ADDRESSES: [&str; 14] = [
    "GET /",
    "GET /authority",
    "GET /api/v1/directory",
    "GET /api/v1/directory/1",
    "GET /api/v1/challenge",
    "GET /api/v1/openapi.json",
    "GET /api/v1/feed",
    "POST /api/v1/reports",
    "POST /api/v1/mailbox",
    "POST /api/v1/gate",
    "POST /api/v1/cases",
    "POST /api/v1/replies",
    "POST /api/v1/freshness",
    "PUT /nowhere",
];
const HEADERS: [&str; 12] = [
    "user-agent",
    "referer",
    "x-forwarded-for",
    "x-real-ip",
    "forwarded",
    "cookie",
    "origin",
    "accept-language",
    "via",
    "from",
    "authorization",
    "traceparent",
];

/// Sends a request that says in every header, and in its address, who sends it; gives the answer's head.
fn ask(server: &Server, address: &str, mark: &str, body: &[u8]) -> String {
    let mut line = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    let headers: String = HEADERS.iter().map(|name| format!("{name}: {mark}\r\n")).collect();
    let front = format!("{address}?from={mark} HTTP/1.1\r\nhost: {mark}\r\n{headers}content-type: application/octet-stream\r\n");
    let head = format!("{front}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    line.write_all(head.as_bytes()).and_then(|()| line.write_all(body)).unwrap();
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase()
}

/// The second that runs, in microseconds.
fn now() -> u64 {
    SystemClock.unix_seconds() * 1_000_000
}

/// Moments of the run, in seconds, milliseconds or microseconds of eight bytes, in either order.
fn moments(bytes: &[u8], (from, to): (u64, u64)) -> usize {
    let is_moment = |n: u64| [1, 1_000, 1_000_000].iter().any(|scale| (from / scale..=to / scale).contains(&n));
    let at = |w: &[u8]| w.first_chunk::<8>().is_some_and(|w| is_moment(u64::from_be_bytes(*w)) || is_moment(u64::from_le_bytes(*w)));
    bytes.windows(8).filter(|w| at(w)).count()
}

/// A line of the log is a level and the name of an event: no time, address, length or duration fits into it.
fn is_bare(line: &str) -> bool {
    let (level, kind) = line.trim().split_once(' ').unwrap_or_default();
    let name = kind.strip_prefix("kind=").unwrap_or_default();
    ["ERROR", "WARN", "INFO"].contains(&level) && !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic())
}

/// Whether every file of the store says midnight; a write under way may be seen, so a few looks are taken.
fn is_midnight_everywhere(server: &Server) -> bool {
    let at_midnight = |path: &std::path::Path| {
        let modified = fs::metadata(path).unwrap().modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
        modified.as_nanos().is_multiple_of(86_400_000_000_000)
    };
    (0..40).any(|_| {
        sleep(Duration::from_millis(37));
        files(&server.data).iter().all(|file| at_midnight(file)) && at_midnight(&server.data) && at_midnight(&server.data.join("sled"))
    })
}

#[test]
fn nothing_of_who_asked_and_no_moment_is_kept_or_logged() {
    let server = place().serve("traces");
    let relay = Relay::to(server.port);
    let here = place().at(&relay.url);
    let begun = now();
    let words = here.report(&answers(COUNTRIES[0], "x"));
    here.status(&words);
    published();
    let id = here.desk(MEMBERS[0].0, &["inbox"])[0]["id"].as_str().unwrap().to_owned();
    here.desk(MEMBERS[0].0, &["reply", &id, "--text", &here.file("gracias"), "--status", "read"]);
    let exchanges = relay.take();
    let body_of = |path: &str| exchanges.iter().find(|e| e.path() == path).map(|e| e.body.clone()).unwrap_or_default();
    let mark = format!("marca{}", encode::hex(&crypto::random::<12>()));
    for address in ADDRESSES {
        // The very bytes of a true request where there was one: it goes through to the end.
        let head = ask(&server, address, &mark, &body_of(address.split(' ').nth(1).unwrap()));
        assert!(["set-cookie", "last-modified", "etag", "server:", &mark].iter().all(|name| !head.contains(name)), "{address}: {head}");
    }
    let mut needles = Needles::default();
    needles.text("the mark", &mark);
    needles.text("an address", "127.0.0.1");
    let found = needles.in_memory(&server);
    assert!(found.is_none_or(|found| found.contains_key("the mark")), "the search finds what was just read from the line");
    assert_eq!(needles.in_folder(&server.data), Found::new());
    assert_eq!(needles.in_log(&server), Found::new());

    let log = fs::read_to_string(&server.log).unwrap();
    assert!(log.lines().count() > 10 && log.contains("ReportStored") && log.contains("GateLogin"));
    assert_eq!(log.lines().find(|line| !is_bare(line)), None);
    assert!(is_midnight_everywhere(&server), "a file's time is finer than a day");
    let run = (begun, now() + 1_000_000);
    assert_eq!(moments(&[&[0; 3][..], &(begun / 1_000_000).to_be_bytes(), &begun.to_le_bytes()].concat(), run), 2, "the search can find");
    let kept: usize = files(&server.data).iter().map(|file| moments(&fs::read(file).unwrap(), run)).sum();
    assert_eq!(kept, 0, "moments of this run stand in the data folder");
    // What the holder of the words is shown, and a desk: days.
    let shown: usize = exchanges.iter().filter(|e| e.path() != "/api/v1/directory").map(|e| moments(&e.answer, run)).sum();
    assert_eq!(shown, 0, "moments of this run stand in an answer");
}

#[test]
fn a_length_tells_one_of_three_classes_and_two_equal_reports_share_nothing_random() {
    let relay = Relay::to(place().shared().port);
    let here = place().at(&relay.url);
    let sent = |letters: usize| {
        here.report(&answers(COUNTRIES[0], &"a".repeat(letters)));
        relay.take().into_iter().find(Exchange::is_send).unwrap().body
    };
    let lengths = [0, 1, 3_000, 12_000, 20_000, 50_000, 100_000].map(|letters| sent(letters).len());
    assert_eq!(lengths, [17_641, 17_641, 17_641, 17_641, 66_793, 66_793, 263_401]);
    // Nonce behind its day, solutions' ends, mailbox id, keys, slots, seal, body: no eight bytes agree.
    let [one, other] = [sent(1), sent(1)];
    for random in [4..36, 173..205, 241..one.len()] {
        let same = one[random.clone()].windows(8).zip(other[random.clone()].windows(8)).position(|(a, b)| a == b);
        assert_eq!(same, None, "in {random:?}");
    }
}
