//! Attachments: padded lengths, parts, what stands beside them.
//!
//! A `file` is its length: byte i is `(31 i + (i >> 8)) mod 256`. `padded`: sizes to padded lengths and numbers of parts. `seal`: the parts of a file under
//! a message's `seed`, a stream header each, as their lengths and BLAKE2b-32s (and `bytes`, of an only part). `open`: an only part, to the file's hash.
//! `head`: what is said of a part; `held`: the answer on which parts are there; `query`: the question, of 152 bytes.

use super::forge::{HERE, message, nonce, sign_key};
use super::{Case, Format, Given, Outcome, wrong};
use amparo::base::{Secret, encode};
use amparo::crypto::{Deployment, Hash32, blake2b_256, derive};
use amparo::envelope::{Attachment, AttachmentOpener, ContentKey, HeldParts, PartHead, PartsQuery, padded_bytes, parts_of};
use serde_json::{Value, json};
use uuid::Uuid;

pub const FORMAT: Format = Format { what: "attachment", make, read, codes: &CODES };
const CODES: [&str; 8] =
    ["attachment_differs", "bad_signature", "cannot_open", "not_canonical", "too_large", "unknown_version", "wrong_length", "malformed"];
const SEED: [u8; 32] = [21; 32];
const BLOB: Uuid = Uuid::from_bytes([0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0x4c, 0xfe, 0x8f, 0xed, 0xcb, 0xa9, 0x87, 0x65, 0x43, 0x21]);
const PART: usize = 8 << 20;
const MESSAGE: usize = 64 << 10;

fn file(length: usize) -> Vec<u8> {
    (0..length).map(|i| u8::try_from((31 * i + (i >> 8)) % 256).unwrap()).collect()
}

/// `file ‖ zeros ‖ u64 size ‖ hash`, by the book: Padmé in floating steps of its own.
fn padded(bytes: &[u8], (size, digest): (u64, [u8; 32])) -> Vec<u8> {
    let needed = (bytes.len() + 40).max(MESSAGE);
    let length = if needed > PART {
        needed.div_ceil(PART) * PART
    } else {
        let e = (1..).take_while(|e| needed >> e > 0).last().unwrap();
        let s = (1..).take_while(|s| e >> s > 0).last().unwrap_or(0) + 1;
        needed.div_ceil(1 << (e - s)) << (e - s)
    };
    let mut padded = bytes.to_vec();
    padded.resize(length - 40, 0);
    [&padded[..], &size.to_be_bytes(), &digest].concat()
}

/// The parts of padded bytes, sealed by another hand than the program's.
fn parts(seed: [u8; 32], blob: Uuid, padded: &[u8], headers: &[[u8; 24]]) -> Vec<Vec<u8>> {
    let content = derive(&Secret::new(seed), "content", &[]);
    let file_key = derive(&content, "attachment", &[blob.as_bytes()]);
    let pieces: Vec<&[u8]> = padded.chunks(PART).collect();
    let one = |(n, piece): (usize, &&[u8])| {
        let number = u32::try_from(n).unwrap().to_be_bytes();
        let key = derive(&file_key, "attachment part", &[&number]);
        let ad = [&blob.as_bytes()[..], &number, &[u8::from(n + 1 == pieces.len())]].concat();
        let (mut part, mut header) = (headers[n].to_vec(), headers[n]);
        let count = piece.len().div_ceil(MESSAGE);
        for (m, plain) in piece.chunks(MESSAGE).enumerate() {
            let counter = u32::try_from(m + 1).unwrap();
            let sealed = message(&key, &header, counter, &ad, if m + 1 == count { 3 } else { 0 }, plain);
            header[16..].iter_mut().zip(&sealed[sealed.len() - 16..]).for_each(|(to, mac)| *to ^= mac);
            part.extend(sealed);
        }
        part
    };
    pieces.iter().enumerate().map(one).collect()
}

fn of_file(length: usize) -> (Vec<u8>, (u64, [u8; 32])) {
    let bytes = file(length);
    let said = (u64::try_from(length).unwrap(), blake2b_256(&[&bytes]));
    (bytes, said)
}

fn told(parts: &[Vec<u8>]) -> Value {
    json!(parts.iter().map(|part| json!({"length": part.len(), "hash": Hash32(blake2b_256(&[part]))})).collect::<Vec<_>>())
}

fn seal(length: usize, count: u8) -> Case {
    let headers: Vec<[u8; 24]> = (0..count).map(|n| [41 + n; 24]).collect();
    let (bytes, said) = of_file(length);
    let made = parts(SEED, BLOB, &padded(&bytes, said), &headers);
    let headers: Vec<String> = headers.iter().map(|h| encode::hex(h)).collect();
    let with = json!({"seed": encode::hex(&SEED), "blob": BLOB, "file": length, "file_hash": Hash32(said.1), "stream_headers": headers});
    Case::new(format!("a file of {length} bytes in {count}"), "seal", with).good(told(&made))
}

fn line(size: u64, digest: [u8; 32]) -> Value {
    json!({"seed": encode::hex(&SEED), "blob": BLOB, "size": size, "hash": Hash32(digest)})
}

fn opening() -> Vec<Case> {
    let (bytes, said) = of_file(1000);
    let whole = padded(&bytes, said);
    let part = |padded: &[u8]| encode::base64(&parts(SEED, BLOB, padded, &[[41; 24]])[0]);
    let good = "an only part of one message";
    let open = |name: &str, line: Value| Case::new(name, "open", line).with("bytes", json!({"like": good}));
    let ours = || line(said.0, said.1);
    let put = |at: usize, byte: u8| json!({"like": good, "put": [[at, encode::hex(&[byte])]]});
    let sealed = parts(SEED, BLOB, &whole, &[[41; 24]]).remove(0);
    let bent = |name: &str, at: usize| open(name, ours()).with("bytes", put(at, sealed[at] ^ 1)).refused("cannot_open");
    let differs = |name: &str, padded: Vec<u8>| open(name, ours()).with("bytes", part(&padded)).refused("attachment_differs");
    let changed = |at: usize| {
        let mut other = whole.clone();
        other[at] ^= 1;
        other
    };
    let other_blob = Uuid::from_bytes([9; 16]);
    vec![
        open(good, ours()).with("bytes", part(&whole)).good(Hash32(said.1)),
        bent("the stream header changed", 0),
        bent("the first sealed byte changed", 24),
        bent("a sealed byte changed", 30_000),
        bent("the last byte changed", 65_576),
        open("another message's seed", ours()).with("seed", encode::hex(&[22; 32])).refused("cannot_open"),
        open("another blob id", ours()).with("blob", other_blob).refused("cannot_open"),
        open("cut by a byte", ours()).with("bytes", json!({"like": good, "length": 65_576})).refused("wrong_length"),
        open("longer by a byte", ours()).with("bytes", json!({"like": good, "length": 65_578})).refused("wrong_length"),
        open("no byte", ours()).with("bytes", "").refused("wrong_length"),
        open("the manifest says another length class", line(70_000, said.1)).refused("wrong_length"),
        open("the manifest says one byte more", line(1001, said.1)).refused("attachment_differs"),
        open("the manifest says one byte less", line(999, said.1)).refused("attachment_differs"),
        open("the manifest says another hash", line(1000, [1; 32])).refused("attachment_differs"),
        differs("a byte of the file is not the hash's", changed(999)),
        differs("padding that is not zero, behind the file", changed(1000)),
        differs("padding that is not zero, before the size", changed(65_495)),
        differs("another size at the end", changed(65_503)),
        differs("another hash at the end", changed(65_535)),
        open("more than 2048 parts", line((16 << 30) - 39, said.1)).refused("too_large"),
    ]
}

fn part_heads() -> Vec<Case> {
    let digest = Hash32([3; 32]);
    let signed = |number: u32, is_last: bool, length: u32| {
        PartHead::sign(&sign_key(11), (BLOB, number, is_last), (length, digest), &HERE).to_bytes()
    };
    let good = signed(0, true, 65_577);
    let case = |name: &str, bytes: &[u8]| Case::new(name, "head", json!({"deployment": HERE, "bytes": encode::base64(bytes)}));
    let bent = |name: &str, at: usize, code: &str| {
        let mut bent = good.clone();
        bent[at] ^= 1;
        case(name, &bent).refused(code)
    };
    let id = amparo::receipt::mailbox_id(&sign_key(11).public());
    let full = 8_390_808;
    let expect = |number: u32, last: bool, length: u32| json!({"mailbox_id": id, "blob": BLOB, "number": number, "last": last, "length": length, "hash": digest});
    vec![
        case("an only part's head", &good).good(expect(0, true, 65_577)),
        case("the head of a part of 2048", &signed(2047, true, full)).good(expect(2047, true, full)),
        case("a head cut by a byte", &good[..155]).refused("wrong_length"),
        bent("another version", 0, "unknown_version"),
        bent("a byte that must be zero", 2, "not_canonical"),
        bent("another signer", 4, "bad_signature"),
        bent("another blob", 36, "bad_signature"),
        bent("another hash", 60, "bad_signature"),
        bent("another signature", 155, "bad_signature"),
        case("another deployment", &good).with("deployment", Deployment([8; 32])).refused("bad_signature"),
        case("number 2048", &signed(2048, true, full)).refused("not_canonical"),
        case("a first part of several that is not full", &signed(0, false, 65_577)).refused("not_canonical"),
        case("a last part of several that is not full", &signed(1, true, 65_577)).refused("not_canonical"),
        case("a length that no padding gives", &signed(0, true, 65_578)).refused("not_canonical"),
        case("an only part shorter than a message", &signed(0, true, 65_576)).refused("not_canonical"),
        case("a part longer than 8 MiB", &signed(0, true, full + 1)).refused("not_canonical"),
    ]
}

fn answers() -> Vec<Case> {
    let mut held = HeldParts::new(1 << 32, 129);
    [0, 7, 8, 128].into_iter().for_each(|n| held.mark(n));
    let good = HeldParts::write(Some(&held));
    let case = |name: &str, bytes: &[u8]| Case::new(name, "held", json!({"bytes": encode::base64(bytes)}));
    let bent = |name: &str, at: usize| {
        let mut bent = good.clone();
        bent[at] ^= 1;
        case(name, &bent).refused("not_canonical")
    };
    let query = PartsQuery::sign(&sign_key(11), BLOB, nonce(), &HERE).to_bytes();
    let asked = |name: &str, bytes: &[u8]| Case::new(name, "query", json!({"deployment": HERE, "bytes": encode::base64(bytes)})).desk();
    let mut other = query.clone();
    other[100] ^= 1;
    vec![
        case("four parts are there", &good).good(json!({"parts": [0, 7, 8, 128], "parts_max": 129, "room": 1_u64 << 32})),
        case("no mailbox", &[0; 512]).good(Value::Null),
        case("an answer cut by a byte", &good[..511]).refused("wrong_length"),
        bent("an answer of another form", 0),
        bent("an answer whose count is not the map's", 7),
        bent("a zero that is not", 15),
        bent("a byte behind the map", 288),
        asked("a question", &query).good(json!({"blob": BLOB, "nonce": encode::hex(&nonce())})),
        asked("a question with another signature", &other).refused("bad_signature"),
        asked("a question cut by a byte", &query[..151]).refused("malformed"),
    ]
}

fn make() -> Vec<Case> {
    let sizes = [
        0,
        1,
        65_495,
        65_496,
        65_497,
        67_544,
        67_545,
        100_000,
        131_032,
        131_033,
        300_000,
        524_248,
        524_249,
        1_000_000,
        5_000_000,
        8_126_424,
        8_126_425,
        8_257_496,
        8_257_497,
        8_388_568,
        8_388_569,
        16_777_176,
        16_777_177,
        1 << 30,
        (16_u64 << 30) - 40,
    ];
    let lengths: Vec<Value> = sizes.iter().map(|size| json!([padded_bytes(*size).unwrap(), parts_of(*size).unwrap()])).collect();
    let table = Case::new("padded lengths and parts", "padded", json!({"sizes": sizes})).good(lengths);
    let mut all =
        vec![table, seal(0, 1), seal(65_496, 1), seal(65_497, 1), seal(PART - 40, 1), seal(PART - 39, 2), seal(PART + 100_000, 2)];
    all.extend(opening());
    all.extend(part_heads());
    all.extend(answers());
    all
}

fn opener(given: &Given<'_>, (size, digest): (u64, Hash32)) -> Result<AttachmentOpener, super::Wrong> {
    let content = ContentKey::from_seed(&Secret::new(given.array("seed")));
    let blob = given.text("blob").parse().unwrap();
    let (name, media_type) = (String::new(), String::new());
    let line = Attachment { blob, name, media_type, size, hash: digest, removed: vec![], original: false };
    AttachmentOpener::new(&content, &line).map_err(|error| wrong(error.code()))
}

fn read(given: &Given<'_>) -> Outcome {
    let code = |error: amparo::envelope::EnvelopeError| wrong(error.code());
    match given.act() {
        "padded" => {
            let sizes = given.case["sizes"].as_array().unwrap().iter().map(|size| size.as_u64().unwrap());
            Ok(json!(sizes.map(|size| json!([padded_bytes(size).unwrap(), parts_of(size).unwrap()])).collect::<Vec<_>>()))
        }
        "seal" => {
            let (bytes, said) = of_file(usize::try_from(given.number("file")).unwrap());
            let headers: Vec<[u8; 24]> = given.list("stream_headers").into_iter().map(|h| h.try_into().unwrap()).collect();
            let made = parts(given.array("seed"), given.text("blob").parse().unwrap(), &padded(&bytes, said), &headers);
            // The other hand's parts are what the program opens.
            let mut opener = opener(given, (said.0, Hash32(said.1)))?;
            let mut whole = Vec::new();
            for part in &made {
                whole.extend_from_slice(&opener.open_part(part).map_err(code)?);
            }
            assert!(whole == bytes && opener.next().is_none());
            Ok(told(&made))
        }
        "open" => {
            let size = given.case["size"].as_u64().unwrap();
            let mut opener = opener(given, (size, Hash32(given.array("hash"))))?;
            let bytes = opener.open_part(&given.bytes()).map_err(code)?;
            Ok(json!(Hash32(blake2b_256(&[&bytes]))))
        }
        "head" => {
            let head = PartHead::parse(&given.bytes()).map_err(code)?;
            head.verify(&Deployment(given.array("deployment"))).map_err(code)?;
            let (id, last) = (head.mailbox_id(), head.is_last);
            Ok(json!({"mailbox_id": id, "blob": head.blob, "number": head.number, "last": last, "length": head.length, "hash": head.hash}))
        }
        "held" => {
            let held = HeldParts::read(&given.bytes()).map_err(code)?;
            let parts = |held: &HeldParts| (0..2048).filter(|n| held.holds(*n)).collect::<Vec<u32>>();
            Ok(held.map_or(Value::Null, |h| json!({"parts": parts(&h), "parts_max": h.parts_max, "room": h.room})))
        }
        _ => {
            let query = PartsQuery::parse(&given.bytes()).map_err(|_| wrong("malformed"))?;
            query.verify(&Deployment(given.array("deployment"))).map_err(code)?;
            Ok(json!({"blob": query.blob, "nonce": encode::hex(&query.nonce)}))
        }
    }
}
