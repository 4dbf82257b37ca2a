//! Threads that carry letters, so that a mail server that hangs delays nothing else.

use crate::base::event::{Event, emit};
use crate::notify::{DUTY_LETTER, HOURLY_LETTER, Letter, Notifier};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

/// Rounds that may wait. A round beyond is dropped: those that wait say the same.
const WAITING_MAX: usize = 4;
/// Between tries, for the addresses that are left. A mail server that is started again is back within them.
const PAUSES: &[Duration] = &[Duration::from_secs(20), Duration::from_secs(120), Duration::from_secs(600)];

/// Members' addresses.
pub type Addresses = Vec<String>;

/// Takes rounds of letters and returns at once.
pub struct Post {
    members: Addresses,
    hourly: SyncSender<Addresses>,
    /// A thread of its own: nobody in danger waits until hundreds of members were written to.
    duty: SyncSender<Addresses>,
}

/// A kind of letter, and the events of one sent and one that failed.
#[derive(Clone, Copy)]
struct Lane {
    letter: &'static Letter,
    sent: Event,
    failed: Event,
}

const HOURLY: Lane = Lane { letter: &HOURLY_LETTER, sent: Event::LetterSent, failed: Event::LetterFailed };
const DUTY: Lane = Lane { letter: &DUTY_LETTER, sent: Event::DutyLetterSent, failed: Event::DutyLetterFailed };

impl Post {
    /// Starts the threads.
    pub fn start(notifier: Arc<dyn Notifier>, members: Addresses) -> Self {
        Self::with_pauses(notifier, members, PAUSES)
    }

    /// The same, with other pauses between tries.
    pub fn with_pauses(notifier: Arc<dyn Notifier>, members: Addresses, pauses: &'static [Duration]) -> Self {
        Self { members, hourly: HOURLY.open(Arc::clone(&notifier), pauses), duty: DUTY.open(notifier, pauses) }
    }

    /// The letter of the hour, one to each member.
    pub fn hourly(&self) {
        hand_over(&self.hourly, self.members.clone(), HOURLY);
    }

    /// The duty letter, one to each duty address.
    pub fn duty(&self, to: Addresses) {
        hand_over(&self.duty, to, DUTY);
    }
}

fn hand_over(rounds: &SyncSender<Addresses>, to: Addresses, lane: Lane) {
    if rounds.try_send(to).is_err() {
        emit(lane.failed);
    }
}

impl Lane {
    fn open(self, notifier: Arc<dyn Notifier>, pauses: &'static [Duration]) -> SyncSender<Addresses> {
        let (rounds, queue) = sync_channel(WAITING_MAX);
        let carry = move || {
            while let Ok(to) = queue.recv() {
                self.carry(&*notifier, to, pauses);
            }
        };
        // Without a thread no letter goes out; the server serves on.
        if std::thread::Builder::new().name("post".into()).spawn(carry).is_err() {
            emit(self.failed);
        }
        rounds
    }

    /// Each address once, then those that are left: an address that is refused keeps no other waiting.
    fn carry(self, notifier: &dyn Notifier, mut left: Addresses, pauses: &[Duration]) {
        for pause in pauses.iter().map(Some).chain([None]) {
            left.retain(|to| {
                let sent = notifier.send(to, self.letter).is_ok();
                if sent {
                    emit(self.sent);
                }
                !sent
            });
            match pause {
                Some(pause) if !left.is_empty() => std::thread::sleep(*pause),
                _ => break,
            }
        }
        left.iter().for_each(|_| emit(self.failed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::NotifyError;
    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, channel};

    struct Hanging(Mutex<Receiver<()>>);

    impl Notifier for Hanging {
        fn send(&self, _: &str, _: &Letter) -> Result<(), NotifyError> {
            let _ = self.0.lock().unwrap().recv();
            Err(NotifyError::Refused)
        }
    }

    #[test]
    fn a_mail_server_that_hangs_delays_nobody() {
        let (release, hang) = channel();
        let post = Post::with_pauses(Arc::new(Hanging(Mutex::new(hang))), vec!["a@example.org".into()], &[]);
        for _ in 0..20 {
            post.hourly();
            post.duty(vec!["b@example.org".into()]);
        }
        drop(release);
    }

    #[derive(Default)]
    struct Flaky {
        tried: Mutex<Vec<String>>,
        hourly: Mutex<()>,
    }

    impl Notifier for Flaky {
        fn send(&self, to: &str, letter: &Letter) -> Result<(), NotifyError> {
            let _waits = (letter.subject == HOURLY_LETTER.subject).then(|| self.hourly.lock().unwrap());
            let mut tried = self.tried.lock().unwrap();
            tried.push(to.into());
            let times = tried.iter().filter(|t| *t == to).count();
            if to.starts_with("never") || (to.starts_with("late") && times < 2) { Err(NotifyError::Refused) } else { Ok(()) }
        }
    }

    #[test]
    fn a_refused_address_keeps_no_other_waiting_and_is_tried_again() {
        let (flaky, to) = (Flaky::default(), ["never@x", "late@x", "good@x"].map(String::from).to_vec());
        DUTY.carry(&flaky, to, &[Duration::ZERO; 2]);
        assert_eq!(*flaky.tried.lock().unwrap(), ["never@x", "late@x", "good@x", "never@x", "late@x", "never@x"]);
    }

    #[test]
    fn the_duty_letter_does_not_wait_for_the_letters_of_the_hour() {
        let flaky = Arc::new(Flaky::default());
        let hangs = flaky.hourly.lock().unwrap();
        let post = Post::with_pauses(Arc::<Flaky>::clone(&flaky), vec!["member@x".into()], &[]);
        post.hourly();
        post.duty(vec!["duty@x".into()]);
        let began = std::time::Instant::now();
        while *flaky.tried.lock().unwrap() != ["duty@x"] {
            assert!(began.elapsed() < Duration::from_secs(10));
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(hangs);
    }
}
