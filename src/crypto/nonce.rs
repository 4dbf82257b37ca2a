//! The server's nonces: `u32 day ‖ 16 random ‖ 16 mark`. They need no memory until they are used.

use super::work::NONCE_BYTES;
use super::{derive_long, random, same};
use crate::base::{Day, Secret};

const MARKED_BYTES: usize = 20;

/// Makes nonces and knows its own.
pub struct NonceMarks(Secret<32>);

impl NonceMarks {
    /// Under the server's secret.
    pub fn new(secret: Secret<32>) -> Self {
        Self(secret)
    }

    fn mark(&self, front: &[u8]) -> [u8; 16] {
        derive_long(&self.0, "nonce", &[front])
    }

    /// A fresh one.
    pub fn issue(&self, today: Day) -> [u8; NONCE_BYTES] {
        let mut nonce = [0; NONCE_BYTES];
        let front = [&today.number().to_be_bytes()[..], &random::<16>()].concat();
        let mark = self.mark(&front);
        nonce.iter_mut().zip(front.iter().chain(&mark)).for_each(|(to, from)| *to = *from);
        nonce
    }

    /// Whether it is one of ours, of today or yesterday.
    pub fn holds(&self, nonce: &[u8; NONCE_BYTES], today: Day) -> bool {
        let (front, mark) = nonce.split_at(MARKED_BYTES);
        let day = front.first_chunk::<4>().map_or(0, |day| u32::from_be_bytes(*day));
        let young = day <= today.number() && today.number() - day <= 1;
        same(&self.mark(front), mark) && young
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_holds_two_days_and_a_forged_one_never() {
        let marks = NonceMarks::new(Secret::new([1; 32]));
        let day = Day::from_number(100).unwrap();
        let nonce = marks.issue(day);
        assert!(marks.holds(&nonce, day) && marks.holds(&nonce, day.plus(1)));
        assert!(!marks.holds(&nonce, day.plus(2)) && !marks.holds(&nonce, day.minus(1)));
        assert!(!NonceMarks::new(Secret::new([2; 32])).holds(&nonce, day));
        for at in 0..NONCE_BYTES {
            let mut bent = nonce;
            bent[at] ^= 1;
            assert!(!marks.holds(&bent, day));
        }
    }
}
