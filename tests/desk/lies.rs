//! Further lies: of a server that breaks the line, withholds what it named, forges a front; of a colleague who refers with false keys.

use crate::world::{World, codes, keys};
use amparo::caselog::{EntryKind, FeedItem, ItemKind};
use amparo::crypto::{Hash32, random_secret};
use amparo::desk::DeskError;
use amparo::desk::WarningCode::*;
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
    let mut care = world.synced("care-1");
    one.refer(&reporter.hex(), "care", "x").unwrap();
    world.server.shown().beginning = Some(1);
    assert!(matches!(care.sync(), Err(DeskError::FeedBroken)));
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
    let reporter = world.seal(&world.body(crate::world::plain("Lo que vi.")));
    let mut forged = reporter.sealed.head().to_bytes();
    *forged.last_mut().unwrap() ^= 1;
    world.server.shown().publish_items(vec![FeedItem::new(ItemKind::Report, reporter.id(), 0, forged)]);
    world.publish_message(&reporter, ItemKind::Report, &reporter.sealed);
    world.synced("ac-1").refer(&reporter.hex(), "care", "x").unwrap();
    let view = world.synced("care-1").open_case(&reporter.hex()).unwrap();
    assert_eq!((view.messages[0].text.as_str(), codes(&view)), ("Lo que vi.", vec![MessagesBroken]));
}

#[test]
fn a_referral_with_false_keys_is_shown_to_those_who_have_the_true_ones() {
    for falsify in [true, false] {
        let world = World::new();
        let reporter = world.reported("x");
        let mut desk = world.synced("ac-1");
        desk.note(&reporter.hex(), "uno").unwrap();
        let mut content = world.note(&reporter, "ac-2");
        content.kind = EntryKind::Referral;
        content.recipients = vec![world.recipient("care-1")];
        content.work = Some(json!({"type": "referral", "office": "care", "why": "x"}));
        content.desk_key = Some(if falsify { random_secret() } else { world.desk_key(&reporter) });
        content.seed = Some(random_secret());
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
