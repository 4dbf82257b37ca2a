//! Batches of the feed: what every desk downloads (docs/protocol/api.md, "Feed").

use super::CaseLogError;
use crate::base::{Day, Reader, Writer};
use crate::crypto::{self, Hash32, MailboxId};

/// What an item of the feed is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ItemKind {
    /// A report's head, and its body if it is of the smallest class.
    Report,
    /// A follow-up's, likewise.
    FollowUp,
    /// An entry of a case log.
    Entry,
    /// A reply; its number is the order of arrival in the case, from 1.
    Reply,
    /// The reporter destroyed her mailbox.
    Destroyed,
    /// An epoch record.
    Epoch,
    /// An epoch or a deletion that is to come.
    Pending,
}

impl ItemKind {
    const ALL: [Self; 7] = [Self::Report, Self::FollowUp, Self::Entry, Self::Reply, Self::Destroyed, Self::Epoch, Self::Pending];

    /// Its byte on the wire, 1 to 7.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Report => 1,
            Self::FollowUp => 2,
            Self::Entry => 3,
            Self::Reply => 4,
            Self::Destroyed => 5,
            Self::Epoch => 6,
            Self::Pending => 7,
        }
    }

    /// Reads the byte.
    pub fn read(byte: u8) -> Result<Self, CaseLogError> {
        Self::ALL.into_iter().find(|k| k.byte() == byte).ok_or(CaseLogError::UnknownKind)
    }
}

/// One item. A shredded one keeps its hash and has no bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedItem {
    /// What it is.
    pub kind: ItemKind,
    /// The case.
    pub mailbox_id: MailboxId,
    /// Its number among its kind in the case.
    pub number: u32,
    /// `item_hash`.
    pub hash: Hash32,
    /// Empty if shredded.
    pub bytes: Vec<u8>,
}

/// A batch, its items ascending by mailbox id, kind and number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    /// From 1.
    pub number: u32,
    /// When it was published.
    pub day: Day,
    /// At least one.
    pub items: Vec<FeedItem>,
    /// The chain's head after it.
    pub head: Hash32,
}

/// `hash("feed item", kind ‖ mailbox_id ‖ number ‖ bytes)`.
pub fn item_hash(kind: ItemKind, mailbox_id: &MailboxId, number: u32, bytes: &[u8]) -> Hash32 {
    crypto::hash("feed item", &[&[kind.byte()], mailbox_id.bytes(), &number.to_be_bytes(), bytes])
}

/// `head(n)` out of the former head and the batch's parts.
pub fn batch_head(former: &Hash32, number: u32, day: Day, item_hashes: &[Hash32]) -> Hash32 {
    let count = u32::try_from(item_hashes.len()).unwrap_or(u32::MAX);
    let numbers = [number, day.number(), count].map(u32::to_be_bytes);
    let mut parts: Vec<&[u8]> = vec![former.bytes(), numbers.as_flattened()];
    parts.extend(item_hashes.iter().map(|hash| hash.bytes().as_slice()));
    crypto::hash("feed head", &parts)
}

impl FeedItem {
    /// An item with its hash.
    pub fn new(kind: ItemKind, mailbox_id: MailboxId, number: u32, bytes: Vec<u8>) -> Self {
        let hash = item_hash(kind, &mailbox_id, number, &bytes);
        Self { kind, mailbox_id, number, hash, bytes }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CaseLogError> {
        let (kind, mailbox_id, number, hash) = (ItemKind::read(r.u8()?)?, MailboxId(r.array()?), r.u32()?, Hash32(r.array()?));
        let length = usize::try_from(r.u32()?).map_err(|_| CaseLogError::WrongLength)?;
        let bytes = r.take(length)?.to_vec();
        if !bytes.is_empty() && item_hash(kind, &mailbox_id, number, &bytes) != hash {
            return Err(CaseLogError::WrongChain);
        }
        Ok(Self { kind, mailbox_id, number, hash, bytes })
    }

    fn write(&self, w: &mut Writer) {
        w.u8(self.kind.byte()).put(self.mailbox_id.bytes()).u32(self.number).put(self.hash.bytes());
        w.u32(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)).put(&self.bytes);
    }

    fn order(&self) -> (MailboxId, ItemKind, u32) {
        (self.mailbox_id, self.kind, self.number)
    }
}

impl Batch {
    /// Makes the batch that follows `former`; sorts the items.
    pub fn make(former: &Hash32, number: u32, day: Day, mut items: Vec<FeedItem>) -> Self {
        items.sort_by_key(FeedItem::order);
        let hashes: Vec<Hash32> = items.iter().map(|item| item.hash).collect();
        let head = batch_head(former, number, day, &hashes);
        Self { number, day, items, head }
    }

    /// Whether it follows that number and head.
    pub fn follows(&self, number: u32, head: &Hash32) -> bool {
        let hashes: Vec<Hash32> = self.items.iter().map(|item| item.hash).collect();
        number.checked_add(1) == Some(self.number) && batch_head(head, self.number, self.day, &hashes) == self.head
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CaseLogError> {
        let (number, day, count) = (r.u32()?, Day::from_number(r.u32()?).map_err(|_| CaseLogError::NotCanonical)?, r.u32()?);
        let items = (0..count).map(|_| FeedItem::read(r)).collect::<Result<Vec<_>, _>>()?;
        let ordered = items.windows(2).all(|pair| matches!(pair, [a, b] if a.order() < b.order()));
        let head = Hash32(r.array()?);
        if ordered && !items.is_empty() { Ok(Self { number, day, items, head }) } else { Err(CaseLogError::NotCanonical) }
    }

    /// Appends its wire form.
    pub fn write(&self, w: &mut Writer) {
        w.u32(self.number).u32(self.day.number()).u32(u32::try_from(self.items.len()).unwrap_or(u32::MAX));
        self.items.iter().for_each(|item| item.write(w));
        w.put(self.head.bytes());
    }

    /// The answer to a feed request: `newest ‖ batches that follow ‖ batches`.
    pub fn write_page(newest: u32, batches: &[Self]) -> Vec<u8> {
        let mut w = Writer::default();
        w.u32(newest).u32(u32::try_from(batches.len()).unwrap_or(u32::MAX));
        batches.iter().for_each(|batch| batch.write(&mut w));
        w.finish()
    }

    /// Reads such an answer: the newest number there is, and the batches.
    pub fn read_page(bytes: &[u8]) -> Result<(u32, Vec<Self>), CaseLogError> {
        let mut r = Reader::new(bytes);
        let (newest, count) = (r.u32()?, r.u32()?);
        let batches = (0..count).map(|_| Self::read(&mut r)).collect::<Result<Vec<_>, _>>()?;
        if r.is_empty() { Ok((newest, batches)) } else { Err(CaseLogError::WrongLength) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(former: &Hash32, number: u32) -> Batch {
        let item = |n: u8| FeedItem::new(ItemKind::Entry, MailboxId([n; 32]), 0, vec![n; 3]);
        Batch::make(former, number, Day::from_number(20_000).unwrap(), vec![item(2), item(1)])
    }

    #[test]
    fn a_page_comes_back_and_a_changed_one_does_not_follow() {
        let one = batch(&Hash32::ZERO, 1);
        let two = batch(&one.head, 2);
        let page = Batch::write_page(2, &[one.clone(), two.clone()]);
        assert_eq!(Batch::read_page(&page).unwrap(), (2, vec![one.clone(), two.clone()]));
        assert!(one.follows(0, &Hash32::ZERO) && two.follows(1, &one.head));
        assert!(!two.follows(0, &Hash32::ZERO) && !two.follows(1, &Hash32::ZERO));
        let mut less = two.clone();
        less.items.pop();
        assert!(!less.follows(1, &one.head));
        for at in 0..page.len() {
            let mut bent = page.clone();
            bent[at] ^= 1;
            let read = Batch::read_page(&bent);
            let whole = |(_, b): (u32, Vec<Batch>)| b.len() == 2 && b[0].follows(0, &Hash32::ZERO) && b[1].follows(1, &b[0].head);
            assert!(at < 4 || !read.is_ok_and(whole), "byte {at}");
        }
        assert!(Batch::read_page(&page[..page.len() - 1]).is_err());
    }

    #[test]
    fn a_shredded_item_keeps_its_place_in_the_chain() {
        let mut one = batch(&Hash32::ZERO, 1);
        one.items[0].bytes.clear();
        let (_, read) = Batch::read_page(&Batch::write_page(1, &[one])).unwrap();
        assert!(read[0].follows(0, &Hash32::ZERO));
    }
}
