//! Proof of work: BLAKE2b hashcash in 16 puzzles (docs/protocol/api.md, "Work"). It slows floods; it stops nobody.

use super::{Hash32, Hasher, hash, hashing::tag};

/// Puzzles to a write: many small ones vary less in time than one large.
pub const PUZZLES: usize = 16;
/// A server's nonce: `u32 day ‖ 16 random ‖ 16 mark`.
pub const NONCE_BYTES: usize = 36;
/// All solutions on the wire.
pub const SOLUTIONS_BYTES: usize = PUZZLES * 8;
/// The most a client will work: about four billion hashes.
pub const BITS_MAX: u8 = 28;

/// What the work covers: all of the request that follows it.
pub fn subject(rest: &[u8]) -> Hash32 {
    hash("work subject", &[rest])
}

/// One solution an index; `None` if more than [`BITS_MAX`] bits are asked.
pub fn solve(nonce: &[u8; NONCE_BYTES], subject: &Hash32, bits: u8) -> Option<[u64; PUZZLES]> {
    if bits > BITS_MAX {
        return None;
    }
    let mut solutions = [0; PUZZLES];
    for (index, solution) in (0_u8..).zip(solutions.iter_mut()) {
        *solution = (0..u64::MAX).find(|s| is_solved(nonce, subject, bits, index, *s))?;
    }
    Some(solutions)
}

/// Whether every puzzle is solved.
pub fn check(nonce: &[u8; NONCE_BYTES], subject: &Hash32, bits: u8, solutions: &[u64; PUZZLES]) -> bool {
    (0_u8..).zip(solutions).all(|(index, solution)| is_solved(nonce, subject, bits, index, *solution))
}

fn is_solved(nonce: &[u8; NONCE_BYTES], subject: &Hash32, bits: u8, index: u8, solution: u64) -> bool {
    let mut hasher = Hasher::plain();
    hasher.update(&tag("work")).update(nonce).update(subject.bytes()).update(&[index]).update(&solution.to_be_bytes());
    leading_zeros(&hasher.finish()) >= u32::from(bits)
}

fn leading_zeros(digest: &[u8; 32]) -> u32 {
    let whole = digest.iter().take_while(|byte| **byte == 0).count();
    let rest = digest.get(whole).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(whole).unwrap_or(u32::MAX).saturating_mul(8).saturating_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solved_work_passes_and_other_work_does_not() {
        let (nonce, about) = ([7; NONCE_BYTES], subject(b"report"));
        let solutions = solve(&nonce, &about, 6).unwrap();
        assert!(check(&nonce, &about, 6, &solutions));
        assert!(!check(&nonce, &subject(b"another"), 6, &solutions));
        assert!(!check(&[8; NONCE_BYTES], &about, 6, &solutions));
        assert!(!check(&nonce, &about, 30, &solutions));
        assert!(solve(&nonce, &about, 29).is_none());
    }

    #[test]
    fn bits_are_counted_from_the_front() {
        let mut digest = [0; 32];
        assert_eq!(leading_zeros(&digest), 256);
        digest[1] = 0b0001_0000;
        assert_eq!(leading_zeros(&digest), 11);
    }
}
