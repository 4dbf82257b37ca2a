//! A case in one sealed file, to be opened on a machine that has no network.

use super::DeskError;
use super::session::Desk;
use crate::base::{Secret, encode};
use crate::crypto;
use crate::keys::MemberKeys;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

const FORMAT: &str = "amparo-case-1";

#[derive(Serialize, Deserialize)]
struct Wire {
    format: String,
    /// A key for the content, sealed to the member's own box key.
    key: String,
    nonce: String,
    sealed: String,
}

impl Desk {
    /// The case as it is here, sealed to this member's own key.
    pub fn export(&mut self, id: &str) -> Result<Vec<u8>, DeskError> {
        let id = self.case(id)?.id;
        let view = self.view(&id)?;
        let plain = Zeroizing::new(serde_json::to_vec(&view).map_err(|_| DeskError::State)?);
        let to = self.line.keys.box_keys().first().map(|key| key.public()).ok_or(DeskError::State)?;
        let key = crypto::random_secret();
        let nonce: [u8; 24] = crypto::random();
        let boxed = crypto::sealed_box_seal(&to, key.expose()).map_err(|_| DeskError::State)?;
        let sealed = encode::base64(&crypto::secretbox_seal(&key, &nonce, &plain));
        let wire = Wire { format: FORMAT.into(), key: encode::base64(&boxed), nonce: encode::hex(&nonce), sealed };
        serde_json::to_vec(&wire).map_err(|_| DeskError::State)
    }
}

/// Opens an export with the keys of the member who made it. Needs no network.
pub fn open_export(bytes: &[u8], keys: &MemberKeys) -> Result<Value, DeskError> {
    let wire: Wire = serde_json::from_slice(bytes).map_err(|_| DeskError::NotForYou)?;
    let boxed = encode::from_base64(&wire.key).ok_or(DeskError::NotForYou)?;
    let key = keys.box_keys().into_iter().find_map(|own| crypto::sealed_box_open(own, &boxed)).and_then(|key| Secret::from_slice(&key));
    let key = key.filter(|_| wire.format == FORMAT).ok_or(DeskError::NotForYou)?;
    let nonce = encode::from_hex_array(&wire.nonce).ok_or(DeskError::NotForYou)?;
    let sealed = encode::from_base64(&wire.sealed).ok_or(DeskError::NotForYou)?;
    let plain = crypto::secretbox_open(&key, &nonce, &sealed).map(Zeroizing::new).ok_or(DeskError::NotForYou)?;
    serde_json::from_slice(&plain).map_err(|_| DeskError::NotForYou)
}
