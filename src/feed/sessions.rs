//! Gate sessions and spent nonces, in memory alone.

use crate::base::Day;
use crate::caselog::NONCE_BYTES;
use crate::crypto;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

/// How long a token opens the feed.
pub const TOKEN_SECONDS: u64 = 3600;
const SESSIONS_MAX: usize = 10_000;

/// Tokens by hash, and when they run out.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<[u8; 32], u64>>);

impl Sessions {
    pub(super) fn start(&self, now: u64) -> [u8; 32] {
        let token = crypto::random();
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, until| *until > now);
        // Members are few: at the bound, all sign in again.
        if sessions.len() >= SESSIONS_MAX {
            sessions.clear();
        }
        sessions.insert(crypto::blake2b_256(&[&token]), now + TOKEN_SECONDS);
        token
    }

    pub(super) fn holds(&self, token: &[u8; 32], now: u64) -> bool {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(&crypto::blake2b_256(&[token])).is_some_and(|until| *until > now)
    }
}

/// Nonces used today and yesterday. Only requests with a good gate signature are counted, so strangers cannot fill it.
#[derive(Default)]
pub(super) struct Spent(Mutex<HashMap<u32, HashSet<[u8; NONCE_BYTES]>>>);

impl Spent {
    /// True the first time.
    pub(super) fn spend(&self, nonce: &[u8; NONCE_BYTES], today: Day) -> bool {
        let mut days = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        days.retain(|day, _| today.number().saturating_sub(*day) <= 1);
        let day = nonce.first_chunk::<4>().map_or(0, |day| u32::from_be_bytes(*day));
        days.entry(day).or_default().insert(*nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_runs_out_and_a_nonce_is_spent_once() {
        let sessions = Sessions::default();
        let token = sessions.start(1000);
        assert!(sessions.holds(&token, 1000 + TOKEN_SECONDS - 1));
        assert!(!sessions.holds(&token, 1000 + TOKEN_SECONDS) && !sessions.holds(&[0; 32], 1000));
        let (spent, day) = (Spent::default(), Day::from_number(7).unwrap());
        let nonce = [0, 0, 0, 7].iter().copied().chain([9; 32]).collect::<Vec<u8>>().try_into().unwrap();
        assert!(spent.spend(&nonce, day) && !spent.spend(&nonce, day) && !spent.spend(&nonce, day.plus(1)));
    }
}
