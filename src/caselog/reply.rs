//! A reply on the wire, 4096 bytes: one seed, a slot for the reporter, a wrap for the desk.

use super::entry::{SUITE, VERSION, check_front};
use super::reply_content::{self, OpenedReply, ReplyContent, ReplyWhat};
use super::{CaseLogError, DeskKey};
use crate::base::frame::{frame, unframe};
use crate::base::{Day, Reader, Secret, Writer};
use crate::crypto::{self, BOX_OVERHEAD_BYTES, BoxKey, BoxPublic, Deployment, Hash32, MailboxId, SignKey, slots, slots::SLOT_BYTES};
use zeroize::Zeroizing;

const KIND: u8 = 4;
/// The whole reply.
pub const REPLY_BYTES: usize = 4096;
const FIXED_BYTES: usize = 4 + 32 + 4 + 4 + 4 + 32;
const SEALED_BYTES: usize = REPLY_BYTES - FIXED_BYTES - 2 * SLOT_BYTES;
const PLAIN_BYTES: usize = SEALED_BYTES - BOX_OVERHEAD_BYTES;
const SIGNATURES_BYTES: usize = 2 * 64;
const _: () = assert!(FIXED_BYTES == 80 && SEALED_BYTES == 3920 && PLAIN_BYTES == 3904);

/// Where a reply stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReplyPlace {
    /// Text or status.
    pub what: ReplyWhat,
    /// The case.
    pub mailbox_id: MailboxId,
    /// From 1, for texts and statuses apart.
    pub number: u32,
    /// The epoch whose keys vouch for it.
    pub epoch: u32,
    /// The first day it is shown; `None` at once.
    pub release: Option<Day>,
}

/// A reply of the right form; nothing in it is checked yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    place: ReplyPlace,
    ephemeral_pk: BoxPublic,
    slot: [u8; SLOT_BYTES],
    wrap: [u8; SLOT_BYTES],
    sealed: Vec<u8>,
}

fn fixed(place: &ReplyPlace, ephemeral_pk: &BoxPublic) -> Vec<u8> {
    let mut w = Writer::with_capacity(FIXED_BYTES);
    w.put(&[VERSION, SUITE, KIND, place.what.byte()]).put(place.mailbox_id.bytes()).u32(place.number).u32(place.epoch);
    w.u32(place.release.map_or(0, Day::number)).put(ephemeral_pk.bytes());
    w.finish()
}

fn context(deployment: &Deployment, place: &ReplyPlace, ephemeral_pk: &BoxPublic) -> Hash32 {
    crypto::hash("reply context", &[deployment.bytes(), &fixed(place, ephemeral_pk)])
}

fn content_key(seed: &Secret<32>, context: &Hash32) -> Secret<32> {
    crypto::derive(seed, "reply content", &[context.bytes()])
}

fn wrap_key(desk_key: &DeskKey, context: &Hash32) -> Secret<32> {
    crypto::derive(desk_key, "reply wrap", &[context.bytes()])
}

/// The keys a reply is sealed with.
#[expect(missing_docs, reason = "the names of docs/protocol/case.md")]
pub struct ReplyKeys<'a> {
    pub reporter_box_pk: &'a BoxPublic,
    pub desk_key: &'a DeskKey,
    pub gate: &'a SignKey,
    pub case_sign: &'a SignKey,
}

/// Seals a reply. `seen` is the highest number of her messages the author opened; `directory` the version whose gate key signs.
pub fn seal_reply(
    place: ReplyPlace,
    content: &ReplyContent,
    (seen, directory): (u32, u32),
    keys: &ReplyKeys<'_>,
    deployment: &Deployment,
) -> Result<Reply, CaseLogError> {
    if content.what() != place.what || place.number == 0 {
        return Err(CaseLogError::NotCanonical);
    }
    let json = reply_content::to_json(content, seen, directory)?;
    let subject = reply_content::subject(&place, directory, &json);
    let signatures = reply_content::sign_both(&subject, keys.gate, keys.case_sign, deployment);
    let plain = Zeroizing::new(frame(&json, &signatures, PLAIN_BYTES)?);
    let seed = crypto::random_secret();
    let ephemeral_pk = slots::ephemeral(&seed).public();
    let context = context(deployment, &place, &ephemeral_pk);
    let wrap = crypto::box0_seal(&wrap_key(keys.desk_key, &context), seed.expose());
    Ok(Reply {
        place,
        ephemeral_pk,
        slot: slots::seal_one(&seed, "reply slot", &context, keys.reporter_box_pk)?,
        wrap: wrap.try_into().map_err(|_| CaseLogError::System)?,
        sealed: crypto::box0_seal(&content_key(&seed, &context), &plain),
    })
}

impl Reply {
    /// Reads 4096 bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, CaseLogError> {
        if bytes.len() != REPLY_BYTES {
            return Err(CaseLogError::WrongLength);
        }
        let mut r = Reader::new(bytes);
        check_front(&mut r, KIND)?;
        let (what, mailbox_id, number, epoch) = (ReplyWhat::read(r.u8()?)?, MailboxId(r.array()?), r.u32()?, r.u32()?);
        let release = match r.u32()? {
            0 => None,
            day => Some(Day::from_number(day).map_err(|_| CaseLogError::NotCanonical)?),
        };
        if number == 0 {
            return Err(CaseLogError::NotCanonical);
        }
        let place = ReplyPlace { what, mailbox_id, number, epoch, release };
        Ok(Self { place, ephemeral_pk: BoxPublic(r.array()?), slot: r.array()?, wrap: r.array()?, sealed: r.rest().to_vec() })
    }

    /// The 4096 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(REPLY_BYTES);
        w.put(&fixed(&self.place, &self.ephemeral_pk)).put(&self.slot).put(&self.wrap).put(&self.sealed);
        w.finish()
    }

    /// Where it stands.
    pub fn place(&self) -> ReplyPlace {
        self.place
    }

    /// What the desk's record of it names.
    pub fn record_hash(&self) -> Hash32 {
        crypto::hash("reply record", &[&self.to_bytes()])
    }

    /// Opens as the reporter.
    pub fn open_as_reporter(&self, own: &BoxKey, deployment: &Deployment) -> Result<OpenedReply, CaseLogError> {
        let context = context(deployment, &self.place, &self.ephemeral_pk);
        let seed = slots::open(own, "reply slot", &self.ephemeral_pk, &context, &self.slot).ok_or(CaseLogError::CannotOpen)?;
        self.open_with_seed(&seed, &context)
    }

    /// Opens as the desk.
    pub fn open_as_desk(&self, desk_key: &DeskKey, deployment: &Deployment) -> Result<OpenedReply, CaseLogError> {
        let context = context(deployment, &self.place, &self.ephemeral_pk);
        let seed = crypto::box0_open(&wrap_key(desk_key, &context), &self.wrap).and_then(|seed| Secret::from_slice(&seed));
        let seed = seed.filter(|seed| slots::commits(seed, &self.ephemeral_pk)).ok_or(CaseLogError::CannotOpen)?;
        self.open_with_seed(&seed, &context)
    }

    fn open_with_seed(&self, seed: &Secret<32>, context: &Hash32) -> Result<OpenedReply, CaseLogError> {
        let plain = crypto::box0_open(&content_key(seed, context), &self.sealed).ok_or(CaseLogError::CannotOpen)?;
        let plain = Zeroizing::new(plain);
        let (json, signatures) = unframe(&plain, SIGNATURES_BYTES)?;
        OpenedReply::read(self.place, json, signatures)
    }
}
