//! A server in this process whose clock the test moves.

use crate::founding::Founding;
use amparo::base::{Clock, DangerFlag, Day};
use amparo::client::Http;
use amparo::http::{Listen, Origin, Running, start};
use amparo::notify::Notifier;
use amparo::schedule::{Hours, Plan, Post, Schedule, ScheduleSettings};
use amparo::store::{SledStore, Store};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub const QUARTER: u64 = 15 * 60;
/// A quarter that has passed when a test begins.
const DUMMY_QUARTER: u32 = 0;
const PAUSES: &[Duration] = &[Duration::from_millis(50)];

#[derive(Clone)]
pub struct Hand(Arc<AtomicU64>);

impl Clock for Hand {
    fn unix_seconds(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Hand {
    /// 10:01 of the deployment's day.
    pub fn new() -> Self {
        Self(Arc::new(AtomicU64::new(day().midnight_unix_seconds() + 10 * 3600 + 60)))
    }

    pub fn set(&self, hour: u64, minute: u64, second: u64) {
        self.0.store(day().midnight_unix_seconds() + hour * 3600 + minute * 60 + second, Ordering::SeqCst);
    }

    pub fn add(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

pub fn day() -> Day {
    Day::from_number(20_781).unwrap()
}

pub struct House {
    pub http: Http,
    pub store: Arc<dyn Store>,
    running: Option<Running>,
    schedule: Option<Schedule>,
}

impl House {
    /// `letters`: the notifier, members' addresses and the hours of the letter.
    pub fn open(founding: &Founding, folder: &Path, hand: &Hand, letters: (Arc<dyn Notifier>, Vec<String>, Vec<u8>)) -> Self {
        let store: Arc<dyn Store> = Arc::new(SledStore::open(folder).unwrap());
        let (danger, clock): (_, Arc<dyn Clock>) = (Arc::new(DangerFlag::default()), Arc::new(hand.clone()));
        let authority = (founding.authority.clone(), Vec::new());
        let origin = Arc::new(Origin::new(Arc::clone(&store), authority, Arc::clone(&clock), Arc::clone(&danger), 2).unwrap());
        origin.take_directory(&founding.directory_json()).unwrap();
        let listen = Listen { tcp: Some("127.0.0.1:0".parse().unwrap()), workers: 2, ..Listen::default() };
        let running = start(Arc::clone(&origin), &listen).unwrap();
        let http = Http::new(&format!("http://{}", running.tcp.unwrap()), None).unwrap();
        let (notifier, members, letter_hours) = letters;
        let plan = Plan::new(ScheduleSettings { batch_minutes: 15, letter_hours }, clock.unix_seconds(), Box::new(|_| DUMMY_QUARTER));
        let duty = move || origin.directories().current().unwrap().content().duty.iter().map(|d| d.address.clone()).collect();
        let post = Post::with_pauses(notifier, members, PAUSES);
        let hours = Hours { store: Arc::clone(&store), post, danger, clock, duty: Box::new(duty) };
        Self { http, store, running: Some(running), schedule: Some(Schedule::start(hours, plan)) }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        drop(self.schedule.take());
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }
}
