//! Members' keys, made by the command line and known to the tests.

use crate::place::{does, today};
use amparo::base::encode;
use amparo::crypto;
use amparo::keys::Passphrase;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// What a member's key file holds.
pub struct Secrets {
    pub sign: [u8; 32],
    pub boxes: Vec<[u8; 32]>,
}

/// Opens a key file, and seals it again so that it opens fast: these tests open it a hundred times.
pub fn lighten(file: &Path) -> Vec<u8> {
    let passphrase = Passphrase::new(fs::read_to_string(file.with_extension("pass")).unwrap());
    let passphrase = passphrase.expose().as_bytes();
    let mut wire: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (salt, nonce) = (text(&wire["kdf"]["salt"]), text(&wire["nonce"]));
    let (salt, nonce) = (encode::from_hex_array(&salt).unwrap(), encode::from_hex_array(&nonce).unwrap());
    let key = crypto::passphrase_key(passphrase, &salt, crypto::KEY_FILE_PASSES, crypto::KEY_FILE_MEMORY_BYTES).unwrap();
    let sealed = encode::from_base64(&text(&wire["sealed"])).unwrap();
    let plain = crypto::secretbox_open(&key, &nonce, &sealed).unwrap();
    let (passes, memory) = (1, 64 << 20);
    let light = crypto::passphrase_key(passphrase, &salt, passes, memory).unwrap();
    wire["kdf"]["passes"] = json!(passes);
    wire["kdf"]["memory_bytes"] = json!(memory);
    wire["sealed"] = json!(encode::base64(&crypto::secretbox_seal(&light, &nonce, &plain)));
    fs::write(file, serde_json::to_vec(&wire).unwrap()).unwrap();
    plain
}

pub fn new_member(folder: &Path, id: &str) -> Secrets {
    let public = does(folder, &format!("key new --id {id} --out {id}.key --passphrase-file {id}.pass --from {}", today().minus(40)));
    fs::write(folder.join(format!("{id}.json")), public).unwrap();
    let plain: Value = serde_json::from_slice(&lighten(&folder.join(format!("{id}.key")))).unwrap();
    let secret = |value: &Value| encode::from_hex_array(value.as_str().unwrap()).unwrap();
    Secrets { sign: secret(&plain["sign"]), boxes: plain["boxes"].as_array().unwrap().iter().map(|b| secret(&b["sk"])).collect() }
}
