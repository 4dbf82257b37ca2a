//! Epoch records: a case's keys over time, each signed by the keys before.

use super::CaseLogError;
use crate::base::{Day, Reader, Writer};
use crate::crypto::{BoxPublic, Deployment, MailboxId, SignKey, SignPublic, Signature};

/// A record on the wire.
pub const EPOCH_BYTES: usize = 4 + 4 + 32 + 32 + 64 + 4;
const _: () = assert!(EPOCH_BYTES == 140);
/// Records a case can have.
pub const EPOCHS_MAX: usize = 16;

/// The keys of an epoch from 1 on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EpochRecord {
    /// From 1, rising by one.
    pub epoch: u32,
    /// The day from which it counts.
    pub from: Day,
    /// Signs case requests and replies.
    pub case_sign_pk: SignPublic,
    /// Follow-ups are sealed to it.
    pub case_box_pk: BoxPublic,
    signature: Signature,
}

impl EpochRecord {
    /// Makes a record, signed by the former epoch's `case_sign`.
    pub fn make(
        former: &SignKey,
        deployment: &Deployment,
        mailbox_id: &MailboxId,
        (epoch, from): (u32, Day),
        (case_sign_pk, case_box_pk): (SignPublic, BoxPublic),
    ) -> Self {
        let mut record = Self { epoch, from, case_sign_pk, case_box_pk, signature: Signature([0; 64]) };
        record.signature = former.sign("epoch", deployment, &[mailbox_id.bytes(), &record.signed()]);
        record
    }

    /// Reads 140 bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, CaseLogError> {
        if bytes.len() != EPOCH_BYTES {
            return Err(CaseLogError::WrongLength);
        }
        let mut r = Reader::new(bytes);
        let record = Self {
            epoch: r.u32()?,
            from: Day::from_number(r.u32()?).map_err(|_| CaseLogError::NotCanonical)?,
            case_sign_pk: SignPublic(r.array()?),
            case_box_pk: BoxPublic(r.array()?),
            signature: Signature(r.array()?),
        };
        if r.u32()? == 0 && record.epoch > 0 { Ok(record) } else { Err(CaseLogError::NotCanonical) }
    }

    fn signed(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(EPOCH_BYTES);
        w.u32(self.epoch).u32(self.from.number()).put(self.case_sign_pk.bytes()).put(self.case_box_pk.bytes());
        w.finish()
    }

    /// The 140 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.signed();
        bytes.extend_from_slice(self.signature.as_ref());
        bytes.extend_from_slice(&[0; 4]);
        bytes
    }

    /// Checks it against the former epoch's number and key.
    pub fn follows(&self, former: u32, key: &SignPublic, deployment: &Deployment, mailbox_id: &MailboxId) -> Result<(), CaseLogError> {
        if former.checked_add(1) != Some(self.epoch) {
            return Err(CaseLogError::WrongChain);
        }
        let good = key.verifies("epoch", deployment, &[mailbox_id.bytes(), &self.signed()], &self.signature);
        let strong = self.case_sign_pk.check_strength().is_ok() && self.case_box_pk.check_strength().is_ok();
        match (good, strong) {
            (true, true) => Ok(()),
            (true, false) => Err(CaseLogError::WeakKey),
            _ => Err(CaseLogError::BadSignature),
        }
    }
}

/// Walks the records from the report's keys; gives the keys of every epoch, 0 first.
pub fn walk_epochs(
    first: (SignPublic, BoxPublic),
    records: &[EpochRecord],
    deployment: &Deployment,
    mailbox_id: &MailboxId,
) -> Result<Vec<(SignPublic, BoxPublic)>, CaseLogError> {
    if records.len() > EPOCHS_MAX {
        return Err(CaseLogError::TooLarge);
    }
    let mut keys = vec![first];
    let mut sign = first.0;
    for (former, record) in (0_u32..).zip(records) {
        record.follows(former, &sign, deployment, mailbox_id)?;
        sign = record.case_sign_pk;
        keys.push((record.case_sign_pk, record.case_box_pk));
    }
    Ok(keys)
}
