//! Formats of fixed bytes. What is read is written again the same: there is one form of everything.

use super::world::{WORLD, clock, desk_key, small};
use amparo::base::{Clock, Secret, frame::frame};
use amparo::caselog::{Batch, ENTRY_BYTES, Entry, EpochRecord, REPLY_BYTES, Reply, walk_epochs};
use amparo::client::MailboxAnswer;
use amparo::crypto::{self, slots};
use amparo::directory::FreshnessNote;
use amparo::envelope::{Head, Header, Sealed, open_follow_up, open_report};

fn keys() -> [amparo::crypto::BoxKey; 4] {
    [100, 103, 106, 109].map(small::box_key)
}

pub fn envelope(data: &[u8]) {
    if let Ok(header) = Header::parse(data) {
        assert_eq!(header.to_bytes(), data);
    }
    let Ok(sealed) = Sealed::parse(data) else { return };
    assert_eq!(sealed.to_bytes(), data);
    let keys = keys();
    let _ = open_report(&sealed, &keys.each_ref(), &WORLD.deployment());
    let _ = open_follow_up(&sealed, &[&WORLD.case], &WORLD.deployment());
}

pub fn head(data: &[u8]) {
    let Ok(head) = Head::parse(data) else { return };
    assert_eq!(head.to_bytes(), data);
    let _ = head.verify(&WORLD.deployment());
    let _ = head.link();
}

pub fn entry(data: &[u8]) {
    let Ok(entry) = Entry::parse(data) else { return };
    assert_eq!(entry.to_bytes(), data);
    let keys = keys();
    let opened = [entry.open_with_keys(&keys.each_ref(), &WORLD.deployment()), entry.open_with_desk_key(&desk_key(), &WORLD.deployment())];
    for opened in opened.into_iter().flatten() {
        let _ = opened.is_by(&small::sign_key(50).public(), &WORLD.deployment());
    }
}

/// The bytes as the JSON of an entry whose seal is good: what a colleague can make.
pub fn entry_content(data: &[u8]) {
    let seed = Secret::new([8; 32]);
    let ephemeral_pk = slots::ephemeral(&seed).public();
    let fixed = [&[1, 1, 3, 0][..], WORLD.id().bytes(), &[0; 8], ephemeral_pk.bytes()].concat();
    let context = crypto::hash("entry context", &[WORLD.deployment().bytes(), &fixed]);
    let Ok(plain) = frame(data, &[7; 64], 4080) else { return };
    let wrap = crypto::box0_seal(&crypto::derive(&desk_key(), "entry wrap", &[context.bytes()]), seed.expose());
    let sealed = crypto::box0_seal(&crypto::derive(&seed, "entry content", &[context.bytes()]), &plain);
    let whole = [&fixed[..], &[0; 768], &wrap, &sealed].concat();
    assert_eq!(whole.len(), ENTRY_BYTES);
    entry(&whole);
}

pub fn reply(data: &[u8]) {
    let Ok(reply) = Reply::parse(data) else { return };
    assert_eq!(reply.to_bytes(), data);
    let here = WORLD.deployment();
    let opened = [reply.open_as_desk(&desk_key(), &here), reply.open_as_reporter(&WORLD.reporter.reply_box, &here)];
    for opened in opened.into_iter().flatten() {
        let _ = opened.verify(&WORLD.gate.public(), &WORLD.case.sign.public(), &here);
    }
}

/// The bytes as the JSON of a reply whose seal is good.
pub fn reply_content(data: &[u8]) {
    for what in [1, 2] {
        let seed = Secret::new([8; 32]);
        let ephemeral_pk = slots::ephemeral(&seed).public();
        let fixed = [&[1, 1, 4, what][..], WORLD.id().bytes(), &[0, 0, 0, 1], &[0; 8], ephemeral_pk.bytes()].concat();
        let context = crypto::hash("reply context", &[WORLD.deployment().bytes(), &fixed]);
        let Ok(plain) = frame(data, &[7; 128], 3904) else { return };
        let wrap = crypto::box0_seal(&crypto::derive(&desk_key(), "reply wrap", &[context.bytes()]), seed.expose());
        let sealed = crypto::box0_seal(&crypto::derive(&seed, "reply content", &[context.bytes()]), &plain);
        let whole = [&fixed[..], &[0; 48], &wrap, &sealed].concat();
        assert_eq!(whole.len(), REPLY_BYTES);
        reply(&whole);
    }
}

pub fn feed_page(data: &[u8]) {
    let Ok((newest, batches)) = Batch::read_page(data) else { return };
    assert_eq!(Batch::write_page(newest, &batches), data);
    let mut former = (0, crypto::Hash32::ZERO);
    for batch in &batches {
        let _ = batch.follows(former.0, &former.1);
        former = (batch.number, batch.head);
    }
}

pub fn epoch(data: &[u8]) {
    let records: Vec<EpochRecord> = data.chunks(140).map_while(|piece| EpochRecord::parse(piece).ok()).collect();
    let back: Vec<u8> = records.iter().flat_map(EpochRecord::to_bytes).collect();
    assert!(data.starts_with(&back));
    let header = WORLD.report.header();
    let _ = walk_epochs((header.case_sign_pk, header.case_box_pk), &records, &WORLD.deployment(), &WORLD.id());
}

pub fn freshness(data: &[u8]) {
    let Ok(note) = FreshnessNote::parse(data) else { return };
    assert_eq!(note.to_bytes(), data);
    let today = clock().today();
    if note.verify(&WORLD.directory, &WORLD.deployment(), today).is_ok() {
        let _ = note.is_fresh(today);
    }
}

pub fn mailbox_answer(data: &[u8]) {
    if let Ok(Some(answer)) = MailboxAnswer::parse(data) {
        let _ = answer.newest().verify(&WORLD.deployment());
    }
}
