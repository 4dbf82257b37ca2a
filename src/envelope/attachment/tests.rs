use super::*;
use crate::crypto::{Deployment, Hash32, SignKey, blake2b_256, random_secret};
use crate::envelope::Attachment;

const HERE: Deployment = Deployment([7; 32]);

fn file(size: usize) -> Vec<u8> {
    (0..size).map(|i| u8::try_from((i * 31 + (i >> 8)) & 255).unwrap()).collect()
}

fn manifest(bytes: &[u8]) -> Attachment {
    let hash = Hash32(blake2b_256(&[bytes]));
    let media_type = "application/octet-stream".into();
    Attachment {
        blob: Uuid::from_bytes([9; 16]),
        name: "x".into(),
        media_type,
        size: wide(bytes.len()),
        hash,
        removed: vec![],
        original: true,
    }
}

fn sealed(content: &ContentKey, bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut sealer = AttachmentSealer::new(content, &manifest(bytes)).unwrap();
    let (mut source, mut parts) = (bytes, Vec::new());
    loop {
        let mut part = Vec::new();
        let Some((number, is_last)) = sealer.next_part(&mut source, &mut part).unwrap() else { break parts };
        assert_eq!((usize::try_from(number).unwrap(), is_last), (parts.len(), number + 1 == sealer.parts()));
        assert_eq!(part.len(), sealer.part_bytes());
        parts.push(part);
    }
}

fn opened(content: &ContentKey, manifest: &Attachment, parts: &[Vec<u8>]) -> Result<Vec<u8>, EnvelopeError> {
    let mut opener = AttachmentOpener::new(content, manifest)?;
    let mut whole = Vec::new();
    for part in parts {
        whole.extend_from_slice(&opener.open_part(part)?);
    }
    if opener.next().is_none() { Ok(whole) } else { Err(EnvelopeError::WrongLength) }
}

#[test]
fn files_come_back_at_every_edge() {
    let content = ContentKey::from_seed(&random_secret());
    let (message, part) = (MESSAGE_BYTES, PART_PLAIN_BYTES);
    let edges =
        [0, 1, message - 41, message - 40, message - 39, message, 100_000, part - 41, part - 40, part - 39, part - 1, part, part + 1];
    for size in edges {
        let bytes = file(size);
        let parts = sealed(&content, &bytes);
        assert_eq!(parts.len(), if size > part - 40 { 2 } else { 1 }, "{size}");
        assert!(opened(&content, &manifest(&bytes), &parts).unwrap() == bytes, "{size}");
    }
}

#[test]
fn a_length_hides_among_many() {
    for (size, padded) in
        [(0, 65_536), (65_496, 65_536), (65_497, 67_584), (100_000, 100_352), (1_000_000, 1_015_808), (8_388_568, 8_388_608)]
    {
        assert_eq!(padded_bytes(size), Ok(padded), "{size}");
    }
    assert_eq!(padded_bytes(8_388_569), Ok(2 * 8_388_608));
    assert_eq!(padded_bytes(1 << 30), Ok(129 * 8_388_608));
    assert_eq!(padded_bytes((16 << 30) - 40), Ok(16 << 30));
    assert_eq!((padded_bytes((16 << 30) - 39), padded_bytes(u64::MAX)), (Err(EnvelopeError::TooLarge), Err(EnvelopeError::TooLarge)));
    let mut former = 0;
    for size in (0..9_000_000).step_by(997) {
        let padded = padded_bytes(size).unwrap();
        assert!(
            padded >= size + 40 && padded >= former && (!(65_536..=8_388_568).contains(&size) || padded < size + size / 8 + 64),
            "{size}"
        );
        let is_alone = padded <= wide(PART_PLAIN_BYTES);
        let plain = usize::try_from(padded).unwrap().min(PART_PLAIN_BYTES);
        assert!(is_part_length(part_bytes(plain), is_alone) && plain_bytes(part_bytes(plain)) == Some(plain));
        former = padded;
    }
}

#[test]
fn a_wrong_key_blob_order_or_byte_opens_nothing() {
    let content = ContentKey::from_seed(&random_secret());
    let bytes = file(PART_PLAIN_BYTES + 5);
    let (parts, line) = (sealed(&content, &bytes), manifest(&bytes));
    let fails = |content: &ContentKey, line: &Attachment, parts: &[Vec<u8>]| opened(content, line, parts).unwrap_err();
    assert_eq!(fails(&ContentKey::from_seed(&random_secret()), &line, &parts), EnvelopeError::CannotOpen);
    assert_eq!(fails(&content, &Attachment { blob: Uuid::from_bytes([8; 16]), ..line.clone() }, &parts), EnvelopeError::CannotOpen);
    assert_eq!(fails(&content, &line, &[parts[1].clone(), parts[0].clone()]), EnvelopeError::CannotOpen);
    assert_eq!(fails(&content, &line, &parts[..1]), EnvelopeError::WrongLength);
    let small = sealed(&content, b"small").remove(0);
    for at in (0..small.len()).step_by(499).chain([small.len() - 1]) {
        let mut bent = small.clone();
        bent[at] ^= 1;
        assert_eq!(fails(&content, &manifest(b"small"), &[bent]), EnvelopeError::CannotOpen, "{at}");
    }
    assert_eq!(fails(&content, &manifest(b"small"), &[small[..small.len() - 1].to_vec()]), EnvelopeError::WrongLength);
}

#[test]
fn what_the_manifest_does_not_say_is_not_given_out() {
    let content = ContentKey::from_seed(&random_secret());
    let parts = sealed(&content, b"what was sealed");
    for other in [&b"What was sealed"[..], b"what was sealed ", b"what was seale", b""] {
        assert_eq!(opened(&content, &manifest(other), &parts), Err(EnvelopeError::Differs));
    }
}

#[test]
fn a_file_that_changes_while_it_is_sealed_gets_no_last_part() {
    let content = ContentKey::from_seed(&random_secret());
    let line = manifest(b"as it was");
    for mut source in [&b"as it is."[..], b"as it wa", b"as it was, and more"] {
        let mut sealer = AttachmentSealer::new(&content, &line).unwrap();
        assert_eq!(sealer.next_part(&mut source, &mut Vec::new()), Err(EnvelopeError::SourceChanged));
    }
}

#[test]
fn a_parts_head_is_signed_and_has_one_form() {
    let keys = SignKey::from_seed(&random_secret());
    let blob = Uuid::from_bytes([9; 16]);
    let length = u32::try_from(part_bytes(65_536)).unwrap();
    let head = PartHead::sign(&keys, (blob, 0, true), (length, Hash32([3; 32])), &HERE);
    let bytes = head.to_bytes();
    assert_eq!(PartHead::parse(&bytes), Ok(head.clone()));
    assert!(head.verify(&HERE).is_ok() && head.verify(&Deployment([8; 32])).is_err());
    for at in 0..bytes.len() {
        let mut bent = bytes.clone();
        bent[at] ^= 1;
        assert!(PartHead::parse(&bent).and_then(|head| head.verify(&HERE)).is_err(), "{at}");
    }
    let parse = |number, is_last, length| {
        PartHead::parse(&PartHead::sign(&keys, (blob, number, is_last), (length, Hash32([3; 32])), &HERE).to_bytes())
    };
    let full = u32::try_from(PART_MAX_BYTES).unwrap();
    assert!(parse(0, false, full).is_ok() && parse(1, true, full).is_ok() && parse(0, true, full).is_ok());
    for (number, is_last, length) in
        [(0, false, length), (1, true, length), (0, true, length - 1), (0, true, length + 1), (0, true, full + 1), (2048, true, full)]
    {
        assert_eq!(parse(number, is_last, length).unwrap_err(), EnvelopeError::NotCanonical);
    }
}

#[test]
fn the_answer_on_parts_has_one_length_and_unknown_is_zeros() {
    assert!(HeldParts::write(None) == [0; HELD_BYTES] && HeldParts::read(&[0; HELD_BYTES]) == Ok(None));
    let mut held = HeldParts::new(1 << 40, 129);
    for number in [0, 7, 8, 2047] {
        held.mark(number);
    }
    let bytes = HeldParts::write(Some(&held));
    assert_eq!((bytes.len(), HeldParts::read(&bytes)), (HELD_BYTES, Ok(Some(held.clone()))));
    assert!(held.holds(8) && !held.holds(9) && !held.holds(5000) && held.count() == 4);
    let keys = SignKey::from_seed(&random_secret());
    let bytes = PartsQuery::sign(&keys, Uuid::from_bytes([9; 16]), [4; 36], &HERE).to_bytes();
    for at in 0..bytes.len() {
        let mut bent = bytes.clone();
        bent[at] ^= 1;
        assert!(PartsQuery::parse(&bent).and_then(|query| query.verify(&HERE)).is_err(), "{at}");
    }
    assert!(PartsQuery::parse(&bytes).unwrap().verify(&HERE).is_ok());
}
