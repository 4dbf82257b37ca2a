//! What arrives, and where nothing may be sent.

use crate::mail::{Mail, PASSWORD, settings};
use amparo::notify::{DUTY_LETTER, HOURLY_LETTER, Letter, Notifier, NotifyError, Security, Smtp};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::time::Duration;

const QUIET: Duration = Duration::from_millis(300);

/// The letter's headers by name, and its body.
fn parts(letter: &Value) -> (Vec<(String, String)>, String) {
    let data = letter["data"].as_str().unwrap();
    let (head, body) = data.split_once("\r\n\r\n").unwrap();
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
    (unfolded.split("\r\n").map(header).collect(), body.to_owned())
}

fn send_twice(mode: &str, security: Security, letter: &Letter) -> Option<[Value; 2]> {
    let mail = Mail::start(mode, "127.0.0.1")?;
    let smtp = Smtp::new(&mail.settings(security)).unwrap();
    Some(["one@example.org", "two@example.net"].map(|to| {
        smtp.send(to, letter).unwrap();
        let arrived = mail.letter();
        assert_eq!((&arrived["to"][0], &arrived["sender"]), (&to.into(), &"aviso@example.org".into()));
        assert_eq!((&arrived["tls"], &arrived["authenticated"]), (&true.into(), &true.into()));
        arrived
    }))
}

#[test]
fn a_letter_arrives_and_is_the_same_for_all_but_for_address_and_date() {
    let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    for (mode, security) in [("starttls", Security::Starttls), ("tls", Security::Tls)] {
        for letter in [&HOURLY_LETTER, &DUTY_LETTER] {
            let Some(arrived) = send_twice(mode, security, letter) else { return };
            let [(mut first, body), (mut second, other)] = arrived.each_ref().map(parts);
            assert!(body == other && !body.is_empty());
            let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
            let known = ["From", "To", "Subject", "MIME-Version", "Date", "Content-Type", "Content-Transfer-Encoding"];
            let mut sorted = (names.clone(), known.to_vec());
            sorted.0.sort_unstable();
            sorted.1.sort_unstable();
            assert_eq!(sorted.0, sorted.1, "a header more or less");
            for headers in [&mut first, &mut second] {
                headers.retain(|(name, _)| name != "To" && name != "Date");
            }
            assert_eq!(first, second);
            for one in &arrived {
                // The machine does not say its name.
                assert_eq!(one["hello"], "[127.0.0.1]");
                let name = hostname.trim();
                assert!(name.len() < 4 || !one["data"].as_str().unwrap().contains(name));
                assert!(!one["data"].as_str().unwrap().contains("http"));
            }
        }
    }
}

#[test]
fn a_certificate_that_is_not_trusted_or_for_another_name_gets_nothing() {
    for (mode, security) in [("starttls", Security::Starttls), ("tls", Security::Tls)] {
        let Some(mail) = Mail::start(mode, "127.0.0.1") else { return };
        let mut untrusted = mail.settings(security);
        untrusted.ca_file = None;
        assert_eq!(Smtp::new(&untrusted).unwrap().send("one@example.org", &HOURLY_LETTER), Err(NotifyError::Refused));
        assert_eq!(mail.said_within(QUIET), [Value::Null; 0], "password or letter went to a stranger");
        let other = Mail::start(mode, "mail.example.org").unwrap();
        assert_eq!(Smtp::new(&other.settings(security)).unwrap().send("one@example.org", &HOURLY_LETTER), Err(NotifyError::Refused));
        assert_eq!(other.said_within(QUIET), [Value::Null; 0], "password or letter went to a stranger");
    }
}

#[test]
fn a_wrong_password_is_a_failure() {
    let Some(mail) = Mail::start("starttls", "127.0.0.1") else { return };
    let wrong = mail.settings(Security::Starttls);
    std::fs::write(&wrong.password_file, "wrong").unwrap();
    assert_eq!(Smtp::new(&wrong).unwrap().send("one@example.org", &HOURLY_LETTER), Err(NotifyError::Refused));
    let said = mail.said_within(QUIET);
    assert!(!said.is_empty() && said.iter().all(|line| line["kind"] == "login" && line["good"] == false), "{said:?}");
}

/// Speaks SMTP without TLS and keeps every line it is sent.
fn without_tls(features: &'static [&'static str]) -> (u16, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = move || {
        let (mut line, _) = listener.accept().unwrap();
        line.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut heard = String::new();
        line.write_all(b"220 mail\r\n").unwrap();
        let mut reader = BufReader::new(line.try_clone().unwrap());
        loop {
            let start = heard.len();
            if !reader.read_line(&mut heard).is_ok_and(|read| read > 0) {
                return heard;
            }
            let said = heard.split_at(start).1;
            let answer = match said.get(..4).unwrap_or_default() {
                "EHLO" => features.concat(),
                "STAR" => "454 not now\r\n".into(),
                "QUIT" => "221 bye\r\n".into(),
                _ => "250 go on\r\n".into(),
            };
            let _ = line.write_all(answer.as_bytes());
        }
    };
    (port, std::thread::spawn(serve))
}

#[test]
fn a_server_without_tls_gets_neither_password_nor_letter() {
    let folder = tempfile::tempdir().unwrap();
    for features in [&["250-mail\r\n", "250 AUTH PLAIN LOGIN\r\n"][..], &["250-mail\r\n", "250-STARTTLS\r\n", "250 AUTH PLAIN LOGIN\r\n"]] {
        let (port, heard) = without_tls(features);
        let sent = Smtp::new(&settings(port, Security::Starttls, &folder)).unwrap().send("one@example.org", &DUTY_LETTER);
        assert_eq!(sent, Err(NotifyError::Refused));
        let heard = heard.join().unwrap();
        let verbs: Vec<&str> = heard.lines().map(|line| line.split(' ').next().unwrap()).collect();
        assert!(verbs.iter().all(|verb| ["EHLO", "STARTTLS", "QUIT"].contains(verb)), "{heard}");
        assert!(!heard.contains(PASSWORD) && !heard.contains("example.org"));
    }
}
