//! Admitting parts of attachments: everything that stands in front of a part is checked before a byte of it is taken.

use super::{Intake, IntakeError};
use crate::base::event::{Event, emit};
use crate::base::{Reader, TooShort};
use crate::crypto::work::{self, NONCE_BYTES, PUZZLES, SOLUTIONS_BYTES};
use crate::crypto::{Hasher, same};
use crate::envelope::{EnvelopeError, HeldParts, PART_HEAD_BYTES, PART_MAX_BYTES, PartHead, PartsQuery, parts_of};
use crate::store::{Begun, PartWriter, PutPart};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// `nonce ‖ solutions ‖ head of the part`.
pub const PART_FRONT_BYTES: usize = NONCE_BYTES + SOLUTIONS_BYTES + PART_HEAD_BYTES;
/// The longest request that brings a part.
pub const PART_REQUEST_MAX_BYTES: usize = PART_FRONT_BYTES + PART_MAX_BYTES;
const _: () = assert!(PART_FRONT_BYTES == 320);
/// Parts that may be under way at once: each holds some hundred KiB of memory.
const UNDER_WAY_MAX: u32 = 64;
const MIB: u64 = 1 << 20;

/// How much a mailbox may hold.
#[derive(Clone, Debug)]
pub struct AttachmentLimits {
    /// Parts that one attachment may have.
    parts_max: u32,
    /// Bytes of parts that one mailbox may hold.
    mailbox_bytes: u64,
    under_way: Arc<AtomicU32>,
}

impl Default for AttachmentLimits {
    fn default() -> Self {
        Self { parts_max: 129, mailbox_bytes: 4096 * MIB, under_way: Arc::default() }
    }
}

impl AttachmentLimits {
    /// From MiB of plaintext an attachment, and MiB of parts a mailbox. `None` if an attachment would be longer than the protocol's 16 GiB.
    pub fn from_mib(each: u64, mailbox: u64) -> Option<Self> {
        let parts_max = parts_of(each.checked_mul(MIB)?).ok()?;
        Some(Self { parts_max, mailbox_bytes: mailbox.checked_mul(MIB)?, under_way: Arc::default() })
    }
}

/// What is said of a part before its bytes.
pub enum PartAdmission {
    /// The very same bytes are here already.
    Here,
    /// It is wanted.
    Open(Box<PartIntake>),
}

/// One of the few places for parts under way.
struct Place(Arc<AtomicU32>);

impl Place {
    fn take(limits: &AttachmentLimits) -> Option<Self> {
        let place = Self(Arc::clone(&limits.under_way));
        (place.0.fetch_add(1, Ordering::SeqCst) < UNDER_WAY_MAX).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A part on its way in. Dropped before its end, nothing of it stays.
pub struct PartIntake {
    head: PartHead,
    left: u64,
    hasher: Hasher,
    writer: Box<dyn PartWriter>,
    _place: Place,
}

impl PartIntake {
    /// Takes the next bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), IntakeError> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(length).ok_or(IntakeError::Form("wrong_length"))?;
        self.hasher.update(bytes);
        Ok(self.writer.write(bytes)?)
    }

    /// Checks that it is what was announced and makes it durable.
    pub fn finish(self) -> Result<(), IntakeError> {
        if self.left != 0 {
            return Err(IntakeError::Form("wrong_length"));
        }
        if !same(&self.hasher.finish(), self.head.hash.bytes()) {
            emit(Event::PartRefused);
            return Err(IntakeError::Form("bad_part"));
        }
        outcome(self.writer.finish()?)?;
        emit(Event::PartStored);
        Ok(())
    }
}

fn outcome(put: PutPart) -> Result<(), IntakeError> {
    Err(IntakeError::Refused(match put {
        PutPart::Stored | PutPart::Same => return Ok(()),
        PutPart::Taken => "part_taken",
        PutPart::NoMailbox => "no_such_mailbox",
        PutPart::Gone => "gone",
        PutPart::Full => "mailbox_full",
    }))
}

fn short(_: TooShort) -> IntakeError {
    IntakeError::Form("wrong_length")
}

impl Intake {
    fn check_front(&self, front: &[u8], length: u64) -> Result<PartHead, IntakeError> {
        let mut r = Reader::new(front);
        let nonce = r.array().map_err(short)?;
        let mut solutions = [0; PUZZLES];
        for solution in &mut solutions {
            *solution = r.u64().map_err(short)?;
        }
        let head = r.rest();
        if !self.nonces.holds(&nonce, self.clock.today()) {
            return Err(IntakeError::NonceStale);
        }
        if !work::check(&nonce, &work::subject(head), self.work_bits, &solutions) {
            return Err(IntakeError::WorkInsufficient);
        }
        let form = |error: EnvelopeError| IntakeError::Form(error.code());
        let head = PartHead::parse(head).map_err(form)?;
        if u64::from(head.length) != length {
            return Err(IntakeError::Form("wrong_length"));
        }
        head.verify(&self.deployment).map_err(form)?;
        Ok(head)
    }

    /// Begins a part of `length` bytes: nonce, work, form and signature of its front first, then what is here, then whether there is room.
    pub fn begin_part(&self, front: &[u8], length: u64) -> Result<PartAdmission, IntakeError> {
        let begun = self.check_front(front, length).and_then(|head| self.begin_checked(head));
        if begun.is_err() {
            emit(Event::PartRefused);
        }
        begun
    }

    fn begin_checked(&self, head: PartHead) -> Result<PartAdmission, IntakeError> {
        if head.number >= self.attachments.parts_max {
            return Err(IntakeError::Refused("too_large"));
        }
        let place = Place::take(&self.attachments).ok_or(IntakeError::Refused("busy"))?;
        match self.store.begin_part(&head, self.attachments.mailbox_bytes, self.clock.today())? {
            Begun::Done(put) => outcome(put).map(|()| PartAdmission::Here),
            Begun::Open(writer) => {
                let (left, hasher) = (u64::from(head.length), Hasher::plain());
                Ok(PartAdmission::Open(Box::new(PartIntake { head, left, hasher, writer, _place: place })))
            }
        }
    }

    /// Which parts of an attachment are here. Always of one length; zeros unless its mailbox's own holder asks.
    pub fn held_parts(&self, bytes: &[u8]) -> Result<Vec<u8>, IntakeError> {
        let query = PartsQuery::parse(bytes).map_err(|_| IntakeError::Form("malformed"))?;
        let is_good = self.nonces.holds(&query.nonce, self.clock.today()) && query.verify(&self.deployment).is_ok();
        let id = crate::receipt::mailbox_id(&query.reporter_sign_pk);
        let here = if is_good { self.store.parts(&id, &query.blob)? } else { None };
        let held = here.map(|here| {
            let room = self.attachments.mailbox_bytes.saturating_sub(here.used);
            let mut held = HeldParts::new(room, self.attachments.parts_max);
            here.numbers.into_iter().for_each(|number| held.mark(number));
            held
        });
        Ok(HeldParts::write(held.as_ref()))
    }
}
