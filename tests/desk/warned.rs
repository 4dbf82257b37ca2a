//! Each warning that a case can carry, by what should raise it: recipients, replies, messages, keys.

use crate::world::{Reporter, World, codes, day, keys, plain};
use amparo::caselog::{
    Entry, EpochRecord, FeedItem, ItemKind, Place, Reply, ReplyContent, ReplyKeys, ReplyPlace, StatusWord, seal_entry, seal_reply,
};
use amparo::client::compose_follow_up;
use amparo::crypto::{BoxKey, BoxPublic, SignKey, random_secret};
use amparo::desk::WarningCode::{self, *};
use amparo::envelope::{CaseKeys, FollowUpAddress, Head, Sealed, find_report_seed, seal_follow_up};
use amparo::words::Language;

/// Who can open it is changed before it is sealed; what a recipient then is told.
fn recipients(change: impl FnOnce(&World, &mut amparo::envelope::ReportBody)) -> Vec<WarningCode> {
    let world = World::new();
    let mut body = world.body(plain("x"));
    change(&world, &mut body);
    let reporter = world.seal(&body);
    world.publish_message(&reporter, ItemKind::Report, &reporter.sealed);
    world.fresh_warnings("ac-1", &reporter)
}

#[test]
fn recipients_whom_the_rules_or_the_directory_do_not_give() {
    assert_eq!(recipients(|_, _| {}), []);
    assert_eq!(recipients(|_, body| drop(body.recipients.pop())), [RecipientMissing]);
    assert_eq!(recipients(|world, body| body.recipients.push(world.recipient("care-1"))), [RecipientNotRouted]);
    let false_key =
        |_: &World, body: &mut amparo::envelope::ReportBody| body.recipients[1].pk = BoxKey::from_secret(random_secret()).public();
    assert_eq!(recipients(false_key), [RecipientUnknown, RecipientNotRouted, RecipientMissing]);
    let renamed = |_: &World, body: &mut amparo::envelope::ReportBody| body.recipients[1].member = "nobody".parse().unwrap();
    assert_eq!(recipients(renamed), [RecipientUnknown, RecipientNotRouted, RecipientMissing]);
}

#[test]
fn a_report_sealed_after_its_directory_had_expired() {
    let world = World::new();
    let mut body = world.body(plain("x"));
    body.key_day = day(31);
    let reporter = world.seal(&body);
    world.set_day(31);
    world.publish_message(&reporter, ItemKind::Report, &reporter.sealed);
    // Their keys of that day are others.
    let warned = world.fresh_warnings("ac-1", &reporter);
    assert!(warned.contains(&DirectoryExpired) && !warned.contains(&DirectoryOld), "{warned:?}");
}

struct Scene {
    world: World,
    reporter: Reporter,
    case: CaseKeys,
}

impl Scene {
    /// A case with a log.
    fn new() -> Self {
        let world = World::new();
        let reporter = world.reported("x");
        world.synced("ac-1").note(&reporter.hex(), "uno").unwrap();
        let seed = find_report_seed(reporter.sealed.header(), &keys("ac-1").box_keys(), &world.deployment()).unwrap();
        Self { world, reporter, case: CaseKeys::from_seed(&seed) }
    }

    fn show(&self, kind: ItemKind, number: u32, bytes: Vec<u8>) {
        self.world.server.shown().publish_items(vec![FeedItem::new(kind, self.reporter.id(), number, bytes)]);
    }

    fn warned(&self) -> Vec<WarningCode> {
        self.world.fresh_warnings("tip-1", &self.reporter)
    }

    fn reply(&self, content: &ReplyContent, number: u32, gate: &SignKey, case_sign: &SignKey) -> Reply {
        let place = ReplyPlace { what: content.what(), mailbox_id: self.reporter.id(), number, epoch: 0, release: None };
        let (to, desk_key) = (self.reporter.sealed.header().reporter_box_pk, self.world.desk_key(&self.reporter));
        let keys = ReplyKeys { reporter_box_pk: &to, desk_key: &desk_key, gate, case_sign };
        seal_reply(place, content, (0, 1), &keys, &self.world.deployment()).unwrap()
    }

    fn follow_up(&self, report: &Head, last: &Head, case_box_pk: BoxPublic) -> Sealed {
        let body = compose_follow_up(&self.world.directory(), "Otra vez.".into(), Language::Es, self.world.today());
        seal_follow_up(&self.reporter.keys, &self.world.deployment(), &FollowUpAddress { report, last, case_box_pk }, &body).unwrap()
    }

    fn head(&self) -> Head {
        self.reporter.sealed.head()
    }

    fn publish(&self, sealed: &Sealed) {
        self.world.publish_message(&self.reporter, ItemKind::FollowUp, sealed);
    }
}

fn words() -> ReplyContent {
    ReplyContent::Text("x".into())
}

#[test]
fn replies_that_nobody_recorded_vouched_for_or_numbered() {
    let stranger = SignKey::from_seed(&random_secret());
    let scene = Scene::new();
    scene.show(ItemKind::Reply, 1, scene.reply(&words(), 1, &scene.world.gate(), &scene.case.sign).to_bytes());
    assert_eq!(scene.warned(), [ReplyUnrecorded]);
    for at_the_gate in [true, false] {
        let scene = Scene::new();
        let gate = scene.world.gate();
        let (gate, case_sign) = if at_the_gate { (&stranger, &scene.case.sign) } else { (&gate, &stranger) };
        scene.show(ItemKind::Reply, 1, scene.reply(&words(), 1, gate, case_sign).to_bytes());
        assert_eq!(scene.warned(), [ReplyUnreadable]);
    }
    let scene = Scene::new();
    let status = ReplyContent::Status(StatusWord::Team);
    scene.show(ItemKind::Reply, 1, scene.reply(&status, 2, &scene.world.gate(), &scene.case.sign).to_bytes());
    assert_eq!(scene.warned(), [ReplyUnrecorded, RepliesBroken], "the first is missing");
    let scene = Scene::new();
    for arrival in 1..=2 {
        scene.show(ItemKind::Reply, arrival, scene.reply(&words(), 1, &scene.world.gate(), &scene.case.sign).to_bytes());
    }
    assert!(scene.warned().contains(&RepliesBroken), "one number stands twice");
    let (scene, other) = (Scene::new(), Scene::new());
    scene.show(ItemKind::Reply, 1, other.reply(&words(), 1, &other.world.gate(), &other.case.sign).to_bytes());
    assert_eq!(scene.warned(), [RepliesBroken], "of another case");
}

#[test]
fn a_record_that_its_author_did_not_sign_is_none() {
    let scene = Scene::new();
    let reply = scene.reply(&words(), 1, &scene.world.gate(), &scene.case.sign);
    let mut content = scene.world.note(&scene.reporter, "ac-2");
    content.work = Some(serde_json::json!({"type": "reply", "kind": "text", "number": 1, "hash": reply.record_hash()}));
    scene.world.append(&scene.reporter, &content, 0, Some(&scene.world.desk_key(&scene.reporter)), &keys("tip-2").sign_key());
    scene.show(ItemKind::Reply, 1, reply.to_bytes());
    assert_eq!(scene.warned(), [AuthorSignature, ReplyUnrecorded]);
}

#[test]
fn messages_of_the_reporter_that_do_not_follow_or_do_not_open() {
    let scene = Scene::new();
    let own = scene.head().header().case_box_pk;
    let first = scene.follow_up(&scene.head(), &scene.head(), own);
    scene.publish(&first);
    assert_eq!(scene.warned(), []);
    // After the report once more, under the number of the next.
    let second = scene.follow_up(&scene.head(), &first.head(), own);
    let other = scene.follow_up(&scene.head(), &scene.head(), own);
    let beside = scene.follow_up(&scene.head(), &other.head(), own);
    assert_eq!((second.header().number, beside.header().number), (2, 2));
    scene.publish(&beside);
    assert_eq!(scene.warned(), [MessagesBroken], "another was between");
    let scene = Scene::new();
    let own = scene.head().header().case_box_pk;
    let first = scene.follow_up(&scene.head(), &scene.head(), own);
    scene.publish(&scene.follow_up(&scene.head(), &first.head(), own));
    assert_eq!(scene.warned(), [MessagesBroken], "the first is missing");
    let scene = Scene::new();
    scene.publish(&scene.follow_up(&scene.head(), &scene.head(), BoxKey::from_secret(random_secret()).public()));
    assert_eq!(scene.warned(), [FollowUpUnreadable], "sealed to another key");
    let (scene, other) = (Scene::new(), Scene::new());
    let strange = scene.follow_up(&other.head(), &scene.head(), scene.head().header().case_box_pk);
    scene.publish(&strange);
    assert!(scene.warned().contains(&MessagesBroken), "it repeats another case's key");
}

#[test]
fn keys_entries_and_mailboxes_that_are_not_as_they_were() {
    let scene = Scene::new();
    let content = scene.world.note(&scene.reporter, "ac-1");
    scene.world.append(&scene.reporter, &content, 0, Some(&random_secret()), &keys("ac-1").sign_key());
    assert_eq!(scene.warned(), [EntryUnreadable], "wrapped for another team");

    let scene = Scene::new();
    let content = scene.world.note(&scene.reporter, "ac-1");
    let place = Place { mailbox_id: scene.reporter.id(), number: 2, epoch: 0 };
    let key = scene.world.desk_key(&scene.reporter);
    let mut bent = seal_entry(&content, place, Some(&key), &keys("ac-1").sign_key(), &scene.world.deployment()).unwrap().to_bytes();
    bent[76] ^= 1;
    scene.show(ItemKind::Entry, 2, Entry::parse(&bent).unwrap().to_bytes());
    assert_eq!(scene.warned(), [SlotsDiffer], "a slot that no recipient gives");

    let scene = Scene::new();
    let pair = (SignKey::from_seed(&random_secret()).public(), BoxKey::from_secret(random_secret()).public());
    let stranger = SignKey::from_seed(&random_secret());
    let record = EpochRecord::make(&stranger, &scene.world.deployment(), &scene.reporter.id(), (1, day(0)), pair);
    scene.show(ItemKind::Epoch, 1, record.to_bytes());
    assert_eq!(scene.warned(), [EpochBroken], "signed by a stranger");
    // It counts for nothing: the case goes on under its own keys.
    scene.world.synced("ac-1").note(&scene.reporter.hex(), "dos").unwrap();

    let scene = Scene::new();
    scene.show(ItemKind::Destroyed, 0, vec![1]);
    assert_eq!(scene.warned(), [MailboxDestroyed]);
}

#[test]
fn a_second_entry_or_message_for_one_number_stands_as_a_warning() {
    let scene = Scene::new();
    let mut desk = scene.world.synced("ac-2");
    let content = scene.world.note(&scene.reporter, "ac-1");
    let place = Place { mailbox_id: scene.reporter.id(), number: 1, epoch: 0 };
    let key = scene.world.desk_key(&scene.reporter);
    let mut other = content;
    other.previous = scene.world.server.shown().entries(&scene.reporter.id())[0].hash();
    let other = seal_entry(&other, place, Some(&key), &keys("ac-1").sign_key(), &scene.world.deployment()).unwrap();
    scene.show(ItemKind::Entry, 1, other.to_bytes());
    desk.sync().unwrap();
    assert_eq!(codes(&desk.open_case(&scene.reporter.hex()).unwrap()), [LogBroken]);
    let scene = Scene::new();
    let own = scene.head().header().case_box_pk;
    for _ in 0..2 {
        scene.publish(&scene.follow_up(&scene.head(), &scene.head(), own));
    }
    assert_eq!(scene.warned(), [MessagesBroken]);
}
