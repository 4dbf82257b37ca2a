//! Making a directory: content, a fresh gate key, signatures.

use super::verified::directory_type;
use super::{Authority, Directory, DirectoryContent, DirectoryError, DirectoryRef, Dsse, Gate, GateBox, UnverifiedDirectory};
use crate::base::{Day, Secret, encode};
use crate::crypto::{self, Deployment, Hash32, SignKey};

/// The seed of a new gate key; sealed to each member and then forgotten.
pub type GateSecret = Secret<32>;

/// Makes the directory that follows `former` out of a draft's content, with a fresh gate key, signed by one key of the authority.
pub fn sign_new(
    mut content: DirectoryContent,
    former: Option<DirectoryRef>,
    (issued, expires): (Day, Day),
    deployment: &Deployment,
    key: &SignKey,
) -> Result<Dsse, DirectoryError> {
    let (version, previous) = former.map_or((0, Hash32::ZERO), |f| (f.version, f.hash));
    content.format = DirectoryContent::FORMAT.into();
    content.deployment = *deployment;
    content.version = version.checked_add(1).ok_or(DirectoryError::WrongChain)?;
    content.previous = previous;
    (content.issued, content.expires) = (issued, expires);
    content.gate = new_gate(&content)?;
    content.check()?;
    content.check_when_made()?;
    let payload = serde_json::to_vec(&content).map_err(|_| DirectoryError::BadJson)?;
    let mut dsse = Dsse::unsigned(directory_type(deployment), payload);
    dsse.sign(key);
    Ok(dsse)
}

/// A fresh gate key, sealed to each member's key of the day of issue.
fn new_gate(content: &DirectoryContent) -> Result<Gate, DirectoryError> {
    let seed: GateSecret = crypto::random_secret();
    let pk = SignKey::from_seed(&seed).public();
    let seal = |member: &super::Member| {
        let none = || DirectoryError::Invalid(format!("{} has no box key for the day of issue", member.id));
        let to = member.box_pk(content.issued).ok_or_else(none)?;
        let sealed = crypto::sealed_box_seal(&to, seed.expose()).map_err(|_| DirectoryError::WeakKey)?;
        Ok(GateBox { member: member.id.clone(), sealed: encode::base64(&sealed) })
    };
    Ok(Gate { pk, sealed: content.members.iter().map(seal).collect::<Result<_, DirectoryError>>()? })
}

/// Adds a further signature, for a threshold above one.
pub fn add_signature(dsse: &mut Dsse, key: &SignKey) {
    dsse.sign(key);
}

/// Verifies a signed directory as every reader will, before it is published.
pub fn publishable(dsse: Dsse, deployment: &Deployment, authority: &Authority) -> Result<Directory, DirectoryError> {
    UnverifiedDirectory::from(dsse).verify(deployment, authority)
}
