//! The demo's authority, offices and members.

use super::super::{Failure, files};
use crate::base::Day;
use crate::client::embedded_questionnaire;
use crate::crypto::{self, Hash32, SignKey};
use crate::directory::{Authority, DirectoryContent, DirectoryRef, Role, sign_new};
use crate::keys::{self, MemberKeys, Passphrase, PublicPart, open_authority_key, seal_authority_key};
use serde_json::{Value, json};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Members and their offices.
pub(super) const MEMBERS: [(&str, &str); 8] = [
    ("anticorruption-1", "anticorruption"),
    ("anticorruption-2", "anticorruption"),
    ("trafficking-1", "trafficking"),
    ("trafficking-2", "trafficking"),
    ("care-1", "care"),
    ("care-2", "care"),
    ("conflict-1", "conflict"),
    ("conflict-2", "conflict"),
];
const CUSTODIAN: &str = "custodian-1";
const DIRECTORY_DAYS: u32 = 30;
const TEMPLATE: &str = include_str!("../../../config/demo/directory.json");
/// No waits in a demo: see `DeskSettings`.
const DESK_SETTINGS: &str = "{\"wait_seconds\":0,\"status_delay_days\":0}\n";
const LANGUAGES: [&str; 3] = ["es", "pt", "en"];

/// What is in the demo's folder.
pub(super) struct World {
    folder: PathBuf,
    pub(super) authority: Authority,
    key: SignKey,
}

impl World {
    /// Opens the folder, or makes authority and keys at the first start.
    pub(super) fn open_or_make(folder: &Path, today: Day) -> Result<Self, Failure> {
        if !folder.join("fingerprint").exists() {
            make(folder, today)?;
        }
        let key =
            open_authority_key(&files::read(&folder.join("authority.key"))?, &files::passphrase(&folder.join("authority.passphrase"))?)?;
        Ok(Self { folder: folder.to_owned(), authority: files::read_json(&folder.join("authority.json"))?, key })
    }

    /// The keys of one member: the demo plays her part in vouching for the directory.
    pub(super) fn any_member(&self) -> Result<MemberKeys, Failure> {
        let keys = self.folder.join("keys");
        let (id, _) = MEMBERS[0];
        let passphrase = files::passphrase(&keys.join(format!("{id}.passphrase")))?;
        Ok(MemberKeys::open(&files::read(&keys.join(format!("{id}.key")))?, &passphrase)?)
    }

    /// The next directory, signed.
    pub(super) fn sign(&self, former: Option<DirectoryRef>, today: Day) -> Result<Vec<u8>, Failure> {
        let content = self.content(today)?;
        let days = (today, today.plus(DIRECTORY_DAYS));
        let signed = sign_new(content, former, days, &self.authority.fingerprint(), &self.key);
        let signed =
            signed.map_err(|error| Failure::no(error.to_string(), "delete the demo's folder and start again: its keys last a year"))?;
        serde_json::to_vec(&signed).map_err(|_| Failure::could_not("the directory cannot be written", "start again"))
    }

    fn content(&self, today: Day) -> Result<DirectoryContent, Failure> {
        let questionnaire = embedded_questionnaire()?.reference;
        let renewed = TEMPLATE.replace("\"TODAY\"", &format!("\"{today}\""));
        let broken = |_| Failure::could_not("config/demo/directory.json cannot be read", "mend it and build again");
        let mut content: Value = serde_json::from_str(&renewed).map_err(broken)?;
        let members = MEMBERS.iter().map(|(id, office)| self.member(id, office, today)).collect::<Result<Vec<_>, _>>()?;
        let own = json!({
            "format": DirectoryContent::FORMAT, "deployment": self.authority.fingerprint(), "version": 0, "previous": Hash32::ZERO,
            "issued": today, "expires": today, "languages": LANGUAGES, "questionnaire": questionnaire,
            "gate": {"pk": self.key.public(), "sealed": []}, "members": members, "custodians": [self.custodian(today)?],
        });
        if let (Some(content), Value::Object(own)) = (content.as_object_mut(), own) {
            content.extend(own);
        }
        serde_json::from_value(content).map_err(broken)
    }

    /// With the keys that count while the directory lasts: every page downloads them, and each start signs anew.
    fn public_part(&self, id: &str, today: Day) -> Result<PublicPart, Failure> {
        let mut part: PublicPart = files::read_json(&self.folder.join("keys").join(format!("{id}.public.json")))?;
        part.box_pks.retain(|period| period.from <= today.plus(DIRECTORY_DAYS) && today <= period.until);
        Ok(part)
    }

    fn member(&self, id: &str, office: &str, today: Day) -> Result<Value, Failure> {
        let part = self.public_part(id, today)?;
        Ok(
            json!({"id": id, "office": office, "role": Role::Intake, "names": names(id), "sign_pk": part.sign_pk, "box_pks": part.box_pks, "languages": ["es"]}),
        )
    }

    fn custodian(&self, today: Day) -> Result<Value, Failure> {
        let part = self.public_part(CUSTODIAN, today)?;
        Ok(json!({"id": CUSTODIAN, "names": names(CUSTODIAN), "level": "independent", "sign_pk": part.sign_pk, "box_pks": part.box_pks}))
    }
}

fn names(id: &str) -> Value {
    json!({"es": id, "pt": id, "en": id})
}

fn make(folder: &Path, today: Day) -> Result<(), Failure> {
    let keys = folder.join("keys");
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&keys);
    made.map_err(|e| Failure::could_not(format!("{} cannot be made: {}", keys.display(), e.kind()), "choose another --data"))?;
    let seed = crypto::random_secret();
    let authority = Authority::new(vec![SignKey::from_seed(&seed).public()], 1)?;
    let passphrase = new_passphrase(&folder.join("authority.passphrase"))?;
    files::write(&folder.join("authority.key"), &seal_authority_key(&seed, &passphrase)?)?;
    files::write(&folder.join("authority.json"), &serde_json::to_vec_pretty(&authority).unwrap_or_default())?;
    files::write(&keys.join("settings.json"), DESK_SETTINGS.as_bytes())?;
    for id in MEMBERS.iter().map(|(id, _)| *id).chain([CUSTODIAN]) {
        let parsed = id.parse().map_err(|_| Failure::no("an id of the demo is none", "mend the program"))?;
        let member = MemberKeys::generate(parsed, today);
        let passphrase = new_passphrase(&keys.join(format!("{id}.passphrase")))?;
        files::write(&keys.join(format!("{id}.key")), &member.seal(&passphrase)?)?;
        files::write(&keys.join(format!("{id}.public.json")), &serde_json::to_vec_pretty(&member.public_part()).unwrap_or_default())?;
    }
    // Last: a start that was cut off is begun again.
    files::write(&folder.join("fingerprint"), authority.fingerprint().to_string().as_bytes())
}

fn new_passphrase(path: &Path) -> Result<Passphrase, Failure> {
    let passphrase = keys::new_passphrase();
    files::write(path, passphrase.expose().as_bytes())?;
    Ok(passphrase)
}
