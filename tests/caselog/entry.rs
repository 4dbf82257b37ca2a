//! A second hand that seals entries, byte by byte as docs/protocol/case.md says, so that it can also seal them wrong; and the reader of the cases.
//!
//! A case: `deployment`, `entry`, what the reader has (`keys`, X25519 secrets; or `desk_key`), the `author_pk` it finds in the directory.

use super::{box_key, bytes, secret, sign_pk, text, world};
use amparo::base::{Secret, encode};
use amparo::caselog::{Entry, EntryContent, OpenedEntry};
use amparo::crypto::{self, BoxPublic, Deployment, Hash32, MailboxId, slots};
use serde_json::{Map, Value, json};

pub const HERE: Deployment = Deployment([7; 32]);
pub const CASE: MailboxId = MailboxId([5; 32]);

pub fn desk_key() -> Secret<32> {
    Secret::new([4; 32])
}

/// An entry to be sealed.
pub struct Raw {
    pub front: [u8; 4],
    pub mailbox: MailboxId,
    pub number: u32,
    pub epoch: u32,
    pub seed: u8,
    /// The seed of `ephemeral_pk`, if it is another.
    pub ephemeral: Option<u8>,
    pub json: Vec<u8>,
    pub to: Vec<BoxPublic>,
    pub wrap: Option<Secret<32>>,
    /// The epoch's number that the author signs, if another.
    pub signs_number: Option<u32>,
    /// Bends the 4080 bytes before they are sealed.
    pub bend: fn(&mut Vec<u8>),
}

impl Raw {
    pub fn new(json: &Value) -> Self {
        let pk = |r: &Value| r["pk"].as_str().and_then(|pk| pk.parse().ok());
        let to = json["recipients"].as_array().map(|all| all.iter().filter_map(pk).collect()).unwrap_or_default();
        let brings = matches!(json["kind"].as_str(), Some("first" | "epoch"));
        Self {
            front: [1, 1, 3, 0],
            mailbox: CASE,
            number: if json["kind"] == "first" { 0 } else { 1 },
            epoch: u32::from(json["kind"] == "epoch"),
            seed: 8,
            ephemeral: None,
            json: serde_json::to_vec(json).unwrap(),
            to,
            wrap: (!brings).then(desk_key),
            signs_number: None,
            bend: |_| {},
        }
    }

    pub fn seal(&self) -> Vec<u8> {
        let seed = Secret::new([self.seed; 32]);
        let shown = slots::ephemeral(&Secret::new([self.ephemeral.unwrap_or(self.seed); 32])).public();
        let place = [self.mailbox.bytes(), &self.number.to_be_bytes()[..], &self.epoch.to_be_bytes()].concat();
        let fixed = [&self.front[..], &place, shown.bytes()].concat();
        let ctx = crypto::hash("entry context", &[HERE.bytes(), &fixed]);
        let payload = crypto::hash("entry payload", &[&self.json]);
        let number = self.signs_number.unwrap_or(self.number).to_be_bytes();
        let parts: [&[u8]; 4] = [self.mailbox.bytes(), &number, &self.epoch.to_be_bytes(), payload.bytes()];
        let signature = world::sign_key(50).sign("entry author", &HERE, &parts);
        let mut plain = [&(self.json.len() as u32).to_be_bytes()[..], &self.json, signature.as_ref()].concat();
        plain.resize(4080, 0);
        (self.bend)(&mut plain);
        let wrap = match &self.wrap {
            Some(key) => crypto::box0_seal(&crypto::derive(key, "entry wrap", &[ctx.bytes()]), seed.expose()),
            None => slots::filler(&seed, 16).to_vec(),
        };
        let sealed = crypto::box0_seal(&crypto::derive(&seed, "entry content", &[ctx.bytes()]), &plain);
        [fixed, slots::build::<16>(&seed, &ctx, &self.to).unwrap().unwrap(), wrap, sealed].concat()
    }
}

/// The members of the JSON that a reader understands, as it understood them.
fn shown(content: &EntryContent) -> Value {
    let mut all = Map::new();
    let mut put = |name: &str, value: Value| drop(all.insert(name.into(), value));
    let hex = |secret: &Secret<32>| json!(encode::hex(secret.expose()));
    put("kind", json!(content.kind));
    put("author", json!(content.author));
    put("day", json!(content.day));
    put("key_day", json!(content.key_day));
    put("directory", json!(content.directory));
    put("previous", json!(content.previous));
    put("feed", json!(content.feed));
    put("recipients", json!(content.recipients));
    let secrets = [("desk_key", &content.desk_key), ("former_desk_key", &content.former_desk_key), ("seed", &content.seed)];
    for (name, secret) in secrets {
        if let Some(secret) = secret {
            put(name, hex(secret));
        }
    }
    if let Some(vault) = &content.vault {
        put("vault", json!(encode::base64(vault)));
    }
    if let Some(work) = &content.work {
        put("work", work.clone());
    }
    Value::Object(all)
}

pub fn read(case: &Value) -> Result<Value, String> {
    let code = |error: amparo::caselog::CaseLogError| error.code().to_owned();
    let deployment: Deployment = text(case, "deployment").parse().unwrap();
    let entry = Entry::parse(&bytes(case, "entry")).map_err(code)?;
    let opened: OpenedEntry = match case["keys"].as_array() {
        Some(keys) => {
            let keys: Vec<_> = keys.iter().map(|key| box_key(key.as_str().unwrap())).collect();
            entry.open_with_keys(&keys.iter().collect::<Vec<_>>(), &deployment).map_err(code)?
        }
        None => entry.open_with_desk_key(&secret(text(case, "desk_key")), &deployment).map_err(code)?,
    };
    let (place, hash): (_, Hash32) = (entry.place(), entry.hash());
    let signed = opened.is_by(&sign_pk(case, "author_pk"), &deployment);
    Ok(json!({"mailbox_id": place.mailbox_id, "number": place.number, "epoch": place.epoch, "hash": hash,
        "slots_differ": opened.slots_differ, "signed": signed, "content": shown(&opened.content)}))
}
