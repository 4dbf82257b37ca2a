//! A store that fails when it is told to: what the outside hears then.

use crate::made::SMALL;
use crate::world::World;
use amparo::base::{Day, Secret};
use amparo::caselog::{Batch, Entry, EpochRecord, Reply};
use amparo::crypto::MailboxId;
use amparo::envelope::{PartHead, Sealed};
use amparo::store::{Begun, CaseHead, MailboxView, PartsHere, Put, SledStore, Store, StoreError, StoredPart};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

type Fault = fn() -> StoreError;

pub struct Failing {
    inner: SledStore,
    pub fault: Mutex<Option<Fault>>,
    /// What becomes of an entry or reply, whatever is in the store: one that was shredded in the meantime.
    pub put: Mutex<Option<Put>>,
}

impl Failing {
    pub fn over(inner: SledStore) -> Arc<Self> {
        Arc::new(Self { inner, fault: Mutex::new(None), put: Mutex::new(None) })
    }

    fn fail(&self) -> Result<(), StoreError> {
        self.fault.lock().unwrap().map_or(Ok(()), |fault| Err(fault()))
    }
}

macro_rules! as_inner {
    ($($name:ident($($given:ident: $kind:ty),*) -> $gives:ty;)*) => {
        impl Store for Failing {
            fn put_entry(&self, entry: &Entry, day: Day) -> Result<Put, StoreError> {
                self.fail()?;
                self.put.lock().unwrap().map_or_else(|| self.inner.put_entry(entry, day), Ok)
            }
            fn put_reply(&self, reply: &Reply, day: Day) -> Result<Put, StoreError> {
                self.fail()?;
                self.put.lock().unwrap().map_or_else(|| self.inner.put_reply(reply, day), Ok)
            }
            $(fn $name(&self, $($given: $kind),*) -> Result<$gives, StoreError> {
                self.fail()?;
                self.inner.$name($($given),*)
            })*
        }
    };
}

as_inner! {
    put_report(sealed: &Sealed, day: Day) -> Put;
    put_follow_up(sealed: &Sealed, day: Day) -> Put;
    put_epoch(id: &MailboxId, record: &EpochRecord, day: Day) -> Put;
    mailbox(id: &MailboxId, page: u32, today: Day) -> Option<MailboxView>;
    case(id: &MailboxId) -> Option<CaseHead>;
    body(id: &MailboxId, number: u32) -> Option<Vec<u8>>;
    destroy_mailbox(id: &MailboxId, day: Day) -> bool;
    shred_case(id: &MailboxId) -> bool;
    publish(day: Day) -> Option<u32>;
    feed(from: u32, max_bytes: usize) -> (u32, Vec<Batch>);
    put_directory(version: u32, json: &[u8]) -> ();
    directory(version: u32) -> Option<Vec<u8>>;
    newest_directory() -> u32;
    put_freshness(note: &[u8]) -> ();
    freshness() -> Option<Vec<u8>>;
    begin_part(part: &PartHead, quota: u64, day: Day) -> Begun;
    parts(id: &MailboxId, blob: &Uuid) -> Option<PartsHere>;
    part(id: &MailboxId, blob: &Uuid, number: u32) -> Option<StoredPart>;
    server_secret() -> Secret<32>;
}

#[test]
fn a_store_that_fails_gives_stable_codes_on_every_address_and_afterwards_all_is_taken() {
    let (world, store) = World::failing();
    let case = world.reported(SMALL);
    let token = world.token();
    let next = world.next_directory(1, 31);
    let faults: [(Fault, (u16, &str)); 5] = [
        (|| StoreError::Io, (500, "internal")),
        (|| StoreError::Damaged("x"), (500, "internal")),
        (|| StoreError::Closing, (503, "shutting_down")),
        (|| StoreError::ReadOnly, (503, "read_only")),
        (|| StoreError::Full, (503, "storage_full")),
    ];
    let sent = world.report(SMALL);
    for (fault, (status, code)) in faults {
        let told = (status, code.to_owned());
        *store.fault.lock().unwrap() = Some(fault);
        let writes = [
            world.send(&sent.report),
            world.mailbox(&case.reporter, 2),
            world.append(&case, 0),
            world.reply(&case, 1),
            world.publish(&next),
            world.vouch(world.today()),
            crate::attachments::one(&world, &case),
        ];
        for answer in &writes {
            assert_eq!(answer.told(), told);
            assert_eq!(answer.header("retry-after"), (status == 503).then_some("60"));
        }
        // Reads only know two of them.
        if status == 500 || code == "shutting_down" {
            for path in ["/api/v1/directory", "/api/v1/directory/1"] {
                assert_eq!(world.get(path).told(), told, "{path}");
            }
            assert_eq!(world.feed(&token, "from=1").told(), told);
            assert_eq!(crate::attachments::ask_held(&world, &case).told(), told);
        }
        *store.fault.lock().unwrap() = None;
    }
    assert!(world.is_unknown(&sent.reporter), "nothing was kept");
    for answer in [world.send(&sent.report), world.append(&case, 0), world.reply(&case, 1), world.publish(&next)] {
        assert_eq!(answer.status, 204);
    }
    assert!(!world.is_unknown(&case.reporter), "a destruction that failed destroyed nothing");
}

#[test]
fn what_is_shredded_while_it_is_asked_for_is_gone() {
    let (world, store) = World::failing();
    let case = world.reported(SMALL);
    *store.put.lock().unwrap() = Some(Put::Gone);
    assert_eq!(world.append(&case, 0).told(), (410, "gone".into()));
    assert_eq!(world.reply(&case, 1).told(), (410, "gone".into()));
    *store.put.lock().unwrap() = None;
    assert_eq!(world.append(&case, 0).status, 204);
}
