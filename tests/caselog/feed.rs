//! Pages of the feed, as a desk takes them.
//!
//! A case: `page`, and the desk's position before it: `number` and `head`. `feed_broken`: a batch that does not follow.

use super::entry::CASE;
use super::{Case, bytes, text};
use amparo::base::encode;
use amparo::caselog::Batch;
use amparo::crypto::{self, Hash32, MailboxId};
use serde_json::{Value, json};

struct Item {
    kind: u8,
    mailbox: MailboxId,
    number: u32,
    bytes: Vec<u8>,
    hash: Option<Hash32>,
    shredded: bool,
}

fn item(kind: u8, number: u32) -> Item {
    Item { kind, mailbox: CASE, number, bytes: vec![kind; 5], hash: None, shredded: false }
}

impl Item {
    fn hash(&self) -> Hash32 {
        self.hash
            .unwrap_or_else(|| crypto::hash("feed item", &[&[self.kind], self.mailbox.bytes(), &self.number.to_be_bytes(), &self.bytes]))
    }

    fn write(&self) -> Vec<u8> {
        let bytes = if self.shredded { &[][..] } else { &self.bytes };
        let front = [&[self.kind][..], self.mailbox.bytes(), &self.number.to_be_bytes(), self.hash().bytes()].concat();
        [&front, &(bytes.len() as u32).to_be_bytes()[..], bytes].concat()
    }
}

fn head(former: &Hash32, number: u32, day: u32, items: &[Item]) -> Hash32 {
    let numbers = [number, day, items.len() as u32].map(u32::to_be_bytes);
    let hashes: Vec<u8> = items.iter().flat_map(|i| *i.hash().bytes()).collect();
    crypto::hash("feed head", &[former.bytes(), numbers.as_flattened(), &hashes])
}

fn batch(number: u32, day: u32, items: &[Item], head: &Hash32) -> Vec<u8> {
    let numbers = [number, day, items.len() as u32].map(u32::to_be_bytes);
    let items: Vec<u8> = items.iter().flat_map(Item::write).collect();
    [numbers.as_flattened(), &items, head.bytes()].concat()
}

fn page(newest: u32, batches: &[Vec<u8>]) -> Vec<u8> {
    [&newest.to_be_bytes()[..], &(batches.len() as u32).to_be_bytes(), &batches.concat()].concat()
}

/// A page of one batch, the first.
fn one(items: &[Item]) -> Vec<u8> {
    page(1, &[batch(1, 20_781, items, &head(&Hash32::ZERO, 1, 20_781, items))])
}

fn given(page: &[u8]) -> Value {
    json!({"page": encode::base64(page), "number": 0, "head": Hash32::ZERO})
}

pub fn read(case: &Value) -> Result<Value, String> {
    let (newest, batches) = Batch::read_page(&bytes(case, "page")).map_err(|error| error.code().to_owned())?;
    let mut at = (case["number"].as_u64().unwrap() as u32, text(case, "head").parse().unwrap());
    for batch in &batches {
        if !batch.follows(at.0, &at.1) {
            return Err("feed_broken".into());
        }
        at = (batch.number, batch.head);
    }
    let item = |i: &amparo::caselog::FeedItem| json!([i.kind.byte(), i.mailbox_id, i.number, i.hash, encode::hex(&i.bytes)]);
    let batch =
        |b: &Batch| json!({"number": b.number, "day": b.day, "head": b.head, "items": b.items.iter().map(item).collect::<Vec<_>>()});
    Ok(json!({"newest": newest, "batches": batches.iter().map(batch).collect::<Vec<_>>()}))
}

fn expect(number: u32, day: u32, items: &[Item], head: &Hash32) -> Value {
    let item = |i: &Item| json!([i.kind, i.mailbox, i.number, i.hash(), if i.shredded { String::new() } else { encode::hex(&i.bytes) }]);
    let day = amparo::base::Day::from_number(day).unwrap();
    json!({"number": number, "day": day, "head": head, "items": items.iter().map(item).collect::<Vec<_>>()})
}

fn every_kind() -> Vec<Item> {
    let mut items: Vec<Item> = (1..=7).map(|kind| item(kind, u32::from(kind == 2))).collect();
    items.push(Item { mailbox: MailboxId([6; 32]), ..item(1, 0) });
    items
}

pub fn all() -> Vec<Case> {
    let items = every_kind();
    let first = head(&Hash32::ZERO, 1, 20_781, &items);
    let shredded = vec![Item { shredded: true, ..item(4, 3) }];
    let second = head(&first, 2, 20_782, &shredded);
    let both = page(9, &[batch(1, 20_781, &items, &first), batch(2, 20_782, &shredded, &second)]);
    let two = page(2, &[batch(2, 20_782, &shredded, &second)]);
    let seen = [expect(1, 20_781, &items, &first), expect(2, 20_782, &shredded, &second)];
    let mut later = given(&two);
    (later["number"], later["head"]) = (json!(1), json!(first));
    let mut cases = vec![
        Case::new("nothing", given(&page(0, &[]))).good(json!({"newest": 0, "batches": []})),
        Case::new("every kind, then one that was shredded", given(&both)).good(json!({"newest": 9, "batches": seen})),
        Case::new("the second batch for a desk that has the first", later.clone()).good(json!({"newest": 2, "batches": [seen[1]]})),
        Case::new("the second batch for a desk that has nothing", given(&two)).refused("feed_broken"),
    ];
    later["head"] = json!(Hash32([1; 32]));
    cases.push(Case::new("a desk that saw another first batch", later).refused("feed_broken"));
    cases.extend(forms(&both));
    cases.extend(orders());
    cases.extend(chains());
    cases
}

fn forms(both: &[u8]) -> Vec<Case> {
    let bad = |name: &str, page: &[u8], code: &str| Case::new(name, given(page)).refused(code);
    let kinds = |kind| one(&[item(kind, 0)]);
    let mut cases = vec![
        bad("no bytes", &[], "wrong_length"),
        bad("seven bytes", &[0; 7], "wrong_length"),
        bad("a byte less", &both[..both.len() - 1], "wrong_length"),
        bad("a byte more", &[both, &[0]].concat(), "wrong_length"),
        bad("kind 0", &kinds(0), "unknown_kind"),
        bad("kind 8", &kinds(8), "unknown_kind"),
        bad("a batch without items", &one(&[]), "not_canonical"),
    ];
    let counted = |at: usize| {
        let mut page = both.to_vec();
        page[at..at + 4].fill(255);
        page
    };
    cases.push(bad("2^32 - 1 batches", &counted(4), "wrong_length"));
    cases.push(bad("2^32 - 1 items", &counted(16), "unknown_kind"));
    cases.push(bad("an item of 2^32 - 1 bytes", &counted(8 + 12 + 69), "wrong_length"));
    cases.push(bad("a day that is none", &counted(12), "not_canonical"));
    cases
}

fn orders() -> Vec<Case> {
    let bad = |name: &str, items: &[Item]| Case::new(name, given(&one(items))).refused("not_canonical");
    let other = || Item { mailbox: MailboxId([4; 32]), ..item(1, 0) };
    vec![
        bad("cases out of order", &[item(1, 0), other()]),
        bad("kinds out of order", &[item(3, 0), item(1, 0)]),
        bad("numbers out of order", &[item(3, 1), item(3, 0)]),
        bad("an item twice", &[item(3, 0), item(3, 0)]),
    ]
}

fn chains() -> Vec<Case> {
    let items = || vec![item(3, 0), item(3, 1)];
    let good = head(&Hash32::ZERO, 1, 20_781, &items());
    let bad = |name: &str, batch: Vec<u8>, code: &str| Case::new(name, given(&page(1, &[batch]))).refused(code);
    let mut bent = items();
    (bent[0].hash, bent[0].bytes) = (Some(item(3, 0).hash()), vec![9]);
    let mut moved = items();
    (moved[1].hash, moved[1].number) = (Some(item(3, 1).hash()), 2);
    let mut hashless = items();
    (hashless[0].shredded, hashless[0].hash) = (true, Some(Hash32([1; 32])));
    let less = items().into_iter().take(1).collect::<Vec<_>>();
    vec![
        bad("an item's bytes that are not its hash's", batch(1, 20_781, &bent, &good), "wrong_chain"),
        bad("an item under another number", batch(1, 20_781, &moved, &good), "wrong_chain"),
        bad("a shredded item with another hash", batch(1, 20_781, &hashless, &good), "feed_broken"),
        bad("another number", batch(2, 20_781, &items(), &good), "feed_broken"),
        bad("another day", batch(1, 20_782, &items(), &good), "feed_broken"),
        bad("an item left out", batch(1, 20_781, &less, &good), "feed_broken"),
        bad("another head", batch(1, 20_781, &items(), &Hash32([1; 32])), "feed_broken"),
        bad("number 0", batch(0, 20_781, &items(), &head(&Hash32::ZERO, 0, 20_781, &items())), "feed_broken"),
    ]
}
