//! The mailbox request, 136 bytes, and its answer, 40960 bytes (docs/protocol/api.md).

use super::ClientError;
use crate::base::{Reader, Writer};
use crate::caselog::{EPOCH_BYTES, EPOCHS_MAX, EpochRecord, REPLY_BYTES, Reply};
use crate::crypto::{Deployment, work::NONCE_BYTES};
use crate::envelope::{EnvelopeError, HEAD_BYTES, Head};
use crate::receipt::ReporterKeys;

const REQUEST_BYTES: usize = 4 + 32 + NONCE_BYTES + 64;
const ANSWER_BYTES: usize = 40_960;
const REPLIES_A_PAGE: usize = 8;
const EPOCHS_BYTES: usize = EPOCHS_MAX * EPOCH_BYTES;
const USED_BYTES: usize = 8 + 2 * HEAD_BYTES + 4 + EPOCHS_BYTES + 8 + REPLIES_A_PAGE * REPLY_BYTES;
const NOT_CANONICAL: ClientError = ClientError::Envelope(EnvelopeError::NotCanonical);
const _: () = assert!(REQUEST_BYTES == 136 && USED_BYTES == 37_268);

/// What the holder of a receipt asks of the mailbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailboxVerb {
    /// Read.
    Read,
    /// Destroy.
    Destroy,
}

/// What the server keeps for the holder of a receipt. Nothing in it is believed before its signatures are checked.
pub struct MailboxAnswer {
    /// Number of the last message.
    pub last_number: u32,
    /// The report.
    pub report: Head,
    /// The last message, if it is not the report.
    pub last: Option<Head>,
    /// The case's keys after epoch 0.
    pub epochs: Vec<EpochRecord>,
    /// Replies in all.
    pub total: u32,
    /// Those of this page, the newest first.
    pub replies: Vec<Reply>,
}

/// The request, signed over the server's nonce.
pub(super) fn request(verb: MailboxVerb, page: u16, keys: &ReporterKeys, nonce: &[u8; NONCE_BYTES], deployment: &Deployment) -> Vec<u8> {
    let verb = match verb {
        MailboxVerb::Read => 1,
        MailboxVerb::Destroy => 2,
    };
    let mut w = Writer::with_capacity(REQUEST_BYTES);
    w.put(&[1, verb]).put(&page.to_be_bytes()).put(keys.sign.public().bytes()).put(nonce);
    let mut bytes = w.finish();
    let signature = keys.sign.sign("mailbox request", deployment, &[&bytes]);
    bytes.extend_from_slice(signature.as_ref());
    bytes
}

impl MailboxAnswer {
    /// Reads the answer; `None` if all is zeros: no mailbox, or destroyed. What is not used must be zeros (`not_canonical`).
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, ClientError> {
        if bytes.len() != ANSWER_BYTES {
            return Err(EnvelopeError::WrongLength.into());
        }
        if bytes.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        Self::read(&mut Reader::new(bytes)).map(Some)
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, ClientError> {
        let short = EnvelopeError::from;
        if r.array::<4>().map_err(short)? != [1, 0, 0, 0] {
            return Err(NOT_CANONICAL);
        }
        let last_number = r.u32().map_err(short)?;
        let report = Head::parse(r.take(HEAD_BYTES).map_err(short)?)?;
        let last = some_of(r.take(HEAD_BYTES).map_err(short)?, HEAD_BYTES, last_number.min(1))?;
        let last = last.first().map(|bytes| Head::parse(bytes)).transpose()?;
        let count = r.u32().map_err(short)?;
        let epochs = some_of(r.take(EPOCHS_BYTES).map_err(short)?, EPOCH_BYTES, count)?;
        let epochs = epochs.into_iter().map(EpochRecord::parse).collect::<Result<Vec<_>, _>>()?;
        let (total, page) = (r.u32().map_err(short)?, r.u32().map_err(short)?);
        let here = total.saturating_sub(page.saturating_mul(8)).min(8);
        let replies = some_of(r.take(REPLIES_A_PAGE * REPLY_BYTES).map_err(short)?, REPLY_BYTES, here)?;
        let replies = replies.into_iter().map(Reply::parse).collect::<Result<Vec<_>, _>>()?;
        some_of(r.take(ANSWER_BYTES - USED_BYTES).map_err(short)?, 1, 0)?;
        Ok(Self { last_number, report, last, epochs, total, replies })
    }

    /// Whether it is about these words: own seal on the report and on the last message, which stand where they should (`not_ours`).
    pub fn check_ours(&self, keys: &ReporterKeys, deployment: &Deployment) -> Result<(), ClientError> {
        let ours = |head: &Head| head.header().reporter_sign_pk == keys.sign.public() && head.verify(deployment).is_ok();
        let in_place = self.report.header().number == 0 && self.newest().header().number == self.last_number;
        if in_place && ours(&self.report) && ours(self.newest()) { Ok(()) } else { Err(ClientError::NotOurs) }
    }

    /// The last message's head, the report's if there is none after it.
    pub fn newest(&self) -> &Head {
        self.last.as_ref().unwrap_or(&self.report)
    }
}

/// The first `count` records of a fixed field; what is behind them must be zeros.
fn some_of(bytes: &[u8], each: usize, count: u32) -> Result<Vec<&[u8]>, ClientError> {
    let used = usize::try_from(count).ok().and_then(|count| count.checked_mul(each)).and_then(|used| bytes.split_at_checked(used));
    let (used, rest) = used.ok_or(NOT_CANONICAL)?;
    if rest.iter().any(|byte| *byte != 0) {
        return Err(NOT_CANONICAL);
    }
    Ok(used.chunks_exact(each).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Secret;
    use crate::crypto::{BoxKey, SignKey, random_secret};
    use crate::receipt::mailbox_id;

    #[test]
    fn zeros_are_no_mailbox_and_bent_answers_are_refused() {
        assert!(MailboxAnswer::parse(&[0; ANSWER_BYTES]).unwrap().is_none());
        assert!(MailboxAnswer::parse(&[0; 10]).is_err());
        let mut bent = vec![0; ANSWER_BYTES];
        bent[0] = 1;
        assert!(MailboxAnswer::parse(&bent).is_err());
    }

    #[test]
    fn a_request_is_the_one_of_the_vectors() {
        let whole: serde_json::Value = serde_json::from_slice(include_bytes!("../../tests/vectors/mailbox.json")).unwrap();
        let cases: Vec<_> = whole["cases"].as_array().unwrap().iter().filter(|case| case["do"] == "request").collect();
        assert!(cases.len() > 2);
        for case in cases {
            let hex = |member: &str| crate::base::encode::from_hex(case[member].as_str().unwrap()).unwrap();
            let sign = SignKey::from_seed(&Secret::from_slice(&hex("sign")).unwrap());
            let keys = ReporterKeys { mailbox_id: mailbox_id(&sign.public()), sign, reply_box: BoxKey::from_secret(random_secret()) };
            let verb = if case["verb"] == "read" { MailboxVerb::Read } else { MailboxVerb::Destroy };
            let page = u16::try_from(case["page"].as_u64().unwrap()).unwrap();
            let made = request(verb, page, &keys, &hex("nonce").try_into().unwrap(), &Deployment(hex("deployment").try_into().unwrap()));
            assert_eq!(made, hex("expect"), "{}", case["name"]);
        }
    }
}
