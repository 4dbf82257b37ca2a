//! Eight words, and the keys that come from them.

use super::{Case, Format, Given, Outcome};
use amparo::base::Secret;
use amparo::crypto::{BoxKey, Deployment, SignKey, derive, receipt_root, receipt_salt};
use amparo::receipt::{Receipt, ReceiptError, mailbox_id};
use amparo::words::{Language, WordList, fold};
use serde_json::{Value, json};

pub const FORMAT: Format = Format { what: "receipt", make, read, codes: &["ambiguous", "unknown_word", "wrong_count"] };

const HERE: Deployment = super::forge::HERE;
const INDEXES: [u16; 8] = [0, 2047, 1, 1024, 682, 1365, 77, 1999];

fn word(language: Language, index: u16) -> String {
    WordList::of(language).word(index).unwrap().to_owned()
}

fn phrase(language: Language, indexes: [u16; 8]) -> String {
    indexes.map(|i| word(language, i)).join(" ")
}

/// What the words give, straight from docs/protocol/receipt.md.
fn expected(language: Language, indexes: [u16; 8], deployment: &Deployment) -> Value {
    let bits = indexes.iter().fold(0_u128, |bits, i| (bits << 11) | u128::from(*i));
    let entropy: [u8; 11] = bits.to_be_bytes()[5..].try_into().unwrap();
    let root = receipt_root(&Secret::new(entropy), &receipt_salt(deployment)).unwrap();
    let sign = SignKey::from_seed(&derive(&root, "reporter sign", &[])).public();
    let own = BoxKey::from_secret(derive(&root, "reporter box", &[])).public();
    json!({"language": language, "phrase": phrase(language, indexes), "sign_pk": sign, "box_pk": own, "mailbox_id": mailbox_id(&sign)})
}

fn typed(name: &str, typed: impl Into<String>, language: Option<Language>) -> Case {
    Case::new(name, "type", json!({"typed": typed.into(), "language": language, "deployment": HERE}))
}

/// Eight words that both lists have, the same or cut to four letters.
fn in_both(one: Language, other: Language) -> String {
    let all: Vec<String> = (0..2048).map(|i| word(one, i)).filter(|w| WordList::of(other).index(w).is_some()).collect();
    all[..8].join(" ")
}

fn good() -> Vec<Case> {
    let es = phrase(Language::Es, INDEXES);
    let cut = |text: &str| text.split(' ').map(|w| fold(w).chars().take(4).collect::<String>()).collect::<Vec<_>>();
    let want = || expected(Language::Es, INDEXES, &HERE);
    let english = phrase(Language::En, INDEXES);
    let both = in_both(Language::En, Language::Es);
    let both_indexes: Vec<u16> = both.split(' ').map(|w| WordList::of(Language::En).index(w).unwrap()).collect();
    let decomposed = es.replace('á', "a\u{301}").replace('é', "e\u{301}").replace('í', "i\u{301}").replace('ó', "o\u{301}");
    vec![
        typed("eight words in Spanish", &es, None).good(want()),
        typed("the same in Portuguese", phrase(Language::Pt, INDEXES), None).good(expected(Language::Pt, INDEXES, &HERE)),
        typed("the same in English", &english, None).good(expected(Language::En, INDEXES, &HERE)),
        typed("in capitals, with accents", es.to_uppercase(), None).good(want()),
        typed("without accents", fold(&es), None).good(want()),
        typed("accents behind their letters", decomposed, None).good(want()),
        typed("four letters each", cut(&es).join(" "), None).good(want()),
        typed("wrong endings", cut(&es).join("zzz "), None).good(want()),
        typed("numbered lines", cut(&es).iter().enumerate().map(|(n, w)| format!("{}. {w}\r\n", n + 1)).collect::<String>(), None)
            .good(want()),
        typed("parted by other signs", es.replace(' ', "\u{a0}—·, "), None).good(want()),
        typed("on another deployment", &es, None).with("deployment", Deployment([8; 32])).good(expected(
            Language::Es,
            INDEXES,
            &Deployment([8; 32]),
        )),
        typed("words of two lists, the language said", &both, Some(Language::En)).good(expected(
            Language::En,
            both_indexes.try_into().unwrap(),
            &HERE,
        )),
        typed("three letters are the word itself", "act ability zoo zone ability able zoo act", None).good(expected(
            Language::En,
            ["act", "ability", "zoo", "zone", "ability", "able", "zoo", "act"].map(|w| WordList::of(Language::En).index(w).unwrap()),
            &HERE,
        )),
    ]
}

fn bad() -> Vec<Case> {
    let es = phrase(Language::Es, INDEXES);
    let words: Vec<&str> = es.split(' ').collect();
    let replaced = |at: usize, with: &str| {
        let mut words = words.clone();
        words[at] = with;
        words.join(" ")
    };
    let count =
        |name: &str, text: String, count: usize| typed(name, text, None).refused("wrong_count").with("about", json!({"count": count}));
    let unknown = |name: &str, text: String, position: usize, word: &str| {
        typed(name, text, None).refused("unknown_word").with("about", json!({"position": position, "word": word}))
    };
    let mixed = format!("{} {}", words[..4].join(" "), phrase(Language::En, INDEXES).split(' ').skip(4).collect::<Vec<_>>().join(" "));
    let fifth = mixed.split(' ').nth(4).unwrap().to_owned();
    let only =
        |one: Language, other: Language| (0..2048).map(move |i| word(one, i)).filter(move |w| WordList::of(other).index(w).is_none());
    let other_lists = |w: &String| WordList::of(Language::Pt).index(w).is_none();
    let (spanish, english): (Vec<String>, Vec<String>) = (
        only(Language::Es, Language::En).filter(other_lists).take(5).collect(),
        only(Language::En, Language::Es).filter(other_lists).take(4).collect(),
    );
    let halves = ([&english[..], &spanish[..4]].concat().join(" "), spanish[0].clone());
    let both = in_both(Language::En, Language::Es);
    let both: Vec<String> = both.split(' ').take(2).map(str::to_owned).collect();
    let mostly = ([&english[..1], &both, &spanish].concat().join(" "), english[0].clone());
    vec![
        count("no words", String::new(), 0),
        count("digits alone", "1 2 3 4 5 6 7 8".into(), 0),
        count("seven words", words[..7].join(" "), 7),
        count("nine words", format!("{es} {}", words[0]), 9),
        count("a word cut in two by a digit", replaced(3, "aba1co"), 9),
        count("a word cut in two by a soft hyphen", replaced(3, "aba\u{ad}co"), 9),
        count("a Roman numeral is a letter", format!("{es} \u{2167}"), 9),
        count("a letter with a circle is a letter", format!("{es} \u{24b6}"), 9),
        unknown("a word that is on no list", replaced(4, "Qqqq"), 5, "Qqqq"),
        unknown("three letters of a longer word", replaced(0, "aba"), 1, "aba"),
        unknown("three letters that are no word", replaced(7, "Ñññ"), 8, "Ñññ"),
        unknown("two wrong words: the first is named", replaced(2, "xxxx").replace(words[5], "yyyy"), 3, "xxxx"),
        unknown("eight wrong words", ["qqqq"; 8].join(" "), 1, "qqqq"),
        unknown("half Spanish, half English: the word that is reached last", mixed, 5, &fifth),
        unknown("half English, half Spanish: the same", halves.0, 5, &halves.1),
        unknown("most words are Spanish, though English gets further", mostly.0, 1, &mostly.1),
        unknown("another alphabet", replaced(1, "слово"), 2, "слово"),
        unknown("a foreign mark is no accent", replaced(0, "aba\u{5bf}co"), 1, "aba\u{5bf}co"),
        typed("words of two lists", in_both(Language::En, Language::Es), None).refused("ambiguous"),
        typed("the right words, another language said", &es, Some(Language::En))
            .refused("unknown_word")
            .with("about", about(&es, Language::En)),
    ]
}

/// The first word that a list does not have.
fn about(phrase: &str, language: Language) -> Value {
    let at = phrase.split(' ').position(|w| WordList::of(language).index(w).is_none()).unwrap();
    json!({"position": at + 1, "word": phrase.split(' ').nth(at)})
}

fn make() -> Vec<Case> {
    good().into_iter().chain(bad()).collect()
}

fn read(given: &Given<'_>) -> Outcome {
    let language = given.case["language"].as_str().map(|l| l.parse().unwrap());
    let receipt = Receipt::parse(given.text("typed"), language).map_err(|error| match error {
        ReceiptError::WrongCount(count) => ("wrong_count".to_owned(), json!({"count": count})),
        ReceiptError::UnknownWord { position, word } => ("unknown_word".to_owned(), json!({"position": position, "word": word})),
        ReceiptError::Ambiguous => super::wrong("ambiguous"),
    })?;
    let keys = receipt.keys(&Deployment(given.array("deployment"))).unwrap();
    let (sign, own) = (keys.sign.public(), keys.reply_box.public());
    let phrase = receipt.phrase();
    Ok(json!({"language": receipt.language(), "phrase": *phrase, "sign_pk": sign, "box_pk": own, "mailbox_id": keys.mailbox_id}))
}

/// Words are drawn from this; kept out of the vectors, which pin what is typed.
#[test]
fn new_words_resolve_in_their_own_list_alone() {
    for language in Language::ALL {
        for _ in 0..super::rounds(30) {
            let receipt = Receipt::generate(language);
            let cut: Vec<String> = receipt.phrase().split(' ').map(|w| fold(w).chars().take(4).collect()).collect();
            assert_eq!(Receipt::parse(&cut.join(" "), None).unwrap().phrase(), receipt.phrase());
        }
    }
}
