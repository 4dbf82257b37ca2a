//! Slots: one seed, a box for each recipient, filler that looks the same (docs/protocol/envelope.md).

use super::hashing::derive_long;
use super::{BoxKey, BoxPublic, CryptoError, Hash32, box0_open, box0_seal, derive, same};
use crate::base::Secret;

/// One slot: 32 bytes of seed and a 16-byte tag.
pub const SLOT_BYTES: usize = 48;

/// The one-time X25519 pair of a seed.
pub fn ephemeral(seed: &Secret<32>) -> BoxKey {
    BoxKey::from_secret(derive(seed, "ephemeral", &[]))
}

/// `filler(position)`: what stands where no recipient does.
pub fn filler(seed: &Secret<32>, position: u8) -> [u8; SLOT_BYTES] {
    derive_long(&derive(seed, "filler", &[]), "filler", &[&[position]])
}

/// The order of `N` slots: recipient k stands at `order[k]`. At most 16.
fn order<const N: usize>(seed: &Secret<32>) -> [u8; N] {
    const { assert!(N >= 1 && N <= 16) };
    let stream: [u8; 64] = derive_long(&derive(seed, "slot order", &[]), "slot order", &[]);
    let mut order: [u8; N] = std::array::from_fn(|i| u8::try_from(i).unwrap_or(u8::MAX));
    for (i, word) in (1..N).rev().zip(stream.chunks_exact(4)) {
        let word = word.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
        order.swap(i, word % (i + 1));
    }
    order
}

fn slot_key(shared: &Secret<32>, usage: &str, context: &Hash32, recipient: &BoxPublic) -> Secret<32> {
    derive(shared, usage, &[context.bytes(), recipient.bytes()])
}

/// A box of the seed for one recipient under a use of its own (`slot`, `reply slot`).
pub fn seal_one(seed: &Secret<32>, usage: &str, context: &Hash32, to: &BoxPublic) -> Result<[u8; SLOT_BYTES], CryptoError> {
    let shared = ephemeral(seed).shared(to)?;
    let sealed = box0_seal(&slot_key(&shared, usage, context, to), seed.expose());
    sealed.try_into().map_err(|_| CryptoError::System)
}

/// All `N` slots, `N x 48` bytes. More recipients than slots, or none, is `None`.
pub fn build<const N: usize>(seed: &Secret<32>, context: &Hash32, recipients: &[BoxPublic]) -> Result<Option<Vec<u8>>, CryptoError> {
    if recipients.len() > N {
        return Ok(None);
    }
    let order = order::<N>(seed);
    let mut slots = Vec::with_capacity(N * SLOT_BYTES);
    for position in (0_u8..).take(N) {
        let recipient = order.iter().position(|p| *p == position).and_then(|k| recipients.get(k));
        let slot = match recipient {
            Some(to) => seal_one(seed, "slot", context, to)?,
            None => filler(seed, position),
        };
        slots.extend_from_slice(&slot);
    }
    Ok(Some(slots))
}

/// Tries one own key on every slot. A seed that does not give `ephemeral_pk` again is refused: the envelope commits to one seed.
pub fn open(own: &BoxKey, usage: &str, ephemeral_pk: &BoxPublic, context: &Hash32, slots: &[u8]) -> Option<Secret<32>> {
    let shared = own.shared(ephemeral_pk).ok()?;
    let key = slot_key(&shared, usage, context, &own.public());
    let opened = slots.chunks_exact(SLOT_BYTES).find_map(|slot| box0_open(&key, slot))?;
    let seed = Secret::from_slice(&opened)?;
    commits(&seed, ephemeral_pk).then_some(seed)
}

/// Whether the seed gives this ephemeral key.
pub fn commits(seed: &Secret<32>, ephemeral_pk: &BoxPublic) -> bool {
    same(ephemeral(seed).public().bytes(), ephemeral_pk.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{hash, random_secret};

    #[test]
    fn each_recipient_finds_the_seed_and_a_stranger_does_not() {
        let keys: Vec<BoxKey> = (0..5).map(|_| BoxKey::from_secret(random_secret())).collect();
        let publics: Vec<BoxPublic> = keys.iter().map(BoxKey::public).collect();
        let (seed, context) = (random_secret(), hash("slot context", &[b"x"]));
        let slots = build::<16>(&seed, &context, &publics).unwrap().unwrap();
        let pk = ephemeral(&seed).public();
        for key in &keys {
            assert_eq!(open(key, "slot", &pk, &context, &slots).unwrap().expose(), seed.expose());
            assert!(open(key, "slot", &pk, &hash("slot context", &[b"y"]), &slots).is_none());
        }
        assert!(open(&BoxKey::from_secret(random_secret()), "slot", &pk, &context, &slots).is_none());
    }

    #[test]
    fn the_order_is_a_permutation_and_moves_with_the_seed() {
        let mut seen = std::collections::HashSet::new();
        for n in 0..50 {
            let order = order::<16>(&Secret::new([n; 32]));
            let mut sorted = order;
            sorted.sort_unstable();
            assert_eq!(sorted, std::array::from_fn::<u8, 16, _>(|i| u8::try_from(i).unwrap()));
            seen.insert(order);
        }
        assert!(seen.len() > 45);
    }

    #[test]
    fn a_seed_that_does_not_commit_is_refused() {
        let own = BoxKey::from_secret(random_secret());
        let (seed, other) = (random_secret(), random_secret());
        let context = hash("slot context", &[]);
        let slots = build::<16>(&seed, &context, &[own.public()]).unwrap().unwrap();
        let pk = ephemeral(&seed).public();
        // A box for the right key that holds another seed.
        let forged = box0_seal(&slot_key(&own.shared(&pk).unwrap(), "slot", &context, &own.public()), other.expose());
        let mut all = slots.clone();
        for place in all.chunks_exact_mut(SLOT_BYTES) {
            place.copy_from_slice(&forged);
        }
        assert!(open(&own, "slot", &pk, &context, &all).is_none());
        assert!(build::<4>(&seed, &context, &[own.public(); 5]).unwrap().is_none());
    }
}
