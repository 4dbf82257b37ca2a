//! Making a directory: content, a fresh gate key, signatures.

use super::verified::{directory_type, read_content};
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

/// Where a further person stands when a signed directory comes before her.
pub struct Standing<'a> {
    /// The fingerprint of the first authority.
    pub deployment: &'a Deployment,
    /// Those who sign today.
    pub authority: &'a Authority,
    /// The directory before, if there was one.
    pub former: Option<DirectoryRef>,
    /// Her own calendar.
    pub today: Day,
}

/// Adds a further signature, after every check that the first person's machine made: nobody signs what merely lies in a file.
pub fn countersign(dsse: &mut Dsse, at: &Standing<'_>, key: &SignKey) -> Result<(), DirectoryError> {
    if !at.authority.keys().contains(&key.public()) {
        return Err(DirectoryError::NotAnAuthorityKey);
    }
    if dsse.payload_type() != directory_type(at.deployment) {
        return Err(DirectoryError::BadSignature);
    }
    let content = read_content(dsse.payload(), at.deployment)?;
    content.check_when_made()?;
    content.check_follows(at.former)?;
    if at.today > content.expires {
        return Err(DirectoryError::Expired);
    }
    dsse.sign(key);
    Ok(())
}

/// Verifies a signed directory as every reader will, before it is published.
pub fn publishable(dsse: Dsse, deployment: &Deployment, authority: &Authority) -> Result<Directory, DirectoryError> {
    UnverifiedDirectory::from(dsse).verify(deployment, authority)
}
