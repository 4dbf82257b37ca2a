//! The port to what is kept: trait Store, its makers, shred keys.
//!
//! Everything of a case is keyed by its mailbox id. The store sees sealed things alone: it has no door for plaintext.

mod content;
mod part;
mod pieces;
mod shred;
mod sled;
mod space;

pub use self::part::{Begun, PartReader, PartWriter, PartsHere, PutPart, StoredPart};
pub use self::sled::SledStore;
pub use self::space::RESERVE_BYTES;

use crate::base::{Day, Secret};
use crate::caselog::{Batch, Entry, EpochRecord, Reply};
use crate::crypto::MailboxId;
use crate::envelope::{Head, PartHead, Sealed};
use uuid::Uuid;

/// Replies on a page of the mailbox.
pub const REPLIES_A_PAGE: usize = 8;

/// Why the store cannot do what it is asked.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk is full, or so nearly that only smaller things are taken; nothing was kept of this request.
    #[error("the disk is full")]
    Full,
    /// A write or sync failed before; only reads go on until it is opened again.
    #[error("the store takes no writes until it is opened again")]
    ReadOnly,
    /// The disk or the database failed.
    #[error("the disk failed")]
    Io,
    /// What is on disk is not what was written. Restore from a backup; see docs/operations/backup.md.
    #[error("the store is damaged: {0}")]
    Damaged(&'static str),
    /// Another process has it open.
    #[error("the store is in use by another process")]
    InUse,
    /// Written by a newer program.
    #[error("the store was written by a newer version of this program")]
    Newer,
    /// The committer has ended: the program is stopping.
    #[error("the store is closing")]
    Closing,
}

/// What became of a write. Whatever it says is durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Put {
    /// It is on disk now.
    Stored,
    /// The very same bytes were there already.
    Same,
    /// Another stands in its place.
    Taken,
    /// A number before it is missing.
    Gap,
    /// There is no such mailbox, or its holder destroyed it.
    NoMailbox,
    /// What was here was shredded.
    Gone,
    /// It does not follow the message before.
    WrongChain,
    /// It names keys that are not the case's.
    CaseKey,
}

/// What the holder of a receipt may see.
pub struct MailboxView {
    /// The report.
    pub report: Head,
    /// The last message, if it is not the report.
    pub last: Option<Head>,
    /// Epoch records.
    pub epochs: Vec<EpochRecord>,
    /// Released replies in all.
    pub total: u32,
    /// Those of the page, the newest first.
    pub replies: Vec<Reply>,
}

/// A case's public keys: to check who asks.
pub struct CaseHead {
    /// The report.
    pub report: Head,
    /// Epoch records.
    pub epochs: Vec<EpochRecord>,
    /// When the report came.
    pub arrived: Day,
}

/// What is kept. Each write returns when it is on disk. Blocking: call it from a thread that may wait.
pub trait Store: Send + Sync {
    /// Keeps a report as number 0 of a new case.
    fn put_report(&self, sealed: &Sealed, day: Day) -> Result<Put, StoreError>;
    /// Keeps a follow-up behind the last message.
    fn put_follow_up(&self, sealed: &Sealed, day: Day) -> Result<Put, StoreError>;
    /// Keeps an entry behind the last.
    fn put_entry(&self, entry: &Entry, day: Day) -> Result<Put, StoreError>;
    /// Keeps a reply behind the last of its kind; a destroyed mailbox takes none.
    fn put_reply(&self, reply: &Reply, day: Day) -> Result<Put, StoreError>;
    /// Keeps an epoch record behind the last.
    fn put_epoch(&self, id: &MailboxId, record: &EpochRecord, day: Day) -> Result<Put, StoreError>;
    /// Begins a part of an attachment; `quota` is the bytes of parts that its mailbox may hold in all.
    fn begin_part(&self, part: &PartHead, quota: u64, day: Day) -> Result<Begun, StoreError>;
    /// What is here of an attachment; `None` for unknown and destroyed.
    fn parts(&self, id: &MailboxId, blob: &Uuid) -> Result<Option<PartsHere>, StoreError>;
    /// A part that is here.
    fn part(&self, id: &MailboxId, blob: &Uuid, number: u32) -> Result<Option<StoredPart>, StoreError>;
    /// What a receipt's holder sees on a page; `None` for unknown and destroyed.
    fn mailbox(&self, id: &MailboxId, page: u32, today: Day) -> Result<Option<MailboxView>, StoreError>;
    /// A case's keys.
    fn case(&self, id: &MailboxId) -> Result<Option<CaseHead>, StoreError>;
    /// The body of a message.
    fn body(&self, id: &MailboxId, number: u32) -> Result<Option<Vec<u8>>, StoreError>;
    /// Overwrites the mailbox's shred key, closes it to writes, and shows that in the feed. False if there is none that is open.
    fn destroy_mailbox(&self, id: &MailboxId, day: Day) -> Result<bool, StoreError>;
    /// Overwrites both shred keys of a case, then removes its bytes; a tombstone stays. False if there is none, or it was shredded.
    fn shred_case(&self, id: &MailboxId) -> Result<bool, StoreError>;
    /// Publishes all that is not in the feed yet, in batches of some MiB; the last one's number, or `None` if there was nothing.
    fn publish(&self, day: Day) -> Result<Option<u32>, StoreError>;
    /// The newest number, and batches from `from` on: at least one if there is one, at most about `max_bytes`.
    fn feed(&self, from: u32, max_bytes: usize) -> Result<(u32, Vec<Batch>), StoreError>;
    /// Keeps a version of the directory.
    fn put_directory(&self, version: u32, json: &[u8]) -> Result<(), StoreError>;
    /// A version of the directory.
    fn directory(&self, version: u32) -> Result<Option<Vec<u8>>, StoreError>;
    /// The newest version's number; 0 before the first.
    fn newest_directory(&self) -> Result<u32, StoreError>;
    /// Keeps the freshness note.
    fn put_freshness(&self, note: &[u8]) -> Result<(), StoreError>;
    /// The freshness note.
    fn freshness(&self) -> Result<Option<Vec<u8>>, StoreError>;
    /// A secret of the server, drawn once: marks its nonces.
    fn server_secret(&self) -> Result<Secret<32>, StoreError>;
}
