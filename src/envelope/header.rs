//! The header, 1024 bytes.

use super::EnvelopeError;
use crate::base::{Reader, Writer};
use crate::crypto::{self, BoxPublic, Deployment, Hash32, MailboxId, STREAM_HEADER_BYTES, SignPublic, slots::SLOT_BYTES};
use crate::receipt;

/// Slots in an envelope.
pub const SLOTS: usize = 16;
/// All slots.
pub const SLOTS_BYTES: usize = SLOTS * SLOT_BYTES;
const FIXED_BYTES: usize = 4 + 32 + 4 + 6 * 32;
/// The whole header.
pub const HEADER_BYTES: usize = FIXED_BYTES + SLOTS_BYTES + STREAM_HEADER_BYTES;
const _: () = assert!(HEADER_BYTES == 1024 && FIXED_BYTES == 232);

const VERSION: u8 = 1;
const SUITE: u8 = 1;

/// What an envelope is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Number 0 of a case.
    Report,
    /// Numbers 1 and up.
    FollowUp,
}

impl Kind {
    /// Its byte on the wire.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Report => 1,
            Self::FollowUp => 2,
        }
    }

    fn read(byte: u8) -> Result<Self, EnvelopeError> {
        [Self::Report, Self::FollowUp].into_iter().find(|k| k.byte() == byte).ok_or(EnvelopeError::UnknownKind)
    }
}

/// The three lengths a body can have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SizeClass {
    /// 16 KiB.
    Small,
    /// 64 KiB.
    Medium,
    /// 256 KiB.
    Large,
}

impl SizeClass {
    /// All, the smallest first.
    pub const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// Its byte on the wire.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Small => 1,
            Self::Medium => 2,
            Self::Large => 3,
        }
    }

    /// Length of the sealed body.
    pub const fn body_bytes(self) -> usize {
        match self {
            Self::Small => 16 << 10,
            Self::Medium => 64 << 10,
            Self::Large => 256 << 10,
        }
    }

    /// Length of the padded plaintext.
    pub const fn plain_bytes(self) -> usize {
        self.body_bytes() - crypto::STREAM_OVERHEAD_BYTES
    }

    fn read(byte: u8) -> Result<Self, EnvelopeError> {
        Self::ALL.into_iter().find(|c| c.byte() == byte).ok_or(EnvelopeError::NotCanonical)
    }
}

/// A header's fields. Reading one checks its form, not its seal.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the fields of docs/protocol/envelope.md, by their names")]
pub struct Header {
    pub kind: Kind,
    pub size: SizeClass,
    pub mailbox_id: MailboxId,
    pub number: u32,
    pub previous: Hash32,
    pub reporter_sign_pk: SignPublic,
    pub reporter_box_pk: BoxPublic,
    pub case_sign_pk: SignPublic,
    pub case_box_pk: BoxPublic,
    pub ephemeral_pk: BoxPublic,
    pub slots: Box<[u8; SLOTS_BYTES]>,
    pub stream_header: [u8; STREAM_HEADER_BYTES],
}

impl Header {
    /// Reads 1024 bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() != HEADER_BYTES {
            return Err(EnvelopeError::WrongLength);
        }
        let mut r = Reader::new(bytes);
        if r.u8()? != VERSION {
            return Err(EnvelopeError::UnknownVersion);
        }
        if r.u8()? != SUITE {
            return Err(EnvelopeError::UnknownSuite);
        }
        let header = Self {
            kind: Kind::read(r.u8()?)?,
            size: SizeClass::read(r.u8()?)?,
            mailbox_id: MailboxId(r.array()?),
            number: r.u32()?,
            previous: Hash32(r.array()?),
            reporter_sign_pk: SignPublic(r.array()?),
            reporter_box_pk: BoxPublic(r.array()?),
            case_sign_pk: SignPublic(r.array()?),
            case_box_pk: BoxPublic(r.array()?),
            ephemeral_pk: BoxPublic(r.array()?),
            slots: Box::new(r.array()?),
            stream_header: r.array()?,
        };
        header.check_form()
    }

    fn check_form(self) -> Result<Self, EnvelopeError> {
        let first = self.kind == Kind::Report;
        let numbered = first == (self.number == 0) && (!first || self.previous == Hash32::ZERO);
        if !numbered {
            return Err(EnvelopeError::NotCanonical);
        }
        if self.mailbox_id != receipt::mailbox_id(&self.reporter_sign_pk) {
            return Err(EnvelopeError::BadSeal);
        }
        Ok(self)
    }

    /// The 1024 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(HEADER_BYTES);
        w.put(&self.fixed_bytes()).put(&self.slots[..]).put(&self.stream_header);
        w.finish()
    }

    /// The 232 bytes before the slots.
    fn fixed_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(FIXED_BYTES);
        w.put(&[VERSION, SUITE, self.kind.byte(), self.size.byte()]).put(self.mailbox_id.bytes()).u32(self.number);
        w.put(self.previous.bytes()).put(self.reporter_sign_pk.bytes()).put(self.reporter_box_pk.bytes());
        w.put(self.case_sign_pk.bytes()).put(self.case_box_pk.bytes()).put(self.ephemeral_pk.bytes());
        w.finish()
    }

    /// What each slot's key is bound to: the deployment and every field but the slots.
    pub(super) fn slot_context(&self, deployment: &Deployment) -> Hash32 {
        crypto::hash("slot context", &[deployment.bytes(), &self.fixed_bytes(), &self.stream_header])
    }
}
