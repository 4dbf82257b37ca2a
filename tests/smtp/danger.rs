//! The danger bit: a letter at the next quarter of an hour to every duty address, the same for every report, and nothing kept.

use crate::founding::Founding;
use crate::house::{Hand, House, day};
use crate::mail::Mail;
use amparo::notify::{DUTY_LETTER, HOURLY_LETTER, Security, Silent, Smtp};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const DUTY: [(&str, &str); 2] = [("ac", "duty-ac@example.org"), ("conflict", "duty-conflict@example.net")];
/// Some looks at the clock.
const LOOKS: Duration = Duration::from_millis(700);

fn without_date(data: &str) -> String {
    data.split("\r\n").filter(|line| !line.starts_with("Date: ") && !line.starts_with("To: ")).collect::<Vec<_>>().join("\n")
}

fn letters(mail: &Mail) -> (BTreeSet<String>, BTreeSet<String>) {
    let both = [mail.letter(), mail.letter()];
    let to = both.iter().map(|letter| letter["to"][0].as_str().unwrap().to_owned()).collect();
    (to, both.iter().map(|letter| without_date(letter["data"].as_str().unwrap())).collect())
}

#[test]
fn danger_is_written_at_the_next_quarter_to_all_duty_addresses_in_the_words_of_every_day() {
    let Some(mail) = Mail::start("starttls", "127.0.0.1") else { return };
    let smtp = Arc::new(Smtp::new(&mail.settings(Security::Starttls)).unwrap());
    let (founding, folder, hand) = (Founding::new(day(), &DUTY), tempfile::tempdir().unwrap(), Hand::new());
    let house = House::open(&founding, folder.path(), &hand, (smtp, vec![], vec![]));
    let post = |is_danger| {
        let reporter = founding.reporter(100);
        let request = founding.request(&house.http, &reporter.sealed, is_danger).unwrap();
        house.http.post("/api/v1/reports", &request).unwrap();
        request
    };
    let none = |why: &str| assert!(mail.said_within(LOOKS).is_empty(), "{why}");
    // No danger: no letter at the quarter.
    post(false);
    hand.set(10, 15, 0);
    none("a report without danger wrote a letter");
    // Danger, twice: nothing before the quarter, then one letter to each address.
    let request = post(true);
    post(true);
    hand.set(10, 29, 59);
    none("a letter tells when the report came");
    hand.set(10, 30, 0);
    let (to, for_danger) = letters(&mail);
    assert_eq!(to, DUTY.map(|(_, address)| address.to_owned()).into());
    hand.set(10, 45, 0);
    none("danger is written once");
    // The answer was lost, she sends the same bytes again: better told twice than not at all.
    house.http.post("/api/v1/reports", &request).unwrap();
    hand.set(11, 0, 0);
    assert_eq!(letters(&mail).1, for_danger);
    // At the quarter without a reason the letter is the same, byte for byte.
    hand.set(24, 0, 0);
    let (to, without_reason) = letters(&mail);
    assert_eq!((to.len(), &without_reason, for_danger.len()), (2, &for_danger, 1));
    none("one a day");
    assert_ne!(DUTY_LETTER.subject, HOURLY_LETTER.subject);
}

#[test]
fn the_hour_s_letter_goes_once_to_every_member_and_not_again_after_a_restart() {
    let Some(mail) = Mail::start("tls", "127.0.0.1") else { return };
    let (founding, folder, hand) = (Founding::new(day(), &DUTY), tempfile::tempdir().unwrap(), Hand::new());
    let members: Vec<String> = (0..3).map(|n| format!("member-{n}@example.org")).collect();
    let open = || {
        let smtp = Arc::new(Smtp::new(&mail.settings(Security::Tls)).unwrap());
        House::open(&founding, folder.path(), &hand, (smtp, members.clone(), vec![11, 13, 15]))
    };
    let house = open();
    hand.set(11, 0, 0);
    let to: BTreeSet<String> = (0..3).map(|_| mail.letter()["to"][0].as_str().unwrap().to_owned()).collect();
    assert_eq!(to, members.iter().cloned().collect());
    drop(house);
    hand.set(11, 0, 30);
    let house = open();
    assert!(mail.said_within(LOOKS).is_empty(), "a restart writes the letter again");
    // Off from 11 to 16 o'clock: no storm.
    drop(house);
    hand.set(16, 0, 0);
    let _house = open();
    assert!(mail.said_within(LOOKS).is_empty(), "letters of the hours it was off");
}

type Values = BTreeMap<Vec<u8>, Vec<u8>>;
type Files = BTreeMap<String, u64>;

/// Key and value of everything in the database, and the length of every other file.
fn kept(folder: &Path) -> (Values, Files) {
    let began = Instant::now();
    let db = loop {
        match sled::open(folder.join("sled")) {
            Ok(db) => break db,
            Err(error) => assert!(began.elapsed() < Duration::from_secs(10), "{error}"),
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let values = db.iter().map(|pair| pair.map(|(k, v)| (k.to_vec(), v.to_vec())).unwrap()).collect();
    let files = std::fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file());
    (values, files.map(|entry| (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().len())).collect())
}

#[test]
fn nothing_kept_tells_a_report_in_danger_from_another() {
    let founding = Founding::new(day(), &DUTY);
    let reporter = founding.reporter(100);
    let run = |is_danger| {
        let (folder, hand) = (tempfile::tempdir().unwrap(), Hand::new());
        let house = House::open(&founding, folder.path(), &hand, (Arc::new(Silent), vec![], vec![]));
        let request = founding.request(&house.http, &reporter.sealed, is_danger).unwrap();
        house.http.post("/api/v1/reports", &request).unwrap();
        hand.set(10, 15, 0);
        let began = Instant::now();
        let feed = loop {
            let (newest, batches) = house.store.feed(1, usize::MAX).unwrap();
            if newest > 0 {
                break amparo::caselog::Batch::write_page(newest, &batches);
            }
            assert!(began.elapsed() < Duration::from_secs(10));
            std::thread::sleep(Duration::from_millis(10));
        };
        drop(house);
        (feed, kept(folder.path()))
    };
    // The same bytes are sent to three servers that know nothing of each other; two of them without danger, as a measure.
    let [(feed, with), (feed_a, a), (feed_b, b)] = [true, false, false].map(run);
    assert!(feed == feed_a && feed == feed_b);
    let shape = |(values, files): &(Values, Files)| {
        (values.iter().map(|(key, value)| (key.clone(), value.len())).collect::<Vec<_>>(), files.clone())
    };
    assert_eq!(shape(&with), shape(&a));
    let differing = |x: &Values, y: &Values| -> BTreeSet<Vec<u8>> {
        x.iter().filter(|(key, value)| y.get(*key) != Some(value)).map(|(key, _)| key.clone()).collect()
    };
    assert_eq!(differing(&with.0, &a.0), differing(&a.0, &b.0), "a value depends on the bit");
}
