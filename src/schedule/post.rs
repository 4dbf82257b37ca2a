//! A thread that carries letters, so that a mail server that hangs delays nothing else.

use crate::base::event::{Event, emit};
use crate::notify::{DUTY_LETTER, HOURLY_LETTER, Letter, Notifier};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

/// Rounds that may wait. A round beyond is dropped: the next one says the same.
const WAITING_MAX: usize = 4;
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(20);

/// Members' addresses.
pub type Addresses = Vec<String>;

struct Round {
    to: Addresses,
    letter: &'static Letter,
    events: (Event, Event),
}

/// Takes rounds of letters and returns at once.
pub struct Post {
    members: Addresses,
    rounds: SyncSender<Round>,
}

impl Post {
    /// Starts the thread.
    pub fn start(notifier: Arc<dyn Notifier>, members: Addresses) -> Self {
        Self::with_pause(notifier, members, PAUSE)
    }

    /// The same, with another pause between tries.
    pub fn with_pause(notifier: Arc<dyn Notifier>, members: Addresses, pause: Duration) -> Self {
        let (rounds, queue) = sync_channel::<Round>(WAITING_MAX);
        let carry = move || {
            while let Ok(round) = queue.recv() {
                for to in &round.to {
                    let sent = deliver(&*notifier, to, round.letter, pause);
                    emit(if sent { round.events.0 } else { round.events.1 });
                }
            }
        };
        // Without a thread no letter goes out; the server serves on.
        if std::thread::Builder::new().name("post".into()).spawn(carry).is_err() {
            emit(Event::LetterFailed);
        }
        Self { members, rounds }
    }

    /// The letter of the hour, one to each member.
    pub fn hourly(&self) {
        self.hand_over(self.members.clone(), &HOURLY_LETTER, (Event::LetterSent, Event::LetterFailed));
    }

    /// The duty letter, one to each duty address.
    pub fn duty(&self, to: Addresses) {
        self.hand_over(to, &DUTY_LETTER, (Event::DutyLetterSent, Event::DutyLetterFailed));
    }

    fn hand_over(&self, to: Addresses, letter: &'static Letter, events: (Event, Event)) {
        if self.rounds.try_send(Round { to, letter, events }).is_err() {
            emit(events.1);
        }
    }
}

fn deliver(notifier: &dyn Notifier, to: &str, letter: &Letter, pause: Duration) -> bool {
    for round in 0..TRIES {
        if notifier.send(to, letter).is_ok() {
            return true;
        }
        if round + 1 < TRIES {
            std::thread::sleep(pause);
        }
    }
    false
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
        let post = Post::with_pause(Arc::new(Hanging(Mutex::new(hang))), vec!["a@example.org".into()], Duration::ZERO);
        for _ in 0..20 {
            post.hourly();
            post.duty(vec!["b@example.org".into()]);
        }
        drop(release);
    }
}
