//! Property 1: the server never sees what is said, nor the words, nor a key that opens anything. And property 2's half of it: nor who reads.

use crate::place::{COUNTRIES, Here, MEMBERS, OFFICES, Place, answers, place, published, whole};
use crate::search::{Found, Needles};
use crate::server::Server;
use amparo::base::{Secret, encode};
use amparo::caselog::{Entry, ItemKind, Reply};
use amparo::crypto::{self, BoxKey, MailboxId, SignKey, slots};
use amparo::envelope::open_report;
use amparo::receipt::Receipt;
use amparo::words::{Language, WordList, fold};
use std::io::Write;
use std::net::TcpStream;

fn canary(about: &str) -> String {
    format!("Canario {about} {}", encode::hex(&crypto::random::<12>()))
}

/// What people wrote, and the words that they were given.
struct Journey {
    texts: Vec<(&'static str, String)>,
    words: Vec<String>,
    id: String,
}

/// Report, two desks, reply, referral, note, follow-up, status, another mailbox destroyed. Each text is seen where it should arrive.
fn journey(here: &Here<'_>) -> Journey {
    let texts = ["report", "reply", "note", "reason", "follow-up"].map(|about| (about, canary(about)));
    let [report, reply, note, reason, more] = texts.each_ref().map(|(_, text)| text.as_str());
    let words = here.report(&answers(COUNTRIES[0], report));
    let other = here.report(&answers(COUNTRIES[1], &canary("another report")));
    let (alfa, beta, gama) = (MEMBERS[0].0, MEMBERS[1].0, MEMBERS[2].0);
    published();
    let id = here.desk(alfa, &["inbox"])[0]["id"].as_str().unwrap().to_owned();
    assert!(here.desk(alfa, &["open", &id]).to_string().contains(report));
    here.desk(alfa, &["reply", &id, "--text", &here.file(reply), "--status", "question"]);
    here.desk(alfa, &["note", &id, "--text", &here.file(note)]);
    here.desk(beta, &["refer", &id, "--office", OFFICES[2], "--why", reason]);
    published();
    assert!(here.desk(gama, &["open", &id]).to_string().contains(reason));
    assert!(here.status(&words).to_string().contains(reply));
    here.follow_up(&words, more);
    here.does(&["status"], &["--destroy"], &other);
    published();
    let seen = here.desk(beta, &["open", &id]).to_string();
    assert!([report, reply, note, reason, more].iter().all(|text| seen.contains(text)), "{seen}");
    Journey { texts: texts.to_vec(), words: vec![words, other], id }
}

/// The phrase in every form, and all that comes from it.
fn words_of(needles: &mut Needles, place: &Place, words: &str) {
    let folded = fold(words);
    let short: Vec<String> = folded.split(' ').map(|word| word.chars().take(4).collect()).collect();
    let forms = [words.to_owned(), folded, short.join(" ")];
    for form in &forms {
        [" ", "-", ",", ", ", "_", ""].iter().for_each(|between| needles.text("the phrase", &form.replace(' ', between)));
    }
    let list = WordList::of(Language::Es);
    let bits = words.split(' ').fold(0_u128, |bits, word| (bits << 11) | u128::from(list.index(word).unwrap()));
    let entropy: [u8; 11] = bits.to_be_bytes()[5..].try_into().unwrap();
    let root = crypto::receipt_root(&Secret::new(entropy), &crypto::receipt_salt(&place.deployment)).unwrap();
    let sign = crypto::derive(&root, "reporter sign", &[]);
    let reply_box = crypto::derive(&root, "reporter box", &[]);
    let keys = Receipt::parse(words, None).unwrap().keys(&place.deployment).unwrap();
    // What is looked for are the right bytes.
    assert_eq!(SignKey::from_seed(&sign).public(), keys.sign.public());
    assert_eq!(reply_box.expose(), keys.reply_box.secret().expose());
    needles.bytes("the 11 bytes", &entropy);
    needles.bytes("the root", root.expose());
    needles.bytes("the reporter's signing seed", sign.expose());
    needles.bytes("the reporter's box secret", reply_box.expose());
}

/// Seeds and keys of a case, opened by those who may.
fn keys_of_case(needles: &mut Needles, here: &Here<'_>, id: &MailboxId) {
    let deployment = &here.place.deployment;
    let boxes: Vec<BoxKey> = [MEMBERS[0].0, MEMBERS[2].0].iter().flat_map(|member| here.place.boxes(member)).collect();
    let own: Vec<&BoxKey> = boxes.iter().collect();
    let items = here.feed(id);
    let report = whole(items.iter().find(|item| item.kind == ItemKind::Report).unwrap());
    let opened = open_report(&report, &own, deployment).unwrap();
    needles.bytes("the report's seed", opened.seed.expose());
    for usage in ["content", "case sign", "case box", "ephemeral"] {
        needles.bytes("a key of the report's seed", crypto::derive(&opened.seed, usage, &[]).expose());
    }
    let mut desk_keys = 0;
    for item in items.iter().filter(|item| item.kind == ItemKind::Entry) {
        let content = Entry::parse(&item.bytes).unwrap().open_with_keys(&own, deployment).map(|opened| opened.content);
        let Some(key) = content.ok().and_then(|content| content.desk_key) else { continue };
        needles.bytes("the desk key", key.expose());
        desk_keys += 1;
    }
    assert_eq!(desk_keys, 2, "the first entry and the referral bring it");
    let follow_up = whole(items.iter().find(|item| item.kind == ItemKind::FollowUp).unwrap());
    let bytes = follow_up.to_bytes();
    let context = crypto::hash("slot context", &[deployment.bytes(), &bytes[..232], &bytes[1000..1024]]);
    let header = follow_up.header();
    let seed = slots::open(&opened.case.reply_to, "slot", &header.ephemeral_pk, &context, &header.slots[..]).unwrap();
    needles.bytes("the follow-up's seed", seed.expose());
    assert!(items.iter().any(|item| item.kind == ItemKind::Reply && Reply::parse(&item.bytes).is_ok()));
}

fn keys_of_people(needles: &mut Needles, here: &Here<'_>) {
    for (member, secrets) in &here.place.secrets {
        needles.bytes(&format!("the signing seed of {member}"), &secrets.sign);
        secrets.boxes.iter().for_each(|secret| needles.bytes(&format!("a box secret of {member}"), secret));
    }
    needles.bytes("the authority's seed", &here.place.authority_seed);
    let directory = here.trusted().directory;
    let sealed = encode::from_base64(&directory.content().gate.sealed[0].sealed).unwrap();
    let gate = here.place.boxes(MEMBERS[0].0).iter().find_map(|own| crypto::sealed_box_open(own, &sealed)).unwrap();
    needles.bytes("the gate's seed", &gate);
}

/// Half a request: what a server has in hand while a client still sends.
fn half_sent(server: &Server, text: &str) -> TcpStream {
    let mut line = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    let head = "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: 17641\r\n\r\n";
    line.write_all(head.as_bytes()).and_then(|()| line.write_all(text.as_bytes())).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(200));
    line
}

/// The search finds what a server does hold: else that it finds nothing would say nothing.
fn the_search_can_find(server: &Server, id: &MailboxId, directory: &[u8]) {
    let (mut held, planted) = (Needles::default(), [canary("planted"), canary("half sent")]);
    held.bytes("mailbox id", id.bytes());
    held.bytes("directory", directory);
    held.text("event", "ReportStored");
    planted.iter().zip(["planted", "half sent"]).for_each(|(text, name)| held.text(name, text));
    let file = server.data.join("planted");
    std::fs::write(&file, format!("x{}x", encode::base64(planted[0].as_bytes()))).unwrap();
    let in_folder = held.in_folder(&server.data);
    std::fs::remove_file(file).unwrap();
    assert!(["mailbox id", "directory", "planted"].iter().all(|name| in_folder.contains_key(*name)), "{in_folder:?}");
    assert_eq!(held.in_log(server).get("event"), Some(&2));
    let line = half_sent(server, &planted[1]);
    if let Some(in_memory) = held.in_memory(server) {
        assert!(["mailbox id", "directory", "half sent"].iter().all(|name| in_memory.contains_key(*name)), "{in_memory:?}");
    }
    drop(line);
}

#[test]
fn folder_log_and_memory_hold_nothing_of_what_was_said_and_no_key_to_it() {
    let server = place().serve("sealed");
    let here = place().at(&server.url);
    let journey = journey(&here);
    let id: MailboxId = journey.id.parse().unwrap();
    let mut needles = Needles::default();
    journey.texts.iter().for_each(|(about, text)| needles.text(about, text));
    journey.words.iter().for_each(|words| words_of(&mut needles, place(), words));
    keys_of_case(&mut needles, &here, &id);
    keys_of_people(&mut needles, &here);
    let gate = here.trusted().directory.content().gate.pk;
    the_search_can_find(&server, &id, encode::hex(gate.bytes()).as_bytes().first_chunk::<60>().unwrap());
    assert_eq!(needles.in_folder(&server.data), Found::new(), "in the data folder");
    assert_eq!(needles.in_log(&server), Found::new(), "in the log");
    assert_eq!(needles.in_memory(&server).unwrap_or_default(), Found::new(), "in memory");
}
