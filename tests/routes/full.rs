//! A full disk: nothing is kept of what is refused, reads go on, and the same bytes are taken when there is room again.

use crate::made::{self, LARGE, SMALL, request};
use crate::world::World;
use amparo::crypto::{SignKey, random_secret};
use amparo::store::{RESERVE_BYTES, SledStore};
use std::io::Write;
use std::process::Command;

const PATH: &str = "/api/v1/reports";

#[test]
fn within_the_reserve_writes_are_refused_and_reads_go_on() {
    let (folder, seed) = (tempfile::tempdir().unwrap(), random_secret());
    let key = || SignKey::from_seed(&seed);
    let (roomy, full) = (RESERVE_BYTES, u64::MAX >> 8);
    let world = World::over_folder(folder.path(), roomy, key());
    assert_eq!(world.publish(&world.next_directory(0, 30)).status, 204);
    let (held, new, destroyed) = (world.reported(SMALL), world.report(SMALL), world.reported(SMALL));
    let directory = world.directory().dsse().clone();
    drop(world);
    let world = World::over_folder(folder.path(), full, key());
    let reopen = |world: World, reserve| {
        drop(world);
        let world = World::over_folder(folder.path(), reserve, key());
        assert_eq!(world.publish(&directory).status, 204);
        world
    };
    let world = reopen(world, full);
    let sent = request(world.nonce(), (1, 0), &new.report.to_bytes());
    let further = made::follow_up(&held, &held.report, "x", &world.deployment());
    for answer in [world.post(PATH, &sent), world.send(&further), world.append(&held, 0), world.reply(&held, 1)] {
        assert_eq!(answer.told(), (503, "storage_full".into()));
        assert_eq!(answer.header("retry-after"), Some("60"));
    }
    assert!(world.is_unknown(&new.reporter));
    assert_eq!(world.mailbox(&held.reporter, 1).body[4..8], [0; 4]);
    assert_eq!(world.body(&held, 0).body, held.report.body());
    assert_eq!(world.get("/api/v1/directory/1").status, 200);
    assert_eq!(world.feed(&world.token(), "from=1").status, 200);
    // What makes room, and what keeps the service alive, is taken all the same.
    world.mailbox(&destroyed.reporter, 2);
    assert!(world.is_unknown(&destroyed.reporter));
    assert_eq!(world.vouch(world.today()).status, 204);
    let world = reopen(world, roomy);
    assert_eq!(world.post(PATH, &sent).status, 204, "the same bytes");
    assert_eq!((world.send(&further).status, world.append(&held, 0).status, world.reply(&held, 1).status), (204, 204, 204));
    assert!(!world.is_unknown(&new.reporter) && world.is_unknown(&destroyed.reporter));
}

/// Set inside the test's own mount namespace.
const OWN_MOUNTS: &str = "AMPARO_OWN_MOUNTS";

/// Runs a test once more where it can mount a file system that goes when it ends. False if this machine lets nobody do that.
fn with_own_mounts(test: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let as_root: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];
    let can = |how: &&&[&str]| {
        let tried = Command::new("unshare").args(**how).args(["mount", "-t", "tmpfs", "amparo-test"]).arg(folder.path()).output();
        tried.is_ok_and(|output| output.status.success())
    };
    let Some(how) = as_root.iter().find(can) else { return false };
    let this = std::env::current_exe().unwrap();
    let output = Command::new("unshare").args(*how).arg(this).args(["--exact", test]).env(OWN_MOUNTS, "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    true
}

/// On a real file system that a file fills and leaves again, under one running server.
#[test]
fn on_a_disk_that_fills_up_and_empties_again_nothing_is_lost() {
    if std::env::var_os(OWN_MOUNTS).is_none() {
        if !with_own_mounts("full::on_a_disk_that_fills_up_and_empties_again_nothing_is_lost") {
            // Past libtest, which would swallow it. The test of the reserve above needs no file system of its own and has run.
            let _ = writeln!(std::io::stderr(), "skipped: a disk that fills up (no file system can be mounted here)");
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64m", "amparo-test"]).arg(folder.path()).status();
    assert!(mounted.unwrap().success());
    let (data, ballast) = (folder.path().join("data"), folder.path().join("ballast"));
    let reserve = 8 << 20;
    let world =
        World::over(std::sync::Arc::new(SledStore::open_with_reserve(&data, reserve).unwrap()), None, amparo::http::Listen::default());
    assert_eq!(world.publish(&world.next_directory(0, 30)).status, 204);
    let held = world.reported(SMALL);
    let fill = |left: u64| {
        let free = fs2::available_space(folder.path()).unwrap();
        std::fs::write(&ballast, vec![1; usize::try_from(free - left).unwrap()]).unwrap();
    };
    // The large are refused first.
    fill(2 * reserve + reserve / 2);
    let (large, small) = (world.report(LARGE), world.report(SMALL));
    assert_eq!(world.send(&large.report).told(), (503, "storage_full".into()));
    assert_eq!(world.send(&small.report).status, 204);
    std::fs::remove_file(&ballast).unwrap();
    fill(reserve / 2);
    let last = world.report(SMALL);
    let sent = request(world.nonce(), (1, 0), &last.report.to_bytes());
    for _ in 0..3 {
        assert_eq!(world.post(PATH, &sent).told(), (503, "storage_full".into()));
    }
    assert!(world.is_unknown(&last.reporter) && world.is_unknown(&large.reporter));
    assert_eq!(world.body(&held, 0).body, held.report.body());
    assert!(!world.is_unknown(&small.reporter));
    std::fs::remove_file(&ballast).unwrap();
    assert_eq!(world.post(PATH, &sent).status, 204, "the same bytes, the same server");
    assert_eq!(world.send(&large.report).status, 204);
    assert_eq!(world.body(&large, 0).body, large.report.body());
    drop(world);
    // And all of it is there after a restart.
    let store = SledStore::open_with_reserve(&data, reserve).unwrap();
    for case in [&held, &small, &last, &large] {
        assert!(amparo::store::Store::body(&store, &case.id(), 0).unwrap().as_deref() == Some(case.report.body()));
    }
}
