//! From bytes to a directory that can be believed.

use super::{Authority, DirectoryContent, DirectoryError, DirectoryRef, Dsse, Member, MemberId, Office, OfficeId, Recipient, Role};
use crate::base::frame::{FrameError, check_must_understand};
use crate::base::{Day, Secret, encode};
use crate::crypto::{self, BoxKey, BoxPublic, Deployment, Hash32, SignKey};

/// Members of the directory that version 1 knows.
const KNOWN_MEMBERS: &[&str] = &[
    "format",
    "deployment",
    "version",
    "previous",
    "issued",
    "expires",
    "must_understand",
    "languages",
    "names",
    "texts",
    "questionnaire",
    "gate",
    "offices",
    "members",
    "custodians",
    "conflict_fallback",
    "duty",
    "exit_page",
    "helplines",
    "emergency",
    "institutions",
    "rules",
    "jurisdictions",
];

/// A signed directory as it came. It can do one thing: be verified.
pub struct UnverifiedDirectory(Dsse);

/// A directory with good signatures and a good form. It may have expired: see [`Directory::check_current`].
pub struct Directory {
    content: DirectoryContent,
    hash: Hash32,
    dsse: Dsse,
}

pub(super) fn directory_type(deployment: &Deployment) -> String {
    format!("application/vnd.amparo.directory+json; v=1; deployment={deployment}")
}

/// `hash("directory", payload)`.
pub fn directory_hash(payload: &[u8]) -> Hash32 {
    crypto::hash("directory", &[payload])
}

impl UnverifiedDirectory {
    /// Reads a DSSE envelope.
    pub fn from_json(bytes: &[u8]) -> Result<Self, DirectoryError> {
        serde_json::from_slice(bytes).map(Self).map_err(|_| DirectoryError::BadJson)
    }

    /// Checks signatures, deployment and form.
    pub fn verify(self, deployment: &Deployment, authority: &Authority) -> Result<Directory, DirectoryError> {
        let payload = self.0.verify(&directory_type(deployment), authority)?;
        let content = read_content(payload, deployment)?;
        let hash = directory_hash(payload);
        Ok(Directory { content, hash, dsse: self.0 })
    }
}

impl From<Dsse> for UnverifiedDirectory {
    fn from(dsse: Dsse) -> Self {
        Self(dsse)
    }
}

/// Reads a payload whose signatures are someone else's concern: deployment and form.
pub(super) fn read_content(payload: &[u8], deployment: &Deployment) -> Result<DirectoryContent, DirectoryError> {
    check_must_understand(payload, KNOWN_MEMBERS).map_err(|error| match error {
        FrameError::MustUnderstand => DirectoryError::MustUnderstand,
        _ => DirectoryError::BadJson,
    })?;
    let content: DirectoryContent = serde_json::from_slice(payload).map_err(DirectoryError::of_json)?;
    if content.deployment != *deployment {
        return Err(DirectoryError::OtherAuthority);
    }
    content.check()?;
    Ok(content)
}

impl Directory {
    /// What it says.
    pub fn content(&self) -> &DirectoryContent {
        &self.content
    }

    /// Its version, from 1.
    pub fn version(&self) -> u32 {
        self.content.version
    }

    /// `hash("directory", payload)`.
    pub fn hash(&self) -> Hash32 {
        self.hash
    }

    /// Version and hash.
    pub fn reference(&self) -> DirectoryRef {
        DirectoryRef { version: self.content.version, hash: self.hash }
    }

    /// The envelope, as it was signed.
    pub fn dsse(&self) -> &Dsse {
        &self.dsse
    }

    /// The envelope as JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, DirectoryError> {
        serde_json::to_vec(&self.dsse).map_err(|_| DirectoryError::BadJson)
    }

    /// Whether it has expired.
    pub fn is_expired(&self, today: Day) -> bool {
        today > self.content.expires
    }

    /// Refuses an expired one, and one older than `seen`.
    pub fn check_current(&self, today: Day, seen: Option<u32>) -> Result<(), DirectoryError> {
        if seen.is_some_and(|seen| self.content.version < seen) {
            return Err(DirectoryError::RolledBack);
        }
        if self.is_expired(today) { Err(DirectoryError::Expired) } else { Ok(()) }
    }

    /// Whether it is the next after `former`; the first follows nothing.
    pub fn check_follows(&self, former: Option<DirectoryRef>) -> Result<(), DirectoryError> {
        self.content.check_follows(former)
    }

    /// The office of an id.
    pub fn office(&self, id: &OfficeId) -> Option<&Office> {
        self.content.offices.iter().find(|office| office.id == *id)
    }

    /// The member of an id.
    pub fn member(&self, id: &MemberId) -> Option<&Member> {
        self.content.members.iter().find(|member| member.id == *id)
    }

    /// An office's members who receive new reports.
    pub fn intake_members<'a>(&'a self, office: &'a OfficeId) -> impl Iterator<Item = &'a Member> {
        self.content.members.iter().filter(move |m| m.office == *office && m.role == Role::Intake)
    }

    /// A member as recipient, with the key of that day.
    pub fn recipient(&self, member: &Member, key_day: Day) -> Option<Recipient> {
        let pk = member.box_pk(key_day)?;
        Some(Recipient { member: member.id.clone(), office: member.office.clone(), pk })
    }

    /// Whether a recipient is a member of this directory with the key of that day.
    pub fn knows(&self, recipient: &Recipient, key_day: Day) -> bool {
        self.member(&recipient.member).is_some_and(|m| m.office == recipient.office && m.box_pk(key_day) == Some(recipient.pk))
    }

    /// Opens the gate's secret with a member's keys.
    pub fn gate_key(&self, member: &MemberId, own: &[&BoxKey]) -> Result<SignKey, DirectoryError> {
        let sealed = self.content.gate.sealed.iter().find(|b| b.member == *member).ok_or(DirectoryError::NotAMember)?;
        let sealed = encode::from_base64(&sealed.sealed).ok_or(DirectoryError::BadJson)?;
        let seed = own.iter().find_map(|key| crypto::sealed_box_open(key, &sealed)).and_then(|seed| Secret::from_slice(&seed));
        let gate = SignKey::from_seed(&seed.ok_or(DirectoryError::NotAMember)?);
        if gate.public() == self.content.gate.pk { Ok(gate) } else { Err(DirectoryError::NotAMember) }
    }
}

impl DirectoryContent {
    pub(super) fn check_follows(&self, former: Option<DirectoryRef>) -> Result<(), DirectoryError> {
        let (version, hash) = former.map_or((0, Hash32::ZERO), |f| (f.version, f.hash));
        let follows = version.checked_add(1) == Some(self.version) && self.previous == hash;
        if follows { Ok(()) } else { Err(DirectoryError::WrongChain) }
    }
}

impl Member {
    /// The one key that counts on a day.
    pub fn box_pk(&self, day: Day) -> Option<BoxPublic> {
        self.box_pks.iter().find(|p| p.from <= day && day <= p.until).map(|p| p.pk)
    }
}
