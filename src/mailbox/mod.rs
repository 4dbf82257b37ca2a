//! Reads of one fixed size, and destruction (docs/protocol/api.md).

use crate::base::event::{Event, emit};
use crate::base::{Clock, Reader, TooShort, Writer};
use crate::caselog::{EPOCH_BYTES, EPOCHS_MAX, REPLY_BYTES};
use crate::crypto::work::NONCE_BYTES;
use crate::crypto::{self, Deployment, MailboxId, NonceMarks, SignPublic, Signature};
use crate::envelope::{HEAD_BYTES, Head};
use crate::receipt;
use crate::store::{MailboxView, REPLIES_A_PAGE, Store, StoreError};
use std::sync::Arc;

/// The only length a request has.
pub const REQUEST_BYTES: usize = 136;
/// The only length an answer has.
pub const ANSWER_BYTES: usize = 40_960;
const SIGNED_BYTES: usize = 4 + 32 + NONCE_BYTES;
const _: () = assert!(SIGNED_BYTES + 64 == REQUEST_BYTES);
/// Values that are opened for a mailbox with a full page: as many are opened where there is none.
const DECOY_VALUES: usize = 2 + REPLIES_A_PAGE;

/// Why a request is refused. All that tells of a mailbox is zeros instead.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailboxError {
    /// Not of the protocol.
    #[error("not of the protocol")]
    Malformed,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The deed of reading and destroying.
pub struct Mailbox {
    /// Where it is kept.
    pub store: Arc<dyn Store>,
    /// The deployment.
    pub deployment: Deployment,
    /// Nonces.
    pub nonces: Arc<NonceMarks>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

struct Asked {
    destroy: bool,
    page: u32,
    signer: SignPublic,
    nonce: [u8; NONCE_BYTES],
    signature: Signature,
}

fn parse(bytes: &[u8]) -> Result<Asked, MailboxError> {
    if bytes.len() != REQUEST_BYTES {
        return Err(MailboxError::Malformed);
    }
    let mut r = Reader::new(bytes);
    let mut read = || -> Result<(u8, u8, Asked), TooShort> {
        let (version, verb, page) = (r.u8()?, r.u8()?, u32::from(r.u16()?));
        let (signer, nonce, signature) = (SignPublic(r.array()?), r.array()?, Signature(r.array()?));
        Ok((version, verb, Asked { destroy: verb == 2, page, signer, nonce, signature }))
    };
    match read() {
        Ok((1, 1 | 2, asked)) => Ok(asked),
        _ => Err(MailboxError::Malformed),
    }
}

impl Mailbox {
    /// The answer: 40960 bytes, zeros for all that is unknown, destroyed or not the asker's.
    pub fn answer(&self, bytes: &[u8]) -> Result<Vec<u8>, MailboxError> {
        let asked = parse(bytes)?;
        let today = self.clock.today();
        let signed = bytes.get(..SIGNED_BYTES).unwrap_or_default();
        let good = asked.signer.verifies("mailbox request", &self.deployment, &[signed], &asked.signature);
        let fresh = self.nonces.holds(&asked.nonce, today);
        let id = receipt::mailbox_id(&asked.signer);
        if asked.destroy && good && fresh {
            self.destroy(&id)?;
        }
        // The store is read whether the asker may see it or not: both take the same time.
        let view = self.store.mailbox(&id, asked.page, today)?;
        let answer = match &view {
            Some(view) => write(view, asked.page),
            None => decoy(),
        };
        Ok(if good && fresh && view.is_some() { answer } else { vec![0; ANSWER_BYTES] })
    }

    fn destroy(&self, id: &MailboxId) -> Result<(), MailboxError> {
        if self.store.destroy_mailbox(id, self.clock.today())? {
            emit(Event::MailboxDestroyed);
        }
        Ok(())
    }
}

/// Opens as many values as a mailbox has, and throws them away.
fn decoy() -> Vec<u8> {
    let key = crypto::random_secret();
    let nonce = [0; 24];
    let sealed = crypto::secretbox_seal(&key, &nonce, &[0; REPLY_BYTES]);
    let opened = (0..DECOY_VALUES).filter_map(|_| crypto::secretbox_open(&key, &nonce, &sealed)).map(|v| v.len()).sum();
    vec![0; opened]
}

fn write(view: &MailboxView, page: u32) -> Vec<u8> {
    let last = view.last.as_ref();
    let mut w = Writer::with_capacity(ANSWER_BYTES);
    w.put(&[1, 0, 0, 0]).u32(last.map_or(0, |head| head.header().number)).put(&view.report.to_bytes());
    w.put(&last.map_or_else(|| vec![0; HEAD_BYTES], Head::to_bytes));
    let epochs: Vec<u8> = view.epochs.iter().take(EPOCHS_MAX).flat_map(crate::caselog::EpochRecord::to_bytes).collect();
    w.u32(u32::try_from(epochs.len() / EPOCH_BYTES).unwrap_or_default()).put(&epochs);
    w.pad_to(8 + 2 * HEAD_BYTES + 4 + EPOCHS_MAX * EPOCH_BYTES).u32(view.total).u32(page);
    for reply in view.replies.iter().take(REPLIES_A_PAGE) {
        w.put(&reply.to_bytes());
    }
    w.pad_to(ANSWER_BYTES);
    w.finish()
}
