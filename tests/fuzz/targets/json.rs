//! Text: JSON, TOML, typed words.

use super::world::{WORLD, clock, small};
use amparo::base::Clock;
use amparo::config::Settings;
use amparo::directory::{Bundle, Dsse, UnverifiedDirectory};
use amparo::keys::{MemberKeys, Passphrase, open_authority_key};
use amparo::questions::{Answers, Questionnaire, ScoreContext, check, route, score};
use amparo::receipt::Receipt;
use amparo::words::Language;

fn verified(dsse: Dsse) {
    if let Ok(directory) = UnverifiedDirectory::from(dsse).verify(&WORLD.deployment(), &WORLD.authority) {
        let _ = directory.check_current(clock().today(), Some(1));
        if let Ok(json) = directory.to_json() {
            assert!(UnverifiedDirectory::from_json(&json).is_ok());
        }
        let _ = route(&directory, &super::world::answers(), &[], clock().today());
    }
}

pub fn dsse(data: &[u8]) {
    if let Ok(dsse) = serde_json::from_slice::<Dsse>(data) {
        verified(dsse);
    }
}

/// The bytes as what a captured authority signs.
pub fn directory_payload(data: &[u8]) {
    verified(small::sign_payload(&WORLD.dsse, data.to_vec()));
}

pub fn bundle(data: &[u8]) {
    let Ok(bundle) = Bundle::from_json(data) else { return };
    if let Ok(trusted) = bundle.verify(&WORLD.deployment(), clock().today(), None) {
        // All that the authority ever signed here differs in the gate's key alone, which is drawn anew.
        let people = |directory: &amparo::directory::Directory| serde_json::to_value(&directory.content().members).unwrap();
        assert_eq!(people(&trusted.directory), people(&WORLD.directory), "another directory than the one that was signed");
    }
}

pub fn questionnaire(data: &[u8]) {
    if let Ok(questionnaire) = Questionnaire::parse(data) {
        let _ = check(&questionnaire, &super::world::answers(), &["more"]);
    }
}

pub fn answers(data: &[u8]) {
    let Ok(answers) = serde_json::from_slice::<Answers>(data) else { return };
    // A report's answers are scored as they come: whoever seals it need not have checked them.
    assert!(score(&answers, &ScoreContext::default()).total <= 100);
    let _ = route(&WORLD.directory, &answers, &[], clock().today());
    if let Ok(kept) = check(&WORLD.questionnaire, &answers, &["more", "se", "confidential"]) {
        assert!(check(&WORLD.questionnaire, &kept, &["more", "se", "confidential"]).is_ok_and(|again| again == kept));
    }
}

pub fn key_file(data: &[u8]) {
    // What Argon2id costs is known; the least that a file may ask for is enough here.
    let asks = |name: &str| serde_json::from_slice::<serde_json::Value>(data).ok().and_then(|file| file["kdf"][name].as_u64());
    if asks("passes").is_some_and(|n| n > 1) || asks("memory_bytes").is_some_and(|n| n > 64 << 20) {
        return;
    }
    let _ = MemberKeys::open(data, &Passphrase::new("x".into()));
    let _ = open_authority_key(data, &Passphrase::new("x".into()));
}

pub fn config(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = Settings::parse(text);
    }
}

pub fn receipt_phrase(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for language in [None, Some(Language::Es), Some(Language::Pt), Some(Language::En)] {
        if let Ok(receipt) = Receipt::parse(text, language) {
            let again = Receipt::parse(&receipt.phrase(), Some(receipt.language()));
            assert!(again.is_ok_and(|again| *again.phrase() == *receipt.phrase()));
        }
    }
}
