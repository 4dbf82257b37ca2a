//! Attachments before a server that lies about them, and a reporter whose client does.

use crate::world::{Reporter, World, codes, plain};
use amparo::caselog::ItemKind;
use amparo::client::ClientError;
use amparo::crypto::{Hash32, SignKey, blake2b_256, random_secret};
use amparo::desk::{Desk, DeskError, WarningCode};
use amparo::envelope::{Attachment, AttachmentSealer, ContentKey, PartHead, seal_report_with_files};
use amparo::receipt::Receipt;
use amparo::words::Language;
use uuid::Uuid;

const BLOB: Uuid = Uuid::from_bytes([5; 16]);

fn line(bytes: &[u8]) -> Attachment {
    let (hash, size) = (Hash32(blake2b_256(&[bytes])), u64::try_from(bytes.len()).unwrap());
    let (name, media_type) = ("../../etc/x.jpg".into(), "image/jpeg".into());
    Attachment { blob: BLOB, name, media_type, size, hash, removed: vec!["place".into()], original: false }
}

/// A published report whose message says `said` of its attachments.
fn reported(world: &World, said: Vec<Attachment>) -> (Reporter, ContentKey) {
    let keys = Receipt::generate(Language::Es).keys(&world.deployment()).unwrap();
    let mut body = world.body(plain("x"));
    body.attachments = said;
    let (sealed, content) = seal_report_with_files(&keys, &world.deployment(), &body).unwrap();
    let reporter = Reporter { keys, sealed };
    world.publish_message(&reporter, ItemKind::Report, &reporter.sealed);
    (reporter, content)
}

/// Each part of a file as a server keeps it.
fn parts(content: &ContentKey, signer: &SignKey, world: &World, bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut sealer = AttachmentSealer::new(content, &line(bytes)).unwrap();
    let (mut source, mut parts) = (bytes, Vec::new());
    loop {
        let mut part = Vec::new();
        let Some((number, is_last)) = sealer.next_part(&mut source, &mut part).unwrap() else { break parts };
        let facts = (u32::try_from(part.len()).unwrap(), Hash32(blake2b_256(&[&part])));
        let head = PartHead::sign(signer, (BLOB, number, is_last), facts, &world.deployment());
        parts.push([head.to_bytes(), part].concat());
    }
}

fn show(world: &World, parts: &[Vec<u8>]) {
    let key = |n: usize| [&BLOB.as_bytes()[..], &u32::try_from(n).unwrap().to_be_bytes()].concat();
    world.server.shown().parts = parts.iter().enumerate().map(|(n, part)| (key(n), part.clone())).collect();
}

fn fetched(desk: &mut Desk, reporter: &Reporter) -> (Result<(), DeskError>, Vec<u8>) {
    let mut whole = Vec::new();
    let saved = desk.save_attachment(&reporter.hex(), &BLOB.to_string(), |bytes| {
        whole.extend_from_slice(bytes);
        Ok(())
    });
    (saved.map(|_| ()), whole)
}

#[test]
fn an_attachment_comes_back_and_is_listed_as_the_message_says() {
    let world = World::new();
    let bytes = vec![7; 9_000_000];
    let (reporter, content) = reported(&world, vec![line(&bytes)]);
    show(&world, &parts(&content, &reporter.keys.sign, &world, &bytes));
    let mut desk = world.synced("ac-1");
    let view = desk.open_case(&reporter.hex()).unwrap();
    let shown = &view.attachments[0];
    assert_eq!((shown.message, shown.blob, shown.size, shown.name.as_str()), (0, BLOB, 9_000_000, "../../etc/x.jpg"));
    assert_eq!(view.warnings, []);
    let (saved, whole) = fetched(&mut desk, &reporter);
    assert!(saved.is_ok() && whole == bytes);
    assert!(matches!(desk.attachment(&reporter.hex(), &Uuid::nil().to_string()), Err(DeskError::NoSuchAttachment)));
    assert!(matches!(desk.attachment(&reporter.hex(), "../x"), Err(DeskError::NoSuchAttachment)));
}

#[test]
fn a_part_that_is_missing_moved_changed_or_of_another_hand_is_not_opened() {
    let world = World::new();
    let bytes = vec![7; 9_000_000];
    let (reporter, content) = reported(&world, vec![line(&bytes)]);
    let good = parts(&content, &reporter.keys.sign, &world, &bytes);
    let mut desk = world.synced("ac-1");
    show(&world, &good[..1]);
    assert!(matches!(fetched(&mut desk, &reporter).0, Err(DeskError::AttachmentMissing)));
    show(&world, &[good[1].clone(), good[0].clone()]);
    assert!(matches!(fetched(&mut desk, &reporter).0, Err(DeskError::Client(ClientError::Strange))));
    for at in [1, 10, 40, 60, 100, 156, 200, good[0].len() - 1] {
        let mut bent = good.clone();
        bent[0][at] ^= 1;
        show(&world, &bent);
        assert!(matches!(fetched(&mut desk, &reporter).0, Err(DeskError::Client(ClientError::Strange))), "{at}");
    }
    // A member who knows the key, and is not the reporter.
    show(&world, &parts(&content, &SignKey::from_seed(&random_secret()), &world, &bytes));
    assert!(matches!(fetched(&mut desk, &reporter).0, Err(DeskError::Client(ClientError::Strange))));
    assert_eq!(desk.open_case(&reporter.hex()).unwrap().warnings, [], "a server that lies is no fault of the case");
}

#[test]
fn an_attachment_that_is_not_what_the_message_says_is_not_given_out_and_the_case_says_so() {
    let world = World::new();
    let (said, sent) = (vec![7; 100_000], [vec![7; 99_999], vec![8]].concat());
    let (reporter, content) = reported(&world, vec![line(&said)]);
    show(&world, &parts(&content, &reporter.keys.sign, &world, &sent));
    let mut desk = world.synced("ac-1");
    let (saved, whole) = fetched(&mut desk, &reporter);
    assert!(matches!(saved, Err(DeskError::AttachmentDiffers)) && whole.is_empty());
    assert_eq!(codes(&desk.open_case(&reporter.hex()).unwrap()), [WarningCode::AttachmentDiffers]);
    drop(desk);
    assert_eq!(codes(&world.synced("ac-1").open_case(&reporter.hex()).unwrap()), [WarningCode::AttachmentDiffers], "the state remembers");
}

#[test]
fn a_manifest_that_cannot_be_is_warned_of() {
    let world = World::new();
    let (twice, _) = reported(&world, vec![line(b"a"), line(b"b")]);
    assert_eq!(world.fresh_warnings("ac-1", &twice), [WarningCode::AttachmentDiffers]);
    let (huge, _) = reported(&world, vec![Attachment { size: u64::MAX, ..line(b"a") }]);
    assert_eq!(world.fresh_warnings("ac-1", &huge), [WarningCode::AttachmentDiffers]);
    let mut desk = world.synced("ac-1");
    assert!(matches!(fetched(&mut desk, &huge).0, Err(DeskError::AttachmentDiffers)));
}
