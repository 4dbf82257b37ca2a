//! Making, showing and reading the words.

use crate::base::Secret;
use crate::crypto;
use crate::words::{Language, WordList, is_mark};
use zeroize::Zeroizing;

/// Words in a receipt.
pub const WORDS: usize = 8;
/// Bits in a word's index.
const WORD_BITS: usize = 11;
const ENTROPY_BYTES: usize = WORDS * WORD_BITS / 8;
const INDEX_MASK: u128 = (1 << WORD_BITS) - 1;

/// A reporter's eight words: 88 bits in 11 bytes.
pub struct Receipt {
    entropy: Secret<ENTROPY_BYTES>,
    language: Language,
}

/// Why typed words are no receipt.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Not eight words.
    #[error("{0} words were given; there are eight")]
    WrongCount(usize),
    /// A word that is on no list; its position from 1. The word is the reporter's own typing.
    #[error("word {position} is not on the list: {word}")]
    UnknownWord {
        /// From 1.
        position: usize,
        /// As typed.
        word: String,
    },
    /// The words fit two lists.
    #[error("these words fit more than one language; say which")]
    Ambiguous,
}

impl Receipt {
    /// Draws a new receipt, again until it resolves in its own list only, even cut to prefixes.
    pub fn generate(language: Language) -> Self {
        loop {
            let receipt = Self { entropy: Secret::new(crypto::random()), language };
            let prefixes: Vec<String> = receipt.indexes().into_iter().filter_map(|i| WordList::of(language).prefix_of(i)).collect();
            let elsewhere = |l: &Language| *l != language && prefixes.iter().all(|p| WordList::of(*l).index(p).is_some());
            if !Language::ALL.iter().any(elsewhere) {
                return receipt;
            }
        }
    }

    /// Reads typed words: any case, accents or spacing; exact word first, then four letters. Without a language all lists are tried.
    pub fn parse(typed: &str, language: Option<Language>) -> Result<Self, ReceiptError> {
        let words: Vec<&str> = typed.split(|c: char| !(c.is_alphabetic() || is_mark(c))).filter(|w| !w.is_empty()).collect();
        if words.len() != WORDS {
            return Err(ReceiptError::WrongCount(words.len()));
        }
        let languages = language.map_or_else(|| Language::ALL.to_vec(), |one| vec![one]);
        let tries: Vec<_> = languages.into_iter().map(|l| resolve(&words, l)).collect();
        let mut good = tries.iter().filter_map(|t| t.as_ref().ok());
        match (good.next(), good.next()) {
            (Some(_), Some(_)) => Err(ReceiptError::Ambiguous),
            (Some((language, indexes)), None) => Ok(Self::from_indexes(indexes, *language)),
            // The list that got furthest names the word.
            _ => Err(tries.into_iter().filter_map(Result::err).max_by_key(Stumble::reach).map_or(ReceiptError::Ambiguous, Stumble::error)),
        }
    }

    fn from_indexes(indexes: &[u16], language: Language) -> Self {
        let bits = indexes.iter().fold(0_u128, |bits, index| (bits << WORD_BITS) | u128::from(*index));
        let bytes = bits.to_be_bytes();
        let mut entropy = [0; ENTROPY_BYTES];
        for (to, from) in entropy.iter_mut().rev().zip(bytes.iter().rev()) {
            *to = *from;
        }
        Self { entropy: Secret::new(entropy), language }
    }

    fn indexes(&self) -> Vec<u16> {
        let bits = self.entropy.expose().iter().fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
        let index = |i: usize| u16::try_from((bits >> (WORD_BITS * (WORDS - 1 - i))) & INDEX_MASK).unwrap_or_default();
        (0..WORDS).map(index).collect()
    }

    /// The words, one space between them. Erased when dropped.
    pub fn phrase(&self) -> Zeroizing<String> {
        let list = WordList::of(self.language);
        let words: Vec<&str> = self.indexes().into_iter().filter_map(|i| list.word(i)).collect();
        Zeroizing::new(words.join(" "))
    }

    /// The language of the list.
    pub fn language(&self) -> Language {
        self.language
    }

    pub(super) fn entropy(&self) -> &Secret<ENTROPY_BYTES> {
        &self.entropy
    }
}

/// A word a list does not have.
struct Stumble {
    known: usize,
    position: usize,
    word: String,
}

impl Stumble {
    fn reach(&self) -> (usize, usize) {
        (self.known, self.position)
    }

    fn error(self) -> ReceiptError {
        ReceiptError::UnknownWord { position: self.position, word: self.word }
    }
}

fn resolve(words: &[&str], language: Language) -> Result<(Language, Vec<u16>), Stumble> {
    let list = WordList::of(language);
    let found: Vec<Option<u16>> = words.iter().map(|word| list.index(word)).collect();
    let known = found.iter().flatten().count();
    match found.iter().zip(words).position(|(index, _)| index.is_none()) {
        None => Ok((language, found.into_iter().flatten().collect())),
        Some(at) => Err(Stumble { known, position: at + 1, word: words.get(at).map(ToString::to_string).unwrap_or_default() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::fold;

    #[test]
    fn words_lead_back_to_the_same_receipt() {
        for language in Language::ALL {
            for _ in 0..50 {
                let receipt = Receipt::generate(language);
                let phrase = receipt.phrase();
                assert_eq!(phrase.split(' ').count(), WORDS);
                let short: Vec<String> = phrase.split(' ').map(|w| fold(w).chars().take(4).collect()).collect();
                for typed in
                    [phrase.to_string(), phrase.to_uppercase(), fold(&phrase), short.join(" - "), format!("  {}\n", short.join(","))]
                {
                    let back = Receipt::parse(&typed, None).unwrap();
                    assert_eq!((back.entropy.expose(), back.language), (receipt.entropy.expose(), language));
                }
            }
        }
    }

    #[test]
    fn the_word_that_is_wrong_is_named() {
        let phrase = Receipt::generate(Language::Es).phrase().to_string();
        let mut words: Vec<&str> = phrase.split(' ').collect();
        words[4] = "qqqq";
        let error = Receipt::parse(&words.join(" "), None).err().unwrap();
        assert_eq!(error, ReceiptError::UnknownWord { position: 5, word: "qqqq".into() });
        assert_eq!(Receipt::parse("uno dos", None).err().unwrap(), ReceiptError::WrongCount(2));
        assert_eq!(Receipt::parse("", None).err().unwrap(), ReceiptError::WrongCount(0));
    }
}
