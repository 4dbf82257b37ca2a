//! Sealing by the book with chosen randomness. It is written from docs/protocol and stands apart from the program's own sealing: so vectors
//! can be made again byte for byte, what no honest client makes can be made, and the program's sealing is held to another hand's.

use amparo::base::Secret;
use amparo::crypto::{
    BoxKey, BoxPublic, Deployment, Hash32, MailboxId, SignKey, SignPublic, box0_seal, derive, derive_long, hash, work::NONCE_BYTES,
};
use amparo::receipt::{ReporterKeys, mailbox_id};
use sodiumoxide::crypto::{onetimeauth, stream::xchacha20};

pub const HERE: Deployment = Deployment([7; 32]);
pub const BODY_BYTES: [usize; 3] = [16_384, 65_536, 262_144];

/// A key pair that anyone can make again.
pub fn sign_key(n: u8) -> SignKey {
    SignKey::from_seed(&Secret::new([n; 32]))
}

pub fn box_key(n: u8) -> BoxKey {
    BoxKey::from_secret(Secret::new([n; 32]))
}

pub fn box_pks(keys: impl IntoIterator<Item = u8>) -> Vec<BoxPublic> {
    keys.into_iter().map(|n| box_key(n).public()).collect()
}

/// Signs with key 11, opens replies with key 12.
pub fn reporter() -> ReporterKeys {
    ReporterKeys { sign: sign_key(11), reply_box: box_key(12), mailbox_id: mailbox_id(&sign_key(11).public()) }
}

pub fn nonce() -> [u8; NONCE_BYTES] {
    std::array::from_fn(|i| u8::try_from(i).unwrap())
}

pub fn ephemeral(seed: &Secret<32>) -> BoxKey {
    BoxKey::from_secret(derive(seed, "ephemeral", &[]))
}

pub fn case_sign(seed: &Secret<32>) -> SignKey {
    SignKey::from_seed(&derive(seed, "case sign", &[]))
}

pub fn case_box(seed: &Secret<32>) -> BoxKey {
    BoxKey::from_secret(derive(seed, "case box", &[]))
}

/// `u32 n ‖ JSON ‖ tail ‖ zeros`.
pub fn frame(json: &[u8], tail: &[u8], length: usize) -> Vec<u8> {
    let mut plain = [&u32::try_from(json.len()).unwrap().to_be_bytes()[..], json, tail].concat();
    assert!(plain.len() <= length, "{} of {length}", plain.len());
    plain.resize(length, 0);
    plain
}

/// One secretstream message, out of its parts: libsodium draws the header itself and takes none.
/// The stream's ChaCha20 counts in 32 bits with `1 ‖ header[16..24]` as nonce, which is XChaCha20 with a 64-bit counter from 2^32 on.
pub fn stream(key: &Secret<32>, header: &[u8; 24], associated: &[u8], tag: u8, plain: &[u8]) -> Vec<u8> {
    message(key, header, 1, associated, tag, plain)
}

/// Message `counter` of a stream (the first is 1); behind each message its tag's first 8 bytes are XORed over the header's last 8.
pub fn message(key: &Secret<32>, header: &[u8; 24], counter: u32, associated: &[u8], tag: u8, plain: &[u8]) -> Vec<u8> {
    let xor = |from: u64, bytes: &[u8]| {
        xchacha20::stream_xor_ic(bytes, &xchacha20::Nonce(*header), (u64::from(counter) << 32) + from, &xchacha20::Key(*key.expose()))
    };
    let mut block = [0; 64];
    block[0] = tag;
    let (mac_key, block, sealed) = (xor(0, &[0; 32]), xor(1, &block), xor(2, plain));
    let zeros = |n: usize| vec![0; n];
    let mac = [
        associated,
        &zeros((16 - associated.len() % 16) % 16),
        &block,
        &sealed,
        &zeros(sealed.len() % 16), // libsodium's own way of counting
        &u64::try_from(associated.len()).unwrap().to_le_bytes(),
        &u64::try_from(64 + sealed.len()).unwrap().to_le_bytes(),
    ]
    .concat();
    let mac = onetimeauth::authenticate(&mac, &onetimeauth::Key(mac_key.try_into().unwrap()));
    [&block[..1], &sealed, &mac.0].concat()
}

pub fn slot(seed: &Secret<32>, inside: &Secret<32>, usage: &str, ctx: &Hash32, to: &BoxPublic) -> Vec<u8> {
    let shared = ephemeral(seed).shared(to).unwrap();
    box0_seal(&derive(&shared, usage, &[ctx.bytes(), to.bytes()]), inside.expose())
}

/// `count` slots of 48.
pub fn slots(count: usize, seed: &Secret<32>, ctx: &Hash32, recipients: &[BoxPublic]) -> Vec<u8> {
    let r: [u8; 64] = derive_long(&derive(seed, "slot order", &[]), "slot order", &[]);
    let mut perm: Vec<usize> = (0..count).collect();
    for i in (1..count).rev() {
        let at = 4 * (count - 1 - i);
        let word = u32::from_be_bytes(r[at..at + 4].try_into().unwrap());
        perm.swap(i, usize::try_from(word).unwrap() % (i + 1));
    }
    let filler = |p: usize| derive_long::<48>(&derive(seed, "filler", &[]), "filler", &[&[u8::try_from(p).unwrap()]]).to_vec();
    let mut all: Vec<Vec<u8>> = (0..count).map(filler).collect();
    for (k, to) in recipients.iter().enumerate() {
        all[perm[k]] = slot(seed, seed, "slot", ctx, to);
    }
    all.concat()
}

type Edit = Box<dyn Fn(&mut Vec<u8>)>;

/// An envelope to be. What is not said otherwise is by the book.
pub struct Letter {
    pub reporter: ReporterKeys,
    pub kind: u8,
    pub size: u8,
    pub number: u32,
    pub previous: Hash32,
    pub seed: Secret<32>,
    /// `case_sign_pk`, `case_box_pk`.
    pub case: (SignPublic, BoxPublic),
    pub stream_header: [u8; 24],
    /// Who get slots.
    pub recipients: Vec<BoxPublic>,
    /// Padded, not sealed.
    pub plain: Vec<u8>,
    pub tag: u8,
    /// The header before anything vouches for it.
    pub edit: Edit,
    /// The seal's key, use and deployment.
    pub seal: (SignKey, &'static str, Deployment),
    pub ephemeral_pk: BoxPublic,
    /// What the slots hold.
    pub content_seed: Option<Secret<32>>,
}

impl Letter {
    /// A report of JSON bytes, in the smallest class that holds them.
    pub fn report(json: &[u8], recipients: Vec<BoxPublic>) -> Self {
        Self::of(1, Secret::new([31; 32]), json, recipients)
    }

    pub fn follow_up(json: &[u8], previous: Hash32, case: (SignPublic, BoxPublic)) -> Self {
        let letter = Self::of(2, Secret::new([33; 32]), json, vec![case.1]);
        Self { number: 1, previous, case, ..letter }
    }

    fn of(kind: u8, seed: Secret<32>, json: &[u8], recipients: Vec<BoxPublic>) -> Self {
        let size = BODY_BYTES.iter().position(|n| json.len() + 4 + 17 <= *n).unwrap();
        Self {
            reporter: reporter(),
            kind,
            size: u8::try_from(size + 1).unwrap(),
            number: 0,
            previous: Hash32::ZERO,
            case: (case_sign(&seed).public(), case_box(&seed).public()),
            ephemeral_pk: ephemeral(&seed).public(),
            seed,
            stream_header: [41; 24],
            recipients,
            plain: frame(json, &[], BODY_BYTES[size] - 17),
            tag: 3,
            edit: Box::new(|_| ()),
            seal: (sign_key(11), "seal", HERE),
            content_seed: None,
        }
    }

    /// The same plaintext in another class.
    pub fn in_class(mut self, size: u8) -> Self {
        self.size = size;
        self.plain.resize(BODY_BYTES[usize::from(size) - 1] - 17, 0);
        self
    }

    fn fixed(&self) -> Vec<u8> {
        let keys = [self.reporter.sign.public().0, self.reporter.reply_box.public().0, self.case.0.0, self.case.1.0, self.ephemeral_pk.0];
        let front = [1, 1, self.kind, self.size];
        [&front[..], self.reporter.mailbox_id.bytes(), &self.number.to_be_bytes(), self.previous.bytes(), keys.as_flattened()].concat()
    }

    pub fn context(&self) -> Hash32 {
        hash("slot context", &[HERE.bytes(), &self.fixed(), &self.stream_header])
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut slots = slots(16, &self.seed, &self.context(), &self.recipients);
        if let Some(inside) = &self.content_seed {
            let one = slot(&self.seed, inside, "slot", &self.context(), &self.recipients[0]);
            slots = one.repeat(16);
        }
        let mut header = [self.fixed(), slots, self.stream_header.to_vec()].concat();
        (self.edit)(&mut header);
        let body = stream(&derive(&self.seed, "content", &[]), &self.stream_header, &header, self.tag, &self.plain);
        let (key, usage, deployment) = &self.seal;
        let seal = key.sign(usage, deployment, &[&header, hash("body", &[&body]).bytes()]);
        [&header, seal.as_ref(), &body].concat()
    }

    pub fn edited(mut self, edit: impl Fn(&mut Vec<u8>) + 'static) -> Self {
        self.edit = Box::new(edit);
        self
    }
}

/// `header ‖ body hash ‖ seal` of an envelope.
pub fn head(envelope: &[u8]) -> Vec<u8> {
    [&envelope[..1024], hash("body", &[&envelope[1088..]]).bytes(), &envelope[1024..1088]].concat()
}

/// What the next message's `previous` must be.
pub fn link(envelope: &[u8]) -> Hash32 {
    hash("envelope", &[&envelope[..1088]])
}

/// A vault of a framed plaintext of 1024 bytes.
pub fn vault(seed: &Secret<32>, id: &MailboxId, number: u32, to: &[BoxPublic], plain: &[u8]) -> Vec<u8> {
    let ephemeral_pk = ephemeral(seed).public();
    let ctx = hash("vault context", &[HERE.bytes(), id.bytes(), &number.to_be_bytes(), ephemeral_pk.bytes()]);
    let sealed = box0_seal(&derive(seed, "vault content", &[ctx.bytes()]), plain);
    [&[1][..], ephemeral_pk.bytes(), &slots(4, seed, &ctx, to), &sealed].concat()
}

/// The signed front of a reply: all of it before `ephemeral_pk`.
pub fn reply_front(what: u8, id: &MailboxId, number: u32, epoch: u32, release: u32) -> Vec<u8> {
    let numbers = [number, epoch, release].map(u32::to_be_bytes);
    [&[1, 1, 4, what][..], id.bytes(), numbers.as_flattened()].concat()
}

/// Who signs a reply.
pub struct Vouchers<'a> {
    pub gate: (&'a SignKey, &'static str),
    pub case: (&'a SignKey, &'static str),
    pub deployment: Deployment,
}

/// `gate ‖ case` signatures over the subject of a reply that has this front.
pub fn vouch(front: &[u8], directory: u32, json: &[u8], by: &Vouchers<'_>) -> Vec<u8> {
    let (what, id, number, epoch) = (&front[3..4], &front[4..36], &front[36..40], &front[40..44]);
    let subject = [what, id, epoch, number, &directory.to_be_bytes(), hash("reply", &[json]).bytes()].concat();
    let sign = |(key, usage): (&SignKey, &str)| key.sign(usage, &by.deployment, &[&subject]).0;
    [sign(by.gate), sign(by.case)].concat()
}

/// A reply of a framed plaintext of 3904 bytes.
pub fn reply(seed: &Secret<32>, front: &[u8], desk_key: &Secret<32>, to: &BoxPublic, plain: &[u8]) -> Vec<u8> {
    let fixed = [front, ephemeral(seed).public().bytes()].concat();
    let ctx = hash("reply context", &[HERE.bytes(), &fixed]);
    let wrap = box0_seal(&derive(desk_key, "reply wrap", &[ctx.bytes()]), seed.expose());
    let sealed = box0_seal(&derive(seed, "reply content", &[ctx.bytes()]), plain);
    [fixed, slot(seed, seed, "reply slot", &ctx, to), wrap, sealed].concat()
}
