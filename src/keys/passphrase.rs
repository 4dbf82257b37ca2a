//! Passphrases: typed, or drawn.

use crate::crypto;
use zeroize::Zeroizing;

/// Groups of a drawn passphrase: 15 bits each, 105 in all, before Argon2id's 256 MiB.
pub const PASSPHRASE_WORDS: usize = 7;
/// No vowels: groups that are easy to copy and mean nothing.
const LETTERS: &[u8; 16] = b"bcdfghjkmnprstvw";
const GROUP_LETTERS: usize = 3;

/// A passphrase, erased on drop.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a typed one; the line's end does not count.
    pub fn new(text: String) -> Self {
        let text = Zeroizing::new(text);
        Self(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// The bytes.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Draws seven groups of three letters and a digit: 7 x (12 + 3) bits.
pub fn new_passphrase() -> Passphrase {
    let letter = || {
        let at = usize::try_from(crypto::uniform(16)).unwrap_or_default();
        LETTERS.get(at).copied().map_or('b', char::from)
    };
    let group = || {
        let mut group: String = (0..GROUP_LETTERS).map(|_| letter()).collect();
        group.push_str(&(2 + crypto::uniform(8)).to_string());
        group
    };
    let groups: Vec<String> = (0..PASSPHRASE_WORDS).map(|_| group()).collect();
    Passphrase::new(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_passphrase_differs_each_time() {
        let (a, b) = (new_passphrase(), new_passphrase());
        assert_ne!(a.expose(), b.expose());
        assert_eq!(a.expose().split('-').count(), PASSPHRASE_WORDS);
        assert_eq!(Passphrase::new("x y\r\n".into()).expose(), "x y");
    }
}
