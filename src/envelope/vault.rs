//! The vault: what identifies the reporter, for custodians alone.

use super::EnvelopeError;
use crate::base::frame::{check_must_understand, frame, unframe};
use crate::base::{Reader, Secret, Writer};
use crate::crypto::{self, BOX_OVERHEAD_BYTES, BoxKey, BoxPublic, Deployment, Hash32, MailboxId, slots, slots::SLOT_BYTES};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const SLOTS: usize = 4;
const PLAIN_BYTES: usize = 1024;
/// A vault on the wire.
pub const VAULT_BYTES: usize = 1 + 32 + SLOTS * SLOT_BYTES + PLAIN_BYTES + BOX_OVERHEAD_BYTES;
const _: () = assert!(VAULT_BYTES == 1265);
const VERSION: u8 = 1;

/// A custodian who can open the vault.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct VaultCustodian {
    /// The custodian's id.
    pub id: String,
    /// The key of the key day.
    pub pk: BoxPublic,
}

/// What a vault holds.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct VaultContent {
    /// `amparo-vault-1`.
    pub format: String,
    /// Members a reader must know.
    #[serde(default)]
    pub must_understand: Vec<String>,
    /// Her name, if she gave it.
    #[serde(default)]
    pub name: String,
    /// How to reach her.
    #[serde(default)]
    pub contact: String,
    /// When and how that is safe.
    #[serde(default)]
    pub contact_safe: serde_json::Map<String, serde_json::Value>,
    /// Slot order follows this list.
    pub custodians: Vec<VaultCustodian>,
}

const KNOWN_MEMBERS: &[&str] = &["format", "must_understand", "name", "contact", "contact_safe", "custodians"];

impl VaultContent {
    /// What `format` must be.
    pub const FORMAT: &'static str = "amparo-vault-1";
}

fn context(deployment: &Deployment, mailbox_id: &MailboxId, number: u32, ephemeral_pk: &BoxPublic) -> Hash32 {
    crypto::hash("vault context", &[deployment.bytes(), mailbox_id.bytes(), &number.to_be_bytes(), ephemeral_pk.bytes()])
}

fn content_key(seed: &Secret<32>, context: &Hash32) -> Secret<32> {
    crypto::derive(seed, "vault content", &[context.bytes()])
}

/// Seals a vault for the custodians it lists: 1265 bytes.
pub fn seal_vault(deployment: &Deployment, mailbox_id: &MailboxId, number: u32, content: &VaultContent) -> Result<Vec<u8>, EnvelopeError> {
    let seed = crypto::random_secret();
    let ephemeral_pk = slots::ephemeral(&seed).public();
    let context = context(deployment, mailbox_id, number, &ephemeral_pk);
    let to: Vec<BoxPublic> = content.custodians.iter().map(|c| c.pk).collect();
    let slots = slots::build::<SLOTS>(&seed, &context, &to)?.filter(|_| !to.is_empty()).ok_or(EnvelopeError::TooLarge)?;
    let json = Zeroizing::new(serde_json::to_vec(content).map_err(|_| EnvelopeError::BadJson)?);
    let plain = Zeroizing::new(frame(&json, &[], PLAIN_BYTES)?);
    let mut w = Writer::with_capacity(VAULT_BYTES);
    w.u8(VERSION).put(ephemeral_pk.bytes()).put(&slots).put(&crypto::box0_seal(&content_key(&seed, &context), &plain));
    Ok(w.finish())
}

/// Opens a vault as a custodian.
pub fn open_vault(
    bytes: &[u8],
    own: &BoxKey,
    deployment: &Deployment,
    mailbox_id: &MailboxId,
    number: u32,
) -> Result<VaultContent, EnvelopeError> {
    if bytes.len() != VAULT_BYTES {
        return Err(EnvelopeError::WrongLength);
    }
    let mut r = Reader::new(bytes);
    if r.u8()? != VERSION {
        return Err(EnvelopeError::UnknownVersion);
    }
    let ephemeral_pk = BoxPublic(r.array()?);
    let slots = r.take(SLOTS * SLOT_BYTES)?;
    let context = context(deployment, mailbox_id, number, &ephemeral_pk);
    let seed = slots::open(own, "slot", &ephemeral_pk, &context, slots).ok_or(EnvelopeError::CannotOpen)?;
    let plain = crypto::box0_open(&content_key(&seed, &context), r.rest()).ok_or(EnvelopeError::CannotOpen)?;
    let plain = Zeroizing::new(plain);
    let (json, _) = unframe(&plain, 0)?;
    check_must_understand(json, KNOWN_MEMBERS)?;
    let content: VaultContent = serde_json::from_slice(json).map_err(|_| EnvelopeError::BadJson)?;
    if content.format == VaultContent::FORMAT { Ok(content) } else { Err(EnvelopeError::BadJson) }
}
