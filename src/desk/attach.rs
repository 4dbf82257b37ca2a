//! Attachments of a case: listed with it, fetched when they are asked for, and given out only if they are what the message says.

use super::DeskError;
use super::case::Case;
use super::log::Reading;
use super::session::Desk;
use super::warning::{Warning, WarningCode};
use crate::client::{ClientError, PartLine};
use crate::crypto::MailboxId;
use crate::envelope::{Attachment, AttachmentOpener, ContentKey, EnvelopeError, parts_of};
use serde::Serialize;
use std::collections::BTreeSet;
use uuid::Uuid;
use zeroize::Zeroizing;

/// A line of a message's manifest.
#[derive(Clone, Debug, Serialize)]
pub struct AttachmentView {
    /// Number of the message.
    pub message: u32,
    /// Its id.
    pub blob: Uuid,
    /// As the reporter's client named it: not to be trusted as a path.
    pub name: String,
    /// Media type, as the reporter's client says.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Metadata that was removed.
    pub removed: Vec<String>,
    /// Kept as it was, metadata and all.
    pub original: bool,
}

/// Lines of all messages that open, and the keys of those messages.
fn lines(reading: &Reading) -> impl Iterator<Item = (u32, &Attachment, &ContentKey)> {
    let report = reading.report.iter().flat_map(|r| r.body.attachments.iter().map(move |a| (0, a, &r.content)));
    let later = reading.follow_ups.iter().flat_map(|(n, f)| f.body.attachments.iter().map(move |a| (*n, a, &f.content)));
    report.chain(later)
}

pub(super) fn views(reading: &Reading) -> Vec<AttachmentView> {
    let view = |(message, a, _): (u32, &Attachment, &ContentKey)| AttachmentView {
        message,
        blob: a.blob,
        name: a.name.clone(),
        media_type: a.media_type.clone(),
        size: a.size,
        removed: a.removed.clone(),
        original: a.original,
    };
    lines(reading).map(view).collect()
}

/// Two lines of one id, or a size that no attachment has.
pub(super) fn warnings(reading: &Reading) -> Vec<Warning> {
    let mut seen = BTreeSet::new();
    let odd = lines(reading).filter(|(_, a, _)| !seen.insert(a.blob) || parts_of(a.size).is_err());
    odd.map(|(_, a, _)| Warning::about(WarningCode::AttachmentDiffers, a.blob.to_string())).collect()
}

/// An attachment that is being fetched. It holds what it needs, so that the desk can go on meanwhile.
pub struct AttachmentFetch {
    line: PartLine,
    blob: Uuid,
    opener: AttachmentOpener,
    /// Seconds of the random wait before the first request.
    wait: Option<u32>,
    /// What the manifest says of it.
    pub view: AttachmentView,
}

impl AttachmentFetch {
    /// Fetches and opens the next part; the bytes of the file in it, `None` behind the last. `Differs`: nothing of the last part is given out.
    pub fn next_part(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, DeskError> {
        let Some(number) = self.opener.next() else { return Ok(None) };
        if let Some(most) = self.wait.take() {
            super::session::wait(most);
        }
        let part = self.line.fetch(self.blob, number).map_err(|error| match error {
            ClientError::Refused(problem) if problem.code == "no_such_part" => DeskError::AttachmentMissing,
            error => error.into(),
        })?;
        // It came as the reporter signed it: if it does not open, it was made so.
        self.opener.open_part(&part).map(Some).map_err(|_| DeskError::AttachmentDiffers)
    }
}

impl Desk {
    /// Begins to fetch an attachment; the first part comes after the random wait of all requests about one case.
    pub fn attachment(&self, id: &str, blob: &str) -> Result<AttachmentFetch, DeskError> {
        let case = self.case(id)?;
        let blob: Uuid = blob.parse().map_err(|_| DeskError::NoSuchAttachment)?;
        let reading = self.read(case);
        let (_, manifest, content) = lines(&reading).find(|(_, a, _)| a.blob == blob).ok_or(DeskError::NoSuchAttachment)?;
        let opener = AttachmentOpener::new(content, manifest).map_err(|error| match error {
            EnvelopeError::TooLarge => DeskError::AttachmentDiffers,
            error => error.into(),
        })?;
        let view = views(&reading).into_iter().find(|view| view.blob == blob).ok_or(DeskError::NoSuchAttachment)?;
        let wait = Some(self.line.settings.wait_seconds);
        Ok(AttachmentFetch { line: self.part_line(case)?, blob, opener, wait, view })
    }

    fn part_line(&self, case: &Case) -> Result<PartLine, DeskError> {
        let (epoch, keys) = self.case_keys(case)?;
        let (http, deployment) = (self.line.http.clone(), self.line.pinned);
        Ok(PartLine { http, deployment, mailbox_id: case.id, gate: self.now()?.gate.duplicate(), case_sign: keys.sign, epoch })
    }

    /// Fetches an attachment and hands its bytes on, part by part. If it is not what the message says, the case shows that from then on.
    pub fn save_attachment(
        &mut self,
        id: &str,
        blob: &str,
        mut take: impl FnMut(&[u8]) -> Result<(), DeskError>,
    ) -> Result<AttachmentView, DeskError> {
        let mut fetch = self.attachment(id, blob)?;
        loop {
            match fetch.next_part() {
                Ok(Some(bytes)) => take(&bytes)?,
                Ok(None) => return Ok(fetch.view),
                Err(error) => {
                    self.note_attachment(id, blob, &error)?;
                    return Err(error);
                }
            }
        }
    }

    /// Keeps with the case that an attachment is not what the message says of it.
    pub fn note_attachment(&mut self, id: &str, blob: &str, error: &DeskError) -> Result<(), DeskError> {
        if !matches!(error, DeskError::AttachmentDiffers) {
            return Ok(());
        }
        let id: MailboxId = id.parse().map_err(|_| DeskError::NotAnId)?;
        self.locked(|desk| {
            let case = desk.cases.get_mut(&id).ok_or(DeskError::NoSuchCase)?;
            case.faults.insert((WarningCode::AttachmentDiffers, blob.to_owned()));
            desk.state.put_case(case)
        })
    }
}
