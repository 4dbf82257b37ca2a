//! Several senders at once, and the kill at a random moment: what was acknowledged is there, what was not is whole or absent.

use crate::acts::{a_member_reads, is_long};
use crate::founding::{Founding, Reporter};
use crate::server::{Killer, Server};
use amparo::client::{ClientError, Http, ReporterLink};
use amparo::crypto::uniform;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const LONG_ROUNDS: u32 = 40;
const SHORT_ROUNDS: u32 = 3;
const SENDERS: u32 = 6;
const KILL_AFTER_MAX_MS: u32 = 400;
/// Sealed ahead, so that a sender does nothing but send.
const REPORTS_EACH: usize = 60;
const LARGE_EACH: usize = 7;

struct Sent {
    reporter: Reporter,
    request: Vec<u8>,
    is_acknowledged: bool,
}

/// Sends until it is refused the line; the last one may or may not have arrived.
fn send(http: &Http, founding: &Founding, reporters: Vec<Reporter>, is_killed: &AtomicBool) -> Vec<Sent> {
    let mut sent = Vec::new();
    for reporter in reporters {
        let Some(request) = founding.request(http, &reporter.sealed, false) else { break };
        let answer = http.post("/api/v1/reports", &request);
        let is_acknowledged = answer.is_ok();
        if let Err(error) = answer {
            assert!(matches!(error, ClientError::Unreachable), "refused: {error}");
            assert!(is_killed.load(Ordering::SeqCst), "the server went away by itself");
        }
        sent.push(Sent { reporter, request, is_acknowledged });
        if !is_acknowledged {
            break;
        }
    }
    sent
}

fn prepare(founding: &Founding) -> Vec<Reporter> {
    (0..REPORTS_EACH).map(|n| founding.reporter(if n % LARGE_EACH == 0 { 40 << 10 } else { 200 })).collect()
}

fn all_send(server: &Server) -> Vec<Sent> {
    let (http, founding, is_killed) = (&server.http, &*server.founding, &AtomicBool::new(false));
    let ready: Vec<Vec<Reporter>> = (0..SENDERS).map(|_| prepare(founding)).collect();
    let killer: Killer = server.killer();
    std::thread::scope(|scope| {
        let senders: Vec<_> = ready.into_iter().map(|own| scope.spawn(move || send(http, founding, own, is_killed))).collect();
        std::thread::sleep(Duration::from_millis(20 + u64::from(uniform(KILL_AFTER_MAX_MS))));
        is_killed.store(true, Ordering::SeqCst);
        killer.kill();
        senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    })
}

/// Whether her words open it; if so it is whole.
fn is_there(server: &Server, sent: &Sent) -> bool {
    let pinned = server.founding.deployment();
    let link = ReporterLink { http: &server.http, deployment: &pinned, keys: &sent.reporter.keys };
    match link.read(0) {
        Ok(seen) => {
            assert!(seen.report == sent.reporter.sealed.head() && seen.last_number == 0);
            true
        }
        Err(ClientError::NoMailbox) => false,
        Err(error) => panic!("half there: {error}"),
    }
}

#[derive(Default)]
struct Count {
    acknowledged: u32,
    unanswered: u32,
    arrived: u32,
    slowest: Duration,
}

fn round(count: &mut Count) {
    let mut server = Server::new();
    let sent = all_send(&server);
    server.restart();
    let mut there = Vec::new();
    for one in &sent {
        let arrived = is_there(&server, one);
        assert!(arrived || !one.is_acknowledged, "an acknowledged report is lost");
        if arrived {
            there.push(&one.reporter);
        }
        count.acknowledged += u32::from(one.is_acknowledged);
        count.unanswered += u32::from(!one.is_acknowledged);
        count.arrived += u32::from(arrived && !one.is_acknowledged);
    }
    a_member_reads(&server.http, &server.founding, &there);
    // Her client sends the same bytes again: the report is there then, and once.
    for one in sent.iter().filter(|one| !one.is_acknowledged) {
        server.http.post("/api/v1/reports", &one.request).expect("the same bytes are refused");
        assert!(is_there(&server, one));
    }
    a_member_reads(&server.http, &server.founding, &sent.iter().map(|one| &one.reporter).collect::<Vec<_>>());
    count.slowest = count.slowest.max(server.slowest_start);
}

#[test]
fn a_kill_amid_many_senders_loses_nothing_acknowledged_and_halves_nothing() {
    let rounds = if is_long() { LONG_ROUNDS } else { SHORT_ROUNDS };
    let (mut count, began) = (Count::default(), Instant::now());
    (0..rounds).for_each(|_| round(&mut count));
    let Count { acknowledged, unanswered, arrived, slowest } = count;
    println!(
        "{rounds} kills amid {SENDERS} senders: {acknowledged} acknowledged, none lost; {unanswered} without an answer, \
         {arrived} of them there, all whole; {:.1?}; slowest start {slowest:.0?}",
        began.elapsed()
    );
    assert!(acknowledged > 0, "the kills came too early to tell anything");
}
