//! A small directory, and all the ways to spoil it.

mod refusals;
mod signing;

use super::*;
use crate::base::Day;
use crate::crypto::{BoxKey, BoxPublic, Deployment, Hash32, SignKey, random_secret};
use serde_json::{Value, json};

struct World {
    keys: Vec<SignKey>,
    authority: Authority,
    content: DirectoryContent,
    boxes: Vec<BoxKey>,
}

fn day(n: u32) -> Day {
    Day::from_number(20_781 + n).unwrap()
}

fn texts(text: &str) -> Value {
    json!({"es": text, "en": text})
}

fn member(n: usize, office: &str, key: &BoxKey) -> Value {
    let box_pks = json!([{"pk": key.public(), "from": day(0), "until": day(60)}]);
    let sign_pk = SignKey::from_seed(&random_secret()).public();
    json!({"id": format!("m-{n}"), "office": office, "role": "intake", "names": texts("m"), "sign_pk": sign_pk, "box_pks": box_pks})
}

fn world(keys: usize, threshold: u8) -> World {
    let keys: Vec<SignKey> = (0..keys).map(|_| SignKey::from_seed(&random_secret())).collect();
    let authority = Authority::new(keys.iter().map(SignKey::public).collect(), threshold).unwrap();
    let boxes: Vec<BoxKey> = (0..4).map(|_| BoxKey::from_secret(random_secret())).collect();
    let office = |id: &str| json!({"id": id, "kind": "prosecution", "names": texts(id), "level": "national"});
    let members: Vec<Value> = boxes.iter().enumerate().map(|(n, key)| member(n, if n < 2 { "a" } else { "b" }, key)).collect();
    let content = json!({
        "format": "amparo-directory-1", "deployment": authority.fingerprint(), "version": 1, "previous": Hash32::ZERO,
        "issued": day(0), "expires": day(30), "languages": ["es", "en"], "names": texts("x"),
        "questionnaire": {"version": 1, "hash": Hash32::ZERO}, "gate": {"pk": authority.keys()[0], "sealed": []},
        "offices": [office("a"), office("b")], "members": members, "conflict_fallback": ["b"],
        "duty": [{"office": "a", "address": "duty@example.org"}],
        "rules": [{"id": "r", "countries": ["GT"], "when": true, "offices": ["a", "b"], "why": texts("w")}],
        "helplines": [{"country": "GT", "names": texts("h"), "number": "1", "hours": texts("24"), "free": true, "police": false, "verified": day(0)}],
    });
    World { keys, authority, content: serde_json::from_value(content).unwrap(), boxes }
}

impl World {
    fn id(&self) -> Deployment {
        self.authority.fingerprint()
    }

    fn sign(&self, content: DirectoryContent) -> Result<Dsse, DirectoryError> {
        sign_new(content, None, (day(0), day(30)), &self.id(), &self.keys[0])
    }

    fn directory(&self) -> Directory {
        publishable(self.sign(self.content.clone()).unwrap(), &self.id(), &self.authority).unwrap()
    }

    /// Signs content as a careless authority would: no check before.
    fn sign_unchecked(&self, content: &DirectoryContent) -> Result<Directory, DirectoryError> {
        let mut dsse = Dsse::unsigned(verified::directory_type(&self.id()), serde_json::to_vec(content).unwrap());
        dsse.sign(&self.keys[0]);
        publishable(dsse, &self.id(), &self.authority)
    }
}
