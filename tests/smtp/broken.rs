//! A mail server that hangs, talks nonsense or is not there: reports neither wait nor get lost.

use crate::founding::{Founding, Reporter};
use crate::house::{Hand, House, QUARTER, day};
use crate::mail::settings;
use amparo::client::ReporterLink;
use amparo::notify::{Notifier, Security, Silent, Smtp};
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const REPORTS: usize = 40;
/// Far below the 30 seconds that a hanging mail server is borne.
const SLOWEST: Duration = Duration::from_secs(3);
const NOISE: Duration = Duration::from_millis(25);

/// Accepts, and then says `greeting` or nothing; the lines stay open.
fn mute(greeting: &'static str) -> (u16, Arc<Mutex<Vec<TcpStream>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, held) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
    let keep = Arc::clone(&held);
    std::thread::spawn(move || {
        for mut line in listener.incoming().map_while(Result::ok) {
            let _ = line.write_all(greeting.as_bytes());
            keep.lock().unwrap().push(line);
        }
    });
    (port, held)
}

fn absent() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The time of each POST, every one at a moment when letters are due.
fn latencies(founding: &Founding, reporters: &[Reporter], notifier: Arc<dyn Notifier>) -> Vec<Duration> {
    let (folder, hand) = (tempfile::tempdir().unwrap(), Hand::new());
    let members = (0..20).map(|n| format!("member-{n}@example.org")).collect();
    let house = House::open(founding, folder.path(), &hand, (notifier, members, (0..24).collect()));
    let mut took = Vec::new();
    for reporter in reporters {
        let request = founding.request(&house.http, &reporter.sealed, true).unwrap();
        let began = Instant::now();
        house.http.post("/api/v1/reports", &request).unwrap();
        took.push(began.elapsed());
        hand.add(QUARTER);
        std::thread::sleep(Duration::from_millis(30));
    }
    let pinned = founding.deployment();
    for reporter in reporters {
        let link = ReporterLink { http: &house.http, deployment: &pinned, keys: &reporter.keys };
        assert!(link.read(0).unwrap().report == reporter.sealed.head(), "lost");
    }
    took.sort_unstable();
    took
}

#[test]
fn a_broken_mail_server_delays_no_report_and_loses_none() {
    let folder = tempfile::tempdir().unwrap();
    let smtp = |port, security| -> Arc<dyn Notifier> { Arc::new(Smtp::new(&settings(port, security, &folder)).unwrap()) };
    let founding = Founding::new(day(), &[("ac", "duty@example.org")]);
    let reporters: Vec<_> = (0..REPORTS).map(|_| founding.reporter(100)).collect();
    let good = latencies(&founding, &reporters, Arc::new(Silent));
    let (hole, held) = mute("");
    let (nonsense, _kept) = mute("500 \0\u{7f}\r\nx");
    let cases = [
        ("hanging", smtp(hole, Security::Starttls)),
        ("hanging before TLS", smtp(hole, Security::Tls)),
        ("nonsense", smtp(nonsense, Security::Starttls)),
        ("absent", smtp(absent(), Security::Starttls)),
    ];
    let middle = |sorted: &[Duration]| sorted[sorted.len() / 2];
    println!("no mail: median {:.1?}, slowest {:.1?}", middle(&good), good[REPORTS - 1]);
    for (what, notifier) in cases {
        let took = latencies(&founding, &reporters, notifier);
        println!("{what}: median {:.1?}, slowest {:.1?}", middle(&took), took[REPORTS - 1]);
        assert!(middle(&took) < middle(&good) * 3 + NOISE, "{what}: reports wait for the mail server");
        assert!(took[REPORTS - 1] < SLOWEST, "{what}: a report waits for the mail server");
    }
    assert!(!held.lock().unwrap().is_empty(), "no letter was ever tried");
}
