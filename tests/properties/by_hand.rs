//! An envelope put together by hand, from docs/protocol/envelope.md alone: as a client seals that was tampered with, or a forger.

use crate::place::place;
use amparo::base::Secret;
use amparo::crypto::{self, BoxPublic, Hash32, MailboxId, SignKey, SignPublic, StreamSealer, slots};
use amparo::envelope::{Kind, SLOTS, Sealed};

/// What a header says; all of it is public.
pub struct Front {
    pub kind: Kind,
    pub number: u32,
    pub previous: Hash32,
    pub reporter: (MailboxId, SignPublic, BoxPublic),
    pub case: (SignPublic, BoxPublic),
}

/// Seals `json` for `to` under `signer`, whoever the header names; `bend` changes the slots before they are sealed.
pub fn by_hand(
    front: &Front,
    seed: &Secret<32>,
    json: &[u8],
    to: &[BoxPublic],
    signer: &SignKey,
    bend: impl FnOnce(&mut Vec<u8>, &Hash32, &Secret<32>),
) -> Sealed {
    let deployment = &place().deployment;
    let mut plain = [&u32::try_from(json.len()).unwrap().to_be_bytes()[..], json].concat();
    plain.resize((16 << 10) - 17, 0);
    let (stream, stream_header) = StreamSealer::start(&crypto::derive(seed, "content", &[]));
    let (id, sign, reply_box) = front.reporter;
    let mut header = [&[1, 1, front.kind.byte(), 1][..], id.bytes(), &front.number.to_be_bytes(), front.previous.bytes()].concat();
    header.extend([*sign.bytes(), *reply_box.bytes(), *front.case.0.bytes(), *front.case.1.bytes()].concat());
    header.extend(slots::ephemeral(seed).public().bytes());
    let context = crypto::hash("slot context", &[deployment.bytes(), &header, &stream_header]);
    let mut slots = slots::build::<SLOTS>(seed, &context, to).unwrap().unwrap();
    bend(&mut slots, &context, seed);
    header.extend([&slots[..], &stream_header].concat());
    let body = stream.finish(&header, &plain);
    let seal = signer.sign("seal", deployment, &[&header, crypto::hash("body", &[&body]).bytes()]);
    Sealed::parse(&[&header, seal.as_ref(), &body].concat()).unwrap()
}
