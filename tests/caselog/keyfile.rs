//! Key files. A case: `file` (its text), `passphrase`, `of` (`member` or `authority`). `expect` is the public part. The files ask for the least that
//! Argon2id may cost; those of the program ask for more.

use super::{Case, text, world};
use amparo::base::encode;
use amparo::crypto;
use amparo::keys::{MemberKeys, Passphrase, open_authority_key};
use serde_json::{Value, json};

const MEMORY: u32 = 64 << 20;

fn file(format: &str, plain: &[u8], passphrase: &str) -> Value {
    let key = crypto::passphrase_key(passphrase.as_bytes(), &[1; 16], 1, MEMORY).unwrap();
    let sealed = encode::base64(&crypto::secretbox_seal(&key, &[2; 24], plain));
    json!({"format": format, "kdf": {"name": "argon2id13", "passes": 1, "memory_bytes": MEMORY, "salt": "01".repeat(16)},
        "nonce": "02".repeat(24), "sealed": sealed})
}

fn inner() -> Value {
    json!({"id": "m-1", "sign": "03".repeat(32), "boxes": [{"sk": "04".repeat(32), "from": "2026-11-24", "until": "2026-12-24"}]})
}

fn member(plain: &[u8]) -> Value {
    file("amparo-key-1", plain, "tres palabras largas")
}

pub fn read(case: &Value) -> Result<Value, String> {
    let (file, passphrase) = (text(case, "file").as_bytes(), Passphrase::new(text(case, "passphrase").to_owned()));
    let code = |error: amparo::keys::KeyError| error.code().to_owned();
    match text(case, "of") {
        "member" => MemberKeys::open(file, &passphrase).map(|keys| json!(keys.public_part())).map_err(code),
        _ => open_authority_key(file, &passphrase).map(|key| json!(key.public())).map_err(code),
    }
}

fn case(name: &str, of: &str, file: impl ToString) -> Case {
    Case::new(name, json!({"file": file.to_string(), "passphrase": "tres palabras largas", "of": of}))
}

pub fn all() -> Vec<Case> {
    let whole = member(inner().to_string().as_bytes());
    let authority = file("amparo-authority-key-1", &[5; 32], "tres palabras largas");
    let public = json!({"id": "m-1", "sign_pk": world::sign_key(3).public(),
        "box_pks": [{"pk": world::box_key(4).public(), "from": "2026-11-24", "until": "2026-12-24"}]});
    let mut cases = vec![
        case("a member's", "member", &whole).good(public.clone()),
        case("a member's with spaces and an end of line", "member", serde_json::to_string_pretty(&whole).unwrap() + "\n")
            .good(public.clone()),
        case("an authority's", "authority", &authority).good(json!(world::sign_key(5).public())),
        case("an authority's for a member's", "member", &authority).refused("not_a_key_file"),
        case("a member's for an authority's", "authority", &whole).refused("not_a_key_file"),
        case("no text", "member", "").refused("not_a_key_file"),
        case("an array", "member", "[]").refused("not_a_key_file"),
        case("cut short", "member", whole.to_string().split_at(200).0).refused("not_a_key_file"),
        case("sealed under another passphrase", "member", file("amparo-key-1", b"{}", "otras")).refused("cannot_open"),
    ];
    let mut bent = |name: &str, code: &str, change: &dyn Fn(&mut Value)| {
        let mut file = whole.clone();
        change(&mut file);
        cases.push(case(name, "member", file).refused(code));
    };
    bent("of a newer program", "unknown_version", &|f| f["format"] = json!("amparo-key-2"));
    bent("another kind of file", "not_a_key_file", &|f| f["format"] = json!("amparo-case-1"));
    bent("another function", "not_a_key_file", &|f| f["kdf"]["name"] = json!("scrypt"));
    bent("no passes", "not_a_key_file", &|f| f["kdf"]["passes"] = json!(0));
    bent("eleven passes", "not_a_key_file", &|f| f["kdf"]["passes"] = json!(11));
    bent("too little memory", "not_a_key_file", &|f| f["kdf"]["memory_bytes"] = json!(MEMORY - 1));
    bent("more than a GiB of memory", "not_a_key_file", &|f| f["kdf"]["memory_bytes"] = json!((1_u32 << 30) + 1));
    bent("2^64 bytes of memory", "not_a_key_file", &|f| f["kdf"]["memory_bytes"] = json!(u64::MAX));
    bent("a salt of 15 bytes", "not_a_key_file", &|f| f["kdf"]["salt"] = json!("01".repeat(15)));
    bent("a nonce in capitals", "not_a_key_file", &|f| f["nonce"] = json!("AB".repeat(24)));
    bent("sealed without padding", "not_a_key_file", &|f| f["sealed"] = json!("A"));
    bent("without a salt", "not_a_key_file", &|f| drop(f["kdf"].as_object_mut().unwrap().remove("salt")));
    bent("two passes where one was made", "cannot_open", &|f| f["kdf"]["passes"] = json!(2));
    bent("another salt", "cannot_open", &|f| f["kdf"]["salt"] = json!("11".repeat(16)));
    bent("another nonce", "cannot_open", &|f| f["nonce"] = json!("12".repeat(24)));
    bent("nothing sealed", "cannot_open", &|f| f["sealed"] = json!(""));
    for (name, plain) in [
        ("no JSON inside", b"x".to_vec()),
        ("no box keys inside", json!({"id": "m-1", "sign": "03".repeat(32)}).to_string().into_bytes()),
        ("a short signing key inside", json!({"id": "m-1", "sign": "03".repeat(31), "boxes": []}).to_string().into_bytes()),
        ("an id that is none inside", json!({"id": "M 1", "sign": "03".repeat(32), "boxes": []}).to_string().into_bytes()),
    ] {
        cases.push(case(name, "member", member(&plain)).refused("not_a_key_file"));
    }
    let short = file("amparo-authority-key-1", &[5; 31], "tres palabras largas");
    cases.push(case("an authority's key of 31 bytes", "authority", short).refused("not_a_key_file"));
    cases
}
