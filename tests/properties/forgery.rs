//! Property 4: nobody without the words writes as the reporter, nobody who cannot open the case writes as the desk, and parts cannot be moved.

use crate::by_hand::{Front, by_hand};
use crate::place::{COUNTRIES, Here, MEMBERS, answers, place, published, today, whole};
use crate::relay::{Exchange, Relay};
use amparo::base::encode;
use amparo::caselog::{
    Batch, EpochRecord, FeedItem, ItemKind, Reply, ReplyContent, ReplyKeys, ReplyPlace, ReplyWhat, StatusWord, seal_reply,
};
use amparo::client::{CaseSigners, MemberLink, ReporterLink, SentAs, compose_follow_up};
use amparo::crypto::{BoxKey, Hash32, MailboxId, SignKey, random_secret};
use amparo::envelope::{CaseKeys, Head, Kind, Sealed, open_report};
use amparo::receipt::{Receipt, ReporterKeys};
use amparo::words::Language;
use serde_json::json;

const SENT_AS: SentAs = SentAs { directory_version: 1, danger: false };

fn stranger() -> SignKey {
    SignKey::from_seed(&random_secret())
}

fn keys_of(words: &str) -> ReporterKeys {
    Receipt::parse(words, None).unwrap().keys(&place().deployment).unwrap()
}

/// A case, its words, and what a member who opens it has.
struct Case {
    words: String,
    id: MailboxId,
    items: Vec<FeedItem>,
    keys: CaseKeys,
}

impl Case {
    fn new(here: &Here<'_>, account: &str) -> Self {
        let words = here.report(&answers(COUNTRIES[0], account));
        here.follow_up(&words, &format!("further {account}"));
        published();
        let id = keys_of(&words).mailbox_id;
        here.desk(MEMBERS[0].0, &["reply", &id.to_string(), "--text", &here.file(&format!("to {account}")), "--status", "read"]);
        let items = here.feed(&id);
        let boxes = place().boxes(MEMBERS[0].0);
        let report = whole(items.iter().find(|item| item.kind == ItemKind::Report).unwrap());
        let keys = open_report(&report, &boxes.iter().collect::<Vec<_>>(), &place().deployment).unwrap().case;
        Self { words, id, items, keys }
    }

    fn item(&self, kind: ItemKind) -> &FeedItem {
        self.items.iter().find(|item| item.kind == kind).unwrap()
    }

    fn head(&self) -> Head {
        whole(self.item(ItemKind::Report)).head()
    }

    fn reply(&self, content: &ReplyContent, number: u32, gate: &SignKey, case_sign: &SignKey) -> Reply {
        let place_of = ReplyPlace { what: content.what(), mailbox_id: self.id, number, epoch: 0, release: None };
        let (to, desk_key) = (self.head().header().reporter_box_pk, random_secret());
        let keys = ReplyKeys { reporter_box_pk: &to, desk_key: &desk_key, gate, case_sign };
        seal_reply(place_of, content, (0, 1), &keys, &place().deployment).unwrap()
    }

    /// A follow-up that another than the reporter sealed: all it takes is public, but her signing key.
    fn forged(&self, signer: &SignKey) -> Sealed {
        let (report, last) = (self.head(), whole(self.item(ItemKind::FollowUp)).head());
        let header = report.header();
        let front = Front {
            kind: Kind::FollowUp,
            number: last.header().number + 1,
            previous: last.link(),
            reporter: (self.id, header.reporter_sign_pk, header.reporter_box_pk),
            case: (header.case_sign_pk, header.case_box_pk),
        };
        let here = place().at(&place().shared().url);
        let body = compose_follow_up(&here.trusted().directory, "forged".into(), Language::Es, today());
        by_hand(&front, &random_secret(), &serde_json::to_vec(&body).unwrap(), &[header.case_box_pk], signer, |_, _, _| {})
    }
}

/// The mailbox's answer with other replies in it (docs/protocol/api.md).
fn with_replies(mut answer: Vec<u8>, replies: &[Vec<u8>]) -> Vec<u8> {
    answer[4492..4496].copy_from_slice(&u32::try_from(replies.len()).unwrap().to_be_bytes());
    answer[4500..4500 + 8 * 4096].fill(0);
    replies.iter().enumerate().for_each(|(n, reply)| answer[4500 + n * 4096..][..4096].copy_from_slice(reply));
    answer
}

fn lie_in_mailbox(relay: &Relay, change: impl Fn(Vec<u8>) -> Vec<u8> + Send + 'static) {
    relay.lie(move |path, answer| if path == "/api/v1/mailbox" { change(answer) } else { answer });
}

#[test]
fn a_reporter_believes_no_reply_that_the_server_made_moved_or_replayed() {
    let server = place().serve("replies");
    let relay = Relay::to(server.port);
    let here = place().at(&relay.url);
    let [one, other] = ["one", "other"].map(|account| Case::new(&here, account));
    let gate = here.gate(&here.trusted().directory);
    let (text, ended) = (ReplyContent::Text("forged".into()), ReplyContent::Status(StatusWord::Ended));
    let both = |gate: &SignKey, case_sign: &SignKey| [&text, &ended].map(|c| one.reply(c, 1, gate, case_sign).to_bytes()).to_vec();
    let shown = |replies: Vec<Vec<u8>>| {
        lie_in_mailbox(&relay, move |answer| with_replies(answer, &replies));
        let status = here.status(&one.words);
        (status["status"].as_str().unwrap().to_owned(), status["replies"][0]["text"].clone())
    };
    let nothing = ("received".to_owned(), json!(null));
    assert_eq!(shown(both(&gate, &one.keys.sign)), ("ended".to_owned(), json!("forged")), "with both keys it is a reply");
    assert_eq!(shown(both(&gate, &stranger())), nothing, "the gate key alone");
    assert_eq!(shown(both(&stranger(), &one.keys.sign)), nothing, "case_sign alone");
    assert_eq!(shown(both(&gate, &other.keys.sign)), nothing, "another case's key");

    let theirs: Vec<Vec<u8>> = other.items.iter().filter(|item| item.kind == ItemKind::Reply).map(|item| item.bytes.clone()).collect();
    assert_eq!(shown(theirs.clone()), nothing, "another mailbox's replies");
    let renamed = |bytes: &Vec<u8>| [&bytes[..4], one.id.bytes(), &bytes[36..]].concat();
    assert_eq!(shown(theirs.iter().map(renamed).collect()), nothing, "renamed to this mailbox");
    let own: Vec<Vec<u8>> = one.items.iter().filter(|item| item.kind == ItemKind::Reply).map(|item| item.bytes.clone()).collect();
    assert_eq!(shown(own.clone()), ("read".to_owned(), json!("to one")));
    let renumbered = |bytes: &Vec<u8>| [&bytes[..36], &[0, 0, 0, 9][..], &bytes[40..]].concat();
    assert_eq!(shown(own.iter().map(renumbered).collect()), nothing, "replayed under another number");
}

#[test]
fn a_reporter_writes_to_no_key_that_the_server_put_there() {
    let relay = Relay::to(place().shared().port);
    let here = place().at(&relay.url);
    let [one, other] = ["one", "other"].map(|account| Case::new(&here, account));
    let refuses = |why: &str| {
        relay.take();
        let said = here.run(&["follow-up"], &["--text", &here.file("secret")], &one.words);
        assert!(said.code != 0 && !relay.take().iter().any(Exchange::is_send), "{why}: {}", said.err);
    };
    let theirs = other.head().to_bytes();
    lie_in_mailbox(&relay, move |answer| [&answer[..8], &theirs, &answer[8 + theirs.len()..]].concat());
    refuses("another case's report");
    lie_in_mailbox(&relay, |mut answer| {
        answer[8 + 168..][..32].copy_from_slice(BoxKey::from_secret(random_secret()).public().bytes());
        answer
    });
    refuses("another case key in her own report");
    let keys = (stranger().public(), BoxKey::from_secret(random_secret()).public());
    let epoch = EpochRecord::make(&stranger(), &place().deployment, &one.id, (1, today()), keys).to_bytes();
    lie_in_mailbox(&relay, move |answer| [&answer[..2248], &[0, 0, 0, 1], &epoch, &answer[2252 + 140..]].concat());
    refuses("an epoch that the team did not sign");
    relay.be_honest();
    here.follow_up(&one.words, "honest again");
}

#[test]
fn the_server_takes_nothing_from_who_lacks_a_key() {
    let here = place().at(&place().shared().url);
    let (case, deployment, http) = (Case::new(&here, "one"), place().deployment, here.http());
    let own = keys_of(&case.words);
    let send = |sealed: &Sealed| ReporterLink { http: &http, deployment: &deployment, keys: &own }.send(sealed, SENT_AS);
    assert_eq!(send(&case.forged(&stranger())).unwrap_err().code(), "bad_seal", "her key in the header, another's seal");

    // Reading and destroying in her name.
    let challenge: serde_json::Value = serde_json::from_slice(&http.get("/api/v1/challenge").unwrap()).unwrap();
    let nonce = encode::from_base64(challenge["nonce"].as_str().unwrap()).unwrap();
    for verb in [1, 2] {
        let asked = [&[1, verb, 0, 0][..], own.sign.public().bytes(), &nonce].concat();
        let signature = stranger().sign("mailbox request", &deployment, &[&asked]);
        let answer = http.post("/api/v1/mailbox", &[&asked[..], signature.as_ref()].concat()).unwrap();
        assert!(answer.iter().all(|byte| *byte == 0));
    }
    assert_eq!(here.status(&case.words)["status"], "read", "it is still there");

    // Writing as the desk.
    let gate = here.gate(&here.trusted().directory);
    let link = MemberLink::login(&http, &gate, &deployment).unwrap();
    let reply = case.reply(&ReplyContent::Text("forged".into()), 2, &gate, &stranger());
    let append = |gate: &SignKey, case_sign: &SignKey| link.append_reply(&reply, CaseSigners { gate, case_sign, epoch: 0 });
    assert_eq!(append(&gate, &stranger()).unwrap_err().code(), "case_refused", "a member without the case");
    assert_eq!(append(&stranger(), &case.keys.sign).unwrap_err().code(), "case_refused", "a former member with it");
    assert!(append(&gate, &case.keys.sign).is_ok());
}

/// What a desk that starts from nothing shows of a case if the server adds these items to the feed, in place of those of the same place.
fn shown_by_desk(port: u16, case: &Case, items: Vec<FeedItem>) -> String {
    let relay = Relay::to(port);
    let here = place().at(&relay.url);
    let mut head = Hash32::ZERO;
    relay.lie(move |path, answer| {
        if !path.starts_with("/api/v1/feed") {
            return answer;
        }
        let (newest, mut batches) = Batch::read_page(&answer).unwrap();
        let place_of = |item: &FeedItem| (item.kind, item.mailbox_id, item.number);
        for batch in &mut batches {
            batch.items.retain(|item| !items.iter().any(|new| place_of(new) == place_of(item)));
            if batch.number == 1 || batch.items.is_empty() {
                let mine = if batch.number == 1 {
                    items.clone()
                } else {
                    vec![FeedItem::new(ItemKind::Destroyed, MailboxId([9; 32]), batch.number, vec![1])]
                };
                batch.items.extend(mine);
            }
            *batch = Batch::make(&head, batch.number, batch.day, std::mem::take(&mut batch.items));
            head = batch.head;
        }
        Batch::write_page(newest, &batches)
    });
    let mut desk = here.own_desk(MEMBERS[1].0);
    desk.sync().unwrap();
    serde_json::to_string(&desk.open_case(&case.id.to_string()).unwrap()).unwrap()
}

#[test]
fn a_desk_shows_nothing_that_the_server_forged_or_moved_from_one_case_to_another() {
    let server = place().serve("desk");
    let here = place().at(&server.url);
    let [one, other] = ["one", "other"].map(|account| Case::new(&here, account));
    let item = |kind, number, bytes: Vec<u8>| FeedItem::new(kind, one.id, number, bytes);
    let in_feed = |sealed: &Sealed| [sealed.head().to_bytes(), sealed.body().to_vec()].concat();
    let shows = |items: Vec<FeedItem>| shown_by_desk(server.port, &one, items);

    let honest = shows(vec![one.item(ItemKind::Report).clone()]);
    assert!(honest.contains("\"further one\"") && honest.contains("\"to one\"") && honest.contains("\"account\":\"one\""), "{honest}");

    let with_seal = |signer: &SignKey| shows(vec![item(ItemKind::FollowUp, 2, in_feed(&one.forged(signer)))]);
    assert!(with_seal(&keys_of(&one.words).sign).contains("forged"), "with her own seal it is hers");
    let shown = with_seal(&stranger());
    assert!(!shown.contains("forged") && shown.contains("messages_broken"), "her key in the header, another's seal: {shown}");

    let theirs = &other.item(ItemKind::FollowUp).bytes;
    assert!(!shows(vec![item(ItemKind::FollowUp, 2, theirs.clone())]).contains("further other"), "moved whole");
    let moved = [&one.item(ItemKind::FollowUp).bytes[..1120], &theirs[1120..]].concat();
    assert!(!shows(vec![item(ItemKind::FollowUp, 1, moved)]).contains("further other"), "another's body under her head");
    let body = [&one.item(ItemKind::Report).bytes[..1120], &other.item(ItemKind::Report).bytes[1120..]].concat();
    assert!(!shows(vec![item(ItemKind::Report, 0, body)]).contains("\"account\":\"other\""), "another report's body");

    let gate = here.gate(&here.trusted().directory);
    let number = u32::try_from(one.items.iter().filter(|item| item.kind == ItemKind::Reply).count()).unwrap() + 1;
    let reply = one.reply(&ReplyContent::Text("forged".into()), 2, &gate, &stranger());
    assert!(!shows(vec![item(ItemKind::Reply, number, reply.to_bytes())]).contains("forged"), "a reply by the gate key alone");
    let reply = other.items.iter().find(|item| item.kind == ItemKind::Reply && item.bytes[3] == ReplyWhat::Text.byte()).unwrap();
    assert!(!shows(vec![item(ItemKind::Reply, number, reply.bytes.clone())]).contains("to other"), "another case's reply");
}
