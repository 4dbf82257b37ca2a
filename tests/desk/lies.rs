//! Further lies: of a server that breaks the line, withholds what it named, forges a front; of a colleague who refers with false keys.

use crate::world::{Reporter, World, codes, keys, plain};
use amparo::caselog::{Batch, EntryContent, EntryKind, FeedItem, ItemKind};
use amparo::crypto::{Hash32, MailboxId, random_secret};
use amparo::desk::DeskError;
use amparo::desk::WarningCode::*;
use amparo::directory::DirectoryError;
use serde_json::json;

#[test]
fn a_line_that_breaks_midway_does_not_spare_a_colleagues_mark_from_being_compared() {
    let world = World::new();
    let reporter = world.reported("x");
    let mut desk = world.synced("ac-1");
    desk.open_case(&reporter.hex()).unwrap();
    let mut content = world.note(&reporter, "tip-1");
    content.feed.head = Hash32([5; 32]);
    world.append(&reporter, &content, 0, Some(&world.desk_key(&reporter)), &keys("tip-1").sign_key());
    // The entry comes, and then the server promises more than it shows.
    world.server.shown().newest = Some(9);
    assert!(matches!(desk.sync(), Err(DeskError::FeedBroken)));
    world.server.shown().newest = None;
    drop(desk);
    let mut desk = world.synced("ac-1");
    assert_eq!(codes(&desk.open_case(&reporter.hex()).unwrap()), [FeedDiffers]);
}

#[test]
fn a_feed_that_is_read_again_must_reach_what_was_seen_before() {
    let world = World::new();
    let reporter = world.reported("x");
    let mut one = world.synced("ac-1");
    one.note(&reporter.hex(), "uno").unwrap();
    let (mut care, mut colleague) = (world.synced("care-1"), world.synced("care-2"));
    one.refer(&reporter.hex(), "care", "x").unwrap();
    let whole = world.server.shown().batches.clone();
    world.server.shown().beginning = Some(whole[..1].to_vec());
    assert!(matches!(care.sync(), Err(DeskError::FeedBroken)));
    // Nor may it be another, however long.
    let mut other = vec![];
    let mut former = Hash32::ZERO;
    for batch in &whole {
        let mut items = batch.items.clone();
        items.push(FeedItem::new(ItemKind::Entry, MailboxId([9; 32]), batch.number, vec![1]));
        other.push(Batch::make(&former, batch.number, batch.day, items));
        former = other.last().unwrap().head;
    }
    world.server.shown().beginning = Some(other);
    assert!(matches!(colleague.sync(), Err(DeskError::FeedBroken)));
    world.server.shown().beginning = None;
    care.sync().unwrap();
    assert_eq!(care.open_case(&reporter.hex()).unwrap().warnings, []);
}

#[test]
fn what_the_feed_names_and_does_not_show_is_missed() {
    for (kind, code) in [(ItemKind::Entry, LogBroken), (ItemKind::Report, MessagesBroken)] {
        let world = World::new();
        let reporter = world.reported("x");
        let mut desk = world.synced("ac-1");
        desk.note(&reporter.hex(), "uno").unwrap();
        // The last entry, which no other follows; or a message beside the report.
        world.server.shown().rewrite(|items| {
            if kind == ItemKind::Entry {
                items.iter_mut().rfind(|item| item.kind == kind).unwrap().bytes.clear();
            } else {
                let mut gone = FeedItem::new(ItemKind::FollowUp, reporter.id(), 1, vec![1; 2000]);
                gone.bytes.clear();
                items.push(gone);
            }
        });
        let warned = world.fresh_warnings("tip-1", &reporter);
        assert!(warned.contains(&code), "{warned:?}");
    }
}

#[test]
fn a_case_that_was_shredded_raises_nothing_where_it_is_known() {
    let world = World::new();
    let (one, other) = (world.reported("x"), world.reported("y"));
    let mut care = world.synced("care-1");
    let mut desk = world.synced("ac-1");
    desk.note(&one.hex(), "uno").unwrap();
    desk.refer(&one.hex(), "care", "x").unwrap();
    care.sync().unwrap();
    desk.refer(&other.hex(), "care", "x").unwrap();
    // All of the first case goes; the referral of the second has everything read again.
    let gone = |item: &mut FeedItem| item.bytes.truncate(if item.mailbox_id == one.id() { 0 } else { usize::MAX });
    world.server.shown().batches.iter_mut().flat_map(|batch| &mut batch.items).for_each(gone);
    care.sync().unwrap();
    assert_eq!(care.open_case(&one.hex()).unwrap().warnings, []);
}

#[test]
fn a_forged_front_does_not_take_a_reports_place() {
    let world = World::new();
    let reporter = world.seal(&world.body(plain("Lo que vi.")));
    let mut forged = reporter.sealed.head().to_bytes();
    *forged.last_mut().unwrap() ^= 1;
    world.server.shown().publish_items(vec![FeedItem::new(ItemKind::Report, reporter.id(), 0, forged)]);
    world.publish_message(&reporter, ItemKind::Report, &reporter.sealed);
    world.synced("ac-1").refer(&reporter.hex(), "care", "x").unwrap();
    let view = world.synced("care-1").open_case(&reporter.hex()).unwrap();
    assert_eq!((view.messages[0].text.as_str(), codes(&view)), ("Lo que vi.", vec![MessagesBroken]));
}

/// A referral to `member`, its seed a false one.
fn false_referral(world: &World, reporter: &Reporter, member: &str) -> EntryContent {
    let mut content = world.note(reporter, "ac-2");
    content.kind = EntryKind::Referral;
    content.recipients = vec![world.recipient(member)];
    content.work = Some(json!({"type": "referral", "office": "care", "why": "x"}));
    (content.desk_key, content.seed) = (Some(random_secret()), Some(random_secret()));
    content
}

#[test]
fn a_false_referral_makes_no_case_and_hides_none() {
    let world = World::new();
    let absent = world.seal(&world.body(plain("x")));
    let content = false_referral(&world, &absent, "care-1");
    world.append(&absent, &content, 0, Some(&random_secret()), &keys("ac-2").sign_key());
    let there = world.reported("y");
    let content = false_referral(&world, &there, "care-1");
    world.append(&there, &content, 0, Some(&random_secret()), &keys("ac-2").sign_key());
    assert!(world.synced("care-1").inbox().is_empty());
    // It came before the report that it would hide.
    let hidden = world.seal(&world.body(plain("Lo que vi.")));
    let content = false_referral(&world, &hidden, "tip-1");
    world.append(&hidden, &content, 0, Some(&random_secret()), &keys("ac-2").sign_key());
    world.publish_message(&hidden, ItemKind::Report, &hidden.sealed);
    let mut desk = world.synced("tip-1");
    assert_eq!(desk.open_case(&hidden.hex()).unwrap().messages[0].text, "Lo que vi.");
}

#[test]
fn a_second_first_entry_takes_no_place_of_the_key_that_a_referral_brings() {
    let world = World::new();
    let reporter = world.reported("x");
    let mut desk = world.synced("ac-1");
    desk.note(&reporter.hex(), "uno").unwrap();
    let mut content = world.note(&reporter, "ac-2");
    (content.kind, content.work, content.desk_key) = (EntryKind::First, None, Some(random_secret()));
    content.recipients = vec![world.recipient("care-1")];
    world.append(&reporter, &content, 0, None, &keys("ac-2").sign_key());
    desk.sync().unwrap();
    desk.refer(&reporter.hex(), "care", "x").unwrap();
    let view = world.synced("care-1").open_case(&reporter.hex()).unwrap();
    assert!(view.messages.iter().any(|m| m.text == "uno"), "the log before it opens");
}

#[test]
fn a_feed_that_shows_more_than_it_names_is_refused() {
    let world = World::new();
    for n in 1..=3 {
        world.server.shown().publish_items(vec![FeedItem::new(ItemKind::Entry, MailboxId([n; 32]), 0, vec![n; 9])]);
    }
    world.server.shown().newest = Some(2);
    assert!(matches!(world.desk("ac-1").sync(), Err(DeskError::FeedBroken)));
}

#[test]
fn a_mark_beyond_the_feed_is_another_feed() {
    let world = World::new();
    let reporter = world.reported("x");
    let mut desk = world.synced("ac-1");
    desk.open_case(&reporter.hex()).unwrap();
    let mut content = world.note(&reporter, "tip-1");
    content.feed.number = 99;
    world.append(&reporter, &content, 0, Some(&world.desk_key(&reporter)), &keys("tip-1").sign_key());
    assert_eq!(world.fresh_warnings("ac-2", &reporter), [FeedDiffers]);
}

#[test]
fn a_directory_that_gives_her_name_to_another_key_is_refused() {
    let world = World::new();
    world.new_directory((1, 30), |content| {
        let stranger = keys("stranger-1").public_part().sign_pk;
        content.members.iter_mut().find(|m| m.id.as_str() == "ac-1").unwrap().sign_pk = stranger;
    });
    assert!(matches!(world.desk("ac-1").sync(), Err(DeskError::Directory(DirectoryError::NotAMember))));
}

#[test]
fn a_freshness_note_is_signed_when_the_last_is_over_a_day_old_and_not_before() {
    let world = World::new();
    let notes = || world.server.shown().asked.iter().filter(|line| *line == "POST /api/v1/freshness").count();
    let mut desk = world.synced("ac-1");
    for (on, so_far) in [(0, 1), (1, 1), (2, 2), (3, 2)] {
        world.set_day(on);
        desk.sync().unwrap();
        world.synced("tip-1");
        assert_eq!(notes(), so_far, "day {on}");
    }
}

#[test]
fn a_referral_with_false_keys_is_shown_to_those_who_have_the_true_ones() {
    for falsify in [true, false] {
        let world = World::new();
        let reporter = world.reported("x");
        let mut desk = world.synced("ac-1");
        desk.note(&reporter.hex(), "uno").unwrap();
        let mut content = false_referral(&world, &reporter, "care-1");
        if !falsify {
            content.desk_key = Some(world.desk_key(&reporter));
        }
        world.append(&reporter, &content, 0, Some(&world.desk_key(&reporter)), &keys("ac-2").sign_key());
        assert_eq!(world.fresh_warnings("tip-1", &reporter), [SlotsDiffer]);
    }
}

#[test]
fn an_entry_of_an_epoch_that_is_not_its_places_breaks_the_log() {
    let world = World::new();
    let reporter = world.reported("x");
    let mut content = world.note(&reporter, "ac-1");
    (content.kind, content.work, content.desk_key) = (EntryKind::First, None, Some(random_secret()));
    content.recipients = ["ac-1", "ac-2", "tip-1", "tip-2"].map(|member| world.recipient(member)).to_vec();
    world.append(&reporter, &content, 3, None, &keys("ac-1").sign_key());
    assert_eq!(world.fresh_warnings("tip-1", &reporter), [LogBroken]);
}

#[test]
fn a_state_folder_of_another_member_is_refused_and_left_as_it_is() {
    let world = World::new();
    let reporter = world.reported("x");
    world.synced("ac-1").open_case(&reporter.hex()).unwrap();
    let list = || {
        let files = std::fs::read_dir(world.folder.path().join("ac-1")).unwrap();
        files.map(|file| file.unwrap().file_name()).collect::<std::collections::BTreeSet<_>>()
    };
    let before = list();
    let refused = world.desk_at("ac-2", &world.server.url, "ac-1").err();
    assert!(matches!(refused, Some(DeskError::StateOfOthers)), "{refused:?}");
    assert_eq!(list(), before);
    assert_eq!(world.synced("ac-1").open_case(&reporter.hex()).unwrap().warnings, []);
}
