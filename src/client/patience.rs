//! Trying again on a line that drops.

use super::ClientError;
use std::thread::sleep;
use std::time::Duration;

/// The pause before the second try; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Acts up to `tries` times. A dropped line and a busy server are tried again; any other refusal is final.
pub(super) fn patiently<T>(tries: u32, mut act: impl FnMut() -> Result<T, ClientError>) -> Result<T, ClientError> {
    let mut pause = PAUSE;
    for _ in 1..tries {
        match act() {
            Err(ClientError::Unreachable) => {}
            Err(ClientError::Refused(problem)) if problem.status == 503 => {}
            other => return other,
        }
        sleep(pause);
        pause = (pause * 2).min(PAUSE_MAX);
    }
    act()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_line_is_tried_again_and_a_refusal_is_not() {
        let mut tries = 0;
        let late = patiently(3, || {
            tries += 1;
            if tries < 2 { Err(ClientError::Unreachable) } else { Ok(tries) }
        });
        assert!(matches!(late, Ok(2)));
        let mut tries = 0;
        let strange: Result<(), _> = patiently(3, || {
            tries += 1;
            Err(ClientError::Strange)
        });
        assert!(strange.is_err() && tries == 1);
    }

    #[test]
    fn trying_ends() {
        let mut tries = 0;
        let never: Result<(), _> = patiently(2, || {
            tries += 1;
            Err(ClientError::Unreachable)
        });
        assert!(never.is_err() && tries == 2);
    }
}
