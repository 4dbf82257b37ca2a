//! A store that keeps nothing and has one case: what is before it is what is looked at.

use super::world::{WORLD, clock};
use amparo::base::{Clock, Day, Secret};
use amparo::caselog::{Batch, Entry, EpochRecord, Reply};
use amparo::crypto::{Hash32, MailboxId};
use amparo::envelope::{PartHead, Sealed};
use amparo::store::{Begun, CaseHead, MailboxView, PartsHere, Put, PutPart, Store, StoreError, StoredPart};
use uuid::Uuid;

pub struct Hollow;

type Done<T> = Result<T, StoreError>;

impl Store for Hollow {
    fn put_report(&self, _: &Sealed, _: Day) -> Done<Put> {
        Ok(Put::Stored)
    }
    fn put_follow_up(&self, _: &Sealed, _: Day) -> Done<Put> {
        Ok(Put::Stored)
    }
    fn put_entry(&self, _: &Entry, _: Day) -> Done<Put> {
        Ok(Put::Stored)
    }
    fn put_reply(&self, _: &Reply, _: Day) -> Done<Put> {
        Ok(Put::Stored)
    }
    fn put_epoch(&self, _: &MailboxId, _: &EpochRecord, _: Day) -> Done<Put> {
        Ok(Put::Stored)
    }
    fn mailbox(&self, id: &MailboxId, _: u32, _: Day) -> Done<Option<MailboxView>> {
        let view = || MailboxView { report: WORLD.report.head(), last: None, epochs: vec![], total: 2, replies: WORLD.replies.clone() };
        Ok((*id == WORLD.id()).then(view))
    }
    fn case(&self, id: &MailboxId) -> Done<Option<CaseHead>> {
        let head = || CaseHead { report: WORLD.report.head(), epochs: vec![], arrived: clock().today() };
        Ok((*id == WORLD.id()).then(head))
    }
    fn body(&self, _: &MailboxId, number: u32) -> Done<Option<Vec<u8>>> {
        Ok((number == 0).then(|| WORLD.report.body().to_vec()))
    }
    fn destroy_mailbox(&self, _: &MailboxId, _: Day) -> Done<bool> {
        Ok(true)
    }
    fn shred_case(&self, _: &MailboxId) -> Done<bool> {
        Ok(false)
    }
    fn publish(&self, _: Day) -> Done<Option<u32>> {
        Ok(None)
    }
    fn feed(&self, _: u32, _: usize) -> Done<(u32, Vec<Batch>)> {
        Ok((0, vec![Batch::make(&Hash32::ZERO, 1, clock().today(), vec![])]))
    }
    fn put_directory(&self, _: u32, _: &[u8]) -> Done<()> {
        Ok(())
    }
    fn directory(&self, _: u32) -> Done<Option<Vec<u8>>> {
        Ok(None)
    }
    fn newest_directory(&self) -> Done<u32> {
        Ok(0)
    }
    fn put_freshness(&self, _: &[u8]) -> Done<()> {
        Ok(())
    }
    fn freshness(&self) -> Done<Option<Vec<u8>>> {
        Ok(None)
    }
    fn begin_part(&self, _: &PartHead, _: u64, _: Day) -> Done<Begun> {
        Ok(Begun::Done(PutPart::Same))
    }
    fn parts(&self, id: &MailboxId, _: &Uuid) -> Done<Option<PartsHere>> {
        Ok((*id == WORLD.id()).then(|| PartsHere { numbers: vec![0, 3], used: 7 }))
    }
    fn part(&self, _: &MailboxId, _: &Uuid, _: u32) -> Done<Option<StoredPart>> {
        Ok(None)
    }
    fn server_secret(&self) -> Done<Secret<32>> {
        Ok(Secret::new([9; 32]))
    }
}
