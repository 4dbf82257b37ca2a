//! A member's keys: one to sign, and box keys that each count for a month or more.

use super::file::{open, seal};
use super::{KeyError, Passphrase};
use crate::base::{Day, Secret, encode};
use crate::crypto::{self, BoxKey, SignKey, SignPublic};
use crate::directory::{BoxPeriod, MemberId};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

const FORMAT: &str = "amparo-key-1";
/// Box keys made at once: a year of them, and a month.
pub const BOX_PERIODS: u32 = 12;
const PERIOD_DAYS: u32 = 31;

struct BoxSecret {
    key: BoxKey,
    from: Day,
    until: Day,
}

/// A member's secret keys, in memory.
pub struct MemberKeys {
    id: MemberId,
    seed: Secret<32>,
    boxes: Vec<BoxSecret>,
}

/// What goes into the directory.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PublicPart {
    /// The member's id.
    pub id: MemberId,
    /// Signs entries.
    pub sign_pk: SignPublic,
    /// Slots are made for these.
    pub box_pks: Vec<BoxPeriod>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    id: MemberId,
    sign: String,
    boxes: Vec<WireBox>,
}

#[derive(Serialize, Deserialize)]
struct WireBox {
    sk: String,
    from: Day,
    until: Day,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.sign.zeroize();
        self.boxes.iter_mut().for_each(|b| b.sk.zeroize());
    }
}

impl MemberKeys {
    /// Draws new keys: twelve box keys of 31 days each, the first from `from`.
    pub fn generate(id: MemberId, from: Day) -> Self {
        let one = |n: u32| BoxSecret {
            key: BoxKey::from_secret(crypto::random_secret()),
            from: from.plus(n * PERIOD_DAYS),
            until: from.plus((n + 1) * PERIOD_DAYS - 1),
        };
        Self { id, seed: crypto::random_secret(), boxes: (0..BOX_PERIODS).map(one).collect() }
    }

    /// The member's id.
    pub fn id(&self) -> &MemberId {
        &self.id
    }

    /// Signs entries.
    pub fn sign_key(&self) -> SignKey {
        SignKey::from_seed(&self.seed)
    }

    /// All box keys: a slot may be for any period.
    pub fn box_keys(&self) -> Vec<&BoxKey> {
        self.boxes.iter().map(|b| &b.key).collect()
    }

    /// Seals what the member's program keeps on its own machine.
    pub fn local_key(&self) -> Secret<32> {
        crypto::derive(&self.seed, "desk state", &[])
    }

    /// What goes into the directory.
    pub fn public_part(&self) -> PublicPart {
        let period = |b: &BoxSecret| BoxPeriod { pk: b.key.public(), from: b.from, until: b.until };
        PublicPart { id: self.id.clone(), sign_pk: self.sign_key().public(), box_pks: self.boxes.iter().map(period).collect() }
    }

    /// The key file's bytes.
    pub fn seal(&self, passphrase: &Passphrase) -> Result<Vec<u8>, KeyError> {
        let one = |b: &BoxSecret| WireBox { sk: encode::hex(b.key.secret().expose()), from: b.from, until: b.until };
        let wire = Wire { id: self.id.clone(), sign: encode::hex(self.seed.expose()), boxes: self.boxes.iter().map(one).collect() };
        let json = Zeroizing::new(serde_json::to_vec(&wire).map_err(|_| KeyError::NotAKeyFile)?);
        seal(FORMAT, &json, passphrase)
    }

    /// Opens a key file.
    pub fn open(bytes: &[u8], passphrase: &Passphrase) -> Result<Self, KeyError> {
        let json = open(FORMAT, bytes, passphrase)?;
        let wire: Wire = serde_json::from_slice(&json).map_err(|_| KeyError::NotAKeyFile)?;
        let secret = |hex: &str| encode::from_hex_array(hex).map(Secret::new).ok_or(KeyError::NotAKeyFile);
        let one = |b: &WireBox| Ok(BoxSecret { key: BoxKey::from_secret(secret(&b.sk)?), from: b.from, until: b.until });
        let boxes = wire.boxes.iter().map(one).collect::<Result<Vec<_>, KeyError>>()?;
        Ok(Self { id: wire.id.clone(), seed: secret(&wire.sign)?, boxes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_opens_with_its_passphrase_alone() {
        let keys = MemberKeys::generate("m-1".parse().unwrap(), Day::from_number(20_781).unwrap());
        let (right, wrong) = (Passphrase::new("a b c".into()), Passphrase::new("a b d".into()));
        let file = keys.seal(&right).unwrap();
        let text = String::from_utf8(file.clone()).unwrap();
        assert!(!text.contains(&encode::hex(keys.seed.expose())));
        let back = MemberKeys::open(&file, &right).unwrap();
        assert_eq!(back.public_part(), keys.public_part());
        assert_eq!(back.public_part().box_pks.len(), 12);
        assert_eq!(MemberKeys::open(&file, &wrong).err(), Some(KeyError::CannotOpen));
        assert_eq!(MemberKeys::open(b"{}", &right).err(), Some(KeyError::NotAKeyFile));
        assert_eq!(super::super::open_authority_key(&file, &right).err(), Some(KeyError::NotAKeyFile));
        let newer = text.replace("amparo-key-1", "amparo-key-2");
        assert_eq!(MemberKeys::open(newer.as_bytes(), &right).err(), Some(KeyError::UnknownVersion));
        let changed = text.replace("\"passes\": 3", "\"passes\": 2");
        assert_eq!(MemberKeys::open(changed.as_bytes(), &right).err(), Some(KeyError::CannotOpen));
        let greedy = text.replace("268435456", "4294967295");
        assert_eq!(MemberKeys::open(greedy.as_bytes(), &right).err(), Some(KeyError::NotAKeyFile));
    }
}
