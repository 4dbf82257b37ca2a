//! The feed's chain, directories, long bodies.

use crate::world::{World, codes, day, keys, plain};
use amparo::caselog::{FeedItem, ItemKind};
use amparo::crypto::{Hash32, MailboxId};
use amparo::desk::{DeskError, WarningCode};
use amparo::directory::DirectoryError;

fn item(n: u8) -> FeedItem {
    FeedItem::new(ItemKind::Entry, MailboxId([n; 32]), 0, vec![n; 9])
}

#[test]
fn a_feed_that_forgets_changes_or_withholds_what_it_named_is_refused() {
    let world = World::new();
    for n in 1..=3 {
        world.server.shown().publish_items(vec![item(n)]);
    }
    let mut desk = world.synced("ac-1");
    let whole = world.server.shown().batches.clone();
    let broken = |desk: &mut amparo::desk::Desk| matches!(desk.sync(), Err(DeskError::FeedBroken));
    world.server.shown().batches.pop();
    assert!(broken(&mut desk), "a batch was forgotten");
    let mut other = whole.clone();
    other.truncate(2);
    world.server.shown().batches = other;
    world.server.shown().publish_items(vec![item(9)]);
    world.server.shown().publish_items(vec![item(4)]);
    assert!(broken(&mut desk), "a batch was changed");
    world.server.shown().batches = whole;
    world.server.shown().newest = Some(7);
    assert!(broken(&mut desk), "batches are named and not shown");
    world.server.shown().newest = None;
    assert_eq!(desk.sync().unwrap().batch, 3);
    drop(desk);
    world.server.shown().batches.pop();
    assert!(broken(&mut world.desk("ac-1")), "the state remembers");
}

#[test]
fn a_feed_that_is_read_again_for_a_referral_must_be_the_same_feed() {
    let world = World::new();
    let reporter = world.reported("x");
    world.server.shown().publish_items(vec![item(1)]);
    let mut care = world.synced("care-1");
    let mut one = world.synced("ac-1");
    one.refer(&reporter.hex(), "care", "x").unwrap();
    // What care-1 has seen stays as it was, but whoever asks from the beginning is shown another beginning.
    let mut shown = world.server.shown();
    let seen = shown.batches.clone();
    shown.batches.truncate(1);
    shown.publish_items(vec![item(2)]);
    for batch in seen.iter().skip(2) {
        shown.publish_items(batch.items.clone());
    }
    drop(shown);
    assert!(matches!(care.sync(), Err(DeskError::FeedBroken)));
    world.server.shown().batches = seen;
    care.sync().unwrap();
    assert_eq!(care.open_case(&reporter.hex()).unwrap().warnings, []);
}

#[test]
fn a_colleague_who_was_shown_another_feed_is_noticed() {
    let world = World::new();
    let reporter = world.reported("x");
    let mut desk = world.synced("ac-1");
    desk.open_case(&reporter.hex()).unwrap();
    let mut content = world.note(&reporter, "tip-1");
    content.feed.head = Hash32([5; 32]);
    world.append(&reporter, &content, 0, Some(&world.desk_key(&reporter)), &keys("tip-1").sign_key());
    desk.sync().unwrap();
    assert_eq!(codes(&desk.open_case(&reporter.hex()).unwrap()), [WarningCode::FeedDiffers]);
    assert_eq!(world.fresh_warnings("ac-2", &reporter), [WarningCode::FeedDiffers]);
}

#[test]
fn a_directory_of_the_same_version_that_is_another_is_a_fork() {
    let world = World::new();
    let mut desk = world.synced("ac-1");
    let first = world.server.shown().directories.clone();
    let fork = world.signed(None, (0, 29), |_| {});
    world.server.shown().directories = vec![fork];
    assert!(matches!(desk.sync(), Err(DeskError::Directory(DirectoryError::WrongChain))));
    let other = world.directory().reference();
    let next = world.signed(Some(other), (1, 30), |_| {});
    world.server.shown().directories = vec![first[0].clone(), next];
    assert!(matches!(desk.sync(), Err(DeskError::Directory(DirectoryError::WrongChain))), "the next must follow the one that was seen");
    world.server.shown().directories = first;
    desk.sync().unwrap();
}

#[test]
fn a_rolled_back_directory_is_refused_and_an_expired_one_warned_of() {
    let world = World::new();
    world.new_directory((1, 30), |_| {});
    world.set_day(1);
    world.synced("ac-1");
    let newest = world.server.shown().directories.pop().unwrap();
    let refused = world.desk("ac-1").sync();
    assert!(matches!(refused, Err(DeskError::Compose(ref e)) if e.to_string() == DirectoryError::RolledBack.to_string()), "{refused:?}");
    world.server.shown().directories.push(newest);
    world.set_day(31);
    assert!(world.synced("ac-1").sync().unwrap().directory_expired);
}

#[test]
fn what_a_sync_asks_for_does_not_tell_which_cases_are_own() {
    let world = World::new();
    world.reported("x");
    world.new_directory((1, 30), |_| {});
    world.set_day(1);
    world.synced("conflict-1");
    let mut asked = Vec::new();
    for member in ["ac-1", "care-1"] {
        world.server.shown().asked.clear();
        let mut desk = world.synced(member);
        desk.inbox();
        desk.sync().unwrap();
        asked.push(world.server.shown().asked.clone());
    }
    assert_eq!(asked[0], asked[1]);
    assert!(asked[0].contains(&"GET /api/v1/directory/1".to_owned()));
}

#[test]
fn a_stranger_is_turned_away_before_the_feed() {
    let world = World::new();
    assert!(matches!(world.desk("stranger-1").sync(), Err(DeskError::Directory(DirectoryError::NotAMember))));
    assert_eq!(world.server.shown().asked, ["GET /api/v1/directory"]);
}

#[test]
fn a_long_body_that_is_missing_or_false_holds_nothing_else_up() {
    let world = World::new();
    let long = world.reported(&"largo ".repeat(4000));
    let other = world.reported("corto");
    let body = world.server.shown().bodies.insert((long.id(), 0), vec![7; 64 << 10]).unwrap();
    let mut desk = world.synced("ac-1");
    assert_eq!(desk.open_case(&other.hex()).unwrap().messages[0].text, "corto");
    let view = desk.open_case(&long.hex()).unwrap();
    assert_eq!((codes(&view), view.messages[0].text.as_str()), (vec![WarningCode::ReportUnreadable], ""));
    assert!(desk.reply(&long.hex(), Some("x"), None).is_err());
    assert_eq!(desk.inbox().len(), 2);
    world.server.shown().bodies.clear();
    desk.sync().unwrap();
    world.server.shown().bodies.insert((long.id(), 0), body);
    desk.sync().unwrap();
    assert_eq!(desk.open_case(&long.hex()).unwrap().warnings, []);
}

#[test]
fn days_and_directories_that_do_not_fit_are_shown() {
    let world = World::new();
    let early = world.seal(&world.body(plain("x")));
    world.new_directory((1, 30), |_| {});
    world.set_day(3);
    world.publish_message(&early, ItemKind::Report, &early.sealed);
    assert_eq!(world.fresh_warnings("ac-1", &early), [WarningCode::Clock]);
    // A client that sealed by the former directory on a day when there was a newer one.
    let newest = world.server.shown().directories.pop().unwrap();
    let old = world.reported("y");
    let mut unknown = world.body(plain("z"));
    unknown.directory.hash = Hash32([1; 32]);
    world.server.shown().directories.push(newest);
    let unknown = world.seal(&unknown);
    world.publish_message(&unknown, ItemKind::Report, &unknown.sealed);
    assert_eq!(world.fresh_warnings("ac-1", &old), [WarningCode::DirectoryOld]);
    assert_eq!(world.fresh_warnings("ac-1", &unknown), [WarningCode::UnknownDirectory]);
    assert_eq!(world.today(), day(3));
}
