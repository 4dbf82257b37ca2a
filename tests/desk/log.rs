//! The case's log: what a server that removes, reorders, replays or forges entries cannot hide.

use crate::world::{Reporter, World, codes, keys};
use amparo::caselog::{EntryKind, FeedItem, ItemKind};
use amparo::crypto::random_secret;
use amparo::desk::WarningCode::{self, *};
use amparo::desk::{DeskError, WarningCode as Code};

fn is_entry(item: &FeedItem, reporter: &Reporter, number: u32) -> bool {
    item.kind == ItemKind::Entry && item.mailbox_id == reporter.id() && item.number == number
}

/// A case with `first` and three notes.
fn noted(world: &World) -> Reporter {
    let reporter = world.reported("x");
    let mut desk = world.synced("ac-1");
    for text in ["uno", "dos", "tres"] {
        desk.note(&reporter.hex(), text).unwrap();
    }
    reporter
}

/// What a colleague's new desk warns of when the feed was rewritten.
fn rewritten(change: impl FnOnce(&mut Vec<FeedItem>, &Reporter)) -> Vec<WarningCode> {
    let world = World::new();
    let reporter = noted(&world);
    // All in one batch: the marks of the feed are another matter.
    world.server.shown().rewrite(|items| change(items, &reporter));
    world.fresh_warnings("tip-1", &reporter).into_iter().filter(|code| *code != FeedDiffers).collect()
}

#[test]
fn a_log_that_is_whole_raises_nothing() {
    let world = World::new();
    let reporter = noted(&world);
    assert_eq!(world.fresh_warnings("tip-1", &reporter), []);
    assert_eq!(rewritten(|_, _| {}), []);
}

#[test]
fn an_entry_that_was_removed_breaks_the_log() {
    for number in 0..3 {
        let codes = rewritten(|items, reporter| items.retain(|item| !is_entry(item, reporter, number)));
        assert!(codes.contains(&LogBroken), "{number}: {codes:?}");
    }
}

#[test]
fn entries_in_another_order_break_the_log() {
    let codes = rewritten(|items, reporter| {
        let at = |items: &[FeedItem], n| items.iter().position(|item| is_entry(item, reporter, n)).unwrap();
        let (one, two) = (at(items, 1), at(items, 2));
        let bytes = [items[two].bytes.clone(), items[one].bytes.clone()];
        items[one] = FeedItem::new(ItemKind::Entry, reporter.id(), 1, bytes[0].clone());
        items[two] = FeedItem::new(ItemKind::Entry, reporter.id(), 2, bytes[1].clone());
    });
    assert!(codes.contains(&LogBroken), "{codes:?}");
}

#[test]
fn an_entry_that_is_shown_again_breaks_the_log() {
    let codes = rewritten(|items, reporter| {
        let two = items.iter().find(|item| is_entry(item, reporter, 2)).unwrap().bytes.clone();
        items.push(FeedItem::new(ItemKind::Entry, reporter.id(), 4, two));
    });
    assert_eq!(codes, [LogBroken]);
}

#[test]
fn an_entry_of_another_case_breaks_the_log() {
    let world = World::new();
    let (one, other) = (world.reported("x"), world.reported("y"));
    let mut desk = world.synced("ac-1");
    desk.open_case(&other.hex()).unwrap();
    let first = world.server.shown().entries(&other.id()).remove(0);
    world.server.shown().publish_items(vec![FeedItem::new(ItemKind::Entry, one.id(), 0, first.to_bytes())]);
    assert_eq!(world.fresh_warnings("tip-1", &one), [LogBroken]);
    // Nor is its key taken for this case's.
    assert!(world.synced("tip-1").note(&one.hex(), "x").is_err());
}

#[test]
fn an_own_entry_that_the_server_took_and_shows_as_another_breaks_the_log() {
    let world = World::new();
    let reporter = world.reported("x");
    let mut desk = world.synced("ac-1");
    desk.note(&reporter.hex(), "uno").unwrap();
    let kept = world.server.shown().batches.clone();
    world.server.shown().batches.truncate(2);
    world.append(&reporter, &world.note(&reporter, "tip-1"), 0, Some(&world.desk_key(&reporter)), &keys("tip-1").sign_key());
    assert_ne!(kept.last().unwrap().head, world.server.shown().batches.last().unwrap().head);
    desk.sync().unwrap();
    assert_eq!(codes(&desk.open_case(&reporter.hex()).unwrap()), [LogBroken]);
    drop(desk);
    assert_eq!(codes(&world.synced("ac-1").open_case(&reporter.hex()).unwrap()), [LogBroken], "it stands");
}

/// What a colleague warns of after one more entry, made by someone who has the `desk_key`.
fn after(change: impl FnOnce(&World, &mut amparo::caselog::EntryContent), signer: &str) -> Vec<Code> {
    let world = World::new();
    let reporter = noted(&world);
    let mut content = world.note(&reporter, "ac-2");
    change(&world, &mut content);
    world.append(&reporter, &content, 0, Some(&world.desk_key(&reporter)), &keys(signer).sign_key());
    world.fresh_warnings("tip-1", &reporter)
}

#[test]
fn an_entry_is_only_its_authors_who_could_open_the_case() {
    assert_eq!(after(|_, _| {}, "ac-2"), []);
    assert_eq!(after(|_, _| {}, "tip-2"), [AuthorSignature], "in a colleague's name");
    assert_eq!(after(|_, content| content.author = "care-1".parse().unwrap(), "care-1"), [AuthorOutside]);
    assert_eq!(after(|_, content| content.author = "nobody".parse().unwrap(), "ac-2"), [AuthorUnknown, AuthorOutside]);
    assert_eq!(after(|_, content| content.directory.hash.0[0] ^= 1, "ac-2"), [AuthorUnknown]);
    assert_eq!(after(|_, content| content.previous.0[0] ^= 1, "ac-2"), [LogBroken]);
}

#[test]
fn a_first_entry_for_other_people_raises_the_alarm() {
    let world = World::new();
    let reporter = world.reported("x");
    let mut content = world.note(&reporter, "ac-1");
    (content.kind, content.work, content.desk_key) = (EntryKind::First, None, Some(random_secret()));
    content.recipients = vec![world.recipient("ac-1"), world.recipient("ac-2")];
    world.append(&reporter, &content, 0, None, &keys("ac-1").sign_key());
    assert_eq!(world.fresh_warnings("ac-2", &reporter), [FirstDiffers]);
    assert_eq!(world.fresh_warnings("tip-1", &reporter), [FirstNotForMe]);
    let mut left_out = world.synced("tip-1");
    assert!(matches!(left_out.reply(&reporter.hex(), Some("x"), None), Err(DeskError::LogNotForMe)));
}

#[test]
fn a_second_first_entry_brings_no_key() {
    let world = World::new();
    let reporter = noted(&world);
    let mut content = world.note(&reporter, "ac-2");
    (content.kind, content.work, content.desk_key) = (EntryKind::First, None, Some(random_secret()));
    content.recipients = ["ac-1", "ac-2", "tip-1", "tip-2"].map(|member| world.recipient(member)).to_vec();
    world.append(&reporter, &content, 0, None, &keys("ac-2").sign_key());
    assert_eq!(world.fresh_warnings("tip-1", &reporter), [LogBroken]);
    world.synced("tip-1").note(&reporter.hex(), "x").unwrap();
    assert_eq!(world.fresh_warnings("ac-1", &reporter), [LogBroken]);
}
