//! BIP-39 lists with forgiving look-up (docs/protocol/receipt.md).

use super::Language;
use std::{collections::HashMap, sync::LazyLock};
use unicode_normalization::UnicodeNormalization;

const ES: &str = include_str!("bip39/es.txt");
const PT: &str = include_str!("bip39/pt.txt");
const EN: &str = include_str!("bip39/en.txt");

/// Letters that name a word within its list.
const PREFIX_LETTERS: usize = 4;

/// One list of 2048 words.
pub struct WordList {
    words: Vec<&'static str>,
    exact: HashMap<String, u16>,
    prefixes: HashMap<String, u16>,
}

/// Without accents, in lower case: `"Ábaco"` is `"abaco"`.
pub fn fold(word: &str) -> String {
    word.nfd().filter(|c| !is_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// An accent that stands behind its letter.
pub fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn prefix(folded: &str) -> String {
    folded.chars().take(PREFIX_LETTERS).collect()
}

impl WordList {
    /// The list of a language.
    pub fn of(language: Language) -> &'static Self {
        static LISTS: LazyLock<[WordList; 3]> = LazyLock::new(|| [ES, PT, EN].map(WordList::read));
        let [es, pt, en] = &*LISTS;
        match language {
            Language::Es => es,
            Language::Pt => pt,
            Language::En => en,
        }
    }

    fn read(text: &'static str) -> Self {
        let words: Vec<&str> = text.lines().collect();
        let number = || 0_u16..;
        let exact = words.iter().map(|w| fold(w)).zip(number()).collect();
        let prefixes = words.iter().map(|w| prefix(&fold(w))).zip(number()).collect();
        Self { words, exact, prefixes }
    }

    /// The word of an index below 2048.
    pub fn word(&self, index: u16) -> Option<&'static str> {
        self.words.get(usize::from(index)).copied()
    }

    /// The index of a typed word: exact first, then by its first four letters.
    pub fn index(&self, typed: &str) -> Option<u16> {
        let folded = fold(typed);
        let by_prefix = || (folded.chars().count() >= PREFIX_LETTERS).then(|| self.prefixes.get(&prefix(&folded))).flatten();
        self.exact.get(&folded).or_else(by_prefix).copied()
    }

    /// The folded first four letters of a word, or all of a shorter one.
    pub fn prefix_of(&self, index: u16) -> Option<String> {
        self.word(index).map(|word| prefix(&fold(word)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_has_2048_words_with_prefixes_of_their_own() {
        for language in Language::ALL {
            let list = WordList::of(language);
            assert_eq!((list.words.len(), list.exact.len(), list.prefixes.len()), (2048, 2048, 2048), "{language}");
        }
    }

    #[test]
    fn accents_case_and_endings_are_forgiven() {
        let es = WordList::of(Language::Es);
        assert_eq!(es.index("Ábaco"), Some(0));
        assert_eq!(es.index("ABACO"), Some(0));
        assert_eq!(es.index("abac"), Some(0));
        assert_eq!(es.index("aba"), None);
        assert_eq!(es.index("zzzz"), None);
        assert_eq!(WordList::of(Language::En).index("zoo"), Some(2047));
    }
}
