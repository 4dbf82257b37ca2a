//! Property 3: whoever holds the words reads replies, writes and destroys; he opens neither report nor earlier messages, nor learns who can.

use crate::place::{COUNTRIES, MEMBERS, OFFICES, answers, place, published, whole};
use crate::relay::Relay;
use crate::search::{Found, Needles};
use amparo::base::Secret;
use amparo::caselog::{Entry, ItemKind, Reply};
use amparo::crypto::{self, BoxKey, SignKey, receipt_root, receipt_salt, slots, stream_open};
use amparo::envelope::{CaseKeys, SEAL_BYTES, Sealed, open_follow_up, open_report, open_report_with_seed};
use amparo::receipt::Receipt;
use amparo::words::{Language, WordList};

/// Every use there is in `src/`: what a key could have been derived by.
const USES: [&str; 20] = [
    "reporter sign",
    "reporter box",
    "content",
    "ephemeral",
    "filler",
    "slot order",
    "slot",
    "case sign",
    "case box",
    "seed",
    "desk state",
    "entry content",
    "entry wrap",
    "reply content",
    "reply wrap",
    "reply slot",
    "vault content",
    "store value",
    "mailbox",
    "receipt",
];

/// All 32 bytes that come from the words in two steps, with or without the mailbox id, the deployment and the public key.
fn derivable(words: &str) -> Vec<[u8; 32]> {
    let list = WordList::of(Language::Es);
    let bits = words.split(' ').fold(0_u128, |bits, word| (bits << 11) | u128::from(list.index(word).unwrap()));
    let entropy: [u8; 11] = bits.to_be_bytes()[5..].try_into().unwrap();
    let root = receipt_root(&Secret::new(entropy), &receipt_salt(&place().deployment)).unwrap();
    let keys = Receipt::parse(words, None).unwrap().keys(&place().deployment).unwrap();
    let mut padded = [0; 32];
    padded[..11].copy_from_slice(&entropy);
    let public = keys.sign.public();
    let contexts: [&[&[u8]]; 4] = [&[], &[keys.mailbox_id.bytes()], &[place().deployment.bytes()], &[public.bytes()]];
    let step = |from: &[u8; 32]| {
        let from = Secret::new(*from);
        let one = |usage: &&str| contexts.map(|context| *crypto::derive(&from, usage, context).expose());
        USES.iter().flat_map(one).collect::<Vec<_>>()
    };
    let mut all = vec![
        padded,
        *root.expose(),
        crypto::blake2b_256(&[&entropy]),
        *public.bytes(),
        keys.mailbox_id.0,
        *keys.reply_box.secret().expose(),
    ];
    let first: Vec<[u8; 32]> = all.iter().flat_map(step).collect();
    // The second step from what the protocol derives from the root.
    let second: Vec<[u8; 32]> =
        ["reporter sign", "reporter box"].iter().flat_map(|usage| step(crypto::derive(&root, usage, &[]).expose())).collect();
    all.extend(first.into_iter().chain(second));
    all
}

/// Whether a secret opens a message in any way: as an own key, as its seed, as the key of its stream, as the case's.
fn opens(secret: &[u8; 32], sealed: &Sealed) -> bool {
    let (deployment, header, bytes) = (&place().deployment, sealed.header(), sealed.to_bytes());
    let own = BoxKey::from_secret(Secret::new(*secret));
    let case = CaseKeys { sign: SignKey::from_seed(&Secret::new(*secret)), reply_to: BoxKey::from_secret(Secret::new(*secret)) };
    let content = [Secret::new(*secret), crypto::derive(&Secret::new(*secret), "content", &[])];
    let by_stream = |key: &Secret<32>| stream_open(key, &header.stream_header, &bytes[..1024], &bytes[1024 + SEAL_BYTES..]).is_some();
    open_report(sealed, &[&own], deployment).is_ok()
        || open_report_with_seed(sealed, Secret::new(*secret), deployment).is_ok()
        || open_follow_up(sealed, &[&case, &CaseKeys::from_seed(&Secret::new(*secret))], deployment).is_ok()
        || content.iter().any(by_stream)
        || header.slots.chunks(48).any(|slot| crypto::box0_open(&Secret::new(*secret), slot).is_some())
}

fn opens_entry(secret: &[u8; 32], entry: &Entry) -> bool {
    let (key, own) = (Secret::new(*secret), BoxKey::from_secret(Secret::new(*secret)));
    entry.open_with_keys(&[&own], &place().deployment).is_ok() || entry.open_with_desk_key(&key, &place().deployment).is_ok()
}

/// What the author wrote into a reply, byte for byte, opened as the reporter's client does (docs/protocol/case.md).
fn plain_of(reply: &Reply, own: &BoxKey) -> Vec<u8> {
    let bytes = reply.to_bytes();
    let context = crypto::hash("reply context", &[place().deployment.bytes(), &bytes[..80]]);
    let ephemeral = amparo::crypto::BoxPublic(bytes[48..80].try_into().unwrap());
    let seed = slots::open(own, "reply slot", &ephemeral, &context, &bytes[80..128]).unwrap();
    crypto::box0_open(&crypto::derive(&seed, "reply content", &[context.bytes()]), &bytes[176..]).unwrap()
}

#[test]
fn the_words_open_replies_and_nothing_else_and_tell_nobody_who_reads() {
    let server = place().serve("holder");
    let relay = Relay::to(server.port);
    let here = place().at(&relay.url);
    let words = here.report(&answers(COUNTRIES[0], "lo que vi"));
    here.follow_up(&words, "y otra cosa");
    published();
    let (alfa, beta) = (MEMBERS[0].0, MEMBERS[1].0);
    let id = here.desk(alfa, &["inbox"])[0]["id"].as_str().unwrap().to_owned();
    here.desk(alfa, &["reply", &id, "--text", &here.file("gracias"), "--status", "question"]);
    here.desk(beta, &["refer", &id, "--office", OFFICES[2], "--why", "x"]);

    // Even with all that every desk downloads, the words open no message and no entry.
    let items = here.feed(&id.parse().unwrap());
    let secrets = derivable(&words);
    assert!(secrets.len() > 500);
    let kinds = |kind| items.iter().filter(move |item| item.kind == kind);
    let messages: Vec<Sealed> = kinds(ItemKind::Report).chain(kinds(ItemKind::FollowUp)).map(whole).collect();
    let entries: Vec<Entry> = kinds(ItemKind::Entry).map(|item| Entry::parse(&item.bytes).unwrap()).collect();
    assert_eq!((messages.len(), entries.len()), (2, 4));
    for secret in &secrets {
        assert!(!messages.iter().any(|message| opens(secret, message)), "a key of the words opens a message");
        assert!(!entries.iter().any(|entry| opens_entry(secret, entry)), "a key of the words opens an entry");
    }
    // The same tries do open for a member.
    let boxes = &place().secrets[alfa].boxes;
    assert!(boxes.iter().any(|secret| opens(secret, &messages[0])) && boxes.iter().any(|secret| opens_entry(secret, &entries[0])));

    let keys = Receipt::parse(&words, None).unwrap().keys(&place().deployment).unwrap();
    relay.take();
    let status = here.status(&words);
    assert_eq!((&status["status"], &status["replies"][0]["text"]), (&"question".into(), &"gracias".into()));
    let shown: Vec<u8> = relay.take().into_iter().filter(|e| e.path() == "/api/v1/mailbox").flat_map(|e| e.answer).collect();
    let replies: Vec<Vec<u8>> = kinds(ItemKind::Reply).map(|item| plain_of(&Reply::parse(&item.bytes).unwrap(), &keys.reply_box)).collect();
    assert_eq!((shown.len(), replies.len()), (40_960, 2));
    let (mut names, mut found) = (Needles::default(), Found::new());
    MEMBERS.iter().for_each(|(member, _)| names.text(member, member));
    OFFICES.iter().for_each(|office| names.text(office, office));
    for (member, _) in MEMBERS {
        place().boxes(member).iter().for_each(|key| names.bytes("a member's public key", key.public().bytes()));
    }
    replies.iter().chain([&shown]).for_each(|bytes| names.count(bytes, &mut found));
    assert_eq!(found, Found::new(), "the mailbox's answer and replies name somebody");
    names.count(here.desk(alfa, &["open", &id]).to_string().as_bytes(), &mut found);
    assert!(!found.is_empty(), "a desk is told the names");

    here.follow_up(&words, "y más");
    here.does(&["status"], &["--destroy"], &words);
    assert_eq!(here.run(&["status"], &["--json"], &words).code, 1);
}
