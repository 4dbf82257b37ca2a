//! Attachments up and down.

use crate::bare::{Bare, ask, post, write, write_parts};
use crate::served::{Sent, Server};
use amparo::caselog::{CaseRequest, Verb};
use amparo::crypto::{Hash32, Hasher, blake2b_256, work};
use amparo::envelope::{Attachment, AttachmentOpener, AttachmentSealer, PartHead};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The goals of issue 5.
const UP_RATIO: f64 = 0.6;
const DOWN_RATIO: f64 = 0.6;
const RESIDENT_MIB: f64 = 64.0;
/// Parts may come on several lines.
const LINES: usize = 3;

fn manifest(path: &Path) -> Attachment {
    let (mut file, mut hasher, mut piece, mut size) = (File::open(path).unwrap(), Hasher::plain(), vec![0; 1 << 20], 0);
    loop {
        let n = file.read(&mut piece).unwrap();
        if n == 0 {
            break;
        }
        hasher.update(&piece[..n]);
        size += u64::try_from(n).unwrap();
    }
    let (blob, hash) = (Uuid::new_v4(), Hash32(hasher.finish()));
    Attachment { blob, name: "x".into(), media_type: "x".into(), size, hash, removed: vec![], original: true }
}

/// Every request that brings a part, made beforehand: what is measured then is the server.
fn requests(server: &Server, sent: &Sent, line: &Attachment, path: &Path) -> Vec<Vec<u8>> {
    let (mut sealer, mut file) = (AttachmentSealer::new(&sent.content, line).unwrap(), File::open(path).unwrap());
    let (nonce, bits) = server.challenge();
    let mut all = Vec::new();
    loop {
        let mut part = Vec::new();
        let Some((number, is_last)) = sealer.next_part(&mut file, &mut part).unwrap() else { return all };
        let facts = (u32::try_from(part.len()).unwrap(), Hash32(blake2b_256(&[&part])));
        let head = PartHead::sign(&sent.keys.sign, (line.blob, number, is_last), facts, &server.pinned).to_bytes();
        let solutions = work::solve(&nonce, &work::subject(&head), bits).unwrap().map(u64::to_be_bytes).concat();
        all.push(post("/api/v1/attachments", &[&nonce[..], &solutions, &head, &part].concat()));
    }
}

fn part_request(server: &Server, sent: &Sent, blob: Uuid, number: u32) -> Vec<u8> {
    let payload = [&blob.as_bytes()[..], &number.to_be_bytes()].concat();
    let about = (Verb::Part, sent.keys.mailbox_id, 0);
    let keys = (&server.gate(), &sent.case.sign);
    post("/api/v1/cases", &CaseRequest::make(about, server.challenge().0, payload, keys, &server.pinned).to_bytes())
}

/// Does it to each, on so many lines at once.
fn on_lines<T: Sync>(lines: usize, things: &[T], act: impl Fn(&T) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..lines {
            scope.spawn(|| {
                while let Some(thing) = things.get(next.fetch_add(1, std::sync::atomic::Ordering::SeqCst)) {
                    act(thing);
                }
            });
        }
    });
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

#[test]
#[ignore = "takes minutes; for a release build"]
fn attachments_against_a_bare_write_and_a_bare_stream() {
    let mib: usize = std::env::var("AMPARO_BENCH_MIB").map_or(1024, |mib| mib.parse().unwrap());
    let folder = std::env::var_os("AMPARO_BENCH_FOLDER").map_or_else(tempfile::tempdir, tempfile::tempdir_in).unwrap();
    let (source, bare) = (folder.path().join("source"), folder.path().join("bare"));
    let bytes = mib << 20;
    write(&source, bytes);
    let server = Server::start(&folder.path().join("demo"));
    println!("resident before: {:.0} MiB", server.resident_mib());
    let line = manifest(&source);
    let (mut bare_writes, mut bare_parts, mut ups, mut clients) = (vec![], vec![], vec![], vec![]);
    let mut last = None;
    for _ in 0..3 {
        bare_writes.push(write(&bare, bytes));
        std::fs::remove_file(&bare).unwrap();
        bare_parts.push(write_parts(&bare, bytes));
        let sent = server.report(&line);
        let requests = requests(&server, &sent, &line, &source);
        let (before, begun) = (server.processor_seconds(), Instant::now());
        on_lines(LINES, &requests, |request| assert_eq!(ask(server.address, request), 0));
        ups.push(begun.elapsed());
        let after = server.processor_seconds();
        println!("processor: {:.2} s own, {:.2} s of the kernel", after.0 - before.0, after.1 - before.1);
        drop(requests);
        let by_client = server.report(&line);
        let begun = Instant::now();
        let mut file = File::open(&source).unwrap();
        server.link(&by_client).send_attachment(&by_client.content, &line, &mut file, &mut |_, _| {}).unwrap();
        clients.push(begun.elapsed());
        last = Some(sent);
    }
    let (bare_write, bare_part, up, client) = (median(bare_writes), median(bare_parts), median(ups), median(clients));
    let rate = |seconds: f64| mib as f64 / seconds;
    println!("{mib} MiB written and synced, bare:  {:.0} MiB/s", rate(bare_write));
    println!("the same in durable parts, bare:   {:.0} MiB/s", rate(bare_part));
    println!("up, parts made beforehand:         {:.0} MiB/s, ratio {:.2}, to parts {:.2}", rate(up), bare_write / up, bare_part / up);
    println!("up by the client, sealing and all: {:.0} MiB/s, ratio {:.2}", rate(client), bare_write / client);
    println!("resident: {:.0} MiB", server.resident_mib());
    let down = down(&server, &last.unwrap(), &line, &source, rate);
    println!("resident at most: {:.0} MiB", server.resident_mib());
    assert!(bare_write / up >= UP_RATIO, "up");
    assert!(down >= DOWN_RATIO, "down");
    assert!(server.resident_mib() < RESIDENT_MIB, "memory");
}

fn down(server: &Server, sent: &Sent, line: &Attachment, source: &Path, rate: impl Fn(f64) -> f64) -> f64 {
    let bare = Bare::start(source.to_owned());
    let request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let parts = AttachmentOpener::new(&sent.content, line).unwrap().parts();
    let (mut streams, mut downs) = (vec![], vec![]);
    for _ in 0..3 {
        let begun = Instant::now();
        assert_eq!(ask(bare.address, request), usize::try_from(line.size).unwrap());
        streams.push(begun.elapsed());
        let begun = Instant::now();
        let whole: usize = (0..parts).map(|number| ask(server.address, &part_request(server, sent, line.blob, number)) - 156).sum();
        downs.push(begun.elapsed());
        assert!(whole > usize::try_from(line.size).unwrap());
    }
    bare.stop();
    let (stream, down) = (median(streams), median(downs));
    println!("down, a bare actix file stream:    {:.0} MiB/s", rate(stream));
    println!("down, part by part:                {:.0} MiB/s, ratio {:.2}", rate(down), stream / down);
    stream / down
}
