//! What is kept of a case in the clear: counters, its day, and where its shred keys are. And its values, which are sealed.

use super::super::pieces::{PIECE_OVERHEAD_BYTES, open_piece, seal_piece};
use super::super::shred::Side;
use super::places::{self, ValueKind};
use super::{Inner, VALUE_MAX_BYTES, broken};
use crate::base::{Day, Reader, Secret, TooShort, Writer};
use crate::caselog::{ItemKind, ReplyWhat};
use crate::crypto::MailboxId;
use crate::store::StoreError;

const PIECE_BYTES: usize = VALUE_MAX_BYTES - PIECE_OVERHEAD_BYTES;
const RECORD_BYTES: usize = 4 + 1 + 4 + 6 * 4;

/// How a case stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// Takes all writes.
    Open,
    /// The holder of the receipt destroyed the mailbox; report and log are the desk's.
    Destroyed,
    /// All of it was shredded: a tombstone.
    Shredded,
}

impl Standing {
    const ALL: [Self; 3] = [Self::Open, Self::Destroyed, Self::Shredded];

    const fn byte(self) -> u8 {
        match self {
            Self::Open => 0,
            Self::Destroyed => 1,
            Self::Shredded => 2,
        }
    }
}

/// Numbers that will be taken next, and where the shred keys are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct CaseRecord {
    pub(super) slot: u32,
    pub(super) standing: Standing,
    /// When the report came.
    pub(super) arrived: Day,
    pub(super) messages: u32,
    pub(super) entries: u32,
    pub(super) texts: u32,
    pub(super) statuses: u32,
    pub(super) replies: u32,
    pub(super) epochs: u32,
}

impl CaseRecord {
    pub(super) fn new(slot: u32, arrived: Day) -> Self {
        Self { slot, standing: Standing::Open, arrived, messages: 0, entries: 0, texts: 0, statuses: 0, replies: 0, epochs: 0 }
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, StoreError> {
        let mut r = Reader::new(bytes);
        let mut read = || -> Result<Option<Self>, TooShort> {
            let (slot, standing, day) = (r.u32()?, r.u8()?, r.u32()?);
            let (messages, entries, texts, statuses, replies, epochs) = (r.u32()?, r.u32()?, r.u32()?, r.u32()?, r.u32()?, r.u32()?);
            let standing = Standing::ALL.into_iter().find(|s| s.byte() == standing);
            let Some((standing, arrived)) = standing.zip(Day::from_number(day).ok()) else { return Ok(None) };
            Ok(Some(Self { slot, standing, arrived, messages, entries, texts, statuses, replies, epochs }))
        };
        let record = read().ok().flatten().filter(|_| bytes.len() == RECORD_BYTES);
        record.ok_or(StoreError::Damaged("a case record cannot be read"))
    }

    /// The number of the last reply of a kind.
    pub(super) fn last_reply(&mut self, what: ReplyWhat) -> &mut u32 {
        match what {
            ReplyWhat::Text => &mut self.texts,
            ReplyWhat::Status => &mut self.statuses,
        }
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(RECORD_BYTES);
        w.u32(self.slot).u8(self.standing.byte()).u32(self.arrived.number());
        for number in [self.messages, self.entries, self.texts, self.statuses, self.replies, self.epochs] {
            w.u32(number);
        }
        w.finish()
    }
}

/// A case and what still opens it.
pub(super) struct Case {
    pub(super) id: MailboxId,
    pub(super) record: CaseRecord,
    pub(super) case_key: Option<Secret<32>>,
    pub(super) mailbox_key: Option<Secret<32>>,
}

impl Case {
    pub(super) fn key(&self, side: Side) -> Option<&Secret<32>> {
        match side {
            Side::Case => self.case_key.as_ref(),
            Side::Mailbox => self.mailbox_key.as_ref(),
        }
    }

    /// The keys decide: a database restored from before a shredding does not bring the case back.
    pub(super) fn standing(&self) -> Standing {
        match (&self.case_key, &self.mailbox_key) {
            (None, _) => Standing::Shredded,
            (_, None) => Standing::Destroyed,
            _ => Standing::Open,
        }
    }
}

impl Inner {
    /// A case, a tombstone too.
    pub(super) fn load(&self, id: &MailboxId) -> Result<Option<Case>, StoreError> {
        let Some(bytes) = self.db.get(places::case(id)).map_err(broken)? else { return Ok(None) };
        self.with_keys(*id, CaseRecord::read(&bytes)?).map(Some)
    }

    pub(super) fn with_keys(&self, id: MailboxId, record: CaseRecord) -> Result<Case, StoreError> {
        let key = |side, is_open| if is_open { self.shred.key(record.slot, side) } else { Ok(None) };
        let case_key = key(Side::Case, record.standing != Standing::Shredded)?;
        let mailbox_key = key(Side::Mailbox, record.standing == Standing::Open)?;
        Ok(Case { id, record, case_key, mailbox_key })
    }

    /// Seals a value in pieces of at most 4 KiB; does nothing if that side's key is gone.
    pub(super) fn stage(&self, batch: &mut sled::Batch, case: &Case, (kind, number, side): (ValueKind, u32, Side), plain: &[u8]) {
        let Some(key) = case.key(side) else { return };
        let place = places::value(&case.id, kind, number, side);
        let pieces = plain.chunks(PIECE_BYTES);
        let last = pieces.len().saturating_sub(1);
        for (n, piece) in pieces.enumerate() {
            let at = places::piece(&place, u16::try_from(n).unwrap_or(u16::MAX));
            batch.insert(at.as_slice(), seal_piece(key, &at, n == last, piece));
        }
    }

    /// Puts the record, and the item into the next batch of the feed.
    pub(super) fn stage_record(&self, batch: &mut sled::Batch, case: &Case, kind: ItemKind, number: u32) {
        batch.insert(places::case(&case.id), case.record.write());
        batch.insert(places::pending(&case.id, kind, number), &[]);
    }

    /// A value that must be there; `None` if that side's key is gone.
    pub(super) fn value(&self, case: &Case, kind: ValueKind, number: u32, side: Side) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(key) = case.key(side) else { return Ok(None) };
        let mut pieces = self.db.scan_prefix(places::pieces(&places::value(&case.id, kind, number, side))).peekable();
        let mut whole = Vec::new();
        while let Some(piece) = pieces.next() {
            let (at, sealed) = piece.map_err(broken)?;
            whole.extend(open_piece(key, &at, pieces.peek().is_none(), &sealed)?);
        }
        if whole.is_empty() { Err(StoreError::Damaged("a value of a case is missing")) } else { Ok(Some(whole)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_and_a_bent_one_does_not() {
        let mut record = CaseRecord::new(9, Day::from_number(20_781).unwrap());
        (record.standing, record.messages, record.entries, record.texts) = (Standing::Destroyed, 1, 2, 3);
        (record.statuses, record.replies, record.epochs) = (4, 5, 6);
        let bytes = record.write();
        assert_eq!(CaseRecord::read(&bytes), Ok(record));
        assert!(CaseRecord::read(&bytes[1..]).is_err() && CaseRecord::read(&[&bytes[..], &[0]].concat()).is_err());
        let mut bent = bytes.clone();
        bent[4] = 3;
        assert!(CaseRecord::read(&bent).is_err());
    }
}
